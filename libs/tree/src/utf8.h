#pragma once
/// UTF-8 (RFC 3629) for the codecs of this module.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tablinum::tree::utf8 {

/// Bytes of the valid sequence that begins at text[at]; 0 if there is none (overlong, surrogate, above U+10FFFF, cut off).
inline unsigned sequence_length(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[at + i]); };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const std::size_t left = text.size() - at;
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  if (lead < 0xE0) return left >= 2 && tail(1) ? 2 : 0;
  if (left < 2) return 0;
  // The second byte alone rules out overlong forms, surrogates and what lies above U+10FFFF (RFC 3629 §4).
  const std::uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const std::uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  if (lead < 0xF0) return left >= 3 && tail(2) ? 3 : 0;
  return left >= 4 && tail(2) && tail(3) ? 4 : 0;
}

/// Length of the ASCII run at text[at…], eight bytes at a time.
inline std::size_t ascii_run(std::string_view text, std::size_t at) noexcept {
  std::size_t i = at;
  for (std::uint64_t word; i + 8 <= text.size(); i += 8) {
    std::memcpy(&word, text.data() + i, 8);
    if ((word & 0x8080'8080'8080'8080u) != 0) break;
  }
  while (i < text.size() && static_cast<std::uint8_t>(text[i]) < 0x80) ++i;
  return i - at;
}

inline bool is_valid(std::string_view text) noexcept {
  for (std::size_t i = ascii_run(text, 0); i < text.size(); i += ascii_run(text, i)) {
    const unsigned length = sequence_length(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

/// Appends one code point (a Unicode scalar value).
inline void append(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
  } else if (c < 0x10000) {
    out += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
  } else {
    out += {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3F)),
            static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
  }
}

}  // namespace tablinum::tree::utf8
