#pragma once
// Random polynomials from a 32-byte seed: AES-256 in counter mode. Constant time but for uniform(), which is public.
#include <cstdint>
#include <span>

#include "fhe/context.h"
#include "tablinum/base/crypto.h"

namespace tablinum::seal::fhe {

using SmallWords = SecretVector<std::int64_t>;

/// What a stream is for: the upper half of the counter's start, so that no two streams of a seed overlap.
enum class Stream : std::uint8_t { uniform = 1, secret, error, ephemeral, error0, error1 };

class Sampler {
 public:
  explicit Sampler(const Secret<32>& seed) noexcept : aes_{seed.u8()} {}
  /// Each of −1, 0, 1 with probability 1/3 (to 2^-62). `index` tells streams of one purpose apart.
  void ternary(std::span<std::int64_t> out, Stream stream, std::uint32_t index = 0);
  /// Centred binomial, k = 21: variance 10.5.
  void binomial(std::span<std::int64_t> out, Stream stream, std::uint32_t index = 0);
  /// Words below q, uniform. For public values.
  void uniform(std::span<std::uint64_t> out, std::uint64_t q, std::uint32_t index);

 private:
  Aes256 aes_;
};

}  // namespace tablinum::seal::fhe
