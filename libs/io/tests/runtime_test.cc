#include "tablinum/io/runtime.h"

#include <csignal>
#include <mutex>
#include <set>
#include <thread>

#include "models.h"
#include "tablinum/io/net.h"
#include "tablinum/io/signal.h"

namespace tablinum::io::test {
namespace {

RuntimeOptions with_cores(unsigned cores) {
  RuntimeOptions options;
  options.cores = cores;
  return options;
}

TEST(Runtime, RunsMainOncePerCoreOnItsOwnThread) {
  Runtime runtime{with_cores(3)};
  EXPECT_EQ(runtime.cores(), 3U);
  std::mutex mutex;
  std::set<std::thread::id> threads;
  std::set<unsigned> cores;
  const auto ran = runtime.run([&](Io& io, unsigned core) -> Task<Result<void>> {
    CO_CHECK_OK(co_await yield(io));
    const std::lock_guard lock{mutex};
    threads.insert(std::this_thread::get_id());
    cores.insert(core);
    co_return {};
  });
  EXPECT_TRUE(ran);
  EXPECT_EQ(threads.size(), 3U);
  EXPECT_EQ(cores, (std::set<unsigned>{0, 1, 2}));
}

TEST(Runtime, UsesAtLeastOneAndAtMostItsMaximumOfCores) {
  EXPECT_GE(Runtime{}.cores(), 1U);
  EXPECT_EQ(Runtime{with_cores(kCoresMax + 1)}.cores(), kCoresMax);
}

TEST(Runtime, TheFirstErrorStopsTheOthersAndIsReturned) {
  Runtime runtime{with_cores(3)};
  const auto ran = runtime.run([&](Io& io, unsigned core) -> Task<Result<void>> {
    if (core == 2) co_return fail(Code::corrupt, "planted");
    co_return co_await sleep(io, kLong);
  });
  EXPECT_EQ(code_of(ran), Code::corrupt);
}

TEST(Runtime, StopFromAnyThreadGivesTheGraceToFinish) {
  Runtime runtime{with_cores(2)};
  std::thread stopper{[&] { runtime.stop(kLong); }};
  const auto ran = runtime.run([&](Io& io, unsigned) -> Task<Result<void>> {
    CO_CHECK_OK(co_await until_stopping(io));
    co_return co_await sleep(io, kShort);  // what is under way goes on
  });
  stopper.join();
  EXPECT_TRUE(ran);
}

TEST(Runtime, StopCancelsWhatIsStillThereAfterTheGrace) {
  Runtime runtime{with_cores(2)};
  std::thread stopper{[&] { runtime.stop(kShort); }};
  EXPECT_EQ(code_of(runtime.run([&](Io& io, unsigned) { return [](Io& here) -> Task<Result<void>> {
    co_return co_await sleep(here, kLong);
  }(io); })), Code::cancelled);
  stopper.join();
}

// The server's arrangement: one listener a core on the same port; all connections are answered by whichever core has them.
TEST(Runtime, EveryCoreListensOnTheSamePort) {
  constexpr int kConnections = 100;
  auto probe_io = make_blocking_io().value();
  ListenOptions options;
  options.reuse_port = true;
  auto probe = listen(*probe_io, Endpoint::parse("127.0.0.1:0").value(), options).value();
  const Endpoint port = probe.local();

  Runtime runtime{with_cores(2)};
  std::atomic<int> listening = 0;
  std::atomic<int> answered = 0;
  auto serve = [&](Io& io) -> Task<Result<void>> {
    auto listener = listen(io, port, options).value();
    ++listening;
    auto answer = [&](TcpSocket socket) -> Task<Result<void>> {
      const ByteView hello = bytes_of("hello");
      CO_CHECK_OK(co_await socket.write_all(hello));
      ++answered;
      co_return {};
    };
    auto accepting = [&](Scope& scope) -> Task<Result<void>> {
      for (;;) {
        auto socket = co_await listener.accept();
        if (!socket) co_return {};
        scope.spawn(answer(std::move(*socket))).keep();
      }
    };
    co_return co_await with_scope(io, accepting);
  };
  std::thread client{[&] {
    while (listening < 2) std::this_thread::yield();
    probe.close();
    auto ask = [&](Io& io) -> Task<Result<void>> {
      for (int i = 0; i < kConnections; ++i) {
        CO_TRY(socket, co_await connect(io, port));
        std::array<std::byte, 5> hello;
        CO_CHECK_OK(co_await socket.read_exactly(hello));
      }
      co_return {};
    };
    const auto asked = run(*probe_io, ask(*probe_io));
    EXPECT_TRUE(asked) << describe(asked.error());
    runtime.stop(Duration{});
  }};
  EXPECT_TRUE(runtime.run([&](Io& io, unsigned) { return serve(io); }));
  client.join();
  EXPECT_EQ(answered, kConnections);
}

template <class Model>
class SignalCorpus : public Corpus<Model> {};
TYPED_TEST_SUITE(SignalCorpus, Models, ModelNames);

TYPED_TEST(SignalCorpus, BlockedSignalsArriveAsAStream) {
  const std::array<int, 2> signals{SIGUSR1, SIGUSR2};
  ASSERT_TRUE(block_signals(signals));
  auto opened = SignalStream::open(this->io, signals);
  if (!this->io.capabilities().real_kernel) {
    EXPECT_EQ(code_of(opened), Code::unsupported);
    return;
  }
  auto& stream = *opened;
  auto task = [&]() -> Task<Result<void>> {
    ::pthread_kill(::pthread_self(), SIGUSR1);
    CO_TRY(first, co_await stream.next());
    EXPECT_EQ(first, SIGUSR1);
    ::pthread_kill(::pthread_self(), SIGUSR2);
    CO_TRY(second, co_await stream.next());
    EXPECT_EQ(second, SIGUSR2);
    EXPECT_EQ(code_of(co_await timeout(this->io, kShort, stream.next())), Code::timeout);
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task()));
}

TEST(Signal, NoSuchSignal) {
  auto io = make_blocking_io().value();
  const std::array<int, 1> none{4711};
  EXPECT_EQ(code_of(block_signals(none)), Code::invalid);
  EXPECT_EQ(code_of(SignalStream::open(*io, none)), Code::invalid);
}

}  // namespace
}  // namespace tablinum::io::test
