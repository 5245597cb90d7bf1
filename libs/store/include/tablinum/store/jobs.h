#pragma once
/// A durable queue of jobs, and the threads that work on it. A job survives a crash: its lease runs out and it is tried again.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tablinum/store/database.h"

namespace tablinum::store {

enum class JobState : std::uint8_t { queued = 1, running, cancelling, succeeded, failed, cancelled };
/// succeeded, failed or cancelled.
constexpr bool is_final(JobState state) noexcept { return state >= JobState::succeeded; }
std::string_view to_string(JobState state) noexcept;

struct Job {
  JobId id{};
  std::string kind{};
  JobState state{};
  std::optional<std::int64_t> tree_no{};
  ActorNo actor = kLocalOwner;
  std::string arguments{};                    ///< JSON
  std::string progress{}, result{}, error{};  ///< JSON, JSON, text; empty: none yet
  std::int32_t attempt = 0;                   ///< how often it was begun
  Timestamp run_at{};
  std::optional<Timestamp> lease_until{};
  Timestamp created_at{};
  std::optional<Timestamp> finished_at{};
};
struct JobDraft {
  std::string_view kind{};
  std::optional<std::int64_t> tree_no{};
  ActorNo actor = kLocalOwner;
  std::string_view arguments = "{}";
  std::optional<Timestamp> run_at{};  ///< not before; default now
};

inline constexpr std::size_t kJobTextBytesMax = std::size_t{1} << 20;  ///< of arguments, progress, result, error
inline constexpr Duration kBackoffMax = Duration::seconds(3600);

// ---- The queue: in the caller's transaction, with the caller's clock
// ------------------------------------------------------------

/// @error too_large: arguments.
Result<JobId> enqueue(Writer& writer, const JobDraft& draft, Timestamp now);
/// A job that somebody did without the queue, as if it had been in it: for the list of what was done. Without an attempt, since none
/// was begun.
/// @error exists: a job of this id.  too_large: arguments or result.
Result<void> add_finished_job(Writer& writer, const JobId& id, const JobDraft& draft, std::string_view result, Timestamp now);
/// The due job that waits longest among these kinds, now running with attempt + 1; nothing if none is due. A running job whose
/// lease ran out is due again (cancelling: becomes cancelled instead).
Result<std::optional<Job>> lease_job(Writer& writer, std::span<const std::string> kinds, Duration lease, Timestamp now);
/// Every lease runs out now. For the start of the one process that may write: whoever held them is gone.
Result<void> expire_leases(Writer& writer, Timestamp now);
/// Prolongs the lease and stores progress (unless empty). `attempt` is what lease_job() gave.
/// @return false: somebody asked to cancel; stop and call cancel_finished().
/// @error conflict: the lease was lost to another.  too_large: progress.
Result<bool> heartbeat(Writer& writer, const JobId& id, std::int32_t attempt, Duration lease, std::string_view progress,
                       Timestamp now);
/// @error conflict: the lease was lost.  too_large: result.
Result<void> finish_job(Writer& writer, const JobId& id, std::int32_t attempt, std::string_view result, Timestamp now);
/// With `retry_after` the job is queued again, else it failed for good.  @error conflict.
Result<void> fail_job(Writer& writer, const JobId& id, std::int32_t attempt, std::string_view error,
                      std::optional<Duration> retry_after, Timestamp now);
/// The running job has stopped because it was asked to.  @error conflict.
Result<void> cancel_finished(Writer& writer, const JobId& id, std::int32_t attempt, Timestamp now);
/// Asks to cancel: a queued job is cancelled at once, a running one when it notices.  @error not_found.  conflict: already
/// final.
Result<void> cancel_job(Writer& writer, const JobId& id, Timestamp now);

/// @error not_found.
Result<Job> find_job(Session& session, const JobId& id);
/// Newest first, ids below `before`; of one tree, if given.
Result<std::vector<Job>> list_jobs(Session& session, std::optional<std::int64_t> tree_no, const std::optional<JobId>& before,
                                   std::size_t limit);

// ---- Working on it
// --------------------------------------------------------------------------------------------------------------

/// What a handler sees of the job it runs.
class JobContext {
 public:
  virtual ~JobContext() = default;
  virtual const Job& job() const noexcept = 0;
  /// Tells listeners the progress (JSON), and stores it and prolongs the lease where no transaction is open, also not the job's own;
  /// at most twice a second. So a job that writes for long needs a long lease.
  /// @return false: stop soon, and return Code::cancelled.
  virtual bool progress(std::string_view json) = 0;
  /// As progress(), without news. Call it at least every lease / 2.
  virtual bool keep_alive() = 0;
};

/// A kind of job, registered by the module that runs it.
struct JobKind {
  std::string name{};
  /// Gives the result as JSON. Code::cancelled: stopped as asked. Code::busy, unavailable, timeout, io: tried again, the first
  /// time after `backoff`, then doubled each time, up to kBackoffMax. Other codes: failed for good.
  std::function<Result<std::string>(JobContext&)> handler{};
  std::int32_t attempts_max = 3;
  Duration lease = Duration::seconds(60);
  Duration backoff = Duration::seconds(5);
};

/// Threads that take jobs from the queue. @note Thread-safe.
class JobRunner {
 public:
  /// The database must outlive the runner.
  explicit JobRunner(Database& database);
  /// stop().
  ~JobRunner();
  JobRunner(const JobRunner&) = delete;

  /// @error exists: a kind of that name is registered.  invalid: the runner was started.
  Result<void> add_kind(JobKind kind);
  /// Called after every change of a job (state or progress), on the changing thread; for live progress. Register before
  /// start().
  void on_change(std::function<void(const Job&)> listener);

  /// Starts that many threads (0: the caller steps with run_one()).
  void start(unsigned threads);
  /// Asks running jobs to stop (they are queued again, not cancelled), waits for them, joins the threads.
  void stop();

  /// Enqueues and wakes a thread.  @error invalid: the kind is not registered.  Else as enqueue().
  Result<JobId> submit(const JobDraft& draft);
  /// cancel_job(), and tells the thread that runs it.
  Result<void> cancel(const JobId& id);
  /// Runs one due job on this thread, if there is one.  @return whether there was.
  Result<bool> run_one();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tablinum::store
