// Four elements at a time with VPCLMULQDQ in 512 bits.
#include <immintrin.h>

#include "kernels/gf128.h"

namespace tablinum::proof::kernels {
namespace {

constexpr std::size_t kLanes = 4;
using V = __m512i;
struct Product {
  __m512i lo, mid, hi;
};

inline V load(const Gf* p) { return _mm512_loadu_si512(p); }
inline void store(Gf* p, V v) { _mm512_storeu_si512(p, v); }
inline __m128i load1(const Gf* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
inline V broadcast(Gf k) { return _mm512_broadcast_i32x4(load1(&k)); }
inline __mmask8 first(std::size_t n) { return static_cast<__mmask8>((1U << (2 * n)) - 1); }
inline V load_tail(const Gf* p, std::size_t n) { return _mm512_maskz_loadu_epi64(first(n), p); }
inline void store_tail(Gf* p, V v, std::size_t n) { _mm512_mask_storeu_epi64(p, first(n), v); }
inline V pick(const Gf* w, const std::uint32_t* at) {
  const __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(load1(w + at[0])), load1(w + at[1]), 1);
  const __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(load1(w + at[2])), load1(w + at[3]), 1);
  return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}
inline V add(V a, V b) { return _mm512_xor_si512(a, b); }
inline void even_odd(const Gf* p, V& even, V& odd) {
  const V a = load(p), b = load(p + 4);
  even = _mm512_permutex2var_epi64(a, _mm512_set_epi64(13, 12, 9, 8, 5, 4, 1, 0), b);
  odd = _mm512_permutex2var_epi64(a, _mm512_set_epi64(15, 14, 11, 10, 7, 6, 3, 2), b);
}
inline Product wide_zero() { return {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512()}; }
inline Product wide_add(Product a, Product b) { return {add(a.lo, b.lo), add(a.mid, b.mid), add(a.hi, b.hi)}; }
inline Product wide_mul(V a, V b) {
  return {_mm512_clmulepi64_epi128(a, b, 0x00),
          add(_mm512_clmulepi64_epi128(a, b, 0x01), _mm512_clmulepi64_epi128(a, b, 0x10)),
          _mm512_clmulepi64_epi128(a, b, 0x11)};
}
inline V reduce(Product p) {
  const __m512i poly = _mm512_set_epi64(0, 0x87, 0, 0x87, 0, 0x87, 0, 0x87);
  const __m512i mid = add(p.mid, _mm512_clmulepi64_epi128(p.hi, poly, 0x01));
  const __m512i lo = add(p.lo, _mm512_clmulepi64_epi128(p.hi, poly, 0x00));
  return add(add(lo, _mm512_bslli_epi128(mid, 8)), _mm512_clmulepi64_epi128(mid, poly, 0x01));
}

#include "kernels/gf128_loops.inc"

}  // namespace

const Gf128 kGf128Avx512 = TABLINUM_GF128_TABLE("avx512");

}  // namespace tablinum::proof::kernels
