// The asynchronous side: what a task does with the service.
#include <algorithm>
#include <atomic>

#include "service/service.h"
#include "tablinum/io/cancel.h"
#include "tablinum/io/scope.h"

namespace tablinum::proof {
namespace {

Fault fault_of(io::Reason reason) noexcept { return reason == io::Reason::timeout ? Fault::timeout : Fault::cancelled; }

Duration time_limit(const Job& job) noexcept {
  return job.operation == Operation::prove ? job.config.proving_timeout.value_or(kProvingTimeout)
                                           : job.config.verification_timeout.value_or(kVerificationTimeout);
}

/// Stops a job when the context of its task is cancelled; knows why.
struct Stopper {
  Service& service;
  const JobPtr& job;
  io::Context& context;
  static void stop(void* self_pointer) noexcept {
    const auto& self = *static_cast<Stopper*>(self_pointer);
    self.service.stop(self.job, fault_of(self.context.reason));
  }
};

/// Runs under the node of the deadline, whose cancellation the Stopper hears.
io::Task<Result<void>> until_done(Service& service, const JobPtr& job) {
  io::Context& here = co_await io::this_context();
  Stopper stopper{service, job, here};
  const io::OnCancel on_cancel{here, &Stopper::stop, &stopper};
  co_await job->done.wait(*here.io);
  co_return {};
}

io::Task<Outcome<Answer>> submit_and_wait(Service& service, JobPtr job) {
  io::Context& here = co_await io::this_context();
  const Instant end = here.io->now() + time_limit(*job);
  const auto stop = [&] { service.stop(job, Fault::cancelled); };
  const std::stop_callback on_stop{job->config.stop, stop};  // before it is submitted: one that was stopped before does no work
  service.submit(job);
  auto waiting = until_done(service, job);
  // Its own Result says nothing that the job's answer does not say.
  const auto waited = co_await io::with_deadline(*here.io, end, std::move(waiting));
  static_cast<void>(waited);
  co_return std::move(*job->answer);
}

JobPtr prove_job(ByteView program, ByteView input, const ZkConfig& config) {
  auto job = std::make_shared<Job>();
  job->operation = Operation::prove;
  job->program.assign(program.begin(), program.end());
  job->input.assign(input.begin(), input.end());
  job->config = config;
  return job;
}

JobPtr verify_job(ByteView program, ByteView proof, const ZkConfig& config) {
  auto job = std::make_shared<Job>();
  job->operation = Operation::verify;
  job->program.assign(program.begin(), program.end());
  job->proof.assign(proof.begin(), proof.end());
  job->config = config;
  return job;
}

Outcome<Proof> proof_of(Outcome<Answer>&& answer) {
  if (!answer) return std::unexpected(std::move(answer).error());
  return std::move(answer->proof);
}

Outcome<bool> verdict_of(Outcome<Answer>&& answer) {
  if (!answer) return std::unexpected(std::move(answer).error());
  return answer->accepted;
}

io::Task<Outcome<Proof>> prove_one(Service& service, JobPtr job) {
  auto answer = co_await submit_and_wait(service, std::move(job));
  co_return proof_of(std::move(answer));
}

io::Task<Outcome<bool>> verify_one(Service& service, JobPtr job) {
  auto answer = co_await submit_and_wait(service, std::move(job));
  co_return verdict_of(std::move(answer));
}

/// The items of one batch, and their outcomes in the same order. Lanes take the next item each until none is left.
template <class T>
class Batch {
 public:
  using One = io::Task<Outcome<T>> (*)(Service&, JobPtr);

  Batch(Service& service, std::vector<JobPtr> jobs, BatchMode mode, One one)
      : service_{service}, jobs_{std::move(jobs)}, mode_{mode}, one_{one}, outcomes_(jobs_.size()) {}

  /// The slots, and as many again so that none stays empty between two items; the queue has room for them.
  std::size_t lanes() const noexcept {
    const Service::Room room = service_.room();
    return std::min<std::size_t>(jobs_.size(), room.slots + std::min(room.slots, room.queue));
  }
  io::Task<void> lane(io::Scope& scope) {
    for (std::size_t index = next_++; index < jobs_.size(); index = next_++) {
      if (stopped_) {
        outcomes_[index] = fault(Fault::cancelled, "another item of the batch failed", std::string{jobs_[index]->name()});
        continue;
      }
      if (const io::Reason reason = reason_of(scope); reason != io::Reason::none) {
        outcomes_[index] = fault(fault_of(reason), "the batch was ended", std::string{jobs_[index]->name()});
        continue;
      }
      auto outcome = co_await one_(service_, jobs_[index]);
      const bool failed = !outcome;
      outcomes_[index].emplace(std::move(outcome));
      if (failed && mode_ == BatchMode::strict && !stopped_.exchange(true)) scope.cancel();
    }
  }
  std::vector<Outcome<T>> take() {
    std::vector<Outcome<T>> all;
    all.reserve(outcomes_.size());
    for (auto& outcome : outcomes_) all.push_back(std::move(*outcome));
    return all;
  }

 private:
  static io::Reason reason_of(io::Scope& scope) {
    const io::Guard guard{scope.io()};
    return scope.context().reason;
  }

