#include <stdexcept>
#include <thread>

#include "models.h"
#include "tablinum/io/sync.h"

namespace tablinum::io::test {
namespace {

template <class Model>
class ScopeCorpus : public Corpus<Model> {};
TYPED_TEST_SUITE(ScopeCorpus, Models, ModelNames);

Task<Result<int>> after(Io& io, Duration wait, int value) {
  CO_CHECK_OK(co_await sleep(io, wait));
  co_return value;
}

Task<Result<int>> failing(Io& io, Duration wait, Code code) {
  CO_CHECK_OK(co_await sleep(io, wait));
  co_return fail(code, "planted");
}

TYPED_TEST(ScopeCorpus, ChildrenRunAndYieldTheirValues) {
  auto body = [&](Scope& scope) -> Task<Result<int>> {
    auto left = scope.spawn(after(this->io, kShort, 1));
    auto right = scope.spawn(after(this->io, Duration{}, 2));
    CO_TRY(a, co_await left);
    CO_TRY(b, co_await right);
    co_return a + b;
  };
  EXPECT_EQ(run(this->io, with_scope(this->io, body)).value(), 3);
}

TYPED_TEST(ScopeCorpus, EndsOnlyWhenAllChildrenEnded) {
  int ended = 0;
  auto child = [&](int i) -> Task<void> {
    static_cast<void>(co_await sleep(this->io, Duration::milliseconds(i % 3)));
    const Guard guard{this->io};
    ++ended;
  };
  auto body = [&](Scope& scope) -> Task<void> {
    for (int i = 0; i < 20; ++i) scope.spawn(child(i)).keep();
    co_return;
  };
  run(this->io, with_scope(this->io, body));
  EXPECT_EQ(ended, 20);
}

TYPED_TEST(ScopeCorpus, TheFirstFailureCancelsTheRestAndIsReturned) {
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    scope.spawn(failing(this->io, kShort, Code::corrupt)).keep();
    CO_TRY(slept, co_await after(this->io, this->concurrent() ? kLong : kShort, 1));
    EXPECT_EQ(slept, 1);
    co_return {};
  };
  EXPECT_EQ(code_of(run(this->io, with_scope(this->io, body))), Code::corrupt);
}

TYPED_TEST(ScopeCorpus, CollectLetsTheRestFinishAndReturnsTheFailure) {
  bool finished = false;
  auto slow = [&]() -> Task<Result<void>> {
    CO_CHECK_OK(co_await sleep(this->io, kShort));
    finished = true;
    co_return {};
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    scope.spawn(failing(this->io, Duration{}, Code::corrupt)).keep();
    scope.spawn(slow()).keep();
    co_return {};
  };
  EXPECT_EQ(code_of(run(this->io, with_scope(this->io, body, ScopePolicy::collect))), Code::corrupt);
  EXPECT_TRUE(finished);
}

TYPED_TEST(ScopeCorpus, SuperviseIgnoresFailures) {
  auto body = [&](Scope& scope) -> Task<Result<int>> {
    scope.spawn(failing(this->io, Duration{}, Code::corrupt)).keep();
    co_return 5;
  };
  EXPECT_EQ(run(this->io, with_scope(this->io, body, ScopePolicy::supervise)).value(), 5);
}

TYPED_TEST(ScopeCorpus, ABodyThatFailsCancelsItsChildren) {
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    if (this->concurrent()) scope.spawn(after(this->io, kLong, 1)).keep();
    co_return fail(Code::conflict);
  };
  EXPECT_EQ(code_of(run(this->io, with_scope(this->io, body))), Code::conflict);
}

TYPED_TEST(ScopeCorpus, AChildsExceptionLeavesTheScope) {
  auto child = [&]() -> Task<void> {
    throw std::runtime_error{"planted"};
    co_return;
  };
  auto body = [&](Scope& scope) -> Task<void> {
    scope.spawn(child()).keep();
    co_return;
  };
  EXPECT_THROW(run(this->io, with_scope(this->io, body)), std::runtime_error);
}

TYPED_TEST(ScopeCorpus, ABodysExceptionLeavesTheScopeAfterTheJoin) {
  bool ended = false;
  auto child = [&]() -> Task<void> {
    static_cast<void>(co_await sleep(this->io, this->concurrent() ? kLong : kShort));
    ended = true;
  };
  auto body = [&](Scope& scope) -> Task<void> {
    scope.spawn(child()).keep();
    throw std::runtime_error{"planted"};
  };
  EXPECT_THROW(run(this->io, with_scope(this->io, body)), std::runtime_error);
  EXPECT_TRUE(ended);
}

TYPED_TEST(ScopeCorpus, DroppingAFutureCancelsItsTaskOnly) {
  auto body = [&](Scope& scope) -> Task<Result<int>> {
    if (this->concurrent()) {
      auto dropped = scope.spawn(after(this->io, kLong, 1));
    }
    auto kept = scope.spawn(after(this->io, kShort, 2));
    CO_TRY(value, co_await kept);
    co_return value;
  };
  EXPECT_EQ(run(this->io, with_scope(this->io, body)).value(), 2);
}

