#pragma once
/// Code points, words and folding of UTF-8 text.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tablinum::search {

/// What a piece of text is to the tokenizer.
enum class SegmentKind : std::uint8_t {
  word,       ///< letters, digits and marks
  ideograph,  ///< one character of Chinese, Japanese or Korean script
};

/// A piece of the text it was found in, by bytes. `joined`: only an apostrophe or a hyphen stands between it and the piece before.
struct Segment {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  SegmentKind kind = SegmentKind::word;
  bool joined = false;
  std::string_view of(std::string_view text) const noexcept { return text.substr(begin, end - begin); }
};

/// Appends the segments of `text`, in order. Everything else (blanks, punctuation, broken UTF-8) separates.
/// Scripts without blanks (Thai, Lao, Khmer, Burmese) are divided by ICU's dictionaries.
void segment(std::string_view text, std::vector<Segment>& out);

bool is_ascii(std::string_view text) noexcept;
constexpr bool is_ascii_word(unsigned char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
constexpr char ascii_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// Folds one segment's text: NFKC case fold, characters that folding turned into punctuation dropped, cut to kWordBytesMax.
std::string fold_word(std::string_view word);

/// The longest beginning of `text` of at most `bytes` bytes that does not cut a code point.
std::string_view cut_utf8(std::string_view text, std::size_t bytes) noexcept;

bool is_valid_utf8(std::string_view text) noexcept;

}  // namespace tablinum::search
