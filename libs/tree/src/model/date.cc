#include "tablinum/tree/model/date.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <span>
#include <utility>

#include "model/date_text.h"

namespace tablinum::tree::model {
namespace {

using date_text::Words;
using date_text::equal_ignoring_case;

struct CalendarName {
  std::string_view escape_551, keyword_70;
  Calendar calendar;
};
constexpr std::array<CalendarName, 4> kCalendars{{{"@#DGREGORIAN@", "GREGORIAN", Calendar::gregorian},
                                                  {"@#DJULIAN@", "JULIAN", Calendar::julian},
                                                  {"@#DHEBREW@", "HEBREW", Calendar::hebrew},
                                                  {"@#DFRENCH R@", "FRENCH_R", Calendar::french_republican}}};

constexpr std::array<std::string_view, 12> kChristianMonths{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                            "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 13> kHebrewMonths{"TSH", "CSH", "KSL", "TVT", "SHV", "ADR", "ADS",
                                                         "NSN", "IYR", "SVN", "TMZ", "AAV", "ELL"};
constexpr std::array<std::string_view, 13> kFrenchMonths{"VEND", "BRUM", "FRIM", "NIVO", "PLUV", "VENT", "GERM",
                                                         "FLOR", "PRAI", "MESS", "THER", "FRUC", "COMP"};

std::span<const std::string_view> months_of(Calendar calendar) {
  switch (calendar) {
    case Calendar::hebrew: return kHebrewMonths;
    case Calendar::french_republican: return kFrenchMonths;
    default: return kChristianMonths;
  }
}

int month_of(Calendar calendar, std::string_view word) {
  const auto months = months_of(calendar);
  for (std::size_t i = 0; i < months.size(); ++i)
    if (equal_ignoring_case(word, months[i])) return static_cast<int>(i) + 1;
  return 0;
}

// ---- reading: the grammar of both dialects. Anything else goes to date_text::read_other_forms(). ----

// What stands in front of a date, with its calendar taken off. An unknown calendar is a reason to stop.
enum class CalendarWord { absent, known, unknown };

CalendarWord take_calendar(Words& words, Calendar& calendar) {
  const auto rest = words.rest();
  for (const auto& name : kCalendars) {
    if (date_text::starts_ignoring_case(rest, name.escape_551)) {
      words.skip_bytes(name.escape_551.size());
      return calendar = name.calendar, CalendarWord::known;
    }
    if (equal_ignoring_case(words.peek(), name.keyword_70)) {
      words.next();
      return calendar = name.calendar, CalendarWord::known;
    }
  }
  if (rest.starts_with("@#") || rest.starts_with('_')) return CalendarWord::unknown;
  return CalendarWord::absent;
}

// A word that is a month of some calendar fixes the calendar where none is named: nobody writes VEND of a Gregorian year.
int take_month(Words& words, bool calendar_named, DatePoint& point) {
  const auto word = words.peek();
  if (word.empty() || date_text::is_digit(word.front())) return 0;
  int month = month_of(point.calendar, word);
  if (month == 0 && !calendar_named) {
    for (const auto calendar : {Calendar::french_republican, Calendar::hebrew}) {
      if ((month = month_of(calendar, word)) == 0) continue;
      point.calendar = calendar;
      break;
    }
  }
  if (month != 0) words.next();
  return month;
}

// "1699", "1699/00", "1699/1700", "1699/0"
bool take_year(Words& words, bool calendar_named, DatePoint& point, DateFinding& finding) {
  const auto word = words.peek();
  const auto slash = word.find('/');
  const auto year = date_text::parse_number(word.substr(0, slash), 4);
  if (!year || *year == 0) return false;
  point.year = *year;
  if (slash != std::string_view::npos) {
    if (!date_text::is_next_year(*year, word.substr(slash + 1))) return false;
    point.dual = true;
    if (!calendar_named && point.calendar == Calendar::gregorian) point.calendar = Calendar::julian;
    if (point.month > 3) finding = DateFinding::odd_dual;
  }
  words.next();
  return true;
}

void take_epoch(Words& words, DatePoint& point) {
  for (const std::string_view epoch : {"BCE", "BC", "B.C.", "B.C"}) {
    if (!equal_ignoring_case(words.peek(), epoch)) continue;
    words.next();
    point.year = -point.year;
    return;
  }
}

bool take_point(Words& words, DatePoint& point, DateFinding& finding) {
  const auto calendar_word = take_calendar(words, point.calendar);
  if (calendar_word == CalendarWord::unknown) return finding = DateFinding::unknown_calendar, false;
  const bool named = calendar_word == CalendarWord::known;
  const auto ahead = words;
  if (const auto day = date_text::parse_number(words.peek(), 2)) {
    words.next();
    const int month = take_month(words, named, point);
    if (month != 0 && *day == 0) return false;
    if (month == 0) words = ahead;  // the number was the year
    if (month != 0) point.day = static_cast<std::uint8_t>(*day);
    point.month = static_cast<std::uint8_t>(month);
  } else {
    point.month = static_cast<std::uint8_t>(take_month(words, named, point));
  }
  if (!take_year(words, named, point, finding)) return false;
  take_epoch(words, point);
  return true;
}

bool take_keyword(Words& words, std::string_view keyword) {
  auto word = words.peek();
  if (!equal_ignoring_case(word, keyword)) return false;
  words.next();
  return true;
}

struct Prefix {
  std::string_view keyword;
  DateKind kind;
};
constexpr std::array<Prefix, 7> kPrefixes{{{"ABT", DateKind::about},
                                           {"CAL", DateKind::calculated},
                                           {"EST", DateKind::estimated},
                                           {"INT", DateKind::interpreted},
                                           {"BEF", DateKind::before},
                                           {"AFT", DateKind::after},
                                           {"TO", DateKind::to}}};

std::optional<DateKind> take_prefix(Words& words) {
  for (const auto& prefix : kPrefixes)
    if (take_keyword(words, prefix.keyword)) return prefix.kind;
  return std::nullopt;
}

// The text between parentheses at the end of INT, if it is all that is left.
bool take_phrase(Words& words, std::string_view& phrase) {
  const auto rest = words.rest();
  if (rest.empty()) return true;
  if (rest.size() < 2 || rest.front() != '(' || rest.back() != ')') return false;
  phrase = rest.substr(1, rest.size() - 2);
  words.skip_bytes(rest.size());
  return true;
}

// Reads a whole GEDCOM date; false if it is anything else. `date.finding` may then say why it cannot be read at all.
bool read_gedcom(std::string_view text, Date& date) {
  Words words{text};
  if (take_keyword(words, "BET")) {
    date.kind = DateKind::between;
    return take_point(words, date.first, date.finding) && take_keyword(words, "AND") &&
           take_point(words, date.second, date.finding) && words.rest().empty();
  }
  if (take_keyword(words, "FROM")) {
    date.kind = DateKind::from;
    if (!take_point(words, date.first, date.finding)) return false;
    if (words.rest().empty()) return true;
    date.kind = DateKind::period;
    return take_keyword(words, "TO") && take_point(words, date.second, date.finding) && words.rest().empty();
  }
  date.kind = take_prefix(words).value_or(DateKind::exact);
  if (!take_point(words, date.first, date.finding)) return false;
  if (date.kind == DateKind::interpreted && !take_phrase(words, date.phrase)) return false;
  return words.rest().empty();
}

std::optional<int> digits_of(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (!date_text::is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// A point of the Gregorian calendar as nearly all are written: "3 MAR 1850", "MAR 1850", "1850"; four digits, single blanks, upper case.
bool read_usual_point(std::string_view text, DatePoint& point) {
  constexpr std::size_t kYearDigits = 4, kMonthLetters = 3;
  if (text.size() < kYearDigits) return false;
  const auto year = digits_of(text.substr(text.size() - kYearDigits));
  if (!year || *year == 0) return false;
  point.year = *year;
  text.remove_suffix(kYearDigits);
  if (text.empty()) return true;
  if (text.size() < kMonthLetters + 1 || text.back() != ' ') return false;
  const auto* const month = std::ranges::find(kChristianMonths, text.substr(text.size() - kMonthLetters - 1, kMonthLetters));
  if (month == kChristianMonths.end()) return false;
  point.month = static_cast<std::uint8_t>(month - kChristianMonths.begin() + 1);
  text.remove_suffix(kMonthLetters + 1);
  if (text.empty()) return true;
  if (text.size() > 3 || text.back() != ' ') return false;
  const auto day = digits_of(text.substr(0, text.size() - 1));
  if (!day || *day == 0) return false;
  point.day = static_cast<std::uint8_t>(*day);
  return true;
}

// What read_gedcom() makes of most texts, in a fifth of the time: an import reads each date three times. False says nothing.
bool read_usual(std::string_view text, Date& date) {
  date.kind = DateKind::exact;
  if (text.size() > 4 && text[3] == ' ') {
    for (const auto& prefix : kPrefixes) {
      if (prefix.kind != DateKind::interpreted && text.substr(0, 3) == prefix.keyword) date.kind = prefix.kind;
    }
    if (date.kind != DateKind::exact) text.remove_prefix(4);
  }
  return read_usual_point(text, date.first);
}

// ---- meaning: points to days ----

// The year that counts: of a double year in January to March (or without a month) the second.
std::int32_t counted_year(const DatePoint& point) { return point.dual && point.month <= 3 ? point.year + 1 : point.year; }

bool point_exists(const DatePoint& point) {
  const auto year = counted_year(point);
  if (!is_year(point.calendar, point.year) || !is_year(point.calendar, year)) return false;
  if (point.dual && (point.year < 0 || point.calendar > Calendar::julian)) return false;
  if (point.month == 0) return point.day == 0;
  const int days = days_in_month(point.calendar, year, point.month);
  return days > 0 && point.day <= days;
}

// A common Hebrew year has one Adar; whoever wrote ADS in it meant that one.
void settle_adar(DatePoint& point) {
  constexpr std::uint8_t kAdar = 6, kAdarSheni = 7;
  if (point.calendar == Calendar::hebrew && point.month == kAdarSheni && is_year(point.calendar, point.year) &&
      !is_leap_year(point.calendar, point.year))
    point.month = kAdar;
}

struct Span {
  Jdn first, last;
};

Span days_of(const DatePoint& point) {
  const auto year = counted_year(point);
  if (point.month == 0) return {first_of_year(point.calendar, year), last_of_year(point.calendar, year)};
  if (point.day == 0) return {first_of_month(point.calendar, year, point.month), last_of_month(point.calendar, year, point.month)};
  const Jdn day = to_jdn({point.calendar, year, point.month, point.day});
  return {day, day};
}

std::uint8_t precision_of(const DatePoint& point) { return point.day != 0 ? kDay : point.month != 0 ? kMonth : kYear; }

// The year `by` years away, kept within what the calendar can count; there is no year 0.
std::int32_t shifted_year(Calendar calendar, std::int32_t year, std::int32_t by) {
  std::int32_t shifted = year + by;
  if ((year < 0) != (shifted < 0) || shifted == 0) shifted += by < 0 ? -1 : 1;
  const std::int32_t first = calendar <= Calendar::julian ? -kYearMax : 1;
  return std::clamp(shifted, first, kYearMax);
}

Span around(const DatePoint& point, std::int32_t years) {
  const auto span = days_of(point);
  if (point.day != 0) return {span.first - kAboutDayDays, span.last + kAboutDayDays};
  if (point.month != 0) return {span.first - kAboutMonthDays, span.last + kAboutMonthDays};
  const auto year = counted_year(point);
  return {first_of_year(point.calendar, shifted_year(point.calendar, year, -years)),
          last_of_year(point.calendar, shifted_year(point.calendar, year, years))};
}

void set_approximate(Date& date, Precision precision, std::int32_t years) {
  const auto span = around(date.first, years);
  date.days = {span.first, span.last};
  date.precision = static_cast<std::uint8_t>(precision + precision_of(date.first));
}

void set_range(Date& date, Precision precision) {
  auto from = days_of(date.first), to = days_of(date.second);
  if (from.first > to.last) {
    std::swap(from, to);
    date.finding = DateFinding::reversed;
  }
  date.days = {from.first, to.last};
  date.precision = precision;
}

void set_days(Date& date) {
  const auto span = days_of(date.first);
  switch (date.kind) {
    case DateKind::about: return set_approximate(date, kAbout, kAboutYears);
    case DateKind::calculated: return set_approximate(date, kCalculated, kAboutYears);
    case DateKind::estimated: return set_approximate(date, kEstimated, kEstimatedYears);
    case DateKind::between: return set_range(date, kBetween);
    case DateKind::period: return set_range(date, kPeriod);
    case DateKind::before: date.days = {std::nullopt, span.first - 1}; date.precision = kOpenRange; return;
    case DateKind::after: date.days = {span.last + 1, std::nullopt}; date.precision = kOpenRange; return;
    case DateKind::from: date.days = {span.first, std::nullopt}; date.precision = kPeriod; return;
    case DateKind::to: date.days = {std::nullopt, span.last}; date.precision = kPeriod; return;
    default: date.days = {span.first, span.last}; date.precision = precision_of(date.first); return;
  }
}

bool is_late_french(const DatePoint& point) {
  return point.calendar == Calendar::french_republican && point.year > kFrenchYearOfficialMax;
}

// Turns what was read into days; false if a day does not exist.
bool settle(Date& date) {
  settle_adar(date.first);
  settle_adar(date.second);
  const bool has_end = date.kind == DateKind::between || date.kind == DateKind::period;
  if (!point_exists(date.first) || (has_end && !point_exists(date.second))) return false;
  if (date.finding <= DateFinding::other_form && (is_late_french(date.first) || is_late_french(date.second)))
    date.finding = DateFinding::late_french;
  set_days(date);
  return true;
}

Date phrase_of(std::string_view text, DateFinding finding) {
  Date date;
  date.kind = DateKind::phrase;
  date.finding = finding;
  date.phrase = text;
  return date;
}

// ---- printing ----

void append_number(std::string& out, int number) {
  std::array<char, 12> digits;
  out.append(digits.data(), static_cast<std::size_t>(std::snprintf(digits.data(), digits.size(), "%d", number)));
}

void append_point(std::string& out, const DatePoint& point, bool dialect_551) {
  const auto& name = kCalendars[static_cast<std::size_t>(point.calendar)];
  if (point.calendar != Calendar::gregorian || (point.dual && dialect_551))
    out.append(dialect_551 ? name.escape_551 : name.keyword_70).push_back(' ');
  if (point.day != 0) append_number(out, point.day), out.push_back(' ');
  if (point.month != 0) out.append(month_code(point.calendar, point.month)).push_back(' ');
  const auto year = dialect_551 ? point.year : counted_year(point);
  append_number(out, year < 0 ? -year : year);
  if (point.dual && dialect_551) {
    const int next = (point.year + 1) % 100;
    out.push_back('/');
    if (next < 10) out.push_back('0');
    append_number(out, next);
  }
  if (year < 0) out.append(dialect_551 ? " B.C." : " BCE");
}

std::string print(const Date& date, bool dialect_551) {
  std::string out;
  const auto point = [&](std::string_view word, const DatePoint& p) {
    out.append(word);
    append_point(out, p, dialect_551);
  };
  switch (date.kind) {
    case DateKind::none: break;
    case DateKind::phrase:
      if (dialect_551) out.append("(").append(date.phrase).append(")");
      break;
    case DateKind::exact: point("", date.first); break;
    case DateKind::about: point("ABT ", date.first); break;
    case DateKind::calculated: point("CAL ", date.first); break;
    case DateKind::estimated: point("EST ", date.first); break;
    case DateKind::before: point("BEF ", date.first); break;
    case DateKind::after: point("AFT ", date.first); break;
    case DateKind::from: point("FROM ", date.first); break;
    case DateKind::to: point("TO ", date.first); break;
    case DateKind::interpreted:  // 7.0 has no INT: the date stands alone, the words in PHRASE
      point(dialect_551 ? "INT " : "", date.first);
      if (dialect_551) out.append(" (").append(date.phrase).append(")");
      break;
    case DateKind::between: point("BET ", date.first), point(" AND ", date.second); break;
    case DateKind::period: point("FROM ", date.first), point(" TO ", date.second); break;
  }
  return out;
}

std::string_view precision_name(std::uint8_t precision) {
  constexpr std::array<std::string_view, 10> kNames{"",        "day",    "month", "year",       "range",
                                                    "between", "period", "about", "calculated", "estimated"};
  const std::size_t index = precision >= 10 ? precision / 10 : precision;
  return index < kNames.size() ? kNames[index] : std::string_view{};
}

}  // namespace

Date parse_date(std::string_view text) {
  text = date_text::trim(text);
  if (text.empty()) return {};
  if (text.front() == '(' && text.back() == ')' && text.size() >= 2) return phrase_of(text.substr(1, text.size() - 2), DateFinding::none);
  if (text.size() > kDateBytesMax) return phrase_of(text, DateFinding::invalid);
  if (Date date; read_usual(text, date) && settle(date)) return date;
  Date date;
  if (read_gedcom(text, date)) {
    if (settle(date)) return date;
    return phrase_of(text, DateFinding::invalid);
  }
  if (date.finding == DateFinding::unknown_calendar) return phrase_of(text, date.finding);
  date = date_text::read_other_forms(text);
  if (date.understood() && settle(date)) return date;
  return phrase_of(text, date.finding == DateFinding::ambiguous ? DateFinding::ambiguous : DateFinding::invalid);
}

std::string print_551(const Date& date) { return print(date, true); }
std::string print_70(const Date& date) { return print(date, false); }

std::string to_iso(Jdn day) {
  const auto date = from_jdn(Calendar::gregorian, day);
  if (!date) return {};
  const int year = date->year < 0 ? date->year + 1 : date->year;
  std::array<char, 32> text;
  const int size = std::snprintf(text.data(), text.size(), year < 0 ? "%05d-%02d-%02d" : "%04d-%02d-%02d", year, date->month, date->day);
  return {text.data(), static_cast<std::size_t>(size)};
}

ApiDate to_api(const Date& date) {
  ApiDate api;
  api.kind = to_string(date.kind);
  if (date.days.min) api.from = to_iso(*date.days.min);
  if (date.days.max) api.to = to_iso(*date.days.max);
  if (date.understood()) api.calendar = to_string(date.first.calendar);
  if (!date.second.empty() && date.second.calendar != date.first.calendar) api.second_calendar = to_string(date.second.calendar);
  api.precision = precision_name(date.precision);
  if (date.finding != DateFinding::none) api.finding = to_string(date.finding);
  api.gedcom = print_70(date);
  return api;
}

DateOrder compare(const DateBounds& a, const DateBounds& b) noexcept {
  if (a.max && b.min && *a.max < *b.min) return DateOrder::before;
  if (a.min && b.max && *a.min > *b.max) return DateOrder::after;
  return DateOrder::overlap;
}

DateSortKey sort_key(const Date& date) noexcept {
  constexpr std::uint8_t kBeforeSide = 0, kPlain = 1, kAfterSide = 2;
  if (date.days.open()) return {std::numeric_limits<Jdn>::max(), kPlain, date.precision};
  const auto side = !date.days.min ? kBeforeSide : !date.days.max && date.kind == DateKind::after ? kAfterSide : kPlain;
  return {date.days.min ? *date.days.min : *date.days.max, side, date.precision};
}

std::string_view month_code(Calendar calendar, int month) noexcept {
  const auto months = months_of(calendar);
  return month >= 1 && static_cast<std::size_t>(month) <= months.size() ? months[static_cast<std::size_t>(month) - 1] : std::string_view{};
}

std::string_view to_string(Calendar calendar) noexcept {
  constexpr std::array<std::string_view, kCalendarCount> kNames{"gregorian", "julian", "hebrew", "french_republican"};
  return kNames[static_cast<std::size_t>(calendar)];
}

std::string_view to_string(DateKind kind) noexcept {
  constexpr std::array<std::string_view, 13> kNames{"none",   "phrase", "exact",   "about", "calculated", "estimated", "interpreted",
                                                    "before", "after",  "between", "from",  "to",         "period"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view to_string(DateFinding finding) noexcept {
  constexpr std::array<std::string_view, 8> kNames{"none",        "other_form", "ambiguous", "invalid",
                                                   "late_french", "odd_dual",   "reversed",  "unknown_calendar"};
  return kNames[static_cast<std::size_t>(finding)];
}

}  // namespace tablinum::tree::model
