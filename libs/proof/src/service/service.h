#pragma once
/// Admission, queue, slots, memory and caches around one scheme. Knows nothing of tasks: a job is submitted, may be stopped,
/// and announces its end (Job::done).
#include <memory>
#include <mutex>
#include <vector>

#include "service/circuit_cache.h"
#include "service/job.h"
#include "service/process_figures.h"
#include "service/statistics.h"
#include "tablinum/io/offload.h"

namespace tablinum::proof {

/// Thread-safe. Its destructor waits for what runs; by then nobody may wait for a job any more.
class Service {
 public:
  Service(std::shared_ptr<const Scheme> scheme, const Options& options, Clock clock);
  ~Service();
  Service(const Service&) = delete;

  const Scheme& scheme() const noexcept { return *scheme_; }

  /// Ends it at once (refused, bad program, in the cache), or lets it wait; announces its end in every case.
  void submit(const JobPtr& job);
  /// Takes it out of the queue, or tells it to end. Its answer becomes a Failure with `why` unless it has ended already.
  void stop(const JobPtr& job, Fault why) noexcept;

  Outcome<void> reconfigure(const Options& options);
  void start_accepting();
  void self_test_failed(std::string why);
  /// Refuses what comes from now on. @return announced when nothing waits or runs any more.
  std::shared_ptr<Completion> begin_shutdown();
  void stop_all() noexcept;
  void clear_caches();

  HealthStatus health() const;
  ResourceUsage usage() const;
  ZkStats stats() const { return statistics_.report(); }
  CacheStats cache_stats() const;
  /// Requests that may run, and that may wait.
  struct Room {
    unsigned slots;
    unsigned queue;
  };
  Room room() const;

 private:
  enum class Phase : std::uint8_t { accepting, shut_down, unfit };
  struct CachedProof {
    Proof proof;
    bool verified = false;
  };
  /// Equal requests: the first works, the others wait for it.
  struct Flight {
    JobPtr leader;
    std::vector<JobPtr> followers;
  };
  using Ended = std::vector<JobPtr>;
  using Idle = std::vector<std::shared_ptr<Completion>>;

  Outcome<void> admit(Job& job) const;
  Outcome<void> may_enter(const Job& job) const;
  Digest proof_key(const Job& job) const;
  bool answer_from_cache(Job& job);
  bool join_flight(const JobPtr& job);
  void enqueue(const JobPtr& job, bool first);
  /// Starts what there is room for.  @param here gets one job that the calling thread of the pool is to run itself; null: it cannot.
  void dispatch(Ended& ended, JobPtr* here = nullptr);
  bool hand_to_pool(const JobPtr& job);
  void hand_out(const Job& leader, const Answer& answer, Ended& ended);
  void pass_on_flight(Job& leader, Ended& ended);
  void settle(const JobPtr& job, Outcome<Answer> answer, Ended& ended);
  void count(const Job& job, const Failure& failure);
  static void announce(const Ended& ended, const Idle& idle = {}) noexcept;

  /// @return the job that this thread runs next; null: none.
  JobPtr run(const JobPtr& job);
  Outcome<Answer> answer(Job& job);
  Outcome<Answer> prove(Job& job, const Work& work);
  Outcome<Answer> verify(Job& job, const Work& work);
  Outcome<CircuitPtr> circuit(const Job& job, const Work& work);
  void keep_on_disk(const CircuitPtr& circuit, const Digest& key);
  CircuitPtr circuit_from_disk(const Job& job, const Digest& key);
  Outcome<Proof> make_proof(Job& job, const CircuitPtr& circuit, const Work& work);
  std::optional<Proof> verified_from_cache(Job& job, const CircuitPtr& circuit, const Work& work);
  Outcome<void> share(Job& job, const Proof& proof, const CircuitPtr& circuit, const Work& work);
  Outcome<void> check_own(const Job& job, const Proof& proof, const CircuitPtr& circuit, const Work& work) const;
  JobPtr finish(const JobPtr& job, Outcome<Answer> answer);
  Idle idle_now();

  const std::shared_ptr<const Scheme> scheme_;
  const SecretBytes cache_key_;
  CircuitCache circuits_;
  Statistics statistics_;
  mutable CpuMeter cpu_;

  mutable std::mutex mutex_;
  Options options_;
  std::shared_ptr<Executor> executor_;
  Phase phase_ = Phase::accepting;
  std::string unfit_because_;
  Queue queue_;
  std::vector<JobPtr> running_;
  std::size_t memory_admitted_ = 0;
  std::map<Digest, Flight> flights_;
  LruCache<CachedProof> proofs_;
  std::uint64_t joins_ = 0;
  Idle idle_waiters_;

  io::OffloadPool pool_;  // last: its threads end before the rest goes
};

}  // namespace tablinum::proof
