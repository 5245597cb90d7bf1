// The service around a scheme: limits, queue, caches, single flight, figures, health, life; with a small statement that is
// proved for real, and failures injected at every stage.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "service/statistics.h"
#include "small_statement.h"
#include "tablinum/io/cancel.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"

namespace tablinum::proof {
namespace {

using test::InjectedScheme;
using test::SmallScheme;
using test::Stage;
using Kind = InjectedScheme::Kind;
using Proofs = std::vector<Outcome<Proof>>;

Bytes block(std::uint8_t number) { return SmallScheme::block(number); }
Bytes program(std::uint8_t number, std::uint8_t type = 0xA1) { return SmallScheme::program_of(block(number), type); }

ZkConfig fresh() {
  ZkConfig config;
  config.use_cache = false;
  return config;
}

/// A service on an Io whose tasks run on this thread, and a clock that stands still.
class ServiceTest : public testing::Test {
 protected:
  void make(const Options& options) {
    scheme_ = std::make_shared<InjectedScheme>();
    backend_ = make_service(scheme_, options, [this] { return now_; }).value();
  }
  void SetUp() override {
    io_ = io::make_stackless_io().value();
    make({});
  }
  Outcome<Proof> prove(std::uint8_t number, const ZkConfig& config = {}) {
    return io::run(*io_, backend_->prove(program(number), block(number), config));
  }
  Outcome<bool> verify(std::uint8_t number, ByteView proof, const ZkConfig& config = {}) {
    return io::run(*io_, backend_->verify(program(number), proof, config));
  }
  /// All at once; outcomes in the same order. While they wait, `meanwhile` runs.
  Proofs prove_all(std::vector<std::uint8_t> numbers, const ZkConfig& config, const std::function<void()>& meanwhile = {}) {
    Proofs outcomes;
    auto body = [&](io::Scope& scope) -> io::Task<void> {
      std::vector<io::Future<Outcome<Proof>>> futures;
      for (const std::uint8_t number : numbers) futures.push_back(scope.spawn(backend_->prove(program(number), block(number), config)));
      // Twice, so that every spawned task has submitted.
      static_cast<void>(co_await io::yield(*io_));
      static_cast<void>(co_await io::sleep(*io_, Duration::milliseconds(1)));
      if (meanwhile) meanwhile();
      for (auto& future : futures) {
        auto outcome = co_await future;
        outcomes.push_back(std::move(outcome));
      }
    };
    auto main = [&]() -> io::Task<void> { co_await io::with_scope(*io_, body); };
    io::run(*io_, main());
    return outcomes;
  }
  void expect_idle() {
    const ResourceUsage usage = backend_->resource_usage();
    EXPECT_EQ(usage.active_tasks, 0U);
    EXPECT_EQ(usage.queue_depth, 0U);
    EXPECT_EQ(usage.memory_admitted, 0U);
  }

