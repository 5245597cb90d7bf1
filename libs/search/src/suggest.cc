#include <shared_mutex>

#include "filter.h"
#include "sorting.h"
#include "tablinum/search/search.h"
#include "text.h"
#include "tree_state.h"

namespace tablinum::search {
namespace {

/// "Moyo, Tendai (1850–1920)".
std::string label_of(const TreeIndex::State& state, std::uint32_t n) {
  const auto& columns = state.columns;
  std::string label{state.headings.text(columns.heading[n])};
  const auto given = state.givens.text(columns.given[n]);
  if (!label.empty() && !given.empty()) label += ", ";
  label += given;
  const auto year = [](Years years) {
    const auto known = years.min != Years::kUnknown ? years.min : years.max;
    return known == Years::kUnknown ? std::string{} : std::to_string(known);
  };
  const auto born = year(columns.birth[n]);
  const auto died = year(columns.death[n]);
  if (!born.empty() || !died.empty()) label += " (" + born + "–" + died + ")";
  return label;
}

class People {
 public:
  People(const TreeIndex::State& state, const Viewer& viewer, std::size_t limit)
      : state_{state}, sight_{state, viewer}, limit_{limit} {}

  /// Adds those whose sorting forms begin with both, in order, until there are enough. No other end: how far it looks must not depend
  /// on people the viewer may not see.
  void add(std::string_view surname, std::string_view given) {
    const auto surnames = state_.headings.ranks_with(surname);
    const auto givens = state_.givens.ranks_with(given);
    if (surnames.first == surnames.second || givens.first == givens.second) return;
    const auto surname_rank = [this](const ListedPerson& person) { return state_.headings.rank(state_.columns.heading[person.n]); };
    auto at = std::ranges::lower_bound(state_.people, surnames.first, {}, surname_rank);
    const auto end = std::ranges::lower_bound(at, state_.people.end(), surnames.second, {}, surname_rank);
    for (; at != end && found_.size() < limit_; ++at) {
      const auto rank = state_.givens.rank(at->given);
      if (rank < givens.first || rank >= givens.second || !sight_.sees(at->n)) continue;
      found_.push_back({label_of(state_, at->n), at->n, 1, NamePart::none});
    }
  }
  std::vector<Suggestion> take() { return std::move(found_); }

 private:
  const TreeIndex::State& state_;
  Sight sight_;
  std::size_t limit_;
  std::vector<Suggestion> found_;
};

NamePart part_of_name(const TreeIndex::State& state, std::string_view word, Circle circle) {
  const auto surnames = state.surname_words.count(word, circle);
  const auto givens = state.given_words.count(word, circle);
  if (surnames == 0 && givens == 0) return NamePart::none;
  return givens > surnames ? NamePart::given : NamePart::surname;
}

std::vector<Suggestion> suggest_words(const TreeIndex::State& state, std::string_view word, const Viewer& viewer, std::size_t limit) {
  std::vector<Suggestion> found;
  for (const auto& [text, count] : state.names.beginning_with(word, viewer.circle, limit)) {
    found.push_back({std::string{text}, std::nullopt, count, part_of_name(state, text, viewer.circle)});
  }
  return found;
}

std::string_view trimmed(std::string_view text) noexcept {
  const auto begin = std::min(text.find_first_not_of(' '), text.size());
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

}  // namespace

Result<std::vector<Suggestion>> suggest(const TreeIndex& index, std::string_view typed, const Viewer& viewer, std::size_t limit) {
  if (typed.size() > kQueryBytesMax) return fail(Code::too_large, "more than " + std::to_string(kQueryBytesMax) + " bytes typed");
  if (limit > kSuggestionsMax) return fail(Code::limit, "more than " + std::to_string(kSuggestionsMax) + " suggestions");
  const auto text = trimmed(typed);
  if (text.empty() || limit == 0) return std::vector<Suggestion>{};
  const std::shared_lock lock{index.state().mutex};
  const auto& state = index.state();
  People people(state, viewer, limit);
  if (const auto comma = text.find(','); comma != std::string_view::npos) {
    people.add(sorting_form(text.substr(0, comma)), sorting_form(text.substr(comma + 1)));
    return people.take();
  }
  const auto blank = text.rfind(' ');
  if (blank == std::string_view::npos) return suggest_words(state, fold(text), viewer, limit);
  people.add(sorting_form(text.substr(blank + 1)), sorting_form(text.substr(0, blank)));
  people.add(sorting_form(text), {});
  return people.take();
}

}  // namespace tablinum::search
