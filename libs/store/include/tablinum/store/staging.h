#pragma once
/// Imports: records go in batches into a hidden tree, which becomes visible at the end or is dropped.  Design: archive.md §5,
/// §6.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tablinum/store/database.h"
#include "tablinum/store/history.h"
#include "tablinum/store/trees.h"

namespace tablinum::store {

/// Records of one transaction.
inline constexpr std::size_t kBatchRecords = 16'384;
/// A file up to this size goes in one transaction with the indexes built at the end, if it has at least as many records as the
/// archive: faster, and there is nothing worth resuming.
inline constexpr std::uint64_t kSingleTransactionBytes = std::uint64_t{64} << 20;

enum class ImportState : std::uint8_t { staging = 1, published, dropped, failed };

struct ImportJob {
  JobId id{};
  std::int64_t tree_no = 0;
  ImportState state{};
  Digest source{};  ///< the file's blob
  std::string options{};
  Bytes header{};  ///< HEAD as a structure
  std::uint64_t bytes_done = 0, bytes_total = 0;
  std::uint64_t records = 0;  ///< committed: the next batch begins with this n
  ChangeSetId change_set{};
  std::string error{};
};
struct ImportStart {
  JobId id{};  ///< of its row in the job queue, or a new one
  Digest source{};
  std::string_view options = "{}";
  std::uint64_t bytes_total = 0;
  std::string_view tree_name{};
  std::optional<TreeId> into{};  ///< an empty visible tree to fill; its readers see batches as they are committed
  Uuid owner{};
  TreePrivacy privacy = TreePrivacy::closed;
  ActorNo actor = kLocalOwner;
  std::int64_t time = 0;       ///< Unix seconds, of all its changes
  std::string_view summary{};  ///< of its change set
  bool alone = false;          ///< nobody reads meanwhile: an empty archive is filled directly, in one transaction of any size
};
struct Finding {
  std::uint64_t line = 0;
  std::int16_t code = 0;
  std::string_view detail{};
  std::optional<Rid> record{};  ///< in which it stands
};

/// One import under way.  @note One thread at a time.
class Import {
 public:
  /// Makes the hidden tree, the change set and the job's row, and commits them. An id whose import was dropped or failed may begin
  /// again.  @error exists: the job id is taken by an import that is under way or published.  Else as Writer.
  static Result<std::unique_ptr<Import>> begin(Database& database, const ImportStart& start);
  /// Goes on after a crash: feed the file again, and hand in records from n = job().records on.
  /// @error not_found.  conflict: already published or dropped.
  static Result<std::unique_ptr<Import>> resume(Database& database, const JobId& id);
  /// Whatever was not committed is rolled back; the import can be resumed.
  ~Import();
  Import(const Import&) = delete;

  const ImportJob& job() const noexcept;
  TreeId tree_id() const noexcept;
  /// The rid of record n of this import.
  Rid rid(std::uint32_t n) const noexcept { return make_rid(job().tree_no, n); }

  /// The open transaction: for ensure_place() and for other modules' rows (documents) that belong to the batch.
  Result<Writer*> writer();
  /// Adds a record with n = records handed in so far. Commits after each kBatchRecords records, and lets other writers in.
  /// An error rolls back what was not committed: go on from n = job().records, or drop().  @error As create_record().
  Result<void> add(const RecordDraft& draft);
  Result<void> add_finding(const Finding& finding);
  /// Remembered with the next commit.
  void set_bytes_done(std::uint64_t bytes) noexcept;
  void set_header(ByteView header);
  /// Commits what is open now.
  Result<void> flush();
  /// Commits, seals, and makes the tree visible.
  Result<void> publish();
  /// Rolls back and removes everything but the job's row, which keeps `error`. A visible tree stays, empty again.
  Result<void> drop(std::string_view error);

 private:
  struct Impl;
  explicit Import(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// @error not_found.
Result<ImportJob> find_import(Session& session, const JobId& id);
/// Newest first.
Result<std::vector<ImportJob>> list_imports(Session& session, std::size_t limit);
struct StoredFinding {
  std::int64_t ord = 0;
  std::uint64_t line = 0;
  std::int16_t code = 0;
  std::string detail{};
  std::optional<Rid> record{};
};
/// In the order they were added, those with ord > after.
Result<std::vector<StoredFinding>> findings_of(Session& session, const JobId& id, std::int64_t after, std::size_t limit);
/// Records under another name, or merged, of an import (see archive.md §5).
Result<void> add_import_xref(Writer& writer, const JobId& id, std::string_view xref, Rid rid, const Digest& digest);

}  // namespace tablinum::store
