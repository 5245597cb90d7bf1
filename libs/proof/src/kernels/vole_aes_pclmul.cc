// By the processor's AES instructions, eight blocks at a time. They came with PCLMULQDQ; whoever chooses these functions has
// asked for both.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/vole_aes.h"

namespace tablinum::proof::vole::kernels {
namespace {

#define TABLINUM_AES __attribute__((target("aes,sse4.1")))

struct Schedule {
  __m128i round[11];
};

template <int kConstant>
TABLINUM_AES inline __m128i next_round_key(__m128i key) {
  const __m128i turned = _mm_shuffle_epi32(_mm_aeskeygenassist_si128(key, kConstant), 0xff);
  key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
  key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
  return _mm_xor_si128(key, turned);
}

TABLINUM_AES inline void schedule_of(const std::uint8_t* seed, Schedule& s) {
  s.round[0] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(seed));
  s.round[1] = next_round_key<0x01>(s.round[0]);
  s.round[2] = next_round_key<0x02>(s.round[1]);
  s.round[3] = next_round_key<0x04>(s.round[2]);
  s.round[4] = next_round_key<0x08>(s.round[3]);
  s.round[5] = next_round_key<0x10>(s.round[4]);
  s.round[6] = next_round_key<0x20>(s.round[5]);
  s.round[7] = next_round_key<0x40>(s.round[6]);
  s.round[8] = next_round_key<0x80>(s.round[7]);
  s.round[9] = next_round_key<0x1b>(s.round[8]);
  s.round[10] = next_round_key<0x36>(s.round[9]);
}

TABLINUM_AES inline __m128i base_of(Tweak tweak) {
  const __m128i named = _mm_cvtsi64_si128(static_cast<long long>(tweak.use | std::uint64_t{tweak.tree} << 8));
  return _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(tweak.iv)), named);
}

TABLINUM_AES inline __m128i numbered(__m128i base, std::uint64_t number) {
  return _mm_xor_si128(base, _mm_cvtsi64_si128(static_cast<long long>(number << 16)));
}

template <int kCount>
TABLINUM_AES inline void encrypt(const Schedule& s, __m128i (&block)[kCount]) {
  for (int i = 0; i < kCount; ++i) block[i] = _mm_xor_si128(block[i], s.round[0]);
  for (int r = 1; r < 10; ++r) {
    for (int i = 0; i < kCount; ++i) block[i] = _mm_aesenc_si128(block[i], s.round[r]);
  }
  for (int i = 0; i < kCount; ++i) block[i] = _mm_aesenclast_si128(block[i], s.round[10]);
}

TABLINUM_AES inline void store(std::uint8_t* out, __m128i block) { _mm_storeu_si128(reinterpret_cast<__m128i*>(out), block); }

TABLINUM_AES void clear(Schedule& s) {
  for (auto& key : s.round) key = _mm_setzero_si128();
  __asm__ volatile("" : : "r"(&s) : "memory");  // so that the clearing is kept
}

}  // namespace

TABLINUM_AES void expand_pclmul(const std::uint8_t* nodes, std::size_t count, std::uint64_t first, Tweak tweak, std::uint8_t* out) {
  const __m128i base = base_of(tweak);
  Schedule s;
  for (std::size_t i = 0; i < count; ++i) {
    schedule_of(nodes + 16 * i, s);
    __m128i block[2] = {numbered(base, 2 * (first + i)), numbered(base, 2 * (first + i) + 1)};
    encrypt(s, block);
    store(out + 32 * i, block[0]);
    store(out + 32 * i + 16, block[1]);
  }
  clear(s);
}

TABLINUM_AES void stream_pclmul(const std::uint8_t* seed, std::uint64_t first, std::size_t blocks, Tweak tweak, std::uint8_t* out) {
  const __m128i base = base_of(tweak);
  Schedule s;
  schedule_of(seed, s);
  std::size_t done = 0;
  for (; done + 8 <= blocks; done += 8) {
    __m128i block[8];
    for (unsigned i = 0; i < 8; ++i) block[i] = numbered(base, first + done + i);
    encrypt(s, block);
    for (unsigned i = 0; i < 8; ++i) store(out + 16 * (done + i), block[i]);
  }
  for (; done < blocks; ++done) {
    __m128i block[1] = {numbered(base, first + done)};
    encrypt(s, block);
    store(out + 16 * done, block[0]);
  }
  clear(s);
}

}  // namespace tablinum::proof::vole::kernels
#endif
