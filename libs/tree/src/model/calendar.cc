#include "tablinum/tree/model/calendar.h"

#include <array>

namespace tablinum::tree::model {
namespace {

// Richards' formulas work on positive numbers. Whole cycles are added before and removed after, so that years down to -kYearMax fit:
// 12,000 years are 30 Gregorian cycles of 400 years and 3,000 Julian ones of 4.
constexpr std::int32_t kShiftYears = 12'000;
constexpr Jdn kGregorianShiftDays = 30 * 146'097;
constexpr Jdn kJulianShiftDays = 3'000 * 1'461;

// 7 October 3761 BCE Julian: 1 Tishri of year 1.
constexpr Jdn kHebrewEpoch = 347'998;
// 22 September 1792: 1 Vendémiaire of year 1.
constexpr Jdn kFrenchEpoch = 2'375'840;

constexpr int kHebrewCheshvan = 2, kHebrewKislev = 3, kHebrewAdar = 6, kHebrewAdarSheni = 7;
constexpr int kFrenchComplementary = 13;

constexpr bool is_christian(Calendar calendar) { return calendar <= Calendar::julian; }
// Years with a year 0, as arithmetic needs them: 1 BCE is 0.
constexpr std::int32_t astronomical(std::int32_t year) { return year < 0 ? year + 1 : year; }
constexpr std::int32_t historical(std::int32_t year) { return year <= 0 ? year - 1 : year; }

Jdn christian_to_jdn(Calendar calendar, std::int32_t year, int month, int day) {
  const int h = month - 2;
  const std::int32_t g = astronomical(year) + kShiftYears + 4716 - (12 - h) / 12;
  const int f = (h - 1 + 12) % 12;
  const Jdn julian = 1461 * g / 4 + day - 1 - 1401 + (153 * f + 2) / 5;
  if (calendar == Calendar::julian) return julian - kJulianShiftDays;
  return julian - 3 * ((g + 184) / 100) / 4 + 38 - kGregorianShiftDays;
}

CalendarDay christian_from_jdn(Calendar calendar, Jdn jdn) {
  const bool gregorian = calendar == Calendar::gregorian;
  const std::int64_t j = std::int64_t{jdn} + (gregorian ? kGregorianShiftDays : kJulianShiftDays);
  const std::int64_t f = j + 1401 + (gregorian ? (4 * j + 274'277) / 146'097 * 3 / 4 - 38 : 0);
  const std::int64_t e = 4 * f + 3;
  const std::int64_t h = 5 * (e % 1461 / 4) + 2;
  const auto day = static_cast<std::uint8_t>(h % 153 / 5 + 1);
  const auto month = static_cast<std::uint8_t>((h / 153 + 2) % 12 + 1);
  const auto year = static_cast<std::int32_t>(e / 1461 - 4716 + (12 + 2 - month) / 12 - kShiftYears);
  return {calendar, historical(year), month, day};
}

bool hebrew_leap(std::int32_t year) { return (7 * year + 1) % 19 < 7; }

// Days from the epoch to the molad of Tishri, with the postponements that depend on that molad alone (lo ADU, molad zaken).
std::int64_t hebrew_elapsed(std::int32_t year) {
  const std::int64_t months = (235 * std::int64_t{year} - 234) / 19;
  const std::int64_t parts = 12'084 + 13'753 * months;
  const std::int64_t day = 29 * months + parts / 25'920;
  return 3 * (day + 1) % 7 < 3 ? day + 1 : day;
}

// 1 Tishri, with the two postponements (GaTaRaD, BeTUTaKPaT) that keep years from having 356 or 382 days.
Jdn hebrew_new_year(std::int32_t year) {
  const auto last = hebrew_elapsed(year - 1), now = hebrew_elapsed(year), next = hebrew_elapsed(year + 1);
  const int delay = next - now == 356 ? 2 : now - last == 382 ? 1 : 0;
  return static_cast<Jdn>(kHebrewEpoch + now + delay);
}

int hebrew_days_in_month(std::int32_t year, int month) {
  constexpr std::array<std::uint8_t, 14> kDays{0, 30, 29, 30, 29, 30, 29, 29, 30, 29, 30, 29, 30, 29};
  if (month == kHebrewAdar) return hebrew_leap(year) ? 30 : 29;
  if (month == kHebrewAdarSheni) return hebrew_leap(year) ? 29 : 0;
  if (month == kHebrewCheshvan || month == kHebrewKislev) {
    const Jdn length = hebrew_new_year(year + 1) - hebrew_new_year(year);
    if (month == kHebrewCheshvan) return length % 10 == 5 ? 30 : 29;
    return length % 10 == 3 ? 29 : 30;
  }
  return kDays[static_cast<std::size_t>(month)];
}

Jdn hebrew_to_jdn(std::int32_t year, int month, int day) {
  Jdn jdn = hebrew_new_year(year) + day - 1;
  for (int m = 1; m < month; ++m) jdn += hebrew_days_in_month(year, m);
  return jdn;
}

CalendarDay hebrew_from_jdn(Jdn jdn) {
  // A year has 365.2468 days on average: the guess is right or one or two too high.
  auto year = static_cast<std::int32_t>((std::int64_t{jdn} - kHebrewEpoch) * 10'000 / 3'652'468 + 2);
  while (hebrew_new_year(year) > jdn) --year;
  int month = 1;
  Jdn left = jdn - hebrew_new_year(year);
  for (int days; left >= (days = hebrew_days_in_month(year, month)); ++month) left -= days;
  return {Calendar::hebrew, year, static_cast<std::uint8_t>(month), static_cast<std::uint8_t>(left + 1)};
}

// Leap years 3, 7 and 11, and on in the same rhythm: what France did, and the simplest continuation.
bool french_leap(std::int32_t year) { return year % 4 == 3; }

Jdn french_to_jdn(std::int32_t year, int month, int day) {
  return kFrenchEpoch + 365 * (year - 1) + year / 4 + 30 * (month - 1) + day - 1;
}

CalendarDay french_from_jdn(Jdn jdn) {
  const Jdn days = jdn - kFrenchEpoch;
  auto year = static_cast<std::int32_t>(std::int64_t{days} * 4 / 1461 + 2);
  while (french_to_jdn(year, 1, 1) > jdn) --year;
  const Jdn left = jdn - french_to_jdn(year, 1, 1);
  return {Calendar::french_republican, year, static_cast<std::uint8_t>(left / 30 + 1), static_cast<std::uint8_t>(left % 30 + 1)};
}

}  // namespace

bool is_year(Calendar calendar, std::int32_t year) noexcept {
  return year >= (is_christian(calendar) ? -kYearMax : 1) && year <= kYearMax && year != 0;
}

bool is_leap_year(Calendar calendar, std::int32_t year) noexcept {
  const std::int32_t y = astronomical(year);
  switch (calendar) {
    case Calendar::gregorian: return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    case Calendar::julian: return y % 4 == 0;
    case Calendar::hebrew: return hebrew_leap(year);
    case Calendar::french_republican: return french_leap(year);
  }
  return false;
}

int last_month(Calendar calendar) noexcept { return is_christian(calendar) ? 12 : 13; }

int days_in_month(Calendar calendar, std::int32_t year, int month) noexcept {
  constexpr std::array<std::uint8_t, 13> kDays{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > last_month(calendar)) return 0;
  if (calendar == Calendar::hebrew) return hebrew_days_in_month(year, month);
  if (calendar == Calendar::french_republican) return month < kFrenchComplementary ? 30 : french_leap(year) ? 6 : 5;
  return month == 2 && is_leap_year(calendar, year) ? 29 : kDays[static_cast<std::size_t>(month)];
}

bool is_day(const CalendarDay& day) noexcept {
  return is_year(day.calendar, day.year) && day.day >= 1 && day.day <= days_in_month(day.calendar, day.year, day.month);
}

Jdn to_jdn(const CalendarDay& day) noexcept {
  switch (day.calendar) {
    case Calendar::hebrew: return hebrew_to_jdn(day.year, day.month, day.day);
    case Calendar::french_republican: return french_to_jdn(day.year, day.month, day.day);
    default: return christian_to_jdn(day.calendar, day.year, day.month, day.day);
  }
}

Jdn first_of_month(Calendar calendar, std::int32_t year, int month) noexcept {
  return to_jdn({calendar, year, static_cast<std::uint8_t>(month), 1});
}
Jdn last_of_month(Calendar calendar, std::int32_t year, int month) noexcept {
  return first_of_month(calendar, year, month) + days_in_month(calendar, year, month) - 1;
}
Jdn first_of_year(Calendar calendar, std::int32_t year) noexcept { return first_of_month(calendar, year, 1); }
Jdn last_of_year(Calendar calendar, std::int32_t year) noexcept { return last_of_month(calendar, year, last_month(calendar)); }

std::optional<CalendarDay> from_jdn(Calendar calendar, Jdn jdn) noexcept {
  const std::int32_t first_year = is_christian(calendar) ? -kYearMax : 1;
  if (jdn < first_of_year(calendar, first_year) || jdn > last_of_year(calendar, kYearMax)) return std::nullopt;
  switch (calendar) {
    case Calendar::hebrew: return hebrew_from_jdn(jdn);
    case Calendar::french_republican: return french_from_jdn(jdn);
    default: return christian_from_jdn(calendar, jdn);
  }
}

}  // namespace tablinum::tree::model
