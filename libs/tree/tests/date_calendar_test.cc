#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unicode/gregocal.h>

#include <memory>
#include <set>

#include "tablinum/tree/model/calendar.h"

namespace tablinum::tree::model {
namespace {

constexpr Calendar kCalendars[] = {Calendar::gregorian, Calendar::julian, Calendar::hebrew, Calendar::french_republican};

struct KnownDay {
  CalendarDay day;
  Jdn jdn;
};

TEST(Calendar, PublishedDays) {
  const KnownDay days[] = {
      {{Calendar::julian, -4713, 1, 1}, 0},           {{Calendar::gregorian, -4714, 11, 24}, 0},
      {{Calendar::gregorian, 2000, 1, 1}, 2'451'545},  // J2000.0
      {{Calendar::gregorian, 1858, 11, 17}, 2'400'001},  // the modified Julian day 0
      {{Calendar::gregorian, 1970, 1, 1}, kUnixEpochJdn},
      {{Calendar::julian, 1582, 10, 4}, 2'299'160},    {{Calendar::gregorian, 1582, 10, 15}, 2'299'161},
      {{Calendar::hebrew, 1, 1, 1}, 347'998},          {{Calendar::julian, -3761, 10, 7}, 347'998},
  };
  for (const auto& known : days) {
    EXPECT_EQ(to_jdn(known.day), known.jdn);
    EXPECT_EQ(from_jdn(known.day.calendar, known.jdn), known.day);
  }
}

// N. Dershowitz, E. M. Reingold: Calendrical Calculations, appendix C, sample data. There Nisan is month 1, and BCE Gregorian years
// are astronomical.
struct Sample {
  int fixed;
  int gregorian[3], julian[3], hebrew[3];
};
constexpr Sample kSamples[] = {
    {-214193, {-586, 7, 24}, {-587, 7, 30}, {3174, 5, 10}}, {-61387, {-168, 12, 5}, {-169, 12, 8}, {3593, 9, 25}},
    {25469, {70, 9, 24}, {70, 9, 26}, {3831, 7, 3}},        {49217, {135, 10, 2}, {135, 10, 3}, {3896, 7, 9}},
    {171307, {470, 1, 8}, {470, 1, 7}, {4230, 10, 18}},     {210155, {576, 5, 20}, {576, 5, 18}, {4336, 3, 4}},
    {253427, {694, 11, 10}, {694, 11, 7}, {4455, 8, 13}},   {369740, {1013, 4, 25}, {1013, 4, 19}, {4773, 2, 6}},
    {400085, {1096, 5, 24}, {1096, 5, 18}, {4856, 2, 23}},  {434355, {1190, 3, 23}, {1190, 3, 16}, {4950, 1, 7}},
    {452605, {1240, 3, 10}, {1240, 3, 3}, {5000, 13, 8}},   {470160, {1288, 4, 2}, {1288, 3, 26}, {5048, 1, 21}},
    {473837, {1298, 4, 27}, {1298, 4, 20}, {5058, 2, 7}},   {507850, {1391, 6, 12}, {1391, 6, 4}, {5151, 4, 1}},
    {524156, {1436, 2, 3}, {1436, 1, 25}, {5196, 11, 7}},   {544676, {1492, 4, 9}, {1492, 3, 31}, {5252, 1, 3}},
    {567118, {1553, 9, 19}, {1553, 9, 9}, {5314, 7, 1}},    {569477, {1560, 3, 5}, {1560, 2, 24}, {5320, 12, 27}},
    {601716, {1648, 6, 10}, {1648, 5, 31}, {5408, 3, 20}},  {613424, {1680, 6, 30}, {1680, 6, 20}, {5440, 4, 3}},
    {626596, {1716, 7, 24}, {1716, 7, 13}, {5476, 5, 5}},   {645554, {1768, 6, 19}, {1768, 6, 8}, {5528, 4, 4}},
    {664224, {1819, 8, 2}, {1819, 7, 21}, {5579, 5, 11}},   {671401, {1839, 3, 27}, {1839, 3, 15}, {5599, 1, 12}},
    {694799, {1903, 4, 19}, {1903, 4, 6}, {5663, 1, 22}},   {704424, {1929, 8, 25}, {1929, 8, 12}, {5689, 5, 19}},
    {708842, {1941, 9, 29}, {1941, 9, 16}, {5702, 7, 8}},   {727274, {1992, 3, 17}, {1992, 3, 4}, {5752, 13, 12}},
    {728714, {1996, 2, 25}, {1996, 2, 12}, {5756, 12, 5}},  {744313, {2038, 11, 10}, {2038, 10, 28}, {5799, 8, 12}},
    {764652, {2094, 7, 18}, {2094, 7, 5}, {5854, 5, 5}},
};

CalendarDay day_of(Calendar calendar, const int (&ymd)[3]) {
  return {calendar, ymd[0], static_cast<std::uint8_t>(ymd[1]), static_cast<std::uint8_t>(ymd[2])};
}

// From Nisan = 1 to Tishri = 1: Tishri … Adar are 7 … 12, Adar II is 13; a common year's Adar is 12, too.
int from_nisan(int month) { return month >= 7 ? month - 6 : month + 7; }

TEST(Calendar, CalendricalCalculationsSamples) {
  constexpr Jdn kFixedEpoch = 1'721'425;  // JDN of R.D. 0
  for (const auto& sample : kSamples) {
    const Jdn jdn = sample.fixed + kFixedEpoch;
    auto gregorian = day_of(Calendar::gregorian, sample.gregorian);
    if (gregorian.year <= 0) --gregorian.year;
    auto hebrew = day_of(Calendar::hebrew, sample.hebrew);
    hebrew.month = static_cast<std::uint8_t>(from_nisan(sample.hebrew[1]));
    EXPECT_EQ(from_jdn(Calendar::gregorian, jdn), gregorian) << sample.fixed;
    EXPECT_EQ(from_jdn(Calendar::julian, jdn), day_of(Calendar::julian, sample.julian)) << sample.fixed;
    EXPECT_EQ(from_jdn(Calendar::hebrew, jdn), hebrew) << sample.fixed;
  }
}

TEST(Calendar, FrenchRepublicanDaysOfHistory) {
  const std::pair<CalendarDay, CalendarDay> days[] = {
      {{Calendar::french_republican, 1, 1, 1}, {Calendar::gregorian, 1792, 9, 22}},    // the Republic
      {{Calendar::french_republican, 2, 11, 9}, {Calendar::gregorian, 1794, 7, 27}},   // 9 Thermidor
      {{Calendar::french_republican, 3, 13, 6}, {Calendar::gregorian, 1795, 9, 22}},   // the first leap day
      {{Calendar::french_republican, 4, 1, 13}, {Calendar::gregorian, 1795, 10, 5}},   // 13 Vendémiaire
      {{Calendar::french_republican, 8, 2, 18}, {Calendar::gregorian, 1799, 11, 9}},   // 18 Brumaire
      {{Calendar::french_republican, 12, 7, 30}, {Calendar::gregorian, 1804, 4, 20}},
      {{Calendar::french_republican, 14, 4, 10}, {Calendar::gregorian, 1805, 12, 31}},  // the last day of use
  };
  for (const auto& [french, gregorian] : days) EXPECT_EQ(to_jdn(french), to_jdn(gregorian));
}

TEST(Calendar, HebrewNewYearOf5807) {
  EXPECT_EQ(to_jdn({Calendar::hebrew, 5807, 1, 1}), to_jdn({Calendar::gregorian, 2046, 10, 1}));
}

TEST(Calendar, HebrewAgreesWithIcu) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::Calendar> icu_calendar{icu::Calendar::createInstance(*icu::TimeZone::getGMT(), "@calendar=hebrew", status)};
  ASSERT_TRUE(U_SUCCESS(status));
  constexpr double kDayMs = 86'400'000.0;
  // ICU 72 tests the postponement BeTUTaKPaT on the day that ADU has already moved, so a molad on Sunday afternoon after a leap year
  // comes out on Tuesday instead of Monday. (Rosh Hashanah 5807 is Monday, 1 October 2046.)
  const std::set<std::int32_t> icu_differs{4890, 4968, 5137, 5215, 5462, 5560, 5807};
  for (Jdn jdn = 2'086'308; jdn < 2'500'000; jdn += 13) {  // 1000 to 2132
    icu_calendar->setTime((jdn - kUnixEpochJdn) * kDayMs, status);
    const auto year = icu_calendar->get(UCAL_YEAR, status);
    if (icu_differs.contains(year) || icu_differs.contains(year + 1)) continue;
    auto month = icu_calendar->get(UCAL_MONTH, status) + 1;  // Adar of a common year is 7 there and 6 here
    if (month == 7 && !is_leap_year(Calendar::hebrew, year)) month = 6;
    const auto day = icu_calendar->get(UCAL_DATE, status);
    ASSERT_EQ(from_jdn(Calendar::hebrew, jdn),
              (CalendarDay{Calendar::hebrew, year, static_cast<std::uint8_t>(month), static_cast<std::uint8_t>(day)}))
        << jdn;
  }
}

void expect_as_icu(Calendar calendar, double change) {
  UErrorCode status = U_ZERO_ERROR;
  icu::GregorianCalendar icu_calendar{*icu::TimeZone::getGMT(), status};
  icu_calendar.setGregorianChange(change, status);
  constexpr double kDayMs = 86'400'000.0;
  for (Jdn jdn = -1'000'000; jdn < 5'000'000; jdn += 97) {
    icu_calendar.setTime((jdn - kUnixEpochJdn) * kDayMs, status);
    auto year = icu_calendar.get(UCAL_YEAR, status);
    if (icu_calendar.get(UCAL_ERA, status) == icu::GregorianCalendar::BC) year = -year;
    const auto month = icu_calendar.get(UCAL_MONTH, status) + 1, day = icu_calendar.get(UCAL_DATE, status);
    ASSERT_EQ(from_jdn(calendar, jdn),
              (CalendarDay{calendar, year, static_cast<std::uint8_t>(month), static_cast<std::uint8_t>(day)}))
        << jdn;
  }
}
TEST(Calendar, GregorianAgreesWithIcu) { expect_as_icu(Calendar::gregorian, -1e15); }
TEST(Calendar, JulianAgreesWithIcu) { expect_as_icu(Calendar::julian, 1e15); }

TEST(Calendar, YearsEndWhereTheNextBegins) {
  for (const auto calendar : kCalendars) {
    for (std::int32_t year = calendar <= Calendar::julian ? -kYearMax : 1; year < kYearMax; ++year) {
      if (year == 0) continue;
      const auto next = year == -1 ? 1 : year + 1;
      ASSERT_EQ(last_of_year(calendar, year) + 1, first_of_year(calendar, next)) << static_cast<int>(calendar) << ' ' << year;
    }
  }
}

TEST(Calendar, HebrewYearsHaveTheSixLengths) {
  for (std::int32_t year = 1; year < kYearMax; ++year) {
    const auto length = last_of_year(Calendar::hebrew, year) - first_of_year(Calendar::hebrew, year) + 1;
    const bool leap = is_leap_year(Calendar::hebrew, year);
    ASSERT_TRUE(leap ? length >= 383 && length <= 385 : length >= 353 && length <= 355) << year << ' ' << length;
  }
}

TEST(Calendar, LimitsOfYears) {
  for (const auto calendar : kCalendars) {
    EXPECT_TRUE(is_year(calendar, kYearMax));
    EXPECT_FALSE(is_year(calendar, kYearMax + 1));
    EXPECT_FALSE(is_year(calendar, 0));
    EXPECT_EQ(is_year(calendar, -1), calendar <= Calendar::julian);
    EXPECT_EQ(is_year(calendar, -kYearMax), calendar <= Calendar::julian);
    EXPECT_FALSE(is_year(calendar, -kYearMax - 1));
    EXPECT_TRUE(from_jdn(calendar, last_of_year(calendar, kYearMax)));
    EXPECT_FALSE(from_jdn(calendar, last_of_year(calendar, kYearMax) + 1));
    const auto first = first_of_year(calendar, calendar <= Calendar::julian ? -kYearMax : 1);
    EXPECT_TRUE(from_jdn(calendar, first));
    EXPECT_FALSE(from_jdn(calendar, first - 1));
  }
}

TEST(Calendar, DaysThatDoNotExist) {
  const CalendarDay days[] = {
      {Calendar::gregorian, 1900, 2, 29}, {Calendar::gregorian, 2000, 2, 30},         {Calendar::gregorian, 2000, 13, 1},
      {Calendar::gregorian, 2000, 0, 1},  {Calendar::gregorian, 2000, 1, 0},          {Calendar::julian, 1901, 2, 29},
      {Calendar::hebrew, 5783, 7, 1},     {Calendar::french_republican, 2, 13, 6},    {Calendar::french_republican, 3, 13, 7},
      {Calendar::hebrew, 5784, 14, 1},    {Calendar::french_republican, 1, 1, 31},    {Calendar::gregorian, 0, 1, 1},
  };
  for (const auto& day : days) EXPECT_FALSE(is_day(day)) << day.year << ' ' << int{day.month} << ' ' << int{day.day};
  EXPECT_TRUE(is_day({Calendar::julian, 1900, 2, 29}));
  EXPECT_TRUE(is_day({Calendar::hebrew, 5784, 7, 29}));
  EXPECT_TRUE(is_day({Calendar::french_republican, 3, 13, 6}));
}

RC_GTEST_PROP(CalendarProperty, DaysGoThereAndBack, ()) {
  const auto calendar = static_cast<Calendar>(*rc::gen::inRange(0, kCalendarCount));
  const auto first = first_of_year(calendar, calendar <= Calendar::julian ? -kYearMax : 1);
  const auto jdn = *rc::gen::inRange<Jdn>(first, last_of_year(calendar, kYearMax) + 1);
  const auto day = from_jdn(calendar, jdn);
  RC_ASSERT(day.has_value());
  RC_ASSERT(is_day(*day));
  RC_ASSERT(to_jdn(*day) == jdn);
}

TEST(Calendar, UnixSeconds) {
  EXPECT_EQ(jdn_of_unix_seconds(0), kUnixEpochJdn);
  EXPECT_EQ(jdn_of_unix_seconds(86'399), kUnixEpochJdn);
  EXPECT_EQ(jdn_of_unix_seconds(86'400), kUnixEpochJdn + 1);
  EXPECT_EQ(jdn_of_unix_seconds(-1), kUnixEpochJdn - 1);
  EXPECT_EQ(jdn_of_unix_seconds(-86'400), kUnixEpochJdn - 1);
}

}  // namespace
}  // namespace tablinum::tree::model
