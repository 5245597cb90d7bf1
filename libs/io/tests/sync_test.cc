#include "tablinum/io/sync.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "models.h"

namespace tablinum::io::test {
namespace {

template <class Model>
class SyncCorpus : public Corpus<Model> {};
TYPED_TEST_SUITE(SyncCorpus, Models, ModelNames);

TYPED_TEST(SyncCorpus, AManualEventStaysSet) {
  auto task = [](Io& io) -> Task<Result<void>> {
    Event event{io};
    EXPECT_FALSE(event.is_set());
    event.set();
    CO_CHECK_OK(co_await event.wait());
    CO_CHECK_OK(co_await event.wait());
    event.reset();
    EXPECT_FALSE(event.is_set());
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(SyncCorpus, AnAutomaticEventServesOne) {
  auto task = [](Io& io) -> Task<Result<void>> {
    Event event{io, Event::Reset::automatic};
    event.set();
    CO_CHECK_OK(co_await event.wait());
    EXPECT_FALSE(event.is_set());
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(SyncCorpus, AWaitThatNothingCanEndIsNotEntered) {
  // Where others run too, somebody might end it: there the limit does.
  const bool concurrent = this->concurrent();
  auto task = [&](Io& io) -> Task<Result<void>> {
    Event event{io};
    co_return co_await event.wait().until(concurrent ? io.now() + kShort : Instant::never());
  };
  EXPECT_EQ(code_of(run(this->io, task(this->io))), concurrent ? Code::timeout : Code::would_deadlock);
}

TYPED_TEST(SyncCorpus, AMutexExcludes) {
  Mutex mutex{this->io};
  int inside = 0;
  int entered = 0;
  auto child = [&]() -> Task<Result<void>> {
    CO_TRY(lock, co_await mutex.lock());
    EXPECT_EQ(++inside, 1);
    ++entered;
    CO_CHECK_OK(co_await sleep(this->io, Duration::microseconds(100)));
    --inside;
    const auto held = std::move(lock);
    co_return {};
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    for (int i = 0; i < 10; ++i) scope.spawn(child()).keep();
    co_return {};
  };
  EXPECT_TRUE(run(this->io, with_scope(this->io, body)));
  EXPECT_EQ(entered, 10);
}

TYPED_TEST(SyncCorpus, ASemaphoreAdmitsItsNumber) {
  Semaphore permits{this->io, 3};
  int inside = 0;
  int most = 0;
  auto child = [&]() -> Task<Result<void>> {
    CO_CHECK_OK(co_await permits.acquire());
    {
      const Guard guard{this->io};
      most = std::max(most, ++inside);
    }
    CO_CHECK_OK(co_await sleep(this->io, Duration::microseconds(300)));
    {
      const Guard guard{this->io};
      --inside;
    }
    permits.release();
    co_return {};
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    for (int i = 0; i < 12; ++i) scope.spawn(child()).keep();
    co_return {};
  };
  EXPECT_TRUE(run(this->io, with_scope(this->io, body)));
  EXPECT_LE(most, 3);
  EXPECT_EQ(permits.available(), 3U);
}

TEST(StacklessSync, WaitersAreServedInOrderEvenAroundACancelledOne) {
  auto owner = make_stackless_io().value();
  Io& io = *owner;
  std::string order;
  Semaphore permits{io, 0};
  auto child = [&](char name) -> Task<Result<void>> {
    CO_CHECK_OK(co_await permits.acquire());
    order += name;
    co_return {};
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    auto a = scope.spawn(child('a'));
    auto b = scope.spawn(child('b'));
    auto c = scope.spawn(child('c'));
    CO_CHECK_OK(co_await yield(io));
    EXPECT_FALSE(permits.try_acquire());
    b.cancel();
    permits.release();
    permits.release();
    EXPECT_FALSE(permits.try_acquire()) << "nobody overtakes";
    CO_CHECK_OK(co_await a);
    CO_CHECK_OK(co_await c);
    EXPECT_EQ(code_of(co_await b), Code::cancelled);
    co_return {};
  };
  EXPECT_TRUE(run(io, with_scope(io, body)));
  EXPECT_EQ(order, "ac");
}

TEST(StacklessSync, APermitThatWasGrantedIsKeptInSpiteOfACancellation) {
  auto owner = make_stackless_io().value();
  Io& io = *owner;
  Semaphore permits{io, 0};
  auto child = [&]() -> Task<Result<void>> { co_return co_await permits.acquire(); };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    auto waiting = scope.spawn(child());
    CO_CHECK_OK(co_await yield(io));
    permits.release();
    waiting.cancel();
    co_return co_await waiting;
  };
  EXPECT_TRUE(run(io, with_scope(io, body)));
  EXPECT_EQ(permits.available(), 0U);
}

// Permits are conserved whatever is acquired, released and cancelled in whatever order.
RC_GTEST_PROP(SyncProperty, SemaphoreConservesPermits, (const std::vector<std::uint8_t>& script)) {
  auto owner = make_stackless_io().value();
  Io& io = *owner;
  Semaphore permits{io, 2};
  Size held = 0;
  auto child = [&]() -> Task<Result<void>> {
    CO_CHECK_OK(co_await permits.acquire());
    ++held;
    co_return {};
  };
  Size released = 0;
  auto body = [&](Scope& scope) -> Task<void> {
    std::vector<Future<Result<void>>> futures;
    for (const std::uint8_t step : script) {
      if (step % 3 == 0) futures.push_back(scope.spawn(child()));
      if (step % 3 == 1) {
        permits.release();
        ++released;
      }
      if (step % 3 == 2 && !futures.empty()) futures[step % futures.size()].cancel();
      static_cast<void>(co_await yield(io));
    }
    scope.cancel();
  };
  run(io, with_scope(io, body, ScopePolicy::supervise));
  RC_ASSERT(permits.available() + held == 2 + released);
}

}  // namespace
}  // namespace tablinum::io::test
