#include "model/date_text.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace tablinum::tree::model::date_text {
namespace {

enum class Role : std::uint8_t {
  about, before, after, between, conjunction, from, to, estimated, calculated, interpreted, bce, ce, ignored, month
};

struct Word {
  std::string_view text;
  Role role;
  Calendar calendar;
  std::uint8_t month;
};

// The table of date_words.inc, sorted by text.
class Vocabulary {
 public:
  Vocabulary() {
#define MONTHS(language, ...) add_months(Calendar::gregorian, {__VA_ARGS__});
#define CALENDAR_MONTHS(calendar, ...) add_months(Calendar::calendar, {__VA_ARGS__});
#define KEYWORDS(role, words) add(words, Role::role, Calendar::gregorian, 0);
#define ERAS(role, ...) add_eras(Role::role, {__VA_ARGS__});
#include "model/date_words.inc"
#undef MONTHS
#undef CALENDAR_MONTHS
#undef KEYWORDS
#undef ERAS
    std::ranges::sort(words_, {}, &Word::text);
  }

  /// The date without the ending that names its era, and that era's word: "44 v. Chr." is "44" and "bc".
  std::optional<std::pair<std::string_view, std::string_view>> split_era(std::string_view text) const {
    for (const auto& era : eras_) {
      if (text.size() <= era.ending.size()) continue;
      const auto rest = text.substr(0, text.size() - era.ending.size());
      const bool apart = is_blank(rest.back()) || is_digit(rest.back());
      const std::string_view word = era.role == Role::bce ? "bc" : "ad";
      if (apart && equal_in_lower_case(text.substr(rest.size()), era.ending)) return std::pair{rest, word};
    }
    return std::nullopt;
  }

  const Word* find(std::string_view text) const {
    const auto at = std::ranges::lower_bound(words_, text, {}, &Word::text);
    return at != words_.end() && at->text == text ? &*at : nullptr;
  }

 private:
  void add_months(Calendar calendar, std::initializer_list<std::string_view> months) {
    std::uint8_t month = 0;
    for (const auto words : months) add(words, Role::month, calendar, ++month);
  }
  void add(std::string_view words, Role role, Calendar calendar, std::uint8_t month) {
    for (Words rest{words}; !rest.rest().empty();) words_.push_back({rest.next(), role, calendar, month});
  }

  struct Era {
    std::string_view ending;
    Role role;
  };
  void add_eras(Role role, std::initializer_list<std::string_view> endings) {
    for (const auto ending : endings) eras_.push_back({ending, role});
  }
  /// `lower` is in lower case; only letters of ASCII have another case here.
  static bool equal_in_lower_case(std::string_view text, std::string_view lower) {
    const auto to_lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(text, lower, {}, to_lower);
  }

  std::vector<Word> words_;
  std::vector<Era> eras_;
};

const Vocabulary& vocabulary() {
  static const Vocabulary kVocabulary;
  return kVocabulary;
}

struct Token {
  enum Kind : std::uint8_t { end, number, word, mark, decade, quarter } kind = end;
  char mark_char = 0;          // one of - / . ~ ? < >
  std::uint8_t digits = 0;     // of a number as written
  std::int32_t value = 0;      // of a number
  const Word* meaning = nullptr;
};

constexpr std::size_t kTokensMax = 24;
constexpr std::size_t kDigitsMax = 8;

// Splits a text at blanks and where letters and digits meet; words become meanings. Fails at a word nobody knows.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_{text} {}

  bool run(std::vector<Token>& out) {
    out.clear();
    while (peek() >= 0) {
      const bool after_number = !out.empty() && out.back().kind == Token::number && !blank_before_;
      Token token;
      if (!take(token, after_number)) return false;
      if (token.kind == Token::end) continue;
      if (out.size() == kTokensMax) return false;
      out.push_back(token);
    }
    if (!out.empty() && out.back().kind == Token::mark && out.back().mark_char == '-') out.pop_back();  // 1850年
    return true;
  }

