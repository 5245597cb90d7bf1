#pragma once
/// What a write transaction keeps in memory until it commits: heads of the logs it touches, so that a batch writes them once.
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "connection.h"
#include "tablinum/store/database.h"
#include "tablinum/store/history.h"

namespace tablinum::store {

/// An entry of the state tree that is known without reading the record again.
struct StateEntry {
  RecordId id{};
  Digest root{};
  bool person = false;
};

/// A tree as this transaction sees it.
struct TreeState {
  std::int64_t tree_no = 0;
  TreeId id{};
  std::uint32_t next_n = 0;
  ledger::LogEdge log{};
  std::int64_t sealed_height = -1;
  std::uint64_t sealed_size = 0;  ///< changes in blocks
  std::int64_t generation = 0;
  bool head_changed = false;     ///< the tree's row must be written
  bool content_changed = false;  ///< and its generation grows

  // Since the later of the transaction's begin and its last seal:
  std::uint64_t leaves_from = 0;         ///< seq of leaves.front()
  std::vector<Digest> leaves{};          ///< log leaves of the changes appended
  std::vector<std::uint32_t> changed{};  ///< n of the records they changed
  std::uint32_t made_from = 0;           ///< n of made.front()
  std::vector<StateEntry> made{};        ///< records created
};

/// Randomness in larger pieces: a call to the system's generator for each salt would cost as much as its change.
class SaltSource {
 public:
  ledger::Salt next();

 private:
  std::array<ledger::Salt, 256> pool_;
  std::size_t used_ = pool_.size();
};

/// (parent, name) → place, as far as this transaction has looked.
using PlaceCache = std::unordered_map<std::string, std::int64_t>;

struct Writer::State {
  Purpose purpose{};
  std::optional<Transaction> transaction;
  Timestamp now;
  std::map<std::int64_t, TreeState> trees;
  std::unordered_map<std::int64_t, ChangeSetId> written;  ///< records that got a version here, and in which change set
  PlaceCache places;
  std::unordered_set<std::int64_t> left_places;  ///< where a record was whose rows were deleted
  SaltSource salts;

  std::uint64_t change_limit() const noexcept {
    return purpose == Purpose::import ? ledger::kChangeLimitImport : ledger::kChangeLimit;
  }
};

/// The tree's state, loaded on first use.  @error not_found.
Result<TreeState*> tree_state(Writer& writer, std::int64_t tree_no);
/// Marks the tree's content as changed.
inline void touch(TreeState& tree) noexcept { tree.head_changed = tree.content_changed = true; }
/// Writes the heads of all touched trees.
Result<void> flush_trees(Writer& writer);

}  // namespace tablinum::store
