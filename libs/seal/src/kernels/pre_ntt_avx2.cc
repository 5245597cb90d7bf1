// Four lanes of doubles. h = x·w rounded, l = x·w − h exactly by FMA, b = ⌊h/q⌉; then (h − b·q) + l is the product modulo q, exactly and
// within ±0.7q, as long as |x|·w < 2^92 and |x| < 2^50: b is off by less than 0.7 and all parts are integers below 2^53.
// With q < 2^42 and n ≤ 2^12 sums need no reduction of their own: forward a value grows by less than q a level, to 13q; back it doubles,
// and is reduced once after six levels, so that it stays below 2^6·q.
#include <immintrin.h>

#include "kernels/pre_ntt.h"

namespace tablinum::seal::pre::kernels {
namespace {

using V = __m256d;

struct Constants {
  V q, inverse, zero;
};

Constants constants(const NttTables& t) {
  const double q = static_cast<double>(t.q);
  return {_mm256_set1_pd(q), _mm256_set1_pd(1.0 / q), _mm256_setzero_pd()};
}

/// Integers below 2^52 as doubles and back, through the bits of 2^52 + x.
V to_double(__m256i x) {
  const V magic = _mm256_set1_pd(4503599627370496.0);
  return _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(x, _mm256_castpd_si256(magic))), magic);
}
__m256i to_integer(V x) {
  const V magic = _mm256_set1_pd(4503599627370496.0);
  return _mm256_xor_si256(_mm256_castpd_si256(_mm256_add_pd(x, magic)), _mm256_castpd_si256(magic));
}
V load(const uint64_t* from) { return to_double(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from))); }
void store(uint64_t* to, V value) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), to_integer(value)); }

/// x + q where x < 0: into [0, q) for x in [−q, q).
V add_if_negative(V x, const Constants& c) { return _mm256_add_pd(x, _mm256_and_pd(c.q, _mm256_cmp_pd(x, c.zero, _CMP_LT_OQ))); }

V nearest(V x) { return _mm256_round_pd(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }

/// Within ±0.7q.
V multiply(V x, V y, const Constants& c) {
  const V high = _mm256_mul_pd(x, y), low = _mm256_fmsub_pd(x, y, high);
  return _mm256_add_pd(_mm256_fnmadd_pd(nearest(_mm256_mul_pd(high, c.inverse)), c.q, high), low);
}
V reduce(V x, const Constants& c) { return _mm256_fnmadd_pd(nearest(_mm256_mul_pd(x, c.inverse)), c.q, x); }
/// The residue in [0, q) of a value within ±q.
V residue(V x, const Constants& c) { return add_if_negative(x, c); }

void butterfly_forward(V& x, V& y, V w, const Constants& c) {
  const V u = x, v = multiply(y, w, c);
  x = _mm256_add_pd(u, v);
  y = _mm256_sub_pd(u, v);
}

void butterfly_inverse(V& x, V& y, V w, const Constants& c) {
  const V u = x, v = y;
  x = _mm256_add_pd(u, v);
  y = multiply(_mm256_sub_pd(u, v), w, c);
}

void butterfly_inverse_reducing(V& x, V& y, V w, const Constants& c) {
  butterfly_inverse(x, y, w, c);
  x = reduce(x, c);
}

using Butterfly = void (*)(V&, V&, V, const Constants&);

/// One level with partners `half` ≥ 4 apart.
template <Butterfly Step>
void wide_level(double* a, size_t groups, size_t half, const double* w, const Constants& c) {
  for (size_t group = 0; group < groups; ++group) {
    const V wv = _mm256_set1_pd(w[groups + group]);
    double* x = a + 2 * group * half;
    for (size_t j = 0; j < half; j += 4) {
      V u = _mm256_loadu_pd(x + j), v = _mm256_loadu_pd(x + half + j);
      Step(u, v, wv, c);
      _mm256_storeu_pd(x + j, u);
      _mm256_storeu_pd(x + half + j, v);
    }
  }
}

/// Partners 2 apart: (x0 x1 y0 y1)(x2 x3 y2 y3).
template <Butterfly Step>
void level_of_two(double* a, size_t n, const double* w, const Constants& c) {
  const size_t groups = n / 4;
  for (size_t group = 0; group < groups; group += 2) {
    double* x = a + 4 * group;
    const V low = _mm256_loadu_pd(x), high = _mm256_loadu_pd(x + 4);
    V u = _mm256_permute2f128_pd(low, high, 0x20), v = _mm256_permute2f128_pd(low, high, 0x31);
    const V pair = _mm256_castpd128_pd256(_mm_loadu_pd(w + groups + group));
    Step(u, v, _mm256_permute4x64_pd(pair, 0x50), c);
    _mm256_storeu_pd(x, _mm256_permute2f128_pd(u, v, 0x20));
    _mm256_storeu_pd(x + 4, _mm256_permute2f128_pd(u, v, 0x31));
  }
}

/// Partners side by side: unpacking gives (x0 x2 x1 x3) and (y0 y2 y1 y3), so the twiddles go in that order, too.
template <Butterfly Step>
void level_of_one(double* a, size_t n, const double* w, const Constants& c) {
  const size_t groups = n / 2;
  for (size_t group = 0; group < groups; group += 4) {
    double* x = a + 2 * group;
    const V low = _mm256_loadu_pd(x), high = _mm256_loadu_pd(x + 4);
    V u = _mm256_unpacklo_pd(low, high), v = _mm256_unpackhi_pd(low, high);
    Step(u, v, _mm256_permute4x64_pd(_mm256_loadu_pd(w + groups + group), 0xd8), c);
    _mm256_storeu_pd(x, _mm256_unpacklo_pd(u, v));
    _mm256_storeu_pd(x + 4, _mm256_unpackhi_pd(u, v));
  }
}

// The words of `a` are turned into doubles where they lie, and back at the end: both have eight bytes.
double* in_place(uint64_t* a, size_t n) {
  for (size_t j = 0; j < n; j += 4) _mm256_storeu_pd(reinterpret_cast<double*>(a + j), load(a + j));
  return reinterpret_cast<double*>(a);
}

}  // namespace

