/// Public QUIC (net/quic.h): streams both ways with backpressure, resets and stops, datagrams, ends and their codes, limits; over real
/// sockets, and over a simulated network that loses, doubles and reorders.
#include <gtest/gtest.h>

#include <functional>

#include "certificates.h"
#include "tablinum/base/crypto.h"
#include "tablinum/io/cancel.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/simulate.h"
#include "tablinum/io/sync.h"
#include "tablinum/io/udp.h"
#include "tablinum/net/quic.h"

namespace tablinum::net {
namespace {

using io::Io;
using io::Scope;
using io::Task;
using StreamPtr = std::unique_ptr<QuicStream>;

struct Trust {
  explicit Trust(std::vector<std::string> server_alpn = {"test/1"}, std::vector<std::string> client_alpn = {"test/1"}) {
    TlsConfig server = test::config_of(authority.issue({"localhost", "10.0.0.1"}));
    server.quic_alpn = std::move(server_alpn);
    context = TlsContext::make(server).value();
    TlsClientConfig mine = test::client_of(authority);
    mine.quic_alpn = std::move(client_alpn);
    client = TlsClient::make(mine).value();
  }
  test::Authority authority;
  std::shared_ptr<TlsContext> context;
  std::shared_ptr<TlsClient> client;
};

Code code_of(const auto& result) { return result ? Code{} : result.error().code; }

Instant soon(Io& io) { return io.now() + Duration::seconds(20); }

Task<Result<void>> say(Io& io, QuicStream& stream, std::string_view text) {
  const ByteView piece = bytes_of(text);
  co_return co_await stream.write({&piece, 1}, soon(io));
}

Task<Result<std::string>> hear(Io& io, QuicStream& stream) {
  std::string heard;
  std::array<std::byte, 10'000> buffer;
  while (true) {
    CO_TRY(got, co_await stream.read(buffer, soon(io)));
    if (got == 0) co_return heard;
    heard += text_of(ByteView{buffer.data(), got});
  }
}

Task<Result<void>> echo(Io& io, StreamPtr stream) {
  CO_TRY(text, co_await hear(io, *stream));
  if (stream->may_write()) {
    CO_CHECK_OK(co_await say(io, *stream, text));
    CO_CHECK_OK(co_await stream->end(soon(io)));
  }
  co_return Result<void>{};
}

Task<void> echo_all(Io& io, QuicConnection& connection) {
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    while (true) {
      CO_TRY(stream, co_await connection.accept());
      scope.spawn(echo(io, std::move(stream))).keep();
    }
  };
  co_await io::with_scope(io, body, io::ScopePolicy::supervise);
}

struct Wishes {
  QuicHandler handler = echo_all;
  std::function<void(QuicServe&)> server;
  std::function<void(QuicConnect&)> client;
};
using Use = std::function<Task<void>(Io&, QuicConnection&)>;

/// A server and one connection to it on the same core.
void with_connection(const Trust& trust, const Wishes& setup, const Use& use) {
  auto io = io::make_stackless_io().value();
  QuicServe how;
  how.tls = trust.context;
  if (setup.server) setup.server(how);
  auto listener = QuicListener::bind(*io, io::Endpoint::parse("127.0.0.1:0").value(), how).value();
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    auto served = scope.spawn(listener->serve(setup.handler));
    QuicConnect to;
    to.server_name = "localhost";
    to.tls = trust.client;
    if (setup.client) setup.client(to);
    {
      auto connection = co_await connect_quic(*io, scope, listener->local(), to);
      EXPECT_TRUE(connection) << describe(connection.error());
      if (connection) co_await use(*io, **connection);
    }
    listener->stop();
    EXPECT_TRUE(co_await served);
    co_return {};
  };
  EXPECT_TRUE(io::run(*io, io::with_scope(*io, body)));
}

TEST(Quic, AgreesOnWhatIsSpoken) {
  const Trust trust;
  with_connection(trust, {}, [](Io&, QuicConnection& connection) -> Task<void> {
    EXPECT_EQ(connection.tls().alpn, "test/1");
    EXPECT_EQ(connection.tls().group, kGroupX25519MlKem768);
    EXPECT_EQ(connection.tls().peer_chain.size(), 1u);
    EXPECT_EQ(connection.version(), 1u);
    EXPECT_EQ(connection.peer().host(), "127.0.0.1");
    EXPECT_FALSE(connection.how_it_ended());
    co_return;
  });
}

