#include "tablinum/search/query.h"

#include <charconv>

#include "text.h"

namespace tablinum::search {
namespace {

constexpr std::string_view kKindNames[kKinds] = {"other",    "person",     "family", "event", "place", "source",
                                                 "citation", "repository", "media",  "note",  "story"};
constexpr std::pair<std::string_view, Kind> kPlurals[] = {
    {"persons", Kind::person},     {"people", Kind::person},          {"families", Kind::family}, {"events", Kind::event},
    {"places", Kind::place},       {"sources", Kind::source},         {"notes", Kind::note},      {"stories", Kind::story},
    {"citations", Kind::citation}, {"repositories", Kind::repository}};

constexpr std::pair<std::string_view, Sex> kSexes[] = {
    {"m", Sex::male},   {"male", Sex::male},   {"f", Sex::female},        {"female", Sex::female},
    {"x", Sex::other},  {"other", Sex::other}, {"u", Sex::unknown},       {"unknown", Sex::unknown}};
constexpr std::pair<std::string_view, bool> kAnswers[] = {{"yes", true}, {"true", true}, {"no", false}, {"false", false}};

template <class Table>
auto look_up(const Table& table, std::string_view word) -> std::optional<decltype(std::begin(table)->second)> {
  for (const auto& [name, value] : table) {
    if (std::ranges::equal(word, name, {}, ascii_lower)) return value;
  }
  return std::nullopt;
}

/// A year and nothing else; nothing if it is none or out of range.
std::optional<std::int16_t> year_of(std::string_view text) noexcept {
  int year = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), year);
  if (error != std::errc{} || end != text.data() + text.size() || year < kYearMin || year > kYearMax) return std::nullopt;
  return static_cast<std::int16_t>(year);
}

/// "1850", "1850..1900", "1850..", "..1900".
std::optional<YearRange> years_from(std::string_view text) noexcept {
  const auto dots = text.find("..");
  if (dots == std::string_view::npos) {
    const auto year = year_of(text);
    return year ? std::optional{YearRange{year, year}} : std::nullopt;
  }
  const auto from = text.substr(0, dots);
  const auto to = text.substr(dots + 2);
  const YearRange range{year_of(from), year_of(to)};
  const bool readable = range.from.has_value() != from.empty() && range.to.has_value() != to.empty();
  const bool ordered = !range.from || !range.to || *range.from <= *range.to;
  if (!readable || !ordered || (from.empty() && to.empty())) return std::nullopt;
  return range;
}

