#include "tablinum/store/database.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "folder.h"
#include "gate.h"
#include "migrate.h"
#include "tablinum/base/log.h"
#include "tablinum/store/history.h"
#include "writer_state.h"

namespace tablinum::store {
namespace {

constexpr int kPageBytes = 8192;
constexpr int kCheckpointPages = (4 << 20) / kPageBytes;
constexpr Duration kIdleBeforeTruncate = Duration::seconds(5);
constexpr Duration kBackgroundStep = Duration::milliseconds(500);
constexpr std::string_view kUsualCache = "PRAGMA cache_size = -65536";    // KiB
constexpr std::string_view kLargeCache = "PRAGMA cache_size = -86016";   // what is built is read again for its indexes
// What is deleted is overwritten with zeros; a direct write begins with an empty archive, where nothing is deleted but what it wrote
// itself, and pays 2 % for it.
constexpr std::string_view kUsualDeleting = "PRAGMA secure_delete = ON", kPlainDeleting = "PRAGMA secure_delete = OFF";
constexpr std::string_view kFolders[] = {"keys", "blobs", "uploads", "tmp", "cache", "log", "backups"};

Result<void> run_all(Connection& connection, std::initializer_list<std::string_view> statements) {
  for (const auto sql : statements) CHECK_OK(connection.execute(sql));
  return {};
}

Result<std::unique_ptr<Connection>> open_writer(const std::string& path) {
  TRY(connection, Connection::open(path, false));
  // page_size counts only while the file is empty; journal_mode then makes the file.
  CHECK_OK(run_all(*connection, {"PRAGMA page_size = 8192", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
                                 kUsualCache, "PRAGMA temp_store = MEMORY", "PRAGMA trusted_schema = OFF"}));
  connection->watch_log();
  return std::move(connection);
}

Result<std::unique_ptr<Connection>> open_reader(const std::string& path) {
  TRY(connection, Connection::open(path, true));
  CHECK_OK(run_all(*connection, {"PRAGMA query_only = ON", "PRAGMA cache_size = -8192", "PRAGMA mmap_size = 1073741824",
                                 "PRAGMA temp_store = MEMORY", "PRAGMA trusted_schema = OFF"}));
  return std::move(connection);
}

/// While a transaction writes directly, and after a crash within it (Database::write_directly()).
bool has_journal(const std::string& path) { return exists(path + "-journal"); }

/// What a crash cut short is taken back by the first connection that reads and may write.
Result<void> roll_back_unfinished(const std::string& path) {
  if (!has_journal(path)) return {};
  TRY(connection, Connection::open(path, false));
  return connection->execute("SELECT count(*) FROM sqlite_master");
}

/// What is open in a tree's log and waits for a block.
struct Unsealed {
  std::uint64_t changes = 0;
  Instant since;
};

/// The highest id anywhere, so that new ones come after it.
Result<Uuid> highest_id(Connection& connection) {
  auto rows = connection
                  .statement(
                      "SELECT max(id) FROM (SELECT max(id) AS id FROM record UNION ALL SELECT max(id) FROM change_set "
                      "UNION ALL SELECT max(id) FROM tree UNION ALL SELECT max(id) FROM job)",
                      {}, "b")
                  .query();
  const bool found = rows.next() && !rows.is_null(0);
  CHECK_OK(rows.status());
  return found ? uuid_from_bytes(rows.bytes(0)) : Uuid{};
}

}  // namespace

struct Database::Impl {
  DatabaseOptions options;
  std::optional<FolderLock> lock;
  std::optional<UuidV7Source> ids;

  Gate gate;
  std::unique_ptr<Connection> writer;
  bool synchronous_full = true;
  bool direct = false;  // write_directly()

  std::mutex readers_mutex;
  std::condition_variable reader_free;
  std::vector<std::unique_ptr<Connection>> idle_readers;
  unsigned readers = 0;

  std::vector<DropHook> drop_hooks;
  std::vector<CommitHook> commit_hooks;

  // The background thread's notes.
  std::mutex background_mutex;
  std::condition_variable background_wake;
  std::map<std::int64_t, Unsealed> unsealed;
  bool checkpoint_due = false, log_has_pages = false, stopping = false;
  Instant last_commit;
  std::unique_ptr<Connection> checkpointer;
  std::mutex checkpointer_mutex;
  std::thread background;

  std::string path() const { return database_path(options.folder); }

