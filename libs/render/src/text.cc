#include "text.h"

#include <charconv>
#include <cmath>

namespace tablinum::render {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

struct Character {
  char32_t code;      // 0: not UTF-8
  std::size_t bytes;  // at least 1
};

Character ill_formed() noexcept { return {0, 1}; }

std::size_t length_of(unsigned char lead) noexcept {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

/// Unicode 15, table 3-7: overlong forms, surrogates and numbers over 10FFFF are ill-formed.
Character first_character(std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t bytes = length_of(lead);
  if (bytes == 0 || bytes > text.size()) return ill_formed();
  if (bytes == 1) return {lead, 1};
  char32_t code = lead & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return ill_formed();
    code = code << 6 | (next & 0x3Fu);
  }
  const bool overlong = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return overlong || surrogate || code > 0x10FFFF ? ill_formed() : Character{code, bytes};
}

/// XML 1.0 production 2; NUL and ill-formed bytes are code 0.
bool is_xml_char(char32_t code) noexcept {
  if (code == '\t' || code == '\n' || code == '\r') return true;
  return code >= 0x20 && code != 0xFFFE && code != 0xFFFF;
}

std::string_view entity(char32_t code) noexcept {
  switch (code) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return {};
  }
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const Character next = first_character(text);
    if (!is_xml_char(next.code)) {
      out += kReplacement;
    } else if (const auto escaped = entity(next.code); !escaped.empty()) {
      out += escaped;
    } else {
      out += text.substr(0, next.bytes);
    }
    text.remove_prefix(next.bytes);
  }
}

std::string plain(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Character next = first_character(text);
    if (next.code == 0) {
      out += kReplacement;
    } else if (next.code < 0x20 || next.code == 0x7F || next.code == 0x2028 || next.code == 0x2029) {
      out += ' ';
    } else {
      out += text.substr(0, next.bytes);
    }
    text.remove_prefix(next.bytes);
  }
  return out;
}

std::string shortened(std::string_view text, std::size_t characters_max) {
  std::size_t last_begin = 0, end = 0;
  for (std::size_t count = 0; end < text.size(); ++count) {
    if (count == characters_max) return std::string{text.substr(0, last_begin)} + "…";
    last_begin = end;
    end += first_character(text.substr(end)).bytes;
  }
  return std::string{text};
}

bool is_harmless_link(std::string_view href) noexcept {
  if (href.starts_with("http://") || href.starts_with("https://")) return true;
  // A browser drops control characters and blanks before it looks for a scheme, so a link holding any is refused.
  const bool has_control = std::ranges::any_of(href, [](char c) { return static_cast<unsigned char>(c) <= 0x20; });
  const std::size_t colon = href.find(':'), path = href.find_first_of("/?#");
  return !href.empty() && !has_control && !href.starts_with("//") && !href.starts_with("/\\") && !href.starts_with('\\') &&
         (colon == href.npos || path < colon);
}

void append_number(std::string& out, double value) {
  std::array<char, 32> text;
  const double rounded = std::round(value * 100) / 100 + 0.0;  // + 0.0: no "-0"
  const auto end = std::to_chars(text.data(), text.data() + text.size(), rounded, std::chars_format::general, 12).ptr;
  out.append(text.data(), end);
}

}  // namespace tablinum::render
