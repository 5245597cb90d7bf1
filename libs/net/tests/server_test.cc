/// The server over real sockets: keep-alive, pipelines, streams, limits, slow clients, shutdown.
#include <gtest/gtest.h>

#include "harness.h"
#include "tablinum/io/channel.h"
#include "tablinum/net/client.h"
#include "tablinum/net/stream.h"
#include "tablinum/net/sse.h"

namespace tablinum::net {
namespace {

using test::body_in;
using test::field_in;
using test::RawClient;
using test::status_in;
using test::TestServer;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

io::Task<Result<Response>> say_hello(io::Io&, Request&) { co_return text_response("hello"); }
io::Task<Result<Response>> echo(io::Io& io, Request& request) {
  CO_TRY(text, co_await request.body.read_all(io));
  co_return text_response(std::move(text));
}
io::Task<Result<Response>> ignore_body(io::Io&, Request&) { co_return text_response("ignored"); }
io::Task<Result<Response>> sleep_then_answer(io::Io& io, Request&) {
  CO_CHECK_OK(co_await io::sleep(io, Duration::milliseconds(300)));
  co_return text_response("slept");
}

ServerOptions with(void (*change)(Limits&)) {
  ServerOptions options = TestServer::defaults();
  change(options.limits);
  return options;
}

std::string post(std::string_view body, std::string_view fields = "") {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string{fields} + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string{body};
}

TEST(Server, AnswersAndKeepsTheConnection) {
  TestServer server{say_hello};
  RawClient client{server.port()};
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.send(kGet));
    const std::string response = client.receive_response();
    EXPECT_EQ(status_in(response), "200");
    EXPECT_EQ(body_in(response), "hello");
    EXPECT_TRUE(field_in(response, "date"));
    EXPECT_FALSE(field_in(response, "connection"));
  }
  EXPECT_EQ(server.server().stats().connections_total, 1u);
  EXPECT_EQ(server.server().stats().requests_total, 3u);
  EXPECT_EQ(server.server().stats().responses[2], 3u);
}

TEST(Server, AnswersAPipelineInOrder) {
  TestServer server{echo};
  RawClient client{server.port()};
  std::string pipeline;
  for (int i = 0; i < 100; ++i) pipeline += post("number " + std::to_string(i));
  ASSERT_TRUE(client.send(pipeline));
  for (int i = 0; i < 100; ++i) ASSERT_EQ(body_in(client.receive_response()), "number " + std::to_string(i));
}

TEST(Server, ReadsBytesOneByOne) {
  TestServer server{echo};
  RawClient client{server.port()};
  for (const char byte : post("slow")) ASSERT_TRUE(client.send({&byte, 1}));
  EXPECT_EQ(body_in(client.receive_response()), "slow");
}

TEST(Server, ReadsChunksAndTheNextRequest) {
  TestServer server{echo};
  RawClient client{server.port()};
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
  EXPECT_EQ(body_in(client.receive_response()), "abcde");
  ASSERT_TRUE(client.send(post("next")));
  EXPECT_EQ(body_in(client.receive_response()), "next");
}

TEST(Server, GivesTrailersAfterTheBody) {
  const Handler handler = [](io::Io& io, Request& request) -> io::Task<Result<Response>> {
    CO_CHECK_OK(co_await request.body.discard(io));
    co_return text_response(std::string{request.body.take_trailers().get("x-sum").value_or("none")});
  };
  TestServer server{handler};
  RawClient client{server.port()};
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 42\r\n\r\n"));
  EXPECT_EQ(body_in(client.receive_response()), "42");
}