 private:
  // The code point at the position, -1 at the end.
  UChar32 peek() const {
    auto at = static_cast<std::int32_t>(at_);
    const auto size = static_cast<std::int32_t>(text_.size());
    if (at >= size) return -1;
    UChar32 c;
    U8_NEXT(text_.data(), at, size, c);
    return c < 0 ? 0xFFFD : c;
  }
  void skip() {
    auto at = static_cast<std::int32_t>(at_);
    U8_FWD_1(text_.data(), at, static_cast<std::int32_t>(text_.size()));
    at_ = static_cast<std::size_t>(at);
  }

  static bool is_letter(UChar32 c) { return u_isalpha(c) || c == '\'' || c == 0x2019 || c == '&'; }

  bool take(Token& token, bool after_number) {
    const auto c = peek();
    const bool blank = u_isUWhiteSpace(c) || c == ',';
    if (!blank && c < 0x80 && is_digit(static_cast<char>(c))) return blank_before_ = false, take_number(token);
    if (!blank && is_letter(c)) return blank_before_ = false, take_word(token, after_number);
    skip();
    blank_before_ = blank;
    if (blank) return true;
    return take_mark(token, c);
  }

  bool take_number(Token& token) {
    token.kind = Token::number;
    for (auto c = peek(); c >= '0' && c <= '9'; c = peek(), ++token.digits) {
      if (token.digits == kDigitsMax) return false;
      token.value = token.value * 10 + (c - '0');
      skip();
    }
    long_number_ = token.digits >= 3;
    return true;
  }

  bool take_word(Token& token, bool after_number) {
    std::string word;
    for (auto c = peek(); c >= 0 && is_letter(c); c = peek()) {
      append_lower(word, c == 0x2019 ? '\'' : c);
      skip();
    }
    after_word_ = true;
    // 1850er is a decade, where 1er is a day.
    if (after_number && word == "er" && long_number_) return token.kind = Token::decade, true;
    if (after_number && is_ordinal_ending(word)) return true;
    if (after_number && (word == "s" || word == "'s")) return token.kind = Token::decade, true;
    if (word == "q") return token.kind = Token::quarter, true;
    if (word == "年" || word == "月") return token.kind = Token::mark, token.mark_char = '-', true;
    if (word == "日") return true;
    token.kind = Token::word;
    token.meaning = vocabulary().find(word);
    return token.meaning != nullptr;
  }

  bool take_mark(Token& token, UChar32 c) {
    const bool dash = c >= 0x2010 && c <= 0x2015;
    const bool known = dash || (c < 0x80 && std::string_view{"-/.~?<>"}.contains(static_cast<char>(c)));
    if (c == '.' && after_word_) return after_word_ = false, true;  // of an abbreviation
    after_word_ = false;
    token.kind = Token::mark;
    token.mark_char = dash ? '-' : static_cast<char>(c);
    return known;
  }

  static void append_lower(std::string& word, UChar32 c) {
    std::array<char, U8_MAX_LENGTH> bytes;
    std::int32_t size = 0;
    U8_APPEND_UNSAFE(bytes.data(), size, u_tolower(c));
    word.append(bytes.data(), static_cast<std::size_t>(size));
  }

  // 1st, 2nd, 3rd, 4th, 1er, 2e, 1re, 1º
  static bool is_ordinal_ending(std::string_view word) {
    constexpr std::array<std::string_view, 9> kEndings{"st", "nd", "rd", "th", "er", "re", "e", "º", "ª"};
    return std::ranges::find(kEndings, word) != kEndings.end();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool blank_before_ = true;
  bool after_word_ = false;
  bool long_number_ = false;
};

// A point, or the range that a decade, a quarter or "1850-55" stands for.
struct Piece {
  DatePoint first, second;
};

class Reader {
 public:
  explicit Reader(std::span<const Token> tokens) : tokens_{tokens} {}

  bool read(Date& date) {
    skip_fillers();
    if (take_role(Role::between)) return read_pair(date, DateKind::between);
    if (take_role(Role::from)) return read_from(date);
    if (take_role(Role::to)) return read_single(date, DateKind::to);
    if (const auto kind = take_prefix()) return read_single(date, *kind);
    return read_plain(date);
  }
  bool ambiguous() const { return ambiguous_; }

