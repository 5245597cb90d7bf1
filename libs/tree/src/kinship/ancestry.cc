#include "kinship/ancestry.h"

namespace tablinum::tree::kinship {
namespace {

void add_parent(Ancestry& set, std::uint32_t child, PersonN parent, const ParentPair& pair) {
  if (parent == kNone) return;
  if (set.locals.insert(parent, set.size())) {
    set.people.push_back(parent);
    set.depths.push_back(set.depths[child] + 1);
  }
  const std::uint32_t local = set.locals.at(parent);
  const auto own = std::span{set.edges}.subspan(set.edge_begins[child]);  // the child's list is the last one
  // The same parent in a second family (adopted by one's own father) is one edge, not a second line.
  if (std::ranges::find(own, local, &Ancestry::Edge::parent) != own.end()) return;
  set.edges.push_back({local, pair.family, pair.pedigree});
}

}  // namespace

Ancestry ancestry(const Graph& graph, PersonN person, Edges edges) {
  Ancestry set{{person}, {0}, {}, {}, ScratchMap{graph.node_count()}};
  set.locals.set(person, 0);
  for (std::uint32_t at = 0; at < set.size(); ++at) {
    set.edge_begins.push_back(static_cast<std::uint32_t>(set.edges.size()));
    for_each_parent_pair(graph, set.people[at], [&](const ParentPair& pair) {
      if (edges == Edges::biological && !is_biological(pair.pedigree)) return;
      add_parent(set, at, pair.father, pair);
      add_parent(set, at, pair.mother, pair);
    });
  }
  set.edge_begins.push_back(static_cast<std::uint32_t>(set.edges.size()));
  return set;
}

std::vector<std::uint32_t> children_first(const Ancestry& of) {
  std::vector<std::uint32_t> children_left(of.size());
  for (const auto& edge : of.edges) ++children_left[edge.parent];
  std::vector<std::uint32_t> order{0};
  order.reserve(of.size());
  for (std::size_t at = 0; at < order.size(); ++at)
    for (const auto& edge : of.parents(order[at]))
      if (--children_left[edge.parent] == 0) order.push_back(edge.parent);
  return order;
}

ChildLists child_lists(const Ancestry& of) {
  ChildLists lists{std::vector<std::uint32_t>(of.size() + 2), std::vector<std::uint32_t>(of.edges.size())};
  // begins[parent + 1] runs through the parent's list while it is filled and ends where the next one begins.
  for (const auto& edge : of.edges) ++lists.begins[edge.parent + 2];
  for (std::size_t at = 2; at < lists.begins.size(); ++at) lists.begins[at] += lists.begins[at - 1];
  for (std::uint32_t child = 0; child < of.size(); ++child)
    for (const auto& edge : of.parents(child)) lists.children[lists.begins[edge.parent + 1]++] = child;
  lists.begins.pop_back();
  return lists;
}

}  // namespace tablinum::tree::kinship
