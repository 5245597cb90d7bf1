/// HTTP/3 on simulated machines: a network that loses, doubles and reorders, and how connections end when one side is gone.
#include <gtest/gtest.h>

#include "h3/client.h"
#include "h3/listener.h"
#include "quic_harness.h"
#include "tablinum/io/cancel.h"
#include "tablinum/io/scope.h"
#include "tablinum/io/simulate.h"

namespace tablinum::net::test {
namespace {

constexpr std::uint16_t kPort = 443;
constexpr Duration kBrief = Duration::seconds(5);  // the idle time of both ends is 30

io::SimOptions calm() {
  io::SimOptions options = io::simulation_options();
  options.link.delay = Duration::milliseconds(10);
  return options;
}

/// A server on the host "server", and whatever clients a test starts on others.
class Http3World {
 public:
  Http3World(std::uint64_t seed, io::SimOptions options, Handler handler)
      : world{seed, options}, handler_{std::move(handler)}, server_tls_{server_context()}, client_tls_{client_context()} {
    world.host("server").start([this](io::Io& io) { return serve(io); });
  }
  /// Runs `use` on a host of its own, beside a session.  @param end what to do with session and scope then.
  using Use = std::function<io::Task<void>(io::Io&, h3::Http3Session&, io::Scope&)>;
  void client(const std::string& name, Use use, Duration begin = {}) {
    world.host(name).start([this, begin, use = std::move(use)](io::Io& io) -> io::Task<Result<void>> {
      CO_CHECK_OK(co_await io::sleep(io, begin));
      h3::ClientSessionOptions options;
      options.peer = world.host("server").endpoint(kPort);
      options.authority = "localhost";
      options.ssl.reset(SSL_new(client_tls_.get()));
      SSL_set_tlsext_host_name(options.ssl.get(), "localhost");
      SSL_set1_host(options.ssl.get(), "localhost");
      CO_TRY(session, h3::open_session(io, std::move(options)));
      auto body = [&](io::Scope& scope) -> io::Task<void> {
        scope.spawn(session->run(io)).keep();
        co_await use(io, *session, scope);
      };
      co_await io::with_scope(io, body, io::ScopePolicy::supervise);
      co_return Result<void>{};
    });
  }

  io::SimWorld world;
  quic::EndpointConfig endpoint{};    ///< before it runs
  h3::Listener* listener = nullptr;   ///< while the server runs
  std::optional<Instant> ended_at{};  ///< the server's run()

 private:
  io::Task<Result<void>> serve(io::Io& io) {
    CO_TRY(socket, io::bind_udp(io, world.host("server").endpoint(kPort)));
    h3::ListenerConfig config;
    config.endpoint = endpoint;
    config.endpoint.make_ssl = [this] { return quic::SslPtr{SSL_new(server_tls_.get())}; };
    config.date = [] { return std::string_view{"Sat, 21 Nov 2026 00:00:00 GMT"}; };
    h3::Listener listening{io, std::move(socket), std::move(config), limits_, handler_, counters_};
    listener = &listening;
    auto ended = co_await listening.run();
    listener = nullptr;
    ended_at = io.now();
    co_return ended;
  }

