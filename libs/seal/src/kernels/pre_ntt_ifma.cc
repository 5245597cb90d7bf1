// Eight lanes of 52-bit products. Shoup's method with 2^52 in place of 2^64: x·w − ⌊x·⌊w·2^52/q⌋/2^52⌋·q lies in [0, 2q) for x < 2^52,
// and all that is needed of both products are their low 52 bits. Values stay below 4q < 2^52.
#include <immintrin.h>

#include "kernels/pre_ntt.h"

namespace tablinum::seal::pre::kernels {
namespace {

using V = __m512i;

struct Constants {
  V q, two_q, mask;
};

Constants constants(const NttTables& t) {
  return {_mm512_set1_epi64(static_cast<long long>(t.q)), _mm512_set1_epi64(static_cast<long long>(2 * t.q)),
          _mm512_set1_epi64((1LL << 52) - 1)};
}

V load(const uint64_t* from) { return _mm512_loadu_si512(from); }
void store(uint64_t* to, V value) { _mm512_storeu_si512(to, value); }

/// x if x < bound, else x − bound: the difference wraps round to a large number in the first case.
V subtract_once(V x, V bound) { return _mm512_min_epu64(x, _mm512_sub_epi64(x, bound)); }

V shoup(V x, V w, V w_52, const Constants& c) {
  const V zero = _mm512_setzero_si512();
  const V quotient = _mm512_madd52hi_epu64(zero, x, w_52);
  const V low = _mm512_madd52lo_epu64(zero, x, w), subtrahend = _mm512_madd52lo_epu64(zero, quotient, c.q);
  return _mm512_and_si512(_mm512_sub_epi64(low, subtrahend), c.mask);
}

void butterfly_forward(V& x, V& y, V w, V w_52, const Constants& c) {
  const V u = subtract_once(x, c.two_q), v = shoup(y, w, w_52, c);
  x = _mm512_add_epi64(u, v);
  y = _mm512_add_epi64(_mm512_sub_epi64(u, v), c.two_q);
}

void butterfly_inverse(V& x, V& y, V w, V w_52, const Constants& c) {
  const V u = x, v = y;
  x = subtract_once(_mm512_add_epi64(u, v), c.two_q);
  y = shoup(_mm512_add_epi64(_mm512_sub_epi64(u, v), c.two_q), w, w_52, c);
}

/// Where the partners of a butterfly lie less than a register apart, two registers are sorted into all first and all second
/// partners; the same pattern sorts them back. Row 0: distance 4, row 1: 2, row 2: 1.
struct Pattern {
  V first, second, back_low, back_high, twiddles;
};

Pattern pattern(size_t half) {
  if (half == 4) {
    const V first = _mm512_setr_epi64(0, 1, 2, 3, 8, 9, 10, 11), second = _mm512_setr_epi64(4, 5, 6, 7, 12, 13, 14, 15);
    return {first, second, first, second, _mm512_setr_epi64(0, 0, 0, 0, 1, 1, 1, 1)};
  }
  if (half == 2) {
    return {_mm512_setr_epi64(0, 1, 4, 5, 8, 9, 12, 13), _mm512_setr_epi64(2, 3, 6, 7, 10, 11, 14, 15),
            _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15),
            _mm512_setr_epi64(0, 0, 1, 1, 2, 2, 3, 3)};
  }
  return {_mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14), _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15),
          _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11), _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15),
          _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7)};
}

using Butterfly = void (*)(V&, V&, V, V, const Constants&);

/// One level with partners `half` ≥ 8 apart.
template <Butterfly Step>
void wide_level(uint64_t* a, size_t groups, size_t half, const uint64_t* w, const uint64_t* w_52, const Constants& c) {
  for (size_t group = 0; group < groups; ++group) {
    const V wv = _mm512_set1_epi64(static_cast<long long>(w[groups + group]));
    const V wv_52 = _mm512_set1_epi64(static_cast<long long>(w_52[groups + group]));
    uint64_t* x = a + 2 * group * half;
    for (size_t j = 0; j < half; j += 8) {
      V u = load(x + j), v = load(x + half + j);
      Step(u, v, wv, wv_52, c);
      store(x + j, u);
      store(x + half + j, v);
    }
  }
}

