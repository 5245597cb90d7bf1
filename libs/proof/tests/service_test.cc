// The service around a scheme: what it answers, limits, options, queue, time-outs, failures at every stage.
#include <gtest/gtest.h>

#include <algorithm>

#include "service_fixture.h"

namespace tablinum::proof {
namespace {

using namespace service_fixture;

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
        RefusedCase{"endless_time", Fault::config,
                    [](auto& b, auto& io) { return call_with(b, io, [](ZkConfig& c) { c.proving_timeout = Duration{INT64_MAX}; }); }},
        RefusedCase{"endless_verification_time", Fault::config,
                    [](auto& b, auto& io) { return call_with(b, io, [](ZkConfig& c) { c.verification_timeout = kTimeoutMax + Duration{1}; }); }},
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
  EXPECT_EQ(fault_of([](Options& o) { o.cache = {0, 0, 0, 0, Duration::seconds(1), true, {}, 0}; }), Fault{});
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
  EXPECT_EQ(outcome.error().detail, "the time limit passed while it ran");
  expect_idle();
  scheme_->open();
  EXPECT_TRUE(prove(1).has_value());
}

TEST_F(ServiceTest, WaitingCountsForTheTimeOut) {
  Options options;
  options.max_concurrent = 1;
  make(options);
  scheme_->close(Stage::prove);
  ZkConfig config = fresh();
  config.proving_timeout = Duration::milliseconds(20);
  auto body = [&](io::Scope& scope) -> io::Task<void> {
    auto holds_the_slot = scope.spawn(backend_->prove(program(1), block(1), fresh()));
    static_cast<void>(co_await io::sleep(*io_, Duration::milliseconds(1)));
    scheme_->until_waiting(1);
    auto second = scope.spawn(backend_->prove(program(2), block(2), config));
    auto third = scope.spawn(backend_->prove(program(3), block(3), config));
    const auto of_second = co_await second;
    const auto of_third = co_await third;
    EXPECT_EQ(of_second.error().fault, Fault::timeout);
    EXPECT_EQ(of_third.error().fault, Fault::timeout);
    scheme_->open();
    const auto of_first = co_await holds_the_slot;
    EXPECT_TRUE(of_first.has_value());
  };
  auto main = [&]() -> io::Task<void> { co_await io::with_scope(*io_, body); };
  io::run(*io_, main());
  EXPECT_EQ(scheme_->calls(Stage::prove), 1U);
  EXPECT_EQ(backend_->stats().total_failures, 2U);
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

}  // namespace
}  // namespace tablinum::proof
