// One element at a time with PCLMULQDQ.
#include <immintrin.h>

#include "kernels/gf128.h"

namespace tablinum::proof::kernels {
namespace {

constexpr std::size_t kLanes = 1;
using V = __m128i;
struct Product {
  __m128i lo, mid, hi;  // of x^0, x^64, x^128
};

inline V load(const Gf* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
inline void store(Gf* p, V v) { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), v); }
inline V broadcast(Gf k) { return load(&k); }
inline V load_tail(const Gf* p, std::size_t) { return load(p); }
inline void store_tail(Gf* p, V v, std::size_t) { store(p, v); }
inline V pick(const Gf* w, const std::uint32_t* at) { return load(w + at[0]); }
inline V add(V a, V b) { return _mm_xor_si128(a, b); }
inline void even_odd(const Gf* p, V& even, V& odd) { even = load(p), odd = load(p + 1); }
inline Product wide_zero() { return {_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()}; }
inline Product wide_add(Product a, Product b) { return {add(a.lo, b.lo), add(a.mid, b.mid), add(a.hi, b.hi)}; }
inline Product wide_mul(V a, V b) {
  return {_mm_clmulepi64_si128(a, b, 0x00), add(_mm_clmulepi64_si128(a, b, 0x01), _mm_clmulepi64_si128(a, b, 0x10)),
          _mm_clmulepi64_si128(a, b, 0x11)};
}
// x^128 = x^7 + x^2 + x + 1: each word above is multiplied by 87h and added 128 bits lower.
inline V reduce(Product p) {
  const __m128i poly = _mm_set_epi64x(0, 0x87);
  const __m128i mid = add(p.mid, _mm_clmulepi64_si128(p.hi, poly, 0x01));
  const __m128i lo = add(p.lo, _mm_clmulepi64_si128(p.hi, poly, 0x00));
  return add(add(lo, _mm_slli_si128(mid, 8)), _mm_clmulepi64_si128(mid, poly, 0x01));
}

#include "kernels/gf128_loops.inc"

}  // namespace

const Gf128 kGf128Pclmul = TABLINUM_GF128_TABLE("pclmul");

}  // namespace tablinum::proof::kernels
