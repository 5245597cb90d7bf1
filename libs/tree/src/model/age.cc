#include "tablinum/tree/model/age.h"

#include <array>
#include <cstdio>

#include "model/date_text.h"

namespace tablinum::tree::model {
namespace {

using date_text::equal_ignoring_case;
using date_text::is_blank;
using date_text::is_digit;

constexpr double kYearDays = 365.2425;
constexpr double kMonthDays = kYearDays / 12;

std::optional<Age> word_age(std::string_view text) {
  if (equal_ignoring_case(text, "CHILD")) return Age{.bound = AgeBound::less, .years = 8, .months = {}, .weeks = {}, .days = {}};
  if (equal_ignoring_case(text, "INFANT")) return Age{.bound = AgeBound::less, .years = 1, .months = {}, .weeks = {}, .days = {}};
  if (equal_ignoring_case(text, "STILLBORN")) return Age{.bound = AgeBound::exactly, .years = 0, .months = {}, .weeks = {}, .days = {}};
  return std::nullopt;
}

std::optional<std::uint16_t> take_number(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size() && is_digit(text[size])) ++size;
  const auto number = date_text::parse_number(text.substr(0, size), 4);
  text.remove_prefix(size);
  if (!number) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

// The part that a unit names; they must come in the order y, m, w, d, each once.
std::optional<std::uint16_t>* part_of(Age& age, char unit) {
  switch (date_text::to_upper(unit)) {
    case 'Y': return age.months || age.weeks || age.days ? nullptr : &age.years;
    case 'M': return age.weeks || age.days ? nullptr : &age.months;
    case 'W': return age.days ? nullptr : &age.weeks;
    case 'D': return &age.days;
    default: return nullptr;
  }
}

void append_part(std::string& out, const std::optional<std::uint16_t>& part, char unit) {
  if (!part) return;
  std::array<char, 8> text;
  const int size = std::snprintf(text.data(), text.size(), "%u%c", *part, unit);
  if (!out.empty() && out.back() != ' ') out.push_back(' ');
  out.append(text.data(), static_cast<std::size_t>(size));
}

}  // namespace

std::optional<Age> parse_age(std::string_view text) noexcept {
  text = date_text::trim(text);
  if (const auto age = word_age(text)) return age;
  Age age;
  if (!text.empty() && (text.front() == '<' || text.front() == '>')) {
    age.bound = text.front() == '<' ? AgeBound::less : AgeBound::more;
    text = date_text::trim(text.substr(1));
  }
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    text = date_text::trim(text);
    if (text.empty()) {  // a bare number: years
      if (age != Age{.bound = age.bound, .years = {}, .months = {}, .weeks = {}, .days = {}}) return std::nullopt;
      return age.years = number, age;
    }
    auto* part = part_of(age, text.front());
    if (part == nullptr || *part) return std::nullopt;
    *part = number;
    text = date_text::trim(text.substr(1));
  }
  return age;
}

std::string to_string(const Age& age) {
  std::string out = age.bound == AgeBound::less ? "< " : age.bound == AgeBound::more ? "> " : "";
  append_part(out, age.years, 'y');
  append_part(out, age.months, 'm');
  append_part(out, age.weeks, 'w');
  append_part(out, age.days, 'd');
  return out;
}

AgeDays days_of(const Age& age) noexcept {
  const double stated = age.years.value_or(0) * kYearDays + age.months.value_or(0) * kMonthDays + age.weeks.value_or(0) * 7.0 +
                        age.days.value_or(0);
  const double unit = age.days ? 1 : age.weeks ? 7 : age.months ? kMonthDays : kYearDays;
  const auto days = [](double value) { return static_cast<std::int32_t>(value < kAgeDaysMax ? value : kAgeDaysMax); };
  switch (age.bound) {
    case AgeBound::less: return {0, days(stated)};
    case AgeBound::more: return {days(stated), kAgeDaysMax};
    default: return {days(stated), days(stated + unit)};
  }
}

}  // namespace tablinum::tree::model
