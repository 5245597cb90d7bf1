#pragma once
/// What edits need of a whole tree and no row says: the bounds behind "living", and which export names are taken. Read once, then kept up.
#include <list>
#include <vector>

#include "tablinum/archive/archive.h"
#include "tablinum/tree/model/living.h"

namespace tablinum::archive {

/// Trees whose memory is kept (about 40 bytes a record).
inline constexpr std::size_t kEditedTreesMax = 2;

struct TreeMemory {
  std::int64_t tree_no = 0;
  std::int64_t generation = -1;                        ///< the state that it reflects
  std::vector<tree::model::LivingFacts> facts{};       ///< by n
  std::vector<tree::model::Jdn> births{};              ///< latest_births(), by n
  std::uint64_t xref_max = 0;                          ///< greatest number at the end of an export name
};

/// @note For whoever holds the writer.
class EditMemory {
 public:
  /// As of the session's state, which `graph` reflects.  @error corrupt: a record that cannot be read.  io: the database.
  Result<TreeMemory*> of(store::Session& session, const TreeGraph& graph);

 private:
  std::list<TreeMemory> trees_;  // most recently used first
};

/// The first parents by birth, as the rule for the living counts them.
std::pair<std::uint32_t, std::uint32_t> birth_parents(const tree::kinship::Graph& graph, tree::kinship::PersonN person) noexcept;

}  // namespace tablinum::archive
