#pragma once
/// The archive's database in its data folder: one writer, many readers.  Design: archive.md §6.
/// All calls block: services run them through io::offload.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "tablinum/base/id.h"
#include "tablinum/base/time.h"
#include "tablinum/store/sql.h"
#include "tablinum/store/types.h"

namespace tablinum::store {

class Database;
class Writer;

enum class Access : std::uint8_t {
  read_write,  ///< takes the folder's lock, creates what is missing, migrates
  read_only    ///< no lock: works beside a server; needs an archive of exactly this version
};

struct DatabaseOptions {
  std::string folder{};  ///< DATA: archive.db, lock, keys/, blobs/, uploads/, tmp/, cache/, log/, backups/
  Access access = Access::read_write;
  std::string holder = "tablinum";  ///< written into `lock`: what others are told ("serving http://127.0.0.1:8080")
  unsigned readers_max = 8;
  Duration seal_after = Duration::seconds(60);  ///< a block is sealed at the latest this long after its first change
  bool background = true;                       ///< run the sealer and the checkpointer; off in tests that step them by hand
};

/// A consistent snapshot of the database. Keep it short: while it lives, the log file cannot be trimmed.
class Reader : public Session {
 public:
  Reader(Reader&& other) noexcept;
  ~Reader();

 private:
  friend class Database;
  Reader(Database* database, Connection* connection) noexcept;
  Database* database_;
};

enum class Purpose : std::uint8_t {
  edit,   ///< synchronous=FULL: committed is durable; blocks of at most 32 changes
  import  ///< synchronous=NORMAL: a crash may undo the last commits, never damage; blocks of at most 65,536 changes
};

/// The write transaction: there is one at a time, granted in the order of asking. Rolls back unless commit() succeeded.
/// Where a writing call fails, part of what it does may be done: drop the Writer instead of committing it.
class Writer : public Session {
 public:
  struct State;
  Writer(Writer&& other) noexcept;
  ~Writer();
  /// Writes what was gathered (log edges, counters), and commits. Afterwards the writer may not be used.
  /// @error As Statement::run(). The transaction is rolled back then.
  Result<void> commit();

  Database& database() const noexcept { return *database_; }
  Purpose purpose() const noexcept;
  /// For this module's own sources.
  State& state() noexcept { return *state_; }

 private:
  friend class Database;
  Writer(Database* database, Connection* connection, Purpose purpose);
  Database* database_;
  std::unique_ptr<State> state_;
};

/// @note Thread-safe. Destroy it after all its Readers and Writers.
class Database {
 public:
  /// Opens or creates. The folder gets mode 0700.
  /// @error busy: another process holds the lock (detail: what it wrote there), or read_only while an import writes directly.
  ///        not_found: read_only, and there is no archive.
  ///        unsupported: the archive is of a newer version, or read_only and older.  corrupt: not an archive, or a migration's
  ///        checksum differs.  denied, no_space, io: of the file system.
  static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
  /// Seals what is open (read_write), stops the threads, closes. Never fails; what could not be sealed is sealed at the next
  /// start.
  ~Database();
  Database(const Database&) = delete;

  /// Waits for a free connection.  @error io, corrupt: of the engine.
  Result<Reader> reader();
  /// Waits for its turn.  @error denied: opened read_only.  closed: shutting down.  busy, io: of the engine.
  Result<Writer> writer(Purpose purpose = Purpose::edit);
  /// The same if the turn is free at once, else nothing: for what can wait, and for threads that may hold the writer already.
  Result<std::optional<Writer>> try_writer();

  /// On: transactions write the database's file itself and keep what they replace in a journal, instead of writing the log
  /// and copying it afterwards: half the writing where an empty archive is filled. Reading then waits for the transaction's
  /// end, and fails with busy after ten seconds. A crash rolls back as ever.
  /// @return whether it is as wanted: not while anybody else has the archive open.  @error As writer().
  Result<bool> write_directly(bool on);

  /// Mints the ids of records, change sets and jobs: increasing, also across restarts and clocks that step back.
  UuidV7Source& ids() noexcept;
  const std::string& folder() const noexcept;
  /// folder/name, e.g. path("blobs").
  std::string path(std::string_view name) const;
  Access access() const noexcept;

  /// Seals the open changes of all trees now.  @error As Writer.
  Result<void> seal_all();
  /// Copies the write-ahead log into the database file; `truncate` also empties it (waits for readers).  @error busy, io.
  Result<void> checkpoint(bool truncate);

  /// Called inside the transaction that drops a tree, before its rows go: for tables owned by other modules. Register at start.
  using DropHook = std::function<Result<void>(Writer&, std::int64_t tree_no)>;
  void add_drop_hook(DropHook hook);
  std::span<const DropHook> drop_hooks() const noexcept;
  /// Called after a commit that changed a tree, with its number and its new generation: caches follow it. Register at start;
  /// runs on the committing thread and must not open a Writer.
  using CommitHook = std::function<void(std::int64_t tree_no, std::int64_t generation)>;
  void add_commit_hook(CommitHook hook);

 private:
  friend class Reader;
  friend class Writer;
  struct Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  Result<Writer> begin(Purpose purpose);  // the gate is entered
  void run_background();
  Result<void> seal_tree(std::int64_t tree_no);
  static void report(std::string_view what, const Result<void>& result);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tablinum::store
