#include "kernels/sha256_two.h"

#include <immintrin.h>

namespace tablinum::kernels {
namespace {

alignas(16) constexpr std::uint32_t kRounds[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// The state as the instructions want it: a b e f and c d g h, from the highest word down.
struct State {
  __m128i abef, cdgh;
};
inline State load_state(const std::uint32_t* s) {
  const __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(s)), 0x1b);
  const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(s + 4)), 0x1b);
  return {_mm_unpackhi_epi64(efgh, abcd), _mm_unpacklo_epi64(efgh, abcd)};
}
inline void store_state(std::uint32_t* s, State v) {
  const __m128i abcd = _mm_unpackhi_epi64(v.cdgh, v.abef), efgh = _mm_unpacklo_epi64(v.cdgh, v.abef);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(s), _mm_shuffle_epi32(abcd, 0x1b));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(s + 4), _mm_shuffle_epi32(efgh, 0x1b));
}
inline __m128i load_words(const std::uint8_t* p) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  return _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), swap);
}
inline void four_rounds(State& s, __m128i words, unsigned t) {
  const __m128i sum = _mm_add_epi32(words, _mm_load_si128(reinterpret_cast<const __m128i*>(kRounds + t)));
  s.cdgh = _mm_sha256rnds2_epu32(s.cdgh, s.abef, sum);
  s.abef = _mm_sha256rnds2_epu32(s.abef, s.cdgh, _mm_shuffle_epi32(sum, 0x0e));
}
// The next four words of the schedule from the sixteen before.
inline __m128i schedule(__m128i w0, __m128i w1, __m128i w2, __m128i w3) {
  const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
  return _mm_sha256msg2_epu32(sum, w3);
}

}  // namespace

void sha256_two_sha(std::uint32_t* state0, std::uint32_t* state1, const std::uint8_t* data0, const std::uint8_t* data1,
                     std::size_t blocks) {
  State a = load_state(state0), b = load_state(state1);
  for (; blocks > 0; --blocks, data0 += 64, data1 += 64) {
    const State a0 = a, b0 = b;
    __m128i v[4], w[4];
    for (int i = 0; i < 4; ++i) {
      v[i] = load_words(data0 + 16 * i);
      w[i] = load_words(data1 + 16 * i);
    }
#pragma clang loop unroll(full)
    for (unsigned t = 0; t < 16; ++t) {
      if (t >= 4) {
        v[t % 4] = schedule(v[t % 4], v[(t + 1) % 4], v[(t + 2) % 4], v[(t + 3) % 4]);
        w[t % 4] = schedule(w[t % 4], w[(t + 1) % 4], w[(t + 2) % 4], w[(t + 3) % 4]);
      }
      four_rounds(a, v[t % 4], 4 * t);
      four_rounds(b, w[t % 4], 4 * t);
    }
    a = {_mm_add_epi32(a.abef, a0.abef), _mm_add_epi32(a.cdgh, a0.cdgh)};
    b = {_mm_add_epi32(b.abef, b0.abef), _mm_add_epi32(b.cdgh, b0.cdgh)};
  }
  store_state(state0, a);
  store_state(state1, b);
}

}  // namespace tablinum::kernels
