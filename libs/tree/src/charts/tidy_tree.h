#pragma once
/// Tidy tree of boxes of different sizes, in linear time: A. van der Ploeg, "Drawing non-layered tidy trees in linear time",
/// Software: Practice and Experience 44 (2014). Names follow the paper: threads join the contours of subtrees, `mod` moves a
/// subtree, shift and change spread what a move leaves between siblings, extremes are the deepest nodes of a subtree's sides.
#include <cstdint>
#include <vector>

namespace tablinum::tree::charts {

/// Node 0 is the root; a child comes after its parent; children of one parent in the order they are added.
struct TidyTree {
  struct Node {
    double breadth = 0;  ///< in: size across the direction of growth, gap to the neighbour included
    double depth = 0;    ///< in: size along it, gap to the next generation included
    double across = 0;   ///< out: begin of the box across; the root's centre is at 0
    double along = 0;    ///< out: begin of the box along; the root's is 0
    std::uint32_t parent = 0;
  };
  std::vector<Node> nodes;

  std::uint32_t add(std::uint32_t parent, double breadth, double depth);
  /// Sets `across` and `along` of all nodes.
  void layout();
};

}  // namespace tablinum::tree::charts
