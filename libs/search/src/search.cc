#include "tablinum/search/search.h"

#include <cmath>
#include <shared_mutex>

#include "expansion.h"
#include "facet_counter.h"
#include "filter.h"
#include "highlight.h"
#include "matches.h"
#include "ranking.h"
#include "tablinum/search/distance.h"
#include "text.h"
#include "tree_state.h"

namespace tablinum::search {
namespace {

constexpr double kLinksWeight = .02;

const std::array<double, 256> kLinksBonus = [] {
  std::array<double, 256> bonus{};
  for (std::size_t links = 0; links < bonus.size(); ++links) bonus[links] = kLinksWeight * std::log2(1.0 + static_cast<double>(links));
  return bonus;
}();

/// One pass over everything that matches: who may see it, what passes the filters, its score, the counts.
struct Pass {
  std::vector<WordPlan> plans;
  std::optional<Matches> matches;   // points into plans
  std::vector<Ranked> ranked;
  std::uint32_t total = 0;
  Facets facets;
};

class Searcher {
 public:
  Searcher(const TreeIndex::State& state, Snapshot snapshot, const Query& query, const Viewer& viewer, const SearchOptions& options)
      : state_{state}, snapshot_{snapshot}, query_{query}, viewer_{viewer}, options_{options} {}

  Result<Answer> run() {
    TRY(written, pass(query_, options_.spelling == Spelling::wide, window()));
    Answer answer;
    if (written.total == 0 && !query_.terms.empty()) CHECK_OK(propose(answer));
    if (may_widen() && written.total < kEnoughHits) {
      TRY(wide, pass(query_, true, window()));
      answer.widened = wide.total > written.total;
      CHECK_OK(write(answer.widened ? wide : written, answer));
    } else {
      CHECK_OK(write(written, answer));
    }
    return answer;
  }

 private:
  std::size_t window() const noexcept { return options_.offset + options_.limit; }
  bool may_widen() const noexcept {
    return options_.spelling == Spelling::automatic && std::ranges::any_of(query_.terms, [](const Term& term) { return !term.phrase; });
  }
  double score(const Matches& matches, std::size_t words, std::uint32_t n, double fit) const noexcept;
  Result<Pass> pass(const Query& query, bool wide, std::size_t window) const;
  Result<void> propose(Answer& answer) const;
  Result<void> write(const Pass& pass, Answer& answer) const;
  Explanation explain(const Pass& pass, const Ranked& hit) const;

