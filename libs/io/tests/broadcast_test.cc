#include "tablinum/io/broadcast.h"

#include <thread>

#include "models.h"

namespace tablinum::io::test {
namespace {

template <class Model>
class BroadcastCorpus : public Corpus<Model> {};
TYPED_TEST_SUITE(BroadcastCorpus, Models, ModelNames);

TYPED_TEST(BroadcastCorpus, AWatchShowsTheLatestValueAlsoWhenClosed) {
  auto task = [](Io& io) -> Task<Result<void>> {
    Watch<std::string> watch{io, "first"};
    EXPECT_EQ(watch.value(), "first");
    EXPECT_EQ(watch.version(), 0U);
    watch.publish("second");
    watch.publish("third");
    CO_CHECK_OK(co_await watch.changed(0));
    CO_CHECK_OK(co_await watch.changed(1));
    EXPECT_EQ(watch.version(), 2U);
    EXPECT_EQ(watch.value(), "third");
    EXPECT_EQ(code_of(co_await watch.changed(2).until(io.now() + kShort)), Code::timeout);
    watch.close();
    CO_CHECK_OK(co_await watch.changed(1));
    EXPECT_EQ(code_of(co_await watch.changed(2)), Code::closed);
    watch.publish("after the end");
    EXPECT_EQ(watch.value(), "third");
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(BroadcastCorpus, AllWhoWaitForAChangeAreWoken) {
  if (!this->concurrent()) return;  // nobody could publish while another waits
  Io& io = this->io;
  Watch<int> watch{io, 0};
  auto follow = [&]() -> Task<Result<int>> {
    std::uint64_t seen = 0;
    for (;;) {
      const auto changed = co_await watch.changed(seen);
      if (!changed) break;
      seen = watch.version();
    }
    co_return watch.value();
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    std::vector<Future<Result<int>>> followers;
    for (int i = 0; i < 10; ++i) followers.push_back(scope.spawn(follow()));
    for (int i = 1; i <= 5; ++i) {
      watch.publish(i);
      CO_CHECK_OK(co_await yield(io));
    }
    watch.close();
    for (auto& follower : followers) {
      CO_TRY(last, co_await follower);
      EXPECT_EQ(last, 5);
    }
    co_return {};
  };
  EXPECT_TRUE(run(io, with_scope(io, body)));
}

TYPED_TEST(BroadcastCorpus, ReadersGetEveryValueOrHearHowManyTheyMissed) {
  auto task = [](Io& io) -> Task<Result<void>> {
    Broadcast<int> broadcast{io, 3};
    broadcast.publish(0);  // before the readers
    Broadcast<int>::Reader quick{broadcast};
    Broadcast<int>::Reader slow{broadcast};
    for (int i = 1; i <= 5; ++i) {
      broadcast.publish(i);
      CO_TRY(received, co_await quick.receive());
      EXPECT_EQ(received.value, i);
      EXPECT_EQ(received.lagged, 0U);
    }
    broadcast.close();
    broadcast.publish(6);
    for (int i = 3; i <= 5; ++i) {
      CO_TRY(received, co_await slow.receive());
      EXPECT_EQ(received.value, i);
      EXPECT_EQ(received.lagged, i == 3 ? 2U : 0U);
    }
    EXPECT_EQ(code_of(co_await slow.receive()), Code::closed);
    EXPECT_EQ(code_of(co_await quick.receive()), Code::closed);
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(BroadcastCorpus, AReaderWaitsAndCanBeCancelled) {
  auto task = [](Io& io) -> Task<Result<int>> {
    Broadcast<int> broadcast{io, 1};
    Broadcast<int>::Reader reader{broadcast};
    EXPECT_EQ(code_of(co_await timeout(io, kShort, reader.receive())), Code::timeout);
    broadcast.publish(4);
    CO_TRY(received, co_await reader.receive());
    co_return received.value;
  };
  EXPECT_EQ(run(this->io, task(this->io)).value(), 4);
}

TYPED_TEST(BroadcastCorpus, OnceMakesOneValueForAllAndTriesAgainAfterAFailure) {
  Io& io = this->io;
  Once<int> once{io};
  int made = 0;
  auto make = [&]() -> Task<Result<int>> {
    ++made;
    CO_CHECK_OK(co_await sleep(io, kShort));
    if (made == 1) co_return fail(Code::io, "planted");
    co_return 7;
  };
  auto ask = [&]() -> Task<Result<int>> { return once.get(make); };
  EXPECT_EQ(code_of(run(io, ask())), Code::io);
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    std::vector<Future<Result<int>>> askers;
    for (int i = 0; i < 5; ++i) askers.push_back(scope.spawn(ask()));
    for (auto& asker : askers) {
      CO_TRY(value, co_await asker);
      EXPECT_EQ(value, 7);
    }
    co_return {};
  };
  EXPECT_TRUE(run(io, with_scope(io, body)));
  EXPECT_EQ(made, 2);
}

TYPED_TEST(BroadcastCorpus, WithoutSendersAReceiverDrainsAndWithoutReceiversASenderKeepsItsValue) {
  auto task = [](Io& io) -> Task<Result<void>> {
    using Ends = ChannelEnds<LocalChannel<std::unique_ptr<int>>>;
    {
      auto [sender, receiver] = Ends::make(io, Size{4});
      auto second = sender;
      auto value = std::make_unique<int>(1);
      CO_CHECK_OK(co_await sender->send(value));
      { const auto gone = std::move(sender); }
      value = std::make_unique<int>(2);
      CO_CHECK_OK(co_await second->send(value));
      { const auto gone = std::move(second); }
      for (int i = 1; i <= 2; ++i) {
        CO_TRY(received, co_await receiver->receive());
        EXPECT_EQ(*received, i);
      }
      EXPECT_EQ(code_of(co_await receiver->receive()), Code::closed);
    }
    auto [sender, receiver] = Ends::make(io, Size{4});
    { const auto gone = std::move(receiver); }
    auto value = std::make_unique<int>(3);
    EXPECT_EQ(code_of(co_await sender->send(value)), Code::closed);
    EXPECT_EQ(code_of(sender->try_send(value)), Code::closed);
    EXPECT_NE(value, nullptr);
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TEST(ChannelHandles, TheLastSenderMayLeaveOnAnyThread) {
  auto io = make_stackless_io().value();
  auto [sender, receiver] = ChannelEnds<Channel<int>>::make(Size{100});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([own = sender] {
      for (int each = 0; each < 25; ++each) EXPECT_TRUE(own->try_send(each));
    });
  }
  { const auto gone = std::move(sender); }
  for (auto& thread : threads) thread.join();
  threads.clear();
  auto count = [&](Io& here) -> Task<int> {
    int got = 0;
    while (co_await receiver->receive(here)) ++got;
    co_return got;
  };
  EXPECT_EQ(run(*io, count(*io)), 100);
}

}  // namespace
}  // namespace tablinum::io::test
