// HTTP/3, ours against ours: what handlers and callers see. Foreign peers: quic_interop_test.cc.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "quic_harness.h"
#include "quic_pair.h"
#include "tablinum/io/cancel.h"
#include "tablinum/io/scope.h"
#include "tablinum/net/guards.h"

namespace tablinum::net::test {
namespace {

constexpr std::uint16_t kMlKem = 0x11ec;

Handler echo() {
  return [](io::Io& io, Request& request) -> io::Task<Result<Response>> {
    CO_TRY(body, co_await request.body.read_all(io, std::size_t{64} << 20));
    co_return text_response(std::string{to_string(request.method)} + " " + std::string{request.target.path()} + " " + body);
  };
}

TEST(Http3, AnswersOverThePostQuantumGroup) {
  QuicServer server{echo()};
  with_session(ClientSetup{server.port()}, [](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
    EXPECT_EQ(co_await get(io, session, "/hello"), "200 GET /hello ");
    EXPECT_EQ(session.group(), kMlKem);
    EXPECT_FALSE(session.resumed());
  });
}

TEST(Http3, HandlersSeeWhatTlsAgreedOn) {
  ServerSetup setup;
  setup.tls.early_data = true;
  setup.endpoint.early_data = true;
  QuicServer server{[](io::Io&, Request& request) -> io::Task<Result<Response>> {
    if (request.tls == nullptr) co_return text_response("nothing");
    const TlsInfo& tls = *request.tls;
    co_return text_response(tls.alpn + " " + tls.server_name + " " + std::to_string(tls.group) + (tls.resumed ? " resumed" : " new"));
  }, std::move(setup)};
  h3::SessionStore store;
  ClientSetup client{server.port()};
  client.store = &store;
  for (const std::string how : {"new", "resumed"})
    with_session(client, [&](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
      for (int i = 0; i < 2; ++i) EXPECT_EQ(co_await get(io, session, "/"), "200 h3 localhost " + std::to_string(kMlKem) + " " + how);
    });
}

std::string pattern(std::size_t size, unsigned seed) {
  std::string text(size, ' ');
  std::uint32_t state = seed * 2654435761u + 1;
  for (char& c : text) {
    state = state * 1664525u + 1013904223u;
    c = static_cast<char>(state >> 24);
  }
  return text;
}

TEST(Http3, BodiesStreamBothWays) {
  QuicServer server{echo()};
  const std::string sent = pattern(std::size_t{3} << 20, 1);
  with_session(ClientSetup{server.port()}, [&](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
    ClientRequest request;
    request.method = Method::post;
    request.target = "/up";
    std::size_t at = 0;
    request.body = Body::stream([&](io::Io&) -> io::Task<Result<Chunk>> {
      const std::size_t size = std::min<std::size_t>(50'000, sent.size() - at);
      Chunk piece = Chunk::of(sent.substr(at, size));
      at += size;
      co_return piece;
    });
    auto response = co_await session.exchange(io, std::move(request));
    EXPECT_TRUE(response.has_value());
    if (!response) co_return;
    auto body = co_await response->body.read_all(io, std::size_t{8} << 20);
    EXPECT_TRUE(body.has_value());
    EXPECT_TRUE(body && *body == "POST /up " + sent);
  });
}

/// Nobody reads: the producer is asked for little more than the windows hold.
TEST(Http3, AProducerWaitsForASlowReader) {
  std::atomic<std::uint64_t> produced{0};
  QuicServer server{[&](io::Io&, Request&) -> io::Task<Result<Response>> {
    Response response;
    response.body = Body::stream([&](io::Io&) -> io::Task<Result<Chunk>> {
      produced += kChunkBytesMax;
      co_return Chunk::of(std::string(kChunkBytesMax, 'x'));
    });
    co_return response;
  }};
  ClientSetup setup{server.port()};
  setup.settings.stream_window = setup.settings.stream_window_max = 100'000;
  with_session(setup, [&](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
    auto response = co_await session.exchange(io, ClientRequest{});
    EXPECT_TRUE(response.has_value());
    // The server has filled what it may fill once two looks see the same.
    std::uint64_t before = 1, now = 0;
    while (before != now) {
      before = now;
      co_await io::sleep(io, Duration::milliseconds(200));
      now = produced.load();
    }
    EXPECT_GE(now, 100'000u);
    EXPECT_LE(now, 100'000u + h3::kQueuedBytesMax + 20 * kChunkBytesMax);
  });
}

// A 200 would say that the tunnel is open (RFC 9220 §3).
TEST(Http3, APageIsNoTunnel) {
  QuicServer server{[](io::Io&, Request&) -> io::Task<Result<Response>> { co_return text_response("a page"); }};
  with_session(ClientSetup{server.port()}, [](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
    ClientRequest request;
    request.headers.set(Field::upgrade, "websocket");
    auto response = co_await session.exchange(io, std::move(request));
    EXPECT_TRUE(response.has_value());
    if (response) EXPECT_EQ(response->status, Status::not_implemented);
  });
}

// One event wakes one: the others must hear of the end, and of more room, from each other.
TEST(Http3, AllWhoWaitForAStreamHearOfTheEnd) {
  ServerSetup one_at_a_time;
  one_at_a_time.endpoint.settings.streams_bidi_max = 1;
  QuicServer server{[](io::Io& io, Request&) -> io::Task<Result<Response>> {
                      CO_CHECK_OK(co_await io::sleep(io, Duration::seconds(100)));
                      co_return text_response("late");
                    },
                    one_at_a_time};
  with_session(ClientSetup{server.port()}, [](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
    int failed = 0;
    auto ask = [&]() -> io::Task<void> {
      auto response = co_await session.exchange(io, ClientRequest{});
      failed += response ? 0 : 1;
    };
    auto body = [&](io::Scope& scope) -> io::Task<void> {
      for (int i = 0; i < 6; ++i) scope.spawn(ask()).keep();
      co_await io::sleep(io, Duration::milliseconds(100));
      session.close();
    };
    co_await io::with_scope(io, body);
    EXPECT_EQ(failed, 6);
  });
}

TEST(Http3, TrailersAndManyStreams) {
  QuicServer server{[](io::Io&, Request& request) -> io::Task<Result<Response>> {
    class WithTrailers final : public BodySource {
     public:
      io::Task<Result<Chunk>> read(io::Io&) override { co_return std::exchange(left_, Chunk{}); }
      Headers trailers() override {
        Headers fields;
        fields.set("x-sum", "42");
        return fields;
      }

     private:
      Chunk left_ = Chunk::constant("body");
    };
    Response response;
    if (request.target.path() == "/t") response.body = Body::from(std::make_unique<WithTrailers>());
    else response = text_response(std::string{request.target.path()});
    co_return response;
  }};
  with_session(ClientSetup{server.port()}, [](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
    ClientRequest request;
    request.target = "/t";
    auto response = co_await session.exchange(io, std::move(request));
    EXPECT_TRUE(response.has_value());
    if (!response) co_return;
    auto body = co_await response->body.read_all(io);
    EXPECT_EQ(body.value_or("-"), "body");
    EXPECT_EQ(response->body.take_trailers().get("x-sum"), "42");
    // More than the server allows at a time, so the limit must be raised as streams end.
    for (int i = 0; i < 400; ++i) EXPECT_EQ(co_await get(io, session, "/" + std::to_string(i)), "200 /" + std::to_string(i));
  });
}

TEST(Http3, ResumesWithEarlyDataForSafeRequestsOnly) {
  ServerSetup setup;
  setup.tls.early_data = true;
  setup.endpoint.early_data = true;
  QuicServer server{[](io::Io& io, Request& request) -> io::Task<Result<Response>> {
    CO_TRY(body, co_await request.body.read_all(io));
    co_return text_response((request.early ? "early " : "late ") + body);
  }, std::move(setup)};
  h3::SessionStore store;
  ClientSetup client{server.port()};
  client.store = &store;
  with_session(client, [](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
    EXPECT_EQ(co_await get(io, session, "/"), "200 late ");
  });
  with_session(client, [](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
    EXPECT_EQ(co_await get(io, session, "/"), "200 early ");
    EXPECT_TRUE(session.resumed());
    EXPECT_TRUE(session.early_accepted());
    ClientRequest request;
    request.method = Method::post;
    request.body = Body::of(std::string{"data"});
    auto response = co_await session.exchange(io, std::move(request));
    EXPECT_TRUE(response.has_value());
    if (!response) co_return;
    auto body = co_await response->body.read_all(io);
    EXPECT_EQ(body.value_or("-"), "late data");
  });
  EXPECT_EQ(server.stats().early_accepted, 1u);
}

/// A route that must not run twice says 425 to what may be a replay; the client asks again when it is none.
TEST(Http3, TooEarlyIsAskedAgainAfterTheHandshake) {
  ServerSetup setup;
  setup.tls.early_data = true;
  setup.endpoint.early_data = true;
  std::atomic<int> ran{0};
  const Handler counted = [&](io::Io&, Request& request) -> io::Task<Result<Response>> {
    ++ran;
    co_return text_response(request.early ? "early" : "late");
  };
  QuicServer server{after_handshake()(counted), std::move(setup)};
  h3::SessionStore store;
  ClientSetup client{server.port()};
  client.store = &store;
  for (const bool again : {false, true})
    with_session(client, [again](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
      EXPECT_EQ(co_await get(io, session, "/"), "200 late");
      EXPECT_EQ(session.early_accepted(), again);
    });
  EXPECT_EQ(ran, 2);
  EXPECT_EQ(server.counters().responses[4], 1u);
}

/// The handler's word on priority goes before the order of the requests (RFC 9218): the urgent one of two large answers ends first.
TEST(Http3, TheHandlersPriorityDecides) {
  using namespace std::string_literals;
  PairOptions options;
  options.handler = [](io::Io&, Request& request) -> io::Task<Result<Response>> {
    Response response = respond(Status::ok, "application/octet-stream", std::string(std::size_t{1} << 20, 'x'));
    response.priority = Priority{static_cast<std::uint8_t>(request.target.path() == "/1" ? 0 : 7), false};
    co_return response;
  };
  const auto ran = with_pair(std::move(options), [](io::Io&, QuicPair& pair) -> io::Task<void> {
    co_await pair.run();
    Script& script = pair.script();
    script.send(script.open(false), "\0\4\0"s);
    // :method GET, :scheme https, :authority a, :path
    const std::string fields = "\0\0\xd1\xd7\x50\1a\x51\2/"s;
    const std::int64_t last = script.open(true), first = script.open(true);
    for (const auto& [stream, name] : {std::pair{last, "7"}, {first, "1"}})
      script.send(stream, "\1"s + varint(fields.size() + 1) + fields + name, true);
    co_await pair.run(Duration::seconds(20));
    EXPECT_EQ(script.finished, (std::vector<std::int64_t>{first, last}));
  });
  EXPECT_TRUE(ran.has_value());
}

TEST(Http3, EarlyDataThatIsRefusedIsSentAgain) {
  ServerSetup setup;
  setup.tls.early_data = true;
  QuicServer first{echo(), setup};
  h3::SessionStore store;
  ClientSetup client{first.port()};
  client.store = &store;
  with_session(client, [](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
    EXPECT_EQ(co_await get(io, session, "/1"), "200 GET /1 ");
  });
  // The glue never accepts (EndpointConfig::early_data is off), so what was sent early is lost and comes again.
  with_session(client, [](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
    EXPECT_EQ(co_await get(io, session, "/2"), "200 GET /2 ");
  });
}

TEST(Http3, DrainFinishesWhatHasBegun) {
  QuicServer server{[](io::Io& io, Request&) -> io::Task<Result<Response>> {
    co_await io::sleep(io, Duration::milliseconds(500));
    co_return text_response("done");
  }};
  std::string answer;
  std::thread client{[&] {
    with_session(ClientSetup{server.port()}, [&](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
      answer = co_await get(io, session, "/");
    });
  }};
  while (server.counters().requests_active == 0) std::this_thread::yield();
  EXPECT_TRUE(server.drain());
  client.join();
  EXPECT_EQ(answer, "200 done");
}

TEST(Http3, RetryIsAnsweredAndATokenSavesTheNextOne) {
  ServerSetup setup;
  setup.endpoint.retry = quic::RetryPolicy::always;
  QuicServer server{echo(), std::move(setup)};
  h3::SessionStore store;
  ClientSetup client{server.port()};
  client.store = &store;
  const UseSession once = [](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
    EXPECT_EQ(co_await get(io, session, "/"), "200 GET / ");
  };
  with_session(client, once);
  EXPECT_EQ(server.stats().retries, 1u);
  with_session(client, once);
  EXPECT_EQ(server.stats().retries, 1u);
}

TEST(Http3, HeadsOverTheLimitAreAnswered431) {
  ServerSetup setup;
  setup.limits.fields_max = 20;
  QuicServer server{echo(), std::move(setup)};
  with_session(ClientSetup{server.port()}, [](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
    for (const int extra : {15, 30}) {
      ClientRequest request;
      for (int i = 0; i < extra; ++i) request.headers.set("x-field-" + std::to_string(i), "v");
      auto response = co_await session.exchange(io, std::move(request));
      EXPECT_TRUE(response.has_value());
      if (response) EXPECT_EQ(number(response->status), extra == 15 ? 200 : 431);
    }
  });
}

TEST(Http3, CancellingAnExchangeCancelsItsHandler) {
  std::atomic<bool> begun{false}, cancelled{false};
  QuicServer server{[&](io::Io& io, Request&) -> io::Task<Result<Response>> {
    begun = true;
    auto slept = co_await io::sleep(io, Duration::seconds(60));
    cancelled = !slept && slept.error().code == Code::cancelled;
    co_return text_response("late");
  }};
  with_session(ClientSetup{server.port()}, [&](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
    auto ended = co_await io::timeout(io, Duration::milliseconds(300), session.exchange(io, ClientRequest{}));
    EXPECT_FALSE(ended.has_value());
    for (int i = 0; i < 500 && !cancelled; ++i) co_await io::sleep(io, Duration::milliseconds(10));
    EXPECT_TRUE(begun.load());
    EXPECT_TRUE(cancelled.load());
    EXPECT_TRUE(session.usable());
  });
}

// The one Server on its three wires: what TCP answers names the QUIC port, HTTP/3 answers there, and stop() ends both.
TEST(Http3, ServerAnswersOverTcpAndQuic) {
  const Identity& identity = Identity::get();
  TlsConfig config;
  TlsHost host;
  host.certificate = PemSource::of_file(identity.certificate_file);
  host.key = PemSource::of_file(identity.key_file);
  host.names = {"localhost"};
  config.hosts.push_back(std::move(host));
  ServerOptions options = TestServer::defaults();
  options.tls = TlsContext::make(std::move(config)).value();
  options.http3 = true;
  TestServer server{echo(), std::move(options)};
  for (int i = 0; i < 2; ++i)
    with_session(ClientSetup{server.port()}, [&](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
      EXPECT_EQ(co_await get(io, session, "/"), "200 GET / ");
    });
  const std::string url = "https://localhost:" + std::to_string(server.port()) + "/tcp";
  const std::string printed = run_program("curl -si --http2 --cacert " + identity.certificate_file + " " + url);
  EXPECT_TRUE(printed.contains("alt-svc: h3=\":" + std::to_string(server.port()) + "\"")) << printed;
  EXPECT_TRUE(printed.contains("GET /tcp")) << printed;
  server.stop();
  EXPECT_TRUE(server.ended());
  EXPECT_EQ(server.server().stats().http3_connections, 2U);
  EXPECT_EQ(server.server().stats().connections_open, 0U);
}

TEST(Http3, ServerNeedsACertificate) {
  ServerOptions options = TestServer::defaults();
  options.http3 = true;
  EXPECT_EQ(Server::bind(std::move(options), echo()).error().code, Code::invalid);
}

/// All who wait for a handshake that fails: two for its end, one for an answer. They run when the connection is over already, and
/// may ask the session what it was. (AddressSanitizer sees what they read.)
io::Task<std::vector<Code>> wait_for_failure(io::Io& io, h3::Http3Session& session) {
  std::vector<Code> heard;
  auto wait = [&]() -> io::Task<void> {
    auto done = co_await session.established();
    heard.push_back(done ? Code{} : done.error().code);
    EXPECT_EQ(session.group(), 0);
    EXPECT_FALSE(session.resumed() || session.early_accepted() || session.usable());
    EXPECT_EQ(session.quic_version(), 0u);
    EXPECT_EQ(session.room(), 0u);
    EXPECT_EQ(session.connection(), nullptr);
  };
  auto ask = [&]() -> io::Task<void> {
    auto response = co_await session.exchange(io, ClientRequest{});
    heard.push_back(response ? Code{} : response.error().code);
  };
  auto body = [&](io::Scope& scope) -> io::Task<void> {
    scope.spawn(wait()).keep();
    scope.spawn(wait()).keep();
    scope.spawn(ask()).keep();
    co_return;
  };
  co_await io::with_scope(io, body, io::ScopePolicy::supervise);
  co_return heard;
}

void expect_failure(const ClientSetup& setup, Code want) {
  with_session(setup, [&](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
    EXPECT_EQ(co_await wait_for_failure(io, session), (std::vector<Code>{want, want, want}));
    // And once more, when it has long been over.
    co_await io::sleep(io, Duration::milliseconds(20));
    EXPECT_EQ(co_await wait_for_failure(io, session), (std::vector<Code>{want, want, want}));
  });
}

TEST(Http3, WhoWaitsHearsOfAServerThatIsSilent) {
  const int silent = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(silent, reinterpret_cast<const sockaddr*>(&address), size), 0);
  ::getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size);
  ClientSetup client{ntohs(address.sin_port)};
  client.settings.handshake_time = Duration::milliseconds(300);
  expect_failure(client, Code::timeout);
  ::close(silent);
}

TEST(Http3, WhoWaitsHearsOfAServerThatHasNoRoom) {
  ServerSetup setup;
  setup.endpoint.connections_max = 0;
  QuicServer server{echo(), std::move(setup)};
  expect_failure(ClientSetup{server.port()}, Code::refused);
}

TEST(Http3, WhoWaitsHearsOfNothingInCommon) {
  ServerSetup setup;
  setup.tls.groups = "P-256";
  QuicServer server{echo(), std::move(setup)};
  ClientSetup client{server.port()};
  client.groups = "X25519";
  expect_failure(client, Code::protocol);
}

TEST(Http3, ConnectionsOverTheLimitAreRefused) {
  ServerSetup setup;
  setup.endpoint.connections_max = 1;
  QuicServer server{echo(), std::move(setup)};
  with_session(ClientSetup{server.port()}, [&](io::Io& io, h3::Http3Session& first) -> io::Task<void> {
    EXPECT_EQ(co_await get(io, first, "/"), "200 GET / ");
    std::string second;
    std::thread other{[&] {
      with_session(ClientSetup{server.port()}, [&](io::Io& inner, h3::Http3Session& session) -> io::Task<void> {
        second = co_await get(inner, session, "/");
      });
    }};
    other.join();
    EXPECT_TRUE(second.starts_with("error: ")) << second;
    EXPECT_EQ(co_await get(io, first, "/again"), "200 GET /again ");
  });
}

}  // namespace
}  // namespace tablinum::net::test