TYPED_TEST(ScopeCorpus, FutureStates) {
  auto body = [&](Scope& scope) -> Task<void> {
    auto good = scope.spawn(after(this->io, Duration{}, 1));
    auto bad = scope.spawn(failing(this->io, Duration{}, Code::corrupt));
    auto late = scope.spawn(failing(this->io, Duration{}, Code::timeout));
    auto stopped = scope.spawn(failing(this->io, Duration{}, Code::cancelled));
    static_cast<void>(co_await good);
    static_cast<void>(co_await bad);
    static_cast<void>(co_await late);
    static_cast<void>(co_await stopped);
    EXPECT_EQ(good.state(), TaskState::completed);
    EXPECT_EQ(bad.state(), TaskState::error);
    EXPECT_EQ(late.state(), TaskState::timeout);
    EXPECT_EQ(stopped.state(), TaskState::cancelled);
    EXPECT_TRUE(good.ready());
    good.cancel();  // harmless after completion
    EXPECT_EQ(good.state(), TaskState::completed);
  };
  run(this->io, with_scope(this->io, body, ScopePolicy::supervise));
}

TYPED_TEST(ScopeCorpus, AFutureMayOutliveItsScope) {
  std::optional<Future<Result<int>>> outliving;
  auto body = [&](Scope& scope) -> Task<void> {
    outliving.emplace(scope.spawn(after(this->io, Duration{}, 9)));
    co_return;
  };
  auto task = [&]() -> Task<Result<int>> {
    co_await with_scope(this->io, body);
    EXPECT_TRUE(outliving->ready());
    co_return co_await *outliving;
  };
  EXPECT_EQ(run(this->io, task()).value(), 9);
}

TYPED_TEST(ScopeCorpus, SpawnConcurrentRunsAtTheSameTimeOrSaysThatItCannot) {
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    Event first{this->io};
    Event second{this->io};
    auto other = [&]() -> Task<Result<void>> {
      first.set();
      co_return co_await second.wait();
    };
    auto spawned = scope.spawn_concurrent(other());
    if (!spawned) co_return std::unexpected(spawned.error());
    CO_CHECK_OK(co_await first.wait());
    second.set();
    co_return co_await *spawned;
  };
  EXPECT_EQ(code_of(run(this->io, with_scope(this->io, body))), this->concurrent() ? Code{} : Code::unavailable);
}

TYPED_TEST(ScopeCorpus, AParametersLifetimeEndsWithItsTask) {
  auto shared = std::make_shared<int>(1);
  auto child = [](std::shared_ptr<int> value) -> Task<int> { co_return *value; };
  auto body = [&](Scope& scope) -> Task<void> {
    auto future = scope.spawn(child(shared));
    EXPECT_EQ(co_await future, 1);
    EXPECT_EQ(shared.use_count(), 1);
  };
  run(this->io, with_scope(this->io, body));
}

TYPED_TEST(ScopeCorpus, NestedScopesAreCancelledAsATree) {
  if (!this->concurrent()) {
    EXPECT_FALSE(this->io.capabilities().concurrency);
    return;
  }
  int cancelled = 0;
  auto leaf = [&]() -> Task<Result<void>> {
    const auto slept = co_await sleep(this->io, kLong);
    const Guard guard{this->io};
    cancelled += code_of(slept) == Code::cancelled ? 1 : 0;
    co_return {};
  };
  auto middle = [&]() -> Task<Result<void>> {
    auto inner = [&](Scope& scope) -> Task<Result<void>> {
      for (int i = 0; i < 3; ++i) scope.spawn(leaf()).keep();
      co_return {};
    };
    co_return co_await with_scope(this->io, inner);
  };
  auto outer = [&](Scope& scope) -> Task<Result<void>> {
    for (int i = 0; i < 3; ++i) scope.spawn(middle()).keep();
    static_cast<void>(co_await sleep(this->io, kShort));
    scope.cancel();
    co_return {};
  };
  EXPECT_TRUE(run(this->io, with_scope(this->io, outer)));
  EXPECT_EQ(cancelled, 9);
}

TYPED_TEST(ScopeCorpus, AllReturnsATuple) {
  auto nothing = [](Io& io) -> Task<Result<void>> { co_return co_await yield(io); };
  const auto values = run(this->io, all(this->io, after(this->io, kShort, 1), after(this->io, Duration{}, 2), nothing(this->io)));
  ASSERT_TRUE(values);
  EXPECT_EQ(std::get<0>(*values), 1);
  EXPECT_EQ(std::get<1>(*values), 2);
}

TYPED_TEST(ScopeCorpus, AllReturnsTheFirstErrorAndCancelsTheRest) {
  const auto values = run(this->io, all(this->io, after(this->io, this->concurrent() ? kLong : kShort, 1),
                                        failing(this->io, kShort, Code::denied)));
  EXPECT_EQ(code_of(values), Code::denied);
}

