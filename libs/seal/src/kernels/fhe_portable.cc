#include "fhe_kernels.h"

namespace {

using Wide = unsigned __int128;

inline uint64_t high(uint64_t a, uint64_t b) { return static_cast<uint64_t>((static_cast<Wide>(a) * b) >> 64); }

// x − bound where that is not negative, without a branch; x below 2^63.
inline uint64_t reduce_once(uint64_t x, uint64_t bound) {
  const uint64_t d = x - bound;
  return d + (bound & (0 - (d >> 63)));
}

// x·w mod q, below 2q, for any x (Shoup; Harvey, "Faster arithmetic for number-theoretic transforms").
inline uint64_t times_lazy(uint64_t x, uint64_t w, uint64_t w_shoup, uint64_t q) { return x * w - high(x, w_shoup) * q; }

// Values stay below 4q between stages.
void ntt(uint64_t* x, const FheLimb* limb) {
  const uint64_t q = limb->q;
  const uint64_t q2 = 2 * q;
  const uint32_t n = limb->n;
  for (uint32_t m = 1, t = n / 2; m < n; m *= 2, t /= 2)
    for (uint32_t i = 0; i < m; ++i) {
      const uint64_t w = limb->roots[m + i];
      const uint64_t w_shoup = limb->roots_shoup[m + i];
      uint64_t* low = x + 2 * i * t;
      uint64_t* up = low + t;
      for (uint32_t j = 0; j < t; ++j) {
        const uint64_t a = reduce_once(low[j], q2);
        const uint64_t b = times_lazy(up[j], w, w_shoup, q);
        low[j] = a + b;
        up[j] = a - b + q2;
      }
    }
  for (uint32_t i = 0; i < n; ++i) x[i] = reduce_once(reduce_once(x[i], q2), q);
}

// Values stay below 2q between stages.
void inverse_ntt(uint64_t* x, const FheLimb* limb, uint64_t scale, uint64_t scale_shoup) {
  const uint64_t q = limb->q;
  const uint64_t q2 = 2 * q;
  const uint32_t n = limb->n;
  for (uint32_t m = n / 2, t = 1; m >= 1; m /= 2, t *= 2)
    for (uint32_t i = 0; i < m; ++i) {
      const uint64_t w = limb->inverse_roots[m + i];
      const uint64_t w_shoup = limb->inverse_roots_shoup[m + i];
      uint64_t* low = x + 2 * i * t;
      uint64_t* up = low + t;
      for (uint32_t j = 0; j < t; ++j) {
        const uint64_t a = low[j];
        const uint64_t b = up[j];
        low[j] = reduce_once(a + b, q2);
        up[j] = times_lazy(a - b + q2, w, w_shoup, q);
      }
    }
  for (uint32_t i = 0; i < n; ++i) x[i] = reduce_once(times_lazy(x[i], scale, scale_shoup, q), q);
}

// Montgomery: a·b − m·q is divisible by 2^64 for m = (a·b mod 2^64)·q^-1, so the difference of the high halves is the quotient.
inline uint64_t montgomery(uint64_t a, uint64_t b, uint64_t q, uint64_t q_inverse) {
  const Wide product = static_cast<Wide>(a) * b;
  const uint64_t m = static_cast<uint64_t>(product) * q_inverse;
  const uint64_t d = static_cast<uint64_t>(product >> 64) - high(m, q);
  return d + (q & (0 - (d >> 63)));
}

void multiply_add(uint64_t* out, const uint64_t* a, const uint64_t* b, const uint64_t* c, const FheLimb* limb) {
  const uint64_t q = limb->q;
  const uint64_t q_inverse = limb->q_inverse;
  const uint32_t n = limb->n;
  if (c == nullptr) {
    for (uint32_t i = 0; i < n; ++i) out[i] = montgomery(a[i], b[i], q, q_inverse);
    return;
  }
  for (uint32_t i = 0; i < n; ++i) out[i] = reduce_once(montgomery(a[i], b[i], q, q_inverse) + c[i], q);
}

void scale_add(uint64_t* out, const uint64_t* x, uint64_t w, uint64_t w_shoup, const uint64_t* c, const FheLimb* limb) {
  const uint64_t q = limb->q;
  const uint32_t n = limb->n;
  if (c == nullptr) {
    for (uint32_t i = 0; i < n; ++i) out[i] = reduce_once(times_lazy(x[i], w, w_shoup, q), q);
    return;
  }
  for (uint32_t i = 0; i < n; ++i) out[i] = reduce_once(reduce_once(times_lazy(x[i], w, w_shoup, q), q) + c[i], q);
}

void from_signed(uint64_t* out, const int64_t* small, const FheLimb* limb) {
  const uint64_t q = limb->q;
  for (uint32_t i = 0; i < limb->n; ++i) {
    const uint64_t value = static_cast<uint64_t>(small[i]);
    out[i] = value + (q & (0 - (value >> 63)));
  }
}

}  // namespace

extern const FheKernels fhe_kernels_portable;
const FheKernels fhe_kernels_portable{"portable", ntt, inverse_ntt, multiply_add, scale_add, from_signed};