TEST(Quic, CarriesManyStreamsBothWays) {
  const Trust trust;
  with_connection(trust, {}, [](Io& io, QuicConnection& connection) -> Task<void> {
    constexpr std::size_t kStreams = 300;  // more than may be open at a time
    std::vector<std::string> answers(kStreams);
    auto one = [&](std::size_t i) -> Task<Result<void>> {
      CO_TRY(stream, co_await connection.open(soon(io)));
      CO_CHECK_OK(co_await say(io, *stream, std::string(i * 37 % 5000, 'a') + std::to_string(i)));
      CO_CHECK_OK(co_await stream->end(soon(io)));
      CO_TRY(text, co_await hear(io, *stream));
      answers[i] = std::move(text);
      co_return Result<void>{};
    };
    auto all = [&](Scope& scope) -> Task<Result<void>> {
      for (std::size_t i = 0; i < kStreams; ++i) scope.spawn(one(i)).keep();
      co_return Result<void>{};
    };
    EXPECT_TRUE(co_await io::with_scope(io, all));
    for (std::size_t i = 0; i < kStreams; ++i) EXPECT_EQ(answers[i], std::string(i * 37 % 5000, 'a') + std::to_string(i)) << i;
  });
}

TEST(Quic, OneWayStreamsGoOneWay) {
  const Trust trust;
  std::string heard;
  Wishes setup;
  setup.handler = [&](Io& io, QuicConnection& connection) -> Task<void> {
    auto stream = co_await connection.accept();
    EXPECT_FALSE((*stream)->may_write());
    EXPECT_EQ(code_of(co_await say(io, **stream, "x")), Code::invalid);
    heard = (co_await hear(io, **stream)).value_or("broken");
    auto back = co_await connection.open_one_way();
    co_await say(io, **back, "from the server");
    co_await (*back)->end(soon(io));
    co_await connection.wait_for_end();
  };
  with_connection(trust, setup, [&](Io& io, QuicConnection& connection) -> Task<void> {
    auto stream = (co_await connection.open_one_way()).value();
    EXPECT_FALSE(stream->may_read());
    std::array<std::byte, 8> buffer;
    EXPECT_EQ(code_of(co_await stream->read(buffer, soon(io))), Code::invalid);
    co_await say(io, *stream, "from the client");
    co_await stream->end(soon(io));
    auto back = (co_await connection.accept(soon(io))).value();
    EXPECT_EQ((co_await hear(io, *back)).value_or("broken"), "from the server");
  });
  EXPECT_EQ(heard, "from the client");
}

TEST(Quic, AWriterWaitsForItsReader) {
  const Trust trust;
  io::Event* go = nullptr;
  std::size_t received = 0;
  Wishes setup;
  setup.handler = [&](Io& io, QuicConnection& connection) -> Task<void> {
    io::Event read_on{io};
    go = &read_on;
    auto stream = co_await connection.accept();
    co_await read_on.wait();
    received = (co_await hear(io, **stream)).value_or("").size();
    co_await connection.wait_for_end();
  };
  with_connection(trust, setup, [&](Io& io, QuicConnection& connection) -> Task<void> {
    auto stream = (co_await connection.open()).value();
    const std::string piece(64 << 10, 'x');
    std::size_t accepted = 0;
    // The window, our queue, and no more.
    while (true) {
      const ByteView view = bytes_of(piece);
      auto wrote = co_await stream->write({&view, 1}, io.now() + Duration::milliseconds(300));
      if (!wrote) {
        EXPECT_EQ(wrote.error().code, Code::timeout);
        break;
      }
      accepted += piece.size();
      if (accepted > (std::size_t{2} << 20)) break;
    }
    EXPECT_GE(accepted, std::size_t{256} << 10);
    EXPECT_LE(accepted, (std::size_t{256} << 10) + kQuicQueuedBytesMax + piece.size());
    go->set();
    EXPECT_TRUE(co_await stream->end(soon(io)));
    while (received == 0 && !connection.how_it_ended()) co_await io::sleep(io, Duration::milliseconds(5));
    EXPECT_EQ(received, accepted);
  });
}

