#pragma once
/// The character classes of HTTP (RFC 9110 §5.6) and small text helpers that every part of the module shares.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace tablinum::net::syntax {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\t'; }

constexpr int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

inline constexpr auto kTokenTable = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = table[static_cast<std::size_t>(c - 32)] = true;
  for (const char c : std::string_view{"!#$%&'*+-.^_`|~"}) table[static_cast<std::size_t>(c)] = true;
  return table;
}();
constexpr bool is_token_byte(char c) noexcept { return kTokenTable[static_cast<unsigned char>(c)]; }
constexpr bool is_token(std::string_view text) noexcept {
  for (const char c : text)
    if (!is_token_byte(c)) return false;
  return !text.empty();
}

/// What a field value may consist of: visible ASCII, space, tab, and bytes from 0x80 on (obs-text).
constexpr bool is_field_byte(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7F) || byte == '\t';
}

/// Whether all of `text` are field bytes; eight at a time, since every field of every message passes here.
inline bool is_field_value(std::string_view text) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHigh = kOnes << 7;
  const auto slowly = [](std::string_view part) {
    for (const char c : part)
      if (!is_field_byte(c)) return false;
    return true;
  };
  for (; text.size() >= sizeof(std::uint64_t); text.remove_prefix(sizeof(std::uint64_t))) {
    std::uint64_t word;
    std::memcpy(&word, text.data(), sizeof word);
    const std::uint64_t below_space = (word - kOnes * 0x20) & ~word & kHigh;
    const std::uint64_t from_del = word ^ (kOnes * 0x7F);
    const std::uint64_t del = (from_del - kOnes) & ~from_del & kHigh;
    // Perhaps only a tab.
    if ((below_space | del) != 0 && !slowly(text.substr(0, sizeof word))) return false;
  }
  return slowly(text);
}

constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

/// 1*DIGIT of at most `max`; nothing else, so no sign, no space.
constexpr std::optional<std::uint64_t> parse_decimal(std::string_view text, std::uint64_t max = INT64_MAX) noexcept {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (max - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

}  // namespace tablinum::net::syntax
