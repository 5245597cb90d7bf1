#include "statistics.h"

#include <algorithm>

#include "tablinum/store/overview.h"
#include "tablinum/tree/kinship/walk.h"

namespace tablinum::genealogy_service {
namespace {

std::int32_t year_of(std::int32_t jdn) noexcept {
  const auto day = model::from_jdn(model::Calendar::gregorian, jdn);
  return day ? day->year : 0;
}
std::int32_t decade_of(std::int32_t year) noexcept { return year >= 0 ? year / 10 * 10 : (year - 9) / 10 * 10; }

/// The `kTopCount` largest, equal ones by name.
std::vector<NamedCount> top(std::vector<NamedCount> all) {
  const auto more = [](const NamedCount& a, const NamedCount& b) {
    return a.count != b.count ? a.count > b.count : a.name < b.name;
  };
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), kTopCount));
  std::ranges::partial_sort(all, middle, more);
  all.erase(middle, all.end());
  return all;
}

Result<std::vector<NamedCount>> surnames(store::Session& session, std::int64_t tree_no) {
  std::unordered_map<std::string, std::uint64_t> counts;
  Rid last;
  CHECK_OK(store::for_each_name(session, tree_no, [&](const store::Name& name) {
    if (name.rid == last || name.surname.empty()) return;
    last = name.rid;
    ++counts[name.surname_prefix.empty() ? name.surname : name.surname_prefix + ' ' + name.surname];
  }));
  std::vector<NamedCount> all;
  for (auto& [name, count] : counts) all.push_back({std::nullopt, name, count});
  return top(std::move(all));
}

Result<std::vector<NamedCount>> places(Browser& browser, const store::TreeInfo& tree,
                                       const std::unordered_map<std::int64_t, std::uint64_t>& counts) {
  std::vector<NamedCount> all;
  for (const auto& [pid, count] : counts) all.push_back({std::to_string(pid), "", count});
  all = top(std::move(all));
  for (auto& place : all) {
    const store::Pid pid{std::stoll(*place.id)};
    TRY(path, store::place_path(browser.session(), pid));
    for (auto level = path.rbegin(); level != path.rend(); ++level)
      place.name += (place.name.empty() ? "" : ", ") + level->name;
    place.id = to_string(place_id(tree.id, pid));
  }
  return all;
}

/// People in the longest line of descent.
std::uint32_t longest_line(const kinship::Graph& graph) {
  std::vector<std::uint16_t> depth(graph.node_count());
  std::uint32_t longest = 0;
  for (const auto person : kinship::topological_order(graph)) {
    const auto parents = graph.parents(person);
    std::uint16_t above = 0;
    for (const auto parent : {parents.father, parents.mother}) {
      if (parent != kinship::kNone) above = std::max(above, depth[parent]);
    }
    depth[person] = static_cast<std::uint16_t>(above + 1);
    longest = std::max<std::uint32_t>(longest, depth[person]);
  }
  return longest;
}

std::uint64_t count_of(const std::vector<store::TreeStatistics::KindCount>& counts, store::RecordKind kind) {
  for (const auto& count : counts) {
    if (count.kind == static_cast<std::int64_t>(kind)) return count.count;
  }
  return 0;
}

}  // namespace

Result<TreeNumbers> tree_statistics(Browser& browser, const store::TreeInfo& tree) {
  auto& session = browser.session();
  TreeNumbers numbers;
  TRY(stored, store::tree_statistics(session, tree.tree_no));
  std::unordered_map<std::int64_t, std::uint64_t> place_counts;
  std::uint64_t events = 0;
  CHECK_OK(store::for_each_event(session, tree.tree_no, [&](const store::Event& event) {
    ++events;
    if (event.place) ++place_counts[event.place->value()];
  }));
  std::vector<std::int8_t> quality(tree.next_n, -1);
  std::uint64_t citations = 0;
  CHECK_OK(store::for_each_link(session, tree.tree_no, [&](const store::Link& link) {
    if (link.kind != store::LinkKind::citation) return;
    ++citations;
    auto& best = quality[n_of(link.rid)];
    best = std::max(best, static_cast<std::int8_t>(link.quality.value_or(0)));
  }));
  CHECK_OK(store::for_each_person(session, tree.tree_no, [&](const store::Person& person) {
    const auto best = quality[n_of(person.rid)];
    if (best < 0)
      ++numbers.without_citation;
    else
      ++numbers.by_quality[static_cast<std::size_t>(std::min<int>(best, 3))];
    for (const auto& [day, birth] : {std::pair{person.birth_min, true}, std::pair{person.death_min, false}}) {
      if (!day) continue;
      const auto year = year_of(*day);
      numbers.earliest_year = std::min(numbers.earliest_year.value_or(year), year);
      numbers.latest_year = std::max(numbers.latest_year.value_or(year), year);
      auto& decade = numbers.decades[decade_of(year)];
      ++(birth ? decade.first : decade.second);
    }
  }));
  TRY(graph, browser.graph(tree.tree_no));
  numbers.generations = longest_line(graph->graph);
  TRY(top_surnames, surnames(session, tree.tree_no));
  numbers.surnames = std::move(top_surnames);
  TRY(top_places, places(browser, tree, place_counts));
  numbers.places = std::move(top_places);
  const auto records = [&](store::RecordKind kind) { return count_of(stored.records, kind); };
  numbers.counts = {{"persons", records(store::RecordKind::person)},
                    {"namedPersons", stored.named_persons},
                    {"livingPersons", stored.living_persons},
                    {"families", records(store::RecordKind::family)},
                    {"events", events},
                    {"places", stored.places},
                    {"sources", records(store::RecordKind::source)},
                    {"citations", citations},
                    {"repositories", records(store::RecordKind::repository)},
                    {"media", records(store::RecordKind::media)},
                    {"notes", records(store::RecordKind::note)}};
  return numbers;
}

}  // namespace tablinum::genealogy_service