  Service& service_;
  const std::vector<JobPtr> jobs_;
  const BatchMode mode_;
  const One one_;
  std::vector<std::optional<Outcome<T>>> outcomes_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> stopped_ = false;
};

template <class T>
io::Task<std::vector<Outcome<T>>> run_batch(Service& service, std::vector<JobPtr> jobs, BatchMode mode, typename Batch<T>::One one) {
  Batch<T> batch{service, std::move(jobs), mode, one};
  io::Context& here = co_await io::this_context();
  auto body = [&batch](io::Scope& scope) -> io::Task<void> {
    for (std::size_t i = batch.lanes(); i > 0; --i) scope.spawn(batch.lane(scope)).keep();
    co_return;
  };
  co_await io::with_scope(*here.io, body);
  co_return batch.take();
}

/// Waits for an end that cancellation hastens.
io::Task<Result<void>> until_idle(Service& service, std::shared_ptr<Completion> idle) {
  io::Context& here = co_await io::this_context();
  const io::OnCancel on_cancel{here, [](void* stopped) noexcept { static_cast<Service*>(stopped)->stop_all(); }, &service};
  co_await idle->wait(*here.io);
  co_return {};
}

io::Task<void> shut_down(Service& service, Duration drain) {
  io::Context& here = co_await io::this_context();
  auto waiting = until_idle(service, service.begin_shutdown());
  const Instant end = here.io->now() + std::clamp(drain, Duration{}, kTimeoutMax);
  const auto waited = co_await io::with_deadline(*here.io, end, std::move(waiting));
  static_cast<void>(waited);
  service.clear_caches();
}

io::Task<HealthStatus> health_of(Service& service) { co_return service.health(); }

JobPtr internal(JobPtr job) {
  job->internal = true;
  job->config.use_cache = false;
  return job;
}

/// Proves a small statement, verifies the proof, and sees an altered one refused.
io::Task<Outcome<void>> test_itself(Service& service) {
  const Scheme::Sample sample = service.scheme().sample();
  auto proof = co_await prove_one(service, internal(prove_job(sample.program, sample.input, {})));
  if (!proof) co_return std::unexpected(std::move(proof).error());
  auto accepted = co_await verify_one(service, internal(verify_job(sample.program, proof->bytes, {})));
  if (!accepted) co_return std::unexpected(std::move(accepted).error());
  if (!*accepted) co_return fault(Fault::backend, "its own proof does not verify", "initialize");
  Bytes altered = proof->bytes;
  altered[altered.size() / 2] ^= std::byte{1};
  auto refused = co_await verify_one(service, internal(verify_job(sample.program, altered, {})));
  if (refused ? *refused : refused.error().fault != Fault::serialization) {
    co_return fault(Fault::backend, "an altered proof verifies", "initialize");
  }
  co_return {};
}

io::Task<Outcome<void>> start(Service& service, Options options) {
  if (auto taken = service.reconfigure(options); !taken) co_return taken;
  auto tested = co_await test_itself(service);
  if (tested) {
    service.start_accepting();
    co_return {};
  }
  const Failure& why = tested.error();
  // Whoever stopped the start learns nothing about the service's health.
  if (why.fault == Fault::cancelled) co_return std::unexpected(why);
  service.self_test_failed(why.detail);
  co_return fault(Fault::backend, "the test at start failed: " + why.detail, "initialize");
}

class ServiceBackend final : public ZkBackend {
 public:
  ServiceBackend(std::shared_ptr<const Scheme> scheme, const Options& options, Clock clock)
      : service_{std::move(scheme), options, std::move(clock)} {}

  io::Task<Outcome<Proof>> prove(ByteView program, ByteView input, const ZkConfig& config) override {
    return prove_one(service_, prove_job(program, input, config));
  }
  io::Task<Outcome<bool>> verify(ByteView program, ByteView proof, const ZkConfig& config) override {
    return verify_one(service_, verify_job(program, proof, config));
  }
  io::Task<std::vector<Outcome<Proof>>> batch_prove(std::span<const ProveJob> jobs, BatchMode mode, const ZkConfig& config) override {
    std::vector<JobPtr> all;
    for (const ProveJob& job : jobs) all.push_back(prove_job(job.program, job.input, config));
    return run_batch<Proof>(service_, std::move(all), mode, &prove_one);
  }
  io::Task<std::vector<Outcome<bool>>> batch_verify(std::span<const VerifyJob> jobs, BatchMode mode, const ZkConfig& config) override {
    std::vector<JobPtr> all;
    for (const VerifyJob& job : jobs) all.push_back(verify_job(job.program, job.proof, config));
    return run_batch<bool>(service_, std::move(all), mode, &verify_one);
  }
  io::Task<HealthStatus> health_check() override { return health_of(service_); }
  io::Task<Outcome<void>> initialize(const Options& options) override { return start(service_, options); }
  io::Task<void> shutdown(Duration drain) override { return shut_down(service_, drain); }
  Outcome<void> reconfigure(const Options& options) override { return service_.reconfigure(options); }
  void clear_cache() override { service_.clear_caches(); }
  ResourceUsage resource_usage() const override { return service_.usage(); }
  ZkStats stats() const override { return service_.stats(); }
  CacheStats cache_stats() const override { return service_.cache_stats(); }
  Capabilities capabilities() const override { return service_.scheme().capabilities(); }

 private:
  Service service_;
};

}  // namespace

std::string_view to_string(HealthStatus::State state) noexcept {
  switch (state) {
    case HealthStatus::State::healthy: return "healthy";
    case HealthStatus::State::degraded: return "degraded";
    case HealthStatus::State::unhealthy: return "unhealthy";
  }
  return "unknown";
}

Outcome<std::shared_ptr<ZkBackend>> make_service(std::shared_ptr<const Scheme> scheme, const Options& options, Clock clock) {
  CHECK_OK(validate(options));
  if (!clock) clock = monotonic_now;
  return std::make_shared<ServiceBackend>(std::move(scheme), options, std::move(clock));
}

}  // namespace tablinum::proof
