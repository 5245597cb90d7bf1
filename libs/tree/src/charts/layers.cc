#include "charts/layers.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <ranges>
#include <span>

namespace tablinum::tree::charts {
namespace {

using Index = LayeredGraph::Index;

constexpr int kSweeps = 12;
constexpr Index kNowhere = 0xFFFFFFFF;

// --- order ---

class Orderer {
 public:
  explicit Orderer(LayeredGraph& graph) : graph_{graph}, position_(graph.nodes.size()), key_(graph.nodes.size()) {}

  void run() {
    for (std::size_t layer = 0; layer < graph_.layers.size(); ++layer) arrange(layer, true);
    auto best = graph_.layers;
    std::uint64_t least = crossings();
    for (int sweep = 0; sweep < kSweeps && least > 0; ++sweep) {
      const bool down = sweep % 2 == 0;
      const std::size_t count = graph_.layers.size();
      for (std::size_t i = 1; i < count; ++i) arrange(down ? i : count - 1 - i, down);
      const std::uint64_t now = crossings();
      if (now >= least) continue;
      least = now;
      best = graph_.layers;
    }
    graph_.layers = std::move(best);
  }

 private:
  const std::vector<Index>& fixed(Index node, bool down) const {
    return down ? graph_.nodes[node].above : graph_.nodes[node].below;
  }

  void number(std::size_t layer) {
    const auto& row = graph_.layers[layer];
    for (std::size_t i = 0; i < row.size(); ++i) position_[row[i]] = static_cast<double>(i);
  }

  /// Orders a layer's units by the mean place of what they hang on, and the nodes of each unit among themselves.
  void arrange(std::size_t layer, bool down) {
    auto& row = graph_.layers[layer];
    number(layer);
    struct Unit {
      double sum = 0;
      double count = 0;
      double place = 0;
      std::vector<Index> nodes;
    };
    std::vector<Unit> units;
    std::vector<Index> of_unit;
    slot_.resize(graph_.unit_count, kNowhere);
    for (const Index node : row) {
      const Index unit = graph_.nodes[node].unit;
      if (slot_[unit] == kNowhere) {
        slot_[unit] = static_cast<Index>(units.size());
        of_unit.push_back(unit);
        units.emplace_back().place = position_[node];
      }
      Unit& into = units[slot_[unit]];
      const auto& others = fixed(node, down);
      for (const Index other : others) into.sum += position_[other];
      into.count += static_cast<double>(others.size());
      key_[node] = others.empty() ? std::numeric_limits<double>::quiet_NaN() : mean(others);
      into.nodes.push_back(node);
    }
    std::vector<Index> order(units.size());
    std::iota(order.begin(), order.end(), Index{0});
    std::ranges::sort(order, {}, [&](Index unit) {
      return std::pair{units[unit].count == 0 ? units[unit].place : units[unit].sum / units[unit].count, unit};
    });
    keep_siblings(layer, order);
    row.clear();
    for (const Index unit : order) {
      turn(units[unit].nodes);
      row.insert(row.end(), units[unit].nodes.begin(), units[unit].nodes.end());
    }
    for (const Index unit : of_unit) slot_[unit] = kNowhere;
    number(layer);
  }

  double mean(const std::vector<Index>& others) const {
    double sum = 0;
    for (const Index other : others) sum += position_[other];
    return sum / static_cast<double>(others.size());
  }

  /// A unit is read from either end: the one whose outer nodes hang further left comes first.
  void turn(std::vector<Index>& nodes) const {
    const double first = key_[nodes.front()], last = key_[nodes.back()];
    if (first > last) std::ranges::reverse(nodes);
  }

