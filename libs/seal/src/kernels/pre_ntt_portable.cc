// Harvey's butterflies ("Faster arithmetic for number-theoretic transforms", 2014): Shoup products in [0, 2q), values kept in
// [0, 4q) forward and [0, 2q) back. No branch and no division on values: they are secret.
#include "kernels/pre_ntt.h"

namespace tablinum::seal::pre::kernels {
namespace {

using u128 = unsigned __int128;

/// x if x < bound, else x − bound; x < 2·bound < 2^63.
uint64_t subtract_once(uint64_t x, uint64_t bound) {
  const uint64_t difference = x - bound;
  return difference + (bound & (0 - (difference >> 63)));
}

/// x·w mod q in [0, 2q), for any x.
uint64_t shoup(uint64_t x, uint64_t w, uint64_t w_shoup, uint64_t q) {
  return x * w - static_cast<uint64_t>((static_cast<u128>(x) * w_shoup) >> 64) * q;
}

/// x·y mod q for x, y < q. Barrett: the estimate is short by at most 3.
uint64_t multiply_one(uint64_t x, uint64_t y, const NttTables& t) {
  const u128 product = static_cast<u128>(x) * y;
  const auto top = static_cast<uint64_t>(product >> t.barrett_shift);
  const auto quotient = static_cast<uint64_t>((static_cast<u128>(top) * t.barrett) >> 64);
  const uint64_t rest = static_cast<uint64_t>(product) - quotient * t.q;
  return subtract_once(subtract_once(rest, 2 * t.q), t.q);
}

}  // namespace

void ntt_forward_portable(uint64_t* a, const NttTables& t) {
  const uint64_t q = t.q, two_q = 2 * t.q;
  size_t half = t.n;
  for (size_t groups = 1; groups < t.n; groups *= 2) {
    half /= 2;
    for (size_t group = 0; group < groups; ++group) {
      const uint64_t w = t.w[groups + group], w_shoup = t.w_shoup[groups + group];
      uint64_t* x = a + 2 * group * half;
      uint64_t* y = x + half;
      for (size_t j = 0; j < half; ++j) {
        const uint64_t u = subtract_once(x[j], two_q), v = shoup(y[j], w, w_shoup, q);
        x[j] = u + v;
        y[j] = u - v + two_q;
      }
    }
  }
  for (size_t j = 0; j < t.n; ++j) a[j] = subtract_once(subtract_once(a[j], two_q), q);
}

void ntt_inverse_portable(uint64_t* a, const NttTables& t) {
  const uint64_t q = t.q, two_q = 2 * t.q;
  size_t half = 1;
  for (size_t groups = t.n / 2; groups > 0; groups /= 2) {
    for (size_t group = 0; group < groups; ++group) {
      const uint64_t w = t.wi[groups + group], w_shoup = t.wi_shoup[groups + group];
      uint64_t* x = a + 2 * group * half;
      uint64_t* y = x + half;
      for (size_t j = 0; j < half; ++j) {
        const uint64_t u = x[j], v = y[j];
        x[j] = subtract_once(u + v, two_q);
        y[j] = shoup(u - v + two_q, w, w_shoup, q);
      }
    }
    half *= 2;
  }
  for (size_t j = 0; j < t.n; ++j) a[j] = subtract_once(shoup(a[j], t.n_inverse, t.n_inverse_shoup, q), q);
}

void multiply_portable(uint64_t* out, const uint64_t* x, const uint64_t* y, const NttTables& t) {
  for (size_t i = 0; i < t.n; ++i) out[i] = multiply_one(x[i], y[i], t);
}

void multiply_add_portable(uint64_t* out, const uint64_t* x, const uint64_t* y, const NttTables& t) {
  for (size_t i = 0; i < t.n; ++i) out[i] = subtract_once(out[i] + multiply_one(x[i], y[i], t), t.q);
}

}  // namespace tablinum::seal::pre::kernels
