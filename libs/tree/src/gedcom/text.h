#pragma once
/// Small questions about characters that several parts of the reader and the writer ask.
#include "utf8.h"

namespace tablinum::tree::gedcom {

namespace utf8 = tree::utf8;

/// The code point at text[at] of valid UTF-8; moves `at` behind it.
inline char32_t next_code_point(std::string_view text, std::size_t& at) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<std::uint8_t>(text[at + i])); };
  const char32_t lead = byte(0);
  if (lead < 0x80) return ++at, lead;
  if (lead < 0xE0) {
    const char32_t c = (lead & 0x1F) << 6 | (byte(1) & 0x3F);
    return at += 2, c;
  }
  if (lead < 0xF0) {
    const char32_t c = (lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    return at += 3, c;
  }
  const char32_t c = (lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  return at += 4, c;
}

/// C0 except tab, C1, characters that steer the direction of text unseen (UAX #9's embeddings, overrides and isolates),
/// and the non-characters U+FFFE and U+FFFF.
inline bool is_invisible_control(char32_t c) noexcept {
  if (c < 0x20) return c != '\t';
  if (c < 0x80) return false;
  return c <= 0x9F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFFFE || c == 0xFFFF;
}

inline bool has_invisible_control(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    if (is_invisible_control(next_code_point(text, at))) return true;
  }
  return false;
}

/// Valid UTF-8 without invisible controls; for text that is known to have no C0.
inline bool is_clean(std::string_view text) noexcept {
  bool suspicious = false;  // C1, direction controls and non-characters begin with these bytes
  const auto byte_at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto is_tail = [&](std::size_t i) { return (byte_at(i) & 0xC0) == 0x80; };
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = byte_at(i);
    if (byte < 0x80) {
      ++i;
      continue;
    }
    unsigned length = 0;  // of the usual sequences here, of the others below
    if (byte >= 0xC2 && byte < 0xE0 && i + 1 < text.size() && is_tail(i + 1))
      length = 2;
    else if (byte > 0xE0 && byte < 0xED && i + 2 < text.size() && is_tail(i + 1) && is_tail(i + 2))
      length = 3;
    else
      length = utf8::sequence_length(text, i);
    if (length == 0) return false;
    suspicious |= byte == 0xC2 || byte == 0xE2 || byte == 0xEF;
    i += length;
  }
  return !suspicious || !has_invisible_control(text);
}

}  // namespace tablinum::tree::gedcom
