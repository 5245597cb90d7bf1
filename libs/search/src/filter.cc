#include "filter.h"

#include "sorting.h"
#include "text.h"

namespace tablinum::search {
namespace {

/// True if the place's name holds all words of the filter ("new york" finds "New York City").
bool name_holds(const PlaceEntry& place, const std::vector<std::string>& words) {
  const auto padded = ' ' + place.key + ' ';
  return std::ranges::all_of(words, [&](const auto& word) { return padded.find(' ' + word + ' ') != std::string::npos; });
}

std::vector<std::string> words_of(std::string_view text) {
  const auto form = sorting_form(text);
  std::vector<std::string> words;
  for (std::size_t at = 0; at < form.size();) {
    const auto end = std::min(form.find(' ', at), form.size());
    words.push_back(form.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

/// The places called so, and everything inside them.
std::vector<bool> places_called(const TreeIndex::State& state, std::string_view text) {
  enum : std::uint8_t { unknown, no, yes };
  const auto words = words_of(text);
  const auto& places = state.places;
  std::vector<std::uint8_t> verdict(places.size(), unknown);
  std::vector<std::uint32_t> path;
  for (std::uint32_t start = 0; start < places.size() && !words.empty(); ++start) {
    path.clear();
    auto at = start;
    std::uint8_t found = no;
    // A path that is longer than there are places would be a circle.
    while (at < places.size() && path.size() <= places.size()) {
      if (verdict[at] != unknown) {
        found = verdict[at];
        break;
      }
      path.push_back(at);
      verdict[at] = no;
      if (name_holds(places[at], words)) {
        found = yes;
        break;
      }
      at = places[at].parent;
    }
    for (const auto place : path) verdict[place] = found;
  }
  std::vector<bool> result(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) result[i] = verdict[i] == yes;
  return result;
}

}  // namespace

bool Sight::sees_place(std::uint32_t place) const {
  if (!places_) {
    const auto& places = state_.places;
    auto& seen = places_.emplace(places.size());
    const auto mark = [&](std::uint32_t n, std::uint32_t at) {
      if (!state_.columns.is_record(n) || !sees(n)) return;
      for (; at < places.size() && !seen[at]; at = places[at].parent) seen[at] = true;
    };
    for (std::uint32_t n = 0; n < state_.columns.records; ++n) mark(n, state_.columns.place[n]);
    for (const auto& [n, at] : state_.more_places) mark(n, at);
  }
  return place < places_->size() && (*places_)[place];
}

double date_fit(Years years, const YearRange& asked) noexcept {
  if (!years.known()) return 0;
  const int from = years.min == Years::kUnknown ? years.max - kLifeYears : years.min;
  const int to = years.max == Years::kUnknown ? years.min + kLifeYears : years.max;
  const int asked_from = asked.from ? *asked.from : INT16_MIN - kLifeYears;
  const int asked_to = asked.to ? *asked.to : INT16_MAX + kLifeYears;
  if (from >= asked_from && to <= asked_to) return kDateInside;
  if (from <= asked_to && to >= asked_from) return kDateOverlap;
  const int gap = from > asked_to ? from - asked_to : asked_from - to;
  return gap <= kNearYears ? kDateNear : 0;
}

Filter::Filter(const TreeIndex::State& state, const Query& query) : columns_{state.columns}, query_{query} {
  if (!query.kinds.empty()) kinds_ = 0;
  for (const auto kind : query.kinds) kinds_ |= std::uint32_t{1} << static_cast<unsigned>(kind);
  const bool of_persons = query.sex || query.living || query.born || query.died;
  if (of_persons) kinds_ &= std::uint32_t{1} << static_cast<unsigned>(Kind::person);
  any_ = of_persons || !query.kinds.empty() || !query.places.empty();
  read_places(state);
}

void Filter::read_places(const TreeIndex::State& state) {
  for (const auto& text : query_.places) {
    const auto wanted = places_called(state, text);
    const auto holds = [&](std::uint32_t place) { return place < wanted.size() && wanted[place]; };
    std::vector<bool> records(columns_.size());
    for (std::uint32_t n = 0; n < columns_.size(); ++n) records[n] = holds(columns_.place[n]);
    for (const auto& [n, place] : state.more_places) {
      if (holds(place)) records[n] = true;
    }
    at_place_.push_back(std::move(records));
  }
}

double Filter::fit_of(std::uint32_t n) const noexcept {
  if ((kinds_ >> columns_.kind[n] & 1) == 0) return 0;
  if (query_.sex && columns_.sex(n) != *query_.sex) return 0;
  if (query_.living && columns_.living(n) != *query_.living) return 0;
  for (const auto& records : at_place_) {
    if (!records[n]) return 0;
  }
  double fit = 1;
  if (query_.born) fit *= date_fit(columns_.birth[n], *query_.born);
  if (query_.died) fit *= date_fit(columns_.death[n], *query_.died);
  return fit;
}

}  // namespace tablinum::search
