#pragma once
/// The change log: change sets, changes, blocks and proofs; versions of a record.  Format: docs/format/ledger.md.
#include <optional>
#include <string>
#include <vector>

#include "tablinum/store/database.h"

namespace tablinum::store {

/// In whose name and on what occasion records are written.
struct ChangeContext {
  ChangeSetId change_set{};
  ActorNo actor = kLocalOwner;
  std::int64_t time = 0;  ///< Unix seconds
  Digest author_tag{};    ///< zero while authors have no keys
};

struct ChangeSet {
  ChangeSetId id{};
  std::int64_t tree_no = 0;
  ChangeSetKind kind{};
  ActorNo actor = kLocalOwner;
  std::int64_t time = 0;
  std::string summary{};
  std::optional<ChangeSetId> undoes{};
  Bytes extra{};                ///< HEAD of an import
  std::uint64_t first_seq = 0;  ///< of its first change; set by add_change_set()
};
/// Every change belongs to one: add it first, in the same transaction (an import's: in its first batch), and write all its
/// changes before those of another: they stand together in the log.
/// @error exists: the id is taken.
Result<void> add_change_set(Writer& writer, const ChangeSet& change_set);
/// @error not_found.
Result<ChangeSet> find_change_set(Session& session, const ChangeSetId& id);
/// Newest first; those with an id below `before`.
Result<std::vector<ChangeSet>> list_change_sets(Session& session, std::int64_t tree_no,
                                                const std::optional<ChangeSetId>& before, std::size_t limit);

struct LoggedChange {
  std::uint64_t seq = 0;  ///< position in the log, from 0
  Rid rid{};
  ChangeSetId change_set{};
  ActorNo actor = kLocalOwner;
  ledger::Change change{};
  bool has_before = false;
};
/// Oldest first, those with seq >= from.
Result<std::vector<LoggedChange>> changes_of_tree(Session& session, std::int64_t tree_no, std::uint64_t from,
                                                  std::size_t limit);
Result<std::vector<LoggedChange>> changes_of_record(Session& session, Rid rid, std::uint64_t from, std::size_t limit);
/// By change set, in log order.
Result<std::vector<LoggedChange>> changes_of_set(Session& session, const ChangeSetId& id, std::uint64_t from,
                                                 std::size_t limit);

/// A version of a record: what it was after one change set.
struct Version {
  std::int64_t version = 0;  ///< 1, 2, …
  std::uint64_t seq = 0;     ///< first change that made it
  ChangeSetId change_set{};
  ActorNo actor = kLocalOwner;
  std::int64_t time = 0;
  ledger::ChangeKind kind{};
  std::vector<std::uint8_t> fields{};  ///< that differ from the version before; kWholeRecord for the whole
};
/// Oldest first.
Result<std::vector<Version>> versions_of(Session& session, Rid rid);
/// The structure of version v; empty where the record was deleted in it.  @error not_found: no such version, or erased.
Result<Bytes> structure_at(Session& session, Rid rid, std::int64_t version);

struct Block {
  std::int64_t height = 0;
  ledger::BlockHeader header{};
  Digest hash{};
  std::uint64_t last_seq = 0;
};
/// Seals the open changes of a tree into blocks; nothing to seal is no error. Also done by Database in the background.
Result<void> seal(Writer& writer, std::int64_t tree_no);
/// Newest first, below `before`.
Result<std::vector<Block>> list_blocks(Session& session, std::int64_t tree_no, std::optional<std::int64_t> before,
                                       std::size_t limit);
/// @error not_found.
Result<Block> find_block(Session& session, std::int64_t tree_no, std::int64_t height);

/// Tree head of the log at a size (now, if none).  @error invalid: over the log's size.
Result<Digest> log_root(Session& session, std::int64_t tree_no, std::optional<std::uint64_t> size = {});
/// RFC 9162 proofs about the log.  @error invalid: out of range.  not_found: no such tree.
Result<std::vector<Digest>> log_inclusion(Session& session, std::int64_t tree_no, std::uint64_t seq, std::uint64_t size);
Result<std::vector<Digest>> log_consistency(Session& session, std::int64_t tree_no, std::uint64_t old_size,
                                            std::uint64_t new_size);

/// What verify_tree() found wrong, in words for the log and `doctor`.
struct VerifyReport {
  std::uint64_t changes = 0, records = 0, blocks = 0;
  std::vector<std::string> faults{};  ///< at most kFaultsMax
  std::vector<std::string> row_faults{};  ///< of typed rows, which can be derived anew from the records; at most kFaultsMax
};
inline constexpr std::size_t kFaultsMax = 100;
/// Recomputes everything from the rows: the log from the changes, each record's chain of roots and its present root, blocks and
/// their chain, both state roots at the last block, stored nodes, and that typed rows belong to living records.
Result<VerifyReport> verify_tree(Session& session, std::int64_t tree_no);

}  // namespace tablinum::store