  Handler handler_;
  Limits limits_;
  Counters counters_;
  Context server_tls_, client_tls_;
};

Handler says(std::string text) {
  return [text = std::move(text)](io::Io&, Request&) -> io::Task<Result<Response>> { co_return text_response(text); };
}

io::Task<Result<void>> pause(io::Io& io, Duration time) { co_return co_await io::sleep(io, time); }

/// Closed, and its task cancelled in the same breath: the server hears of it and keeps nothing.
TEST(Http3Ends, ACloseIsSaidThoughTheTaskIsCancelled) {
  for (const bool closes : {true, false}) {
    Http3World all{1, calm(), says("hello")};
    std::size_t left = 99;
    all.client("client", [&](io::Io& io, h3::Http3Session& session, io::Scope& scope) -> io::Task<void> {
      EXPECT_EQ(co_await get(io, session, "/"), "200 hello");
      if (closes) session.close();
      scope.cancel();
      const Instant begin = io.now();
      co_await io::shield(io, kBrief * 2, pause(io, kBrief));
      EXPECT_GE(io.now() - begin, kBrief);
      left = all.listener->endpoint().size();
      all.listener->stop();
    });
    const auto ran = all.world.run();
    EXPECT_TRUE(ran.has_value()) << all.world.report();
    EXPECT_EQ(left, 0U) << (closes ? "closed and cancelled" : "cancelled");
  }
}

/// A server that stops does not wait for a client that vanished in the middle of an answer, however much of it is still to come.
TEST(Http3Ends, DrainingLeavesWhoVanished) {
  Http3World all{1, calm(), says(std::string(std::size_t{8} << 20, 'x'))};
  std::optional<Instant> cut_at;
  all.client("client", [&](io::Io& io, h3::Http3Session& session, io::Scope& scope) -> io::Task<void> {
    auto response = co_await session.exchange(io, ClientRequest{});
    EXPECT_TRUE(response.has_value());
    if (!response) co_return;
    auto piece = co_await response->body.read(io);
    EXPECT_TRUE(piece && !piece->empty());
    all.world.partition("client", "server", true);
    cut_at = io.now();
    all.listener->drain();
    scope.cancel();
  });
  const auto ran = all.world.run();
  EXPECT_TRUE(ran.has_value()) << all.world.report();
  ASSERT_TRUE(cut_at && all.ended_at);
  EXPECT_LT(*all.ended_at - *cut_at, kBrief);
}

/// One that only reads slowly is waited for.
TEST(Http3Ends, DrainingWaitsForWhoReadsSlowly) {
  Http3World all{1, calm(), says(std::string(std::size_t{8} << 20, 'x'))};
  std::size_t got = 0;
  all.client("client", [&](io::Io& io, h3::Http3Session& session, io::Scope& scope) -> io::Task<void> {
    auto response = co_await session.exchange(io, ClientRequest{});
    EXPECT_TRUE(response.has_value());
    all.listener->drain();
    while (response) {
      auto piece = co_await response->body.read(io);
      EXPECT_TRUE(piece.has_value());
      if (!piece || piece->empty()) break;
      got += piece->size();
      if (got < (std::size_t{1} << 20)) co_await io::sleep(io, Duration::seconds(3));
    }
    session.close();
    scope.cancel();
  });
  const auto ran = all.world.run();
  EXPECT_TRUE(ran.has_value()) << all.world.report();
  EXPECT_EQ(got, std::size_t{8} << 20);
}

/// A ClientHello of two packets that come in the wrong order is answered with a Retry, and leaves nothing behind that waits.
TEST(Http3Begins, AFlightInTheWrongOrderLeavesNoHalfOpenConnection) {
  std::uint64_t retries = 0;
  for (const std::uint64_t seed : io::simulation_seeds(10)) {
    io::SimOptions options = calm();
    options.link.jitter = Duration::milliseconds(20);
    Http3World all{seed, options, says("hello")};
    all.client("client", [&](io::Io& io, h3::Http3Session& session, io::Scope& scope) -> io::Task<void> {
      EXPECT_EQ(co_await get(io, session, "/"), "200 hello");
      EXPECT_EQ(all.listener->endpoint().stats().half_open, 0U) << "seed " << seed;
      EXPECT_EQ(all.listener->endpoint().size(), 1U) << "seed " << seed;
      retries += all.listener->endpoint().stats().retries;
      session.close();
      scope.cancel();
      all.listener->drain();
    });
    const auto ran = all.world.run();
    EXPECT_TRUE(ran.has_value()) << all.world.report();
  }
  EXPECT_GT(retries, 0U);
}

/// Who waits for a handshake that comes to nothing is told so, though the connection is forgotten at once.
TEST(Http3Begins, ASilentServerIsATimeout) {
  Http3World all{1, calm(), says("hello")};
  all.world.partition("client", "server", true);
  std::vector<std::string> got;
  all.client("client", [&](io::Io& io, h3::Http3Session& session, io::Scope& scope) -> io::Task<void> {
    for (int i = 0; i < 2; ++i) got.push_back(co_await get(io, session, "/"));
    EXPECT_FALSE(session.usable());
    EXPECT_EQ(session.group(), 0);
    scope.cancel();
    all.listener->stop();
  });
  const auto ran = all.world.run();
  EXPECT_TRUE(ran.has_value()) << all.world.report();
  EXPECT_EQ(got, std::vector<std::string>(2, "error: timeout: the peer does not answer"));
}

/// The client asks again and is answered again.
TEST(Http3Begins, ARetryThatIsLostIsSaidAgain) {
  Http3World all{1, calm(), says("hello")};
  all.endpoint.retry = quic::RetryPolicy::always;
  all.world.link("server", "client").cut = true;
  all.world.at(Duration::milliseconds(500), [&] { all.world.link("server", "client").cut = false; });
  Duration took{};
  all.client("client", [&](io::Io& io, h3::Http3Session& session, io::Scope& scope) -> io::Task<void> {
    const Instant begin = io.now();
    EXPECT_EQ(co_await get(io, session, "/"), "200 hello");
    took = io.now() - begin;
    session.close();
    scope.cancel();
    all.listener->drain();
  });
  const auto ran = all.world.run();
  EXPECT_TRUE(ran.has_value()) << all.world.report();
  EXPECT_LT(took, kBrief);
}

std::string pattern(std::size_t size, std::size_t seed) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251 + seed) % 26);
  return text;
}

