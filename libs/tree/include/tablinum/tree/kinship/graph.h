#pragma once
/// The kinship graph of one tree: who is whose parent, child and partner, and nothing else.
///
/// A person or a family is named by n, the low half of its Rid: dense, allocated in file order, shared by all records of a
/// tree. The graph keeps one node of 16 bytes for every n (person: father, mother, parent family, begin of its list; family:
/// its two partners, begin of its list) and one list array (person: the families it is a partner in; family: its children).
/// That is about 31 MB for a million people in 400,000 families.
///
/// A Graph is an immutable snapshot and cheap to copy: readers hold one as long as they like, an edit makes another one that
/// shares the big arrays and overrides the nodes it touched. Everything here is thread-safe.
///
/// The parent edges of a Graph never form a cycle: build_graph() leaves out the edges that would close one and reports them.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "tablinum/base/error.h"

namespace tablinum::tree::kinship {

/// n of a person or of a family.
using PersonN = std::uint32_t;
using FamilyN = std::uint32_t;
inline constexpr std::uint32_t kNone = 0xFFFFFFFF;

/// Nodes in one graph: record numbers must stay below this.
inline constexpr std::uint32_t kNodesMax = 1u << 24;
/// Families in which one person is a child (birth, adoptive, foster …). Later ones are excluded.
inline constexpr std::size_t kParentFamiliesMax = 64;
/// Edits are merged into the arrays when they override more than one node in a hundred, or more than this.
inline constexpr std::size_t kOverridesMax = 10'000;

/// `absent`: this n is not a person.
enum class Sex : std::uint8_t { absent, unknown, male, female, other };

/// How a child belongs to a family; the numbers are those of member.pedigree.
enum class Pedigree : std::uint8_t { unstated, birth, adopted, foster, sealing, step, guardian, surrogate, donor, other };
/// True where the edge carries genes: birth, unstated (GEDCOM's default) and donor.
constexpr bool is_biological(Pedigree pedigree) noexcept {
  return pedigree == Pedigree::unstated || pedigree == Pedigree::birth || pedigree == Pedigree::donor;
}

enum class Role : std::uint8_t { partner, child };
/// `one_sided`: only the person or only the family names the other; counted as normal. `excluded`: not in the graph.
enum class MemberState : std::uint8_t { normal, one_sided, excluded };

/// One row of the table `member`.
struct MemberRow {
  FamilyN family = kNone;
  PersonN person = kNone;
  std::uint16_t ord = 0;  ///< order within family and role
  Role role = Role::partner;
  Pedigree pedigree = Pedigree::unstated;  ///< of a child
  MemberState state = MemberState::normal;
  bool primary = false;  ///< of a child: the person calls this its main parent family
};

/// Why a row is not in the graph. Each becomes state `excluded` in `member` and a finding of the import.
enum class Exclusion : std::uint8_t {
  stated,             ///< the row came in excluded
  not_a_person,       ///< person: n is out of range or absent
  not_a_family,       ///< family: n is a person, or out of range
  duplicate_partner,  ///< the same person twice as partner of one family
  too_many_partners,  ///< a third partner
  duplicate_child,    ///< the same person twice as child of one family
  too_many_parents,   ///< more than kParentFamiliesMax parent families
  cycle               ///< the person would be its own ancestor
};
struct ExcludedRow {
  std::size_t row = 0;  ///< index into the rows given
  Exclusion why{};
};

/// One parent family of a person.
struct ParentFamily {
  FamilyN family = kNone;
  Pedigree pedigree = Pedigree::unstated;
  bool primary = false;  ///< the row said so
};

/// The two ways to a person's parents through one family. A missing parent is kNone.
struct ParentPair {
  PersonN father = kNone;
  PersonN mother = kNone;
  FamilyN family = kNone;
  Pedigree pedigree = Pedigree::unstated;
};

/// A family's members after an edit, whole: rows of this family only, in order. Empty: the family is gone.
struct FamilyChange {
  FamilyN family = kNone;
  std::vector<MemberRow> rows;
};
/// A person that is new, has another sex, or is gone (`absent`: its families must be changed in the same edit).
struct PersonChange {
  PersonN person = kNone;
  Sex sex = Sex::unknown;
};

class Graph;
class InbreedingCache;
struct BuiltGraph;

/// Builds the graph.
/// @param sexes  sexes[n] for every record of the tree; `absent` for records that are not persons.
/// @param rows   any order; file order is (family, role, ord). Where rows contradict each other the later one in file order is
///               excluded; a cycle is broken at the child row that closes it when rows are added in that order. (In a knot of
///               cycles so large that the exact rule needs over kCycleStepsMax steps, the rest is broken by a depth-first
///               search: still free of cycles and the same on each run.)
/// @note   Parents: the primary row, else the first biological one, else the first; all others are further parents. In each
///         family a male partner is the father and a female one the mother; where the sexes do not decide, the order
///         does (first father, second mother), and a lone partner is the father unless female.
/// @error  too_large: more than kNodesMax records.
Result<BuiltGraph> build_graph(std::span<const Sex> sexes, std::span<const MemberRow> rows);
inline constexpr std::uint64_t kCycleStepsMax = 50'000'000;

class Graph {
 public:
  /// No people at all.
  Graph();
  Graph(const Graph&);
  Graph(Graph&&) noexcept;
  Graph& operator=(const Graph&);
  Graph& operator=(Graph&&) noexcept;
  ~Graph();

