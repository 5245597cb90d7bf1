#include "gedcom/zip_paths.h"

#include <unicode/uchar.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <vector>

#include "gedcom/text.h"
#include "tablinum/tree/gedcom/gedzip.h"

namespace tablinum::tree::gedcom {
namespace {

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// RFC 3986 §3.1: a letter, then letters, digits, + - . and a colon.
bool has_scheme(std::string_view text) noexcept {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_letter(text[0])) return false;
  return std::ranges::all_of(text.substr(0, colon),
                             [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
}

int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// A % that is not followed by two hexadecimal digits stays: file names of old programs have it.
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low < 0) {
      out += text[i];
    } else {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> normalized_path(std::string_view path) {
  const auto is_separator = [](char c) { return c == '/' || c == '\\'; };
  const bool has_control = std::ranges::any_of(path, [](char c) { return static_cast<std::uint8_t>(c) < 0x20 || c == 0x7F; });
  if (path.empty() || has_control || !utf8::is_valid(path) || is_separator(path[0])) return std::nullopt;
  if (path.size() >= 2 && path[1] == ':' && is_letter(path[0])) return std::nullopt;
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const auto end = static_cast<std::size_t>(std::ranges::find_if(path, is_separator) - path.begin());
    const auto part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..")
      parts.push_back(part);
    else if (parts.empty())
      return std::nullopt;
    else
      parts.pop_back();
  }
  std::string out;
  for (const auto part : parts) (out += out.empty() ? "" : "/") += part;
  return out.empty() ? std::nullopt : std::optional{out};
}

std::string path_key(std::string_view path) {
  std::u16string units(path.size() + 1, u'\0');
  std::u16string folded(path.size() * 3 + 1, u'\0');  // full folding makes at most three of one (ΐ)
  std::int32_t length = 0;
  UErrorCode error = U_ZERO_ERROR;
  u_strFromUTF8WithSub(units.data(), static_cast<std::int32_t>(units.size()), &length, path.data(),
                       static_cast<std::int32_t>(path.size()), 0xFFFD, nullptr, &error);
  length =
      u_strFoldCase(folded.data(), static_cast<std::int32_t>(folded.size()), units.data(), length, U_FOLD_CASE_DEFAULT, &error);
  std::string key(static_cast<std::size_t>(length) * 3 + 1, '\0');
  u_strToUTF8(key.data(), static_cast<std::int32_t>(key.size()), &length, folded.data(), length, &error);
  if (U_FAILURE(error)) return std::string{path};
  key.resize(static_cast<std::size_t>(length));
  return key;
}

std::optional<std::string> local_path_of(std::string_view file_payload) {
  const bool is_drive = file_payload.size() >= 2 && file_payload[1] == ':';  // "C:\a.jpg" is a path, and an absolute one
  if (!is_drive && has_scheme(file_payload)) return std::nullopt;
  // Decoded once, and looked at only then: %2e%2e%2f is ../
  return normalized_path(percent_decoded(file_payload));
}

std::string file_payload_of(std::string_view path) {
  constexpr std::string_view kPlain = "-._~!$&'()*+,;=@/";  // RFC 3986 §3.3, without the colon, which could look like a scheme
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (is_letter(c) || is_digit(c) || byte >= 0x80 || kPlain.find(c) != std::string_view::npos)
      out += c;
    else
      (out += '%') += {kHex[byte >> 4], kHex[byte & 15]};
  }
  return out;
}

}  // namespace tablinum::tree::gedcom
