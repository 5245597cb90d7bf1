#pragma once
/// Contradictions in a whole tree, by the rules of tree/checks.
#include <optional>
#include <string>
#include <vector>

#include "tablinum/archive/archive.h"

namespace tablinum::archive {

/// What a contradiction is between: a fact, or (number 0) a record as a whole.
struct Statement {
  std::optional<Rid> record;  ///< nothing: there is none
  std::uint16_t number = 0;   ///< of the fact's node
};
struct Contradiction {
  std::string code;      ///< stable word of the rule
  std::string severity;  ///< info, warning, error
  Rid person;            ///< whose fact is wrong; of a family's fact, the family
  std::string text;      ///< the rule in words
  Statement first, second;  ///< the fact that is wrong, and the one that contradicts it
  std::int64_t days = 0;    ///< by how much at least; 0 where that makes no sense
  std::string dates;        ///< of both as they are written: a judgement on them holds while they stay
};
inline constexpr std::size_t kContradictionsMax = 10'000;

/// In the order of the records; at most kContradictionsMax.  @error not_found: no such tree.  io, corrupt: the database.
Result<std::vector<Contradiction>> check_tree(Archive& archive, std::int64_t tree_no);

}  // namespace tablinum::archive