  /// One more than the greatest n.
  std::uint32_t node_count() const noexcept;
  std::uint32_t person_count() const noexcept;
  std::uint32_t family_count() const noexcept;
  /// Differs between any two snapshots of this process that may differ; for caches.
  std::uint64_t generation() const noexcept;
  /// Bytes held by the arrays, overrides included.
  std::size_t memory_bytes() const noexcept;

  bool is_person(std::uint32_t n) const noexcept { return n < node_count() && sex(n) != Sex::absent; }
  /// `absent` for a family, or any other n that is no person.
  Sex sex(PersonN person) const noexcept;
  /// Primary parents.
  PersonN father(PersonN person) const noexcept;
  PersonN mother(PersonN person) const noexcept;
  ParentPair parents(PersonN person) const noexcept;
  /// Further parent families (adoptive, foster, …), in file order; most people have none.
  std::span<const ParentFamily> further_parents(PersonN person) const noexcept;
  /// The families in which the person is a partner, by n.
  std::span<const FamilyN> families(PersonN person) const noexcept;

  /// Partners of a family: [0] father's place, [1] mother's place; kNone where there is none.
  std::array<PersonN, 2> partners(FamilyN family) const noexcept;
  /// Children of a family in its order, whatever their pedigree.
  std::span<const PersonN> children(FamilyN family) const noexcept;
  /// The other partner of a family, or kNone.
  PersonN partner_of(PersonN person, FamilyN family) const noexcept;
  /// How the child belongs to the family; nothing if it does not.
  std::optional<Pedigree> pedigree(PersonN child, FamilyN family) const noexcept;

  /// A new snapshot with these families and persons changed. The graph itself stays as it is.
  /// @error  invalid: a row that build_graph() would exclude for another reason than a cycle, or that is of another family.
  /// @error  conflict: a child would become its own ancestor; `detail` names the chain of record numbers, child first.
  /// @error  too_large: an n of kNodesMax or more.
  Result<Graph> with(std::span<const FamilyChange> families, std::span<const PersonChange> persons) const;

 private:
  struct Arrays;
  struct Overrides;
  struct Node;
  friend struct GraphAccess;
  std::shared_ptr<const Arrays> arrays_;
  std::shared_ptr<const Overrides> overrides_;  // null: none
  std::shared_ptr<InbreedingCache> inbreeding_;
  std::uint64_t generation_ = 0;
};

struct BuiltGraph {
  Graph graph;
  std::vector<ExcludedRow> excluded;  ///< by row
};

/// Calls visit(ParentPair) for the primary parents, then for each further parent family.
template <class Visit>
void for_each_parent_pair(const Graph& graph, PersonN person, Visit&& visit) {
  const ParentPair primary = graph.parents(person);
  if (primary.family != kNone) visit(primary);
  for (const ParentFamily& further : graph.further_parents(person)) {
    const auto partners = graph.partners(further.family);
    visit(ParentPair{partners[0], partners[1], further.family, further.pedigree});
  }
}

/// The chain child, …, parent of descents that a new edge parent → child would close: empty if it would close none.
/// One upward search from `parent`; the chain is the shortest one. parent = child gives {child}.
std::vector<PersonN> cycle_closed_by(const Graph& graph, PersonN parent, PersonN child);

}  // namespace tablinum::tree::kinship
