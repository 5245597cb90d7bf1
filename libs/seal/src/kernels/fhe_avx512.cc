// Eight words at a time with AVX-512 F and DQ. The moduli have 60 bits, so the 52-bit multiplier (IFMA) does not fit; 64-bit
// products are put together from four 32-bit ones.
#if defined(__x86_64__)
#include <immintrin.h>

#include "fhe_kernels.h"

namespace {

using V = __m512i;

inline V load(const uint64_t* p) { return _mm512_loadu_si512(p); }
inline void store(uint64_t* p, V x) { _mm512_storeu_si512(p, x); }
inline V all(uint64_t x) { return _mm512_set1_epi64(static_cast<long long>(x)); }
inline V add(V a, V b) { return _mm512_add_epi64(a, b); }
inline V sub(V a, V b) { return _mm512_sub_epi64(a, b); }
inline V reduce_once(V x, V bound) { return _mm512_min_epu64(x, sub(x, bound)); }

// A word with its upper half in front, so that vpmuludq finds both halves.
inline V upper(V x) { return _mm512_srli_epi64(x, 32); }

// High half of a·b, at most 2 too small: the carries of the lowest partial products are left out.
inline V high_roughly(V a, V a_upper, V b, V b_upper) {
  const V middle = add(upper(_mm512_mul_epu32(a_upper, b)), upper(_mm512_mul_epu32(a, b_upper)));
  return add(_mm512_mul_epu32(a_upper, b_upper), middle);
}

// x·w mod q for any x: below 2q + 2q, as the quotient may be 2 too small; then below 2q.
inline V times_lazy(V x, V w, V w_shoup, V w_shoup_upper, V q, V q2) {
  const V quotient = high_roughly(x, upper(x), w_shoup, w_shoup_upper);
  return reduce_once(sub(_mm512_mullo_epi64(x, w), _mm512_mullo_epi64(quotient, q)), q2);
}

struct Constants {
  V q, q2;
  explicit Constants(const FheLimb* limb) : q{all(limb->q)}, q2{all(2 * limb->q)} {}
};

// Harvey's butterflies; low below 4q in and out.
inline void forward(V& low, V& up, V w, V w_shoup, const Constants& c) {
  const V a = reduce_once(low, c.q2);
  const V b = times_lazy(up, w, w_shoup, upper(w_shoup), c.q, c.q2);
  low = add(a, b);
  up = add(sub(a, b), c.q2);
}

inline void backward(V& low, V& up, V w, V w_shoup, const Constants& c) {
  const V a = low;
  const V b = up;
  low = reduce_once(add(a, b), c.q2);
  up = times_lazy(add(sub(a, b), c.q2), w, w_shoup, upper(w_shoup), c.q, c.q2);
}

inline V pick(V a, V b, V order) { return _mm512_permutex2var_epi64(a, order, b); }
// One word in each half; two words in each quarter. Blends of broadcasts: with a permutation of a short load clang 19 never
// ends.
inline V spread2(const uint64_t* p) { return _mm512_mask_blend_epi64(0xf0, all(p[0]), all(p[1])); }
inline V spread4(const uint64_t* p) {
  return _mm512_mask_blend_epi64(0xf0, _mm512_mask_blend_epi64(0x0c, all(p[0]), all(p[1])),
                                 _mm512_mask_blend_epi64(0xc0, all(p[2]), all(p[3])));
}

// Two stages at once: halves the traffic with memory. Blocks of 4·t words; t at least 8.
inline void forward_two_stages(uint64_t* x, const FheLimb* limb, uint32_t m, uint32_t t, const Constants& c) {
  for (uint32_t i = 0; i < m; ++i) {
    const V w = all(limb->roots[m + i]), w_s = all(limb->roots_shoup[m + i]);
    const V wl = all(limb->roots[2 * (m + i)]), wl_s = all(limb->roots_shoup[2 * (m + i)]);
    const V wu = all(limb->roots[2 * (m + i) + 1]), wu_s = all(limb->roots_shoup[2 * (m + i) + 1]);
    uint64_t* block = x + static_cast<uint64_t>(4) * t * i;
    for (uint32_t j = 0; j < t; j += 8) {
      V x0 = load(block + j), x1 = load(block + t + j), x2 = load(block + 2 * t + j), x3 = load(block + 3 * t + j);
      forward(x0, x2, w, w_s, c);
      forward(x1, x3, w, w_s, c);
      forward(x0, x1, wl, wl_s, c);
      forward(x2, x3, wu, wu_s, c);
      store(block + j, x0);
      store(block + t + j, x1);
      store(block + 2 * t + j, x2);
      store(block + 3 * t + j, x3);
    }
  }
}

inline void forward_one_stage(uint64_t* x, const FheLimb* limb, uint32_t m, uint32_t t, const Constants& c) {
  for (uint32_t i = 0; i < m; ++i) {
    const V w = all(limb->roots[m + i]), w_s = all(limb->roots_shoup[m + i]);
    uint64_t* low = x + static_cast<uint64_t>(2) * t * i;
    for (uint32_t j = 0; j < t; j += 8) {
      V a = load(low + j), b = load(low + t + j);
      forward(a, b, w, w_s, c);
      store(low + j, a);
      store(low + t + j, b);
    }
  }
}

// The last three stages (distances 4, 2, 1) of 16 words in registers, and the final reduction.
inline void forward_tail(uint64_t* x, const FheLimb* limb, const Constants& c) {
  const uint32_t n = limb->n;
  const V split4_low = _mm512_setr_epi64(0, 1, 2, 3, 8, 9, 10, 11), split4_up = _mm512_setr_epi64(4, 5, 6, 7, 12, 13, 14, 15);
  const V split2_low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13), split2_up = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
  const V split1_low = _mm512_setr_epi64(0, 8, 2, 10, 4, 12, 6, 14), split1_up = _mm512_setr_epi64(1, 9, 3, 11, 5, 13, 7, 15);
  const V join_low = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11), join_up = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
  for (uint32_t k = 0; k < n / 16; ++k) {
    uint64_t* at = x + 16 * k;
    const V first = load(at), second = load(at + 8);
    V low = pick(first, second, split4_low), up = pick(first, second, split4_up);
    forward(low, up, spread2(limb->roots + n / 8 + 2 * k), spread2(limb->roots_shoup + n / 8 + 2 * k), c);
    V low2 = pick(low, up, split2_low), up2 = pick(low, up, split2_up);
    forward(low2, up2, spread4(limb->roots + n / 4 + 4 * k), spread4(limb->roots_shoup + n / 4 + 4 * k), c);
    V low1 = pick(low2, up2, split1_low), up1 = pick(low2, up2, split1_up);
    forward(low1, up1, load(limb->roots + n / 2 + 8 * k), load(limb->roots_shoup + n / 2 + 8 * k), c);
    low1 = reduce_once(reduce_once(low1, c.q2), c.q);
    up1 = reduce_once(reduce_once(up1, c.q2), c.q);
    store(at, pick(low1, up1, join_low));
    store(at + 8, pick(low1, up1, join_up));
  }
}

