#pragma once
/// Dates as genealogists write them: read, bounded by days, compared, printed.  Design: archive.md §4.
/// Read are the grammars of GEDCOM 5.5.1 (chapter 2, DATE_VALUE) and 7.0 (Dates), upper or lower case, and beyond them, without ever
/// rewriting what stands in the record: ISO dates, 12.3.1850, 1850s, Q2 1850, ~1850, and words and months of many languages.
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tablinum/tree/model/calendar.h"

namespace tablinum::tree::model {

/// What a date says. Not stored (precision is), so the order may change.
enum class DateKind : std::uint8_t {
  none,         ///< empty
  phrase,       ///< words only: "(at harvest time)", or not understood
  exact,        ///< a day, month or year
  about,        ///< ABT
  calculated,   ///< CAL
  estimated,    ///< EST
  interpreted,  ///< INT d (words): read from words
  before,       ///< BEF
  after,        ///< AFT
  between,      ///< BET a AND b
  from,         ///< FROM a
  to,           ///< TO b
  period,       ///< FROM a TO b
};
/// "none", "phrase", "exact", …: the `kind` of the API.
std::string_view to_string(DateKind kind) noexcept;

/// Why a reading needs a second look. `none` and `other_form` need none.
enum class DateFinding : std::uint8_t {
  none,
  other_form,   ///< understood, but not GEDCOM
  ambiguous,    ///< 3/4/1850: kept as a phrase
  invalid,      ///< not understood, or a day that does not exist: kept as a phrase
  late_french,  ///< republican year after 14: counted by the four-year rule
  odd_dual,     ///< a double year outside January to March: its first year counts
  reversed,     ///< BET b AND a: the bounds were put in order
  unknown_calendar,  ///< a calendar that is not one of the four: kept as a phrase
};
std::string_view to_string(DateFinding finding) noexcept;

/// A year, a month of a year, or a day; month and day are 0 where not given. Year 0: there is none.
struct DatePoint {
  Calendar calendar = Calendar::gregorian;
  std::int32_t year = 0;  ///< negative: BCE. Of a double year (1699/00) the first.
  std::uint8_t month = 0;
  std::uint8_t day = 0;
  bool dual = false;  ///< written 1699/00: January to March count as the next year, by the Julian calendar unless one is named
  friend constexpr bool operator==(const DatePoint&, const DatePoint&) = default;
  constexpr bool empty() const noexcept { return year == 0; }
};

/// Days that a date may mean, both ends included; an absent end is open.
struct DateBounds {
  std::optional<Jdn> min, max;
  friend constexpr bool operator==(const DateBounds&, const DateBounds&) = default;
  constexpr bool open() const noexcept { return !min && !max; }
};

/// Codes of the `precision` column; stored, append only. For 7, 8 and 9 the inner precision is the second digit: ABT MAR 1850 is 72.
enum Precision : std::uint8_t {
  kNoPrecision = 0, kDay = 1, kMonth = 2, kYear = 3, kOpenRange = 4, kBetween = 5, kPeriod = 6,
  kAbout = 70, kCalculated = 80, kEstimated = 90
};

/// A date read. The views point into the text that was parsed.
struct Date {
  DateKind kind = DateKind::none;
  DateFinding finding = DateFinding::none;
  std::uint8_t precision = kNoPrecision;
  DatePoint first, second;   ///< second: the end of between and period; the only one of `to` is first
  DateBounds days;
  std::string_view phrase;   ///< INT d (phrase), (phrase), or the whole text if it was not understood

  constexpr bool understood() const noexcept { return kind != DateKind::none && kind != DateKind::phrase; }
};

/// How far "about" reaches on either side, by what is given. A day: 30 days; a month: 1 year; a year: 5 years, estimated 10.
inline constexpr Jdn kAboutDayDays = 30;
inline constexpr Jdn kAboutMonthDays = 365;
inline constexpr std::int32_t kAboutYears = 5;
inline constexpr std::int32_t kEstimatedYears = 10;
/// Longer texts are kept as phrases unread.
inline constexpr std::size_t kDateBytesMax = 200;

/// Reads any text; never fails. Times of day and surrounding blanks are no part of it.
/// @note Thread-safe, allocates nothing for GEDCOM forms.
Date parse_date(std::string_view text);

/// The same date as GEDCOM 5.5.1 ("@#DJULIAN@ 8 JAN 1699/00") or 7.0 ("JULIAN 8 JAN 1700") writes it; empty for none. A phrase comes as
/// "(phrase)" in 5.5.1, in 7.0 as empty because it belongs into a PHRASE below. 7.0 has no double years: the year that counts is written.
/// @note parse_date(print_551(d)) has the kind, points, days and precision of d; so has 7.0, except that INT comes back as exact and a
///       double year as the year that counts.
std::string print_551(const Date& date);
std::string print_70(const Date& date);

/// The day, month or year of a date in ISO 8601 of the proleptic Gregorian calendar ("1902-01-01"); BCE as "-0043-03-15" (astronomical).
/// Empty outside the years -kYearMax … kYearMax.
std::string to_iso(Jdn day);

/// What the API says of a date (web.md §6).
struct ApiDate {
  std::string_view kind;                ///< to_string(DateKind)
  std::string from, to;                 ///< ISO days; empty where open
  std::string_view calendar;            ///< "gregorian", "julian", "hebrew", "french_republican": as it was written
  std::string_view second_calendar;     ///< of the end of a range; empty if the same
  std::string_view precision;           ///< "day", "month", "year", "range", "period", "about", "calculated", "estimated", ""
  std::string_view finding;             ///< to_string(DateFinding); empty for none
  std::string gedcom;                   ///< canonical 7.0 form, empty if not understood
};
ApiDate to_api(const Date& date);
std::string_view to_string(Calendar calendar) noexcept;

/// Three-valued: what can be said of a against b when each may be any day within its bounds.
enum class DateOrder : std::uint8_t { before, after, overlap };
DateOrder compare(const DateBounds& a, const DateBounds& b) noexcept;

/// Order of display: by day (minimum, else maximum), then BEF < plain < AFT, then the more precise. Undated comes last.
struct DateSortKey {
  Jdn day;
  std::uint8_t side;
  std::uint8_t precision;
  friend constexpr auto operator<=>(const DateSortKey&, const DateSortKey&) = default;
};
DateSortKey sort_key(const Date& date) noexcept;

/// English GEDCOM month code ("JAN", "TSH", "VEND"); empty if there is none.
std::string_view month_code(Calendar calendar, int month) noexcept;

}  // namespace tablinum::tree::model
