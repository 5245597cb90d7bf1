#include "expansion.h"

#include <cmath>

#include "document_text.h"
#include "sorting.h"
#include "tablinum/search/distance.h"
#include "tablinum/search/phonetic.h"
#include "text.h"

namespace tablinum::search {
namespace {

constexpr std::size_t kBeginningsMax = 20;      // words a beginning is completed to, besides the columns
constexpr std::size_t kBodyBeginningsMax = 6;
constexpr std::size_t kTypoNamesMax = 12;
constexpr std::size_t kTypoBodyMax = 4;
constexpr std::size_t kSoundsMax = 8;

/// Words of a term that stand for one: parts joined by apostrophes or hyphens, neighbouring ideographs.
struct Group {
  std::vector<std::string> parts;
  bool ideographs = false;
};

std::vector<Group> groups_of(std::string_view text) {
  std::vector<Segment> segments;
  segment(text, segments);
  std::vector<Group> groups;
  std::uint32_t end = 0;
  for (const auto& piece : segments) {
    auto word = fold_word(piece.of(text));
    if (word.empty()) continue;
    const bool ideograph = piece.kind == SegmentKind::ideograph;
    const bool continues = !groups.empty() && (piece.joined || (ideograph && groups.back().ideographs && piece.begin == end));
    if (!continues) groups.push_back({{}, ideograph});
    groups.back().parts.push_back(std::move(word));
    end = piece.end;
  }
  return groups;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string whole;
  for (const auto& part : parts) whole += part;
  whole.resize(cut_utf8(whole, kWordBytesMax).size());
  return whole;
}

/// Collects the ways to match one word, each once and never more than the limit.
class WordPlanner {
 public:
  WordPlanner(const TreeIndex::State& state, Circle circle, Tokenizer& tokenizer, std::string_view asked)
      : state_{state}, circle_{circle}, tokenizer_{tokenizer} {
    plan_.asked = asked;
  }

  void add_token(Match match, Column column, std::string token) {
    if (!token.empty()) add({match, column, {std::move(token)}, false});
  }
  void add_text(Match match, const std::string& token) {
    add_token(match, Column::name, token);
    add_token(match, Column::body, token);
  }
  void add_phrase(const std::vector<std::string>& words) {
    add_words(Match::exact, words);
    std::vector<std::string> plain;
    for (const auto& word : words) plain.push_back(tokenizer_.latin(word));
    std::erase(plain, std::string{});
    if (plain != words && !plain.empty()) add_words(Match::fold, plain);
  }

  void add_as_written(const std::string& word) {
    add_text(Match::exact, word);
    for (const auto& spelling : tokenizer_.spellings(word)) {
      add_text(spelling.kind == Tokenizer::Spelling::fold ? Match::fold : Match::translit, spelling.text);
    }
    const auto plain = tokenizer_.latin(word);
    const auto root = surname_root(plain);
    if (!root.empty()) add_token(Match::translit, Column::alt, std::string{kSurnameCode} + root);
    if (!plain.empty()) add_token(Match::translit, Column::alt, "_s" + (root.empty() ? plain : root));
  }

  /// The columns know every preferred name; the vocabulary adds further names and text, the most frequent words first.
  void add_beginning(const std::string& word) {
    const auto plain = sorting_form(word);
    if (!plain.empty()) add({Match::prefix, Column::name, {plain}, true});
    for (const auto& [full, count] : state_.names.beginning_with(word, circle_, kBeginningsMax)) {
      add_token(Match::prefix, Column::name, std::string{full});
    }
    for (const auto& [full, count] : state_.bodies.beginning_with(word, circle_, kBodyBeginningsMax)) {
      add_token(Match::prefix, Column::body, std::string{full});
    }
  }

  void add_mistakes_and_sounds(const std::string& word) {
    const auto plain = tokenizer_.latin(word);
    if (plain.empty()) return;
    add_typos(state_.names, Column::name, plain, kTypoNamesMax);
    for (const auto name : nickname_classes(plain)) add_token(Match::nickname, Column::alt, "_n" + std::string{name});
    add_sounds(plain);
    add_typos(state_.bodies, Column::body, plain, kTypoBodyMax);
  }

  void add_surname(const std::string& word) { add_codes_of(word, kSurnameCode); }
  void add_given(const std::string& word) { add_codes_of(word, kGivenCode); }

  WordPlan take(bool counts) {
    plan_.counts = counts;
    std::uint32_t most = 0;
    for (const auto& expansion : plan_.expansions) most = std::max(most, count_of(expansion));
    const auto documents = documents_seen(state_, circle_);
    plan_.idf = inverse_document_frequency(documents, std::min(most, documents));
    return std::move(plan_);
  }

