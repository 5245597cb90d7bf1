#include <ranges>

#include "kinship/ancestry.h"
#include "tablinum/tree/kinship/relationship.h"

namespace tablinum::tree::kinship {
namespace {

using Local = std::uint32_t;

std::uint64_t add_saturating(std::uint64_t a, std::uint64_t b) noexcept {
  std::uint64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}
std::uint64_t multiply_saturating(std::uint64_t a, std::uint64_t b) noexcept {
  std::uint64_t product;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

/// Chains from the person to each ancestor.
std::vector<std::uint64_t> chain_counts(const Ancestry& of, std::span<const Local> order) {
  std::vector<std::uint64_t> counts(of.size());
  counts[0] = 1;
  for (const Local at : order)
    for (const auto& edge : of.parents(at)) counts[edge.parent] = add_saturating(counts[edge.parent], counts[at]);
  return counts;
}

/// Best-first search over chains that go up from a and then down to b. A node is a person in one phase with the node before it;
/// its bound is the steps made plus the fewest steps left, which is exact but for the rule that the chains must not meet, so
/// lines come out shortest first and nothing is touched that leads nowhere.
class LineSearch {
 public:
  LineSearch(const Graph& graph, PersonN a, PersonN b, const LineLimits& limits)
      : limits_{limits}, up_{ancestry(graph, a, limits.edges)}, down_{ancestry(graph, b, limits.edges)} {}

  Lines run() {
    children_ = child_lists(down_);
    measure();
    if (fewest_left_[0] != kNone) push({.at = 0, .before = kNone, .made = 0, .downward = false});
    while (result_.complete) {
      const auto node = pop();
      if (!node) break;
      if (steps_ > limits_.steps_max) result_.complete = false;
      expand(*node);
    }
    return std::move(result_);
  }

 private:
  struct Node {
    Local at;              // of up_, or of down_ if downward
    std::uint32_t before;  // index of a node
    std::uint32_t made;    // steps made
    bool downward;
  };

  PersonN person(const Node& node) const { return (node.downward ? down_ : up_).people[node.at]; }
  std::uint32_t fewest_left(const Node& node) const { return node.downward ? down_.depths[node.at] : fewest_left_[node.at]; }

  /// Fewest steps from each ancestor of a to b, and the number of chain pairs.
  void measure() {
    const auto order = children_first(up_);
    const auto up_counts = chain_counts(up_, order);
    const auto down_counts = chain_counts(down_, children_first(down_));
    fewest_left_.assign(up_.size(), kNone);
    for (const Local at : std::views::reverse(order)) {
      const Local there = down_.local(up_.people[at]);
      if (there != Ancestry::kNotThere) {
        fewest_left_[at] = down_.depths[there];
        result_.chain_pairs = add_saturating(result_.chain_pairs, multiply_saturating(up_counts[at], down_counts[there]));
      }
      for (const auto& edge : up_.parents(at))
        if (fewest_left_[edge.parent] != kNone) fewest_left_[at] = std::min(fewest_left_[at], fewest_left_[edge.parent] + 1);
    }
  }

  void push(const Node& node) {
    const std::size_t bound = std::size_t{node.made} + fewest_left(node);
    if (bound >= queue_.size()) queue_.resize(bound + 1);
    queue_[bound].push_back(static_cast<std::uint32_t>(nodes_.size()));
    nodes_.push_back(node);
    ++steps_;
  }

  /// The last one in of the least bound, so that a line is finished before its equals are begun.
  std::optional<std::uint32_t> pop() {
    while (least_ < queue_.size() && queue_[least_].empty()) ++least_;
    if (least_ == queue_.size()) return std::nullopt;
    const std::uint32_t index = queue_[least_].back();
    queue_[least_].pop_back();
    return index;
  }

  void expand(std::uint32_t index) {
    ++steps_;
    const Node node = nodes_[index];
    if (node.downward) {
      if (node.at == 0) {
        finish(index);
      } else {
        go_down(index, node.at);
      }
      return;
    }
    const Local there = down_.local(person(node));
    if (there == 0) return finish(index);  // b is an ancestor: above it there are only ways that meet b again
    // Pushed in reverse: the father's side is on top.
    for (const auto& edge : std::views::reverse(up_.parents(node.at)))
      if (fewest_left_[edge.parent] != kNone) push({edge.parent, index, node.made + 1, false});
    if (there != Ancestry::kNotThere) turn(index, there);
  }

  void turn(std::uint32_t index, Local there) {
    const Node node = nodes_[index];
    for (const Local child : std::views::reverse(children_.of(there)))
      if (!in_chain(index, child) && !is_second_of_couple(node, child)) push({child, index, node.made + 1, true});
  }

  void go_down(std::uint32_t index, Local at) {
    for (const Local child : std::views::reverse(children_.of(at)))
      if (!in_chain(index, child)) push({child, index, nodes_[index].made + 1, true});
  }

  /// True if a person of the way down was met on the way up.
  bool in_chain(std::uint32_t index, Local below) {
    const Local above = up_.local(down_.people[below]);
    if (above == Ancestry::kNotThere) return false;
    for (; index != kNone; index = nodes_[index].before) {
      ++steps_;
      if (!nodes_[index].downward && nodes_[index].at == above) return true;
    }
    return false;
  }

  /// The other parent whom the last person on the way up and the first on the way down both have beside the apex.
  Local other_parent(Local last_up, Local apex, Local first_down) const {
    for (const auto& edge : up_.parents(last_up)) {
      if (edge.parent == apex) continue;
      const Local there = down_.local(up_.people[edge.parent]);
      if (there != Ancestry::kNotThere && down_.edge(first_down, there) != nullptr) return edge.parent;
    }
    return Ancestry::kNotThere;
  }

  /// A line over a couple is followed through the parent who comes first, and told once.
  bool is_second_of_couple(const Node& apex, Local first_down) const {
    if (apex.before == kNone) return false;
    const Local last_up = nodes_[apex.before].at;
    const Local other = other_parent(last_up, apex.at, first_down);
    if (other == Ancestry::kNotThere) return false;
    return up_.edge(last_up, other) < up_.edge(last_up, apex.at);  // places in the last person's list of parents
  }

  Step step_between(const Node& from, const Node& to) const {
    if (!to.downward) {
      const auto& edge = *up_.edge(from.at, to.at);
      return {Direction::up, person(to), edge.family, edge.pedigree};
    }
    const auto& edge = *down_.edge(to.at, down_.local(person(from)));
    return {Direction::down, person(to), edge.family, edge.pedigree};
  }

  void finish(std::uint32_t last) {
    if (result_.lines.size() == limits_.lines_max) {
      result_.complete = false;
      return;
    }
    std::vector<std::uint32_t> chain;
    for (std::uint32_t at = last; at != kNone; at = nodes_[at].before) chain.push_back(at);
    std::ranges::reverse(chain);
    Line line;
    std::size_t apex = 0;
    for (std::size_t i = 1; i < chain.size(); ++i) {
      line.steps.push_back(step_between(nodes_[chain[i - 1]], nodes_[chain[i]]));
      line.blood = line.blood && is_biological(line.steps.back().pedigree);
      if (!nodes_[chain[i]].downward) apex = i;
    }
    line.up = static_cast<std::uint32_t>(apex);
    line.down = static_cast<std::uint32_t>(chain.size() - 1 - apex);
    line.apex = person(nodes_[chain[apex]]);
    if (line.up > 0 && line.down > 0) {
      const Local other = other_parent(nodes_[chain[apex - 1]].at, nodes_[chain[apex]].at, nodes_[chain[apex + 1]].at);
      if (other != Ancestry::kNotThere) line.apex_partner = up_.people[other];
    }
    result_.lines.push_back(std::move(line));
  }

  const LineLimits& limits_;
  Ancestry up_;
  Ancestry down_;
  ChildLists children_;
  std::vector<std::uint32_t> fewest_left_;  // of up_: steps to b, kNone where b cannot be reached
  std::vector<Node> nodes_;
  std::vector<std::vector<std::uint32_t>> queue_;  // indices of nodes, by bound
  std::size_t least_ = 0;
  std::uint64_t steps_ = 0;
  Lines result_;
};

}  // namespace

Result<Lines> lines(const Graph& graph, PersonN a, PersonN b, const LineLimits& limits) {
  if (!graph.is_person(a) || !graph.is_person(b)) return fail(Code::not_found, "no such person in the kinship graph");
  return LineSearch{graph, a, b, limits}.run();
}

}  // namespace tablinum::tree::kinship
