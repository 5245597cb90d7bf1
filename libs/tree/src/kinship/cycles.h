#pragma once
/// Finds the child edges that close cycles of descent.
#include <span>
#include <vector>

#include "kinship/graph_data.h"

namespace tablinum::tree::kinship {

/// The child's edges to all partners of the family. `row` is the caller's name for it.
struct ChildEdge {
  FamilyN family;
  PersonN child;
  std::uint32_t row;
};

/// Rows to leave out so that no one is its own ancestor: adding the edges in the order given, each one that closes a cycle.
/// @param arrays  nodes with partners and lists; the lists hold all `edges`
std::vector<std::uint32_t> closing_edges(const GraphAccess::Arrays& arrays, std::span<const ChildEdge> edges);

}  // namespace tablinum::tree::kinship
