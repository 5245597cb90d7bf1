#include "facet_counter.h"

namespace tablinum::search {
namespace {

bool more_frequent(const FacetValue& a, const FacetValue& b) noexcept {
  return a.count != b.count ? a.count > b.count : a.value < b.value;
}

template <std::size_t N, class Name>
std::vector<FacetValue> named(const std::array<std::uint32_t, N>& counts, Name&& name) {
  std::vector<FacetValue> values;
  for (std::size_t i = 0; i < N; ++i) {
    if (counts[i] > 0) values.push_back({std::string{name(i)}, kNoPlace, counts[i]});
  }
  std::ranges::sort(values, more_frequent);
  return values;
}

constexpr std::string_view kSexNames[] = {"unknown", "male", "female", "other"};

/// "Harare, Zimbabwe". Parents form no circle in the database; the limit keeps a wrong one harmless.
std::string path_of(const std::vector<PlaceEntry>& places, std::uint32_t place) {
  constexpr int kLevelsMax = 8;
  std::string path;
  for (int level = 0; level < kLevelsMax && place < places.size(); ++level) {
    if (!path.empty() && !places[place].name.empty()) path += ", ";
    path += places[place].name;
    place = places[place].parent;
  }
  return path;
}

}  // namespace

void FacetCounter::start(const TreeIndex::State& state) {
  headings_.assign(state.headings.size(), 0);
  places_.assign(state.places.size(), 0);
  decades_ = {};
  kinds_ = {};
  sexes_ = {};
  living_ = {};
}

std::size_t FacetCounter::decade_index(Years years) noexcept {
  const int year = years.min != Years::kUnknown ? years.min : years.max;
  return static_cast<std::size_t>((year - kYearMin + 1) / 10);  // kYearMin is −9999: decades begin at years that end in 0
}

void FacetCounter::count(const Columns& columns, std::uint32_t n) noexcept {
  ++kinds_[std::min<std::size_t>(columns.kind[n], kKinds - 1)];
  if (columns.place[n] < places_.size()) ++places_[columns.place[n]];
  if (!columns.is_person(n)) return;
  ++headings_[columns.heading[n]];
  ++sexes_[static_cast<std::size_t>(columns.sex(n))];
  ++living_[columns.living(n) ? 1 : 0];
  if (columns.birth[n].known()) ++decades_[decade_index(columns.birth[n])];
}

Facets FacetCounter::take(const TreeIndex::State& state) const {
  Facets facets;
  facets.kind = named(kinds_, [](std::size_t i) { return to_string(static_cast<Kind>(i)); });
  facets.surname = surnames(state.headings);
  facets.place = place_values(state.places);
  facets.decade = decade_values();
  facets.sex = named(sexes_, [](std::size_t i) { return kSexNames[i]; });
  facets.living = named(living_, [](std::size_t i) { return i == 1 ? std::string_view{"yes"} : std::string_view{"no"}; });
  return facets;
}

std::vector<FacetValue> FacetCounter::surnames(const Dictionary& headings) const {
  std::vector<std::uint32_t> sums(headings.ranks());   // by rank: texts that sort alike are one value
  std::vector<std::uint32_t> shown(headings.ranks());  // id of the most frequent spelling
  for (std::uint32_t id = 1; id < headings_.size(); ++id) {
    if (headings_[id] == 0) continue;
    const auto rank = headings.rank(id);
    const auto other = shown[rank];
    const bool better = sums[rank] == 0 || headings_[id] > headings_[other] ||
                        (headings_[id] == headings_[other] && headings.text(id) < headings.text(other));
    sums[rank] += headings_[id];
    if (better) shown[rank] = id;
  }
  std::vector<std::pair<std::uint32_t, std::uint32_t>> most;  // count, id: texts are made for the few that stay
  for (std::size_t rank = 0; rank < sums.size(); ++rank) {
    if (sums[rank] > 0) most.emplace_back(sums[rank], shown[rank]);
  }
  const auto kept = std::min(most.size(), kFacetValues);
  std::ranges::partial_sort(most, most.begin() + static_cast<std::ptrdiff_t>(kept), [&](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : headings.text(a.second) < headings.text(b.second);
  });
  std::vector<FacetValue> values;
  for (std::size_t i = 0; i < kept; ++i) values.push_back({std::string{headings.text(most[i].second)}, kNoPlace, most[i].first});
  return values;
}

std::vector<FacetValue> FacetCounter::place_values(const std::vector<PlaceEntry>& places) const {
  std::vector<std::uint32_t> found;
  for (std::uint32_t place = 0; place < places_.size(); ++place) {
    if (places_[place] > 0) found.push_back(place);
  }
  const auto kept = std::min(found.size(), kFacetValues);
  std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(kept), [&](auto a, auto b) {
    return std::tuple{places_[b], std::string_view{places[a].name}, a} < std::tuple{places_[a], std::string_view{places[b].name}, b};
  });
  std::vector<FacetValue> values;
  for (std::size_t i = 0; i < kept; ++i) values.push_back({path_of(places, found[i]), found[i], places_[found[i]]});
  return values;
}

std::vector<FacetValue> FacetCounter::decade_values() const {
  std::vector<FacetValue> values;
  for (std::size_t i = 0; i < kDecades; ++i) {
    if (decades_[i] > 0) values.push_back({std::to_string(static_cast<int>(i) * 10 + kYearMin - 1), kNoPlace, decades_[i]});
  }
  return values;
}

}  // namespace tablinum::search
