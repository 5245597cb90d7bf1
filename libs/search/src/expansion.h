#pragma once
/// What a word of the query may meet in the index, and what each meeting is worth.
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/search/search.h"
#include "tree_state.h"

namespace tablinum::search {

/// One way to match: a token of a column, tokens side by side, or a beginning of a surname, given name or title (columns in memory).
struct Expansion {
  Match match{};
  Column column{};
  std::vector<std::string> tokens;  ///< one, or the words of a phrase
  bool beginning = false;
  bool is_phrase() const noexcept { return tokens.size() > 1; }
};

/// One word (or phrase) that every hit must match.
struct WordPlan {
  std::string asked;
  std::vector<Expansion> expansions;  ///< at most kWaysMax
  bool counts = true;                 ///< false: only filters, adds nothing to the score
  double idf = 0;
};

/// kExpansionsMax words, most of them looked for in the name and in the body.
inline constexpr std::size_t kWaysMax = 2 * kExpansionsMax;

/// The words of `query` and of its name filters, for a viewer of `circle`: only words of documents in that circle are taken from the
/// vocabulary. `wide` adds mistakes, nicknames and sounds.
std::vector<WordPlan> plan_words(const TreeIndex::State& state, const Query& query, Circle circle, bool wide);

/// ln(1 + (documents − n + ½) / (n + ½)) with n the documents of the most frequent form (Robertson, Spärck Jones).
double inverse_document_frequency(std::uint32_t documents, std::uint32_t n) noexcept;

double match_factor(Match match) noexcept;
/// Field and weight of a column in a record of this kind.
Field field_of(Column column, Kind kind) noexcept;
double field_weight(Field field) noexcept;

std::uint32_t documents_seen(const TreeIndex::State& state, Circle circle) noexcept;

}  // namespace tablinum::search
