#include <bitset>

#include "kinship/graph_data.h"
#include "tablinum/tree/kinship/relationship.h"

namespace tablinum::tree::kinship {
namespace {

struct Visit {
  PersonN person;
  std::uint32_t before;  // index of a visit of the same side
  FamilyN family;
  Direction direction;  // from the one before to the person
};

/// What one end has visited, level by level.
struct Side {
  std::vector<Visit> visits;
  std::size_t level_begin = 0;

  bool is_done() const { return level_begin == visits.size(); }
  std::size_t level_size() const { return visits.size() - level_begin; }
};

/// The graph as this search reads it: a node at a time, without a call for each, and without looking up in the edited nodes what a
/// few bits say was not edited.
class Nodes {
 public:
  struct View {
    std::uint32_t first = kNone, second = kNone, parent_family = kNone;
    std::span<const std::uint32_t> list{};
    std::span<const ParentFamily> further{};
  };

  explicit Nodes(const Graph& graph) : arrays_{GraphAccess::arrays(graph)}, overrides_{GraphAccess::overrides(graph)} {
    if (overrides_ == nullptr) return;
    for (const auto& [n, node] : overrides_->nodes) edited_.set(n % kEditedBits);
  }

  View at(std::uint32_t n) const noexcept {
    if (overrides_ != nullptr && edited_.test(n % kEditedBits)) {
      const auto found = overrides_->nodes.find(n);
      if (found != overrides_->nodes.end()) return view_of(*found->second);
    }
    if (!is_built(n)) return {};
    const auto& node = arrays_.nodes[n];
    return {node.first, node.second, node.parent_family, arrays_.list(n), arrays_.further_of(n)};
  }

  /// Asks for the memory of a node, and of what it names, some visits before their turn, so that many waits for memory pass at once.
  /// What edits have overridden since is fetched for nothing.
  void fetch(std::uint32_t n) const noexcept {
    if (!is_built(n)) return;
    __builtin_prefetch(&arrays_.nodes[n]);
    __builtin_prefetch(&arrays_.flags[n]);
  }
  template <class Seen>
  void fetch_named(std::uint32_t n, const Seen& seen) const noexcept {
    if (!is_built(n)) return;
    const auto& node = arrays_.nodes[n];
    __builtin_prefetch(arrays_.lists.data() + node.list_begin);
    if (is_built(node.first)) seen.prefetch(node.first);
    if (is_built(node.second)) seen.prefetch(node.second);
  }

 private:
  static constexpr std::size_t kEditedBits = std::size_t{1} << 16;
  static View view_of(const OverriddenNode& node) noexcept {
    return {node.first, node.second, node.parent_family, node.list, node.further};
  }
  bool is_built(std::uint32_t n) const noexcept { return n < arrays_.flags.size(); }

  const GraphAccess::Arrays& arrays_;
  const GraphAccess::Overrides* overrides_;
  std::bitset<kEditedBits> edited_;
};

/// Who was visited, and from which end: a byte for each node, so that those of a million people stay near the processor. Emptied by
/// counting up, and written over when the count is through. The storage is borrowed from the thread and given back.
class Marks {
 public:
  explicit Marks(std::uint32_t size) : cells_{std::move(kept().cells)}, epoch_{kept().epoch} {
    if (cells_.size() < size) cells_.resize(size);
    if (++epoch_ > kEpochMax) {
      std::ranges::fill(cells_, std::uint8_t{0});
      epoch_ = 1;
    }
  }
  ~Marks() { kept() = {std::move(cells_), epoch_}; }
  Marks(const Marks&) = delete;
  Marks& operator=(const Marks&) = delete;

  /// False, and nothing changed, if it is marked already.
  bool insert(std::uint32_t n, unsigned side) noexcept {
    if (cells_[n] >> 1 == epoch_) return false;
    cells_[n] = static_cast<std::uint8_t>(epoch_ << 1 | side);
    return true;
  }
  unsigned side_of(std::uint32_t n) const noexcept { return cells_[n] & 1; }
  void prefetch(std::uint32_t n) const noexcept { __builtin_prefetch(cells_.data() + n, 1); }

 private:
  static constexpr unsigned kEpochMax = 127;
  struct Storage {
    std::vector<std::uint8_t> cells;
    unsigned epoch = 0;
  };
  static Storage& kept() {
    static thread_local Storage storage;
    return storage;
  }

  std::vector<std::uint8_t> cells_;  // epoch << 1 | side
  unsigned epoch_;
};

/// Breadth-first search from both ends. Whom the two sides meet first is on a shortest path: met with fewer steps, the neighbour on
/// this side would have been met before.
class Search {
 public:
  Search(const Graph& graph, PersonN a, PersonN b) : graph_{graph}, nodes_{graph}, seen_{graph.node_count()} {
    add(0, {a, kNone, kNone, Direction::up});
    add(1, {b, kNone, kNone, Direction::up});
  }

