// Carry-less multiplication without tables or branches: integer products of numbers with holes, so that carries fall into the
// holes (the method of BearSSL's ctmul64, T. Pornin).
#include "kernels/gf128.h"

namespace tablinum::proof::kernels {
namespace {

constexpr std::size_t kLanes = 1;
using V = Gf;
struct Product {
  std::uint64_t w[4];
};

inline V load(const Gf* p) { return *p; }
inline void store(Gf* p, V v) { *p = v; }
inline V broadcast(Gf k) { return k; }
inline V load_tail(const Gf* p, std::size_t) { return *p; }
inline void store_tail(Gf* p, V v, std::size_t) { *p = v; }
inline V pick(const Gf* w, const std::uint32_t* at) { return w[at[0]]; }
inline V add(V a, V b) { return {a.lo ^ b.lo, a.hi ^ b.hi}; }
inline void even_odd(const Gf* p, V& even, V& odd) { even = p[0], odd = p[1]; }

std::uint64_t low_product(std::uint64_t x, std::uint64_t y) {
  constexpr std::uint64_t m0 = 0x1111111111111111, m1 = m0 << 1, m2 = m0 << 2, m3 = m0 << 3;
  const std::uint64_t x0 = x & m0, x1 = x & m1, x2 = x & m2, x3 = x & m3;
  const std::uint64_t y0 = y & m0, y1 = y & m1, y2 = y & m2, y3 = y & m3;
  const std::uint64_t z0 = (x0 * y0) ^ (x1 * y3) ^ (x2 * y2) ^ (x3 * y1);
  const std::uint64_t z1 = (x0 * y1) ^ (x1 * y0) ^ (x2 * y3) ^ (x3 * y2);
  const std::uint64_t z2 = (x0 * y2) ^ (x1 * y1) ^ (x2 * y0) ^ (x3 * y3);
  const std::uint64_t z3 = (x0 * y3) ^ (x1 * y2) ^ (x2 * y1) ^ (x3 * y0);
  return (z0 & m0) | (z1 & m1) | (z2 & m2) | (z3 & m3);
}
std::uint64_t reversed(std::uint64_t x) {
  x = (x & 0x5555555555555555) << 1 | (x >> 1 & 0x5555555555555555);
  x = (x & 0x3333333333333333) << 2 | (x >> 2 & 0x3333333333333333);
  x = (x & 0x0f0f0f0f0f0f0f0f) << 4 | (x >> 4 & 0x0f0f0f0f0f0f0f0f);
  return __builtin_bswap64(x);
}
// The high word of a product is the low word of the reversed operands' product, reversed and shifted by one.
inline void multiply(std::uint64_t x, std::uint64_t y, std::uint64_t& lo, std::uint64_t& hi) {
  lo = low_product(x, y);
  hi = reversed(low_product(reversed(x), reversed(y))) >> 1;
}

inline Product wide_zero() { return {{0, 0, 0, 0}}; }
inline Product wide_add(Product a, Product b) {
  return {{a.w[0] ^ b.w[0], a.w[1] ^ b.w[1], a.w[2] ^ b.w[2], a.w[3] ^ b.w[3]}};
}
Product wide_mul(V a, V b) {
  std::uint64_t l0, l1, h0, h1, m0, m1;
  multiply(a.lo, b.lo, l0, l1);
  multiply(a.hi, b.hi, h0, h1);
  multiply(a.lo ^ a.hi, b.lo ^ b.hi, m0, m1);
  m0 ^= l0 ^ h0;
  m1 ^= l1 ^ h1;
  return {{l0, l1 ^ m0, h0 ^ m1, h1}};
}
// x^128 = x^7 + x^2 + x + 1.
V reduce(Product p) {
  const std::uint64_t w2 = p.w[2] ^ (p.w[3] >> 63) ^ (p.w[3] >> 62) ^ (p.w[3] >> 57);
  const std::uint64_t w3 = p.w[3];
  return {p.w[0] ^ w2 ^ (w2 << 1) ^ (w2 << 2) ^ (w2 << 7),
          p.w[1] ^ w3 ^ (w3 << 1) ^ (w3 << 2) ^ (w3 << 7) ^ (w2 >> 63) ^ (w2 >> 62) ^ (w2 >> 57)};
}

#include "kernels/gf128_loops.inc"

}  // namespace

const Gf128 kGf128Portable = TABLINUM_GF128_TABLE("portable");

}  // namespace tablinum::proof::kernels
