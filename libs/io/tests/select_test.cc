#include "tablinum/io/select.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <thread>

#include "models.h"

namespace tablinum::io::test {
namespace {

template <class Model>
class SelectCorpus : public Corpus<Model> {};
TYPED_TEST_SUITE(SelectCorpus, Models, ModelNames);

using Pointer = std::unique_ptr<int>;

TYPED_TEST(SelectCorpus, TakesWhatIsReadyAndNothingElse) {
  auto task = [](Io& io) -> Task<Result<void>> {
    LocalChannel<int> empty{io, 1};
    LocalChannel<int> full{io, 1};
    int one = 1;
    CO_CHECK_OK(full.try_send(one));
    std::optional<int> a;
    std::optional<int> b;
    CO_TRY(hit, co_await select(io, Instant::never(), on_receive(empty, a), on_receive(full, b)));
    EXPECT_EQ(hit.index, 1U);
    EXPECT_EQ(hit.code, Code{});
    EXPECT_EQ(b, 1);
    EXPECT_FALSE(a);
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(SelectCorpus, TakesAllThatAreReadyInTurn) {
  auto task = [](Io& io) -> Task<Result<void>> {
    LocalChannel<int> left{io, 100};
    LocalChannel<int> right{io, 100};
    for (int i = 0; i < 100; ++i) {
      CO_CHECK_OK(left.try_send(i));
      CO_CHECK_OK(right.try_send(i));
    }
    std::array<int, 2> hits{};
    for (int i = 0; i < 100; ++i) {
      std::optional<int> a;
      std::optional<int> b;
      CO_TRY(hit, co_await select(io, Instant::never(), on_receive(left, a), on_receive(right, b)));
      ++hits[hit.index];
      EXPECT_NE(a.has_value(), b.has_value());
    }
    EXPECT_EQ(hits[0], hits[1]) << "none starves";
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(SelectCorpus, ALosingSendKeepsItsValue) {
  auto task = [](Io& io) -> Task<Result<void>> {
    LocalChannel<Pointer> full{io, 0};
    Event event{io};
    event.set();
    auto value = std::make_unique<int>(1);
    CO_TRY(hit, co_await select(io, Instant::never(), on_send(full, value), on_event(event)));
    EXPECT_EQ(hit.index, 1U);
    EXPECT_EQ(*value, 1);
    EXPECT_EQ(code_of(full.try_receive()), Code::would_block) << "it waits no longer";
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(SelectCorpus, EndsAtItsLimit) {
  auto task = [](Io& io) -> Task<Result<void>> {
    LocalChannel<int> channel{io, 1};
    Semaphore none{io, 0};
    std::optional<int> slot;
    const auto hit = co_await select(io, io.now() + kShort, on_receive(channel, slot), on_permit(none));
    EXPECT_EQ(code_of(hit), Code::timeout);
    int value = 5;
    CO_CHECK_OK(channel.try_send(value));
    EXPECT_EQ(channel.size(), 1U) << "nobody took it";
    none.release();
    EXPECT_TRUE(none.try_acquire()) << "nobody took it";
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(SelectCorpus, AClosedChannelIsAnAnswer) {
  auto task = [](Io& io) -> Task<Result<void>> {
    LocalChannel<int> channel{io, 1};
    Event never{io};
    channel.close();
    std::optional<int> slot;
    CO_TRY(hit, co_await select(io, Instant::never(), on_event(never), on_receive(channel, slot)));
    EXPECT_EQ(hit.index, 1U);
    EXPECT_EQ(hit.code, Code::closed);
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(SelectCorpus, WhatNothingCanEndIsNotEntered) {
  if (this->concurrent()) return;  // there the limit ends it: EndsAtItsLimit
  auto task = [](Io& io) -> Task<Result<Selected>> {
    Event event{io};
    co_return co_await select(io, Instant::never(), on_event(event));
  };
  EXPECT_EQ(code_of(run(this->io, task(this->io))), Code::would_deadlock);
}

TYPED_TEST(SelectCorpus, BothEndsOfOneChannelDoNotMeetInOneSelect) {
  auto task = [](Io& io) -> Task<Result<void>> {
    LocalChannel<int> rendezvous{io, 0};
    std::optional<int> slot;
    int value = 1;
    const auto hit = co_await select(io, io.now() + kShort, on_receive(rendezvous, slot), on_send(rendezvous, value));
    EXPECT_EQ(code_of(hit), Code::timeout);
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(SelectCorpus, WaitsForTheFirstOfTasks) {
  if (!this->concurrent()) return;
  auto sleeper = [](Io& io, Duration length) -> Task<Result<int>> {
    CO_CHECK_OK(co_await sleep(io, length));
    co_return 7;
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    auto slow = scope.spawn(sleeper(this->io, kLong));
    auto fast = scope.spawn(sleeper(this->io, kShort));
    CO_TRY(hit, co_await select(this->io, Instant::never(), on_future(slow), on_future(fast)));
    EXPECT_EQ(hit.index, 1U);
    EXPECT_EQ((co_await fast).value(), 7);
    EXPECT_FALSE(slow.ready()) << "losing does not cancel it";
    slow.cancel();
    EXPECT_EQ(code_of(co_await slow), Code::cancelled);
    co_return {};
  };
  EXPECT_TRUE(run(this->io, with_scope(this->io, body)));
}

TYPED_TEST(SelectCorpus, IsCancelledLikeAnyWait) {
  if (!this->concurrent()) return;
  LocalChannel<int> channel{this->io, 1};
  Event event{this->io};
  auto waiting = [&]() -> Task<Result<Selected>> {
    std::optional<int> slot;
    co_return co_await select(this->io, Instant::never(), on_receive(channel, slot), on_event(event));
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    auto future = scope.spawn(waiting());
    static_cast<void>(co_await sleep(this->io, kShort));
    future.cancel();
    EXPECT_EQ(code_of(co_await future), Code::cancelled);
    int value = 1;
    CO_CHECK_OK(channel.try_send(value));
    EXPECT_EQ(channel.size(), 1U);
    co_return {};
  };
  EXPECT_TRUE(run(this->io, with_scope(this->io, body)));
}

// Senders on threads of their own, a select over several shared channels: every value arrives exactly once.
TYPED_TEST(SelectCorpus, LosesAndDoublesNothingBetweenThreads) {
  constexpr int kChannels = 3;
  constexpr int kEach = 2'000;
  std::array<Channel<int>, kChannels> channels{Channel<int>{0}, Channel<int>{1}, Channel<int>{8}};
  std::vector<std::thread> senders;
  for (int c = 0; c < kChannels; ++c) {
    senders.emplace_back([&, c] {
      auto io = make_blocking_io().value();
      auto send = [&]() -> Task<Result<void>> {
        for (int i = 1; i <= kEach; ++i) CO_CHECK_OK(co_await channels[static_cast<Size>(c)].send(*io, i));
        co_return {};
      };
      EXPECT_TRUE(run(*io, send()));
    });
  }
  std::array<std::int64_t, kChannels> sums{};
  auto receive = [&]() -> Task<Result<void>> {
    for (int i = 0; i < kChannels * kEach; ++i) {
      std::array<std::optional<int>, kChannels> slots;
      CO_TRY(hit, co_await select(this->io, this->io.now() + kLong, on_receive(channels[0], slots[0]), on_receive(channels[1], slots[1]),
                                  on_receive(channels[2], slots[2])));
      for (Size c = 0; c < kChannels; ++c) {
        EXPECT_EQ(slots[c].has_value(), c == hit.index);
        sums[c] += slots[c].value_or(0);
      }
    }
    co_return {};
  };
  EXPECT_TRUE(run(this->io, receive()));
  for (auto& sender : senders) sender.join();
  for (const auto sum : sums) EXPECT_EQ(sum, std::int64_t{kEach} * (kEach + 1) / 2);
}

// Several tasks select over the same two channels while others feed them: what goes in comes out, once.
TYPED_TEST(SelectCorpus, ManySelectsShareChannels) {
  if (!this->concurrent()) return;
  constexpr int kSelectors = 8;
  constexpr int kValues = 2'000;
  LocalChannel<int> left{this->io, 2};
  LocalChannel<int> right{this->io, 0};
  std::atomic<int> received = 0;
  auto select_until_closed = [&]() -> Task<Result<void>> {
    for (;;) {
      std::optional<int> a;
      std::optional<int> b;
      CO_TRY(hit, co_await select(this->io, Instant::never(), on_receive(left, a), on_receive(right, b)));
      if (hit.code == Code::closed) co_return {};
      EXPECT_NE(a.has_value(), b.has_value());
      ++received;
    }
  };
  auto feed = [&](LocalChannel<int>& channel) -> Task<Result<void>> {
    for (int i = 0; i < kValues; ++i) CO_CHECK_OK(co_await channel.send(i));
    co_return {};
  };
  auto feed_both = [&](Scope& scope) -> Task<Result<void>> {
    scope.spawn(feed(left)).keep();
    scope.spawn(feed(right)).keep();
    co_return {};
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    for (int i = 0; i < kSelectors; ++i) {
      auto started = scope.spawn_concurrent(select_until_closed());
      if (!started) co_return std::unexpected(started.error());
      std::move(*started).keep();
    }
    CO_CHECK_OK(co_await with_scope(this->io, feed_both));
    while (received < 2 * kValues) CO_CHECK_OK(co_await yield(this->io));
    left.close();
    right.close();
    co_return {};
  };
  EXPECT_TRUE(run(this->io, with_scope(this->io, body)));
  EXPECT_EQ(received, 2 * kValues);
}

TYPED_TEST(SelectCorpus, AOneshotCarriesOneValue) {
  auto task = [](Io& io) -> Task<Result<void>> {
    Oneshot<Pointer> oneshot;
    auto first = std::make_unique<int>(1);
    auto second = std::make_unique<int>(2);
    CO_CHECK_OK(oneshot.send(first));
    EXPECT_EQ(code_of(oneshot.send(second)), Code::closed);
    EXPECT_EQ(*second, 2);
    CO_TRY(got, co_await oneshot.receive(io));
    EXPECT_EQ(*got, 1);
    EXPECT_EQ(code_of(co_await oneshot.receive(io)), Code::closed);
    Oneshot<int> abandoned;
    abandoned.close();
    EXPECT_EQ(code_of(co_await abandoned.receive(io)), Code::closed);
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(SelectCorpus, AnUnboundedChannelNeverWaitsToSend) {
  auto task = [](Io& io) -> Task<Result<void>> {
    UnboundedChannel<int> channel;
    for (int i = 0; i < 5'000; ++i) CO_CHECK_OK(channel.send(i));
    channel.close();
    int late = 1;
    EXPECT_EQ(code_of(channel.send(late)), Code::closed);
    for (int i = 0; i < 5'000; ++i) {
      CO_TRY(got, co_await channel.receive(io));
      EXPECT_EQ(got, i);
    }
    EXPECT_EQ(code_of(co_await channel.receive(io)), Code::closed);
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TEST(UnboundedChannel, HasALimitAllTheSame) {
  UnboundedChannel<char> channel;
  char value = 'x';
  for (Size i = 0; i < kChannelItemsMax; ++i) ASSERT_TRUE(channel.send(value));
  EXPECT_EQ(code_of(channel.send(value)), Code::limit);
}

TYPED_TEST(SelectCorpus, AConditionLosesNoNotification) {
  if (!this->concurrent()) return;
  Io& io = this->io;
  Mutex mutex{io};
  Condition changed{io};
  int turn = 0;
  auto player = [&](int me) -> Task<Result<void>> {
    for (int i = 0; i < 200; ++i) {
      CO_TRY(lock, co_await mutex.lock());
      while (turn % 2 != me) CO_CHECK_OK(co_await changed.wait(mutex, lock));
      ++turn;
      changed.notify_all();
    }
    co_return {};
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    for (int me = 0; me < 2; ++me) scope.spawn(player(me)).keep();
    co_return {};
  };
  EXPECT_TRUE(run(io, with_scope(io, body)));
  EXPECT_EQ(turn, 400);
}

TYPED_TEST(SelectCorpus, ACancelledConditionHoldsTheLockAgain) {
  if (!this->concurrent()) return;
  Io& io = this->io;
  Mutex mutex{io};
  Condition never{io};
  auto waiter = [&]() -> Task<Result<void>> {
    CO_TRY(lock, co_await mutex.lock());
    const auto waited = co_await never.wait(mutex, lock);
    EXPECT_TRUE(static_cast<bool>(lock));
    co_return waited;
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    auto future = scope.spawn(waiter());
    static_cast<void>(co_await sleep(io, kShort));
    {
      const auto lock = co_await mutex.lock();
      EXPECT_TRUE(lock);
      future.cancel();
      static_cast<void>(co_await sleep(io, kShort));
      EXPECT_FALSE(future.ready()) << "it must have the lock back first";
    }
    EXPECT_EQ(code_of(co_await future), Code::cancelled);
    co_return {};
  };
  EXPECT_TRUE(run(io, with_scope(io, body)));
}

TYPED_TEST(SelectCorpus, ABarrierLetsAllPassTogether) {
  if (!this->concurrent()) return;
  constexpr int kTasks = 5;
  constexpr int kRounds = 20;
  Io& io = this->io;
  Barrier barrier{io, kTasks};
  std::atomic<int> arrived = 0;
  auto walker = [&]() -> Task<Result<void>> {
    for (int round = 1; round <= kRounds; ++round) {
      ++arrived;
      CO_CHECK_OK(co_await barrier.arrive_and_wait());
      EXPECT_GE(arrived, round * kTasks);
      CO_CHECK_OK(co_await barrier.arrive_and_wait());
    }
    co_return {};
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    for (int i = 0; i < kTasks; ++i) scope.spawn(walker()).keep();
    co_return {};
  };
  EXPECT_TRUE(run(io, with_scope(io, body)));
  EXPECT_EQ(arrived, kTasks * kRounds);
}

}  // namespace
}  // namespace tablinum::io::test
