#pragma once
/// A person's ancestors as a small graph of its own with local numbers: dense arrays, so that what follows needs no look-ups.
#include <vector>

#include "kinship/scratch.h"
#include "tablinum/tree/kinship/graph.h"
#include "tablinum/tree/kinship/walk.h"

namespace tablinum::tree::kinship {

struct Ancestry {
  struct Edge {
    std::uint32_t parent;  // local
    FamilyN family;
    Pedigree pedigree;
  };
  std::vector<PersonN> people;             // [0] is the person itself; by depth
  std::vector<std::uint32_t> depths;       // fewest generations up
  std::vector<std::uint32_t> edge_begins;  // one more than people
  std::vector<Edge> edges;                 // each parent once a child, along its first family
  ScratchMap locals;                       // n → local

  static constexpr std::uint32_t kNotThere = kNone;
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(people.size()); }
  std::uint32_t local(PersonN person) const noexcept { return locals.get(person, kNotThere); }
  std::span<const Edge> parents(std::uint32_t at) const noexcept {
    return std::span{edges}.subspan(edge_begins[at], edge_begins[at + 1] - edge_begins[at]);
  }
  /// The edge from a child to a parent, or null.
  const Edge* edge(std::uint32_t child, std::uint32_t parent) const noexcept {
    const auto of_child = parents(child);
    const auto found = std::ranges::find(of_child, parent, &Edge::parent);
    return found == of_child.end() ? nullptr : &*found;
  }
};

Ancestry ancestry(const Graph& graph, PersonN person, Edges edges);

/// Local numbers so that everyone precedes their parents.
std::vector<std::uint32_t> children_first(const Ancestry& of);

/// For every ancestor the local numbers of those children that are in the set.
struct ChildLists {
  std::vector<std::uint32_t> begins;
  std::vector<std::uint32_t> children;  // local
  std::span<const std::uint32_t> of(std::uint32_t at) const noexcept {
    return std::span{children}.subspan(begins[at], begins[at + 1] - begins[at]);
  }
};
ChildLists child_lists(const Ancestry& of);

}  // namespace tablinum::tree::kinship