constexpr bool is_blank(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Reads one query. Quotes only matter at the beginning of a word or of a filter's value; one that is never closed ends with the text.
class Parser {
 public:
  Parser(std::string_view text, bool typing) : text_{text}, typing_{typing} {}

  Result<Query> run() {
    while (skip_blanks()) CHECK_OK(item());
    std::ranges::sort(query_.kinds);
    const auto repeats = std::ranges::unique(query_.kinds);
    query_.kinds.erase(repeats.begin(), repeats.end());
    const auto terms = query_.terms.size() + query_.surnames.size() + query_.givens.size() + query_.places.size();
    if (terms > kQueryTermsMax) return fail(Code::limit, "more than " + std::to_string(kQueryTermsMax) + " words");
    return std::move(query_);
  }

 private:
  bool skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    return at_ < text_.size();
  }
  /// The value from here on: what is in quotes, or up to the next blank.
  std::string_view value() {
    if (at_ < text_.size() && text_[at_] == '"') {
      const auto begin = ++at_;
      const auto end = std::min(text_.find('"', begin), text_.size());
      at_ = std::min(end + 1, text_.size());
      return text_.substr(begin, end - begin);
    }
    const auto begin = at_;
    while (at_ < text_.size() && !is_blank(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  Result<void> item() {
    if (text_[at_] == '"') {
      add_phrase(value());
      return {};
    }
    const auto begin = at_;
    auto end = begin;
    while (end < text_.size() && !is_blank(text_[end]) && text_[end] != ':') ++end;
    const auto field = text_.substr(begin, end - begin);
    const bool has_value = end + 1 < text_.size() && text_[end] == ':' && !is_blank(text_[end + 1]);
    if (!has_value || !is_field(field)) {
      add_word(value());
      return {};
    }
    at_ = end + 1;
    return filter(field, value());
  }

  static bool is_field(std::string_view word) {
    static constexpr std::string_view kFields[] = {"surname", "given", "place", "born", "died", "sex", "living", "type"};
    return std::ranges::any_of(kFields, [word](auto field) { return std::ranges::equal(word, field, {}, ascii_lower); });
  }

  void add_phrase(std::string_view text) {
    const bool blank = std::ranges::all_of(text, is_blank);
    if (!blank) query_.terms.push_back({std::string{text}, true, false});
  }

  void add_word(std::string_view text) {
    const bool unfinished = typing_ && at_ == text_.size();
    const auto stars = text.size() - std::min(text.size(), text.find_last_not_of('*') + 1);
    text.remove_suffix(stars);
    if (!text.empty()) query_.terms.push_back({std::string{text}, false, unfinished || stars > 0});
  }

  Result<void> filter(std::string_view field, std::string_view text) {
    const auto is = [field](std::string_view name) { return std::ranges::equal(field, name, {}, ascii_lower); };
    if (is("surname")) return add_text(query_.surnames, text);
    if (is("given")) return add_text(query_.givens, text);
    if (is("place")) return add_text(query_.places, text);
    if (is("born")) return set(query_.born, years_from(text), field, text);
    if (is("died")) return set(query_.died, years_from(text), field, text);
    if (is("sex")) return set(query_.sex, look_up(kSexes, text), field, text);
    if (is("living")) return set(query_.living, look_up(kAnswers, text), field, text);
    const auto kind = kind_of(text);
    if (!kind) return bad_value(field, text);
    query_.kinds.push_back(*kind);
    return {};
  }
  static Result<void> add_text(std::vector<std::string>& texts, std::string_view text) {
    if (!std::ranges::all_of(text, is_blank)) texts.emplace_back(text);
    return {};
  }
  template <class T>
  static Result<void> set(std::optional<T>& target, std::optional<T> value, std::string_view field, std::string_view text) {
    if (!value) return bad_value(field, text);
    target = value;
    return {};
  }
  static Result<void> bad_value(std::string_view field, std::string_view text) {
    return fail(Code::invalid, std::string{field} + ": does not take \"" + std::string{text} + "\"");
  }

  std::string_view text_;
  bool typing_;
  std::size_t at_ = 0;
  Query query_;
};

Result<Query> parse(std::string_view text, bool typing) {
  if (text.size() > kQueryBytesMax) return fail(Code::too_large, "a query of more than " + std::to_string(kQueryBytesMax) + " bytes");
  if (!is_valid_utf8(text)) return fail(Code::invalid, "the query is not UTF-8");
  auto query = Parser{text, typing}.run();
  // The canonical text may be a little longer ("sex:f"); it must be readable again.
  if (query && print(*query).size() > kQueryBytesMax) return fail(Code::too_large, "the query is too long in its canonical form");
  return query;
}

std::string_view name_of(Sex sex) noexcept {
  switch (sex) {
    case Sex::male: return "male";
    case Sex::female: return "female";
    case Sex::other: return "other";
    case Sex::unknown: break;
  }
  return "unknown";
}

class Printer {
 public:
  explicit Printer(const Query& query) {
    for (const auto& term : query.terms) put_term(term);
    for (const auto& text : query.surnames) put_quoted("surname:", text);
    for (const auto& text : query.givens) put_quoted("given:", text);
    for (const auto& text : query.places) put_quoted("place:", text);
    if (query.born) put_years("born:", *query.born);
    if (query.died) put_years("died:", *query.died);
    if (query.sex) put("sex:", name_of(*query.sex));
    if (query.living) put("living:", *query.living ? "yes" : "no");
    for (const auto kind : query.kinds) put("type:", to_string(kind));
  }
  std::string take() { return std::move(out_); }

 private:
  void put(std::string_view field, std::string_view value) {
    if (!out_.empty()) out_ += ' ';
    out_ += field;
    out_ += value;
  }
  void put_term(const Term& term) {
    if (term.phrase) return put_quoted({}, term.text);
    put({}, term.text);
    if (term.beginning) out_ += '*';
  }
  /// Quotes what a bare value could not hold. A text with a quote inside was typed bare, and has neither blanks nor a leading quote.
  void put_quoted(std::string_view field, const std::string& text) {
    const bool bare = !field.empty() && text.front() != '"' && std::ranges::none_of(text, is_blank);
    put(field, bare ? text : '"' + text + '"');
  }
  void put_years(std::string_view field, const YearRange& range) {
    const auto text = [](std::optional<std::int16_t> year) { return year ? std::to_string(*year) : std::string{}; };
    put(field, range.from == range.to ? text(range.from) : text(range.from) + ".." + text(range.to));
  }

  std::string out_;
};

}  // namespace

std::string_view to_string(Kind kind) noexcept { return kKindNames[static_cast<std::size_t>(kind) % kKinds]; }

std::optional<Kind> kind_of(std::string_view text) noexcept {
  for (std::size_t i = 0; i < kKinds; ++i) {
    if (std::ranges::equal(text, kKindNames[i], {}, ascii_lower)) return static_cast<Kind>(i);
  }
  return look_up(kPlurals, text);
}

Result<Query> parse_query(std::string_view text) { return parse(text, false); }
Result<Query> parse_typing(std::string_view text) { return parse(text, true); }
std::string print(const Query& query) { return Printer{query}.take(); }

}  // namespace tablinum::search
