#include "kinship/scratch.h"
#include "tablinum/tree/kinship/relationship.h"

namespace tablinum::tree::kinship {
namespace {

/// Breadth-first search from one end, level by level.
class Side {
 public:
  struct Visit {
    PersonN person;
    std::uint32_t before;  // index of a visit
    FamilyN family;
    Direction direction;  // from the one before to the person
  };

  Side(const Graph& graph, PersonN start) : graph_{graph}, indices_{graph.node_count()} {
    add({start, kNone, kNone, Direction::up});
  }

  bool is_done() const { return level_begin_ == visits_.size(); }
  std::size_t level_size() const { return visits_.size() - level_begin_; }
  std::uint32_t visited() const { return static_cast<std::uint32_t>(visits_.size()); }
  const Visit& visit(std::uint32_t index) const { return visits_[index]; }
  std::uint32_t index_of(PersonN person) const { return indices_.get(person, kNone); }

  /// Visits the next level. The new visits are [level_begin(), visited()).
  void advance() {
    const std::size_t end = visits_.size();
    for (std::size_t at = level_begin_; at < end; ++at) expand(static_cast<std::uint32_t>(at));
    level_begin_ = end;
  }
  std::size_t level_begin() const { return level_begin_; }

  std::uint32_t steps_to(std::uint32_t index) const {
    std::uint32_t steps = 0;
    for (; visits_[index].before != kNone; index = visits_[index].before) ++steps;
    return steps;
  }

 private:
  void add(const Visit& visit) {
    if (visit.person == kNone || !indices_.insert(visit.person, visited())) return;
    visits_.push_back(visit);
  }

  void expand(std::uint32_t at) {
    const PersonN person = visits_[at].person;
    for_each_parent_pair(graph_, person, [&](const ParentPair& pair) {
      add({pair.father, at, pair.family, Direction::up});
      add({pair.mother, at, pair.family, Direction::up});
      if (pair.father == kNone && pair.mother == kNone) add_siblings(at, pair.family);
    });
    for (const FamilyN family : graph_.families(person)) {
      // Families share the numbers of people: one that its other partner has opened holds nobody new.
      if (!indices_.insert(family)) continue;
      add({graph_.partner_of(person, family), at, family, Direction::partner});
      for (const PersonN child : graph_.children(family)) add({child, at, family, Direction::down});
    }
  }

  /// A family whose parents are unknown joins its children directly.
  void add_siblings(std::uint32_t at, FamilyN family) {
    if (!indices_.insert(family)) return;
    for (const PersonN child : graph_.children(family)) add({child, at, family, Direction::sibling});
  }

  const Graph& graph_;
  ScratchMap indices_;  // person → visit
  std::vector<Visit> visits_;
  std::size_t level_begin_ = 0;
};

Direction reversed(Direction direction) noexcept {
  if (direction == Direction::up) return Direction::down;
  return direction == Direction::down ? Direction::up : direction;
}

Step step(const Graph& graph, Direction direction, PersonN from, PersonN to, FamilyN family) {
  if (direction == Direction::partner || direction == Direction::sibling) return {direction, to, family};
  const PersonN child = direction == Direction::up ? from : to;
  return {direction, to, family, graph.pedigree(child, family).value_or(Pedigree::unstated)};
}

/// The steps from the start of `near` over the meeting person to the start of `far`.
std::vector<Step> joined(const Graph& graph, const Side& near, const Side& far, PersonN meeting) {
  std::vector<Step> steps;
  for (std::uint32_t at = near.index_of(meeting); near.visit(at).before != kNone; at = near.visit(at).before) {
    const auto& visit = near.visit(at);
    steps.push_back(step(graph, visit.direction, near.visit(visit.before).person, visit.person, visit.family));
  }
  std::ranges::reverse(steps);
  for (std::uint32_t at = far.index_of(meeting); far.visit(at).before != kNone; at = far.visit(at).before) {
    const auto& visit = far.visit(at);
    steps.push_back(step(graph, reversed(visit.direction), visit.person, far.visit(visit.before).person, visit.family));
  }
  return steps;
}

/// Among the people whom `side` has just reached, the one nearest to the other end.
PersonN meeting_point(const Side& side, const Side& other) {
  PersonN best = kNone;
  std::uint32_t fewest = kNone;
  for (auto at = static_cast<std::uint32_t>(side.level_begin()); at < side.visited(); ++at) {
    const std::uint32_t there = other.index_of(side.visit(at).person);
    if (there == kNone) continue;
    const std::uint32_t steps = other.steps_to(there);
    if (steps < fewest) {
      fewest = steps;
      best = side.visit(at).person;
    }
  }
  return best;
}

}  // namespace

Result<Path> shortest_path(const Graph& graph, PersonN a, PersonN b, std::uint32_t visited_max) {
  if (!graph.is_person(a) || !graph.is_person(b)) return fail(Code::not_found, "no such person in the kinship graph");
  if (a == b) return Path{true, {}, 1};
  Side from_a{graph, a}, from_b{graph, b};
  PersonN meeting = kNone;
  while (meeting == kNone && !from_a.is_done() && !from_b.is_done()) {
    const bool a_is_smaller = from_a.level_size() <= from_b.level_size();
    Side& side = a_is_smaller ? from_a : from_b;
    const auto visited = from_a.visited() + from_b.visited();
    if (visited > visited_max) return Path{.found = false, .steps = {}, .visited = visited, .complete = false};
    side.advance();
    meeting = meeting_point(side, a_is_smaller ? from_b : from_a);
  }
  Path path{meeting != kNone, {}, from_a.visited() + from_b.visited()};
  if (path.found) path.steps = joined(graph, from_a, from_b, meeting);
  return path;
}

}  // namespace tablinum::tree::kinship
