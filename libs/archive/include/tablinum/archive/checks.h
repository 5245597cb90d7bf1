#pragma once
/// Contradictions in a whole tree, by the rules of tree/checks.
#include <string>
#include <vector>

#include "tablinum/archive/archive.h"

namespace tablinum::archive {

struct Contradiction {
  std::string code;      ///< stable word of the rule
  std::string severity;  ///< info, warning, error
  Rid person;            ///< whose fact is wrong; of a family's fact, the family
  std::string text;      ///< the rule in words
};
inline constexpr std::size_t kContradictionsMax = 10'000;

/// In the order of the records; at most kContradictionsMax.  @error not_found: no such tree.  io, corrupt: the database.
Result<std::vector<Contradiction>> check_tree(Archive& archive, std::int64_t tree_no);

}  // namespace tablinum::archive
