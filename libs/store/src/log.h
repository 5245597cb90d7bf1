#pragma once
/// Appending to a tree's log, and the state trees that blocks are sealed with.
#include "writer_state.h"

namespace tablinum::store {

/// log_node keeps the roots of complete subtrees of these levels (8, 16, 24, …); lower ones are recomputed from changes.
inline constexpr unsigned kLogTileLevel = 8;
/// state_node keeps one row for 16 nodes of levels 4, 8, 12, …; the zk tree's rows stand this much higher.
inline constexpr unsigned kGroupBits = 4;
inline constexpr unsigned kZkLevelOffset = 32;
/// And the index of persons at this level.
inline constexpr unsigned kPersonIndexLevel = 63;

struct NewChange {
  Rid rid{};
  RecordId id{};
  ledger::ChangeKind kind{};
  std::uint8_t field = ledger::kWholeRecord;
  Digest old_root{}, new_root{};
  std::optional<ByteView> before{};
};
/// Seals first if `count` more changes would not fit the block that is open.
Result<void> make_room(Writer& writer, TreeState& tree, std::size_t count);
Result<void> append_change(Writer& writer, TreeState& tree, const ChangeContext& context, const NewChange& change);

struct StateRoots {
  Digest state{};     ///< RFC 9162
  Digest zk_state{};  ///< as header.extra
};
/// Brings the stored state trees up to date with these records (n, increasing, each once) and gives their roots.
Result<StateRoots> update_state(Writer& writer, TreeState& tree, std::span<const std::uint32_t> changed);

}  // namespace tablinum::store
