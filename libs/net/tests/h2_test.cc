/// HTTP/2 against nghttp2's client side: the same handlers as over HTTP/1.1, and what an unfriendly peer can do.
#include <gtest/gtest.h>

#include "h2/flood_guard.h"
#include "h2_client.h"
#include "tablinum/net/sse.h"

namespace tablinum::net {
namespace {

using test::H2Answer;
using test::H2Client;
using test::H2Fields;
using test::TestServer;

ServerOptions plain(void (*change)(Limits&) = nullptr) {
  ServerOptions options = TestServer::defaults();
  options.http2_without_tls = true;
  if (change != nullptr) change(options.limits);
  return options;
}

io::Task<Result<Response>> hello(io::Io&, Request& request) {
  co_return text_response("hello " + std::string{to_string(request.protocol)} + " " +
                          std::string{request.headers.get_or(Field::host, "")});
}
io::Task<Result<Response>> echo(io::Io& io, Request& request) {
  CO_TRY(text, co_await request.body.read_all(io));
  Response response = text_response(std::move(text));
  response.headers.set("x-trailer", request.body.take_trailers().get("x-sum").value_or("none"));
  co_return response;
}

TEST(Http2, AnswersManyOnOneConnection) {
  TestServer server{hello, plain()};
  H2Client client{server.port()};
  std::vector<std::int32_t> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(client.request("GET", "/"));
  for (const std::int32_t id : ids) {
    ASSERT_TRUE(client.run_until_end(id));
    EXPECT_EQ(client.answers[id].status, 200);
    EXPECT_EQ(client.answers[id].body, "hello HTTP/2 a.example");
    EXPECT_EQ(client.answers[id].fields["content-length"], "22");
    EXPECT_TRUE(client.answers[id].fields.contains("date"));
  }
  EXPECT_EQ(server.server().stats().http2_connections, 1u);
  EXPECT_EQ(server.server().stats().requests_total, 100u);
}

TEST(Http2, TheSameListenerSpeaksHttp11) {
  TestServer server{hello, plain()};
  test::RawClient client{server.port()};
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(test::body_in(client.receive_response()), "hello HTTP/1.1 a");
}

TEST(Http2, BodiesGoBothWays) {
  TestServer server{echo, plain()};
  H2Client client{server.port()};
  const std::string large(3'000'000, 'x');
  const std::int32_t id = client.request("POST", "/", {}, large, {{"x-sum", "42"}});
  ASSERT_TRUE(client.run_until_end(id));
  EXPECT_EQ(client.answers[id].body, large);
  EXPECT_EQ(client.answers[id].fields["x-trailer"], "42");
}

TEST(Http2, HeadHasTheLengthAndNoBody) {
  TestServer server{hello, plain()};
  H2Client client{server.port()};
  const std::int32_t id = client.request("HEAD", "/");
  ASSERT_TRUE(client.run_until_end(id));
  EXPECT_EQ(client.answers[id].fields["content-length"], "22");
  EXPECT_EQ(client.answers[id].body, "");
}

class Trailing final : public BodySource {
 public:
  io::Task<Result<Chunk>> read(io::Io& io) override {
    CO_CHECK_OK(co_await io::yield(io));
    co_return left_-- > 0 ? Chunk::of(std::string(1000, 'y')) : Chunk{};
  }
  Headers trailers() override {
    Headers fields;
    fields.set("x-sum", "7");
    return fields;
  }

