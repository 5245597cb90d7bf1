#include "service/service.h"

#include <fmt/format.h>

#include <algorithm>

#include "lf/arrays.h"
#include "service/progress.h"

namespace tablinum::proof {
namespace {

CacheLimits proof_limits(const CacheConfig& config) noexcept {
  return {config.enable_proof_cache ? config.max_proofs : 0, config.proof_bytes, config.max_age};
}

SecretBytes random_key() {
  SecretBytes key(32);
  fill_random(key);
  return key;
}

void append_prefixed(SecretBytes& out, ByteView bytes) {
  Bytes length;
  append_u64_le(length, bytes.size());
  out.insert(out.end(), length.begin(), length.end());
  out.insert(out.end(), bytes.begin(), bytes.end());
}

Outcome<void> check_limit(std::string_view what, std::size_t size, std::size_t most) {
  if (size > most) return fault(Fault::resource_limit, fmt::format("{} of {} bytes, at most {}", what, size, most));
  return {};
}

/// From here on the service is called degraded.
constexpr std::size_t kBusyQueuePercent = 80;
constexpr std::size_t kBusyMemoryPercent = 90;
/// Besides the result and its index entries.
constexpr std::size_t kCachedProofOverhead = 256;

}  // namespace

Service::Service(std::shared_ptr<const Scheme> scheme, const Options& options, Clock clock)
    : scheme_{std::move(scheme)},
      cache_key_{random_key()},
      circuits_{options.cache, clock},
      options_{options},
      executor_{make_thread_pool(options.threads)},
      proofs_{proof_limits(options.cache), std::move(clock)},
      pool_{io::OffloadOptions{1, kConcurrentMax, kConcurrentMax}} {}

Service::~Service() { stop_all(); }

// ---- Admission ---------------------------------------------------------------------------------------------------------------

Outcome<void> Service::admit(Job& job) const {
  const ZkConfig& config = job.config;
  CHECK_OK(validate(config));
  CHECK_OK(check_limit("program", job.program.size(), config.max_program_size.value_or(kProgramBytesMax)));
  CHECK_OK(check_limit("input", job.input.size(), config.max_input_size.value_or(kInputBytesMax)));
  CHECK_OK(check_limit("proof", job.proof.size(), kProofBytesMax));
  auto plan = job.operation == Operation::prove ? scheme_->plan_proof(job.program, job.input, config.profile)
                                                : scheme_->plan_verification(job.program, job.proof);
  if (!plan) return std::unexpected(std::move(plan).error());
  job.plan = std::move(*plan);
  return check_limit("memory", job.plan.memory_bytes, config.max_memory.value_or(kJobMemoryMax));
}

// The input enters only through a keyed digest: who sees the key cannot try inputs.
Digest Service::proof_key(const Job& job) const {
  SecretBytes message;
  append_prefixed(message, bytes_of("proof"));
  append_prefixed(message, bytes_of(job.plan.backend));
  append_prefixed(message, std::as_bytes(std::span{&job.plan.profile, 1}));
  append_prefixed(message, job.program);
  append_prefixed(message, job.input);
  return hmac_sha256(cache_key_, message);
}

void Service::submit(const JobPtr& job) {
  job->service = this;
  Ended ended;
  auto admitted = admit(*job);
  const bool may_share = job->operation == Operation::prove && job->config.use_cache;
  std::optional<Digest> key;
  if (admitted && may_share) key = proof_key(*job);
  {
    const std::lock_guard lock{mutex_};
    if (admitted) admitted = check_limit("memory", job->plan.memory_bytes, options_.memory_limit);
    if (key && options_.cache.enable_proof_cache && options_.cache.max_proofs > 0) job->key = key;
    if (admitted && job->stopped_by != Fault{}) admitted = fault(job->stopped_by, "asked to stop before it began");
    if (!admitted) {
      settle(job, std::unexpected(std::move(admitted).error()), ended);
    } else if (phase_ == Phase::accepting && (answer_from_cache(*job) || join_flight(job))) {
      if (job->state == Job::State::done) ended.push_back(job);
    } else if (auto entered = may_enter(*job); !entered) {
      settle(job, std::unexpected(std::move(entered).error()), ended);
    } else {
      if (job->shareable()) flights_[*job->key].leader = job;
      enqueue(job, false);
      dispatch(ended);
    }
  }
  announce(ended);
}

Outcome<void> Service::may_enter(const Job& job) const {
  if (job.internal) return {};
  if (phase_ == Phase::unfit) return fault(Fault::backend, "the test at start failed: " + unfit_because_);
  if (phase_ == Phase::shut_down) return fault(Fault::resource_limit, "shutting down");
  const bool runs_at_once = queue_.empty() && running_.size() < options_.max_concurrent;
  if (!runs_at_once && queue_.size() >= options_.queue_max) return fault(Fault::resource_limit, "the queue is full");
  return {};
}

bool Service::answer_from_cache(Job& job) {
  if (!job.shareable()) return false;
  const CachedProof* found = proofs_.find(*job.key);
  if (found == nullptr || !found->verified) return false;
  job.state = Job::State::done;
  job.answer.emplace(Answer{found->proof, false});
  job.answer->value().proof.metadata.cached = true;
  return true;
}

bool Service::join_flight(const JobPtr& job) {
  if (!job->shareable()) return false;
  const auto flight = flights_.find(*job->key);
  if (flight == flights_.end()) return false;
  ++joins_;
  job->state = Job::State::following;
  flight->second.followers.push_back(job);
  return true;
}

// ---- Queue -------------------------------------------------------------------------------------------------------------------

void Service::enqueue(const JobPtr& job, bool first) {
  const int priority = job->config.priority;
  const auto before = first ? queue_.lower_bound(priority) : queue_.upper_bound(priority);
  job->place = queue_.emplace_hint(before, priority, job);
  job->state = Job::State::queued;
}

// Strictly in order: a large request is not overtaken for ever by small ones that would fit.
void Service::dispatch(Ended& ended, JobPtr* here) {
  while (!queue_.empty() && running_.size() < options_.max_concurrent) {
    const JobPtr job = queue_.begin()->second;
    const std::size_t bytes = job->plan.memory_bytes;
    if (!running_.empty() && memory_admitted_ + bytes > options_.memory_limit) return;
    const bool stays = here != nullptr && !*here;
    // The pool has as many threads as can be configured, so it takes the job now or the system has no thread to give. Then what
    // runs will end and try again; if nothing does, the job must not wait for ever.
    if (!stays && !hand_to_pool(job)) {
      if (!running_.empty()) return;
      queue_.erase(queue_.begin());
      pass_on_flight(*job, ended);
      settle(job, fault(Fault::backend, "the system gives no thread"), ended);
      continue;
    }
    if (stays) *here = job;
    queue_.erase(queue_.begin());
    job->state = Job::State::running;
    job->admitted_bytes = bytes;
    memory_admitted_ += bytes;
    running_.push_back(job);
  }
}

bool Service::hand_to_pool(const JobPtr& job) {
  job->self = job;
  job->Ready::run = [](io::Ready& ready) noexcept {
    auto& started = static_cast<Job&>(ready);
    JobPtr owned = std::move(started.self);
    Service& service = *owned->service;
    while (owned) owned = service.run(owned);
  };
  if (pool_.submit(*job)) return true;
  job->self.reset();
  return false;
}

void Service::settle(const JobPtr& job, Outcome<Answer> answer, Ended& ended) {
  if (!answer) {
    if (answer.error().operation.empty()) answer.error().operation = job->name();
    count(*job, answer.error());
  }
  job->answer.emplace(std::move(answer));
  job->state = Job::State::done;
  ended.push_back(job);
}

void Service::count(const Job& job, const Failure& failure) {
  if (!job.internal) statistics_.failed(failure.fault, job.operation == Operation::prove);
}

void Service::announce(const Ended& ended, const Idle& idle) noexcept {
  for (const JobPtr& job : ended) {
    SecretBytes{}.swap(job->input);  // now, not when the last one who waits lets the job go
    job->done.set();
  }
  for (const auto& waiter : idle) waiter->set();
}

void Service::hand_out(const Job& leader, const Answer& answer, Ended& ended) {
  if (!leader.shareable() || !leader.verified) return;
  const auto flight = flights_.find(*leader.key);
  if (flight == flights_.end() || flight->second.leader.get() != &leader) return;
  for (const JobPtr& follower : flight->second.followers) {
    settle(follower, answer, ended);
    follower->answer->value().proof.metadata.cached = true;
  }
  flights_.erase(flight);
}

// The leader has no answer for the others: the next one takes its turn, at the front, since it has waited.
void Service::pass_on_flight(Job& leader, Ended& ended) {
  if (!leader.shareable()) return;
  const auto flight = flights_.find(*leader.key);
  if (flight == flights_.end() || flight->second.leader.get() != &leader) return;
  auto& followers = flight->second.followers;
  if (followers.empty()) {
    flights_.erase(flight);
    return;
  }
  if (phase_ != Phase::accepting) {
    for (const JobPtr& follower : followers) settle(follower, fault(Fault::cancelled, "shut down"), ended);
    flights_.erase(flight);
    return;
  }
  flight->second.leader = followers.front();
  followers.erase(followers.begin());
  enqueue(flight->second.leader, true);
}

void Service::stop(const JobPtr& job, Fault why) noexcept {
  Ended ended;
  Idle idle;
  {
    const std::lock_guard lock{mutex_};
    if (job->stopped_by == Fault{}) job->stopped_by = why;
    const auto gone = [&] { return fault(why, why == Fault::timeout ? "while it waited" : "asked to stop"); };
    if (job->state == Job::State::following) {
      std::erase(flights_.at(*job->key).followers, job);
      settle(job, gone(), ended);
    } else if (job->state == Job::State::queued) {
      queue_.erase(job->place);
      pass_on_flight(*job, ended);
      settle(job, gone(), ended);
      dispatch(ended);
      idle = idle_now();
    }
  }
  job->stop.request_stop();
  announce(ended, idle);
}

// ---- Work, on a thread of the pool --------------------------------------------------------------------------------------------

JobPtr Service::run(const JobPtr& job) {
  Outcome<Answer> answer = fault(Fault::backend, "no answer");
  try {
    answer = this->answer(*job);
  } catch (const std::bad_alloc&) {
    answer = fault(Fault::resource_limit, "out of memory");
  } catch (const std::exception& bug) {
    answer = fault(Fault::backend, bug.what());
  }
  return finish(job, std::move(answer));
}

Outcome<Answer> Service::answer(Job& job) {
  std::shared_ptr<Executor> executor;
  {
    const std::lock_guard lock{mutex_};
    executor = executor_;
  }
  const Work context{job.stop.get_token(), *executor};
  return job.operation == Operation::prove ? prove(job, context) : verify(job, context);
}

Outcome<CircuitPtr> Service::circuit(const Job& job, const Work& work) {
  if (job.plan.circuit_key.empty()) return CircuitPtr{};
  SecretBytes named;
  append_prefixed(named, bytes_of("circuit"));
  append_prefixed(named, bytes_of(job.plan.backend));
  append_prefixed(named, job.plan.circuit_key);
  const Digest key = sha256(named);
  auto make = [&]() -> Outcome<CircuitPtr> {
    if (auto kept = circuit_from_disk(job, key)) return kept;
    ProgressReporter progress{job.config.progress, "circuit"};
    auto made = scheme_->compile(job.plan, progress.attached_to(work));
    if (!made) return made;
    keep_on_disk(*made, key);
    progress.reached(1);
    return made;
  };
  return circuits_.get(key, work.stop, make);
}

// The circuit is made: what goes wrong with the copy is not the request's.
void Service::keep_on_disk(const CircuitPtr& circuit, const Digest& key) {
  const auto folder = circuits_.folder();
  if (!folder->used()) return;
  try {
    if (const Bytes image = scheme_->image(circuit); !image.empty()) folder->save(key, image);
  } catch (const std::exception&) {  // no memory for it: the next process compiles
  }
}

// Null: there is none that is good.
CircuitPtr Service::circuit_from_disk(const Job& job, const Digest& key) {
  const auto folder = circuits_.folder();
  const auto image = folder->load(key);
  if (!image) return nullptr;
  auto circuit = scheme_->from_image(job.plan, *image);
  if (!circuit) {
    folder->drop(key);
    return nullptr;
  }
  circuits_.found_on_disk();
  return *circuit;
}

Outcome<Answer> Service::prove(Job& job, const Work& work) {
  TRY(circuit, this->circuit(job, work));
  if (job.shareable()) {
    if (auto kept = verified_from_cache(job, circuit, work)) return Answer{std::move(*kept), false};
  }
  TRY(proof, make_proof(job, circuit, work));
  if (job.shareable()) CHECK_OK(share(job, proof, circuit, work));
  return Answer{std::move(proof), false};
}

Outcome<Proof> Service::make_proof(Job& job, const CircuitPtr& circuit, const Work& work) {
  if (work.stop.stop_requested()) return fault(Fault::cancelled, "asked to stop");
  const Instant start = monotonic_now();
  ProgressReporter progress{job.config.progress, "prove"};
  TRY(made, scheme_->prove(job.plan, circuit, job.program, job.input, progress.attached_to(work)));
  progress.reached(1);
  const Duration time = monotonic_now() - start;
  if (!job.internal) statistics_.proved(time);
  const std::size_t size = made.envelope.size();
  return Proof{std::move(made.envelope),
               {time, size, sha256(job.program), wall_now(), job.plan.backend, job.plan.profile, made.soundness_bits, false}};
}

// An entry nobody has looked at since it was made. What does not verify goes, and a fresh proof is made.
std::optional<Proof> Service::verified_from_cache(Job& job, const CircuitPtr& circuit, const Work& work) {
  std::optional<Proof> kept;
  {
    const std::lock_guard lock{mutex_};
    if (const CachedProof* found = proofs_.peek(*job.key)) kept = found->proof;
  }
  if (!kept) return {};
  const bool good = check_own(job, *kept, circuit, work).has_value();
  if (!good && work.stop.stop_requested()) return {};
  const std::lock_guard lock{mutex_};
  if (!good) {
    proofs_.erase(*job.key);
    return {};
  }
  if (CachedProof* found = proofs_.peek(*job.key)) found->verified = true;
  job.verified = true;
  kept->metadata.cached = true;
  return kept;
}

Outcome<void> Service::check_own(const Job& job, const Proof& proof, const CircuitPtr& circuit, const Work& work) const {
  auto accepted = scheme_->verify(job.plan, circuit, job.program, proof.bytes, work);
  if (!accepted) return std::unexpected(std::move(accepted).error());
  if (!*accepted) return fault(Fault::proof_generation, "the proof does not verify");
  return {};
}

// Keeps the proof; if others wait for it, it is verified before they get it.
Outcome<void> Service::share(Job& job, const Proof& proof, const CircuitPtr& circuit, const Work& work) {
  bool awaited = false;
  {
    const std::lock_guard lock{mutex_};
    const auto flight = flights_.find(*job.key);
    awaited = flight != flights_.end() && !flight->second.followers.empty();
  }
  // Not with the leader's stop token: its proof is made, and the others have not asked to stop.
  if (awaited) CHECK_OK(check_own(job, proof, circuit, Work{{}, work.executor, nullptr}));
  job.verified = awaited;
  const std::lock_guard lock{mutex_};
  proofs_.put(*job.key, {proof, awaited}, proof.bytes.size() + kCachedProofOverhead);
  return {};
}

Outcome<Answer> Service::verify(Job& job, const Work& work) {
  TRY(circuit, this->circuit(job, work));
  if (work.stop.stop_requested()) return fault(Fault::cancelled, "asked to stop");
  const Instant start = monotonic_now();
  ProgressReporter progress{job.config.progress, "verify"};
  TRY(accepted, scheme_->verify(job.plan, circuit, job.program, job.proof, progress.attached_to(work)));
  progress.reached(1);
  if (!job.internal) statistics_.verified(monotonic_now() - start, accepted);
  return Answer{{}, accepted};
}

// The next request stays on this thread: waking another one takes time, and its processor's caches know nothing of this memory.
JobPtr Service::finish(const JobPtr& job, Outcome<Answer> answer) {
  Ended ended;
  JobPtr next;
  Idle idle;
  {
    const std::lock_guard lock{mutex_};
    std::erase(running_, job);
    memory_admitted_ -= job->admitted_bytes;
    if (!answer && job->stopped_by == Fault::timeout && answer.error().fault == Fault::cancelled)
      answer = fault(Fault::timeout, "the time limit passed while it ran");
    if (answer) hand_out(*job, *answer, ended);
    pass_on_flight(*job, ended);
    settle(job, std::move(answer), ended);
    dispatch(ended, &next);
    idle = idle_now();
  }
  announce(ended, idle);
  return next;
}

Service::Idle Service::idle_now() {
  if (!running_.empty() || !queue_.empty()) return {};
  return std::exchange(idle_waiters_, {});
}

// ---- Life --------------------------------------------------------------------------------------------------------------------

Outcome<void> Service::reconfigure(const Options& options) {
  CHECK_OK(validate(options));
  Ended ended;
  circuits_.resize(options.cache);
  {
    const std::lock_guard lock{mutex_};
    if (options.threads != options_.threads) executor_ = make_thread_pool(options.threads);
    options_ = options;
    proofs_.resize(proof_limits(options.cache));
    dispatch(ended);
  }
  announce(ended);
  return {};
}

void Service::start_accepting() {
  const std::lock_guard lock{mutex_};
  phase_ = Phase::accepting;
}

void Service::self_test_failed(std::string why) {
  const std::lock_guard lock{mutex_};
  phase_ = Phase::unfit;
  unfit_because_ = std::move(why);
}

std::shared_ptr<Completion> Service::begin_shutdown() {
  auto waiter = std::make_shared<Completion>();
  Idle idle;
  {
    const std::lock_guard lock{mutex_};
    phase_ = Phase::shut_down;
    idle_waiters_.push_back(waiter);
    idle = idle_now();
  }
  announce({}, idle);
  return waiter;
}

void Service::stop_all() noexcept {
  std::vector<JobPtr> all;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [key, flight] : flights_) all.insert(all.end(), flight.followers.begin(), flight.followers.end());
    for (const auto& [priority, job] : queue_) all.push_back(job);
    all.insert(all.end(), running_.begin(), running_.end());
  }
  for (const JobPtr& job : all) stop(job, Fault::cancelled);
}