  std::unique_ptr<io::Io> io_;
  Instant now_{0};
  std::shared_ptr<InjectedScheme> scheme_;
  std::shared_ptr<ZkBackend> backend_;
};

// ---- Proving and verifying ------------------------------------------------------------------------------------------------------

TEST_F(ServiceTest, ProofIsAcceptedForItsProgramOnly) {
  const auto proof = prove(1);
  ASSERT_TRUE(proof.has_value());
  EXPECT_TRUE(verify(1, proof->bytes).value());
  EXPECT_FALSE(verify(2, proof->bytes).value());
  Bytes altered = proof->bytes;
  altered[altered.size() / 2] ^= std::byte{1};
  EXPECT_FALSE(verify(1, altered).value());
}

TEST_F(ServiceTest, MetadataDescribesTheProof) {
  const auto proof = prove(1);
  EXPECT_EQ(proof->metadata.program_hash, sha256(program(1)));
  EXPECT_EQ(proof->metadata.proof_size, proof->bytes.size());
  EXPECT_EQ(proof->metadata.backend, "small");
  EXPECT_EQ(proof->metadata.profile, 1);
  EXPECT_FALSE(proof->metadata.cached);
  EXPECT_GT(proof->metadata.generation_time.ns, 0);
  EXPECT_DOUBLE_EQ(proof->metadata.soundness_bits, 127);
}

TEST_F(ServiceTest, ArgumentsAreCopied) {
  auto given_program = program(1);
  auto given_input = block(1);
  auto task = backend_->prove(given_program, given_input, {});
  std::ranges::fill(given_program, std::byte{0});
  std::ranges::fill(given_input, std::byte{0});
  EXPECT_TRUE(io::run(*io_, std::move(task)).has_value());
}

struct RefusedCase {
  const char* name;
  Fault fault;
  std::function<Outcome<Proof>(ZkBackend&, io::Io&)> call;
};
class Refused : public testing::TestWithParam<RefusedCase> {};
Outcome<Proof> call_with(ZkBackend& backend, io::Io& io, const Bytes& program_bytes, const Bytes& input, const ZkConfig& config) {
  return io::run(io, backend.prove(program_bytes, input, config));
}
Outcome<Proof> call_with(ZkBackend& backend, io::Io& io, void (*change)(ZkConfig&)) {
  ZkConfig config;
  change(config);
  return call_with(backend, io, program(1), block(1), config);
}
TEST_P(Refused, WithItsFault) {
  const auto io = io::make_blocking_io().value();
  const auto backend = make_service(std::make_shared<SmallScheme>()).value();
  const auto outcome = GetParam().call(*backend, *io);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().fault, GetParam().fault);
  EXPECT_EQ(outcome.error().operation, "prove");
  EXPECT_GT(outcome.error().at.ms, 0);
  const ZkStats stats = backend->stats();
  EXPECT_EQ(stats.total_proofs, 0U);
  EXPECT_EQ(stats.total_failures + stats.total_refused, 1U);
  EXPECT_EQ(backend->resource_usage().active_tasks, 0U);
}
INSTANTIATE_TEST_SUITE_P(
    Cases, Refused,
    testing::Values(
        RefusedCase{"empty_program", Fault::program, [](auto& b, auto& io) { return call_with(b, io, {}, block(1), {}); }},
        RefusedCase{"unknown_type", Fault::program,
                    [](auto& b, auto& io) { return call_with(b, io, Bytes(33, std::byte{0xff}), block(1), {}); }},
        RefusedCase{"short_input", Fault::input, [](auto& b, auto& io) { return call_with(b, io, program(1), Bytes(63), {}); }},
        RefusedCase{"false_statement", Fault::input, [](auto& b, auto& io) { return call_with(b, io, program(1), block(2), {}); }},
        RefusedCase{"program_over_its_limit", Fault::resource_limit,
                    [](auto& b, auto& io) { return call_with(b, io, [](ZkConfig& c) { c.max_program_size = 32; }); }},
        RefusedCase{"input_over_its_limit", Fault::resource_limit,
                    [](auto& b, auto& io) { return call_with(b, io, [](ZkConfig& c) { c.max_input_size = 63; }); }},
        RefusedCase{"program_over_the_default", Fault::resource_limit,
                    [](auto& b, auto& io) { return call_with(b, io, Bytes(kProgramBytesMax + 1), block(1), {}); }},
        RefusedCase{"input_over_the_default", Fault::resource_limit,
                    [](auto& b, auto& io) { return call_with(b, io, program(1), Bytes(kInputBytesMax + 1), {}); }},
        RefusedCase{"memory_over_its_limit", Fault::resource_limit,
                    [](auto& b, auto& io) { return call_with(b, io, [](ZkConfig& c) { c.max_memory = SmallScheme::kMemory - 1; }); }},
        RefusedCase{"zero_program_size", Fault::config,
                    [](auto& b, auto& io) { return call_with(b, io, [](ZkConfig& c) { c.max_program_size = 0; }); }},
        RefusedCase{"zero_input_size", Fault::config,
                    [](auto& b, auto& io) { return call_with(b, io, [](ZkConfig& c) { c.max_input_size = 0; }); }},
        RefusedCase{"zero_memory", Fault::config,
                    [](auto& b, auto& io) { return call_with(b, io, [](ZkConfig& c) { c.max_memory = 0; }); }},
        RefusedCase{"zero_time", Fault::config,
                    [](auto& b, auto& io) { return call_with(b, io, [](ZkConfig& c) { c.proving_timeout = Duration{}; }); }},
        RefusedCase{"zero_verification_time", Fault::config,
                    [](auto& b, auto& io) { return call_with(b, io, [](ZkConfig& c) { c.verification_timeout = Duration{-1}; }); }},
        RefusedCase{"priority", Fault::config,
                    [](auto& b, auto& io) { return call_with(b, io, [](ZkConfig& c) { c.priority = 101; }); }},
        RefusedCase{"unknown_profile", Fault::unsupported,
                    [](auto& b, auto& io) { return call_with(b, io, [](ZkConfig& c) { c.profile = 9; }); }}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST_F(ServiceTest, LimitsAreInclusive) {
  ZkConfig config;
  config.max_program_size = 33;
  config.max_input_size = 64;
  config.max_memory = SmallScheme::kMemory;
  EXPECT_TRUE(prove(1, config).has_value());
}

TEST_F(ServiceTest, UnreadableProofIsSerialization) {
  EXPECT_EQ(verify(1, Bytes(16)).error().fault, Fault::serialization);
  EXPECT_EQ(verify(1, Bytes(kProofBytesMax + 1)).error().fault, Fault::resource_limit);
}

// ---- Options --------------------------------------------------------------------------------------------------------------------

TEST(ServiceOptions, ZeroSizesAreRefusedButCachesMayBeOff) {
  const auto scheme = std::make_shared<SmallScheme>();
  const auto fault_of = [&](void (*change)(Options&)) {
    Options options;
    change(options);
    const auto made = make_service(scheme, options);
    return made ? Fault{} : made.error().fault;
  };
  EXPECT_EQ(fault_of([](Options& o) { o.threads = 0; }), Fault::config);
  EXPECT_EQ(fault_of([](Options& o) { o.max_concurrent = 0; }), Fault::config);
  EXPECT_EQ(fault_of([](Options& o) { o.max_concurrent = kConcurrentMax + 1; }), Fault::config);
  EXPECT_EQ(fault_of([](Options& o) { o.queue_max = 0; }), Fault::config);
  EXPECT_EQ(fault_of([](Options& o) { o.memory_limit = 0; }), Fault::config);
  EXPECT_EQ(fault_of([](Options& o) { o.cache.max_age = Duration{}; }), Fault::config);
  EXPECT_EQ(fault_of([](Options& o) { o.cache = {0, 0, 0, 0, Duration::seconds(1), true}; }), Fault{});
}

TEST_F(ServiceTest, ReconfigureChangesNothingOnError) {
  Options options;
  options.max_concurrent = 7;
  ASSERT_TRUE(backend_->reconfigure(options).has_value());
  EXPECT_EQ(backend_->resource_usage().max_concurrent, 7U);
  options.max_concurrent = 9;
  options.queue_max = 0;
  EXPECT_EQ(backend_->reconfigure(options).error().fault, Fault::config);
  EXPECT_EQ(backend_->resource_usage().max_concurrent, 7U);
}

TEST_F(ServiceTest, MoreSlotsStartWaitingRequestsAtOnce) {
  Options options;
  options.max_concurrent = 1;
  make(options);
  scheme_->close(Stage::prove);
  const auto outcomes = prove_all({1, 2, 3}, fresh(), [&] {
    scheme_->until_waiting(1);
    EXPECT_EQ(backend_->resource_usage().queue_depth, 2U);
    options.max_concurrent = 3;
    EXPECT_TRUE(backend_->reconfigure(options).has_value());
    scheme_->until_waiting(3);
    scheme_->open();
  });
  for (const auto& outcome : outcomes) EXPECT_TRUE(outcome.has_value());
}

// ---- Queue ----------------------------------------------------------------------------------------------------------------------

TEST_F(ServiceTest, AtMostSoManyRunAndTheRestWaitOrAreRefused) {
  Options options;
  options.max_concurrent = 2;
  options.queue_max = 3;
  make(options);
  scheme_->close(Stage::prove);
  const auto outcomes = prove_all({1, 2, 3, 4, 5, 6, 7}, fresh(), [&] {
    scheme_->until_waiting(2);
    const ResourceUsage usage = backend_->resource_usage();
    EXPECT_EQ(usage.active_tasks, 2U);
    EXPECT_EQ(usage.queue_depth, 3U);
    EXPECT_EQ(usage.memory_admitted, 2 * SmallScheme::kMemory);
    scheme_->open();
  });
  for (unsigned i = 0; i < 7; ++i) EXPECT_EQ(outcomes[i].has_value(), i < 5) << i;
  EXPECT_EQ(outcomes[6].error().fault, Fault::resource_limit);
  EXPECT_EQ(backend_->stats().total_refused, 2U);
  EXPECT_EQ(backend_->stats().total_failures, 0U);
  EXPECT_LE(scheme_->most_at_once(), 2U);
  expect_idle();
}

TEST_F(ServiceTest, FirstComeFirstServedWithinOnePriority) {
  Options options;
  options.max_concurrent = 1;
  make(options);
  scheme_->close(Stage::prove);
  auto body = [&](io::Scope& scope) -> io::Task<void> {
    std::vector<io::Future<Outcome<Proof>>> futures;
    for (const auto& [number, priority] : std::vector<std::pair<std::uint8_t, int>>{{1, 0}, {2, 0}, {3, 5}, {4, 0}, {5, -5}, {6, 5}}) {
      ZkConfig config = fresh();
      config.priority = priority;
      futures.push_back(scope.spawn(backend_->prove(program(number), block(number), config)));
    }
    static_cast<void>(co_await io::sleep(*io_, Duration::milliseconds(1)));
    scheme_->until_waiting(1);
    scheme_->open();
    for (auto& future : futures) {
      const auto outcome = co_await future;
      EXPECT_TRUE(outcome.has_value());
    }
  };
  auto main = [&]() -> io::Task<void> { co_await io::with_scope(*io_, body); };
  io::run(*io_, main());
  const std::vector<Bytes> expected{program(1), program(3), program(6), program(2), program(4), program(5)};
  EXPECT_EQ(scheme_->order(), expected);
}

TEST_F(ServiceTest, MemoryIsAdmittedByEstimate) {
  Options options;
  options.max_concurrent = 4;
  options.memory_limit = 2 * SmallScheme::kMemory + 1;
  make(options);
  scheme_->close(Stage::prove);
  const auto outcomes = prove_all({1, 2, 3, 4}, fresh(), [&] {
    scheme_->until_waiting(2);
    EXPECT_EQ(backend_->resource_usage().active_tasks, 2U);
    EXPECT_EQ(backend_->resource_usage().queue_depth, 2U);
    scheme_->open();
  });
  for (const auto& outcome : outcomes) EXPECT_TRUE(outcome.has_value());
  EXPECT_LE(scheme_->most_at_once(), 2U);
  options.memory_limit = SmallScheme::kMemory - 1;
  ASSERT_TRUE(backend_->reconfigure(options).has_value());
  EXPECT_EQ(prove(1, fresh()).error().fault, Fault::resource_limit);
  expect_idle();
}

// ---- Time-outs and cancellation ---------------------------------------------------------------------------------------------------

TEST_F(ServiceTest, RunningRequestTimesOutAndFreesItsSlot) {
  scheme_->close(Stage::prove);
  ZkConfig config = fresh();
  config.proving_timeout = Duration::milliseconds(20);
  const auto outcome = prove(1, config);
  EXPECT_EQ(outcome.error().fault, Fault::timeout);
  expect_idle();
  scheme_->open();
  EXPECT_TRUE(prove(1).has_value());
}

TEST_F(ServiceTest, WaitingCountsForTheTimeOut) {
  Options options;
  options.max_concurrent = 1;
  make(options);
  ASSERT_TRUE(prove(9, fresh()).has_value());  // compiles the circuit, which takes long on a busy machine
  scheme_->close(Stage::prove);
  ZkConfig config = fresh();
  config.proving_timeout = Duration::milliseconds(300);
  const auto outcomes = prove_all({1, 2, 3}, config);
  for (const auto& outcome : outcomes) EXPECT_EQ(outcome.error().fault, Fault::timeout);
  EXPECT_EQ(scheme_->calls(Stage::prove), 2U);
  EXPECT_EQ(backend_->stats().total_failures, 3U);
  expect_idle();
}

TEST_F(ServiceTest, VerificationTimesOut) {
  const auto proof = prove(1);
  scheme_->close(Stage::verify);
  ZkConfig config;
  config.verification_timeout = Duration::milliseconds(20);
  EXPECT_EQ(verify(1, proof->bytes, config).error().fault, Fault::timeout);
  expect_idle();
  scheme_->open();
}

TEST_F(ServiceTest, CancelledWhileItRunsWaitsOrFollows) {
  Options options;
  options.max_concurrent = 1;
  make(options);
  scheme_->close(Stage::prove);
  std::vector<Fault> faults;
  auto body = [&](io::Scope& scope) -> io::Task<void> {
    auto running = scope.spawn(backend_->prove(program(1), block(1), {}));
    auto following = scope.spawn(backend_->prove(program(1), block(1), {}));
    auto waiting = scope.spawn(backend_->prove(program(2), block(2), {}));
    static_cast<void>(co_await io::sleep(*io_, Duration::milliseconds(1)));
    scheme_->until_waiting(1);
    EXPECT_EQ(backend_->resource_usage().queue_depth, 1U);
    for (auto* future : {&following, &waiting, &running}) {
      future->cancel();
      const auto outcome = co_await *future;
      faults.push_back(outcome ? Fault{} : outcome.error().fault);
    }
  };
  auto main = [&]() -> io::Task<void> { co_await io::with_scope(*io_, body); };
  io::run(*io_, main());
  EXPECT_EQ(faults, (std::vector{Fault::cancelled, Fault::cancelled, Fault::cancelled}));
  expect_idle();
  scheme_->open();
  EXPECT_TRUE(prove(1).has_value());
}

TEST_F(ServiceTest, CancelledInsideTheProver) {
  // No stage is closed: the stop reaches the protocol itself.
  const ZkConfig config = fresh();
  unsigned cancelled = 0;
  for (unsigned i = 0; i < 20; ++i) {
    auto body = [&](io::Scope& scope) -> io::Task<void> {
      auto future = scope.spawn(backend_->prove(program(1), block(1), config));
      static_cast<void>(co_await io::sleep(*io_, Duration::microseconds(200 * i)));
      future.cancel();
      const auto outcome = co_await future;
      if (!outcome) {
        EXPECT_EQ(outcome.error().fault, Fault::cancelled);
        ++cancelled;
      }
      expect_idle();
    };
    auto main = [&]() -> io::Task<void> { co_await io::with_scope(*io_, body); };
    io::run(*io_, main());
  }
  EXPECT_GT(cancelled, 0U);
}

// ---- Failures at every stage ------------------------------------------------------------------------------------------------------

struct StageCase {
  Stage stage;
  Kind kind;
  Fault fault;
};
class EveryStage : public ServiceTest, public testing::WithParamInterface<StageCase> {};
TEST_P(EveryStage, LeavesNothingBehind) {
  const StageCase& row = GetParam();
  const Outcome<Proof> good = prove(9, fresh());
  const bool proving = row.stage != Stage::plan_verification && row.stage != Stage::verify;
  if (row.stage == Stage::compile) backend_->clear_cache();
  scheme_->inject(row.stage, row.kind);
  const auto before = backend_->stats();
  if (proving) {
    EXPECT_EQ(prove(1).error().fault, row.fault);
  } else {
    EXPECT_EQ(verify(9, good->bytes).error().fault, row.fault);
  }
  expect_idle();
  const auto after = backend_->stats();
  EXPECT_EQ(after.total_failures + after.total_refused, before.total_failures + before.total_refused + 1);
  EXPECT_EQ(backend_->cache_stats().proof_entries, 0U);
  EXPECT_TRUE(prove(1).has_value());
  EXPECT_TRUE(verify(9, good->bytes).value());
}
INSTANTIATE_TEST_SUITE_P(Stages, EveryStage,
                         testing::Values(StageCase{Stage::plan_proof, Kind::failure, Fault::backend},
                                         StageCase{Stage::plan_verification, Kind::failure, Fault::backend},
                                         StageCase{Stage::compile, Kind::failure, Fault::backend},
                                         StageCase{Stage::compile, Kind::exception, Fault::backend},
                                         StageCase{Stage::compile, Kind::no_memory, Fault::resource_limit},
                                         StageCase{Stage::prove, Kind::failure, Fault::backend},
                                         StageCase{Stage::prove, Kind::exception, Fault::backend},
                                         StageCase{Stage::prove, Kind::no_memory, Fault::resource_limit},
                                         StageCase{Stage::verify, Kind::failure, Fault::backend},
                                         StageCase{Stage::verify, Kind::exception, Fault::backend},
                                         StageCase{Stage::verify, Kind::no_memory, Fault::resource_limit}));

// ---- Proof cache ------------------------------------------------------------------------------------------------------------------

TEST_F(ServiceTest, SecondRequestComesFromTheCacheVerifiedOnce) {
  const auto first = prove(1);
  const auto second = prove(1);
  const auto third = prove(1);
  EXPECT_EQ(first->bytes, second->bytes);
  EXPECT_FALSE(first->metadata.cached);
  EXPECT_TRUE(second->metadata.cached);
  EXPECT_TRUE(third->metadata.cached);
  EXPECT_EQ(scheme_->calls(Stage::prove), 1U);
  EXPECT_EQ(scheme_->calls(Stage::verify), 1U);
  const CacheStats cache = backend_->cache_stats();
  EXPECT_EQ(cache.proof_entries, 1U);
  EXPECT_EQ(cache.proof_hits, 2U);
  EXPECT_EQ(cache.proof_misses, 1U);
  EXPECT_EQ(backend_->stats().total_proofs, 1U);
}

TEST_F(ServiceTest, AnotherInputProgramOrProfileIsAnotherProof) {
  const auto first = prove(1);
  EXPECT_NE(prove(2)->bytes, first->bytes);
  ZkConfig small;
  small.profile = 2;
  EXPECT_NE(prove(1, small)->bytes, first->bytes);
  // The reference's fault: an input that does not fit got the cached proof of its program.
  EXPECT_EQ(io::run(*io_, backend_->prove(program(1), block(2), {})).error().fault, Fault::input);
}

TEST_F(ServiceTest, WithoutTheCacheEveryProofIsFresh) {
  const auto first = prove(1);
  const auto second = prove(1, fresh());
  EXPECT_NE(first->bytes, second->bytes);
  EXPECT_EQ(backend_->cache_stats().proof_hits, 0U);
}

TEST_F(ServiceTest, CachedProofThatDoesNotVerifyIsMadeAnew) {
  const auto first = prove(1);
  scheme_->inject(Stage::verify, Kind::failure);
  const auto second = prove(1);
  EXPECT_NE(first->bytes, second->bytes);
  EXPECT_FALSE(second->metadata.cached);
  EXPECT_TRUE(verify(1, second->bytes).value());
}

TEST_F(ServiceTest, EqualRequestsAtTheSameTimeAreProvedOnce) {
  scheme_->close(Stage::prove);
  const auto outcomes = prove_all({1, 1, 1, 1, 1}, {}, [&] {
    scheme_->until_waiting(1);
    EXPECT_EQ(backend_->resource_usage().active_tasks, 1U);
    EXPECT_EQ(backend_->resource_usage().queue_depth, 0U);
    scheme_->open();
  });
  EXPECT_EQ(scheme_->calls(Stage::prove), 1U);
  EXPECT_EQ(scheme_->calls(Stage::verify), 1U);  // before the others get it
  EXPECT_EQ(backend_->cache_stats().single_flight_joins, 4U);
  for (const auto& outcome : outcomes) EXPECT_EQ(outcome->bytes, outcomes[0]->bytes);
  expect_idle();
}

TEST_F(ServiceTest, FailureOfTheFirstPassesTheWorkOn) {
  scheme_->close(Stage::prove);
  scheme_->inject(Stage::prove, Kind::failure, 2);
  const auto outcomes = prove_all({1, 1, 1, 1}, {}, [&] {
    scheme_->until_waiting(1);
    scheme_->open();
  });
  EXPECT_FALSE(outcomes[0].has_value());
  EXPECT_FALSE(outcomes[1].has_value());
  EXPECT_TRUE(outcomes[2].has_value());
  EXPECT_TRUE(outcomes[3].has_value());
  EXPECT_EQ(scheme_->calls(Stage::prove), 3U);
  expect_idle();
}

TEST_F(ServiceTest, CancellationOfTheFirstPassesTheWorkOn) {
  scheme_->close(Stage::prove);
  auto body = [&](io::Scope& scope) -> io::Task<void> {
    auto first = scope.spawn(backend_->prove(program(1), block(1), {}));
    auto second = scope.spawn(backend_->prove(program(1), block(1), {}));
    static_cast<void>(co_await io::sleep(*io_, Duration::milliseconds(1)));
    scheme_->until_waiting(1);
    first.cancel();
    const auto outcome = co_await first;
    EXPECT_EQ(outcome.error().fault, Fault::cancelled);
    scheme_->until_waiting(1);
    scheme_->open();
    const auto passed_on = co_await second;
    EXPECT_TRUE(passed_on.has_value());
  };
  auto main = [&]() -> io::Task<void> { co_await io::with_scope(*io_, body); };
  io::run(*io_, main());
  expect_idle();
}

TEST_F(ServiceTest, ProofsExpireAndAreSweptAway) {
  ASSERT_TRUE(prove(1).has_value());
  ASSERT_TRUE(prove(2).has_value());
  now_ = Instant{0} + Duration::seconds(3600) ;
  EXPECT_FALSE(prove(1)->metadata.cached);
  EXPECT_EQ(backend_->cache_stats().proof_expired, 2U);
  EXPECT_EQ(backend_->cache_stats().proof_entries, 1U);
  EXPECT_GE(backend_->cache_stats().circuit_expired, 1U);
}

TEST_F(ServiceTest, UseDoesNotKeepAProofAlive) {
  ASSERT_TRUE(prove(1).has_value());
  now_ = Instant{0} + Duration::seconds(3599);
  EXPECT_TRUE(prove(1)->metadata.cached);
  now_ = Instant{0} + Duration::seconds(3600);
  EXPECT_FALSE(prove(1)->metadata.cached);
}

TEST_F(ServiceTest, LeastRecentlyUsedProofGoesFirst) {
  Options options;
  options.cache.max_proofs = 2;
  make(options);
  ASSERT_TRUE(prove(1).has_value());
  ASSERT_TRUE(prove(2).has_value());
  EXPECT_TRUE(prove(1)->metadata.cached);
  ASSERT_TRUE(prove(3).has_value());
  EXPECT_TRUE(prove(1)->metadata.cached);
  EXPECT_FALSE(prove(2)->metadata.cached);
  EXPECT_EQ(backend_->cache_stats().proof_evictions, 2U);
}

TEST_F(ServiceTest, CachesShrinkWhileRunning) {
  for (std::uint8_t number = 1; number <= 3; ++number) ASSERT_TRUE(prove(number).has_value());
  Options options;
  options.cache.max_proofs = 1;
  ASSERT_TRUE(backend_->reconfigure(options).has_value());
  EXPECT_EQ(backend_->cache_stats().proof_entries, 1U);
  options.cache.max_proofs = 0;
  options.cache.max_circuits = 0;
  ASSERT_TRUE(backend_->reconfigure(options).has_value());
  EXPECT_EQ(backend_->cache_stats().proof_entries, 0U);
  EXPECT_EQ(backend_->cache_stats().circuit_entries, 0U);
  EXPECT_FALSE(prove(3)->metadata.cached);
  EXPECT_FALSE(prove(3)->metadata.cached);
  EXPECT_EQ(backend_->cache_stats().proof_entries, 0U);
}

TEST_F(ServiceTest, BytesAreABudgetToo) {
  Options options;
  options.cache.proof_bytes = 120'000;  // two proofs of this statement, not three
  make(options);
  for (std::uint8_t number = 1; number <= 3; ++number) ASSERT_TRUE(prove(number).has_value());
  EXPECT_EQ(backend_->cache_stats().proof_entries, 2U);
  EXPECT_LE(backend_->cache_stats().proof_bytes, 120'000U);
  options.cache.proof_bytes = 1000;
  ASSERT_TRUE(backend_->reconfigure(options).has_value());
  ASSERT_TRUE(prove(1).has_value());
  EXPECT_EQ(backend_->cache_stats().proof_entries, 0U);
}

TEST_F(ServiceTest, ClearCacheForgetsBoth) {
  ASSERT_TRUE(prove(1).has_value());
  backend_->clear_cache();
  EXPECT_EQ(backend_->cache_stats().proof_entries, 0U);
  EXPECT_EQ(backend_->cache_stats().circuit_entries, 0U);
  EXPECT_FALSE(prove(1)->metadata.cached);
}

// ---- Circuit cache ----------------------------------------------------------------------------------------------------------------

TEST_F(ServiceTest, CircuitIsCompiledOnceForAllOfItsType) {
  const auto proof = prove(1);
  ASSERT_TRUE(prove(2).has_value());
  EXPECT_TRUE(verify(1, proof->bytes).value());
  EXPECT_EQ(scheme_->calls(Stage::compile), 1U);
  const CacheStats cache = backend_->cache_stats();
  EXPECT_EQ(cache.circuit_hits, 2U);
  EXPECT_EQ(cache.circuit_misses, 1U);
  EXPECT_EQ(cache.circuit_entries, 1U);
  EXPECT_GT(cache.circuit_bytes, 100'000U);
}

TEST_F(ServiceTest, CircuitIsCompiledOnceForRequestsAtTheSameTime) {
  scheme_->close(Stage::compile);
  const auto outcomes = prove_all({1, 2}, fresh(), [&] {
    scheme_->until_waiting(1);
    scheme_->open();
  });
  EXPECT_TRUE(outcomes[0].has_value() && outcomes[1].has_value());
  EXPECT_EQ(scheme_->calls(Stage::compile), 1U);
}

TEST_F(ServiceTest, FailedCompilationPassesToTheNext) {
  scheme_->close(Stage::compile);
  scheme_->inject(Stage::compile, Kind::failure);
  const auto outcomes = prove_all({1, 2}, fresh(), [&] {
    scheme_->until_waiting(1);
    scheme_->open();
  });
  EXPECT_EQ(outcomes[0].has_value() + outcomes[1].has_value(), 1);
  EXPECT_EQ(scheme_->calls(Stage::compile), 2U);
}

TEST_F(ServiceTest, TypesHaveCircuitsOfTheirOwn) {
  ASSERT_TRUE(prove(1).has_value());
  ASSERT_TRUE(io::run(*io_, backend_->prove(program(1, 0xA2), block(1), {})).has_value());
  EXPECT_EQ(backend_->cache_stats().circuit_entries, 2U);
}

// ---- Batches ----------------------------------------------------------------------------------------------------------------------

class BatchTest : public ServiceTest {
 protected:
  /// Item i proves block i; where `wrong` it does not fit.
  Proofs batch(std::size_t count, const std::set<std::size_t>& wrong, BatchMode mode, const ZkConfig& config = {}) {
    std::vector<Bytes> programs;
    std::vector<Bytes> inputs;
    for (std::size_t i = 0; i < count; ++i) {
      programs.push_back(program(static_cast<std::uint8_t>(i)));
      inputs.push_back(block(static_cast<std::uint8_t>(wrong.contains(i) ? i + 100 : i)));
    }
    std::vector<ProveJob> jobs;
    for (std::size_t i = 0; i < count; ++i) jobs.push_back({programs[i], inputs[i]});
    return io::run(*io_, backend_->batch_prove(jobs, mode, config));
  }
};

TEST_F(BatchTest, OutcomesAreInOrderAndEachItsOwn) {
  const auto outcomes = batch(9, {2, 5}, BatchMode::each);
  ASSERT_EQ(outcomes.size(), 9U);
  for (std::size_t i = 0; i < 9; ++i) {
    ASSERT_EQ(outcomes[i].has_value(), i != 2 && i != 5) << i;
    if (outcomes[i]) EXPECT_TRUE(verify(static_cast<std::uint8_t>(i), outcomes[i]->bytes).value());
  }
  EXPECT_EQ(outcomes[2].error().fault, Fault::input);
  EXPECT_EQ(backend_->stats().total_proofs, 7U);
  EXPECT_EQ(backend_->stats().total_failures, 2U);
  EXPECT_EQ(backend_->cache_stats().proof_entries, 7U);
}

TEST_F(BatchTest, LargerThanTheQueueAndNothingIsRefused) {
  Options options;
  options.queue_max = 1;
  options.max_concurrent = 2;
  make(options);
  const auto outcomes = batch(20, {}, BatchMode::each);
  for (const auto& outcome : outcomes) EXPECT_TRUE(outcome.has_value());
  EXPECT_EQ(backend_->stats().total_refused, 0U);
}

TEST_F(BatchTest, StrictStopsAtTheFirstFailure) {
  Options options;
  options.max_concurrent = 1;
  make(options);
  const auto outcomes = batch(30, {3}, BatchMode::strict);
  ASSERT_EQ(outcomes.size(), 30U);
  EXPECT_TRUE(outcomes[0].has_value());
  EXPECT_EQ(outcomes[3].error().fault, Fault::input);
  EXPECT_EQ(outcomes[29].error().fault, Fault::cancelled);
  EXPECT_LT(backend_->stats().total_proofs, 6U);
  expect_idle();
}

TEST_F(BatchTest, EqualItemsAreProvedOnce) {
  std::vector<ProveJob> jobs;
  const Bytes one_program = program(1);
  const Bytes one_input = block(1);
  for (unsigned i = 0; i < 8; ++i) jobs.push_back({one_program, one_input});
  const auto outcomes = io::run(*io_, backend_->batch_prove(jobs, BatchMode::each, {}));
  for (const auto& outcome : outcomes) EXPECT_EQ(outcome->bytes, outcomes[0]->bytes);
  EXPECT_EQ(backend_->stats().total_proofs, 1U);
}

TEST_F(BatchTest, VerifyGivesAnAnswerForEach) {
  const auto proofs = batch(3, {}, BatchMode::each);
  Bytes broken = proofs[1]->bytes;
  broken.back() ^= std::byte{1};
  std::vector<Bytes> programs{program(0), program(1), program(2), program(0)};
  const Bytes nothing(3);
  const std::vector<VerifyJob> jobs{{programs[0], proofs[0]->bytes}, {programs[1], broken}, {programs[2], proofs[2]->bytes}, {programs[3], nothing}};
  const auto outcomes = io::run(*io_, backend_->batch_verify(jobs, BatchMode::each, {}));
  EXPECT_TRUE(outcomes[0].value());
  EXPECT_FALSE(outcomes[1].value());
  EXPECT_TRUE(outcomes[2].value());
  EXPECT_EQ(outcomes[3].error().fault, Fault::serialization);
  EXPECT_EQ(backend_->stats().total_rejected_proofs, 1U);
  EXPECT_EQ(backend_->stats().total_verifications, 3U);
}

TEST_F(BatchTest, EmptyBatch) { EXPECT_TRUE(batch(0, {}, BatchMode::strict).empty()); }

// ---- Figures ----------------------------------------------------------------------------------------------------------------------

TEST(ServiceLatencies, MeanAndPercentiles) {
  Latencies latencies;
  EXPECT_EQ(latencies.percentile(50), Duration{});
  for (int i = 1; i <= 100; ++i) latencies.add(Duration{i});
  EXPECT_EQ(latencies.mean(), Duration{50});
  EXPECT_EQ(latencies.percentile(50), Duration{50});
  EXPECT_EQ(latencies.percentile(95), Duration{95});
  EXPECT_EQ(latencies.percentile(100), Duration{100});
  for (std::size_t i = 0; i < kLatenciesKept; ++i) latencies.add(Duration{7});
  EXPECT_EQ(latencies.percentile(1), Duration{7});
  EXPECT_EQ(latencies.percentile(100), Duration{7});
  EXPECT_EQ(latencies.count(), 100 + kLatenciesKept);
}

TEST_F(ServiceTest, CountsWhatHappened) {
  const auto proof = prove(1);
  EXPECT_TRUE(verify(1, proof->bytes).value());
  EXPECT_FALSE(verify(2, proof->bytes).value());
  EXPECT_FALSE(io::run(*io_, backend_->prove(program(1), block(2), {})).has_value());
  const ZkStats stats = backend_->stats();
  EXPECT_EQ(stats.total_proofs, 1U);
  EXPECT_EQ(stats.total_verifications, 2U);
  EXPECT_EQ(stats.total_rejected_proofs, 1U);
  EXPECT_EQ(stats.total_failures, 1U);
  EXPECT_GT(stats.avg_proving_time.ns, 0);
  EXPECT_EQ(stats.p50_proving, stats.p95_proving);
  EXPECT_GT(stats.p95_verification.ns, 0);
}

TEST_F(ServiceTest, FiguresOfTheProcessAreReal) {
  static_cast<void>(backend_->resource_usage());
  const Instant end = monotonic_now() + Duration::milliseconds(100);
  while (monotonic_now() < end) {
  }
  const ResourceUsage usage = backend_->resource_usage();
  EXPECT_GT(usage.cpu_usage, 0.05);  // on a busy machine this process may get little
  EXPECT_LE(usage.cpu_usage, 100);
  EXPECT_GT(usage.memory_usage, std::size_t{1} << 20);
}

// ---- Health and life ----------------------------------------------------------------------------------------------------------------

using State = HealthStatus::State;

TEST_F(ServiceTest, FullQueueIsDegraded) {
  Options options;
  options.max_concurrent = 1;
  options.queue_max = 5;
  make(options);
  EXPECT_EQ(io::run(*io_, backend_->health_check()).state, State::healthy);
  scheme_->close(Stage::prove);
  const auto observer = io::make_blocking_io().value();
  // Four of five places are taken.
  const auto outcomes = prove_all({1, 2, 3, 4, 5}, fresh(), [&] {
    scheme_->until_waiting(1);
    EXPECT_EQ(io::run(*observer, backend_->health_check()).state, State::degraded);
    scheme_->open();
  });
  for (const auto& outcome : outcomes) EXPECT_TRUE(outcome.has_value());
  EXPECT_EQ(io::run(*io_, backend_->health_check()).state, State::healthy);
}

TEST_F(ServiceTest, UsedUpMemoryIsDegraded) {
  Options options;
  options.memory_limit = SmallScheme::kMemory + SmallScheme::kMemory / 10;
  make(options);
  scheme_->close(Stage::prove);
  const auto observer = io::make_blocking_io().value();
  const auto outcomes = prove_all({1}, fresh(), [&] {
    scheme_->until_waiting(1);
    EXPECT_EQ(io::run(*observer, backend_->health_check()).state, State::degraded);
    scheme_->open();
  });
  EXPECT_TRUE(outcomes[0].has_value());
}

TEST_F(ServiceTest, TenFailuresInARowAreDegradedUntilAProofSucceeds) {
  scheme_->inject(Stage::prove, Kind::failure, 10);
  for (unsigned i = 0; i < 9; ++i) ASSERT_FALSE(prove(1).has_value());
  EXPECT_EQ(io::run(*io_, backend_->health_check()).state, State::healthy);
  ASSERT_FALSE(prove(1).has_value());
  EXPECT_EQ(io::run(*io_, backend_->health_check()).state, State::degraded);
  ASSERT_TRUE(prove(1).has_value());
  EXPECT_EQ(io::run(*io_, backend_->health_check()).state, State::healthy);
}

TEST_F(ServiceTest, WrongInputsOfCallersDoNotMakeItDegraded) {
  for (unsigned i = 0; i < 20; ++i) ASSERT_FALSE(io::run(*io_, backend_->prove(program(1), block(2), {})).has_value());
  EXPECT_EQ(io::run(*io_, backend_->health_check()).state, State::healthy);
}

TEST_F(ServiceTest, InitializeTestsItself) {
  EXPECT_TRUE(io::run(*io_, backend_->initialize({})).has_value());
  EXPECT_EQ(backend_->stats().total_proofs, 0U);
  EXPECT_EQ(backend_->stats().total_verifications, 0U);
  EXPECT_EQ(scheme_->calls(Stage::verify), 2U);
  scheme_->inject(Stage::prove, Kind::failure);
  const auto failed = io::run(*io_, backend_->initialize({}));
  EXPECT_EQ(failed.error().fault, Fault::backend);
  EXPECT_EQ(io::run(*io_, backend_->health_check()).state, State::unhealthy);
  EXPECT_EQ(prove(1).error().fault, Fault::backend);
  EXPECT_TRUE(io::run(*io_, backend_->initialize({})).has_value());
  EXPECT_EQ(io::run(*io_, backend_->health_check()).state, State::healthy);
  EXPECT_TRUE(prove(1).has_value());
  Options bad;
  bad.threads = 0;
  EXPECT_EQ(io::run(*io_, backend_->initialize(bad)).error().fault, Fault::config);
}

TEST_F(ServiceTest, ShutdownDrainsThenCancels) {
  Options options;
  options.max_concurrent = 1;
  make(options);
  scheme_->close(Stage::prove);
  Proofs outcomes;
  auto body = [&](io::Scope& scope) -> io::Task<void> {
    auto running = scope.spawn(backend_->prove(program(1), block(1), {}));
    auto waiting = scope.spawn(backend_->prove(program(2), block(2), {}));
    auto following = scope.spawn(backend_->prove(program(2), block(2), {}));
    static_cast<void>(co_await io::sleep(*io_, Duration::milliseconds(1)));
    scheme_->until_waiting(1);
    co_await backend_->shutdown(Duration::milliseconds(20));
    expect_idle();
    for (auto* future : {&running, &waiting, &following}) {
      auto outcome = co_await *future;
      outcomes.push_back(std::move(outcome));
    }
  };
  auto main = [&]() -> io::Task<void> { co_await io::with_scope(*io_, body); };
  io::run(*io_, main());
  for (const auto& outcome : outcomes) EXPECT_EQ(outcome.error().fault, Fault::cancelled);
  EXPECT_EQ(io::run(*io_, backend_->health_check()).state, State::unhealthy);
  EXPECT_EQ(prove(1).error().fault, Fault::resource_limit);
  scheme_->open();
  EXPECT_TRUE(io::run(*io_, backend_->initialize({})).has_value());
  EXPECT_TRUE(prove(1).has_value());
}

TEST_F(ServiceTest, ShutdownLetsRunningRequestsEnd) {
  scheme_->close(Stage::prove);
  auto body = [&](io::Scope& scope) -> io::Task<void> {
    auto running = scope.spawn(backend_->prove(program(1), block(1), {}));
    static_cast<void>(co_await io::sleep(*io_, Duration::milliseconds(1)));
    scheme_->until_waiting(1);
    auto ending = scope.spawn(backend_->shutdown(Duration::seconds(30)));
    static_cast<void>(co_await io::sleep(*io_, Duration::milliseconds(1)));
    scheme_->open();
    co_await ending;
    const auto outcome = co_await running;
    EXPECT_TRUE(outcome.has_value());
  };
  auto main = [&]() -> io::Task<void> { co_await io::with_scope(*io_, body); };
  io::run(*io_, main());
}

TEST_F(ServiceTest, ShutdownOfAnIdleServiceReturnsAtOnce) {
  io::run(*io_, backend_->shutdown(Duration::seconds(3600)));
  EXPECT_EQ(io::run(*io_, backend_->health_check()).state, State::unhealthy);
}

// ---- Every Io ---------------------------------------------------------------------------------------------------------------------

using MakeIo = Result<std::unique_ptr<io::Io>> (*)();
class AnyIo : public testing::TestWithParam<MakeIo> {};
TEST_P(AnyIo, ProvesVerifiesTimesOutAndBatches) {
  const auto io = GetParam()().value();
  const auto scheme = std::make_shared<InjectedScheme>();
  const auto backend = make_service(scheme).value();
  const auto proof = io::run(*io, backend->prove(program(1), block(1), {}));
  ASSERT_TRUE(proof.has_value());
  EXPECT_TRUE(io::run(*io, backend->verify(program(1), proof->bytes, {})).value());
  scheme->close(Stage::prove);
  ZkConfig config = fresh();
  config.proving_timeout = Duration::milliseconds(20);
  EXPECT_EQ(io::run(*io, backend->prove(program(2), block(2), config)).error().fault, Fault::timeout);
  scheme->open();
  std::vector<Bytes> programs;
  std::vector<Bytes> inputs;
  std::vector<ProveJob> jobs;
  for (std::uint8_t i = 0; i < 6; ++i) {
    programs.push_back(program(i));
    inputs.push_back(block(i));
  }
  for (std::size_t i = 0; i < 6; ++i) jobs.push_back({programs[i], inputs[i]});
  for (const auto& outcome : io::run(*io, backend->batch_prove(jobs, BatchMode::each, {}))) EXPECT_TRUE(outcome.has_value());
  io::run(*io, backend->shutdown(Duration::seconds(1)));
}
INSTANTIATE_TEST_SUITE_P(Models, AnyIo,
                         testing::Values(MakeIo{[] { return io::make_blocking_io(); }}, MakeIo{[] { return io::make_stackless_io(); }},
                                         MakeIo{[] { return io::make_thread_pool_io(); }}));

/// Several Ios on threads of their own use one service; half of what they ask is cancelled at some time.
TEST(ServiceStress, ManyIosAtOnce) {
  Options options;
  options.max_concurrent = 3;
  options.queue_max = 1000;
  const auto backend = make_service(std::make_shared<SmallScheme>(), options).value();
  std::atomic<unsigned> good = 0;
  const auto client = [&](unsigned thread) {
    const auto io = io::make_stackless_io().value();
    auto body = [&](io::Scope& scope) -> io::Task<void> {
      std::vector<io::Future<Outcome<Proof>>> futures;
      for (unsigned i = 0; i < 12; ++i) {
        const auto number = static_cast<std::uint8_t>((thread + i) % 5);
        futures.push_back(scope.spawn(backend->prove(program(number), block(number), i % 3 == 0 ? fresh() : ZkConfig{})));
      }
      static_cast<void>(co_await io::sleep(*io, Duration::milliseconds(3)));
      for (unsigned i = 0; i < futures.size(); i += 2) futures[i].cancel();
      for (auto& future : futures) {
        const auto outcome = co_await future;
        if (outcome) ++good;
      }
    };
    auto main = [&]() -> io::Task<void> { co_await io::with_scope(*io, body); };
    io::run(*io, main());
  };
  std::vector<std::thread> threads;
  for (unsigned thread = 0; thread < 4; ++thread) threads.emplace_back(client, thread);
  for (auto& thread : threads) thread.join();
  EXPECT_GE(good, 24U);
  const ResourceUsage usage = backend->resource_usage();
  EXPECT_EQ(usage.active_tasks, 0U);
  EXPECT_EQ(usage.queue_depth, 0U);
  EXPECT_EQ(usage.memory_admitted, 0U);
}

}  // namespace
}  // namespace tablinum::proof