  const TreeIndex::State& state_;
  Snapshot snapshot_;
  const Query& query_;
  const Viewer& viewer_;
  const SearchOptions& options_;
};

/// Σ idf · field · match / maximum, × date fit, + links. Without words the first factor is 1.
double Searcher::score(const Matches& matches, std::size_t words, std::uint32_t n, double fit) const noexcept {
  double share = 1;
  if (matches.maximum() > 0) {
    share = 0;
    for (std::size_t word = 0; word < words; ++word) share += matches.points(word, n);
    share /= matches.maximum();
  }
  return share * fit + kLinksBonus[state_.columns.links[n]];
}

Result<Pass> Searcher::pass(const Query& query, bool wide, std::size_t window) const {
  thread_local FacetCounter counter;
  Pass pass;
  pass.plans = plan_words(state_, query, viewer_.circle, wide);
  TRY(matches, Matches::read(state_, snapshot_, pass.plans));
  const Filter filter(state_, query);
  const Sight sight(state_, viewer_);
  Ranking ranking(state_, options_.sort, options_.descending, window, options_.after);
  if (options_.facets) counter.start(state_);
  matches.each([&](std::uint32_t n) {
    if (!sight.sees(n)) return;
    const auto fit = filter.fit(n);
    if (fit == 0) return;
    ++pass.total;
    if (options_.facets) counter.count(state_.columns, n);
    ranking.offer({n, score(matches, pass.plans.size(), n, fit), fit});
  });
  pass.ranked = ranking.take();
  if (options_.facets) pass.facets = counter.take(state_);
  pass.matches.emplace(std::move(matches));
  return pass;
}

/// Replaces each unknown word by the nearest one; proposed only if that finds something.
Result<void> Searcher::propose(Answer& answer) const {
  Query changed = query_;
  bool differs = false;
  for (auto& term : changed.terms) {
    const auto word = fold_word(term.text);
    if (term.phrase || state_.names.count(word, viewer_.circle) > 0 || state_.bodies.count(word, viewer_.circle) > 0) continue;
    const auto limit = typo_limit(word.size());
    auto near = state_.names.near(word, limit, viewer_.circle, 1);
    if (near.empty()) near = state_.bodies.near(word, limit, viewer_.circle, 1);
    if (near.empty()) return {};
    term.text = near.front().word;
    differs = true;
  }
  if (!differs) return {};
  TRY(found, pass(changed, false, 0));
  if (found.total > 0) answer.did_you_mean = print(changed);
  return {};
}

Explanation Searcher::explain(const Pass& pass, const Ranked& hit) const {
  Explanation explanation;
  explanation.maximum = pass.matches->maximum();
  explanation.date_fit = hit.fit;
  explanation.links = kLinksBonus[state_.columns.links[hit.n]];
  const auto kind = static_cast<Kind>(state_.columns.kind[hit.n]);
  for (std::size_t word = 0; word < pass.plans.size(); ++word) {
    const auto& plan = pass.plans[word];
    if (!plan.counts) continue;
    const auto& way = plan.expansions[pass.matches->way(word, hit.n) - 1U];
    std::string matched;
    for (const auto& token : way.tokens) matched += (matched.empty() ? "" : " ") + token;
    if (way.beginning) matched += '*';
    explanation.reasons.push_back(
        {plan.asked, std::move(matched), field_of(way.column, kind), way.match, plan.idf, pass.matches->points(word, hit.n)});
  }
  return explanation;
}

Result<void> Searcher::write(const Pass& pass, Answer& answer) const {
  answer.total = pass.total;
  answer.facets = pass.facets;
  const auto end = std::min(window(), pass.ranked.size());
  if (options_.limit > 0 && window() < pass.total && window() < kWindowMax) answer.next_offset = window();
  Highlighter highlighter(pass.plans);
  for (auto i = options_.offset; i < end; ++i) {
    const auto& ranked = pass.ranked[i];
    Hit hit;
    const bool is_place = state_.columns.is_place(ranked.n);
    hit.n = is_place ? document_of_place(ranked.n - state_.columns.records) : ranked.n;
    hit.kind = static_cast<Kind>(state_.columns.kind[ranked.n]);
    if (hit.kind == Kind::place && state_.columns.place[ranked.n] != kNoPlace) hit.place = state_.columns.place[ranked.n];
    hit.score = ranked.score;
    if (options_.highlights) {
      const auto document = snapshot_.documents.get(make_rid(state_.tree_no, hit.n));
      if (!document && document.error().code != Code::not_found) return std::unexpected(document.error());
      if (document) {
        hit.title = highlighter.title(document->name);
        hit.snippet = highlighter.snippet(document->body);
      }
    }
    if (options_.explain) hit.explanation = explain(pass, ranked);
    answer.hits.push_back(std::move(hit));
  }
  return {};
}

}  // namespace

std::string_view to_string(Match match) noexcept {
  constexpr std::string_view kNames[] = {"exact", "fold", "translit", "prefix", "typo1", "nickname", "phonetic", "typo2"};
  return kNames[static_cast<std::size_t>(match) % std::size(kNames)];
}

std::string_view to_string(Field field) noexcept {
  constexpr std::string_view kNames[] = {"name", "alt", "title", "place", "body"};
  return kNames[static_cast<std::size_t>(field) % std::size(kNames)];
}

Result<Answer> search(const TreeIndex& index, Snapshot snapshot, const Query& query, const Viewer& viewer, const SearchOptions& options) {
  if (options.limit > kHitsMax) return fail(Code::limit, "more than " + std::to_string(kHitsMax) + " hits a page");
  if (options.offset > kWindowMax || options.offset + options.limit > kWindowMax) {
    return fail(Code::limit, "only the first " + std::to_string(kWindowMax) + " hits can be listed");
  }
  const std::shared_lock lock{index.state().mutex};
  if (options.after && (options.sort == SortBy::relevance || *options.after >= index.state().columns.records)) {
    return fail(Code::invalid, "there is no such place in the list");
  }
  return Searcher{index.state(), snapshot, query, viewer, options}.run();
}

}  // namespace tablinum::search