 private:
  void add(Expansion expansion) {
    if (plan_.expansions.size() >= kWaysMax) return;
    const bool repeated = std::ranges::any_of(plan_.expansions, [&](const Expansion& other) {
      return other.column == expansion.column && other.tokens == expansion.tokens && other.beginning == expansion.beginning;
    });
    if (!repeated) plan_.expansions.push_back(std::move(expansion));
  }
  void add_words(Match match, const std::vector<std::string>& words) {
    add({match, Column::name, words, false});
    add({match, Column::body, words, false});
  }
  void add_typos(const Vocabulary& vocabulary, Column column, const std::string& plain, std::size_t limit) {
    for (const auto& near : vocabulary.near(plain, typo_limit(plain.size()), circle_, limit)) {
      add_token(near.distance == 1 ? Match::typo1 : Match::typo2, column, std::string{near.word});
    }
  }
  void add_sounds(const std::string& plain) {
    if (const auto key = bantu_key(plain, Language::other); !key.empty()) {
      add_token(Match::phonetic, Column::name, key);
      add_token(Match::phonetic, Column::alt, "_b" + key);
    } else {
      add_token(Match::phonetic, Column::alt, "_b" + plain);
    }
    if (plain.size() < kSoundBytesMin) return;
    auto codes = daitch_mokotoff(plain);
    if (codes.size() > kSoundsMax) codes.resize(kSoundsMax);
    for (const auto& code : codes) add_token(Match::phonetic, Column::alt, "_d" + code);
    const auto sounds = double_metaphone(plain);
    for (const auto& sound : {sounds.primary, sounds.alternate}) {
      if (!sound.empty()) add_token(Match::phonetic, Column::alt, "_m" + fold(sound));
    }
  }
  void add_codes_of(const std::string& word, std::string_view prefix) {
    const std::string code{prefix};
    add_token(Match::exact, Column::alt, code + word);
    for (const auto& spelling : tokenizer_.spellings(word)) add_token(Match::fold, Column::alt, code + spelling.text);
  }

  /// Visible documents with this form; a phrase is as frequent as its rarest word. Codes are not counted: their words are.
  std::uint32_t count_of(const Expansion& expansion) const {
    if (expansion.column == Column::alt || expansion.beginning) return 0;
    const auto& vocabulary = expansion.column == Column::name ? state_.names : state_.bodies;
    std::uint32_t count = 0xFFFF'FFFF;
    for (const auto& token : expansion.tokens) count = std::min(count, vocabulary.count(token, circle_));
    return count;
  }

  const TreeIndex::State& state_;
  Circle circle_;
  Tokenizer& tokenizer_;
  WordPlan plan_;
};

Tokenizer& thread_tokenizer() {
  thread_local Tokenizer tokenizer;
  return tokenizer;
}

class QueryPlanner {
 public:
  QueryPlanner(const TreeIndex::State& state, Circle circle, bool wide) : state_{state}, circle_{circle}, wide_{wide} {}

  std::vector<WordPlan> run(const Query& query) {
    for (const auto& term : query.terms) term.phrase ? plan_phrase(term) : plan_term(term);
    for (const auto& text : query.surnames) plan_filter(text, &WordPlanner::add_surname);
    for (const auto& text : query.givens) plan_filter(text, &WordPlanner::add_given);
    return std::move(plans_);
  }

 private:
  WordPlanner planner(std::string_view asked) const { return {state_, circle_, thread_tokenizer(), asked}; }

  void plan_phrase(const Term& term) {
    std::vector<std::string> words;
    for (auto& group : groups_of(term.text)) std::ranges::move(group.parts, std::back_inserter(words));
    if (words.empty()) return;
    auto plan = planner(term.text);
    plan.add_phrase(words);
    plans_.push_back(plan.take(true));
  }

  void plan_term(const Term& term) {
    const auto groups = groups_of(term.text);
    for (const auto& group : groups) {
      const auto word = joined(group.parts);
      auto plan = planner(groups.size() == 1 ? std::string_view{term.text} : std::string_view{word});
      if (group.parts.size() > 1) plan.add_phrase(group.parts);
      if (!group.ideographs || group.parts.size() == 1) plan.add_as_written(word);
      if (term.beginning && &group == &groups.back()) plan.add_beginning(word);
      if (wide_) plan.add_mistakes_and_sounds(word);
      plans_.push_back(plan.take(true));
    }
  }

  void plan_filter(const std::string& text, void (WordPlanner::*add)(const std::string&)) {
    for (const auto& group : groups_of(text)) {
      for (const auto& word : group.parts) {
        auto plan = planner(word);
        (plan.*add)(word);
        plans_.push_back(plan.take(false));
      }
    }
  }

  const TreeIndex::State& state_;
  Circle circle_;
  bool wide_;
  std::vector<WordPlan> plans_;
};

}  // namespace

std::vector<WordPlan> plan_words(const TreeIndex::State& state, const Query& query, Circle circle, bool wide) {
  return QueryPlanner{state, circle, wide}.run(query);
}

double inverse_document_frequency(std::uint32_t documents, std::uint32_t n) noexcept {
  return std::log(1.0 + (documents - n + 0.5) / (n + 0.5));
}

double match_factor(Match match) noexcept {
  switch (match) {
    case Match::exact: return 1;
    case Match::fold: return .97;
    case Match::translit: return .93;
    case Match::prefix: return .8;
    case Match::typo1: return .7;
    case Match::nickname: return .65;
    case Match::phonetic: return .55;
    case Match::typo2: return .45;
  }
  return 0;
}

Field field_of(Column column, Kind kind) noexcept {
  if (column == Column::alt) return Field::alt;
  if (column == Column::body) return Field::body;
  if (kind == Kind::person) return Field::name;
  return kind == Kind::place ? Field::place : Field::title;
}

double field_weight(Field field) noexcept {
  switch (field) {
    case Field::name: return 4;
    case Field::alt: return 3;
    case Field::title:
    case Field::place: return 2;
    case Field::body: return 1;
  }
  return 0;
}

std::uint32_t documents_seen(const TreeIndex::State& state, Circle circle) noexcept {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(circle); ++i) sum += state.documents[i];
  return sum;
}

}  // namespace tablinum::search