/// Whatever the network does short of silence: every answer is whole, and both ends are rid of each other.
TEST(Http3Simulated, AnswersAreWholeOverABadNetwork) {
  for (const std::uint64_t seed : io::simulation_seeds(12)) {
    io::SimOptions options = calm();
    options.link.loss = 0.03;
    options.link.burst = 0.005;
    options.link.duplicate = 0.02;
    options.link.corrupt = 0.01;
    options.link.jitter = Duration::milliseconds(15);
    const auto handler = [](io::Io& io, Request& request) -> io::Task<Result<Response>> {
      CO_TRY(body, co_await request.body.read_all(io, std::size_t{1} << 20));
      co_return text_response(std::string{request.target.path()} + body + pattern(60'000, body.size()));
    };
    Http3World all{seed, options, handler};
    int whole = 0, clients = 2;
    for (const char* name : {"one", "two"})
      all.client(name, [&](io::Io& io, h3::Http3Session& session, io::Scope& scope) -> io::Task<void> {
        for (std::size_t i = 0; i < 4; ++i) {
          ClientRequest request;
          request.method = Method::post;
          request.target = "/" + std::to_string(i);
          const std::string sent = pattern(i * 9'000, i);
          request.body = Body::of(Chunk::of(std::string{sent}));
          auto response = co_await session.exchange(io, std::move(request));
          if (!response) continue;
          auto text = co_await response->body.read_all(io, std::size_t{1} << 20);
          whole += text && *text == "/" + std::to_string(i) + sent + pattern(60'000, sent.size()) ? 1 : 0;
        }
        session.close();
        scope.cancel();
        if (--clients == 0) all.listener->drain();
      });
    const auto ran = all.world.run();
    EXPECT_TRUE(ran.has_value()) << all.world.report();
    EXPECT_EQ(whole, 8) << all.world.report();
    EXPECT_TRUE(all.ended_at.has_value());
  }
}

/// Clients come until some are refused: those before are served as ever, and when they have gone nothing is held any more.
TEST(Http3Memory, AtTheLimitNewConnectionsAreRefused) {
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 20;
  constexpr int kClients = 60;
  const Duration apart = Duration::milliseconds(100), leave = Duration::seconds(20);
  const auto budget = std::make_shared<quic::MemoryBudget>(kLimit);
  Http3World all{1, calm(), says("hello")};
  all.endpoint.memory = budget;
  int admitted = 0, refused = 0, served_again = 0;
  std::uint64_t most = 0;
  for (int i = 0; i < kClients; ++i)
    all.client("client " + std::to_string(i), [&, i](io::Io& io, h3::Http3Session& session, io::Scope& scope) -> io::Task<void> {
      const std::string got = co_await get(io, session, "/");
      most = std::max(most, budget->used());
      (got == "200 hello" ? admitted : refused) += 1;
      if (got != "200 hello") EXPECT_TRUE(got.contains("error 2")) << got;  // CONNECTION_REFUSED
      co_await io::sleep(io, leave - apart * i);
      if (got == "200 hello") served_again += co_await get(io, session, "/") == "200 hello" ? 1 : 0;
      session.close();
      scope.cancel();
    }, apart * i);
  quic::EndpointStats stats;
  std::size_t left = 99;
  all.world.at(leave + leave, [&] {
    stats = all.listener->endpoint().stats();
    left = all.listener->endpoint().size();
    all.listener->stop();
  });
  const auto ran = all.world.run();
  EXPECT_TRUE(ran.has_value()) << all.world.report();
  EXPECT_GE(admitted, 10);
  EXPECT_EQ(admitted + refused, kClients);
  EXPECT_EQ(served_again, admitted);
  EXPECT_GE(stats.refused_for_memory, static_cast<std::uint64_t>(refused));  // a ClientHello may be several packets
  EXPECT_GT(refused, 0);
  EXPECT_LE(most, kLimit + kLimit / 8);
  EXPECT_EQ(left, 0U);
  EXPECT_EQ(budget->used(), 0U);
}

}  // namespace
}  // namespace tablinum::net::test