  /// Siblings share the places that they have, in their order.
  void keep_siblings(std::size_t layer, std::vector<Index>& order) {
    std::vector<Index> place(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = static_cast<Index>(i);
    std::vector<Index> seen_in(order.size(), 0);
    Index family = 0;
    for (const auto& siblings : siblings_of(layer)) {
      std::vector<Index> units, places;
      ++family;
      for (const Index node : siblings) {
        const Index unit = slot_[graph_.nodes[node].unit];
        if (std::exchange(seen_in[unit], family) == family) continue;
        units.push_back(unit);
        places.push_back(place[unit]);
      }
      std::ranges::sort(places);
      for (std::size_t i = 0; i < units.size(); ++i) {
        place[units[i]] = places[i];
        order[places[i]] = units[i];
      }
    }
  }

  std::span<const std::vector<Index>> siblings_of(std::size_t layer) {
    if (siblings_.empty()) {
      siblings_.resize(graph_.layers.size());
      for (const auto& list : graph_.in_order)
        if (list.size() > 1) siblings_[graph_.nodes[list.front()].layer].push_back(list);
    }
    return siblings_[layer];
  }

  std::uint64_t crossings() {
    std::uint64_t count = 0;
    for (std::size_t layer = 0; layer + 1 < graph_.layers.size(); ++layer) count += crossings_below(layer);
    return count;
  }

  /// Pairs of edges that cross: inversions, counted by a tree of sums.
  std::uint64_t crossings_below(std::size_t layer) {
    const std::size_t width = graph_.layers[layer + 1].size();
    sums_.assign(width + 1, 0);
    std::uint64_t count = 0, seen = 0;
    std::vector<std::size_t> ends;
    for (const Index node : graph_.layers[layer]) {
      ends.clear();
      for (const Index lower : graph_.nodes[node].below) ends.push_back(static_cast<std::size_t>(position_[lower]) + 1);
      for (const std::size_t end : ends) {
        std::uint64_t not_right = 0;
        for (std::size_t i = end; i > 0; i -= i & (~i + 1)) not_right += sums_[i];
        count += seen - not_right;
      }
      for (const std::size_t end : ends) {
        for (std::size_t i = end; i <= width; i += i & (~i + 1)) ++sums_[i];
        ++seen;
      }
    }
    return count;
  }

  LayeredGraph& graph_;
  std::vector<double> position_;  // by node, in its layer
  std::vector<double> key_;       // by node: mean place of what it hangs on; not a number: nothing
  std::vector<Index> slot_;       // by unit, while a layer is arranged
  std::vector<std::vector<std::vector<Index>>> siblings_;  // by layer
  std::vector<std::uint32_t> sums_;
};

// --- x ---

class Placer {
 public:
  explicit Placer(const LayeredGraph& graph) : graph_{graph}, position_(graph.nodes.size()) {
    for (const auto& row : graph.layers)
      for (std::size_t i = 0; i < row.size(); ++i) position_[row[i]] = static_cast<Index>(i);
    for (const bool up : {false, true}) {
      auto& lists = neighbours_[up];
      lists.resize(graph.nodes.size());
      for (Index node = 0; node < graph.nodes.size(); ++node) {
        lists[node] = up ? graph.nodes[node].below : graph.nodes[node].above;
        std::ranges::sort(lists[node], {}, [&](Index other) { return position_[other]; });
      }
    }
    mark_conflicts();
  }

  std::vector<double> run() {
    std::array<std::vector<double>, 4> all;
    for (const bool up : {false, true})
      for (const bool right : {false, true}) all[up * 2 + right] = placed(up, right);
    level(all);
    std::vector<double> x(graph_.nodes.size());
    for (std::size_t node = 0; node < x.size(); ++node) {
      std::array<double, 4> values{all[0][node], all[1][node], all[2][node], all[3][node]};
      std::ranges::sort(values);
      x[node] = (values[1] + values[2]) / 2;
    }
    return x;
  }

 private:
  double distance(Index left, Index right) const {
    const auto &a = graph_.nodes[left], &b = graph_.nodes[right];
    return (a.width + b.width) / 2 + (a.unit == b.unit ? graph_.unit_gap : graph_.gap);
  }

  /// Edges that cross a piece of a long edge: long edges are to be straight, so those give way (type 1 of the paper).
  void mark_conflicts() {
    for (std::size_t layer = 1; layer < graph_.layers.size(); ++layer) {
      const auto& row = graph_.layers[layer];
      std::int64_t left = -1;
      std::size_t done = 0;
      for (std::size_t i = 0; i < row.size(); ++i) {
        const Index inner = inner_above(row[i]);
        if (inner == kNowhere && i + 1 < row.size()) continue;
        const auto right = inner == kNowhere ? std::numeric_limits<std::int64_t>::max() : std::int64_t{position_[inner]};
        for (; done <= i; ++done)
          for (const Index upper : neighbours_[0][row[done]])
            if ((position_[upper] < left || position_[upper] > right) && !(is_bend(upper) && is_bend(row[done])))
              conflicts_.push_back({upper, row[done]});
        left = inner == kNowhere ? left : right;
      }
    }
    std::ranges::sort(conflicts_);
  }
  bool is_bend(Index node) const { return graph_.nodes[node].bend; }
  Index inner_above(Index node) const {
    if (!is_bend(node)) return kNowhere;
    for (const Index upper : graph_.nodes[node].above)
      if (is_bend(upper)) return upper;
    return kNowhere;
  }
  bool is_marked(Index a, Index b) const {
    const std::pair key = graph_.nodes[a].layer < graph_.nodes[b].layer ? std::pair{a, b} : std::pair{b, a};
    return std::ranges::binary_search(conflicts_, key);
  }