TEST(Server, SendsContinueOnlyWhenTheBodyIsRead) {
  TestServer reads{echo};
  RawClient waiting{reads.port()};
  ASSERT_TRUE(waiting.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
  EXPECT_EQ(waiting.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(waiting.send("ok"));
  EXPECT_EQ(body_in(waiting.receive_response()), "ok");

  TestServer ignores{ignore_body};
  RawClient refused{ignores.port()};
  ASSERT_TRUE(refused.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
  const std::string response = refused.receive_response();
  EXPECT_EQ(status_in(response), "200");
  EXPECT_EQ(field_in(response, "connection"), "close");
}

TEST(Server, SkipsABodyNobodyRead) {
  TestServer server{ignore_body};
  RawClient client{server.port()};
  ASSERT_TRUE(client.send(post(std::string(100'000, 'x'))));
  EXPECT_EQ(status_in(client.receive_response()), "200");
  ASSERT_TRUE(client.send(kGet));
  EXPECT_EQ(status_in(client.receive_response()), "200");
}

TEST(Server, ClosesRatherThanSkipAHugeBody) {
  TestServer server{ignore_body};
  RawClient client{server.port()};
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\nabc"));
  const std::string response = client.receive_all();
  EXPECT_EQ(status_in(response), "200");
  EXPECT_EQ(field_in(response, "connection"), "close");
}

TEST(Server, HeadHasNoBody) {
  TestServer server{say_hello};
  RawClient client{server.port()};
  ASSERT_TRUE(client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + std::string{kGet}));
  EXPECT_EQ(field_in(client.receive_until("\r\n\r\n"), "content-length"), "5");
  EXPECT_EQ(body_in(client.receive_response()), "hello");
}

TEST(Server, SpeaksHttp10) {
  TestServer server{say_hello};
  RawClient closing{server.port()};
  ASSERT_TRUE(closing.send("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(body_in(closing.receive_all()), "hello");
  RawClient keeping{server.port()};
  ASSERT_TRUE(keeping.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_EQ(field_in(keeping.receive_response(), "connection"), "keep-alive");
}

TEST(Server, RefusesAndCloses) {
  TestServer server{say_hello};
  RawClient client{server.port()};
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"));
  const std::string all = client.receive_all();
  EXPECT_EQ(status_in(all), "400");
  EXPECT_EQ(field_in(all, "connection"), "close");
  EXPECT_EQ(all.find("HTTP/1.1", 8), std::string::npos) << "a second answer";
  EXPECT_EQ(server.server().stats().protocol_errors, 1u);
}

TEST(Server, TurnsErrorsAndExceptionsIntoProblems) {
  const Handler handler = [](io::Io&, Request& request) -> io::Task<Result<Response>> {
    if (request.target.path() == "/throw") throw std::runtime_error("a bug");
    co_return fail(Code::not_found, "no such person");
  };
  TestServer server{handler};
  RawClient client{server.port()};
  ASSERT_TRUE(client.send(kGet));
  const std::string missing = client.receive_response();
  EXPECT_EQ(status_in(missing), "404");
  EXPECT_TRUE(body_in(missing).contains("no such person"));
  ASSERT_TRUE(client.send("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n"));
  const std::string broken = client.receive_response();
  EXPECT_EQ(status_in(broken), "500");
  EXPECT_FALSE(body_in(broken).contains("a bug"));
}

/// "x" a thousand times, `pieces` times.
Producer thousands(int pieces) {
  auto left = std::make_shared<int>(pieces);
  return [left](io::Io& io) -> io::Task<Result<Chunk>> {
    CO_CHECK_OK(co_await io::yield(io));
    co_return (*left)-- > 0 ? Chunk::of(std::string(1000, 'x')) : Chunk{};
  };
}

TEST(Server, StreamsInChunks) {
  const Handler handler = [](io::Io&, Request&) -> io::Task<Result<Response>> {
    Response response;
    response.body = Body::stream(thousands(3));
    co_return response;
  };
  TestServer server{handler};
  RawClient client{server.port()};
  ASSERT_TRUE(client.send(kGet));
  const std::string response = client.receive_until("0\r\n\r\n");
  EXPECT_EQ(field_in(response, "transfer-encoding"), "chunked");
  const std::string chunk = "3e8\r\n" + std::string(1000, 'x') + "\r\n";
  EXPECT_EQ(body_in(response), chunk + chunk + chunk + "0\r\n\r\n");
  ASSERT_TRUE(client.send("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(body_in(client.receive_all()), std::string(3000, 'x'));
}

TEST(Server, BreaksOffAStreamThatFailsOrLies) {
  for (const std::uint64_t promised : {std::uint64_t{2500}, std::uint64_t{3500}}) {
    const Handler handler = [promised](io::Io&, Request&) -> io::Task<Result<Response>> {
      Response response;
      response.body = Body::stream(thousands(3), promised);
      co_return response;
    };
    TestServer server{handler};
    RawClient client{server.port()};
    ASSERT_TRUE(client.send(kGet));
    EXPECT_LT(body_in(client.receive_all()).size(), promised);
  }
}

TEST(Server, PullsAStreamOnlyAsFastAsItIsRead) {
  auto produced = std::make_shared<std::atomic<std::uint64_t>>(0);
  const Handler handler = [produced](io::Io&, Request&) -> io::Task<Result<Response>> {
    Response response;
    response.body = Body::stream([produced](io::Io& io) -> io::Task<Result<Chunk>> {
      CO_CHECK_OK(co_await io::yield(io));
      *produced += kChunkBytesMax;
      co_return Chunk::of(std::string(kChunkBytesMax, 'x'));
    });
    co_return response;
  };
  TestServer server{handler};
  RawClient client{server.port()};
  client.narrow_window();
  ASSERT_TRUE(client.send(kGet));
  client.receive_until("\r\n\r\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const std::uint64_t before = *produced;
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(*produced, before) << "the stream runs on though nobody reads";
  // What the kernel takes of a connection nobody reads from, plus one piece of ours.
  EXPECT_LT(before, std::uint64_t{16} << 20);
}

TEST(Server, CancelsAnEndlessStreamWhenTheClientGoes) {
  auto ended = std::make_shared<std::atomic<bool>>(false);
  const Handler handler = [ended](io::Io&, Request&) -> io::Task<Result<Response>> {
    co_return event_stream([ended](io::Io& io, Instant) -> io::Task<Result<std::optional<Event>>> {
      auto waited = co_await io::sleep(io, Duration::seconds(60));
      *ended = !waited && waited.error().code == Code::cancelled;
      co_return std::unexpected(std::move(waited).error());
    });
  };
  TestServer server{handler};
  {
    RawClient client{server.port()};
    ASSERT_TRUE(client.send(kGet));
    EXPECT_TRUE(client.receive_until("connected").contains("text/event-stream"));
  }
  for (int i = 0; i < 500 && !*ended; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_TRUE(*ended);
}

TEST(Server, SendsEventsAndKeepAlives) {
  const Handler handler = [](io::Io&, Request& request) -> io::Task<Result<Response>> {
    auto next = std::make_shared<int>(0);
    const std::string after{last_event_id(request).value_or("none")};
    co_return event_stream(
        [next, after](io::Io& io, Instant until) -> io::Task<Result<std::optional<Event>>> {
          if (++*next == 1) co_return std::optional{Event{"1", "news", "after " + after, {}}};
          if (*next == 3) co_return std::optional<Event>{};
          CO_CHECK_OK(co_await io::sleep_until(io, until));
          co_return fail(Code::timeout);
        },
        Duration::milliseconds(50));
  };
  TestServer server{handler};
  RawClient client{server.port()};
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 41\r\n\r\n"));
  const std::string all = client.receive_until("0\r\n\r\n");
  EXPECT_TRUE(all.contains("id: 1\nevent: news\ndata: after 41\n\n"));
  EXPECT_TRUE(all.contains(": keep-alive\n\n"));
}

struct ServerLimit {
  const char* name;
  std::string (*request)(std::size_t extra);
  const char* status;
};
class ServerLimits : public testing::TestWithParam<ServerLimit> {};
TEST_P(ServerLimits, HoldAtTheLimitAndRefuseOneBeyond) {
  TestServer server{say_hello};
  RawClient fits{server.port()};
  ASSERT_TRUE(fits.send(GetParam().request(0)));
  EXPECT_EQ(status_in(fits.receive_response()), "200");
  RawClient exceeds{server.port()};
  exceeds.send(GetParam().request(1));
  EXPECT_EQ(status_in(exceeds.receive_all()), GetParam().status);
}
std::string line_of_8_kib(std::size_t extra) {
  return "GET /" + std::string(8192 - 14 + extra, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n";
}
std::string header_of_64_kib(std::size_t extra) {
  return "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(65536 - 9 - 5 + extra, 'a') + "\r\n\r\n";
}
std::string fields_128(std::size_t extra) {
  std::string text = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (std::size_t i = 0; i < 127 + extra; ++i) text += "X: a\r\n";
  return text + "\r\n";
}
INSTANTIATE_TEST_SUITE_P(Defaults, ServerLimits, testing::Values(
    ServerLimit{"request_line", line_of_8_kib, "414"}, ServerLimit{"header", header_of_64_kib, "431"},
    ServerLimit{"fields", fields_128, "431"}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(SlowClients, LoseWithTheirHeader) {
  TestServer server{say_hello, with([](Limits& limits) { limits.headers_time = Duration::milliseconds(200); })};
  RawClient client{server.port()};
  ASSERT_TRUE(client.send("GET / HT"));
  EXPECT_EQ(status_in(client.receive_all()), "408");
  RawClient silent{server.port()};
  EXPECT_EQ(silent.receive_all(), "");
  EXPECT_EQ(server.server().stats().timeouts, 2u);
}

TEST(SlowClients, AreClosedWithoutAWordWhenIdle) {
  TestServer server{say_hello, with([](Limits& limits) { limits.idle_time = Duration::milliseconds(200); })};
  RawClient client{server.port()};
  ASSERT_TRUE(client.send(kGet));
  EXPECT_EQ(status_in(client.receive_response()), "200");
  EXPECT_EQ(client.receive_all(), "");
}

TEST(SlowClients, LoseWithTheirBody) {
  TestServer server{echo, with([](Limits& limits) {
                      limits.body_grace = Duration::milliseconds(200);
                      limits.rate_bytes_min = 1'000'000'000;
                    })};
  RawClient client{server.port()};
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"));
  EXPECT_EQ(status_in(client.receive_all()), "408");
}

TEST(SlowClients, AreCutWhenTheyDoNotRead) {
  const Handler handler = [](io::Io&, Request&) -> io::Task<Result<Response>> { co_return text_response(std::string(64 << 20, 'x')); };
  TestServer server{handler, with([](Limits& limits) {
                      limits.drain_grace = Duration::milliseconds(200);
                      limits.rate_bytes_min = 1'000'000'000;
                    })};
  RawClient client{server.port()};
  client.narrow_window();
  ASSERT_TRUE(client.send(kGet));
  while (server.server().stats().connections_open == 0) std::this_thread::yield();
  while (server.server().stats().connections_open > 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(server.server().stats().timeouts, 1u);
  EXPECT_LT(server.server().stats().bytes_sent, std::uint64_t{64} << 20);
}

TEST(Limits, ClosesAfterTheLastAllowedRequest) {
  TestServer server{say_hello, with([](Limits& limits) { limits.requests_per_connection_max = 2; })};
  RawClient client{server.port()};
  ASSERT_TRUE(client.send(kGet));
  EXPECT_FALSE(field_in(client.receive_response(), "connection"));
  ASSERT_TRUE(client.send(kGet));
  EXPECT_EQ(field_in(client.receive_response(), "connection"), "close");
  EXPECT_EQ(client.receive_all(), "");
}

TEST(Limits, AnAddressHasSoManyConnections) {
  TestServer server{say_hello, with([](Limits& limits) { limits.connections_per_address_max = 2; })};
  std::optional<RawClient> first;
  first.emplace(server.port());
  RawClient second{server.port()};
  for (RawClient* client : {&*first, &second}) {
    ASSERT_TRUE(client->send(kGet));
    EXPECT_EQ(status_in(client->receive_response()), "200");
  }
  RawClient third{server.port()};
  EXPECT_EQ(third.receive_all(), "");
  EXPECT_EQ(server.server().stats().connections_refused, 1u);
  first.reset();
  while (server.server().stats().connections_open > 1) std::this_thread::yield();
  RawClient fourth{server.port()};
  ASSERT_TRUE(fourth.send(kGet));
  EXPECT_EQ(status_in(fourth.receive_response()), "200");
}

TEST(Limits, AcceptingPausesWhenAllConnectionsAreTaken) {
  TestServer server{say_hello, with([](Limits& limits) { limits.connections_max = 1; })};
  std::optional<RawClient> first;
  first.emplace(server.port());
  ASSERT_TRUE(first->send(kGet));
  EXPECT_EQ(status_in(first->receive_response()), "200");
  RawClient waiting{server.port()};
  ASSERT_TRUE(waiting.send(kGet));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(server.server().stats().connections_total, 1u);
  first.reset();
  EXPECT_EQ(status_in(waiting.receive_response()), "200");
}

TEST(Shutdown, FinishesWhatIsUnderWay) {
  TestServer server{sleep_then_answer};
  RawClient busy{server.port()}, idle{server.port()};
  ASSERT_TRUE(busy.send(kGet));
  while (server.server().stats().requests_active == 0) std::this_thread::yield();
  server.server().stop();
  EXPECT_EQ(idle.receive_all(), "");
  const std::string response = busy.receive_all();
  EXPECT_EQ(body_in(response), "slept");
  EXPECT_EQ(field_in(response, "connection"), "close");
  server.stop();
  EXPECT_TRUE(server.ended());
}

TEST(Shutdown, EndsStreamsOfEventsAtOnce) {
  const Handler handler = [](io::Io&, Request&) -> io::Task<Result<Response>> {
    co_return event_stream([](io::Io& io, Instant) -> io::Task<Result<std::optional<Event>>> {
      CO_CHECK_OK(co_await io::sleep(io, Duration::seconds(60)));
      co_return std::optional<Event>{};
    });
  };
  ServerOptions options = TestServer::defaults();
  options.grace = Duration::seconds(60);
  TestServer server{handler, options};
  RawClient client{server.port()};
  ASSERT_TRUE(client.send(kGet));
  client.receive_until("connected");
  server.stop();
  EXPECT_TRUE(server.ended());
}

TEST(Shutdown, CancelsWhatOutlivesTheGrace) {
  const Handler handler = [](io::Io& io, Request&) -> io::Task<Result<Response>> {
    CO_CHECK_OK(co_await io::sleep(io, Duration::seconds(60)));
    co_return text_response("too late");
  };
  ServerOptions options = TestServer::defaults();
  options.grace = Duration::milliseconds(100);
  TestServer server{handler, options};
  RawClient client{server.port()};
  ASSERT_TRUE(client.send(kGet));
  while (server.server().stats().requests_active == 0) std::this_thread::yield();
  server.stop();
  EXPECT_FALSE(client.receive_all().contains("too late"));
}

TEST(Shutdown, UnderLoadLosesNoAnsweredRequest) {
  TestServer server{say_hello};
  std::atomic<int> answered{0}, cut{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i)
    clients.emplace_back([&] {
      RawClient client{server.port()};
      while (client.send(kGet)) {
        const std::string response = client.receive_response();
        if (response.empty()) return;  // closed between requests: the client would ask elsewhere
        if (body_in(response) == "hello") ++answered;
        else ++cut;
      }
    });
  while (answered < 1000) std::this_thread::yield();
  server.stop();
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(cut, 0);
  EXPECT_EQ(server.server().stats().connections_open, 0u);
}

TEST(Server, SurvivesResets) {
  TestServer server{say_hello};
  for (int i = 0; i < 50; ++i) {
    RawClient client{server.port()};
    client.send(i % 2 == 0 ? kGet : "GET / HT");
    client.reset();
  }
  RawClient client{server.port()};
  ASSERT_TRUE(client.send(kGet));
  EXPECT_EQ(status_in(client.receive_response()), "200");
}

TEST(Bind, RefusesAPortThatIsTaken) {
  TestServer server{say_hello};
  for (const unsigned cores : {1u, 2u}) {
    ServerOptions options;
    options.listen = {"127.0.0.1:" + std::to_string(server.port())};
    options.cores = cores;
    const auto second = Server::bind(options, say_hello);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::address_in_use);
  }
}

TEST(Bind, RefusesWhatIsNoAddress) {
  for (const char* text : {"", "nowhere:80", "127.0.0.1", "127.0.0.1:99999", "unix:/tmp/x"}) {
    ServerOptions options;
    options.listen = {text};
    const auto bound = Server::bind(options, say_hello);
    ASSERT_FALSE(bound) << text;
    EXPECT_EQ(bound.error().code, Code::invalid) << text;
  }
  ServerOptions none;
  none.listen.clear();
  EXPECT_EQ(Server::bind(none, say_hello).error().code, Code::invalid);
}

TEST(Bind, ServesAllAddressesAndCores) {
  ServerOptions options;
  options.listen = {"localhost:0"};
  options.cores = 2;
  auto server = Server::bind(options, say_hello).value();
  io::RuntimeOptions cores;
  cores.cores = 2;
  io::Runtime runtime{cores};
  std::thread thread{[&] {
    const io::Runtime::Main main = [&](io::Io& io, unsigned) { return server->serve(io); };
    EXPECT_TRUE(runtime.run(main));
  }};
  for (int i = 0; i < 20; ++i) {
    RawClient client{server->port()};
    ASSERT_TRUE(client.send(kGet));
    EXPECT_EQ(status_in(client.receive_response()), "200");
  }
  server->stop();
  thread.join();
}

TEST(Server, HandsTheConnectionOverAfter101) {
  const Takeover shout = [](io::Io& io, ByteStream& stream) -> io::Task<void> {
    std::array<std::byte, 64> buffer;
    while (true) {
      auto got = co_await stream.read(buffer, io.now() + Duration::seconds(10));
      if (!got || *got == 0) co_return;
      const std::string text = "<" + std::string{text_of(ByteView{buffer}.first(*got))} + ">";
      const ByteView piece = bytes_of(text);
      auto sent = co_await stream.write({&piece, 1}, io.now() + Duration::seconds(10));
      if (!sent) co_return;
    }
  };
  const Handler upgrade = [&](io::Io&, Request& request) -> io::Task<Result<Response>> {
    Response response = empty_response(Status::switching_protocols);
    response.headers.set(Field::upgrade, request.headers.get_or(Field::upgrade, "?"));
    response.takeover = shout;
    co_return response;
  };
  TestServer server{upgrade};
  RawClient client{server.port()};
  // The first bytes of the new protocol come in the same segment as the request.
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\nearly"));
  const std::string head = client.receive_until("<early>");
  EXPECT_EQ(status_in(head), "101");
  EXPECT_EQ(field_in(head, "upgrade"), "shout");
  EXPECT_EQ(field_in(head, "connection"), "upgrade");
  EXPECT_EQ(field_in(head, "content-length"), std::nullopt);
  ASSERT_TRUE(client.send("late"));
  EXPECT_EQ(client.receive_until(">"), "<late>");
  client.shutdown_write();
  EXPECT_EQ(client.receive_all(), "");
}

TEST(Server, SendsEarlyHintsBeforeTheAnswer) {
  const Handler hinting = [](io::Io&, Request& request) -> io::Task<Result<Response>> {
    Headers hints;
    hints.set(Field::link, "</a.css>; rel=preload");
    if (request.send_hints) CO_CHECK_OK(co_await request.send_hints(hints));
    co_return text_response("done");
  };
  TestServer server{hinting};
  RawClient client{server.port()};
  ASSERT_TRUE(client.send(kGet));
  EXPECT_TRUE(client.receive_until("\r\n\r\n").starts_with("HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload"));
  EXPECT_EQ(body_in(client.receive_response()), "done");
  RawClient old{server.port()};
  ASSERT_TRUE(old.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(status_in(old.receive_all()), "200");
}

/// An answer that begins before its request has ended: the upload goes on in the request's scope.
TEST(Server, LetsAnUploadGoOnWhileTheAnswerIsSent) {
  struct Relay {
    explicit Relay(io::Io& io) : channel{io, 1} {}
    io::LocalChannel<Chunk> channel;
  };
  const Handler echoing = [](io::Io& io, Request& request) -> io::Task<Result<Response>> {
    auto relay = std::make_shared<Relay>(io);
    const auto upload = [](io::Io& own, Request& from, std::shared_ptr<Relay> to) -> io::Task<void> {
      while (true) {
        auto piece = co_await from.body.read(own);
        if (!piece || piece->empty()) break;
        if (auto sent = co_await to->channel.send(*piece); !sent) break;
      }
      to->channel.close();
    };
    if (request.scope == nullptr) co_return fail(Code::internal, "no scope");
    request.scope->spawn(upload(io, request, relay)).keep();
    Response response;
    response.body = Body::stream([relay](io::Io&) -> io::Task<Result<Chunk>> {
      auto piece = co_await relay->channel.receive();
      if (!piece) co_return Chunk{};
      co_return std::move(*piece);
    });
    co_return response;
  };
  TestServer server{echoing};
  RawClient client{server.port()};
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"));
  EXPECT_TRUE(client.receive_until("abc\r\n").contains("200 OK"));
  ASSERT_TRUE(client.send("2\r\nde\r\n0\r\n\r\n"));
  EXPECT_TRUE(client.receive_until("0\r\n\r\n").contains("de\r\n"));
  ASSERT_TRUE(client.send(kGet));
  EXPECT_EQ(status_in(client.receive_response()), "500");  // without a body there is no scope
}

TEST(Client, FetchesKeepsAndReplacesTheConnection) {
  TestServer server{echo, with([](Limits& limits) { limits.requests_per_connection_max = 2; })};
  auto body = [&](io::Io& io) -> io::Task<Result<int>> {
    Client client;
    for (int i = 0; i < 5; ++i) {
      ClientRequest request;
      request.method = Method::post;
      request.url = server.server().url();
      request.body = Body::of("hello " + std::to_string(i));
      auto response = co_await client.fetch(io, std::move(request));
      if (!response) co_return std::unexpected(response.error());
      auto text = co_await response->body.read_all(io);
      if (!text || *text != "hello " + std::to_string(i)) co_return fail(Code::internal, "another body");
    }
    ClientRequest streamed;
    streamed.url = server.server().url();
    streamed.method = Method::post;
    streamed.body = Body::stream(thousands(100));
    auto response = co_await client.fetch(io, std::move(streamed));
    if (!response) co_return std::unexpected(response.error());
    auto text = co_await response->body.read_all(io);
    if (!text) co_return std::unexpected(text.error());
    co_return static_cast<int>(text->size());
  };
  const auto result = test::run_task(body);
  ASSERT_TRUE(result) << describe(result.error());
  EXPECT_EQ(*result, 100'000);
}

TEST(Client, SaysWhyItCannotConnect) {
  auto body = [&](io::Io& io) -> io::Task<Result<Response>> {
    Client client;
    ClientRequest request;
    request.url = "http://127.0.0.1:1/";
    auto response = co_await client.fetch(io, std::move(request));
    co_return response;
  };
  EXPECT_EQ(test::run_task(body).error().code, Code::refused);
}

}  // namespace
}  // namespace tablinum::net
