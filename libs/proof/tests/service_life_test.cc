// The service's figures, health and life, on every Io.
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <thread>

#include "service/statistics.h"
#include "service_fixture.h"

namespace tablinum::proof {
namespace {

using namespace service_fixture;

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
  // By the clock of the process: how much of the machine it gets is not this test's business.
  for (const std::clock_t begin = std::clock(); std::clock() - begin < CLOCKS_PER_SEC / 20;) {
  }
  const ResourceUsage usage = backend_->resource_usage();
  EXPECT_GT(usage.cpu_usage, 0);
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