TEST(Quic, ResetsAndStopsCarryTheirCodes) {
  const Trust trust;
  std::optional<std::uint64_t> heard_reset;
  Wishes setup;
  setup.handler = [&](Io& io, QuicConnection& connection) -> Task<void> {
    auto one = (co_await connection.accept()).value();
    EXPECT_EQ(code_of(co_await hear(io, *one)), Code::reset);
    heard_reset = one->peer_code();
    auto two = (co_await connection.accept()).value();
    two->stop(77);
    two->reset(78);
    co_await connection.wait_for_end();
  };
  with_connection(trust, setup, [&](Io& io, QuicConnection& connection) -> Task<void> {
    auto one = (co_await connection.open()).value();
    co_await say(io, *one, "some");
    co_await io::sleep(io, Duration::milliseconds(50));  // a stream that is reset before anything was sent is never seen
    one->reset(41);
    EXPECT_EQ(code_of(co_await say(io, *one, "more")), Code::cancelled);
    auto two = (co_await connection.open()).value();
    co_await say(io, *two, "begin");
    EXPECT_EQ(code_of(co_await hear(io, *two)), Code::reset);
    EXPECT_EQ(two->peer_code(), std::uint64_t{78});
    Result<void> wrote;
    for (int i = 0; i < 200 && wrote; ++i) {
      wrote = co_await say(io, *two, "who reads this?");
      co_await io::sleep(io, Duration::milliseconds(5));
    }
    EXPECT_EQ(code_of(wrote), Code::reset);
    connection.close(0);
  });
  EXPECT_EQ(heard_reset, std::uint64_t{41});
}

TEST(Quic, EndsWithACode) {
  const Trust trust;
  std::optional<QuicEnd> end;
  Wishes setup;
  setup.handler = [&](Io& io, QuicConnection& connection) -> Task<void> {
    auto stream = (co_await connection.accept()).value();
    EXPECT_EQ(code_of(co_await hear(io, *stream)), Code::reset);
    end = connection.how_it_ended();
    EXPECT_EQ(code_of(co_await connection.open()), Code::reset);
    EXPECT_EQ(code_of(connection.send_datagram({})), Code::reset);
  };
  with_connection(trust, setup, [&](Io& io, QuicConnection& connection) -> Task<void> {
    auto stream = (co_await connection.open()).value();
    co_await say(io, *stream, "some");
    co_await io::sleep(io, Duration::milliseconds(20));
    connection.close(1234);
    connection.close(5678);  // too late
    EXPECT_EQ(code_of(co_await say(io, *stream, "more")), Code::closed);
    EXPECT_EQ(code_of(co_await connection.accept()), Code::closed);
    EXPECT_TRUE(co_await connection.wait_for_end(soon(io)));
    EXPECT_EQ(connection.how_it_ended()->code, 1234u);
    EXPECT_FALSE(connection.how_it_ended()->by_peer);
    // Until the server has heard it.
    for (int i = 0; i < 400 && !end; ++i) co_await io::sleep(io, Duration::milliseconds(5));
  });
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->by_peer);
  EXPECT_TRUE(end->application);
  EXPECT_EQ(end->code, 1234u);
}

// Its connection ends; the listener, and everybody else's connection, goes on.
TEST(Quic, AHandlerThatThrowsEndsItsOwnConnectionOnly) {
  Wishes wishes;
  wishes.handler = [](Io& io, QuicConnection& connection) -> Task<void> {
    auto stream = co_await connection.accept(soon(io));
    if (stream && (co_await hear(io, **stream)).value_or("") == "throw") throw std::runtime_error{"asked for"};
    co_await echo_all(io, connection);
  };
  const Trust trust;
  with_connection(trust, wishes, [](Io& io, QuicConnection& connection) -> Task<void> {
    auto stream = co_await connection.open(soon(io));
    EXPECT_TRUE(stream);
    if (!stream) co_return;
    EXPECT_TRUE(co_await say(io, **stream, "throw"));
    EXPECT_TRUE(co_await (*stream)->end(soon(io)));
    EXPECT_TRUE(co_await connection.wait_for_end(soon(io)));
    EXPECT_TRUE(connection.how_it_ended() && connection.how_it_ended()->error.code == Code::closed);
  });
}