void ntt(uint64_t* x, const FheLimb* limb) {
  const Constants c{limb};
  uint32_t m = 1;
  uint32_t t = limb->n / 2;
  for (; t >= 16; m *= 4, t /= 4) forward_two_stages(x, limb, m, t / 2, c);
  if (t == 8) forward_one_stage(x, limb, m, t, c);
  forward_tail(x, limb, c);
}

inline void backward_head(uint64_t* x, const FheLimb* limb, const Constants& c) {
  const uint32_t n = limb->n;
  const V even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14), odd = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
  // From even and odd positions of 16 words to distances 2, then 4, then back in order.
  const V pair_low = _mm512_setr_epi64(0, 8, 2, 10, 4, 12, 6, 14), pair_up = _mm512_setr_epi64(1, 9, 3, 11, 5, 13, 7, 15);
  const V four_low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13), four_up = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
  const V order_low = _mm512_setr_epi64(0, 1, 2, 3, 8, 9, 10, 11), order_up = _mm512_setr_epi64(4, 5, 6, 7, 12, 13, 14, 15);
  for (uint32_t k = 0; k < n / 16; ++k) {
    uint64_t* at = x + 16 * k;
    const V first = load(at), second = load(at + 8);
    V low = pick(first, second, even), up = pick(first, second, odd);
    backward(low, up, load(limb->inverse_roots + n / 2 + 8 * k), load(limb->inverse_roots_shoup + n / 2 + 8 * k), c);
    // low = words 0 2 4 6 8 10 12 14, up = 1 3 5 7 9 11 13 15; pairs at distance 2: (0 2)(1 3)(4 6)(5 7)…
    V low2 = pick(low, up, pair_low), up2 = pick(low, up, pair_up);
    backward(low2, up2, spread4(limb->inverse_roots + n / 4 + 4 * k), spread4(limb->inverse_roots_shoup + n / 4 + 4 * k), c);
    // low2 = 0 1 4 5 8 9 12 13, up2 = 2 3 6 7 10 11 14 15.
    V low4 = pick(low2, up2, four_low), up4 = pick(low2, up2, four_up);
    backward(low4, up4, spread2(limb->inverse_roots + n / 8 + 2 * k), spread2(limb->inverse_roots_shoup + n / 8 + 2 * k), c);
    // low4 = 0 1 2 3 8 9 10 11, up4 = 4 5 6 7 12 13 14 15.
    store(at, pick(low4, up4, order_low));
    store(at + 8, pick(low4, up4, order_up));
  }
}

