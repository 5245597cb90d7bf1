#pragma once
/// GF(2^128) = GF(2)[x] / (x^128 + x^7 + x^2 + x + 1), its subfield GF(2^16), and the points that proofs are evaluated at.
/// Source: draft-google-cfrg-libzk-01 §2.2.2, §7.2. Bit i of the little-endian number is the coefficient of x^i.
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "tablinum/base/bytes.h"

namespace tablinum::proof {

/// An element: every 16-byte string is one.
struct alignas(16) Elt {
  std::uint64_t lo = 0;
  std::uint64_t hi = 0;
  friend constexpr bool operator==(const Elt&, const Elt&) = default;
  /// Addition and subtraction.
  friend constexpr Elt operator+(Elt a, Elt b) noexcept { return {a.lo ^ b.lo, a.hi ^ b.hi}; }
  constexpr Elt& operator+=(Elt b) noexcept {
    lo ^= b.lo;
    hi ^= b.hi;
    return *this;
  }
};
inline constexpr Elt kZero{};
inline constexpr Elt kOne{1, 0};
inline constexpr std::size_t kEltBytes = 16;

/// Constant time in both; PCLMULQDQ where there is one.
Elt mul(Elt a, Elt b) noexcept;
inline Elt square(Elt a) noexcept { return mul(a, a); }
/// a^(2^128 − 2); 0 for 0.
Elt invert(Elt a) noexcept;
Elt elt_from(std::span<const std::byte, 16> bytes) noexcept;
void elt_to(Elt e, std::span<std::byte, 16> out) noexcept;

/// Σ j_i g^i over the bits of j: the subfield, the evaluation points and the small integers of circuits.
Elt inj(std::uint16_t j) noexcept;
/// The j with inj(j) = e, where e is in the subfield. Constant time up to the answer whether it is.
std::optional<std::uint16_t> inj_inverse(Elt e) noexcept;
/// The third evaluation point of sumcheck, inj(2).
Elt point2() noexcept;

}  // namespace tablinum::proof
