// Times of the metrics file. Rows come by the million, so the usual form has a short way.
#include <charconv>

#include "tablinum/models/analytics.h"

namespace tablinum::models {
namespace {

/// Days from 1970-01-01 of the proleptic Gregorian calendar (H. Hinnant, "chrono-compatible low-level date algorithms").
constexpr std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) noexcept {
  year -= month <= 2;
  const auto era = (year >= 0 ? year : year - 399) / 400;
  const auto of_era = static_cast<unsigned>(year - era * 400);
  const auto of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146'097 + static_cast<std::int64_t>(of_era * 365 + of_era / 4 - of_era / 100 + of_year) - 719'468;
}

unsigned days_in(unsigned year, unsigned month) noexcept {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/// Two or four digits at `at`; over 9999 where they are none.
unsigned digits(std::string_view text, std::size_t at, std::size_t count) noexcept {
  unsigned value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto digit = static_cast<unsigned char>(text[at + i] - '0');
    value = digit < 10 ? value * 10 + digit : 100'000;
  }
  return value;
}

std::optional<std::int64_t> date_of(std::string_view text) noexcept {
  if (text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  if (year > 9'999 || month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return std::nullopt;
  return days_from_civil(year, month, day) * 86'400;
}

/// Seconds east of UTC of "", "Z", "+02:00" or "-0530".
std::optional<std::int64_t> zone_of(std::string_view text) noexcept {
  if (text.empty() || text == "Z" || text == "z" || text == " UTC") return 0;
  const bool has_colon = text.size() == 6 && text[3] == ':';
  if ((text[0] != '+' && text[0] != '-') || (text.size() != 5 && !has_colon)) return std::nullopt;
  const auto hours = digits(text, 1, 2), minutes = digits(text, has_colon ? 4 : 3, 2);
  if (hours > 23 || minutes > 59) return std::nullopt;
  const auto seconds = static_cast<std::int64_t>(hours * 3'600 + minutes * 60);
  return text[0] == '-' ? -seconds : seconds;
}

std::optional<std::int64_t> unix_seconds(std::string_view text) noexcept {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < -62'135'596'800 || value > 253'402'300'799)
    return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) noexcept {
  if (text.size() < 10 || text[4] != '-') return text.empty() ? std::nullopt : unix_seconds(text);
  const auto date = date_of(text);
  if (!date || text.size() == 10) return date;
  if (text.size() < 19 || (text[10] != ' ' && text[10] != 'T') || text[13] != ':' || text[16] != ':') return std::nullopt;
  const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto time = *date + hour * 3'600 + minute * 60 + second;
  if (text.size() == 19) return time;
  text.remove_prefix(19);
  if (text[0] == '.') {
    const auto end = std::min(text.find_first_not_of("0123456789", 1), text.size());
    if (end == 1) return std::nullopt;
    text.remove_prefix(end);
  }
  const auto zone = zone_of(text);
  return zone ? std::optional{time - *zone} : std::nullopt;
}

}  // namespace tablinum::models
