#pragma once
/// Layered graphs: the order within each layer, and x.
///
/// Order: barycentre sweeps (Sugiyama, Tagawa, Toda 1981), the best of them kept by crossings (counted as Barth, Mutzel, Jünger 2004 do).
/// x: Brandes and Köpf, "Fast and Simple Horizontal Coordinate Assignment", Graph Drawing 2001. Blocks are placed by two sweeps over the
/// graph of blocks instead of the paper's classes, which its erratum (Brandes, Walter, Zink 2020) had to mend: every pair of neighbours is
/// at least its distance apart by construction, and nothing recurs.
#include <cstdint>
#include <vector>

namespace tablinum::tree::charts {

struct LayeredGraph {
  using Index = std::uint32_t;
  struct Node {
    std::uint32_t layer = 0;
    double width = 0;
    bool bend = false;     ///< only a long edge passes here
    Index unit = 0;        ///< nodes of one unit stay side by side; a unit lies in one layer
    std::vector<Index> above, below;
  };
  std::vector<Node> nodes;
  /// Nodes of which the first never stands right of the second, if that one order alone decides: siblings.
  std::vector<std::vector<Index>> in_order;
  std::uint32_t unit_count = 0;
  double gap = 16;
  /// Between two nodes of one unit.
  double unit_gap = 40;

  // out:
  std::vector<std::vector<Index>> layers;  ///< nodes from left to right
  std::vector<double> x;                   ///< middles of the nodes

  Index add(std::uint32_t layer, double width, bool bend) {
    nodes.push_back({.layer = layer, .width = width, .bend = bend, .unit = unit_count++, .above = {}, .below = {}});
    return static_cast<Index>(nodes.size() - 1);
  }
  /// From a layer to the next.
  void connect(Index upper, Index lower) {
    nodes[upper].below.push_back(lower);
    nodes[lower].above.push_back(upper);
  }
  /// Orders the layers, beginning with the order of the nodes, and sets x. Least x of a node's left side is 0.
  void layout();
};

}  // namespace tablinum::tree::charts
