#pragma once
/// The inside of a Graph: arrays shared by snapshots, and the nodes that edits have overridden since.
#include <unordered_map>
#include <vector>

#include "tablinum/tree/kinship/graph.h"

namespace tablinum::tree::kinship {

/// Person: father, mother, parent family, begin of its families.  Family: partner 0, partner 1, unused, begin of its children.
struct Graph::Node {
  std::uint32_t first = kNone;
  std::uint32_t second = kNone;
  std::uint32_t parent_family = kNone;
  std::uint32_t list_begin = 0;
};

/// What a node is, in two bytes.
struct NodeFlags {
  Sex sex : 3 = Sex::absent;
  Pedigree pedigree : 4 = Pedigree::unstated;  // person: of the primary parent family
  std::uint16_t primary_stated : 1 = 0;        // person: the row called its parent family primary
  std::uint16_t has_further : 1 = 0;           // person: has further parent families
  std::uint16_t swapped : 1 = 0;               // family: the partners' places are not their order in the rows
};

static_assert(sizeof(NodeFlags) == 2);

struct Graph::Arrays {
  struct FurtherIndex {
    PersonN child;
    std::uint32_t begin;
  };
  std::vector<Node> nodes;  // one more than there are records: the last gives the end of the last list
  std::vector<NodeFlags> flags;
  std::vector<std::uint32_t> lists;
  std::vector<FurtherIndex> further_index;  // by child; one sentinel at the end
  std::vector<ParentFamily> further;
  std::uint32_t person_count = 0;
  std::uint32_t family_count = 0;

  std::span<const std::uint32_t> list(std::uint32_t n) const noexcept {
    return std::span{lists}.subspan(nodes[n].list_begin, nodes[n + 1].list_begin - nodes[n].list_begin);
  }
  std::span<const ParentFamily> further_of(PersonN child) const noexcept {
    if (!flags[child].has_further) return {};
    const auto at = std::ranges::lower_bound(further_index, child, {}, &FurtherIndex::child);
    return std::span{further}.subspan(at->begin, std::next(at)->begin - at->begin);
  }
};

/// A whole node as an edit left it.
struct OverriddenNode {
  std::uint32_t first = kNone;
  std::uint32_t second = kNone;
  std::uint32_t parent_family = kNone;
  NodeFlags flags;
  std::vector<std::uint32_t> list;
  std::vector<ParentFamily> further;

  bool is_family() const noexcept { return flags.sex == Sex::absent && (first != kNone || second != kNone || !list.empty()); }
};

struct Graph::Overrides {
  std::unordered_map<std::uint32_t, std::shared_ptr<const OverriddenNode>> nodes;
  std::uint32_t node_count = 0;
  std::uint32_t person_count = 0;
  std::uint32_t family_count = 0;
};

/// How builder and editor reach the inside.
struct GraphAccess {
  using Arrays = Graph::Arrays;
  using Overrides = Graph::Overrides;
  using Node = Graph::Node;
  static const Arrays& arrays(const Graph& graph) noexcept { return *graph.arrays_; }
  static const Overrides* overrides(const Graph& graph) noexcept { return graph.overrides_.get(); }
  static InbreedingCache& inbreeding(const Graph& graph) noexcept { return *graph.inbreeding_; }
  /// The node as it is now, whole.
  static OverriddenNode node(const Graph& graph, std::uint32_t n);
  static Graph make(std::shared_ptr<const Arrays> arrays, std::shared_ptr<const Overrides> overrides);
  static Graph with_overrides(const Graph& graph, std::shared_ptr<const Overrides> overrides) {
    return make(graph.arrays_, std::move(overrides));
  }
};

/// The parent family that counts among several, in file order: the stated one, else the first biological, else the first.
std::size_t primary_index(std::span<const ParentFamily> families) noexcept;

/// Indices of the rows in file order: by family, role, ord, then as given.
std::vector<std::uint32_t> file_order(std::span<const MemberRow> rows);

/// True if the partners' places are the reverse of their order: `second` may be `absent` for a lone partner.
bool places_swapped(Sex first, Sex second) noexcept;

}  // namespace tablinum::tree::kinship
