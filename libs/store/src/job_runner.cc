#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tablinum/base/log.h"
#include "tablinum/store/jobs.h"

namespace tablinum::store {
namespace {

/// How often an idle thread looks whether a job became due, and how often progress is written.
constexpr Duration kPollEvery = Duration::seconds(1);
constexpr Duration kWriteEvery = Duration::milliseconds(500);

bool is_worth_retrying(Code code) noexcept {
  return code == Code::busy || code == Code::unavailable || code == Code::timeout || code == Code::io;
}

Duration backoff(const JobKind& kind, std::int32_t attempt) noexcept {
  Duration wait = kind.backoff;
  for (std::int32_t i = 1; i < attempt && wait < kBackoffMax; ++i) wait.ns *= 2;
  return std::min(wait, kBackoffMax);
}

}  // namespace

struct JobRunner::Impl {
  explicit Impl(Database& db) : database{db} {}

  Database& database;
  std::map<std::string, JobKind, std::less<>> kinds;
  std::vector<std::string> names;
  std::vector<std::function<void(const Job&)>> listeners;

  std::mutex mutex;
  std::condition_variable wake;
  bool started = false, new_work = false;
  std::atomic<bool> stopping = false;
  std::set<JobId> cancelled;  // running here, and asked to stop
  std::vector<std::thread> threads;

  void tell(const Job& job) const {
    for (const auto& listener : listeners) listener(job);
  }
  void tell(const JobId& id) {
    auto reader = database.reader();
    if (!reader) return;
    if (const auto job = find_job(*reader, id)) tell(*job);
  }
  bool is_cancelled(const JobId& id) {
    const std::lock_guard hold{mutex};
    return cancelled.contains(id);
  }

  /// Runs `act` in a transaction of its own.
  template <class Act>
  auto in_transaction(Act act) -> decltype(act(std::declval<Writer&>())) {
    TRY(writer, database.writer());
    auto result = act(writer);
    if (result) CHECK_OK(writer.commit());
    return result;
  }

  void work();
  Result<bool> run_one();
  void settle(const Job& job, const JobKind& kind, const Result<std::string>& outcome);
  Result<void> store_outcome(Writer& writer, const Job& job, const JobKind& kind, const Result<std::string>& outcome);
};

namespace {

class RunningJob : public JobContext {
 public:
  RunningJob(Job job, Duration lease, std::function<Result<std::optional<bool>>(std::string_view)> beat, std::function<bool()> is_cancelled,
             std::function<void(const Job&)> tell)
      : job_{std::move(job)},
        lease_{lease},
        beat_{std::move(beat)},
        is_cancelled_{std::move(is_cancelled)},
        tell_{std::move(tell)} {}

  const Job& job() const noexcept override { return job_; }

  bool progress(std::string_view json) override {
    job_.progress = json;
    unwritten_ = true;
    if (monotonic_now() - written_ >= kWriteEvery) write();
    return goes_on();
  }

  bool keep_alive() override {
    if (monotonic_now() - written_ >= std::min(kWriteEvery, Duration{lease_.ns / 2})) write();
    return goes_on();
  }

  /// The last progress, before the outcome is stored.
  void flush() {
    if (unwritten_) write();
  }

 private:
  bool goes_on() { return !stop_ && !is_cancelled_(); }
  /// Tells the listeners, and stores the progress if the database is free: this very thread may be writing, and would wait for itself.
  void write() {
    const auto alive = beat_(unwritten_ ? std::string_view{job_.progress} : std::string_view{});
    if (!alive || (*alive && !**alive)) stop_ = true;
    written_ = monotonic_now();
    if (unwritten_) tell_(job_);
    unwritten_ = unwritten_ && alive && !*alive;
  }

