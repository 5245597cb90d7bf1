#pragma once
/// How two people are related: common ancestors, all lines of descent between them, the shortest way through marriages.
/// No limit on generations. Thread-safe.
#include <cstdint>
#include <vector>

#include "tablinum/tree/kinship/graph.h"
#include "tablinum/tree/kinship/walk.h"

namespace tablinum::tree::kinship {

struct CommonAncestor {
  PersonN person = kNone;
  std::uint32_t depth_a = 0;  ///< fewest generations up from a (0: a itself)
  std::uint32_t depth_b = 0;
  bool nearest = false;  ///< no child of it is a common ancestor too
};
/// By depth_a + depth_b, then by n. Empty where they have none. A person is its own ancestor of depth 0.
/// @error not_found: one of them is no person.
Result<std::vector<CommonAncestor>> common_ancestors(const Graph& graph, PersonN a, PersonN b, Edges edges = Edges::all);

/// `sibling`: to another child of a family whose parents are both unknown; only on paths, since lines need an ancestor.
enum class Direction : std::uint8_t { up, down, partner, sibling };
/// One step from person to person. `family` is the family between them.
struct Step {
  Direction direction{};
  PersonN to = kNone;
  FamilyN family = kNone;
  Pedigree pedigree = Pedigree::unstated;  ///< of the child end; `unstated` for a partner or sibling
  friend bool operator==(const Step&, const Step&) = default;
};

/// A common ancestor, or couple, and two chains that meet only there: first all steps up from a, then all steps down to b.
struct Line {
  std::vector<Step> steps;
  PersonN apex = kNone;
  PersonN apex_partner = kNone;  ///< the other half of the couple, where both children descend from both ("full"); else kNone
  std::uint32_t up = 0;          ///< generations from a to the apex
  std::uint32_t down = 0;        ///< generations from the apex to b
  bool blood = true;             ///< every edge carries genes
};

inline constexpr std::size_t kLinesMax = 100;
inline constexpr std::uint64_t kLineStepsMax = 2'000'000;
struct LineLimits {
  std::size_t lines_max = kLinesMax;
  std::uint64_t steps_max = kLineStepsMax;
  Edges edges = Edges::all;
};
struct Lines {
  std::vector<Line> lines;        ///< shortest first; equals in a fixed order
  bool complete = true;           ///< false: a limit was reached, there may be more
  std::uint64_t chain_pairs = 0;  ///< pairs of chains to one common ancestor, saturating: lines cannot be more than this
};
/// All lines between a and b; a line straight up or down has the ancestor as apex. a = b: one line without steps.
/// @error not_found: one of them is no person.
Result<Lines> lines(const Graph& graph, PersonN a, PersonN b, const LineLimits& limits = {});

/// The shortest way from a to b over parents, children and partners, both ends at once; among equals the same one each time.
struct Path {
  bool found = false;
  std::vector<Step> steps;
  std::uint32_t visited = 0;  ///< people looked at
  bool complete = true;       ///< false: gave up at the limit, there may be a way
};
/// People looked at before the search for a way by marriage gives up: two people of a tree of a million meet long before.
inline constexpr std::uint32_t kPathVisitedMax = 1'500'000;
/// @error not_found: one of them is no person.
Result<Path> shortest_path(const Graph& graph, PersonN a, PersonN b, std::uint32_t visited_max = kPathVisitedMax);

/// The steps of the relation as one would tell it: the first blood line, else the first line (adoptive, foster …), else the
/// shortest path; nothing if they are not connected. A blood line precedes a shorter way by marriage unless a and b are
/// partners.
struct Relation {
  bool related = false;
  std::vector<Step> steps;
  bool full = true;  ///< the line runs over a couple, or has no turn
  bool blood = false;
  std::uint32_t couples = 0;  ///< couples (or lone apexes) over which lines of the same shape run: 2 = "double first cousin"
  Lines lines;
  Path path;  ///< looked for only where there is no line, or a and b are partners
};
/// @error not_found: one of them is no person.
Result<Relation> relation(const Graph& graph, PersonN a, PersonN b, const LineLimits& limits = {});

}  // namespace tablinum::tree::kinship