 private:
  const Token& peek(std::size_t ahead = 0) const {
    static constexpr Token kEnd;
    return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : kEnd;
  }
  bool at_end() {
    skip_fillers();
    return peek().kind == Token::end;
  }
  bool is_role(Role role) const { return peek().kind == Token::word && peek().meaning->role == role; }
  bool take_role(Role role) { return is_role(role) && (++at_, true); }
  bool is_mark(char c, std::size_t ahead = 0) const { return peek(ahead).kind == Token::mark && peek(ahead).mark_char == c; }
  bool take_mark(char c) { return is_mark(c) && (++at_, true); }
  bool is_number(std::size_t digits_min, std::size_t digits_max, std::size_t ahead = 0) const {
    const auto& token = peek(ahead);
    return token.kind == Token::number && token.digits >= digits_min && token.digits <= digits_max;
  }
  bool is_year_number(std::size_t ahead = 0) const { return is_number(3, 4, ahead); }
  /// A year of one or two digits is one where its era follows.
  bool is_year_of_era(std::size_t ahead = 0) const {
    const auto& era = peek(ahead + 1);
    return is_number(1, 4, ahead) && era.kind == Token::word && (era.meaning->role == Role::bce || era.meaning->role == Role::ce);
  }
  bool is_short_number(std::size_t ahead = 0) const { return is_number(1, 2, ahead); }
  bool is_month_word(std::size_t ahead = 0) const {
    return peek(ahead).kind == Token::word && peek(ahead).meaning->role == Role::month;
  }
  // "of", "de", "the"; "en 1850" is Spanish for "in 1850", where the same word is a conjunction in Dutch.
  void skip_fillers() {
    while (is_role(Role::ignored) || is_role(Role::conjunction)) ++at_;
  }
  void skip_ignored() {
    while (is_role(Role::ignored)) ++at_;
  }
  void skip_separator() {
    if (is_mark('-') || is_mark('/') || is_mark('.')) ++at_;
  }

  std::optional<DateKind> take_prefix() {
    if (take_mark('~') || take_role(Role::about)) return DateKind::about;
    if (take_mark('<') || take_role(Role::before)) return DateKind::before;
    if (take_mark('>') || take_role(Role::after)) return DateKind::after;
    if (take_role(Role::estimated)) return DateKind::estimated;
    if (take_role(Role::calculated)) return DateKind::calculated;
    if (take_role(Role::interpreted)) return DateKind::interpreted;
    return std::nullopt;
  }

  bool read_single(Date& date, DateKind kind) {
    Piece piece;
    if (!read_piece(piece) || !at_end()) return false;
    date.kind = kind;
    date.first = kind == DateKind::to || kind == DateKind::after ? last_of(piece) : piece.first;
    // About a decade is that decade: widening it further would say less than was written.
    if (!piece.second.empty() && kind != DateKind::to && kind != DateKind::after && kind != DateKind::before) {
      date.kind = DateKind::between;
      date.second = piece.second;
    }
    return true;
  }

  static DatePoint last_of(const Piece& piece) { return piece.second.empty() ? piece.first : piece.second; }

  bool read_pair(Date& date, DateKind kind) {
    Piece a, b;
    yearless_allowed_ = true;
    const bool started = read_piece(a);
    yearless_allowed_ = false;
    if (!started) return false;
    skip_ignored();
    if (!take_role(Role::conjunction) && !take_role(Role::to) && !take_mark('-')) return false;
    if (!read_piece(b) || !at_end()) return false;
    if (a.first.empty()) a.first.year = b.first.year;  // between 1 January and 31 August 1977
    date.kind = kind;
    date.first = a.first;
    date.second = last_of(b);
    return true;
  }

  bool read_from(Date& date) {
    const auto start = at_;
    if (read_pair(date, DateKind::period)) return true;
    at_ = start;
    return read_single(date, DateKind::from);
  }

