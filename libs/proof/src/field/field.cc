#include "tablinum/proof/field.h"

#include <cstring>

#include "field/vectors.h"
#include "tablinum/base/cpu.h"

namespace tablinum::proof {
namespace {

// g = x^((2^128 − 1)/(2^16 − 1)), a generator of GF(2^16)'s group; its powers are the subfield's basis.
constexpr Elt kGenerator{0xf1871e01b64fda4c, 0x5c5971877501d4b8};

struct Basis {
  std::array<Elt, 16> powers;
  // Row-reduced powers: pivot bit i of a number whose coordinates are `coordinates`.
  std::array<Elt, 16> reduced;
  std::array<std::uint16_t, 16> coordinates;
  std::array<unsigned, 16> pivot;

  Basis() {
    powers[0] = kOne;
    for (std::size_t i = 1; i < 16; ++i) powers[i] = mul(powers[i - 1], kGenerator);
    eliminate();
  }

 private:
  static bool bit(Elt e, unsigned i) { return (i < 64 ? e.lo >> i : e.hi >> (i - 64)) & 1; }
  void eliminate() {
    reduced = powers;
    for (std::size_t i = 0; i < 16; ++i) coordinates[i] = static_cast<std::uint16_t>(1U << i);
    for (std::size_t i = 0; i < 16; ++i) {
      unsigned at = 0;
      while (!bit(reduced[i], at)) ++at;  // the powers are independent, so there is one
      pivot[i] = at;
      for (std::size_t k = 0; k < 16; ++k) {
        if (k == i || !bit(reduced[k], at)) continue;
        reduced[k] += reduced[i];
        coordinates[k] = static_cast<std::uint16_t>(coordinates[k] ^ coordinates[i]);
      }
    }
  }
};
const Basis& basis() {
  static const Basis instance;
  return instance;
}
// All ones or all zeros.
std::uint64_t mask_of(std::uint64_t bit) noexcept { return std::uint64_t{0} - (bit & 1); }

const kernels::Gf128& choose() noexcept {
  const CpuFeatures& has = cpu();
  if (has.avx512 && has.vpclmul) return kernels::kGf128Avx512;
  if (has.vpclmul) return kernels::kGf128Vpclmul;
  if (has.pclmul) return kernels::kGf128Pclmul;
  return kernels::kGf128Portable;
}

}  // namespace

const kernels::Gf128& gf() noexcept {
  static const kernels::Gf128& chosen = choose();
  return chosen;
}

Elt mul(Elt a, Elt b) noexcept {
  static const auto multiply = cpu().pclmul ? kernels::kGf128Pclmul.mul : kernels::kGf128Portable.mul;
  Elt out;
  multiply(raw(&out), raw(&a), raw(&b), 1);
  return out;
}

// 2^128 − 2 = Σ 2^i, 1 ≤ i ≤ 127.
Elt invert(Elt a) noexcept {
  Elt result = kOne, power = a;
  for (int i = 1; i < 128; ++i) {
    power = square(power);
    result = mul(result, power);
  }
  return result;
}

Elt elt_from(std::span<const std::byte, 16> bytes) noexcept {
  Elt e;
  std::memcpy(&e.lo, bytes.data(), 8);
  std::memcpy(&e.hi, bytes.data() + 8, 8);
  return e;
}
void elt_to(Elt e, std::span<std::byte, 16> out) noexcept {
  std::memcpy(out.data(), &e.lo, 8);
  std::memcpy(out.data() + 8, &e.hi, 8);
}

Elt inj(std::uint16_t j) noexcept {
  Elt sum;
  for (unsigned i = 0; i < 16; ++i) {
    const std::uint64_t mask = mask_of(j >> i);
    const Elt& power = basis().powers[i];
    sum += Elt{power.lo & mask, power.hi & mask};
  }
  return sum;
}

std::optional<std::uint16_t> inj_inverse(Elt e) noexcept {
  const Basis& b = basis();
  std::uint16_t j = 0;
  for (unsigned i = 0; i < 16; ++i) {
    const std::uint64_t bit = b.pivot[i] < 64 ? e.lo >> b.pivot[i] : e.hi >> (b.pivot[i] - 64);
    const std::uint64_t mask = mask_of(bit);
    e += Elt{b.reduced[i].lo & mask, b.reduced[i].hi & mask};
    j = static_cast<std::uint16_t>(j ^ (b.coordinates[i] & mask));
  }
  if (e.lo | e.hi) return std::nullopt;
  return j;
}

Elt point2() noexcept { return kGenerator; }

}  // namespace tablinum::proof