 private:
  int left_ = 3;
};

TEST(Http2, StreamsWithTrailers) {
  const Handler handler = [](io::Io&, Request&) -> io::Task<Result<Response>> {
    Response response;
    response.body = Body::from(std::make_unique<Trailing>());
    co_return response;
  };
  TestServer server{handler, plain()};
  H2Client client{server.port()};
  H2Answer answer = client.get("/");
  EXPECT_EQ(answer.body, std::string(3000, 'y'));
  EXPECT_EQ(answer.trailers["x-sum"], "7");
  EXPECT_TRUE(answer.ended);
}

TEST(Http2, EarlyHintsComeFirst) {
  const Handler handler = [](io::Io&, Request& request) -> io::Task<Result<Response>> {
    Headers hints;
    hints.set(Field::link, "</style.css>; rel=preload");
    CO_CHECK_OK(co_await request.send_hints(hints));
    co_return text_response("page");
  };
  TestServer server{handler, plain()};
  H2Client client{server.port()};
  const H2Answer answer = client.get("/");
  EXPECT_EQ(answer.interim, std::vector<int>{103});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "page");
}

TEST(Http2, SendsContinueWhenTheBodyIsRead) {
  TestServer server{echo, plain()};
  H2Client client{server.port()};
  const std::int32_t id =
      client.open({{":method", "POST"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}, {"expect", "100-continue"}});
  ASSERT_TRUE(client.run_until_interim(id));
  EXPECT_EQ(client.answers[id].interim, std::vector<int>{100});
  client.write(id, "ok");
  client.finish(id);
  ASSERT_TRUE(client.run_until_end(id));
  EXPECT_EQ(client.answers[id].body, "ok");
}

/// A window that stays closed holds the producer back: it is asked for no more than the wire has taken.
TEST(Http2, ASlowReaderSlowsTheProducer) {
  auto produced = std::make_shared<std::atomic<std::size_t>>(0);
  const Handler handler = [produced](io::Io&, Request&) -> io::Task<Result<Response>> {
    Response response;
    response.body = Body::stream([produced](io::Io&) -> io::Task<Result<Chunk>> {
      *produced += 10'000;
      co_return Chunk::of(std::string(10'000, 'z'));
    });
    co_return response;
  };
  TestServer server{handler, plain()};
  H2Client client{server.port(), false};
  const std::int32_t id = client.request("GET", "/");
  ASSERT_TRUE(client.run_until_bytes(id, 65535));
  EXPECT_EQ(client.answers[id].body.size(), 65535u);
  EXPECT_LE(*produced, 65535u + 20'000);
  nghttp2_session_consume(client.session(), id, 65535);
  ASSERT_TRUE(client.run_until_bytes(id, 100'000));
}

/// … and a handler that does not read holds the client back at the stream's window.
TEST(Http2, ASlowHandlerSlowsTheClient) {
  const Handler handler = [](io::Io& io, Request& request) -> io::Task<Result<Response>> {
    if (request.target.path() == "/slow") CO_CHECK_OK(co_await io::sleep(io, Duration::seconds(3600)));
    co_return text_response("fast");
  };
  TestServer server{handler, plain([](Limits& limits) { limits.http2.stream_window = 100'000; })};
  H2Client client{server.port()};
  const std::int32_t slow = client.request("POST", "/slow", {}, std::string(1'000'000, 'x'));
  const H2Answer fast = client.get("/fast");
  EXPECT_EQ(fast.body, "fast");
  client.get("/fast");
  EXPECT_EQ(nghttp2_session_get_stream_remote_window_size(client.session(), slow), 0);
}

TEST(Http2, AResetCancelsTheHandler) {
  auto cancelled = std::make_shared<std::atomic<bool>>(false);
  const Handler handler = [cancelled](io::Io& io, Request& request) -> io::Task<Result<Response>> {
    if (request.target.path() == "/other") co_return text_response(*cancelled ? "cancelled" : "running");
    const auto slept = co_await io::sleep(io, Duration::seconds(3600));
    *cancelled = !slept;
    co_return fail(Code::cancelled);
  };
  TestServer server{handler, plain()};
  H2Client client{server.port()};
  const std::int32_t id = client.request("GET", "/wait");
  EXPECT_EQ(client.get("/other").body, "running");
  nghttp2_submit_rst_stream(client.session(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
  while (client.get("/other").body != "cancelled") {
  }
  EXPECT_TRUE(*cancelled);
}

TEST(Http2, UrgentAnswersGoFirst) {
  const Handler handler = [](io::Io&, Request&) -> io::Task<Result<Response>> {
    co_return text_response(std::string(60'000, 'x'));
  };
  TestServer server{handler, plain()};
  H2Client client{server.port(), false};
  // The connection's window is closed by the first, so that the others wait for it side by side.
  const std::int32_t first = client.request("GET", "/");
  ASSERT_TRUE(client.run_until_end(first));
  const std::int32_t background = client.request("GET", "/", {{"priority", "u=7"}});
  const std::int32_t urgent = client.request("GET", "/", {{"priority", "u=0"}});
  ASSERT_TRUE(client.run_until_status(background) && client.run_until_status(urgent));
  nghttp2_submit_window_update(client.session(), NGHTTP2_FLAG_NONE, 0, 1'000'000);
  ASSERT_TRUE(client.run_until_end(background) && client.run_until_end(urgent));
  EXPECT_EQ(client.ended_order, (std::vector<std::int32_t>{first, urgent, background}));
}

struct BadHead {
  const char* name;
  int want;
  H2Fields fields;
};
class RefusedHead : public testing::TestWithParam<BadHead> {};
/// Either the engine resets the stream or ours answers: never the handler.
TEST_P(RefusedHead, NeverReachesTheHandler) {
  const Handler handler = [](io::Io&, Request&) -> io::Task<Result<Response>> { co_return text_response("reached"); };
  TestServer server{handler, plain()};
  H2Client client{server.port()};
  const std::int32_t id = client.open(GetParam().fields);
  client.finish(id);
  client.run_until_end(id);
  EXPECT_EQ(client.answers[id].status, GetParam().want);
  EXPECT_EQ(client.answers[id].body.find("reached"), std::string::npos);
}
H2Fields head_with(H2Fields more) {
  H2Fields all{{":method", "POST"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}
INSTANTIATE_TEST_SUITE_P(
    Cases, RefusedHead,
    testing::Values(
        BadHead{"unknown_method", 501, {{":method", "BREW"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}}},
        BadHead{"connect", 501, {{":method", "CONNECT"}, {":authority", "a"}}},
        BadHead{"tunnel_to_a_page",
                501,
                {{":method", "CONNECT"}, {":protocol", "websocket"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}}},
        BadHead{"long_path",
                414,
                {{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/" + std::string(8192, 'x')}}},
        BadHead{"many_fields", 431, head_with(H2Fields(129, {"x", "y"}))},
        BadHead{"large_fields", 431, head_with(H2Fields(20, {"x", std::string(4000, 'y')}))},
        BadHead{"other_host", 400, head_with({{"host", "b"}})},
        BadHead{"bad_escape", 400, {{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/%zz"}}},
        BadHead{"other_scheme", 400, {{":method", "GET"}, {":scheme", "ftp"}, {":authority", "a"}, {":path", "/"}}},
        BadHead{"transfer_encoding", 0, head_with({{"transfer-encoding", "chunked"}})},
        BadHead{"connection", 0, head_with({{"connection", "close"}})},
        BadHead{"two_lengths", 0, head_with({{"content-length", "0"}, {"content-length", "1"}})},
        BadHead{"line_break", 0, head_with({{"x", "a\r\nb: c"}})},
        BadHead{"no_path", 0, {{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}}},
        BadHead{"late_pseudo", 0, head_with({{"x", "y"}, {":path", "/"}})}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Http2, CookieCrumbsAreOneField) {
  const Handler handler = [](io::Io&, Request& request) -> io::Task<Result<Response>> {
    co_return text_response(std::string{request.headers.get_or(Field::cookie, "")});
  };
  TestServer server{handler, plain()};
  H2Client client{server.port()};
  EXPECT_EQ(client.get("/", {{"cookie", "a=1"}, {"cookie", "b=2"}}).body, "a=1; b=2");
}

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
  std::string out;
  for (const int shift : {16, 8, 0}) out += static_cast<char>(payload.size() >> shift);
  out += static_cast<char>(type);
  out += static_cast<char>(flags);
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(stream >> shift);
  return out.append(payload);
}

struct Flood {
  const char* name;
  std::string each;
  std::uint32_t allowed;  // so many are no flood
};
class Floods : public testing::TestWithParam<Flood> {};
TEST_P(Floods, EndTheConnectionAtTheLimitAndNotBefore) {
  const auto options = plain([](Limits& limits) {
    for (Rate* rate : {&limits.http2.settings, &limits.http2.pings, &limits.http2.empty_data, &limits.http2.priorities,
                       &limits.http2.window_updates})
      *rate = {20, 0};
  });
  TestServer server{echo, options};
  for (const bool over : {false, true}) {
    H2Client client{server.port()};
    const std::int32_t open = client.open(head_with({}));
    client.flush();
    std::string all;
    const std::uint32_t count = GetParam().allowed + (over ? 1 : 0);
    for (std::uint32_t i = 0; i < count; ++i) all += GetParam().each;
    ASSERT_TRUE(client.send_raw(all));
    if (over) {
      client.run_to_the_end();
      EXPECT_EQ(client.goaway, static_cast<std::uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
      EXPECT_EQ(server.server().stats().floods, 1u);
    } else {
      client.finish(open);
      // The client's engine takes acknowledgements of SETTINGS that it did not send for an error.
      const bool ended = client.run_until_end(open);
      EXPECT_TRUE(ended || std::string_view{GetParam().name} == "settings");
      EXPECT_EQ(client.goaway, std::nullopt);
      EXPECT_EQ(server.server().stats().floods, 0u);
    }
  }
}
// The client's own SETTINGS is one of the twenty.
INSTANTIATE_TEST_SUITE_P(Cases, Floods,
                         testing::Values(Flood{"settings", frame(NGHTTP2_SETTINGS, 0, 0, ""), 19},
                                         Flood{"pings", frame(NGHTTP2_PING, 0, 0, "12345678"), 20},
                                         Flood{"empty_data", frame(NGHTTP2_DATA, 0, 1, ""), 20},
                                         Flood{"priorities", frame(NGHTTP2_PRIORITY, 0, 1, std::string("\0\0\0\0\1", 5)), 20},
                                         Flood{"window_updates", frame(NGHTTP2_WINDOW_UPDATE, 0, 0, std::string("\0\0\0\1", 4)),
                                               20}),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(Http2, RapidResetEndsTheConnection) {
  TestServer server{hello, plain([](Limits& limits) { limits.http2.resets = {50, 0}; })};
  H2Client client{server.port()};
  for (int i = 0; i < 60; ++i) {
    const std::int32_t id = client.request("GET", "/");
    client.flush();
    nghttp2_submit_rst_stream(client.session(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    client.flush();
  }
  client.run_to_the_end();
  EXPECT_EQ(client.goaway, static_cast<std::uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
}

TEST(Http2, AStopLetsRunningRequestsFinish) {
  const Handler handler = [](io::Io& io, Request&) -> io::Task<Result<Response>> {
    CO_CHECK_OK(co_await io::sleep(io, Duration::milliseconds(300)));
    co_return text_response("finished");
  };
  TestServer server{handler, plain()};
  H2Client client{server.port()};
  const std::int32_t id = client.request("GET", "/");
  client.flush();
  while (server.server().stats().requests_active == 0) std::this_thread::yield();
  server.server().stop();
  ASSERT_TRUE(client.run_until_end(id));
  EXPECT_EQ(client.answers[id].body, "finished");
  client.run_to_the_end();
  ASSERT_EQ(client.goaway_streams.size(), 2u);
  EXPECT_EQ(client.goaway_streams[0], 0x7fffffff);
  EXPECT_EQ(client.goaway_streams[1], id);
  EXPECT_EQ(client.goaway, static_cast<std::uint32_t>(NGHTTP2_NO_ERROR));
}

TEST(Http2, TokenBuckets) {
  const Instant start{1'000'000'000};
  h2::TokenBucket bucket{{2, 10}, start};
  EXPECT_TRUE(bucket.take(start));
  EXPECT_TRUE(bucket.take(start));
  EXPECT_FALSE(bucket.take(start));
  EXPECT_TRUE(bucket.take(start + Duration::milliseconds(100)));
  EXPECT_FALSE(bucket.take(start + Duration::milliseconds(100)));
  bucket.give(2);
  EXPECT_TRUE(bucket.take(start + Duration::milliseconds(100)));
}

}  // namespace
}  // namespace tablinum::net
