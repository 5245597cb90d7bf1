#pragma once
/// The loop that sees every byte of a file.
#include <bit>
#include <cstddef>
#include <string_view>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace tablinum::tree::gedcom {

/// A stretch of a line: up to its end, or up to the end of what is there.
struct Scan {
  std::size_t bytes = 0;
  bool has_control = false;  // C0 other than tab
  bool has_high = false;     // not ASCII
  bool has_at = false;
  bool plain() const noexcept { return !has_control && !has_high; }
};

/// Looks for CR or LF and notes what else is on the way.
[[gnu::always_inline]] inline Scan scan_to_end(std::string_view text) noexcept {
  Scan scan;
  const char* const data = text.data();
  std::size_t i = 0;
#ifdef __SSE2__
  const __m128i space = _mm_set1_epi8(0x20), tab = _mm_set1_epi8('\t'), lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r'),
                at = _mm_set1_epi8('@');
  const auto mask_of = [](__m128i bytes) { return static_cast<unsigned>(_mm_movemask_epi8(bytes)); };
  // 32 at a time: most lines end within the first, and how many turns a loop takes cannot be guessed.
  for (; i + 32 <= text.size(); i += 32) {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + i));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + i + 16));
    const auto both = [&](auto f) { return mask_of(f(low)) | mask_of(f(high)) << 16; };
    const unsigned ends = both([&](__m128i v) { return _mm_or_si128(_mm_cmpeq_epi8(v, lf), _mm_cmpeq_epi8(v, cr)); });
    const unsigned before_end = (ends & -ends) - 1;  // all ones where there is no end
    const unsigned ascii_not = both([](__m128i v) { return v; }) & before_end;
    // The comparison is signed: it finds what is not ASCII too.
    const unsigned odd =
        both([&](__m128i v) { return _mm_andnot_si128(_mm_cmpeq_epi8(v, tab), _mm_cmplt_epi8(v, space)); }) & before_end;
    const unsigned ats = both([&](__m128i v) { return _mm_cmpeq_epi8(v, at); }) & before_end;
    scan.has_high |= ascii_not != 0;
    scan.has_control |= odd != ascii_not;
    scan.has_at |= ats != 0;
    if (ends != 0) {
      scan.bytes = i + static_cast<unsigned>(std::countr_zero(ends));
      return scan;
    }
  }
#endif
  for (; i < text.size() && data[i] != '\n' && data[i] != '\r'; ++i) {
    scan.has_high |= static_cast<signed char>(data[i]) < 0;
    scan.has_control |= static_cast<unsigned char>(data[i]) < 0x20 && data[i] != '\t';
    scan.has_at |= data[i] == '@';
  }
  scan.bytes = i;
  return scan;
}

}  // namespace tablinum::tree::gedcom
