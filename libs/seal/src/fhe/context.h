#pragma once
// What a Context holds: for every modulus the transform's tables, and the constants of encoding and decryption.
#include <cstdint>
#include <vector>

#include "kernels/fhe_kernels.h"
#include "tablinum/seal/fhe.h"

namespace tablinum::seal::fhe {

/// A constant with its Shoup companion.
struct Scalar {
  std::uint64_t value = 0;
  std::uint64_t companion = 0;
};
Scalar scalar(std::uint64_t value, std::uint64_t q);

/// Transform modulo one prime q ≡ 1 mod 2n.
struct Ring {
  Ring(std::uint64_t q, std::uint32_t n);
  Ring(const Ring&) = delete;
  Ring(Ring&&) = default;
  FheLimb limb() const noexcept;

  std::uint64_t q;
  std::uint32_t n;
  std::uint64_t root;  ///< ψ
  std::uint64_t q_inverse;
  Scalar n_inverse;
  std::uint64_t montgomery_one;      ///< 2^64 mod q
  std::uint64_t montgomery_squared;  ///< 2^128 mod q

 private:
  std::vector<std::uint64_t> roots_, roots_shoup_, inverse_roots_, inverse_roots_shoup_;
};

struct Limb : Ring {
  Limb(std::uint64_t prime, std::uint32_t size) : Ring{prime, size} {}
  Scalar t_inverse;              ///< t^-1 mod q
  Scalar decrypt_scale;          ///< n^-1·(Q/q)^-1 mod q
  unsigned shift = 0;            ///< y << shift fills 64 bits
  std::uint64_t reciprocal = 0;  ///< floor(2^127 / (q << shift)): fraction of y / q in 63 bits
};

struct Internals {
  Parameters parameters;
  std::uint32_t n = 0;
  std::vector<std::uint64_t> moduli;
  std::vector<Limb> limbs;
  std::vector<Ring> plain;                ///< modulo t: one, or none where t does not pack
  std::vector<std::uint32_t> slot_index;  ///< where the transform modulo t puts slot i
  Scalar minus_q_mod_t;                   ///< −Q mod t
  Scalar encode_scale;                    ///< (−Q)·n^-1 mod t
  double log2_q = 0;                      ///< of Q
  const FheKernels* kernels = nullptr;
};

/// With N given and no regard to security: for tests against slow models.  @error invalid.
Result<std::unique_ptr<const Internals>> make_internals(const Parameters& parameters, std::uint32_t n);
/// The kernels that this processor runs best; `name` for tests, null where it cannot run them.
const FheKernels& best_kernels() noexcept;
const FheKernels* kernels_named(std::string_view name) noexcept;

/// Standard deviation, in bits, of the noise in a fresh ciphertext and of what one re-encryption adds.
double fresh_noise_bits(const Internals& c) noexcept;
double hop_noise_bits(const Internals& c) noexcept;
/// Largest noise that is expected of a ciphertext with that history, in bits (a coefficient exceeds it with probability <
/// 2^-100).
double noise_bits(const Internals& c, std::uint32_t hops, std::uint32_t flooded) noexcept;
/// Noise from which on decryption may fail: Q / 2t, in bits.
double noise_limit_bits(const Internals& c) noexcept;

inline constexpr unsigned kFloodBits = 90;

}  // namespace tablinum::seal::fhe
