// The programs that docs/developing/io.md shows; the page quotes the parts between the marks, and a test compares them.
#include <gtest/gtest.h>

#include <cstdio>

#include "models.h"
#include "tablinum/io/channel.h"
#include "tablinum/io/net.h"
#include "tablinum/io/select.h"
#include "tablinum/io/sync.h"
#include "tablinum/io/udp.h"

namespace tablinum::io::test {
namespace {

template <class Model>
class ExampleCorpus : public Corpus<Model> {};
TYPED_TEST_SUITE(ExampleCorpus, Models, ModelNames);

// [echo]
Task<Result<void>> echo(TcpSocket socket) {
  std::array<std::byte, 4096> buffer;
  for (;;) {
    CO_TRY(got, co_await socket.read(buffer));
    if (got == 0) co_return {};  // the peer has said all
    const ByteView said{buffer.data(), got};
    CO_CHECK_OK(co_await socket.write_all(said));
  }
}

/// Serves until it is cancelled. A connection that breaks ends alone (ScopePolicy::supervise).
Task<Result<void>> serve(Io& io, TcpListener& listener) {
  auto accept_all = [&](Scope& connections) -> Task<Result<void>> {
    for (;;) {
      CO_TRY(socket, co_await listener.accept());
      connections.spawn(echo(std::move(socket))).keep();
    }
  };
  co_return co_await with_scope(io, accept_all, ScopePolicy::supervise);
}
// [/echo]

TYPED_TEST(ExampleCorpus, EchoesUntilItIsCancelled) {
  if (!this->concurrent()) return;  // BlockingIo has nobody else to talk to
  Io& io = this->io;
  auto listener = listen(io, Endpoint::parse("127.0.0.1:0").value()).value();
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    auto server = scope.spawn(serve(io, listener));
    CO_TRY(socket, co_await connect(io, listener.local()));
    const ByteView said = bytes_of("hello");
    CO_CHECK_OK(co_await socket.write_all(said));
    std::array<std::byte, 5> heard;
    CO_CHECK_OK(co_await socket.read_exactly(heard));
    EXPECT_EQ(text_of(heard), "hello");
    server.cancel();
    EXPECT_EQ(code_of(co_await server), Code::cancelled);
    co_return {};
  };
  EXPECT_TRUE(run(io, with_scope(io, body)));
}

// [chat]
/// Passes on what arrives on `in` until the room closes or nobody has spoken for `patience`.
Task<Result<std::vector<std::string>>> listen_in(Io& io, LocalChannel<std::string>& in, Event& closing, Duration patience) {
  std::vector<std::string> heard;
  for (;;) {
    std::optional<std::string> line;
    const auto hit = co_await select(io, io.now() + patience, on_receive(in, line), on_event(closing));
    if (!hit && hit.error().code == Code::timeout) co_return heard;
    if (!hit) co_return std::unexpected(hit.error());
    if (hit->index == 1 || hit->code == Code::closed) co_return heard;
    heard.push_back(std::move(*line));
  }
}
// [/chat]

TYPED_TEST(ExampleCorpus, ChatsOverAChannel) {
  if (!this->concurrent()) return;
  Io& io = this->io;
  LocalChannel<std::string> room{io, 1};
  Event closing{io};
  auto speak = [&]() -> Task<Result<void>> {
    for (std::string line : {"good morning", "good night"}) CO_CHECK_OK(co_await room.send(line));
    closing.set();
    co_return {};
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    auto speaker = scope.spawn(speak());
    CO_TRY(heard, co_await listen_in(io, room, closing, kLong));
    EXPECT_GE(heard.size(), 1U);
    EXPECT_EQ(heard.front(), "good morning");
    // The last line may still be in the channel when the room closes: closing an event does not drain a channel.
    co_return co_await speaker;
  };
  EXPECT_TRUE(run(io, with_scope(io, body)));
}

// [deadline]
/// The first answer of two servers, or the error `timeout`. The slower one is cancelled and has ended when this returns.
Task<Result<Size>> fastest(Io& io, TcpSocket& one, TcpSocket& other, MutableBytes first, MutableBytes second, Duration limit) {
  auto ask = [](TcpSocket& socket, MutableBytes into) -> Task<Result<Size>> { co_return co_await socket.read(into); };
  auto both = [&]() -> Task<Result<Size>> {
    auto raced = co_await race(io, ask(one, first), ask(other, second));
    co_return std::visit([](auto& answer) { return std::move(answer); }, raced.value);
  };
  co_return co_await timeout(io, limit, both());
}
// [/deadline]

TYPED_TEST(ExampleCorpus, TakesTheFastestAnswerOrNone) {
  if (!this->concurrent()) return;
  Io& io = this->io;
  auto listener = listen(io, Endpoint::parse("127.0.0.1:0").value()).value();
  auto body = [&]() -> Task<Result<void>> {
    CO_TRY(one, co_await connect(io, listener.local()));
    const auto one_peer = co_await listener.accept();  // says nothing
    EXPECT_TRUE(one_peer);
    CO_TRY(other, co_await connect(io, listener.local()));
    CO_TRY(other_peer, co_await listener.accept());
    std::array<std::byte, 8> first{};
    std::array<std::byte, 8> second{};
    EXPECT_EQ(code_of(co_await fastest(io, one, other, first, second, kShort)), Code::timeout);
    const ByteView said = bytes_of("me");
    CO_CHECK_OK(co_await other_peer.write_all(said));
    CO_TRY(got, co_await fastest(io, one, other, first, second, kLong));
    EXPECT_GT(got, 0U);  // a stream may arrive byte by byte
    EXPECT_TRUE(std::string_view{"me"}.starts_with(text_of(ByteView{second}.first(got))));
    co_return {};
  };
  EXPECT_TRUE(run(io, body()));
}

// [simulation]
/// Has "hello" echoed ten times; a try that breaks, or takes longer than a second, is made again.
Task<Result<void>> ask(Io& io, Endpoint server) {
  auto once = [&]() -> Task<Result<Size>> {
    CO_TRY(socket, co_await connect(io, server));
    const ByteView said = bytes_of("hello");
    CO_CHECK_OK(co_await socket.write_all(said));
    std::array<std::byte, 5> heard;
    co_return co_await socket.read_exactly(heard);
  };
  for (int answers = 0; answers < 10;) {
    auto heard = co_await timeout(io, Duration::seconds(1), once());
    if (heard) ++answers;
    CO_CHECK_OK(co_await sleep(io, Duration::milliseconds(300)));
  }
  co_return {};
}

/// A network that is cut for two seconds, and a server that loses its power. True: the client had its answers all the same.
bool survives(std::uint64_t seed) {
  SimOptions options = simulation_options();
  options.link.loss = 0.01;  // of each packet between hosts
  SimWorld world{seed, options};
  auto& server = world.host("server");
  server.start([&](Io& io) -> Task<Result<void>> {
    CO_TRY(listener, listen(io, server.endpoint(80)));
    co_return co_await serve(io, listener);
  });
  auto& client = world.host("client");
  client.start([&](Io& io) { return ask(io, server.endpoint(80)); });
  world.at(Duration::seconds(1), [&] { world.partition("client", "server", true); });
  world.at(Duration::seconds(3), [&] { world.partition("client", "server", false); });
  world.at(Duration::seconds(4), [&] { server.crash(CrashKind::power); });
  world.at(Duration::seconds(5), [&] { server.restart(); });  // its mains begin again, on the disk as the crash left it
  world.at(Duration::seconds(60), [&] { server.crash(CrashKind::process); });
  const auto ran = world.run();
  if (!ran) std::puts(world.report().c_str());
  return ran && client.outcomes().size() == 1 && client.outcomes()[0].has_value();
}
// [/simulation]

TEST(Examples, AnswersComeThroughAPartitionAndAPowerCut) {
  for (const std::uint64_t seed : simulation_seeds(50)) EXPECT_TRUE(survives(seed)) << "seed " << seed;
}

}  // namespace
}  // namespace tablinum::io::test
