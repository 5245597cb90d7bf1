#pragma once
/// A service around a small statement that is proved for real, with failures injected at every stage: what its tests share.
#include <gtest/gtest.h>

#include "small_statement.h"
#include "tablinum/io/cancel.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"

namespace tablinum::proof::service_fixture {

using test::InjectedScheme;
using test::SmallScheme;
using test::Stage;
using Kind = InjectedScheme::Kind;
using Proofs = std::vector<Outcome<Proof>>;

inline Bytes block(std::uint8_t number) { return SmallScheme::block(number); }
inline Bytes program(std::uint8_t number, std::uint8_t type = 0xA1) { return SmallScheme::program_of(block(number), type); }

inline ZkConfig fresh() {
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

}  // namespace tablinum::proof::service_fixture
