#include "tablinum/io/cancel.h"

#include "models.h"
#include "tablinum/io/offload.h"
#include "tablinum/io/sync.h"

namespace tablinum::io::test {
namespace {

template <class Model>
class CancelCorpus : public Corpus<Model> {};
TYPED_TEST_SUITE(CancelCorpus, Models, ModelNames);

Task<Result<int>> sleeper(Io& io, Duration wait) {
  CO_CHECK_OK(co_await sleep(io, wait));
  co_return 1;
}

TYPED_TEST(CancelCorpus, TimeoutInterruptsASleep) {
  const Instant start = this->io.now();
  EXPECT_EQ(code_of(run(this->io, timeout(this->io, kShort, sleeper(this->io, kLong)))), Code::timeout);
  EXPECT_GE(this->io.now() - start, kShort);
}

TYPED_TEST(CancelCorpus, TimeoutLeavesAFastTaskAlone) {
  EXPECT_EQ(run(this->io, timeout(this->io, kLong, sleeper(this->io, kShort))).value(), 1);
}

TYPED_TEST(CancelCorpus, ATaskThatSucceedsInSpiteOfItWins) {
  auto stubborn = [](Io& io) -> Task<Result<int>> {
    const auto slept = co_await sleep(io, kLong);
    EXPECT_EQ(code_of(slept), Code::cancelled);
    co_return 3;
  };
  EXPECT_EQ(run(this->io, timeout(this->io, kShort, stubborn(this->io))).value(), 3);
}

TYPED_TEST(CancelCorpus, TheInnerDeadlineDoesNotDelayTheOuterOne) {
  auto task = [](Io& io) -> Task<Result<int>> {
    auto inner = co_await timeout(io, kLong, sleeper(io, kLong));
    EXPECT_EQ(code_of(inner), Code::cancelled);
    co_return inner;
  };
  EXPECT_EQ(code_of(run(this->io, timeout(this->io, kShort, task(this->io)))), Code::timeout);
}

TYPED_TEST(CancelCorpus, TheOuterTaskGoesOnAfterATimeout) {
  auto task = [](Io& io) -> Task<Result<int>> {
    static_cast<void>(co_await timeout(io, kShort, sleeper(io, kLong)));
    co_return co_await sleeper(io, kShort);
  };
  EXPECT_EQ(run(this->io, task(this->io)).value(), 1);
}

TYPED_TEST(CancelCorpus, CancellationIsLevelTriggered) {
  auto task = [](Io& io) -> Task<Result<void>> {
    Context& here = co_await this_context();
    here.cancel(Reason::user);
    here.cancel(Reason::shutdown);
    EXPECT_EQ(here.reason, Reason::user) << "the first reason stays";
    EXPECT_EQ(code_of(co_await sleep(io, Duration{})), Code::cancelled);
    EXPECT_EQ(code_of(co_await yield(io)), Code::cancelled);
    Event event{io};
    event.set();
    EXPECT_EQ(code_of(co_await event.wait()), Code::cancelled);
    int calls = 0;
    auto work = [&] { ++calls; };
    EXPECT_EQ(code_of(co_await offload(io, work)), Code::cancelled);
    EXPECT_EQ(calls, 0);
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(CancelCorpus, AnOperationsOwnLimitIsATimeout) {
  auto task = [](Io& io) -> Task<Result<void>> {
    Event event{io};
    EXPECT_EQ(code_of(co_await event.wait().until(io.now() + kShort)), Code::timeout);
    event.set();
    EXPECT_TRUE(co_await event.wait().until(io.now() + kLong));
    co_return co_await sleep(io, Duration{});  // the task itself was not cancelled
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(CancelCorpus, AShieldHoldsACancellationBack) {
  auto cleanup = [](Io& io) -> Task<Result<int>> { co_return co_await sleeper(io, kShort); };
  auto task = [&](Io& io) -> Task<Result<int>> {
    auto interrupted = co_await sleeper(io, kLong);
    EXPECT_EQ(code_of(interrupted), Code::cancelled);
    auto cleaned = co_await shield(io, kLong, cleanup(io));
    EXPECT_TRUE(cleaned);
    EXPECT_EQ(code_of(co_await yield(io)), Code::cancelled) << "behind the shield it holds again";
    co_return cleaned;
  };
  EXPECT_EQ(run(this->io, timeout(this->io, kShort, task(this->io))).value(), 1);
}

TYPED_TEST(CancelCorpus, AShieldHoldsBackWhatComesLater) {
  auto task = [](Io& io) -> Task<Result<int>> { co_return co_await shield(io, kLong, sleeper(io, Duration::milliseconds(20))); };
  EXPECT_EQ(run(this->io, timeout(this->io, kShort, task(this->io))).value(), 1);
}

TYPED_TEST(CancelCorpus, AShieldEndsAtItsLimit) {
  auto task = [](Io& io) -> Task<Result<int>> { co_return co_await shield(io, Duration::milliseconds(20), sleeper(io, kLong)); };
  EXPECT_EQ(code_of(run(this->io, timeout(this->io, kShort, task(this->io)))), Code::timeout);
}

TYPED_TEST(CancelCorpus, AShieldIsCappedAtItsMaximum) {
  auto task = [](Io& io) -> Task<Result<void>> {
    Context& here = co_await this_context();
    const detail::ShieldNode node{io, here, kShieldMax + Duration::seconds(100)};
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(CancelCorpus, OnCancelRunsOnceAndNotAfterItsEnd) {
  auto task = [](Io&) -> Task<Result<void>> {
    Context& here = co_await this_context();
    int early = 0;
    int calls = 0;
    int late = 0;
    auto count = [](void* counter) noexcept { ++*static_cast<int*>(counter); };
    { const OnCancel gone{here, count, &early}; }
    const OnCancel guard{here, count, &calls};
    here.cancel(Reason::user);
    here.cancel(Reason::user);
    const OnCancel after{here, count, &late};
    EXPECT_EQ(early, 0);
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(late, 1) << "at once, since it is cancelled already";
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(CancelCorpus, StopEndsTheRootAfterItsGrace) {
  auto task = [](Io& io) -> Task<Result<void>> {
    io.stop(kShort);
    CO_CHECK_OK(co_await until_stopping(io));
    EXPECT_TRUE(io.stopping());
    co_return co_await sleep(io, kLong);
  };
  EXPECT_EQ(code_of(run(this->io, task(this->io))), Code::cancelled);
}

TYPED_TEST(CancelCorpus, AStopBeforeRunTakesEffectThere) {
  this->io.stop(Duration{});
  EXPECT_EQ(code_of(run(this->io, sleeper(this->io, kLong))), Code::cancelled);
}

TYPED_TEST(CancelCorpus, ASecondStopShortensTheGrace) {
  auto task = [](Io& io) -> Task<Result<int>> {
    io.stop(kLong);
    CO_CHECK_OK(co_await until_stopping(io));
    io.stop(Duration{});
    co_return co_await sleeper(io, kLong);
  };
  EXPECT_EQ(code_of(run(this->io, task(this->io))), Code::cancelled);
}

// §14.2 on the real models: a scenario of several waits is cut off at a drawn time; it must end, say so, and leave nothing.
TYPED_TEST(CancelCorpus, CutOffAtAnyTimeAScenarioEndsCleanly) {
  auto scenario = [](Io& io) -> Task<Result<int>> {
    Semaphore permits{io, 1};
    auto child = [&]() -> Task<Result<int>> {
      CO_CHECK_OK(co_await permits.acquire());
      const auto slept = co_await sleep(io, Duration::microseconds(200));
      permits.release();
      if (!slept) co_return std::unexpected(slept.error());
      co_return 1;
    };
    auto body = [&](Scope& scope) -> Task<Result<int>> {
      auto first = scope.spawn(child());
      auto second = scope.spawn(child());
      CO_TRY(a, co_await first);
      CO_TRY(b, co_await second);
      co_return a + b;
    };
    auto sum = co_await with_scope(io, body);
    EXPECT_EQ(permits.available(), 1U);
    co_return sum;
  };
  int finished = 0;
  for (int i = 0; i < 100; ++i) {
    const auto result = run(this->io, timeout(this->io, Duration::microseconds(10 * i), scenario(this->io)));
    if (result) ++finished;
    ASSERT_EQ(code_of(result), result ? Code{} : Code::timeout);
    ASSERT_EQ(this->io.stats().tasks_live, 0U);
  }
  EXPECT_LT(finished, 100);
}

}  // namespace
}  // namespace tablinum::io::test
