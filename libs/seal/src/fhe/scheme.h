#pragma once
// The steps of the scheme with their randomness as arguments, so that tests compare each with a slow model.
#include "fhe/sample.h"

namespace tablinum::seal::fhe {

/// One encryption's or one rekey row's randomness.
struct Coins {
  explicit Coins(std::uint32_t n) : u(n), e0(n), e1(n) {}
  Coins(const Secret<32>& seed, std::uint32_t n, std::uint32_t index);
  SmallWords u, e0, e1;
};

Result<Ciphertext> encrypt_with(const PublicKey& key, std::span<const std::int64_t> values, Encoding encoding,
                                const Coins& coins);
KeyPair generate_from_seed(const ContextPtr& context, const Secret<32>& seed);
/// Only the secret half; `s` and `e` for tests.
SecretKey secret_from_seed(const ContextPtr& context, const Secret<32>& seed);
/// One of `coins` for each limb.
ReKey make_rekey_with(const SecretKey& from, const PublicKey& to, std::span<const Coins> coins);

}  // namespace tablinum::seal::fhe
