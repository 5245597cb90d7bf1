#pragma once
/// Records and fields of RFC 4180 text. No allocation but for quoted fields; one pass.
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace tablinum::models::csv {

/// Columns that are looked at; further ones are counted only.
inline constexpr std::size_t kColumnsMax = 9;

/// Fields of one record. Views point into the text, or into `unquoted` where a field had quotes.
struct Fields {
  std::array<std::string_view, kColumnsMax> field;
  std::size_t count = 0;          ///< of fields kept
  const char* problem = nullptr;  ///< what RFC 4180 does not allow
  std::array<std::string, kColumnsMax> unquoted;
};

/// Length of the first record with its line end; 0: its end is not in `text` (only while !at_end).
/// An opening quote without a closing one within kRecordBytesMax makes its first line a record of its own, so one bad quote
/// costs one line. What this says about a prefix that ends where a record ends is the same as about the whole text.
std::size_t record_length(std::string_view text, bool at_end) noexcept;

/// Splits one record (as record_length() cut it).
void split(std::string_view record, Fields& fields);

/// How many there are.
std::uint64_t newlines(std::string_view text) noexcept;

/// Positions of ',' and '\n' in a text, in order, 64 bytes at a time.
class Separators {
 public:
  explicit Separators(std::string_view text) noexcept : text_{text} { mask_ = load(); }
  /// Position of the next one, or the text's size.
  std::size_t next() noexcept {
    while (mask_ == 0) {
      base_ += 64;
      if (base_ >= text_.size()) return text_.size();
      mask_ = load();
    }
    const auto position = base_ + static_cast<std::size_t>(std::countr_zero(mask_));
    mask_ &= mask_ - 1;
    return position;
  }

 private:
  static std::uint64_t mask_of(const char* block) noexcept {
#ifdef __SSE2__
    const __m128i comma = _mm_set1_epi8(','), newline = _mm_set1_epi8('\n');
    std::uint64_t mask = 0;
    for (unsigned i = 0; i < 4; ++i) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * i));
      const __m128i hits = _mm_or_si128(_mm_cmpeq_epi8(bytes, comma), _mm_cmpeq_epi8(bytes, newline));
      mask |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(hits))) << (16 * i);
    }
    return mask;
#else
    std::uint64_t mask = 0;
    for (unsigned i = 0; i < 64; ++i) mask |= std::uint64_t{block[i] == ',' || block[i] == '\n'} << i;
    return mask;
#endif
  }
  std::uint64_t load() const noexcept {
    const auto left = text_.size() - base_;
    if (left >= 64) return mask_of(text_.data() + base_);
    char block[64] = {};
    if (left != 0) std::memcpy(block, text_.data() + base_, left);
    return mask_of(block);
  }

  std::string_view text_;
  std::size_t base_ = 0;
  std::uint64_t mask_ = 0;
};

}  // namespace tablinum::models::csv