TEST(Quic, DatagramsAreLimited) {
  const Trust trust;
  Wishes setup;
  setup.server = [](QuicServe& serve) { serve.options.datagrams = true; };
  setup.client = [](QuicConnect& to) { to.options.datagrams = true; };
  setup.handler = [](Io&, QuicConnection& connection) -> Task<void> {
    while (true) {
      auto data = co_await connection.receive_datagram();
      if (!data || !connection.send_datagram(*data)) co_return;
    }
  };
  with_connection(trust, setup, [](Io& io, QuicConnection& connection) -> Task<void> {
    const Bytes largest(kQuicDatagramBytesMax, std::byte{7});
    EXPECT_TRUE(connection.send_datagram(largest));
    EXPECT_EQ((co_await connection.receive_datagram(soon(io))).value_or(Bytes{}), largest);
    EXPECT_EQ(code_of(connection.send_datagram(Bytes(kQuicDatagramBytesMax + 1))), Code::too_large);
    // Of a thousand at once at most as many come as are kept; the last one is among them.
    for (std::uint32_t i = 0; i < 1000; ++i) EXPECT_TRUE(connection.send_datagram(std::as_bytes(std::span{&i, 1})));
    std::uint32_t last = 0;
    for (std::size_t got = 0; last != 999 && got <= 2 * kQuicDatagramsMax; ++got) {
      auto data = co_await connection.receive_datagram(io.now() + Duration::seconds(2));
      if (!data) break;
      std::memcpy(&last, data->data(), sizeof last);
    }
    EXPECT_EQ(last, 999u);
  });
  with_connection(trust, {}, [](Io& io, QuicConnection& connection) -> Task<void> {
    EXPECT_EQ(code_of(connection.send_datagram({})), Code::unsupported);
    EXPECT_EQ(code_of(co_await connection.receive_datagram(soon(io))), Code::unsupported);
  });
}

/// How connecting fails.
Code refusal(const Trust& trust, const std::string& name, const std::function<void(QuicServe&)>& change = {}) {
  auto io = io::make_stackless_io().value();
  QuicServe how;
  how.tls = trust.context;
  if (change) change(how);
  auto listener = QuicListener::bind(*io, io::Endpoint::parse("127.0.0.1:0").value(), how).value();
  Code code{};
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    auto served = scope.spawn(listener->serve(echo_all));
    QuicConnect to;
    to.server_name = name;
    to.tls = trust.client;
    code = code_of(co_await connect_quic(*io, scope, listener->local(), to, soon(*io)));
    served.cancel();
    co_await served;
    co_return {};
  };
  EXPECT_TRUE(io::run(*io, io::with_scope(*io, body, io::ScopePolicy::supervise)));
  return code;
}

TEST(Quic, RefusesWhatDoesNotFit) {
  const Trust trust;
  EXPECT_EQ(refusal(trust, "localhost"), Code{});
  EXPECT_EQ(refusal(trust, "other.example"), Code::unauthenticated);
  EXPECT_EQ(refusal(trust, "not a name"), Code::invalid);
  EXPECT_EQ(refusal(trust, "localhost", [](QuicServe& how) { how.connections_max = 0; }), Code::refused);
  EXPECT_EQ(refusal(trust, "localhost", [](QuicServe& how) { how.retry_always = true; }), Code{});
  EXPECT_EQ(refusal(Trust{{"test/1"}, {"other/1"}}, "localhost"), Code::protocol);
  Trust stranger;
  stranger.client = Trust{}.client;
  EXPECT_EQ(refusal(stranger, "localhost"), Code::unauthenticated);
}

TEST(Quic, APeerKeepsToItsStreams) {
  // A server that leaves streams unread lets no more be opened.
  const Trust trust;
  Wishes setup;
  setup.server = [](QuicServe& serve) { serve.options.streams_max = 3; };
  setup.handler = [](Io&, QuicConnection& connection) -> Task<void> { co_await connection.wait_for_end(); };
  with_connection(trust, setup, [](Io& io, QuicConnection& connection) -> Task<void> {
    std::vector<StreamPtr> streams;
    for (int i = 0; i < 3; ++i) {
      streams.push_back((co_await connection.open()).value());
      co_await say(io, *streams.back(), "x");
      co_await streams.back()->end(soon(io));
    }
    EXPECT_EQ(code_of(co_await connection.open(io.now() + Duration::milliseconds(100))), Code::timeout);
  });
}