  bool read_plain(Date& date) {
    Piece piece;
    if (!read_piece(piece)) return false;
    skip_ignored();
    const bool words = is_role(Role::to);
    if (words || is_mark('-')) {
      ++at_;
      Piece end;
      if (!read_piece(end) || !at_end()) return false;
      date.kind = words ? DateKind::period : DateKind::between;
      date.first = piece.first;
      date.second = last_of(end);
      return true;
    }
    const bool doubted = take_mark('?');
    if (!at_end()) return false;
    date.first = piece.first;
    date.second = piece.second;
    date.kind = !piece.second.empty() ? DateKind::between : doubted ? DateKind::about : DateKind::exact;
    return true;
  }

  bool read_piece(Piece& piece) {
    skip_fillers();
    if (peek().kind == Token::quarter || (is_number(1, 1) && peek(1).kind == Token::quarter)) return read_quarter(piece);
    if (is_month_word()) return read_month_first(piece.first);
    if (is_number(8, 8)) return read_compact(piece.first);
    if (is_year_number() || is_year_of_era()) return read_year_first(piece);
    if (is_short_number()) return read_day_first(piece.first);
    return false;
  }

  // Q2 1850, 2Q 1850: the quarters of English and Welsh registration.
  bool read_quarter(Piece& piece) {
    if (!take_quarter(piece)) return false;
    skip_separator();
    skip_ignored();
    if (!is_year_number()) return false;
    piece.first.year = piece.second.year = tokens_[at_++].value;
    return true;
  }
  bool take_quarter(Piece& piece) {
    const bool number_first = peek().kind == Token::number;
    const int quarter = peek(number_first ? 0 : 1).value;
    if (!number_first && !is_number(1, 1, 1)) return false;
    if (quarter < 1 || quarter > 4) return false;
    at_ += 2;
    piece.first.month = static_cast<std::uint8_t>(3 * quarter - 2);
    piece.second.month = static_cast<std::uint8_t>(3 * quarter);
    return true;
  }

  // March 1850; March 12, 1850; March 12th 1850
  bool read_month_first(DatePoint& point) {
    take_month(point);
    skip_separator();
    skip_ignored();
    if (is_short_number() && is_number(1, 4, 1)) point.day = static_cast<std::uint8_t>(tokens_[at_++].value);
    return set_year(point);
  }

  // 18500312. The other orders of eight digits cannot be told apart.
  bool read_compact(DatePoint& point) {
    const int value = tokens_[at_++].value;
    point.year = value / 10'000;
    point.month = static_cast<std::uint8_t>(value / 100 % 100);
    point.day = static_cast<std::uint8_t>(value % 100);
    if (is_day({point.calendar, point.year, point.month, point.day}) && point.year >= 1000) return true;
    return ambiguous_ = true, false;
  }

  // 1850; 1850s; 1850-03-12; 1850-55; 1850-1855; 1850 Q2; 1850 March 12
  bool read_year_first(Piece& piece) {
    auto& point = piece.first;
    if (peek(1).kind == Token::decade) return read_decade(piece);
    const bool separated = is_mark('-', 1) || is_mark('/', 1) || is_mark('.', 1);
    if (separated && is_short_number(2)) return read_iso(piece);
    point.year = tokens_[at_++].value;
    if (const std::size_t ahead = is_mark('-') ? 1 : 0; peek(ahead).kind == Token::quarter) {
      at_ += ahead;
      piece.second.year = point.year;
      return take_quarter(piece);
    }
    if (is_month_word()) {
      take_month(point);
      if (is_short_number()) point.day = static_cast<std::uint8_t>(tokens_[at_++].value);
      return true;
    }
    if ((is_mark('-') || is_mark('/')) && is_year_number(1) && peek(1).value > point.year) {  // 1850-1855, 1103/1105
      piece.second.year = peek(1).value;
      at_ += 2;
      return true;
    }
    take_epoch(point);
    return true;
  }

  bool read_decade(Piece& piece) {
    const int year = tokens_[at_].value;
    at_ += 2;
    if (year % 10 != 0) return false;
    piece.first.year = year;
    piece.second.year = year + 9;
    return true;
  }

