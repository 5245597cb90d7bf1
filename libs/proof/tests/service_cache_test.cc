// The service's caches of proofs and circuits, single flight, batches.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "service_fixture.h"

namespace tablinum::proof {
namespace {

using namespace service_fixture;

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

// Nothing of the rest is submitted any more.
TEST_F(BatchTest, CancelledWithItsTask) {
  Options options;
  options.max_concurrent = 1;
  options.queue_max = 1;
  make(options);
  std::vector<Bytes> programs;
  std::vector<Bytes> inputs;
  std::vector<ProveJob> jobs;
  for (std::uint8_t i = 0; i < 30; ++i) {
    programs.push_back(program(i));
    inputs.push_back(block(i));
  }
  for (std::size_t i = 0; i < 30; ++i) jobs.push_back({programs[i], inputs[i]});
  scheme_->close(Stage::prove);
  Proofs outcomes;
  auto body = [&](io::Scope& scope) -> io::Task<void> {
    auto all = scope.spawn(backend_->batch_prove(jobs, BatchMode::each, {}));
    static_cast<void>(co_await io::sleep(*io_, Duration::milliseconds(1)));
    scheme_->until_waiting(1);
    all.cancel();
    outcomes = co_await all;
  };
  auto main = [&]() -> io::Task<void> { co_await io::with_scope(*io_, body); };
  io::run(*io_, main());
  ASSERT_EQ(outcomes.size(), 30U);
  for (const auto& outcome : outcomes) EXPECT_EQ(outcome.error().fault, Fault::cancelled);
  EXPECT_LE(scheme_->calls(Stage::plan_proof), 2U) << "the slot's and the queue's";
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

}  // namespace
}  // namespace tablinum::proof
