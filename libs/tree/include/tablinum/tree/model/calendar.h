#pragma once
/// Four calendars and the day numbers that make them comparable.
/// A Julian Day Number (JDN) counts days; day 0 is 1 January 4713 BCE Julian, which is 24 November 4714 BCE Gregorian.
/// Sources: E. G. Richards, Explanatory Supplement to the Astronomical Almanac, 3rd ed., §15.11 (Gregorian, Julian); N. Dershowitz and
/// E. Reingold, Calendrical Calculations (Hebrew); the French decrees of 1793 with leap years 3, 7, 11, continued every fourth year.
#include <compare>
#include <cstdint>
#include <optional>

namespace tablinum::tree::model {

/// The numbers are stored and part of the API: append only.
enum class Calendar : std::uint8_t { gregorian = 0, julian = 1, hebrew = 2, french_republican = 3 };
inline constexpr int kCalendarCount = 4;

/// Julian Day Number.
using Jdn = std::int32_t;

/// Years are as people write them: 1 … kYearMax, and in the Gregorian and Julian calendars also -1 (1 BCE) … -kYearMax. There is no
/// year 0. Hebrew months count from 1 = TSH to 13 = ELL as in GEDCOM: 6 is ADR (Adar, or Adar I in a leap year), 7 is ADS (Adar II,
/// leap years only). French months count from 1 = VEND to 13 = COMP (the five or six complementary days).
struct CalendarDay {
  Calendar calendar = Calendar::gregorian;
  std::int32_t year = 0;
  std::uint8_t month = 0;
  std::uint8_t day = 0;
  friend constexpr bool operator==(const CalendarDay&, const CalendarDay&) = default;
};

inline constexpr std::int32_t kYearMax = 9999;
/// The last year in which France used its republican calendar; later ones are read by the four-year rule.
inline constexpr std::int32_t kFrenchYearOfficialMax = 14;

/// True for a year this calendar can count (see CalendarDay).
bool is_year(Calendar calendar, std::int32_t year) noexcept;
bool is_leap_year(Calendar calendar, std::int32_t year) noexcept;
/// 12 or 13; the months of a year are numbered 1 … 12 or 1 … 13, where a common Hebrew year has no month 7.
int last_month(Calendar calendar) noexcept;
/// Days of the month; 0 if that year has no such month.
int days_in_month(Calendar calendar, std::int32_t year, int month) noexcept;
/// True if the day exists.
bool is_day(const CalendarDay& day) noexcept;

/// @pre is_day(day)
Jdn to_jdn(const CalendarDay& day) noexcept;
/// First and last day of a year or month.  @pre is_year(), and the month exists
Jdn first_of_year(Calendar calendar, std::int32_t year) noexcept;
Jdn last_of_year(Calendar calendar, std::int32_t year) noexcept;
Jdn first_of_month(Calendar calendar, std::int32_t year, int month) noexcept;
Jdn last_of_month(Calendar calendar, std::int32_t year, int month) noexcept;

/// Inverse of to_jdn(). Nothing where the calendar cannot count that day (before its year 1, or beyond kYearMax).
std::optional<CalendarDay> from_jdn(Calendar calendar, Jdn jdn) noexcept;

/// The day number of an instant in Unix seconds (UTC), and back to midnight: JDN 2440588 is 1 January 1970.
inline constexpr Jdn kUnixEpochJdn = 2'440'588;
constexpr Jdn jdn_of_unix_seconds(std::int64_t seconds) noexcept {
  const auto days = seconds / 86'400 - (seconds % 86'400 < 0 ? 1 : 0);
  return static_cast<Jdn>(kUnixEpochJdn + days);
}

}  // namespace tablinum::tree::model
