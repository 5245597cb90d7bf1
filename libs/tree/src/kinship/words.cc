#include "tablinum/tree/kinship/words.h"

#include <optional>

#include "kinship/word_table.h"

namespace tablinum::tree::kinship {
namespace {

constexpr std::array kTables{&kWordsEnglish, &kWordsGerman, &kWordsFrench, &kWordsSpanish, &kWordsHebrew, &kWordsShona, &kWordsNdebele};

const WordTable& table_of(std::string_view language) noexcept {
  const std::string_view primary = language.substr(0, language.find_first_of("-_"));
  for (const WordTable* table : kTables)
    if (table->language.tag == primary) return *table;
  return kWordsEnglish;
}

/// Everywhere; what is filled in holds none of it.
void replace(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

std::string filled(std::string_view form, std::string_view what, std::string_view with) {
  std::string text{form};
  replace(text, what, with);
  return text;
}

bool is_kind(const KinType& type, KinKind kind, std::optional<Sex> sex = std::nullopt) noexcept {
  return type.kind == kind && (!sex || type.sex == *sex);
}

bool matches_letter(const KinType& type, char letter) noexcept {
  if (type.tie == Tie::guardian) {
    return (letter == 'U' && type.kind == KinKind::parent) || (letter == 'V' && type.kind == KinKind::child);
  }
  switch (letter) {
    case 'P': return is_kind(type, KinKind::parent);
    case 'F': return is_kind(type, KinKind::parent, Sex::male);
    case 'M': return is_kind(type, KinKind::parent, Sex::female);
    case 'C': return is_kind(type, KinKind::child);
    case 'S': return is_kind(type, KinKind::child, Sex::male);
    case 'D': return is_kind(type, KinKind::child, Sex::female);
    case 'G': return is_kind(type, KinKind::sibling);
    case 'B': return is_kind(type, KinKind::sibling, Sex::male);
    case 'Z': return is_kind(type, KinKind::sibling, Sex::female);
    case 'g': return is_kind(type, KinKind::sibling) && type.tie == Tie::half;
    case 'E': return is_kind(type, KinKind::partner);
    case 'H': return is_kind(type, KinKind::partner, Sex::male);
    case 'W': return is_kind(type, KinKind::partner, Sex::female);
    case 'Q': return is_kind(type, KinKind::step_parent);
    case 'K': return is_kind(type, KinKind::step_child);
    case 'J': return is_kind(type, KinKind::step_sibling);
    default: return false;
  }
}

/// One letter of a pattern with what stands around it.
struct Element {
  Age age = Age::unknown;
  char letter = 0;
  char repeat = 0;  // '+', '*' or none

  bool matches(const KinType& type) const noexcept {
    return (age == Age::unknown || age == type.age) && matches_letter(type, letter);
  }
};

Element take_element(std::string_view& pattern) noexcept {
  Element element;
  if (pattern.front() == 'e' || pattern.front() == 'y') {
    element.age = pattern.front() == 'e' ? Age::elder : Age::younger;
    pattern.remove_prefix(1);
  }
  element.letter = pattern.front();
  pattern.remove_prefix(1);
  if (!pattern.empty() && (pattern.front() == '+' || pattern.front() == '*')) {
    element.repeat = pattern.front();
    pattern.remove_prefix(1);
  }
  return element;
}

/// Takes the asked sex of ego from the pattern's beginning.
bool ego_matches(std::string_view& pattern, Sex ego) noexcept {
  if (pattern.size() < 2 || pattern[1] != ':') return true;
  const Sex asked = pattern[0] == 'm' ? Sex::male : Sex::female;
  pattern.remove_prefix(2);
  return ego == asked;
}

/// How many kin types the last repeated letter took; nothing if the pattern does not cover exactly these types. A repeated
/// letter takes all it can: no pattern has the same kind of letter after one.
std::optional<std::uint32_t> match(std::string_view pattern, Sex ego, std::span<const KinType> types) {
  if (!ego_matches(pattern, ego)) return std::nullopt;
  std::uint32_t repeats = 0;
  while (!pattern.empty()) {
    const Element element = take_element(pattern);
    if (element.repeat != '*') {
      if (types.empty() || !element.matches(types.front())) return std::nullopt;
      types = types.subspan(1);
    }
    if (element.repeat == 0) continue;
    repeats = element.repeat == '+';
    for (; !types.empty() && element.matches(types.front()); types = types.subspan(1)) ++repeats;
  }
  return types.empty() ? std::optional{repeats} : std::nullopt;
}

std::string_view form(const WordRule& rule, Sex sex) noexcept {
  if (sex == Sex::male) return rule.masculine;
  return sex == Sex::female ? rule.feminine : rule.neutral;
}

/// A relation with its words, found piece by piece.
class Composer {
 public:
  Composer(const WordTable& table, const KinTypes& kin) : table_{table}, kin_{kin} {}

  /// The fewest words that cover the relation; among equals the one whose first word reaches farthest.
  RelationWord compose() const {
    const std::size_t size = kin_.types.size();
    struct Best {
      std::size_t words = SIZE_MAX;
      std::size_t end = 0;
      std::string word;
    };
    std::vector<Best> best(size + 1);  // from each kin type to the end
    best[size].words = 0;
    for (std::size_t begin = size; begin-- > 0;) {
      for (std::size_t end = size; end > begin; --end) {
        if (best[end].words == SIZE_MAX || best[end].words + 1 >= best[begin].words) continue;
        if (auto found = word(begin, end)) best[begin] = {best[end].words + 1, end, std::move(*found)};
      }
    }
    RelationWord result{{}, best[0].words > 1, table_.language.draft};
    if (best[0].words == SIZE_MAX) return result;
    for (std::size_t at = 0; at < size; at = best[at].end)
      result.text = at == 0 ? best[at].word : possessive(result.text, best[at].word, kin_.types[at - 1].sex);
    return result;
  }

 private:
  std::string possessive(std::string_view nearer, std::string_view farther, Sex nearer_sex) const {
    const bool by_vowel = table_.vowel_takes_masculine && std::string_view{"aeiou"}.contains(nearer.front());
    const bool feminine = nearer_sex == Sex::female && !table_.composition_feminine.empty() && !by_vowel;
    std::string text{feminine ? table_.composition_feminine : table_.composition};
    // {y} first: the nearer word may hold anything, so what is filled in is never searched again.
    const std::size_t x = text.find("{x}"), y = text.find("{y}");
    text.replace(std::max(x, y), 3, x > y ? nearer : farther);
    return text.replace(std::min(x, y), 3, x > y ? farther : nearer);
  }

  std::optional<std::string> word(std::size_t begin, std::size_t end) const {
    const Sex ego = begin == 0 ? kin_.ego : kin_.types[begin - 1].sex;
    const auto types = std::span{kin_.types}.subspan(begin, end - begin);
    for (const WordRule& rule : table_.rules)
      if (const auto repeats = match(rule.pattern, ego, types))
        return with_tie(filled_form(form(rule, types.back().sex), *repeats, types), types);
    return std::nullopt;
  }

  std::string filled_form(std::string_view text, std::uint32_t repeats, std::span<const KinType> types) const {
    if (text.find("{great}") != text.npos) return filled(text, "{great}", table_.great(repeats));
    const bool kin = text.contains("{kin}");
    if (!kin && !text.contains("{cousin}")) return std::string{text};
    const auto count = [&](KinKind kind) {
      return static_cast<std::uint32_t>(std::ranges::count(types, kind, &KinType::kind));
    };
    const std::uint32_t up = count(KinKind::parent), down = count(KinKind::child);
    if (kin) return filled(text, "{kin}", table_.kin(up, down, types.back().sex));
    const bool whole = types.size() == kin_.types.size();
    return filled(text, "{cousin}",
                  table_.cousin(std::min(up, down), std::max(up, down) - std::min(up, down), whole ? kin_.couples : 1));
  }

  std::string with_tie(std::string text, std::span<const KinType> types) const {
    const auto has = [&](Tie tie) { return std::ranges::find(types, tie, &KinType::tie) != types.end(); };
    const bool only_down = std::ranges::all_of(types, [](const KinType& t) { return t.kind == KinKind::child; });
    if (has(Tie::adoptive)) return filled(only_down ? table_.adopted : table_.adoptive, "{w}", text);
    return has(Tie::foster) ? filled(table_.foster, "{w}", text) : text;
  }

  const WordTable& table_;
  const KinTypes& kin_;
};

}  // namespace

std::span<const Language> relation_languages() noexcept {
  static const std::array languages{kWordsEnglish.language, kWordsGerman.language, kWordsFrench.language,
                                    kWordsSpanish.language, kWordsHebrew.language, kWordsShona.language,  kWordsNdebele.language};
  return languages;
}

RelationWord relation_word(const KinTypes& kin, std::string_view language) {
  const WordTable& table = table_of(language);
  if (kin.types.empty()) return {std::string{table.self}, false, table.language.draft};
  if (kin.types.size() > kKinTypesMax)
    return {filled(table.distant, "{n}", std::to_string(kin.types.size())), true, table.language.draft};
  return Composer{table, kin}.compose();
}

RelationWord relation_word(const Graph& graph, PersonN a, const Relation& relation, std::string_view language,
                           const CompareAge& compare_age) {
  if (!relation.related) return {};
  KinTypes kin = kin_types(graph, a, relation.steps, compare_age);
  kin.couples = relation.couples;
  return relation_word(kin, language);
}

}  // namespace tablinum::tree::kinship