  bool is_done() const { return met_ || sides_[0].is_done() || sides_[1].is_done(); }
  std::uint32_t visited() const { return static_cast<std::uint32_t>(sides_[0].visits.size() + sides_[1].visits.size()); }

  /// Visits the next level of the side where that is smaller, or as much of it as it takes to meet the other.
  void advance() {
    const unsigned s = sides_[0].level_size() <= sides_[1].level_size() ? 0 : 1;
    const auto end = sides_[s].visits.size();
    for (auto at = sides_[s].level_begin; at < end && !met_; ++at) {
      look_ahead(sides_[s].visits, at);
      expand(s, static_cast<std::uint32_t>(at));
    }
    sides_[s].level_begin = end;
  }

  bool found() const { return met_.has_value(); }
  /// The steps from a over the meeting person to b.
  std::vector<Step> steps() const;

 private:
  void look_ahead(const std::vector<Visit>& visits, std::size_t at) const {
    if (at + kFetchNode < visits.size()) nodes_.fetch(visits[at + kFetchNode].person);
    if (at + kFetchNamed < visits.size()) nodes_.fetch_named(visits[at + kFetchNamed].person, seen_);
  }

  void add(unsigned s, const Visit& visit) {
    if (visit.person == kNone || met_) return;
    auto& visits = sides_[s].visits;
    if (!seen_.insert(visit.person, s)) {
      if (seen_.side_of(visit.person) == s) return;
      const auto& others = sides_[1 - s].visits;  // once in a search
      met_.emplace();
      met_->at(s) = static_cast<std::uint32_t>(visits.size());
      met_->at(1 - s) = static_cast<std::uint32_t>(std::ranges::find(others, visit.person, &Visit::person) - others.begin());
    }
    visits.push_back(visit);
  }

  void expand(unsigned s, std::uint32_t at) {
    const Visit visit = sides_[s].visits[at];
    const auto self = nodes_.at(visit.person);
    // Whoever was reached from a parent or a sibling: the family is open, and both parents are visited.
    const bool from_family = visit.direction == Direction::down || visit.direction == Direction::sibling;
    if (self.parent_family != kNone && !(from_family && visit.family == self.parent_family))
      add_parents(s, at, self.first, self.second, self.parent_family);
    for (const auto& further : self.further) {
      const auto family = nodes_.at(further.family);
      add_parents(s, at, family.first, family.second, further.family);
    }
    for (const FamilyN family : self.list) {
      if (!seen_.insert(family, s)) continue;
      const auto members = nodes_.at(family);
      add_children(s, at, family, members.list, Direction::down);
      add(s, {members.first == visit.person ? members.second : members.first, at, family, Direction::partner});
    }
  }

  void add_parents(unsigned s, std::uint32_t at, PersonN father, PersonN mother, FamilyN family) {
    add(s, {father, at, family, Direction::up});
    add(s, {mother, at, family, Direction::up});
    if (father == kNone && mother == kNone && seen_.insert(family, s))
      add_children(s, at, family, nodes_.at(family).list, Direction::sibling);
  }

  /// A family's children: of a parent, or of each other where the parents are unknown. Once for a family, by whichever side opens it
  /// first: then all of it is visited. (Families share the numbers of people.)
  void add_children(unsigned s, std::uint32_t at, FamilyN family, std::span<const PersonN> children, Direction direction) {
    for (const PersonN child : children) add(s, {child, at, family, direction});
  }

  static constexpr std::size_t kFetchNode = 16, kFetchNamed = 8;  // visits ahead

  const Graph& graph_;
  Nodes nodes_;
  Marks seen_;  // people and families
  std::array<Side, 2> sides_;
  std::optional<std::array<std::uint32_t, 2>> met_;  // of each side the visit that reached the meeting person
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

std::vector<Step> Search::steps() const {
  std::vector<Step> steps;
  const auto& near = sides_[0].visits;
  for (auto at = met_->at(0); near[at].before != kNone; at = near[at].before) {
    steps.push_back(step(graph_, near[at].direction, near[near[at].before].person, near[at].person, near[at].family));
  }
  std::ranges::reverse(steps);
  const auto& far = sides_[1].visits;
  for (auto at = met_->at(1); far[at].before != kNone; at = far[at].before) {
    steps.push_back(step(graph_, reversed(far[at].direction), far[at].person, far[far[at].before].person, far[at].family));
  }
  return steps;
}

}  // namespace

Result<Path> shortest_path(const Graph& graph, PersonN a, PersonN b, std::uint32_t visited_max) {
  if (!graph.is_person(a) || !graph.is_person(b)) return fail(Code::not_found, "no such person in the kinship graph");
  if (a == b) return Path{true, {}, 1};
  Search search{graph, a, b};
  while (!search.is_done()) {
    if (search.visited() > visited_max) return Path{.found = false, .steps = {}, .visited = search.visited(), .complete = false};
    search.advance();
  }
  Path path{search.found(), {}, search.visited()};
  if (path.found) path.steps = search.steps();
  return path;
}

}  // namespace tablinum::tree::kinship
