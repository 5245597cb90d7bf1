#include "tablinum/tree/model/date.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <iterator>

namespace tablinum::tree::model {
namespace {

struct DateCase {
  const char* text;
  const char* kind;
  const char* from;  // ISO, empty: open
  const char* to;
  int precision;
  const char* finding = "none";
};

class DateTable : public testing::TestWithParam<DateCase> {};
TEST_P(DateTable, IsReadAsWritten) {
  const auto& want = GetParam();
  const auto date = parse_date(want.text);
  EXPECT_EQ(to_string(date.kind), want.kind);
  EXPECT_EQ(date.days.min ? to_iso(*date.days.min) : "", want.from);
  EXPECT_EQ(date.days.max ? to_iso(*date.days.max) : "", want.to);
  EXPECT_EQ(int{date.precision}, want.precision);
  EXPECT_EQ(to_string(date.finding), want.finding);
}
INSTANTIATE_TEST_SUITE_P(Gedcom, DateTable, testing::Values(
    DateCase{"12 AUG 1901", "exact", "1901-08-12", "1901-08-12", 1}, DateCase{"AUG 1901", "exact", "1901-08-01", "1901-08-31", 2},
    DateCase{"1901", "exact", "1901-01-01", "1901-12-31", 3}, DateCase{"  12  aug\t1901 ", "exact", "1901-08-12", "1901-08-12", 1},
    DateCase{"02 FEB 1901", "exact", "1901-02-02", "1901-02-02", 1}, DateCase{"7", "exact", "0007-01-01", "0007-12-31", 3},
    DateCase{"ABT 1902", "about", "1897-01-01", "1907-12-31", 73}, DateCase{"ABT MAR 1902", "about", "1901-03-01", "1903-03-31", 72},
    DateCase{"ABT 5 MAR 1902", "about", "1902-02-03", "1902-04-04", 71}, DateCase{"CAL 1902", "calculated", "1897-01-01", "1907-12-31", 83},
    DateCase{"EST 1902", "estimated", "1892-01-01", "1912-12-31", 93}, DateCase{"EST JAN 1902", "estimated", "1901-01-01", "1903-01-31", 92},
    DateCase{"INT 1902 (the year of the comet)", "interpreted", "1902-01-01", "1902-12-31", 3},
    DateCase{"BEF 1902", "before", "", "1901-12-31", 4}, DateCase{"AFT 12 AUG 1902", "after", "1902-08-13", "", 4},
    DateCase{"BET 1840 AND 5 MAY 1850", "between", "1840-01-01", "1850-05-05", 5},
    DateCase{"FROM 1840 TO 1850", "period", "1840-01-01", "1850-12-31", 6}, DateCase{"FROM MAY 1840", "from", "1840-05-01", "", 6},
    DateCase{"TO MAY 1840", "to", "", "1840-05-31", 6}, DateCase{"BET 1850 AND 1840", "between", "1840-01-01", "1850-12-31", 5, "reversed"},
    DateCase{"(at harvest)", "phrase", "", "", 0}, DateCase{"", "none", "", "", 0}, DateCase{"   ", "none", "", "", 0},
    DateCase{"31 FEB 1870", "phrase", "", "", 0, "invalid"}, DateCase{"29 FEB 1900", "phrase", "", "", 0, "invalid"},
    DateCase{"0 JAN 1900", "phrase", "", "", 0, "invalid"}, DateCase{"1 JAN 0", "phrase", "", "", 0, "invalid"},
    DateCase{"10 JAN", "phrase", "", "", 0, "invalid"}, DateCase{"BET 1840", "phrase", "", "", 0, "invalid"},
    DateCase{"ABT", "phrase", "", "", 0, "invalid"}, DateCase{"1 JAN 1900 X", "phrase", "", "", 0, "invalid"},
    DateCase{"INT 1902 (open", "phrase", "", "", 0, "invalid"}, DateCase{"9999", "exact", "9999-01-01", "9999-12-31", 3},
    DateCase{"10000", "phrase", "", "", 0, "invalid"}, DateCase{"ABT 1", "about", "-0004-01-01", "0006-12-31", 73},
    DateCase{"ABT 9998", "about", "9993-01-01", "9999-12-31", 73}));
INSTANTIATE_TEST_SUITE_P(Calendars, DateTable, testing::Values(
    DateCase{"44 BCE", "exact", "-0043-01-01", "-0043-12-31", 3}, DateCase{"JULIAN 15 MAR 44 BCE", "exact", "-0043-03-13", "-0043-03-13", 1},
    DateCase{"@#DJULIAN@ 15 MAR 44 B.C.", "exact", "-0043-03-13", "-0043-03-13", 1},
    DateCase{"@#DJULIAN@ 25 OCT 1917", "exact", "1917-11-07", "1917-11-07", 1}, DateCase{"JULIAN 29 FEB 1900", "exact", "1900-03-13", "1900-03-13", 1},
    DateCase{"@#DGREGORIAN@ 1 JAN 2000", "exact", "2000-01-01", "2000-01-01", 1},
    DateCase{"@#DHEBREW@ 1 TSH 5784", "exact", "2023-09-16", "2023-09-16", 1}, DateCase{"HEBREW ADS 5784", "exact", "2024-03-11", "2024-04-08", 2},
    DateCase{"HEBREW 3 ADS 5783", "exact", "2023-02-24", "2023-02-24", 1}, DateCase{"3 TSH 5784", "exact", "2023-09-18", "2023-09-18", 1},
    DateCase{"@#DFRENCH R@ 18 BRUM 8", "exact", "1799-11-09", "1799-11-09", 1}, DateCase{"FRENCH_R 14", "exact", "1805-09-23", "1806-09-22", 3},
    DateCase{"FRENCH_R 15", "exact", "1806-09-23", "1807-09-23", 3, "late_french"}, DateCase{"9 THER 2", "exact", "1794-07-27", "1794-07-27", 1},
    DateCase{"FROM @#DJULIAN@ 1 JAN 1700 TO @#DFRENCH R@ 1 VEND 1", "period", "1700-01-11", "1792-09-22", 6},
    DateCase{"@#DROMAN@ 1 JAN 700", "phrase", "", "", 0, "unknown_calendar"}, DateCase{"_UNKNOWN 87", "phrase", "", "", 0, "unknown_calendar"},
    DateCase{"FRENCH_R 6 COMP 2", "phrase", "", "", 0, "invalid"}, DateCase{"GREGORIAN 3 VEND 2", "phrase", "", "", 0, "invalid"},
    DateCase{"HEBREW 5 BCE", "phrase", "", "", 0, "invalid"}));
INSTANTIATE_TEST_SUITE_P(DoubleYears, DateTable, testing::Values(
    DateCase{"8 JAN 1699/00", "exact", "1700-01-18", "1700-01-18", 1}, DateCase{"8 JAN 1699/1700", "exact", "1700-01-18", "1700-01-18", 1},
    DateCase{"8 JAN 1708/9", "exact", "1709-01-19", "1709-01-19", 1}, DateCase{"JAN 1699/00", "exact", "1700-01-11", "1700-02-10", 2},
    DateCase{"29 FEB 1699/00", "exact", "1700-03-11", "1700-03-11", 1},  // Julian 1700 was a leap year
    DateCase{"1699/00", "exact", "1700-01-11", "1701-01-11", 3}, DateCase{"ABT 8 JAN 1699/00", "about", "1699-12-19", "1700-02-17", 71},
    DateCase{"27 OCT 1699/00", "exact", "1699-11-06", "1699-11-06", 1, "odd_dual"},
    DateCase{"@#DGREGORIAN@ 8 JAN 1699/00", "exact", "1700-01-08", "1700-01-08", 1},
    DateCase{"9 Mar 1577-1578", "exact", "1578-03-19", "1578-03-19", 1, "other_form"}, DateCase{"8 JAN 1699/05", "phrase", "", "", 0, "invalid"},
    DateCase{"9999/00", "phrase", "", "", 0, "invalid"}, DateCase{"9997/98", "exact", "9998-03-15", "9999-03-14", 3}));
INSTANTIATE_TEST_SUITE_P(Eras, DateTable, testing::Values(
    DateCase{"44 v. Chr.", "exact", "-0043-01-01", "-0043-12-31", 3, "other_form"}, DateCase{"44 av. J.-C.", "exact", "-0043-01-01", "-0043-12-31", 3, "other_form"},
    DateCase{"44 a. C.", "exact", "-0043-01-01", "-0043-12-31", 3, "other_form"}, DateCase{"15. März 44 v.Chr.", "exact", "-0043-03-15", "-0043-03-15", 1, "other_form"},
    DateCase{"um 300 n. Chr.", "about", "0295-01-01", "0305-12-31", 73, "other_form"}, DateCase{"vers 44 avant J.-C.", "about", "-0048-01-01", "-0038-12-31", 73, "other_form"},
    DateCase{"v. Chr.", "phrase", "", "", 0, "invalid"}, DateCase{"15 v. 44", "phrase", "", "", 0, "invalid"},
    DateCase{"1850er", "between", "1850-01-01", "1859-12-31", 5, "other_form"}, DateCase{"depuis 1840", "after", "1841-01-01", "", 4, "other_form"}));
INSTANTIATE_TEST_SUITE_P(OtherForms, DateTable, testing::Values(
    DateCase{"~1850", "about", "1845-01-01", "1855-12-31", 73, "other_form"}, DateCase{"c. 1850", "about", "1845-01-01", "1855-12-31", 73, "other_form"},
    DateCase{"ca.1850", "about", "1845-01-01", "1855-12-31", 73, "other_form"}, DateCase{"Abt. 1850", "about", "1845-01-01", "1855-12-31", 73, "other_form"},
    DateCase{"1850?", "about", "1845-01-01", "1855-12-31", 73, "other_form"}, DateCase{"<1850", "before", "", "1849-12-31", 4, "other_form"},
    DateCase{">1850", "after", "1851-01-01", "", 4, "other_form"}, DateCase{"1850-03-12", "exact", "1850-03-12", "1850-03-12", 1, "other_form"},
    DateCase{"1850-03", "exact", "1850-03-01", "1850-03-31", 2, "other_form"}, DateCase{"1850/03/12", "exact", "1850-03-12", "1850-03-12", 1, "other_form"},
    DateCase{"18500312", "exact", "1850-03-12", "1850-03-12", 1, "other_form"}, DateCase{"12031850", "phrase", "", "", 0, "ambiguous"},
    DateCase{"1850s", "between", "1850-01-01", "1859-12-31", 5, "other_form"}, DateCase{"1850's", "between", "1850-01-01", "1859-12-31", 5, "other_form"},
    DateCase{"1855s", "phrase", "", "", 0, "invalid"}, DateCase{"Q2 1850", "between", "1850-04-01", "1850-06-30", 5, "other_form"},
    DateCase{"4Q 1850", "between", "1850-10-01", "1850-12-31", 5, "other_form"}, DateCase{"1850-Q1", "between", "1850-01-01", "1850-03-31", 5, "other_form"},
    DateCase{"Q5 1850", "phrase", "", "", 0, "invalid"}, DateCase{"12.3.1850", "exact", "1850-03-12", "1850-03-12", 1, "other_form"},
    DateCase{"12. 3. 1850", "exact", "1850-03-12", "1850-03-12", 1, "other_form"}, DateCase{"3/1850", "exact", "1850-03-01", "1850-03-31", 2, "other_form"},
    DateCase{"3/4/1850", "phrase", "", "", 0, "ambiguous"}, DateCase{"3-4-1850", "phrase", "", "", 0, "ambiguous"},
    DateCase{"13/4/1850", "exact", "1850-04-13", "1850-04-13", 1, "other_form"}, DateCase{"4/13/1850", "exact", "1850-04-13", "1850-04-13", 1, "other_form"},
    DateCase{"4/4/1850", "exact", "1850-04-04", "1850-04-04", 1, "other_form"}, DateCase{"13/13/1850", "phrase", "", "", 0, "invalid"},
    DateCase{"1850-55", "between", "1850-01-01", "1855-12-31", 5, "other_form"}, DateCase{"1850-1855", "between", "1850-01-01", "1855-12-31", 5, "other_form"},
    DateCase{"1850 – 1855", "between", "1850-01-01", "1855-12-31", 5, "other_form"}, DateCase{"ABT 1103/1105", "between", "1103-01-01", "1105-12-31", 5, "other_form"},
    DateCase{"BET 01 JAN AND 31 AUG 1977", "between", "1977-01-01", "1977-08-31", 5, "other_form"},
    DateCase{"March 12th, 1850", "exact", "1850-03-12", "1850-03-12", 1, "other_form"}, DateCase{"12th of March 1850", "exact", "1850-03-12", "1850-03-12", 1, "other_form"},
    DateCase{"12-Mar-1850", "exact", "1850-03-12", "1850-03-12", 1, "other_form"}, DateCase{"Sept. 1850", "exact", "1850-09-01", "1850-09-30", 2, "other_form"},
    DateCase{"1850 March 12", "exact", "1850-03-12", "1850-03-12", 1, "other_form"}, DateCase{"1850 to 1855", "period", "1850-01-01", "1855-12-31", 6, "other_form"},
    DateCase{"after the 1850s", "after", "1860-01-01", "", 4, "other_form"}, DateCase{"spring 1850", "phrase", "", "", 0, "invalid"},
    DateCase{"3 days before Easter 1712", "phrase", "", "", 0, "invalid"}, DateCase{"12.3.50", "phrase", "", "", 0, "invalid"},
    DateCase{"998-2-000", "phrase", "", "", 0, "invalid"}));
INSTANTIATE_TEST_SUITE_P(Languages, DateTable, testing::Values(
    DateCase{"um 1850", "about", "1845-01-01", "1855-12-31", 73, "other_form"}, DateCase{"vor 12. März 1850", "before", "", "1850-03-11", 4, "other_form"},
    DateCase{"zwischen 1850 und 1855", "between", "1850-01-01", "1855-12-31", 5, "other_form"},
    DateCase{"von Januar 1850 bis März 1851", "period", "1850-01-01", "1851-03-31", 6, "other_form"},
    DateCase{"1er janvier 1850", "exact", "1850-01-01", "1850-01-01", 1, "other_form"}, DateCase{"vers 1850", "about", "1845-01-01", "1855-12-31", 73, "other_form"},
    DateCase{"de 1850 à 1855", "period", "1850-01-01", "1855-12-31", 6, "other_form"}, DateCase{"18 brumaire an 8", "exact", "1799-11-09", "1799-11-09", 1, "other_form"},
    DateCase{"hacia marzo de 1850", "about", "1849-03-01", "1851-03-31", 72, "other_form"}, DateCase{"antes de 1850", "before", "", "1849-12-31", 4, "other_form"},
    DateCase{"entre 1850 y 1855", "between", "1850-01-01", "1855-12-31", 5, "other_form"}, DateCase{"en 1850", "exact", "1850-01-01", "1850-12-31", 3, "other_form"},
    DateCase{"tussen 1850 en 1855", "between", "1850-01-01", "1855-12-31", 5, "other_form"}, DateCase{"12 maart 1850", "exact", "1850-03-12", "1850-03-12", 1, "other_form"},
    DateCase{"约1850年", "about", "1845-01-01", "1855-12-31", 73, "other_form"}, DateCase{"1850年3月12日", "exact", "1850-03-12", "1850-03-12", 1, "other_form"},
    DateCase{"לפני 1850", "before", "", "1849-12-31", 4, "other_form"}, DateCase{"בערך 1850", "about", "1845-01-01", "1855-12-31", 73, "other_form"},
    DateCase{"12 марта 1850 года", "exact", "1850-03-12", "1850-03-12", 1, "other_form"}, DateCase{"12 Ndira 1950", "exact", "1950-01-12", "1950-01-12", 1, "other_form"},
    DateCase{"12 Zibandlela 1950", "exact", "1950-01-12", "1950-01-12", 1, "other_form"}, DateCase{"15 Tishri 5750", "exact", "1989-10-14", "1989-10-14", 1, "other_form"}));

TEST(Date, PhraseIsTheTextOrWhatStandsInParentheses) {
  EXPECT_EQ(parse_date("INT 1902 (the year of the comet)").phrase, "the year of the comet");
  EXPECT_EQ(parse_date("(at harvest)").phrase, "at harvest");
  EXPECT_EQ(parse_date(" spring 1850 ").phrase, "spring 1850");
  EXPECT_EQ(parse_date("()").phrase, "");
}

TEST(Date, LongTextsAreNotRead) {
  std::string text = "1850";
  text.insert(0, "ABT ");
  text.insert(4, kDateBytesMax - text.size(), ' ');
  EXPECT_EQ(parse_date(text).kind, DateKind::about);
  text.insert(4, 1, ' ');
  EXPECT_EQ(parse_date(text).kind, DateKind::phrase);
  EXPECT_EQ(parse_date(text).finding, DateFinding::invalid);
}

struct PrintCase {
  const char *text, *as_551, *as_70;
};
TEST(Date, Printing) {
  const PrintCase cases[] = {
      {"12 aug 1901", "12 AUG 1901", "12 AUG 1901"},
      {"@#DJULIAN@ 15 MAR 44 B.C.", "@#DJULIAN@ 15 MAR 44 B.C.", "JULIAN 15 MAR 44 BCE"},
      {"FRENCH_R 18 BRUM 8", "@#DFRENCH R@ 18 BRUM 8", "FRENCH_R 18 BRUM 8"},
      {"BET HEBREW TSH 5784 AND 2024", "BET @#DHEBREW@ TSH 5784 AND 2024", "BET HEBREW TSH 5784 AND 2024"},
      {"8 JAN 1699/00", "@#DJULIAN@ 8 JAN 1699/00", "JULIAN 8 JAN 1700"},
      {"INT 1902 (comet)", "INT 1902 (comet)", "1902"},
      {"(at harvest)", "(at harvest)", ""},
      {"um 1850", "ABT 1850", "ABT 1850"},
      {"FROM 1840 TO 1850", "FROM 1840 TO 1850", "FROM 1840 TO 1850"},
      {"TO 1850", "TO 1850", "TO 1850"},
      {"", "", ""},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(print_551(parse_date(each.text)), each.as_551);
    EXPECT_EQ(print_70(parse_date(each.text)), each.as_70);
  }
}

DatePoint any_point() {
  DatePoint point;
  point.calendar = static_cast<Calendar>(*rc::gen::inRange(0, kCalendarCount));
  point.year = *rc::gen::inRange(1, kYearMax + 1);
  if (point.calendar <= Calendar::julian && *rc::gen::inRange(0, 5) == 0) point.year = -point.year;
  const int precision = *rc::gen::inRange(1, 4);
  if (precision < 3) point.month = static_cast<std::uint8_t>(*rc::gen::inRange(1, last_month(point.calendar) + 1));
  if (days_in_month(point.calendar, point.year, point.month) == 0) point.month = 0;
  if (precision < 2 && point.month != 0)
    point.day = static_cast<std::uint8_t>(*rc::gen::inRange(1, days_in_month(point.calendar, point.year, point.month) + 1));
  return point;
}

Date any_date() {
  Date date;
  date.kind = static_cast<DateKind>(*rc::gen::inRange(static_cast<int>(DateKind::exact), static_cast<int>(DateKind::period) + 1));
  date.first = any_point();
  if (date.kind == DateKind::between || date.kind == DateKind::period) date.second = any_point();
  date.phrase = date.kind == DateKind::interpreted ? "words" : "";
  return date;
}

RC_GTEST_PROP(DateProperty, PrintedDatesAreReadBack, ()) {
  const auto date = any_date();
  const auto text_551 = print_551(date), text_70 = print_70(date);
  const auto read = parse_date(text_551), read_70 = parse_date(text_70);
  RC_ASSERT(read.kind == date.kind);
  RC_ASSERT(read.first == date.first);
  RC_ASSERT(read.second == date.second);
  RC_ASSERT(read.phrase == date.phrase);
  RC_ASSERT(read_70.first == date.first);
  RC_ASSERT(read_70.days == read.days);
  RC_ASSERT((read.finding != DateFinding::invalid && read.finding != DateFinding::other_form));
}

// "ABT 3 MAR 1850" is read by a short way of its own, "ABT @#DGREGORIAN@ 3 MAR 1850" by the grammar; also where no such day exists.
RC_GTEST_PROP(DateProperty, TheUsualFormsAreReadAsTheGrammarReadsThem, ()) {
  const auto prefix = *rc::gen::element<std::string>("", "ABT ", "CAL ", "EST ", "BEF ", "AFT ", "TO ", "FROM ", "INT ", "abt ");
  const auto month = *rc::gen::element<std::string>("JAN ", "FEB ", "JUN ", "NOV ", "DEC ", "VEND ", "XYZ ", "mar ", "");
  const auto day = month.empty() ? std::string{} : *rc::gen::element<std::string>("", "0 ", "00 ", "1 ", "05 ", "29 ", "30 ", "31 ", "32 ", "99 ");
  const auto year = *rc::gen::element<std::string>("1", "85", "0001", "0000", "1600", "1799", "1850", "1900", "2000", "9999");
  const auto usual = parse_date(prefix + day + month + year);
  const auto grammar = parse_date(prefix + "@#DGREGORIAN@ " + day + month + year);
  if (usual.first.calendar != Calendar::gregorian) return;  // VEND is a month of another calendar, where none is named
  RC_ASSERT(usual.kind == grammar.kind);
  RC_ASSERT(usual.first == grammar.first);
  RC_ASSERT(usual.days.min == grammar.days.min && usual.days.max == grammar.days.max);
  RC_ASSERT(usual.precision == grammar.precision);
  RC_ASSERT(usual.finding == grammar.finding);
}

RC_GTEST_PROP(DateProperty, BoundsAreOrderedAndHoldTheDay, ()) {
  const auto text = print_551(any_date());
  const auto date = parse_date(text);
  RC_ASSERT(!date.days.open());
  RC_ASSERT((!date.days.min || !date.days.max || *date.days.min <= *date.days.max));
}

DateOrder order_of(const char* a, const char* b) { return compare(parse_date(a).days, parse_date(b).days); }

TEST(Date, ComparisonIsThreeValued) {
  EXPECT_EQ(order_of("1850", "1851"), DateOrder::before);
  EXPECT_EQ(order_of("1851", "1850"), DateOrder::after);
  EXPECT_EQ(order_of("1850", "JUN 1850"), DateOrder::overlap);
  EXPECT_EQ(order_of("BEF 1850", "1850"), DateOrder::before);
  EXPECT_EQ(order_of("BEF 1850", "1849"), DateOrder::overlap);
  EXPECT_EQ(order_of("AFT 1850", "1850"), DateOrder::after);
  EXPECT_EQ(order_of("ABT 1850", "1856"), DateOrder::before);
  EXPECT_EQ(order_of("ABT 1850", "1855"), DateOrder::overlap);
  EXPECT_EQ(order_of("(unknown)", "1850"), DateOrder::overlap);
  EXPECT_EQ(order_of("@#DJULIAN@ 25 DEC 1750", "5 JAN 1751"), DateOrder::overlap);
}

TEST(Date, SortKeyOrdersATimeline) {
  const char* in_order[] = {"1840", "BEF 1 JAN 1850", "1 JAN 1850", "JAN 1850", "1850", "BET 1850 AND 1855", "ABT 1855", "AFT 31 DEC 1849",
                            "1851", "(unknown)"};
  // AFT 31 DEC 1849 begins on the first day of 1850 and comes after all that is plain on that day; ABT 1855 begins there too.
  for (std::size_t i = 0; i + 1 < std::size(in_order); ++i)
    EXPECT_LT(sort_key(parse_date(in_order[i])), sort_key(parse_date(in_order[i + 1]))) << in_order[i];
}

TEST(Date, WhatTheApiSays) {
  const auto about = to_api(parse_date("abt 1902"));
  EXPECT_EQ(about.kind, "about");
  EXPECT_EQ(about.from, "1897-01-01");
  EXPECT_EQ(about.to, "1907-12-31");
  EXPECT_EQ(about.calendar, "gregorian");
  EXPECT_EQ(about.precision, "about");
  EXPECT_EQ(about.finding, "");
  EXPECT_EQ(about.gedcom, "ABT 1902");
  const auto mixed = to_api(parse_date("FROM @#DJULIAN@ 1700 TO 1 MAR 1752"));
  EXPECT_EQ(mixed.calendar, "julian");
  EXPECT_EQ(mixed.second_calendar, "gregorian");
  const auto words = to_api(parse_date("spring 1850"));
  EXPECT_EQ(words.kind, "phrase");
  EXPECT_EQ(words.calendar, "");
  EXPECT_EQ(words.finding, "invalid");
  EXPECT_EQ(words.gedcom, "");
}

TEST(Date, IsoBeforeTheCommonEraIsAstronomical) {
  EXPECT_EQ(to_iso(parse_date("GREGORIAN 15 MAR 44 BCE").days.min.value()), "-0043-03-15");
  EXPECT_EQ(to_iso(parse_date("1 JAN 1 BCE").days.min.value()), "0000-01-01");
  EXPECT_EQ(to_iso(1 << 30), "");
}

// Every date of the official test file follows the grammar, so all of them but the deliberately unknown calendars must be read.
TEST(Date, OfficialFile) {
  std::ifstream file{TABLINUM_SHARED "/data/gedcom/gedcom7-official/date.ged"};
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("2 DATE ")) continue;
    if (line.ends_with('\r')) line.pop_back();
    const auto text = std::string_view{line}.substr(7);
    const auto date = parse_date(text);
    // 13 and more complementary days exist in no year, though the grammar allows the number.
    if (date.understood()) EXPECT_EQ(parse_date(print_70(date)).days, date.days) << line;
    else EXPECT_TRUE(text.contains('_') && (date.finding == DateFinding::unknown_calendar || text.contains("COMP"))) << line;
  }
}

}  // namespace
}  // namespace tablinum::tree::model