  Result<std::unique_ptr<Connection>> take_reader() {
    {
      std::unique_lock hold{readers_mutex};
      reader_free.wait(hold, [&] { return !idle_readers.empty() || readers < options.readers_max; });
      if (!idle_readers.empty()) {
        auto connection = std::move(idle_readers.back());
        idle_readers.pop_back();
        return connection;
      }
      ++readers;
    }
    auto connection = open_reader(path());
    if (!connection) {
      const std::lock_guard hold{readers_mutex};
      --readers;
    }
    return connection;
  }

  void give_reader_back(std::unique_ptr<Connection> connection) {
    {
      const std::lock_guard hold{readers_mutex};
      idle_readers.push_back(std::move(connection));
    }
    reader_free.notify_one();
  }

  /// Each keeps the engine from changing its journal.
  void close_idle_connections() {
    {
      const std::lock_guard hold{readers_mutex};
      readers -= static_cast<unsigned>(idle_readers.size());
      idle_readers.clear();
    }
    const std::lock_guard hold{checkpointer_mutex};
    checkpointer.reset();
  }

  Result<bool> switch_journal(bool to_direct) {
    close_idle_connections();
    const std::string_view mode = to_direct ? "delete" : "wal";
    {
      auto rows = writer->statement("PRAGMA journal_mode = " + std::string{mode}, {}, "t").query();
      const bool switched = rows.next() && rows.text(0) == mode;
      if (auto status = rows.status(); !status && status.error().code != Code::busy) return std::unexpected(status.error());
      if (!switched) return false;
    }
    direct = to_direct;
    CHECK_OK(writer->execute(to_direct ? kPlainDeleting : kUsualDeleting));
    CHECK_OK(writer->execute(to_direct ? kLargeCache : kUsualCache));
    return true;
  }

  /// Called while the writer's turn still lasts, so hooks see commits in order.
  void after_commit(const Writer::State& state) {
    for (const auto& [tree_no, tree] : state.trees) {
      if (!tree.content_changed) continue;
      for (const auto& hook : commit_hooks) hook(tree_no, tree.generation);
    }
    {
      const std::lock_guard hold{background_mutex};
      last_commit = monotonic_now();
      log_has_pages = true;
      checkpoint_due = checkpoint_due || writer->log_pages() >= kCheckpointPages;
      for (const auto& [tree_no, tree] : state.trees) note_unsealed(tree_no, tree.log.size() - tree.sealed_size);
      if (!checkpoint_due && !seal_due()) return;
    }
    background_wake.notify_one();
  }

  void note_unsealed(std::int64_t tree_no, std::uint64_t changes) {
    if (changes == 0) {
      unsealed.erase(tree_no);
      return;
    }
    auto& entry = unsealed.try_emplace(tree_no, Unsealed{.since = monotonic_now()}).first->second;
    entry.changes = changes;
  }

  std::optional<std::int64_t> seal_due() const {
    const Instant now = monotonic_now();
    for (const auto& [tree_no, entry] : unsealed) {
      if (entry.changes >= ledger::kChangeLimit || now - entry.since >= options.seal_after) return tree_no;
    }
    return std::nullopt;
  }

