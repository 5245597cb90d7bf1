#pragma once
/// What the two readers of dates share: words of a text, and the forms outside GEDCOM.
#include <optional>
#include <string_view>

#include "tablinum/tree/model/date.h"

namespace tablinum::tree::model::date_text {

constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\n'; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr char to_upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// `upper` is ASCII in upper case.
constexpr bool equal_ignoring_case(std::string_view text, std::string_view upper) noexcept {
  if (text.size() != upper.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (to_upper(text[i]) != upper[i]) return false;
  return true;
}
constexpr bool starts_ignoring_case(std::string_view text, std::string_view upper) noexcept {
  return text.size() >= upper.size() && equal_ignoring_case(text.substr(0, upper.size()), upper);
}

/// 1 … `digits_max` digits and nothing else.
constexpr std::optional<int> parse_number(std::string_view text, std::size_t digits_max) noexcept {
  if (text.empty() || text.size() > digits_max) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

/// True if `text` is the year after `year`, whole or its last one or two digits.
constexpr bool is_next_year(int year, std::string_view text) noexcept {
  const auto number = parse_number(text, 4);
  if (!number) return false;
  if (text.size() == 1) return *number == (year + 1) % 10;
  if (text.size() == 2) return *number == (year + 1) % 100;
  return *number == year + 1;
}

/// A text word by word. A small value: copy it to look ahead.
class Words {
 public:
  explicit constexpr Words(std::string_view text) noexcept : rest_{trim(text)} {}
  constexpr std::string_view rest() const noexcept { return rest_; }
  constexpr std::string_view peek() const noexcept {
    std::size_t size = 0;
    while (size < rest_.size() && !is_blank(rest_[size])) ++size;
    return rest_.substr(0, size);
  }
  constexpr std::string_view next() noexcept {
    const auto word = peek();
    return skip_bytes(word.size()), word;
  }
  constexpr void skip_bytes(std::size_t count) noexcept { rest_ = trim(rest_.substr(count)); }

 private:
  std::string_view rest_;
};

/// Reads the forms of §4 that GEDCOM does not know: kind and points, finding other_form. Days are left to the caller. Not understood:
/// kind phrase, finding invalid or ambiguous.
Date read_other_forms(std::string_view text);

}  // namespace tablinum::tree::model::date_text
