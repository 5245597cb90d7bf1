// How far a request is, as the caller's function hears it.
#include <gtest/gtest.h>

#include <array>
#include <mutex>

#include "service/progress.h"
#include "service_fixture.h"
#include "tablinum/proof/registry.h"

namespace tablinum::proof {
namespace {

using Heard = std::vector<std::pair<std::string, double>>;

TEST(Progress, OnlyGrowsAndInSteps) {
  Heard heard;
  const ProgressFunction to = [&](const Progress& p) { heard.emplace_back(p.stage, p.share); };
  ProgressReporter reporter{to, "prove"};
  for (const double share : {0.005, 0.5, 0.505, 0.2, 0.511, 0.995, 1.0, 1.0, 2.0}) reporter.reached(share);
  const Heard want{{"prove", 0}, {"prove", 0.5}, {"prove", 0.511}, {"prove", 0.995}, {"prove", 1}};
  EXPECT_EQ(heard, want);
}

TEST(Progress, OneCallAtATime) {
  std::atomic<int> inside = 0;
  std::atomic<bool> overlapped = false;
  double last = -1;  // not atomic: the thread sanitizer sees where two calls overlap
  const ProgressFunction to = [&](const Progress& p) {
    if (++inside != 1 || p.share <= last) overlapped = true;
    last = p.share;
    --inside;
  };
  ProgressReporter reporter{to, "prove"};
  const auto pool = make_thread_pool(4);
  pool->for_each(1000, [&](std::size_t i) { reporter.reached(static_cast<double>(i) / 1000); });
  reporter.reached(1);
  EXPECT_FALSE(overlapped);
  EXPECT_EQ(last, 1);
}

/// What the stages must look like: from 0 to 1, growing.
void expect_stage(const Heard& heard, const std::string& stage, std::size_t calls_min) {
  std::vector<double> shares;
  for (const auto& [name, share] : heard)
    if (name == stage) shares.push_back(share);
  ASSERT_GE(shares.size(), calls_min) << stage;
  EXPECT_EQ(shares.front(), 0) << stage;
  EXPECT_EQ(shares.back(), 1) << stage;
  EXPECT_TRUE(std::ranges::is_sorted(shares, std::ranges::less_equal{}) || shares.size() == 1) << stage;
}

class ProgressOf : public testing::TestWithParam<const char*> {};
TEST_P(ProgressOf, AProofAndAVerification) {
  const auto io = io::make_stackless_io().value();
  Options options;
  options.threads = 2;
  Registry registry{options};
  const auto backend = registry.backend(GetParam()).value();
  const ByteView message = bytes_of("Grandmother was born in Trieste.");
  Bytes program{std::byte{1}};
  append(program, sha256(message).view());
  Heard heard;
  ZkConfig config;
  config.progress = [&](const Progress& p) { heard.emplace_back(p.stage, p.share); };

  const auto proof = io::run(*io, backend->prove(program, message, config)).value();
  EXPECT_EQ(heard.front().first, "circuit");
  EXPECT_EQ(heard.back(), (std::pair<std::string, double>{"prove", 1}));
  expect_stage(heard, "circuit", 2);
  expect_stage(heard, "prove", 8);

  heard.clear();  // kept, but nobody has verified it yet
  ASSERT_TRUE(io::run(*io, backend->prove(program, message, config)).value().metadata.cached);
  EXPECT_TRUE(heard.empty());

  ASSERT_TRUE(io::run(*io, backend->verify(program, proof.bytes, config)).value());
  EXPECT_EQ(heard.front().first, "verify");
  expect_stage(heard, "verify", 3);
}
INSTANTIATE_TEST_SUITE_P(Backends, ProgressOf, testing::Values("lf", "vole"), [](const auto& row) { return std::string{row.param}; });

// The token is heard where the prover looks next, whatever the caller's task does: no race with the proof's end.
TEST_P(ProgressOf, AStopHalfWayEndsTheProof) {
  const auto io = io::make_stackless_io().value();
  Registry registry;
  const auto backend = registry.backend(GetParam()).value();
  const Bytes message(503, std::byte{'a'});
  Bytes program{std::byte{1}};
  append(program, sha256(message).view());
  std::stop_source source;
  double reached = 0;
  ZkConfig config;
  config.stop = source.get_token();
  config.progress = [&](const Progress& p) {
    if (p.stage != "prove") return;
    reached = p.share;
    if (p.share >= 0.3) source.request_stop();
  };
  EXPECT_EQ(io::run(*io, backend->prove(program, message, config)).error().fault, Fault::cancelled);
  EXPECT_GE(reached, 0.3);
  EXPECT_LT(reached, 1);
  EXPECT_EQ(backend->resource_usage().memory_admitted, 0U);
  EXPECT_EQ(backend->stats().total_proofs, 0U);

  config.progress = {};  // and one that is stopped already does not begin
  EXPECT_EQ(io::run(*io, backend->prove(program, message, config)).error().fault, Fault::cancelled);
  const ProveJob job{program, message};
  for (const auto& outcome : io::run(*io, backend->batch_prove(std::vector{job, job, job}, BatchMode::each, config)))
    EXPECT_EQ(outcome.error().fault, Fault::cancelled);
  config.stop = {};
  EXPECT_TRUE(io::run(*io, backend->prove(program, message, config)).has_value());
}

class ProgressOfRequests : public service_fixture::ServiceTest {};
TEST_F(ProgressOfRequests, AFailureDoesNotReachTheEnd) {
  Heard heard;
  ZkConfig config = service_fixture::fresh();
  config.progress = [&](const Progress& p) { heard.emplace_back(p.stage, p.share); };
  scheme_->inject(test::Stage::prove, service_fixture::Kind::failure);
  EXPECT_FALSE(prove(1, config).has_value());
  ASSERT_FALSE(heard.empty());
  EXPECT_EQ(heard.back(), (std::pair<std::string, double>{"prove", 0}));
}
TEST_F(ProgressOfRequests, OneThatIsRefusedHearsNothing) {
  Heard heard;
  ZkConfig config;
  config.progress = [&](const Progress& p) { heard.emplace_back(p.stage, p.share); };
  config.max_memory = 1;
  EXPECT_EQ(prove(1, config).error().fault, Fault::resource_limit);
  EXPECT_TRUE(heard.empty());
}

}  // namespace
}  // namespace tablinum::proof