/// One level with partners 4, 2 or 1 apart: 16 values at a time, 8/half groups of them.
template <Butterfly Step>
void narrow_level(uint64_t* a, size_t n, size_t half, const uint64_t* w, const uint64_t* w_52, const Constants& c) {
  const size_t groups = n / (2 * half), at_once = 8 / half;
  const Pattern p = pattern(half);
  const __mmask8 used = static_cast<__mmask8>((1U << at_once) - 1);
  for (size_t group = 0; group < groups; group += at_once) {
    const V wv = _mm512_permutexvar_epi64(p.twiddles, _mm512_maskz_loadu_epi64(used, w + groups + group));
    const V wv_52 = _mm512_permutexvar_epi64(p.twiddles, _mm512_maskz_loadu_epi64(used, w_52 + groups + group));
    uint64_t* x = a + 2 * group * half;
    const V low = load(x), high = load(x + 8);
    V u = _mm512_permutex2var_epi64(low, p.first, high), v = _mm512_permutex2var_epi64(low, p.second, high);
    Step(u, v, wv, wv_52, c);
    store(x, _mm512_permutex2var_epi64(u, p.back_low, v));
    store(x + 8, _mm512_permutex2var_epi64(u, p.back_high, v));
  }
}

struct Barrett {
  V factor;
  __m128i down, up;
};

Barrett barrett(const NttTables& t) {
  return {_mm512_set1_epi64(static_cast<long long>(t.barrett_52)), _mm_cvtsi32_si128(static_cast<int>(t.barrett_shift)),
          _mm_cvtsi32_si128(static_cast<int>(52 - t.barrett_shift))};
}

/// x·y mod q: as multiply_one() of the portable kernel with 52 in place of 64.
V multiply(V x, V y, const Barrett& b, const Constants& c) {
  const V zero = _mm512_setzero_si512();
  const V low = _mm512_madd52lo_epu64(zero, x, y), high = _mm512_madd52hi_epu64(zero, x, y);
  const V top = _mm512_or_si512(_mm512_sll_epi64(high, b.up), _mm512_srl_epi64(low, b.down));
  const V quotient = _mm512_madd52hi_epu64(zero, top, b.factor);
  const V rest = _mm512_and_si512(_mm512_sub_epi64(low, _mm512_madd52lo_epu64(zero, quotient, c.q)), c.mask);
  return subtract_once(subtract_once(rest, c.two_q), c.q);
}

}  // namespace

void multiply_ifma(uint64_t* out, const uint64_t* x, const uint64_t* y, const NttTables& t) {
  const Constants c = constants(t);
  const Barrett b = barrett(t);
  for (size_t j = 0; j < t.n; j += 8) store(out + j, multiply(load(x + j), load(y + j), b, c));
}

void multiply_add_ifma(uint64_t* out, const uint64_t* x, const uint64_t* y, const NttTables& t) {
  const Constants c = constants(t);
  const Barrett b = barrett(t);
  for (size_t j = 0; j < t.n; j += 8) {
    const V product = multiply(load(x + j), load(y + j), b, c);
    store(out + j, subtract_once(_mm512_add_epi64(load(out + j), product), c.q));
  }
}

void ntt_forward_ifma(uint64_t* a, const NttTables& t) {
  const Constants c = constants(t);
  size_t half = t.n / 2;
  for (size_t groups = 1; half >= 8; groups *= 2, half /= 2) wide_level<butterfly_forward>(a, groups, half, t.w, t.w_52, c);
  for (; half >= 1; half /= 2) narrow_level<butterfly_forward>(a, t.n, half, t.w, t.w_52, c);
  for (size_t j = 0; j < t.n; j += 8) store(a + j, subtract_once(subtract_once(load(a + j), c.two_q), c.q));
}

void ntt_inverse_ifma(uint64_t* a, const NttTables& t) {
  const Constants c = constants(t);
  size_t half = 1;
  for (; half < 8; half *= 2) narrow_level<butterfly_inverse>(a, t.n, half, t.wi, t.wi_52, c);
  for (; half < t.n; half *= 2) wide_level<butterfly_inverse>(a, t.n / (2 * half), half, t.wi, t.wi_52, c);
  const V scale = _mm512_set1_epi64(static_cast<long long>(t.n_inverse));
  const V scale_52 = _mm512_set1_epi64(static_cast<long long>(t.n_inverse_52));
  for (size_t j = 0; j < t.n; j += 8) store(a + j, subtract_once(shoup(load(a + j), scale, scale_52, c), c.q));
}

}  // namespace tablinum::seal::pre::kernels