  /// One of the four: aligned with the layer above or below, as far left or right as can be.
  std::vector<double> placed(bool up, bool right) {
    root_.resize(graph_.nodes.size());
    std::iota(root_.begin(), root_.end(), Index{0});
    const std::size_t count = graph_.layers.size();
    for (std::size_t i = 1; i < count; ++i) align(graph_.layers[up ? count - 1 - i : i], up, right);
    return compact(right);
  }

  void align(const std::vector<Index>& row, bool up, bool right) {
    const auto place = [&](Index node) { return right ? -std::int64_t{position_[node]} : std::int64_t{position_[node]}; };
    std::int64_t last = std::numeric_limits<std::int64_t>::min();
    for (std::size_t i = 0; i < row.size(); ++i) {
      const Index node = row[right ? row.size() - 1 - i : i];
      const auto& others = neighbours_[up][node];
      if (others.empty()) continue;
      const std::size_t low = (others.size() - 1) / 2, high = others.size() / 2;
      for (const std::size_t median : right ? std::array{high, low} : std::array{low, high}) {
        const Index other = others[median];
        if (root_[node] != node || place(other) <= last || is_marked(other, node)) continue;
        root_[node] = root_[other];
        last = place(other);
      }
    }
  }

  /// Blocks in the order of their neighbours: first each as far left as it can be, then each as near to what is right of it.
  std::vector<double> compact(bool right) {
    const std::size_t count = graph_.nodes.size();
    struct Edge {
      Index to;
      double distance;
    };
    std::vector<std::vector<Edge>> after(count);
    std::vector<Index> waiting(count, 0);
    for (const auto& row : graph_.layers) {
      for (std::size_t i = 1; i < row.size(); ++i) {
        const Index first = right ? row[i] : row[i - 1], second = right ? row[i - 1] : row[i];
        after[root_[first]].push_back({root_[second], distance(row[i - 1], row[i])});
        ++waiting[root_[second]];
      }
    }
    std::vector<Index> order;
    for (Index node = 0; node < count; ++node)
      if (root_[node] == node && waiting[node] == 0) order.push_back(node);
    std::vector<double> at(count, 0);
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (const Edge& edge : after[order[i]]) {
        at[edge.to] = std::max(at[edge.to], at[order[i]] + edge.distance);
        if (--waiting[edge.to] == 0) order.push_back(edge.to);
      }
    }
    for (const Index block : std::views::reverse(order)) {
      double most = std::numeric_limits<double>::infinity();
      for (const Edge& edge : after[block]) most = std::min(most, at[edge.to] - edge.distance);
      if (most != std::numeric_limits<double>::infinity()) at[block] = std::max(at[block], most);
    }
    std::vector<double> x(count);
    for (Index node = 0; node < count; ++node) x[node] = right ? -at[root_[node]] : at[root_[node]];
    return x;
  }

  /// All four on the narrowest of them: those that lean left by their left side, the others by their right.
  void level(std::array<std::vector<double>, 4>& all) const {
    struct Range {
      double least = std::numeric_limits<double>::infinity(), most = -std::numeric_limits<double>::infinity();
      double width() const { return most - least; }
    };
    std::array<Range, 4> ranges;
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t node = 0; node < all[i].size(); ++node) {
        ranges[i].least = std::min(ranges[i].least, all[i][node] - graph_.nodes[node].width / 2);
        ranges[i].most = std::max(ranges[i].most, all[i][node] + graph_.nodes[node].width / 2);
      }
    }
    const Range narrowest = *std::ranges::min_element(ranges, {}, &Range::width);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const double shift = i % 2 == 0 ? narrowest.least - ranges[i].least : narrowest.most - ranges[i].most;
      for (double& x : all[i]) x += shift;
    }
  }

  const LayeredGraph& graph_;
  std::vector<Index> position_;
  std::array<std::vector<std::vector<Index>>, 2> neighbours_;  // above, below; from left to right
  std::vector<std::pair<Index, Index>> conflicts_;
  std::vector<Index> root_;
};

}  // namespace

void LayeredGraph::layout() {
  std::uint32_t last = 0;
  for (const Node& node : nodes) last = std::max(last, node.layer);
  layers.assign(last + 1, {});
  for (Index node = 0; node < nodes.size(); ++node) layers[nodes[node].layer].push_back(node);
  Orderer{*this}.run();
  x = Placer{*this}.run();
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t node = 0; node < nodes.size(); ++node) least = std::min(least, x[node] - nodes[node].width / 2);
  for (double& value : x) value -= least;
}

}  // namespace tablinum::tree::charts