  Result<void> run_checkpoint(bool truncate) {
    const std::lock_guard hold{checkpointer_mutex};
    if (!checkpointer) {
      TRY(connection, Connection::open(path(), false));
      // It never waits for readers or the writer: what is not copied now is copied next time.
      CHECK_OK(run_all(*connection, {"PRAGMA busy_timeout = 0", "PRAGMA wal_autocheckpoint = 0"}));
      checkpointer = std::move(connection);
    }
    auto rows =
        checkpointer->statement(truncate ? "PRAGMA wal_checkpoint(TRUNCATE)" : "PRAGMA wal_checkpoint(PASSIVE)", {}, "iii")
            .query();
    const bool blocked = rows.next() && rows.integer(0) != 0;
    CHECK_OK(rows.status());
    if (blocked) return fail(Code::busy, "readers or the writer are at work");
    return {};
  }
};

// ---- Reader
// --------------------------------------------------------------------------------------------------------------------

Reader::Reader(Database* database, Connection* connection) noexcept : Session{connection}, database_{database} {}
Reader::Reader(Reader&& other) noexcept : Session{std::move(other)}, database_{other.database_} {}

Reader::~Reader() {
  if (connection_ == nullptr) return;
  // A reading transaction has nothing to lose: ending it cannot fail in a way that matters.
  [[maybe_unused]] const auto ended = connection_->statement("COMMIT", {}, {}).run();
  database_->impl_->give_reader_back(std::unique_ptr<Connection>{connection_});
}

// ---- Writer
// --------------------------------------------------------------------------------------------------------------------

Writer::Writer(Database* database, Connection* connection, Purpose purpose)
    : Session{connection}, database_{database}, state_{std::make_unique<State>()} {
  state_->purpose = purpose;
  state_->now = wall_now();
}
Writer::Writer(Writer&& other) noexcept
    : Session{std::move(other)}, database_{other.database_}, state_{std::move(other.state_)} {}

Writer::~Writer() {
  if (connection_ == nullptr) return;
  state_->transaction.reset();
  database_->impl_->gate.leave();
}

Purpose Writer::purpose() const noexcept { return state_->purpose; }

Result<void> Writer::commit() {
  CHECK_OK(flush_trees(*this));
  CHECK_OK(state_->transaction->commit());
  database_->impl_->after_commit(*state_);
  state_->transaction.reset();
  connection_ = nullptr;
  database_->impl_->gate.leave();
  return {};
}

// ---- Database
// ------------------------------------------------------------------------------------------------------------------

Database::Database(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  if (options.access == Access::read_only) {
    if (!exists(impl->path())) return fail(Code::not_found, "there is no archive in " + options.folder);
    if (has_journal(impl->path())) return fail(Code::busy, "an import fills the archive, or was cut short: open it for writing once");
    TRY(plan, plan_migration(options.folder, migrations(), static_cast<int>(migrations().size())));
    if (!plan.steps.empty()) return fail(Code::unsupported, "the archive is of an older version: open it for writing once");
    impl->ids.emplace();
    return std::unique_ptr<Database>{new Database{std::move(impl)}};
  }

  TRY(lock, FolderLock::take(options.folder, options.holder));
  impl->lock.emplace(std::move(lock));
  for (const auto folder : kFolders) CHECK_OK(make_folder(options.folder + "/" + std::string{folder}));
  // Nobody else can be writing there now: what lies in tmp/ was left by a crash.
  TRY(leftovers, list_folder(options.folder + "/tmp"));
  for (const auto& name : leftovers) CHECK_OK(remove_all(options.folder + "/tmp/" + name));
  CHECK_OK(roll_back_unfinished(impl->path()));
  TRY(planned, plan_migration(options.folder, migrations(), static_cast<int>(migrations().size())));
  TRY(writer, open_writer(impl->path()));
  if (planned.from > 0 && !planned.steps.empty()) {
    const std::string copy = options.folder + "/backups/before-migration-" + std::to_string(planned.from) + "-to-" +
                             std::to_string(planned.to) + ".db";
    if (!exists(copy)) CHECK_OK(writer->statement("VACUUM INTO :1", "t", {}).run(copy));
  }
  CHECK_OK(apply_plan(*writer, migrations(), planned));
  impl->writer = std::move(writer);
  TRY(highest, highest_id(*impl->writer));
  impl->ids.emplace(highest);

  auto rows = impl->writer
                  ->statement(
                      "SELECT t.tree_no, t.log_size - coalesce(b.last_seq + 1, 0) FROM tree t LEFT JOIN block b "
                      "ON b.tree_no = t.tree_no AND b.height = t.sealed_height",
                      {}, "ii")
                  .query();
  while (rows.next()) impl->note_unsealed(rows.integer(0), static_cast<std::uint64_t>(rows.integer(1)));
  CHECK_OK(rows.status());

  std::unique_ptr<Database> database{new Database{std::move(impl)}};
  if (options.background) database->impl_->background = std::thread{[self = database.get()] { self->run_background(); }};
  return database;
}

Database::~Database() {
  {
    const std::lock_guard hold{impl_->background_mutex};
    impl_->stopping = true;
  }
  impl_->background_wake.notify_all();
  if (impl_->background.joinable()) impl_->background.join();
  if (impl_->options.access == Access::read_only) return;
  if (const auto sealed = seal_all(); !sealed)
    log::warn("store", "the last block is left for the next start", {{"error", describe(sealed.error())}});
  impl_->gate.close();
  impl_->idle_readers.clear();
  if (const auto emptied = impl_->run_checkpoint(true); !emptied) {
    log::warn("store", "the write-ahead log is left for the next start", {{"error", describe(emptied.error())}});
  }
}

void Database::run_background() {
  auto& impl = *impl_;
  std::unique_lock hold{impl.background_mutex};
  while (!impl.stopping) {
    impl.background_wake.wait_for(hold, std::chrono::nanoseconds{kBackgroundStep.ns},
                                  [&] { return impl.stopping || impl.checkpoint_due || impl.seal_due(); });
    if (impl.stopping) return;
    const auto tree_no = impl.seal_due();
    const bool idle = monotonic_now() - impl.last_commit >= kIdleBeforeTruncate;
    const bool truncate = idle && impl.log_has_pages && !tree_no;
    const bool checkpoint = impl.checkpoint_due || truncate;
    // Once for now, whatever comes of it: an error is not a reason to try in a tight loop.
    if (tree_no) impl.unsealed.at(*tree_no) = {.since = monotonic_now()};
    impl.checkpoint_due = false;
    if (truncate) impl.log_has_pages = false;
    hold.unlock();
    if (tree_no) report("sealing failed", seal_tree(*tree_no));
    if (checkpoint) report("checkpoint failed", impl.run_checkpoint(truncate));
    hold.lock();
  }
}

void Database::report(std::string_view what, const Result<void>& result) {
  if (!result && result.error().code != Code::busy) log::error("store", what, {{"error", describe(result.error())}});
}

Result<void> Database::seal_tree(std::int64_t tree_no) {
  TRY(writer, this->writer(Purpose::edit));
  if (auto sealed = seal(writer, tree_no); !sealed && sealed.error().code != Code::not_found) return sealed;
  return writer.commit();
}

Result<Reader> Database::reader() {
  TRY(connection, impl_->take_reader());
  if (auto begun = connection->statement("BEGIN", {}, {}).run(); !begun) {
    impl_->give_reader_back(std::move(connection));
    return std::unexpected(begun.error());
  }
  return Reader{this, connection.release()};
}

Result<Writer> Database::writer(Purpose purpose) {
  if (impl_->options.access == Access::read_only) return fail(Code::denied, "the archive is open for reading only");
  if (!impl_->gate.enter()) return fail(Code::closed, "the archive is being closed");
  return begin(purpose);
}

Result<std::optional<Writer>> Database::try_writer() {
  if (impl_->options.access == Access::read_only) return fail(Code::denied, "the archive is open for reading only");
  if (!impl_->gate.try_enter()) return std::optional<Writer>{};
  TRY(writer, begin(Purpose::edit));
  return std::optional<Writer>{std::move(writer)};
}

Result<Writer> Database::begin(Purpose purpose) {
  Writer writer{this, impl_->writer.get(), purpose};  // leaves the gate also where what follows fails
  // Without the log, less would leave a journal that a power cut has damaged.
  if (const bool full = purpose == Purpose::edit || impl_->direct; full != impl_->synchronous_full) {
    CHECK_OK(impl_->writer->execute(full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL"));
    impl_->synchronous_full = full;
  }
  impl_->writer->gather_inserts(purpose == Purpose::import);
  TRY(transaction, Transaction::start(*impl_->writer, "BEGIN IMMEDIATE"));
  writer.state().transaction.emplace(std::move(transaction));
  return writer;
}

Result<bool> Database::write_directly(bool on) {
  if (impl_->options.access == Access::read_only) return fail(Code::denied, "the archive is open for reading only");
  if (!impl_->gate.enter()) return fail(Code::closed, "the archive is being closed");
  auto switched = impl_->switch_journal(on);
  impl_->gate.leave();
  return switched;
}

UuidV7Source& Database::ids() noexcept { return *impl_->ids; }
const std::string& Database::folder() const noexcept { return impl_->options.folder; }
std::string Database::path(std::string_view name) const { return impl_->options.folder + "/" + std::string{name}; }
Access Database::access() const noexcept { return impl_->options.access; }

Result<void> Database::seal_all() {
  std::vector<std::int64_t> trees;
  {
    const std::lock_guard hold{impl_->background_mutex};
    for (const auto& [tree_no, entry] : impl_->unsealed) trees.push_back(tree_no);
  }
  for (const auto tree_no : trees) CHECK_OK(seal_tree(tree_no));
  return {};
}

Result<void> Database::checkpoint(bool truncate) { return impl_->run_checkpoint(truncate); }

void Database::add_drop_hook(DropHook hook) { impl_->drop_hooks.push_back(std::move(hook)); }
void Database::add_commit_hook(CommitHook hook) { impl_->commit_hooks.push_back(std::move(hook)); }
std::span<const Database::DropHook> Database::drop_hooks() const noexcept { return impl_->drop_hooks; }

}  // namespace tablinum::store