void Service::clear_caches() {
  circuits_.clear();
  const std::lock_guard lock{mutex_};
  proofs_.clear();
  lf::drop_blocks();
}

// ---- Figures -----------------------------------------------------------------------------------------------------------------

HealthStatus Service::health() const {
  using State = HealthStatus::State;
  const bool failing = statistics_.failing();
  const std::lock_guard lock{mutex_};
  if (phase_ == Phase::unfit) return {State::unhealthy, "the test at start failed: " + unfit_because_};
  if (phase_ == Phase::shut_down) return {State::unhealthy, "shut down"};
  if (queue_.size() * 100 >= std::size_t{options_.queue_max} * kBusyQueuePercent) {
    return {State::degraded, fmt::format("{} of {} places in the queue are taken", queue_.size(), options_.queue_max)};
  }
  if (memory_admitted_ != 0 && memory_admitted_ / kBusyMemoryPercent >= options_.memory_limit / 100) {
    return {State::degraded, fmt::format("requests use {} of {} bytes", memory_admitted_, options_.memory_limit)};
  }
  if (failing) return {State::degraded, fmt::format("the last {} proofs failed", kFailuresInARow)};
  return {};
}

ResourceUsage Service::usage() const {
  ResourceUsage usage;
  usage.cpu_usage = cpu_.sample();
  usage.memory_usage = resident_bytes();
  const std::lock_guard lock{mutex_};
  usage.memory_admitted = memory_admitted_;
  usage.active_tasks = static_cast<unsigned>(running_.size());
  usage.max_concurrent = options_.max_concurrent;
  usage.queue_depth = static_cast<unsigned>(queue_.size());
  return usage;
}

CacheStats Service::cache_stats() const {
  CacheStats stats;
  circuits_.report(stats);
  const std::lock_guard lock{mutex_};
  const CacheCounters& counters = proofs_.counters();
  stats.proof_entries = proofs_.size();
  stats.proof_bytes = proofs_.bytes();
  stats.max_circuits = options_.cache.max_circuits;
  stats.max_proofs = options_.cache.max_proofs;
  stats.proof_hits = counters.hits;
  stats.proof_misses = counters.misses;
  stats.proof_evictions = counters.evictions;
  stats.proof_expired = counters.expired;
  stats.single_flight_joins += joins_;
  return stats;
}

Service::Room Service::room() const {
  const std::lock_guard lock{mutex_};
  return {options_.max_concurrent, options_.queue_max};
}

}  // namespace tablinum::proof