  Job job_;
  Duration lease_;
  std::function<Result<std::optional<bool>>(std::string_view)> beat_;
  std::function<bool()> is_cancelled_;
  std::function<void(const Job&)> tell_;
  Instant written_ = monotonic_now();
  bool unwritten_ = false, stop_ = false;
};

}  // namespace

Result<bool> JobRunner::Impl::run_one() {
  // Looked for by reading first: an idle queue must not make the disk work.
  {
    TRY(reader, database.reader());
    const auto now = wall_now().ms;
    auto rows =
        reader
            .statement(
                "SELECT 1 FROM job WHERE (state = 1 AND run_at <= :1) OR (state IN (2, 3) AND lease_until <= :2) LIMIT 1", "ii",
                "i")
            .query(now, now);
    if (!rows.next()) {
      CHECK_OK(rows.status());
      return false;
    }
  }
  Duration lease = Duration::seconds(60);
  TRY(leased, in_transaction([&](Writer& writer) -> Result<std::optional<Job>> {
        TRY(found, lease_job(writer, names, lease, wall_now()));
        if (!found) return found;
        lease = kinds.find(found->kind)->second.lease;
        TRY(alive, heartbeat(writer, found->id, found->attempt, lease, {}, wall_now()));
        static_cast<void>(alive);
        return std::move(found);
      }));
  if (!leased) return false;
  const Job& job = *leased;
  const JobKind& kind = kinds.find(job.kind)->second;
  tell(job);
  RunningJob context{job, lease,
                     [&](std::string_view progress) -> Result<std::optional<bool>> {
                       TRY(writer, database.try_writer());
                       if (!writer) return std::optional<bool>{};
                       TRY(alive, heartbeat(*writer, job.id, job.attempt, lease, progress, wall_now()));
                       CHECK_OK(writer->commit());
                       return std::optional{alive};
                     },
                     [&] { return stopping || is_cancelled(job.id); }, [&](const Job& now) { tell(now); }};
  const auto outcome = kind.handler(context);
  context.flush();
  settle(job, kind, outcome);
  return true;
}

void JobRunner::Impl::settle(const Job& job, const JobKind& kind, const Result<std::string>& outcome) {
  const auto stored = in_transaction([&](Writer& writer) { return store_outcome(writer, job, kind, outcome); });
  // A lost lease means that somebody else has the job now; everything else is worth a line.
  if (!stored && stored.error().code != Code::conflict) {
    log::error("store", "a job's outcome was not stored",
               {{"job", to_string(job.id.value())}, {"error", describe(stored.error())}});
  }
  {
    const std::lock_guard hold{mutex};
    cancelled.erase(job.id);
  }
  tell(job.id);
}

Result<void> JobRunner::Impl::store_outcome(Writer& writer, const Job& job, const JobKind& kind,
                                            const Result<std::string>& outcome) {
  const Timestamp now = wall_now();
  if (outcome) return finish_job(writer, job.id, job.attempt, *outcome, now);
  const auto& error = outcome.error();
  if (error.code == Code::cancelled) {
    TRY(current, find_job(writer, job.id));
    if (current.state == JobState::cancelling) return cancel_finished(writer, job.id, job.attempt, now);
    // Only the runner stops: the job goes on at the next start.
    return fail_job(writer, job.id, job.attempt, describe(error), Duration{}, now);
  }
  const bool again = is_worth_retrying(error.code) && job.attempt < kind.attempts_max;
  return fail_job(writer, job.id, job.attempt, describe(error),
                  again ? std::optional{backoff(kind, job.attempt)} : std::nullopt, now);
}

void JobRunner::Impl::work() {
  while (!stopping) {
    const auto ran = run_one();
    if (!ran && !stopping) log::error("store", "the job queue could not be read", {{"error", describe(ran.error())}});
    if (ran && *ran) continue;
    std::unique_lock hold{mutex};
    wake.wait_for(hold, std::chrono::nanoseconds{kPollEvery.ns}, [&] { return stopping || new_work; });
    new_work = false;
  }
}

JobRunner::JobRunner(Database& database) : impl_{std::make_unique<Impl>(database)} {}
JobRunner::~JobRunner() { stop(); }

Result<void> JobRunner::add_kind(JobKind kind) {
  if (impl_->started) return fail(Code::invalid, "kinds are registered before the runner starts");
  if (impl_->kinds.contains(kind.name)) return fail(Code::exists, kind.name);
  impl_->names.push_back(kind.name);
  std::string name = kind.name;
  impl_->kinds.emplace(std::move(name), std::move(kind));
  return {};
}

void JobRunner::on_change(std::function<void(const Job&)> listener) { impl_->listeners.push_back(std::move(listener)); }

void JobRunner::start(unsigned threads) {
  impl_->started = true;
  for (unsigned i = 0; i < threads; ++i) impl_->threads.emplace_back([impl = impl_.get()] { impl->work(); });
}

void JobRunner::stop() {
  {
    const std::lock_guard hold{impl_->mutex};
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  for (auto& thread : impl_->threads) thread.join();
  impl_->threads.clear();
}

Result<JobId> JobRunner::submit(const JobDraft& draft) {
  if (!impl_->kinds.contains(draft.kind)) return fail(Code::invalid, "no such kind of job");
  TRY(id, impl_->in_transaction([&](Writer& writer) { return enqueue(writer, draft, wall_now()); }));
  {
    const std::lock_guard hold{impl_->mutex};
    impl_->new_work = true;
  }
  impl_->wake.notify_one();
  impl_->tell(id);
  return id;
}

Result<void> JobRunner::cancel(const JobId& id) {
  {
    const std::lock_guard hold{impl_->mutex};
    impl_->cancelled.insert(id);
  }
  auto asked = impl_->in_transaction([&](Writer& writer) { return cancel_job(writer, id, wall_now()); });
  auto reader = impl_->database.reader();
  const auto job = reader ? find_job(*reader, id) : std::unexpected(reader.error());
  if (!job || job->state != JobState::cancelling) {
    const std::lock_guard hold{impl_->mutex};
    impl_->cancelled.erase(id);
  }
  if (asked && job) impl_->tell(*job);
  return asked;
}

Result<bool> JobRunner::run_one() { return impl_->run_one(); }

}  // namespace tablinum::store
