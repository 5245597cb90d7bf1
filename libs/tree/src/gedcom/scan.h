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
inline Scan scan_to_end(std::string_view text) noexcept {
  Scan scan;
  const char* const data = text.data();
  std::size_t i = 0;
#ifdef __SSE2__
  const __m128i space = _mm_set1_epi8(0x20), tab = _mm_set1_epi8('\t'), lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r'),
                at = _mm_set1_epi8('@');
  const auto mask_of = [](__m128i bytes) { return static_cast<unsigned>(_mm_movemask_epi8(bytes)); };
  for (; i + 16 <= text.size(); i += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + i));
    const unsigned ends = mask_of(_mm_or_si128(_mm_cmpeq_epi8(block, lf), _mm_cmpeq_epi8(block, cr)));
    const unsigned before_end = ends == 0 ? 0xFFFF : (ends & -ends) - 1;
    const unsigned high = mask_of(block) & before_end;  // the comparison below is signed: it finds these too
    const unsigned odd = mask_of(_mm_andnot_si128(_mm_cmpeq_epi8(block, tab), _mm_cmplt_epi8(block, space))) & before_end;
    scan.has_high |= high != 0;
    scan.has_control |= odd != high;
    scan.has_at |= (mask_of(_mm_cmpeq_epi8(block, at)) & before_end) != 0;
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