  bool read_iso(Piece& piece) {
    auto& point = piece.first;
    const char separator = peek(1).mark_char;
    const int year = peek().value, number = peek(2).value;
    at_ += 3;
    point.year = year;
    if (number >= 1 && number <= 12) {
      point.month = static_cast<std::uint8_t>(number);
      if (is_mark(separator) && is_short_number(1)) {
        point.day = static_cast<std::uint8_t>(peek(1).value);
        at_ += 2;
        return point.day != 0;
      }
      return separator != '.';
    }
    if (separator != '-' || number <= year % 100) return false;
    piece.second.year = year - year % 100 + number;
    return true;
  }

  // 12 March 1850; 12. März 1850; 12-Mar-1850; 12.3.1850; 3/1850
  bool read_day_first(DatePoint& point) {
    const int first = tokens_[at_++].value;
    const char separator = peek().kind == Token::mark ? peek().mark_char : '\0';
    skip_separator();
    skip_ignored();
    if (is_month_word()) {
      take_month(point);
      skip_separator();
      skip_ignored();
      point.day = static_cast<std::uint8_t>(first);
      return first != 0 && set_year(point);
    }
    if (separator != '.' && separator != '/' && separator != '-') return false;
    if (is_year_number()) {
      point.month = static_cast<std::uint8_t>(first);
      return first != 0 && set_year(point);
    }
    if (!is_short_number() || !is_mark(separator, 1) || !is_year_number(2)) return false;
    const int second = peek().value;
    at_ += 2;
    return set_numeric(point, first, second, separator) && set_year(point);
  }

  // With dots the day comes first everywhere; with slashes and dashes only a number over 12 tells.
  bool set_numeric(DatePoint& point, int first, int second, char separator) {
    const bool day_first = separator == '.' || first > 12 || first == second;
    if (!day_first && second <= 12) return ambiguous_ = true, false;
    point.day = static_cast<std::uint8_t>(day_first ? first : second);
    point.month = static_cast<std::uint8_t>(day_first ? second : first);
    return point.day != 0 && point.month != 0;
  }

  void take_month(DatePoint& point) {
    const auto& word = *tokens_[at_++].meaning;
    point.month = word.month;
    point.calendar = word.calendar;
  }
  bool set_year(DatePoint& point) {
    const bool french = point.calendar == Calendar::french_republican;
    if (!is_year_number() && !is_year_of_era() && !(french && is_short_number())) return yearless_allowed_ && point.month != 0;
    point.year = tokens_[at_++].value;
    if (point.month <= 3 && is_mark('-') && is_year_number(1) && peek(1).value == point.year + 1) {
      point.dual = true;  // 9 Mar 1577-1578 is 1577/78
      if (point.calendar == Calendar::gregorian) point.calendar = Calendar::julian;
      at_ += 2;
      return true;
    }
    take_epoch(point);
    return true;
  }
  void take_epoch(DatePoint& point) {
    if (take_role(Role::bce)) point.year = -point.year;
    else take_role(Role::ce);
  }

  std::span<const Token> tokens_;
  std::size_t at_ = 0;
  bool ambiguous_ = false;
  bool yearless_allowed_ = false;
};

}  // namespace

Date read_other_forms(std::string_view text) {
  Date date;
  date.finding = DateFinding::other_form;
  std::vector<Token> tokens;
  std::string in_words;
  if (const auto era = vocabulary().split_era(trim(text))) {
    in_words.append(era->first).append(" ").append(era->second);
    text = in_words;
  }
  if (Lexer{text}.run(tokens)) {
    Reader reader{tokens};
    if (reader.read(date)) return date;
    if (reader.ambiguous()) date.finding = DateFinding::ambiguous;
  }
  Date phrase;
  phrase.kind = DateKind::phrase;
  phrase.finding = date.finding == DateFinding::ambiguous ? DateFinding::ambiguous : DateFinding::invalid;
  return phrase;
}

}  // namespace tablinum::tree::model::date_text
