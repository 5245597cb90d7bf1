// ML-KEM: keys as bytes, the arithmetic by AWS-LC.
#include <openssl/experimental/kem_deterministic_api.h>
#include <openssl/nid.h>

#include <algorithm>
#include <stdexcept>

#include "primitives/evp.h"
#include "tablinum/seal/primitives.h"

namespace tablinum::seal {

void require(bool held) {
  if (held) return;
  ERR_clear_error();
  throw std::runtime_error{"the cryptographic library refused a call that cannot fail"};
}

namespace {

constexpr std::uint16_t kQ = 3329;
constexpr std::size_t kRhoBytes = 32;

int nid_of(KemLevel level) noexcept {
  switch (level) {
    case KemLevel::ml_kem_512: return NID_MLKEM512;
    case KemLevel::ml_kem_768: return NID_MLKEM768;
    default: return NID_MLKEM1024;
  }
}

EvpKeyContext context_for(const EvpKey& key) {
  EvpKeyContext context{EVP_PKEY_CTX_new(key.get(), nullptr)};
  require(context != nullptr);
  return context;
}

EvpKey public_handle(const KemPublicKey& key) {
  EvpKey handle{EVP_PKEY_kem_new_raw_public_key(nid_of(key.level()), u8(key.bytes()), key.bytes().size())};
  require(handle != nullptr);
  return handle;
}

// Two coefficients of 12 bits in each three bytes, then rho (FIPS 203 §4.2.1, §7.2).
bool coefficients_below_q(ByteView key) noexcept {
  for (std::size_t at = 0; at + kRhoBytes < key.size(); at += 3) {
    const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(key[at + i]); };
    if ((byte(0) | (byte(1) & 15) << 8) >= kQ || (byte(1) >> 4 | byte(2) << 4) >= kQ) return false;
  }
  return true;
}

}  // namespace

Result<KemPublicKey> KemPublicKey::parse(KemLevel level, ByteView bytes) {
  if (bytes.size() != sizes(level).public_key) return fail(Code::corrupt, "not an ML-KEM public key of this level");
  if (!coefficients_below_q(bytes)) return fail(Code::corrupt, "an ML-KEM public key with a coefficient out of range");
  return KemPublicKey{level, Bytes{bytes.begin(), bytes.end()}};
}

Encapsulation KemPublicKey::encapsulate() const {
  Encapsulation made{Bytes(sizes(level_).ciphertext), {}};
  const EvpKey key = public_handle(*this);
  std::size_t ciphertext_size = made.ciphertext.size();
  std::size_t shared_size = kKemSharedBytes;
  require(EVP_PKEY_encapsulate(context_for(key).get(), u8(MutableBytes{made.ciphertext}), &ciphertext_size,
                               u8(MutableBytes{made.shared.mutable_view()}), &shared_size) == 1);
  return made;
}

Encapsulation KemPublicKey::encapsulate_with(std::span<const std::byte, 32> coins) const {
  Encapsulation made{Bytes(sizes(level_).ciphertext), {}};
  const EvpKey key = public_handle(*this);
  std::size_t ciphertext_size = made.ciphertext.size();
  std::size_t shared_size = kKemSharedBytes;
  std::size_t coins_size = coins.size();
  require(EVP_PKEY_encapsulate_deterministic(context_for(key).get(), u8(MutableBytes{made.ciphertext}), &ciphertext_size,
                                             u8(MutableBytes{made.shared.mutable_view()}), &shared_size, u8(coins),
                                             &coins_size) == 1);
  return made;
}

KemSecretKey KemSecretKey::from_seed(KemLevel level, std::span<const std::byte, kKemSeedBytes> seed) {
  const EvpKeyContext context{EVP_PKEY_CTX_new_id(EVP_PKEY_KEM, nullptr)};
  require(context != nullptr && EVP_PKEY_CTX_kem_set_params(context.get(), nid_of(level)) == 1 &&
          EVP_PKEY_keygen_init(context.get()) == 1);
  EVP_PKEY* raw = nullptr;
  std::size_t seed_size = seed.size();
  require(EVP_PKEY_keygen_deterministic(context.get(), &raw, u8(seed), &seed_size) == 1);
  const EvpKey key{raw};
  Bytes public_bytes(sizes(level).public_key);
  SecretBytes secret_bytes(sizes(level).secret_key);
  std::size_t public_size = public_bytes.size();
  std::size_t secret_size = secret_bytes.size();
  require(EVP_PKEY_get_raw_public_key(raw, u8(MutableBytes{public_bytes}), &public_size) == 1 &&
          EVP_PKEY_get_raw_private_key(raw, u8(MutableBytes{secret_bytes}), &secret_size) == 1);
  return {KemPublicKey{level, std::move(public_bytes)}, std::move(secret_bytes)};
}

Result<KemSecretKey> KemSecretKey::from_expanded(KemLevel level, ByteView bytes) {
  // dk of K-PKE ‖ ek ‖ H(ek) ‖ z; the hash is what FIPS 203 §7.3 has the receiver check.
  const KemSizes expected = sizes(level);
  if (bytes.size() != expected.secret_key) return fail(Code::corrupt, "not an ML-KEM secret key of this level");
  const ByteView inner = bytes.subspan(expected.secret_key - 64 - expected.public_key, expected.public_key);
  if (!std::ranges::equal(sha3_256(inner).view(), bytes.subspan(expected.secret_key - 64, 32)))
    return fail(Code::corrupt, "an ML-KEM secret key whose parts do not belong together");
  TRY(public_key, KemPublicKey::parse(level, inner));
  return KemSecretKey{std::move(public_key), SecretBytes(bytes.begin(), bytes.end())};
}

Result<Secret<kKemSharedBytes>> KemSecretKey::decapsulate(ByteView ciphertext) const {
  if (ciphertext.size() != sizes(level()).ciphertext) return fail(Code::corrupt, "not an ML-KEM ciphertext of this level");
  const EvpKey key{EVP_PKEY_kem_new_raw_secret_key(nid_of(level()), u8(ByteView{bytes_}), bytes_.size())};
  require(key != nullptr);
  Secret<kKemSharedBytes> shared;
  std::size_t shared_size = kKemSharedBytes;
  require(EVP_PKEY_decapsulate(context_for(key).get(), u8(MutableBytes{shared.mutable_view()}), &shared_size, u8(ciphertext),
                               ciphertext.size()) == 1);
  return shared;
}

}  // namespace tablinum::seal
