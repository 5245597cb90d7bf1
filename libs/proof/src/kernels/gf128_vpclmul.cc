// Two elements at a time with VPCLMULQDQ in 256 bits.
#include <immintrin.h>

#include "kernels/gf128.h"

namespace tablinum::proof::kernels {
namespace {

constexpr std::size_t kLanes = 2;
using V = __m256i;
struct Product {
  __m256i lo, mid, hi;
};

inline V load(const Gf* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
inline void store(Gf* p, V v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
inline __m128i load1(const Gf* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
inline V broadcast(Gf k) { return _mm256_broadcastsi128_si256(load1(&k)); }
inline V load_tail(const Gf* p, std::size_t n) { return n == kLanes ? load(p) : _mm256_zextsi128_si256(load1(p)); }
inline void store_tail(Gf* p, V v, std::size_t n) {
  if (n == kLanes) store(p, v);
  else _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_castsi256_si128(v));
}
inline V pick(const Gf* w, const std::uint32_t* at) {
  return _mm256_inserti128_si256(_mm256_castsi128_si256(load1(w + at[0])), load1(w + at[1]), 1);
}
inline V add(V a, V b) { return _mm256_xor_si256(a, b); }
inline void even_odd(const Gf* p, V& even, V& odd) {
  const V a = load(p), b = load(p + 2);
  even = _mm256_permute2x128_si256(a, b, 0x20);
  odd = _mm256_permute2x128_si256(a, b, 0x31);
}
inline Product wide_zero() { return {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()}; }
inline Product wide_add(Product a, Product b) { return {add(a.lo, b.lo), add(a.mid, b.mid), add(a.hi, b.hi)}; }
inline Product wide_mul(V a, V b) {
  return {_mm256_clmulepi64_epi128(a, b, 0x00),
          add(_mm256_clmulepi64_epi128(a, b, 0x01), _mm256_clmulepi64_epi128(a, b, 0x10)),
          _mm256_clmulepi64_epi128(a, b, 0x11)};
}
inline V reduce(Product p) {
  const __m256i poly = _mm256_set_epi64x(0, 0x87, 0, 0x87);
  const __m256i mid = add(p.mid, _mm256_clmulepi64_epi128(p.hi, poly, 0x01));
  const __m256i lo = add(p.lo, _mm256_clmulepi64_epi128(p.hi, poly, 0x00));
  return add(add(lo, _mm256_slli_si256(mid, 8)), _mm256_clmulepi64_epi128(mid, poly, 0x01));
}

#include "kernels/gf128_loops.inc"

}  // namespace

const Gf128 kGf128Vpclmul = TABLINUM_GF128_TABLE("vpclmul");

}  // namespace tablinum::proof::kernels