TYPED_TEST(ScopeCorpus, RaceReturnsTheFirstToEnd) {
  const Duration loser = this->concurrent() ? kLong : kShort;
  const auto raced = run(this->io, race(this->io, after(this->io, kShort, 1), after(this->io, loser, 2)));
  ASSERT_EQ(raced.value.index(), 0U);
  EXPECT_EQ(std::get<0>(raced.value).value(), 1);
}

TYPED_TEST(ScopeCorpus, RaceCountsAnErrorAsTheEnd) {
  const Duration loser = this->concurrent() ? kLong : kShort;
  const auto raced = run(this->io, race(this->io, failing(this->io, Duration{}, Code::io), after(this->io, loser, 2)));
  ASSERT_EQ(raced.value.index(), 0U);
  EXPECT_EQ(code_of(std::get<0>(raced.value)), Code::io);
}

TEST(StacklessScope, RaceCanBeWonByTheLastTask) {
  auto io = make_stackless_io().value();
  const auto raced = run(*io, race(*io, after(*io, kLong, 1), after(*io, kLong, 2), after(*io, kShort, 3)));
  ASSERT_EQ(raced.value.index(), 2U);
}

TEST(StacklessScope, AHundredThousandTasks) {
  auto io = make_stackless_io().value();
  std::int64_t sum = 0;
  auto child = [&](int value) -> Task<void> {
    static_cast<void>(co_await sleep(*io, Duration::microseconds(value % 1'000)));
    sum += value;
  };
  auto body = [&](Scope& scope) -> Task<void> {
    for (int i = 0; i < 100'000; ++i) scope.spawn(child(i)).keep();
    co_return;
  };
  run(*io, with_scope(*io, body));
  EXPECT_EQ(sum, 100'000LL * 99'999 / 2);
  EXPECT_EQ(io->stats().tasks_live, 0U);
}

TEST(StacklessScope, UrgentTasksRunFirst) {
  auto io = make_stackless_io().value();
  std::string order;
  auto child = [&](char name) -> Task<void> {
    order += name;
    co_return;
  };
  auto body = [&](Scope& scope) -> Task<void> {
    scope.spawn(child('a')).keep();
    scope.spawn(child('b')).keep();
    scope.spawn(child('U'), SpawnOptions{"urgent", Priority::urgent}).keep();
    static_cast<void>(co_await sleep(*io, kShort));
  };
  run(*io, with_scope(*io, body));
  EXPECT_EQ(order.size(), 3U);
}

// With two running threads and eight tasks that wait for one another, the pool must grow beyond the two.
TEST(ThreadPoolScope, WaitingTasksDoNotStarveTheOthers) {
  ThreadPoolOptions options;
  options.threads = 2;
  auto io = make_thread_pool_io(options).value();
  constexpr int kTasks = 8;
  std::array<std::optional<Event>, kTasks + 1> events;
  for (auto& event : events) event.emplace(*io);
  auto child = [&](Size i) -> Task<Result<void>> {
    CO_CHECK_OK(co_await events[i + 1]->wait());
    events[i]->set();
    co_return {};
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    for (Size i = 0; i < kTasks; ++i) scope.spawn(child(i)).keep();
    events[kTasks]->set();
    co_return co_await events[0]->wait();
  };
  EXPECT_TRUE(run(*io, with_scope(*io, body)));
}

TEST(ThreadPoolScope, SaysUnavailableWhenNoThreadIsLeftAndRunsInlineWhenTheQueueIsFull) {
  ThreadPoolOptions options;
  options.threads = options.threads_max = 1;
  options.queue_max = 1;
  auto io = make_thread_pool_io(options).value();
  std::vector<int> order;
  auto child = [&](int i) -> Task<void> {
    order.push_back(i);
    co_return;
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    auto must = scope.spawn_concurrent(child(0));
    if (must) co_return fail(Code::internal, "there is no second thread");
    EXPECT_EQ(must.error().code, Code::unavailable);
    scope.spawn(child(1)).keep();  // queued
    scope.spawn(child(2)).keep();  // the queue is full
    EXPECT_EQ(order, std::vector<int>{2});
    co_return {};
  };
  EXPECT_TRUE(run(*io, with_scope(*io, body)));
  EXPECT_EQ(order, (std::vector<int>{2, 1}));
}

TEST(ThreadPoolScope, AnAwaiterRunsAQueuedChildItself) {
  ThreadPoolOptions options;
  options.threads = options.threads_max = 1;
  auto io = make_thread_pool_io(options).value();
  std::thread::id child_thread;
  auto child = [&]() -> Task<int> {
    child_thread = std::this_thread::get_id();
    co_return 4;
  };
  auto body = [&](Scope& scope) -> Task<Result<int>> {
    auto future = scope.spawn(child());
    const int value = co_await future;
    EXPECT_EQ(child_thread, std::this_thread::get_id());
    co_return value;
  };
  EXPECT_EQ(run(*io, with_scope(*io, body)).value(), 4);
}

}  // namespace
}  // namespace tablinum::io::test
