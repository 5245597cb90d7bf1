#include "kinship/cycles.h"

namespace tablinum::tree::kinship {
namespace {

using Arrays = GraphAccess::Arrays;

std::array<PersonN, 2> partners(const Arrays& arrays, FamilyN family) noexcept {
  return {arrays.nodes[family].first, arrays.nodes[family].second};
}

/// True for the people left when everybody is taken away whose parents all were: those in a cycle, or below one.
std::vector<bool> below_cycles(const Arrays& arrays, std::span<const ChildEdge> edges) {
  std::vector<std::uint16_t> parents_left(arrays.flags.size());  // at most 2 · kParentFamiliesMax
  for (const ChildEdge& edge : edges)
    for (const PersonN parent : partners(arrays, edge.family)) parents_left[edge.child] += parent != kNone;
  std::vector<PersonN> done;
  for (PersonN n = 0; n < arrays.flags.size(); ++n)
    if (arrays.flags[n].sex != Sex::absent && parents_left[n] == 0) done.push_back(n);
  for (std::size_t at = 0; at < done.size(); ++at)
    for (const FamilyN family : arrays.list(done[at]))
      for (const PersonN child : arrays.list(family))
        if (--parents_left[child] == 0) done.push_back(child);
  std::vector<bool> left(arrays.flags.size());
  if (done.size() == arrays.person_count) return left;
  for (PersonN n = 0; n < arrays.flags.size(); ++n) left[n] = parents_left[n] != 0;
  return left;
}

/// Adds edges one after the other to a graph that stays free of cycles.
class Knot {
 public:
  Knot(const Arrays& arrays, std::vector<bool> inside) : arrays_{arrays}, inside_{std::move(inside)} {
    for (PersonN n = 0; n < inside_.size(); ++n)
      if (inside_[n]) people_.push_back(n);
    parents_.resize(people_.size());
    seen_.resize(people_.size());
  }

  std::vector<std::uint32_t> closing(std::span<const ChildEdge> edges) {
    std::vector<std::uint32_t> rows;
    for (const ChildEdge& edge : edges) {
      if (!inside_[edge.child]) continue;
      if (steps_ > kCycleStepsMax && ranks_.empty()) rank_people();
      if (closes(edge)) {
        rows.push_back(edge.row);
      } else {
        add(edge);
      }
    }
    return rows;
  }

 private:
  bool is_inside(PersonN person) const { return person != kNone && inside_[person]; }
  std::uint32_t local(PersonN person) const {
    return static_cast<std::uint32_t>(std::ranges::lower_bound(people_, person) - people_.begin());
  }

  void add(const ChildEdge& edge) {
    for (const PersonN parent : partners(arrays_, edge.family))
      if (is_inside(parent)) parents_[local(edge.child)].push_back(local(parent));
  }

  bool closes(const ChildEdge& edge) {
    return std::ranges::any_of(partners(arrays_, edge.family), [&](PersonN parent) {
      if (!is_inside(parent)) return false;
      if (ranks_.empty()) return is_ancestor_or_self(local(edge.child), local(parent));
      return ranks_[local(parent)] >= ranks_[local(edge.child)];
    });
  }

  bool is_ancestor_or_self(std::uint32_t ancestor, std::uint32_t person) {
    ++epoch_;
    std::vector<std::uint32_t> stack{person};
    while (!stack.empty()) {
      const std::uint32_t at = stack.back();
      stack.pop_back();
      if (at == ancestor) return true;
      steps_ += 1 + parents_[at].size();
      for (const std::uint32_t up : parents_[at]) {
        if (seen_[up] == epoch_) continue;
        seen_[up] = epoch_;
        stack.push_back(up);
      }
    }
    return false;
  }

  /// Numbers the people so that parents come first along all edges added so far. From then on an edge is added only if it
  /// agrees with the numbers: no search is needed, at the price of leaving out more than the closing ones.
  void rank_people() {
    enum : std::uint8_t { fresh, open, ranked };
    std::vector<std::uint8_t> state(people_.size(), fresh);
    ranks_.resize(people_.size());
    std::uint32_t next = 0;
    std::vector<std::uint32_t> stack;
    for (std::uint32_t start = 0; start < people_.size(); ++start) {
      stack.push_back(start);
      while (!stack.empty()) {
        const std::uint32_t at = stack.back();
        if (state[at] == fresh) {
          state[at] = open;
          for (const std::uint32_t up : parents_[at])
            if (state[up] == fresh) stack.push_back(up);
        } else {
          stack.pop_back();
          if (state[at] == open) ranks_[at] = next++;
          state[at] = ranked;
        }
      }
    }
  }

  const Arrays& arrays_;
  std::vector<bool> inside_;
  std::vector<PersonN> people_;                      // by n; a person's place here is its local number
  std::vector<std::vector<std::uint32_t>> parents_;  // local numbers, along the edges added
  std::vector<std::uint32_t> seen_;
  std::vector<std::uint32_t> ranks_;
  std::uint32_t epoch_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace

std::vector<std::uint32_t> closing_edges(const Arrays& arrays, std::span<const ChildEdge> edges) {
  std::vector<bool> left = below_cycles(arrays, edges);
  if (std::ranges::find(left, true) == left.end()) return {};
  return Knot{arrays, std::move(left)}.closing(edges);
}

}  // namespace tablinum::tree::kinship
