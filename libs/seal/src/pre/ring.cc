#include "pre/ring.h"

#include <algorithm>

#include "tablinum/base/cpu.h"

namespace tablinum::seal::pre {
namespace {

using u128 = unsigned __int128;

constexpr Shape kShape2048{.n = 2048, .q = 0xfffffdc001, .psi = 62197469660, .coefficient_bits = 40, .log_base = 20,
                           .flood_bits = 36, .flood_bits_of_hops = 34, .message_bits = 256};
constexpr Shape kShape4096{.n = 4096, .q = 0xfffffffffffc001, .psi = 431606828070683274, .coefficient_bits = 60, .log_base = 30,
                           .flood_bits = 56, .flood_bits_of_hops = 54, .message_bits = 256};

std::size_t bit_reversed(std::size_t value, std::size_t n) {
  std::size_t result = 0;
  for (std::size_t bit = 1; bit < n; bit *= 2) {
    result = result * 2 + (value & 1);
    value /= 2;
  }
  return result;
}

/// ⌊w·2^bits/q⌋ for public w.
std::uint64_t quotient(std::uint64_t w, unsigned bits, std::uint64_t q) {
  return static_cast<std::uint64_t>((static_cast<u128>(w) << bits) / q);
}

}  // namespace

std::uint64_t multiply_mod(std::uint64_t a, std::uint64_t b, std::uint64_t q) noexcept {
  return static_cast<std::uint64_t>(static_cast<u128>(a) * b % q);
}

std::uint64_t power_mod(std::uint64_t base, std::uint64_t exponent, std::uint64_t q) noexcept {
  std::uint64_t result = 1;
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) result = multiply_mod(result, base, q);
    base = multiply_mod(base, base, q);
  }
  return result;
}

const Shape& shape_of(Suite suite) noexcept { return suite == Suite::kem_2048 ? kShape2048 : kShape4096; }

std::vector<Backend> backends_for(const Shape& shape) {
  std::vector<Backend> result{Backend::portable};
  const bool small = shape.q < (std::uint64_t{1} << 42) && shape.n <= 4096;
  if (small && shape.n >= 16 && cpu().avx2) result.push_back(Backend::avx2);
  if (small && shape.n >= 32 && cpu().avx512_ifma) result.push_back(Backend::ifma);
  return result;
}

Ring::Ring(const Shape& shape) : Ring(shape, backends_for(shape).back()) {}

Ring::Ring(const Shape& shape, Backend backend) : shape_{shape} {
  fill_powers();
  choose(backend);
}

void Ring::fill_powers() {
  const auto q = shape_.q;
  const auto psi_inverse = power_mod(shape_.psi, 2 * shape_.n - 1, q);
  const auto n_inverse = power_mod(shape_.n, q - 2, q);
  for (std::size_t i = 0; i < shape_.n; ++i) {
    w_.push_back(power_mod(shape_.psi, bit_reversed(i, shape_.n), q));
    wi_.push_back(power_mod(psi_inverse, bit_reversed(i, shape_.n), q));
    w_shoup_.push_back(quotient(w_.back(), 64, q));
    wi_shoup_.push_back(quotient(wi_.back(), 64, q));
  }
  if (q < (std::uint64_t{1} << 50)) {
    for (const auto w : w_) w_d_.push_back(static_cast<double>(w)), w_52_.push_back(quotient(w, 52, q));
    for (const auto w : wi_) wi_d_.push_back(static_cast<double>(w)), wi_52_.push_back(quotient(w, 52, q));
    tables_.n_inverse_52 = quotient(n_inverse, 52, q);
    tables_.barrett_52 = static_cast<std::uint64_t>((u128{1} << (50 + shape_.coefficient_bits)) / q);
    tables_.n_inverse_d = static_cast<double>(n_inverse);
  }
  tables_.n = shape_.n;
  tables_.q = q;
  tables_.barrett_shift = shape_.coefficient_bits - 2;
  tables_.barrett = static_cast<std::uint64_t>((u128{1} << (62 + shape_.coefficient_bits)) / q);
  tables_.n_inverse = n_inverse;
  tables_.n_inverse_shoup = quotient(n_inverse, 64, q);
  tables_.w = w_.data(), tables_.w_shoup = w_shoup_.data(), tables_.wi = wi_.data(), tables_.wi_shoup = wi_shoup_.data();
  tables_.w_52 = w_52_.data(), tables_.wi_52 = wi_52_.data(), tables_.w_d = w_d_.data(), tables_.wi_d = wi_d_.data();
}

void Ring::choose(Backend backend) {
  backend_ = backend;
  forward_ = kernels::ntt_forward_portable, inverse_ = kernels::ntt_inverse_portable;
  multiply_ = kernels::multiply_portable, multiply_add_ = kernels::multiply_add_portable;
  if (backend == Backend::portable) return;
  forward_ = kernels::ntt_forward_avx2, inverse_ = kernels::ntt_inverse_avx2;
  multiply_ = kernels::multiply_avx2, multiply_add_ = kernels::multiply_add_avx2;
  if (backend == Backend::avx2) return;
  forward_ = kernels::ntt_forward_ifma, inverse_ = kernels::ntt_inverse_ifma;
  multiply_ = kernels::multiply_ifma, multiply_add_ = kernels::multiply_add_ifma;
}

const Ring& Ring::of(Suite suite) {
  static const Ring kem_2048{kShape2048};
  static const Ring kem_4096{kShape4096};
  return suite == Suite::kem_2048 ? kem_2048 : kem_4096;
}

void Ring::add(std::uint64_t* a, const std::uint64_t* b, std::size_t count) const noexcept {
  for (std::size_t i = 0; i < count; ++i) a[i] = residue(static_cast<std::int64_t>(a[i] + b[i] - shape_.q));
}

void Ring::subtract(std::uint64_t* a, const std::uint64_t* b, std::size_t count) const noexcept {
  for (std::size_t i = 0; i < count; ++i) a[i] = residue(static_cast<std::int64_t>(a[i] - b[i]));
}

}  // namespace tablinum::seal::pre