TEST(Quic, ShortOfMemoryItSlowsDownAndBreaksNobody) {
  const Trust trust;
  constexpr std::uint64_t kBytesMax = std::uint64_t{4} << 20;
  constexpr std::size_t kHoarded = 3'900'000, kPassed = 6'000'000;
  auto io = io::make_stackless_io().value();
  QuicServe how;
  how.tls = trust.context;
  how.bytes_max = kBytesMax;
  how.options.stream_window = how.options.stream_window_max = how.options.connection_window = std::uint64_t{4} << 20;
  auto listener = QuicListener::bind(*io, io::Endpoint::parse("127.0.0.1:0").value(), how).value();
  std::size_t passed = 0;
  bool hoards = true;
  // The first connection is never read; the second is.
  auto handler = [&](Io& each, QuicConnection& connection) -> Task<void> {
    auto stream = (co_await connection.accept()).value();
    if (!std::exchange(hoards, false)) {
      std::array<std::byte, 20'000> buffer;
      while (true) {
        auto got = co_await stream->read(buffer, soon(each));
        if (!got || *got == 0) break;
        passed += *got;
      }
    }
    co_await connection.wait_for_end();
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    auto served = scope.spawn(listener->serve(handler));
    QuicConnect to;
    to.server_name = "localhost";
    to.tls = trust.client;
    CO_TRY(first, co_await connect_quic(*io, scope, listener->local(), to));
    CO_TRY(hoard, co_await first->open());
    CO_CHECK_OK(co_await say(*io, *hoard, std::string(kHoarded, 'h')));
    while (listener->stats().bytes_held < kHoarded) CO_CHECK_OK(co_await io::sleep(*io, Duration::milliseconds(2)));
    CO_TRY(second, co_await connect_quic(*io, scope, listener->local(), to));
    CO_TRY(pass, co_await second->open());
    CO_CHECK_OK(co_await say(*io, *pass, std::string(kPassed, 'p')));
    CO_CHECK_OK(co_await pass->end(soon(*io)));
    while (passed < kPassed && !second->how_it_ended()) CO_CHECK_OK(co_await io::sleep(*io, Duration::milliseconds(2)));
    EXPECT_EQ(passed, kPassed);
    EXPECT_FALSE(first->how_it_ended());
    EXPECT_GT(listener->stats().credit_withheld, 0u);
    EXPECT_EQ(listener->stats().refused, 0u);
    served.cancel();
    co_await served;
    co_return {};
  };
  const auto ran = io::run(*io, io::with_scope(*io, body, io::ScopePolicy::supervise));
  EXPECT_TRUE(ran) << describe(ran.error());
}

TEST(Quic, TimesOutWhereNobodyIs) {
  const Trust trust;
  auto io = io::make_stackless_io().value();
  auto silent = io::bind_udp(*io, io::Endpoint::parse("127.0.0.1:0").value()).value();
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    QuicConnect to;
    to.server_name = "localhost";
    to.tls = trust.client;
    EXPECT_EQ(code_of(co_await connect_quic(*io, scope, silent.local(), to, io->now() + Duration::milliseconds(200))), Code::timeout);
    to.options.handshake_time = Duration::milliseconds(200);
    EXPECT_EQ(code_of(co_await connect_quic(*io, scope, silent.local(), to)), Code::timeout);
    co_return {};
  };
  EXPECT_TRUE(io::run(*io, io::with_scope(*io, body)));
}

/// 300 KB each way on three streams, over a network that loses, doubles and delays.
void exchange_in_simulation(std::uint64_t seed) {
  const Trust trust;
  io::SimOptions options = io::simulation_options();
  options.link.loss = 0.03;
  io::SimWorld world{seed, options};
  auto& server = world.host("server");
  auto& client = world.host("client");
  bool done = false;
  server.start([&](Io& io) -> Task<Result<void>> {
    QuicServe how;
    how.tls = trust.context;
    CO_TRY(listener, QuicListener::bind(io, server.endpoint(4433), how));
    auto once = [&](Io& each, QuicConnection& connection) -> Task<void> {
      co_await echo_all(each, connection);
      listener->stop();
    };
    co_return co_await listener->serve(once);
  });
  client.start([&](Io& io) -> Task<Result<void>> {
    auto body = [&](Scope& scope) -> Task<Result<void>> {
      QuicConnect to;
      to.server_name = "localhost";
      to.tls = trust.client;
      CO_TRY(connection, co_await connect_quic(io, scope, server.endpoint(4433), to));
      for (int i = 0; i < 3; ++i) {
        CO_TRY(stream, co_await connection->open());
        const std::string text(100'000, static_cast<char>('a' + i));
        CO_CHECK_OK(co_await say(io, *stream, text));
        CO_CHECK_OK(co_await stream->end(io.now() + Duration::seconds(60)));
        CO_TRY(heard, co_await hear(io, *stream));
        EXPECT_EQ(heard, text) << "seed " << seed;
      }
      done = true;
      co_return Result<void>{};
    };
    co_return co_await io::with_scope(io, body);
  });
  const auto ran = world.run();
  EXPECT_TRUE(ran) << "seed " << seed << world.report();
  EXPECT_TRUE(done) << "seed " << seed;
}

TEST(Quic, ArrivesThroughABadNetwork) {
  for (const std::uint64_t seed : io::simulation_seeds(5)) exchange_in_simulation(seed);
}

}  // namespace
}  // namespace tablinum::net