void ntt_forward_avx2(uint64_t* a, const NttTables& t) {
  const Constants c = constants(t);
  double* x = in_place(a, t.n);
  size_t half = t.n / 2;
  for (size_t groups = 1; half >= 4; groups *= 2, half /= 2) wide_level<butterfly_forward>(x, groups, half, t.w_d, c);
  level_of_two<butterfly_forward>(x, t.n, t.w_d, c);
  level_of_one<butterfly_forward>(x, t.n, t.w_d, c);
  for (size_t j = 0; j < t.n; j += 4) store(a + j, residue(reduce(_mm256_loadu_pd(x + j), c), c));
}

void ntt_inverse_avx2(uint64_t* a, const NttTables& t) {
  const Constants c = constants(t);
  double* x = in_place(a, t.n);
  level_of_one<butterfly_inverse>(x, t.n, t.wi_d, c);
  level_of_two<butterfly_inverse>(x, t.n, t.wi_d, c);
  for (size_t half = 4; half < t.n; half *= 2) {
    if (half == 32) wide_level<butterfly_inverse_reducing>(x, t.n / (2 * half), half, t.wi_d, c);
    else wide_level<butterfly_inverse>(x, t.n / (2 * half), half, t.wi_d, c);
  }
  const V scale = _mm256_set1_pd(t.n_inverse_d);
  for (size_t j = 0; j < t.n; j += 4) store(a + j, residue(multiply(_mm256_loadu_pd(x + j), scale, c), c));
}

void multiply_avx2(uint64_t* out, const uint64_t* x, const uint64_t* y, const NttTables& t) {
  const Constants c = constants(t);
  for (size_t j = 0; j < t.n; j += 4) store(out + j, residue(multiply(load(x + j), load(y + j), c), c));
}

void multiply_add_avx2(uint64_t* out, const uint64_t* x, const uint64_t* y, const NttTables& t) {
  const Constants c = constants(t);
  for (size_t j = 0; j < t.n; j += 4) {
    const V sum = _mm256_add_pd(load(out + j), multiply(load(x + j), load(y + j), c));
    store(out + j, residue(reduce(sum, c), c));
  }
}

}  // namespace tablinum::seal::pre::kernels