inline void backward_two_stages(uint64_t* x, const FheLimb* limb, uint32_t m, uint32_t t, const Constants& c) {
  for (uint32_t i = 0; i < m; ++i) {
    const V w = all(limb->inverse_roots[m + i]), w_s = all(limb->inverse_roots_shoup[m + i]);
    const V wl = all(limb->inverse_roots[2 * (m + i)]), wl_s = all(limb->inverse_roots_shoup[2 * (m + i)]);
    const V wu = all(limb->inverse_roots[2 * (m + i) + 1]), wu_s = all(limb->inverse_roots_shoup[2 * (m + i) + 1]);
    uint64_t* block = x + static_cast<uint64_t>(4) * t * i;
    for (uint32_t j = 0; j < t; j += 8) {
      V x0 = load(block + j), x1 = load(block + t + j), x2 = load(block + 2 * t + j), x3 = load(block + 3 * t + j);
      backward(x0, x1, wl, wl_s, c);
      backward(x2, x3, wu, wu_s, c);
      backward(x0, x2, w, w_s, c);
      backward(x1, x3, w, w_s, c);
      store(block + j, x0);
      store(block + t + j, x1);
      store(block + 2 * t + j, x2);
      store(block + 3 * t + j, x3);
    }
  }
}

inline void backward_one_stage(uint64_t* x, const FheLimb* limb, uint32_t m, uint32_t t, const Constants& c) {
  for (uint32_t i = 0; i < m; ++i) {
    const V w = all(limb->inverse_roots[m + i]), w_s = all(limb->inverse_roots_shoup[m + i]);
    uint64_t* low = x + static_cast<uint64_t>(2) * t * i;
    for (uint32_t j = 0; j < t; j += 8) {
      V a = load(low + j), b = load(low + t + j);
      backward(a, b, w, w_s, c);
      store(low + j, a);
      store(low + t + j, b);
    }
  }
}

void inverse_ntt(uint64_t* x, const FheLimb* limb, uint64_t scale, uint64_t scale_shoup) {
  const Constants c{limb};
  const uint32_t n = limb->n;
  backward_head(x, limb, c);
  uint32_t t = 8;
  for (; 2 * t < n; t *= 4) backward_two_stages(x, limb, n / (4 * t), t, c);
  if (t < n) backward_one_stage(x, limb, 1, t, c);
  const V s = all(scale), s_shoup = all(scale_shoup), s_upper = upper(s_shoup);
  for (uint32_t i = 0; i < n; i += 8) store(x + i, reduce_once(times_lazy(load(x + i), s, s_shoup, s_upper, c.q, c.q2), c.q));
}

struct Product {
  V high, low;
};

inline Product product(V a, V b) {
  const V mask = all(0xffffffff);
  const V au = upper(a), bu = upper(b);
  const V ll = _mm512_mul_epu32(a, b);
  const V m1 = add(_mm512_mul_epu32(au, b), upper(ll));
  const V m2 = add(_mm512_mul_epu32(a, bu), _mm512_and_si512(m1, mask));
  return {add(_mm512_mul_epu32(au, bu), add(upper(m1), upper(m2))),
          _mm512_or_si512(_mm512_slli_epi64(m2, 32), _mm512_and_si512(ll, mask))};
}

inline V montgomery(V a, V b, V q, V q_inverse) {
  const Product p = product(a, b);
  const V m = _mm512_mullo_epi64(p.low, q_inverse);
  const V d = sub(p.high, product(m, q).high);
  return _mm512_min_epu64(d, add(d, q));
}

void multiply_add(uint64_t* out, const uint64_t* a, const uint64_t* b, const uint64_t* c, const FheLimb* limb) {
  const V q = all(limb->q), q_inverse = all(limb->q_inverse);
  const uint32_t n = limb->n;
  if (c == nullptr) {
    for (uint32_t i = 0; i < n; i += 8) store(out + i, montgomery(load(a + i), load(b + i), q, q_inverse));
    return;
  }
  for (uint32_t i = 0; i < n; i += 8)
    store(out + i, reduce_once(add(montgomery(load(a + i), load(b + i), q, q_inverse), load(c + i)), q));
}

void scale_add(uint64_t* out, const uint64_t* x, uint64_t w, uint64_t w_shoup, const uint64_t* c, const FheLimb* limb) {
  const Constants k{limb};
  const V wv = all(w), wv_shoup = all(w_shoup), wv_upper = upper(wv_shoup);
  for (uint32_t i = 0; i < limb->n; i += 8) {
    const V scaled = reduce_once(times_lazy(load(x + i), wv, wv_shoup, wv_upper, k.q, k.q2), k.q);
    store(out + i, c == nullptr ? scaled : reduce_once(add(scaled, load(c + i)), k.q));
  }
}

void from_signed(uint64_t* out, const int64_t* small, const FheLimb* limb) {
  const V q = all(limb->q);
  for (uint32_t i = 0; i < limb->n; i += 8) {
    const V value = _mm512_loadu_si512(small + i);
    store(out + i, _mm512_min_epu64(value, add(value, q)));
  }
}

}  // namespace

extern const FheKernels fhe_kernels_avx512;
const FheKernels fhe_kernels_avx512{"avx512", ntt, inverse_ntt, multiply_add, scale_add, from_signed};
#endif
