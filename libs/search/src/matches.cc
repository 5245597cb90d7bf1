#include "matches.h"

namespace tablinum::search {
namespace {

/// Arrays of earlier searches of this thread, so that a search does not begin with clearing fresh pages.
std::vector<std::vector<std::uint8_t>>& spare_arrays() {
  thread_local std::vector<std::vector<std::uint8_t>> spare;
  return spare;
}

std::vector<std::uint8_t> take_array(std::size_t size) {
  auto& spare = spare_arrays();
  std::vector<std::uint8_t> array;
  if (!spare.empty()) {
    array = std::move(spare.back());
    spare.pop_back();
  }
  array.assign(size, Matches::kNone);
  return array;
}

/// One byte a text of the dictionary: does it begin so? Small enough to stay in the processor's cache during the scan.
std::vector<std::uint8_t> texts_beginning(const Dictionary& dictionary, std::string_view beginning) {
  const auto [from, to] = dictionary.ranks_with(beginning);
  std::vector<std::uint8_t> begins(dictionary.size());
  for (std::uint32_t id = 0; id < begins.size(); ++id) begins[id] = dictionary.rank(id) >= from && dictionary.rank(id) < to ? 1 : 0;
  return begins;
}

/// Records whose surname, title or given name begins so.
Postings scan_columns(const TreeIndex::State& state, std::string_view beginning) {
  const auto headings = texts_beginning(state.headings, beginning);
  const auto givens = texts_beginning(state.givens, beginning);
  const auto& columns = state.columns;
  Postings found;
  for (std::uint32_t n = 0; n < columns.size(); ++n) {
    if ((headings[columns.heading[n]] | givens[columns.given[n]]) != 0 && columns.present(n)) found.push_back(n);
  }
  return found;
}

/// Numbers of documents as slots; those of places are the last.
Postings slots_of(const TreeIndex::State& state, Postings&& documents) {
  const auto places = std::ranges::lower_bound(documents, kPlaceDocuments);
  std::ranges::transform(places, documents.end(), places,
                         [&](std::uint32_t n) { return state.columns.slot_of_place(place_of_document(n)); });
  return std::move(documents);
}

using SharedPostings = std::shared_ptr<const Postings>;

SharedPostings share(Postings&& postings) { return std::make_shared<const Postings>(std::move(postings)); }

Result<SharedPostings> read_postings(const TreeIndex::State& state, Snapshot snapshot, const Expansion& way) {
  if (way.beginning) return share(scan_columns(state, way.tokens.front()));
  std::string key = way.tokens.front();
  for (const auto& token : std::span{way.tokens}.subspan(1)) key += ' ' + token;
  auto& cache = state.postings;
  if (auto known = cache.find(way.column, key)) return known;
  TRY(found, snapshot.documents.phrase(state.tree_no, way.column, way.tokens));
  auto shared = share(slots_of(state, std::move(found)));
  // A snapshot older than the index lacks what apply() has already made the cache forget; its list must not stay.
  if (snapshot.generation == state.generation) cache.put(way.column, key, shared);
  return shared;
}

}  // namespace

Matches::Matches(const TreeIndex::State& state, std::span<const WordPlan> plans) : columns_{state.columns}, plans_{plans} {
  constexpr std::size_t kPadding = 8;  // each() reads eight records at once
  for (const auto& plan : plans) {
    ways_.push_back(take_array(columns_.size() + kPadding));
    weigh(plan);
  }
}

Matches::Matches(Matches&& other) noexcept
    : columns_{other.columns_},
      plans_{other.plans_},
      ways_{std::move(other.ways_)},
      points_{std::move(other.points_)},
      rarest_{other.rarest_},
      shortest_{other.shortest_},
      maximum_{other.maximum_} {}

Matches::~Matches() {
  constexpr std::size_t kSpareMax = 4;
  auto& spare = spare_arrays();
  for (auto& array : ways_) {
    if (spare.size() < kSpareMax) spare.push_back(std::move(array));
  }
}

Result<Matches> Matches::read(const TreeIndex::State& state, Snapshot snapshot, std::span<const WordPlan> plans) {
  Matches matches(state, plans);
  for (std::size_t word = 0; word < plans.size(); ++word) CHECK_OK(matches.mark(state, snapshot, word));
  return matches;
}

void Matches::weigh(const WordPlan& plan) {
  Points points{};
  if (plan.counts) {
    for (std::size_t i = 0; i < plan.expansions.size(); ++i) {
      const auto& way = plan.expansions[i];
      for (const auto kind : {Kind::other, Kind::person}) {
        const auto weight = field_weight(field_of(way.column, kind));
        points[kind == Kind::person ? 1 : 0][i + 1] = plan.idf * weight * match_factor(way.match);
      }
    }
    maximum_ += plan.idf * field_weight(Field::name) * match_factor(Match::exact);
  }
  points_.push_back(points);
}

Result<void> Matches::mark(const TreeIndex::State& state, Snapshot snapshot, std::size_t word) {
  auto& ways = ways_[word];
  std::size_t entries = 0;
  for (std::size_t i = 0; i < plans_[word].expansions.size(); ++i) {
    TRY(postings, read_postings(state, snapshot, plans_[word].expansions[i]));
    entries += postings->size();
    const auto& points = points_[word];
    const auto way = static_cast<std::uint8_t>(i + 1);
    for (const auto n : *postings) {
      if (!columns_.present(n)) continue;
      auto& best = ways[n];
      const auto& of_kind = points[person(n)];
      if (best == kNone || of_kind[way] > of_kind[best]) best = way;
    }
  }
  if (entries < shortest_) {
    shortest_ = entries;
    rarest_ = word;
  }
  return {};
}

bool Matches::met_by_others(std::uint32_t n) const noexcept {
  return std::ranges::all_of(ways_, [n](const Ways& ways) { return ways[n] != kNone; });
}

}  // namespace tablinum::search
