#pragma once
/// Ancestors and descendants by generation, with genealogical numbers; components; cousins.
/// A person who is reached in several ways is listed once, where reached first (pedigree collapse), and marked `repeated`.
/// All calls are thread-safe and run in time proportional to the people and families touched.
#include <cstdint>
#include <string>
#include <vector>

#include "tablinum/tree/kinship/graph.h"

namespace tablinum::tree::kinship {

/// Which parent edges count: all of them, or only those that carry genes.
enum class Edges : std::uint8_t { all, biological };

struct WalkOptions {
  std::uint32_t generations_max = 0xFFFFFFFF;  ///< 1 = parents or children only
  std::uint32_t people_max = 0xFFFFFFFF;       ///< the root included; at least 1
  Edges edges = Edges::all;                    ///< `all` follows further parent families too
};

/// One person of a walk. `via` links the entries into a tree, from which the numbers are made.
struct Kin {
  PersonN person = kNone;
  std::uint32_t via = kNone;     ///< index of the entry this one was reached from; kNone for the root
  FamilyN family = kNone;        ///< the family between the two
  std::uint32_t generation = 0;  ///< 0 = root
  std::uint32_t ordinal =
      0;  ///< descendants: 1 for the first child of `via`, over all its families; ancestors: 0 father, 1 mother
  Pedigree pedigree = Pedigree::unstated;
  bool further = false;   ///< ancestors: reached through a further parent family, so without a Sosa number
  bool repeated = false;  ///< met again later in the walk
};

struct Walk {
  std::vector<Kin>
      people;  ///< root first, then by generation; within one by order of discovery, fathers and elder children first
  bool truncated = false;  ///< people_max was reached, or the generation limit cut somebody off
};

/// The person and its ancestors.  @error not_found: no such person.
Result<Walk> ancestors(const Graph& graph, PersonN root, const WalkOptions& options = {});
/// The person and its descendants.  @error not_found: no such person.
Result<Walk> descendants(const Graph& graph, PersonN root, const WalkOptions& options = {});

/// Sosa–Stradonitz: root 1, father 2k, mother 2k + 1. 0: beyond 64 bits (generation 64 and later), or not of a primary line.
std::uint64_t sosa_number(const Walk& walk, std::size_t index);
/// d'Aboville: "1", "1.2", "1.2.10".
std::string aboville_number(const Walk& walk, std::size_t index);
/// Henry: "1", "12", tenth child X, eleventh to 33rd A … W, later ones in parentheses ("1(34)", as in the modified Henry
/// system).
std::string henry_number(const Walk& walk, std::size_t index);

/// Connected components over parents, children and partners.
struct Components {
  std::vector<std::uint32_t> of;     ///< component of each n; kNone for what is no person. Numbered by their smallest n.
  std::vector<std::uint32_t> sizes;  ///< people in each component
};
Components components(const Graph& graph);

/// People without parents, children and partners, by n.
std::vector<PersonN> isolated_persons(const Graph& graph);

/// The blood cousins of a degree (1 = first cousins, 0 = siblings) and removal. `removed` > 0: in later generations than the
/// person, < 0: in earlier ones. Nearest relation counts: a first cousin is not listed as second cousin too. By n.
/// @error not_found: no such person.  invalid: degree or |removed| over kCousinDegreeMax.
Result<std::vector<PersonN>> cousins(const Graph& graph, PersonN person, std::uint32_t degree, std::int32_t removed = 0);
inline constexpr std::uint32_t kCousinDegreeMax = 100;

/// All people, parents before their children.
std::vector<PersonN> topological_order(const Graph& graph);

}  // namespace tablinum::tree::kinship
