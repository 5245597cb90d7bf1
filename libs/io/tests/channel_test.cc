#include "tablinum/io/channel.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>
#include <thread>

#include "models.h"

namespace tablinum::io::test {
namespace {

template <class Model>
class ChannelCorpus : public Corpus<Model> {};
TYPED_TEST_SUITE(ChannelCorpus, Models, ModelNames);

using Pointer = std::unique_ptr<int>;

TYPED_TEST(ChannelCorpus, QueuedValuesAreDrainedBeforeClosed) {
  auto task = [](Io& io) -> Task<Result<void>> {
    LocalChannel<Pointer> channel{io, 2};
    for (int i = 1; i <= 2; ++i) {
      auto value = std::make_unique<int>(i);
      CO_CHECK_OK(co_await channel.send(value));
      EXPECT_EQ(value, nullptr);
    }
    EXPECT_EQ(channel.size(), 2U);
    channel.close();
    for (int i = 1; i <= 2; ++i) {
      CO_TRY(value, co_await channel.receive());
      EXPECT_EQ(*value, i);
    }
    EXPECT_EQ(code_of(co_await channel.receive()), Code::closed);
    EXPECT_EQ(code_of(channel.try_receive()), Code::closed);
    auto refused = std::make_unique<int>(3);
    EXPECT_EQ(code_of(co_await channel.send(refused)), Code::closed);
    EXPECT_EQ(code_of(channel.try_send(refused)), Code::closed);
    EXPECT_EQ(*refused, 3) << "the value stays with the caller";
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(ChannelCorpus, TriesDoNotWait) {
  auto task = [](Io& io) -> Task<Result<void>> {
    LocalChannel<int> channel{io, 1};
    EXPECT_EQ(code_of(channel.try_receive()), Code::would_block);
    int value = 1;
    CO_CHECK_OK(channel.try_send(value));
    EXPECT_EQ(code_of(channel.try_send(value)), Code::would_block);
    EXPECT_EQ(channel.try_receive().value(), 1);
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(ChannelCorpus, AWaitEndsAtItsLimitAndTheValueStays) {
  auto task = [](Io& io) -> Task<Result<void>> {
    LocalChannel<Pointer> channel{io, 0};
    auto value = std::make_unique<int>(1);
    EXPECT_EQ(code_of(co_await channel.send(value).until(io.now() + kShort)), Code::timeout);
    EXPECT_NE(value, nullptr);
    EXPECT_EQ(code_of(co_await channel.receive().until(io.now() + kShort)), Code::timeout);
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

/// Sends 0 … count-1 through `channel` between two tasks; returns their sum.
template <class Send, class Receive, class Close>
Task<Result<std::int64_t>> stream(Io& io, int count, Send send, Receive receive, Close close) {
  auto producer = [&]() -> Task<Result<void>> {
    for (int i = 0; i < count; ++i) CO_CHECK_OK(co_await send(i));
    close();
    co_return {};
  };
  auto body = [&](Scope& scope) -> Task<Result<std::int64_t>> {
    auto started = scope.spawn_concurrent(producer());
    if (!started) co_return std::unexpected(started.error());
    std::int64_t sum = 0;
    for (int expected = 0;; ++expected) {
      auto value = co_await receive();
      if (!value) {
        EXPECT_EQ(code_of(value), Code::closed);
        break;
      }
      EXPECT_EQ(*value, expected);
      sum += *value;
    }
    CO_CHECK_OK(co_await *started);
    co_return sum;
  };
  co_return co_await with_scope(io, body);
}

TYPED_TEST(ChannelCorpus, AStreamThroughAnyCapacityKeepsItsOrder) {
  for (const Size capacity : {0, 1, 7}) {
    LocalChannel<int> channel{this->io, capacity};
    const auto sum = run(this->io, stream(
        this->io, 1'000, [&](int& value) { return channel.send(value); }, [&] { return channel.receive(); }, [&] { channel.close(); }));
    if (this->concurrent()) {
      EXPECT_EQ(sum.value(), 1'000 * 999 / 2);
    } else {
      EXPECT_EQ(code_of(sum), Code::unavailable);
    }
  }
}

TYPED_TEST(ChannelCorpus, ASharedChannelDoesTheSame) {
  for (const Size capacity : {0, 1, 7}) {
    Channel<int> channel{capacity};
    const auto sum = run(this->io, stream(
        this->io, 1'000, [&](int& value) { return channel.send(this->io, value); }, [&] { return channel.receive(this->io); },
        [&] { channel.close(); }));
    if (this->concurrent()) {
      EXPECT_EQ(sum.value(), 1'000 * 999 / 2);
    } else {
      EXPECT_EQ(code_of(sum), Code::unavailable);
    }
  }
}

TYPED_TEST(ChannelCorpus, ATaskReceivesWhatAPlainThreadSends) {
  Channel<int> channel{4};
  constexpr int kCount = 2'000;
  std::thread sender{[&] {
    for (int i = 0; i < kCount;) {
      int value = i;
      if (channel.try_send(value)) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
    channel.close();
  }};
  auto task = [&](Io& io) -> Task<Result<int>> {
    int next = 0;
    for (;;) {
      auto value = co_await channel.receive(io);
      if (!value) break;
      EXPECT_EQ(*value, next);
      ++next;
    }
    co_return next;
  };
  EXPECT_EQ(run(this->io, task(this->io)).value(), kCount);
  sender.join();
}

TYPED_TEST(ChannelCorpus, CloseWakesThoseWhoWait) {
  Channel<int> channel{0};
  std::thread closer{[&] { channel.close(); }};
  auto task = [&](Io& io) -> Task<Result<int>> { co_return co_await channel.receive(io); };
  EXPECT_EQ(code_of(run(this->io, task(this->io))), Code::closed);
  closer.join();
}

// Two cores, each with its own reactor: what goes round comes back, and a cancelled receiver loses nothing.
TEST(ChannelCores, TwoReactorsExchangeValues) {
  constexpr int kRounds = 2'000;
  Channel<int> there{1};
  Channel<int> back{1};
  std::thread other{[&] {
    auto io = make_stackless_io().value();
    auto echo = [&](Io& here) -> Task<Result<void>> {
      for (;;) {
        auto value = co_await there.receive(here);
        if (!value) break;
        CO_CHECK_OK(co_await back.send(here, *value));
      }
      back.close();
      co_return {};
    };
    EXPECT_TRUE(run(*io, echo(*io)));
  }};
  auto io = make_stackless_io().value();
  auto ask = [&](Io& here) -> Task<Result<int>> {
    int sum = 0;
    for (int i = 0; i < kRounds; ++i) {
      int value = 1;
      CO_CHECK_OK(co_await there.send(here, value));
      CO_TRY(answer, co_await back.receive(here));
      sum += answer;
    }
    there.close();
    co_return sum;
  };
  EXPECT_EQ(run(*io, ask(*io)).value(), kRounds);
  other.join();
}

// Success wins: a value is either received or still there, whenever the receiver's limit strikes.
TEST(ChannelCores, NothingIsLostWhenReceiversGiveUp) {
  constexpr int kCount = 3'000;
  Channel<int> channel{2};
  std::thread sender{[&] {
    auto io = make_stackless_io().value();
    auto task = [&](Io& here) -> Task<Result<void>> {
      for (int i = 0; i < kCount; ++i) {
        int value = i;
        for (;;) {
          const auto sent = co_await channel.send(here, value).until(here.now() + Duration::microseconds(50));
          if (sent) break;
          EXPECT_EQ(code_of(sent), Code::timeout);
        }
      }
      channel.close();
      co_return {};
    };
    EXPECT_TRUE(run(*io, task(*io)));
  }};
  auto io = make_stackless_io().value();
  auto task = [&](Io& here) -> Task<Result<int>> {
    int next = 0;
    for (;;) {
      auto value = co_await channel.receive(here).until(here.now() + Duration::microseconds(20));
      if (value) {
        EXPECT_EQ(*value, next);
        ++next;
      } else if (value.error().code == Code::closed) {
        co_return next;
      }
    }
  };
  EXPECT_EQ(run(*io, task(*io)).value(), kCount);
  sender.join();
}

// A channel under a random script, beside a queue.
RC_GTEST_PROP(ChannelProperty, BehavesLikeABoundedQueue, (const std::vector<std::uint8_t>& script)) {
  auto io = make_stackless_io().value();
  const auto capacity = *rc::gen::inRange<Size>(0, 4);
  LocalChannel<int> channel{*io, capacity};
  std::deque<int> model;
  bool closed = false;
  int next = 0;
  for (const std::uint8_t step : script) {
    if (step % 16 == 0) {
      channel.close();
      closed = true;
    } else if (step % 2 == 0) {
      int value = next++;
      const Code sent = code_of(channel.try_send(value));
      const Code full = model.size() < capacity ? Code{} : Code::would_block;
      RC_ASSERT(sent == (closed ? Code::closed : full));
      if (sent == Code{}) model.push_back(value);
    } else {
      const auto received = channel.try_receive();
      const Code empty = closed ? Code::closed : Code::would_block;
      RC_ASSERT(code_of(received) == (model.empty() ? empty : Code{}));
      if (!received) continue;
      RC_ASSERT(*received == model.front());
      model.pop_front();
    }
    RC_ASSERT(channel.size() == model.size());
  }
}

// Several producers and consumers, some cancelled at random: every value sent is received once, in its producer's order.
RC_GTEST_PROP(ChannelProperty, ConservesValuesUnderCancellation, (const std::vector<std::uint8_t>& cuts)) {
  auto owner = make_stackless_io().value();
  Io& io = *owner;
  LocalChannel<int> channel{io, *rc::gen::inRange<Size>(0, 3)};
  int sent = 0;
  int received = 0;
  auto producer = [&](std::uint8_t cut) -> Task<Result<void>> {
    for (int i = 0; i < 5; ++i) {
      int value = i;
      CO_CHECK_OK(co_await channel.send(value).until(io.now() + Duration::microseconds(cut * 4)));
      ++sent;
    }
    co_return {};
  };
  auto consumer = [&](std::uint8_t cut) -> Task<Result<void>> {
    for (int i = 0; i < 5; ++i) {
      CO_CHECK_OK(co_await channel.receive().until(io.now() + Duration::microseconds(cut * 4)));
      ++received;
    }
    co_return {};
  };
  auto body = [&](Scope& scope) -> Task<void> {
    for (std::size_t i = 0; i < cuts.size(); ++i) {
      auto future = i % 2 == 0 ? scope.spawn(producer(cuts[i])) : scope.spawn(consumer(cuts[i]));
      if (cuts[i] % 4 == 0) {
        static_cast<void>(co_await yield(io));
      } else {
        std::move(future).keep();
      }
    }
  };
  run(io, with_scope(io, body, ScopePolicy::supervise));
  RC_ASSERT(sent == received + static_cast<int>(channel.size()));
}

}  // namespace
}  // namespace tablinum::io::test
