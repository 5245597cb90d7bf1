/// The client over HTTP/2: against our server over TLS and by prior knowledge, and against servers that break every rule.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "certificates.h"
#include "client_harness.h"
#include "h2/client_connection.h"
#include "raw_h2.h"
#include "tablinum/io/cancel.h"
#include "tablinum/io/sync.h"
#include "tablinum/net/websocket.h"

namespace tablinum::net {
namespace {

using test::fetch_many;
using test::fetch_text;
using test::raw_answer;
using test::raw_field;
using test::raw_frame;
using test::RawFrame;
using test::RawH2;
using test::RawH2Server;
using test::TestServer;
using test::with_client;
using test::word32;

const test::Authority& authority() {
  static const test::Authority kAuthority;
  return kAuthority;
}

ServerOptions over_tls(std::vector<std::string> alpn = {"h2", "http/1.1"}) {
  ServerOptions options = TestServer::defaults();
  TlsConfig config = test::config_of(authority().issue({"localhost"}));
  config.alpn = std::move(alpn);
  options.tls = TlsContext::make(std::move(config)).value();
  return options;
}
ServerOptions over_tcp() {
  ServerOptions options = TestServer::defaults();
  options.http2_without_tls = true;
  return options;
}
ClientOptions trusting() {
  ClientOptions options;
  options.tls = TlsClient::make(test::client_of(authority())).value();
  return options;
}
ClientOptions knowing() {
  ClientOptions options;
  options.speak = Speak::http2;
  return options;
}
std::string https(const TestServer& server, std::string_view path = "/") {
  return "https://localhost:" + std::to_string(server.port()) + std::string{path};
}
std::string http(const TestServer& server, std::string_view path = "/") {
  return "http://127.0.0.1:" + std::to_string(server.port()) + std::string{path};
}

io::Task<Result<Response>> hello(io::Io&, Request& request) {
  co_return text_response("hello " + std::string{to_string(request.protocol)});
}
io::Task<Result<Response>> echo(io::Io& io, Request& request) {
  CO_TRY(text, co_await request.body.read_all(io, std::size_t{64} << 20));
  Response response = text_response(std::move(text));
  response.headers.set("x-sum", request.body.take_trailers().get("x-sum").value_or("none"));
  co_return response;
}

TEST(ClientHttp2, ManyAtATimeShareOneConnection) {
  TestServer server{hello, over_tls()};
  with_client(trusting(), [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    const auto answers = co_await fetch_many(io, client, https(server), 200);
    EXPECT_EQ(std::ranges::count(answers, "200 hello HTTP/2"), 200) << answers.front();
    EXPECT_EQ(client.connections(), 1u);
  });
  EXPECT_EQ(server.server().stats().http2_connections, 1u);
}

TEST(ClientHttp2, WithoutTlsByPriorKnowledge) {
  TestServer server{hello, over_tcp()};
  with_client(knowing(), [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    EXPECT_EQ(co_await fetch_text(io, client, http(server)), "200 hello HTTP/2");
  });
}

TEST(ClientHttp2, TheServerChoosesHttp11) {
  TestServer server{hello, over_tls({"http/1.1"})};
  with_client(trusting(), [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    const auto answers = co_await fetch_many(io, client, https(server), 20);
    EXPECT_EQ(std::ranges::count(answers, "200 hello HTTP/1.1"), 20) << answers.front();
    EXPECT_LE(client.connections(), kHostConnectionsMax);
  });
}

TEST(ClientHttp2, WhereNothingElseWillDo) {
  TestServer server{hello, over_tls({"http/1.1"})};
  ClientOptions options = trusting();
  options.speak = Speak::http2;
  with_client(options, [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    const auto answers = co_await fetch_many(io, client, https(server), 3);
    for (const std::string& answer : answers) EXPECT_TRUE(answer.starts_with("error protocol")) << answer;
    EXPECT_EQ(client.connections(), 0u);
  });
}

TEST(ClientHttp2, ASelfSignedServerIsRefusedForAllWhoWait) {
  static const test::Authority kOther;
  ServerOptions options = TestServer::defaults();
  options.tls = TlsContext::make(test::config_of(kOther.issue({"localhost"}))).value();
  TestServer server{hello, std::move(options)};
  with_client(trusting(), [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    const auto answers = co_await fetch_many(io, client, https(server), 5);
    for (const std::string& answer : answers) EXPECT_TRUE(answer.starts_with("error unauthenticated")) << answer;
  });
}

TEST(ClientHttp2, LargeBodiesBothWaysWithTrailers) {
  TestServer server{echo, over_tls()};
  with_client(trusting(), [&](io::Io& io, Client& client, io::Scope& scope) -> io::Task<void> {
    struct Upload final : BodySource {
      io::Task<Result<Chunk>> read(io::Io&) override {
        if (left == 0) co_return Chunk{};
        --left;
        co_return Chunk::of(std::string(50'000, static_cast<char>('a' + left % 26)));
      }
      Headers trailers() override {
        Headers fields;
        fields.set("x-sum", "42");
        return fields;
      }
      int left = 100;
    };
    ClientRequest request;
    request.method = Method::post;
    request.url = https(server);
    request.body = Body::from(std::make_unique<Upload>());
    request.scope = &scope;
    auto response = co_await client.fetch(io, std::move(request));
    EXPECT_TRUE(response) << describe(response.error());
    if (!response) co_return;
    EXPECT_EQ(response->headers.get("x-sum").value_or(""), "42");
    auto text = co_await response->body.read_all(io, std::size_t{8} << 20);
    EXPECT_TRUE(text) << describe(text.error());
    if (!text) co_return;
    EXPECT_EQ(text->size(), 5'000'000u);
    EXPECT_EQ(text->front(), 'a' + 99 % 26);
    EXPECT_EQ(text->back(), 'a');
  });
}

/// Who reads slowly slows the server's producer, and nobody else.
TEST(ClientHttp2, ASlowReaderHoldsOnlyItsOwnStream) {
  std::atomic<std::uint64_t> produced{0};
  auto handler = [&](io::Io&, Request& request) -> io::Task<Result<Response>> {
    if (request.target.path() == "/small") co_return text_response("small");
    Response response = text_response("");
    response.body = Body::stream([&](io::Io&) -> io::Task<Result<Chunk>> {
      produced += 60'000;
      co_return Chunk::of(std::string(60'000, 'x'));
    });
    co_return response;
  };
  TestServer server{handler, over_tcp()};
  with_client(knowing(), [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    std::vector<Response> slow;
    for (int i = 0; i < 8; ++i) {
      ClientRequest request;
      request.url = http(server, "/endless");
      auto response = co_await client.fetch(io, std::move(request));
      EXPECT_TRUE(response) << describe(response.error());
      if (response) slow.push_back(std::move(*response));
    }
    // Sixty-four windows would not fit into one connection's if it were not made for them.
    for (int i = 0; i < 20; ++i) EXPECT_EQ(co_await fetch_text(io, client, http(server, "/small")), "200 small");
    EXPECT_EQ(client.connections(), 1u);
    EXPECT_LE(produced.load(), 8u * (h2::kClientStreamWindow + 3 * 60'000));
    for (Response& response : slow) {
      auto piece = co_await response.body.read(io);
      EXPECT_TRUE(piece && !piece->empty());
    }
  });
}

TEST(ClientHttp2, HintsComeBeforeTheAnswer) {
  auto handler = [](io::Io&, Request& request) -> io::Task<Result<Response>> {
    Headers hints;
    hints.set("link", "</a.css>; rel=preload");
    CO_CHECK_OK(co_await request.send_hints(hints));
    co_return text_response("late");
  };
  TestServer server{handler, over_tcp()};
  with_client(knowing(), [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    std::string seen;
    ClientRequest request;
    request.url = http(server);
    request.on_hints = [&](const Headers& hints) -> io::Task<Result<void>> {
      seen = hints.get("link").value_or("");
      co_return Result<void>{};
    };
    auto response = co_await client.fetch(io, std::move(request));
    EXPECT_TRUE(response);
    EXPECT_EQ(seen, "</a.css>; rel=preload");
  });
}

/// A request that is given up ends its handler, and no other.
TEST(ClientHttp2, GivingUpResetsTheStream) {
  std::atomic<int> cancelled{0};
  auto handler = [&](io::Io& io, Request& request) -> io::Task<Result<Response>> {
    if (request.target.path() == "/quick") co_return text_response("quick");
    auto slept = co_await io::sleep(io, Duration::seconds(30));
    if (!slept) ++cancelled;
    co_return text_response("slow");
  };
  TestServer server{handler, over_tcp()};
  with_client(knowing(), [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    ClientRequest request;
    request.url = http(server, "/slow");
    auto late = co_await io::with_deadline(io, io.now() + Duration::milliseconds(100), client.fetch(io, std::move(request)));
    EXPECT_FALSE(late);
    EXPECT_EQ(co_await fetch_text(io, client, http(server, "/quick")), "200 quick");
    for (int i = 0; i < 1000 && cancelled == 0; ++i) co_await io::sleep(io, Duration::milliseconds(10));
    EXPECT_EQ(cancelled, 1);
    EXPECT_EQ(client.connections(), 1u);
  });
}

TEST(ClientHttp2, KeepsToTheServersLimitOfStreams) {
  std::atomic<int> running{0}, most{0};
  auto handler = [&](io::Io& io, Request&) -> io::Task<Result<Response>> {
    most = std::max(most.load(), ++running);
    co_await io::sleep(io, Duration::milliseconds(1));
    --running;
    co_return text_response("ok");
  };
  ServerOptions options = over_tcp();
  options.limits.http2.streams_max = 3;
  TestServer server{handler, std::move(options)};
  with_client(knowing(), [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    EXPECT_EQ(co_await fetch_text(io, client, http(server)), "200 ok");  // the limit is known then
    const auto answers = co_await fetch_many(io, client, http(server), 100);
    EXPECT_EQ(std::ranges::count(answers, "200 ok"), 100);
    EXPECT_LE(client.connections(), kSharedConnectionsMax);
  });
  EXPECT_LE(most, 3 * static_cast<int>(kSharedConnectionsMax));
}

/// A server that says goodbye under load loses no request: what it has begun it ends, the rest goes to the next connection.
TEST(ClientHttp2, AServerThatDrainsLosesNothing) {
  ServerOptions options = over_tcp();
  options.limits.requests_per_connection_max = 10;
  TestServer server{hello, std::move(options)};
  with_client(knowing(), [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    for (int round = 0; round < 10; ++round) {
      const auto answers = co_await fetch_many(io, client, http(server), 25);
      EXPECT_EQ(std::ranges::count(answers, "200 hello HTTP/2"), 25) << answers.front();
    }
  });
  EXPECT_GT(server.server().stats().http2_connections, 3u);
}

TEST(ClientHttp2, GoawayNamesWhatIsToBeSentAgain) {
  RawH2Server server{[](RawH2& connection, int number) {
    for (int i = 0; i < 3; ++i) {
      const RawFrame request = connection.next(test::kHeaders);
      if (request.type != test::kHeaders) return;
      if (number > 0) connection.send(raw_answer(request.stream, "second"));
    }
    // The first connection has processed one of three.
    if (number == 0) connection.send(raw_frame(test::kGoaway, 0, 0, word32(1) + word32(0)) + raw_answer(1, "first"));
    connection.drain();
  }};
  with_client(knowing(), [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    // Not idempotent: sent again only because the server says that it has done nothing.
    auto answers = co_await fetch_many(io, client, server.url(), 3, Method::post, "x");
    std::ranges::sort(answers);
    EXPECT_EQ(answers.front(), "200 first");
    EXPECT_TRUE(answers.back() == "200 second" || answers.back().starts_with("error")) << answers.back();
    EXPECT_EQ(std::ranges::count(answers, "200 first"), 1);
  });
  EXPECT_EQ(server.connections(), 2);
}

TEST(ClientHttp2, ARefusedStreamIsSentOnceMore) {
  std::atomic<int> refusals{0};
  RawH2Server server{[&](RawH2& connection, int) {
    while (true) {
      const RawFrame request = connection.next(test::kHeaders);
      if (request.type != test::kHeaders) return;
      if (request.stream == 1 || request.stream >= 5) {
        ++refusals;
        connection.send(raw_frame(test::kReset, 0, request.stream, word32(7)));
      } else {
        connection.send(raw_answer(request.stream, "ok"));
      }
    }
  }};
  with_client(knowing(), [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    EXPECT_EQ(co_await fetch_text(io, client, server.url(), Method::post, "x"), "200 ok");
    const std::string twice = co_await fetch_text(io, client, server.url());
    EXPECT_TRUE(twice.starts_with("error refused")) << twice;
  });
  EXPECT_EQ(refusals, 3);
}

/// The connection dies with a request under way: one that does harm twice is not sent twice.
TEST(ClientHttp2, ADeadConnectionRepeatsOnlyWhatIsIdempotent) {
  std::atomic<int> requests{0};
  RawH2Server server{[&](RawH2& connection, int) {
    const RawFrame first = connection.next(test::kHeaders);
    if (first.type != test::kHeaders) return;
    ++requests;
    connection.send(raw_answer(first.stream, "ok"));
    const RawFrame second = connection.next(test::kHeaders);
    if (second.type == test::kHeaders) ++requests;
  }};
  with_client(knowing(), [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    EXPECT_EQ(co_await fetch_text(io, client, server.url()), "200 ok");
    EXPECT_EQ(co_await fetch_text(io, client, server.url()), "200 ok");  // the second time over the second connection
    EXPECT_EQ(requests, 3);
    const std::string post = co_await fetch_text(io, client, server.url(), Method::post, "x");
    EXPECT_TRUE(post.starts_with("error")) << post;
    EXPECT_EQ(requests, 4);
  });
}

struct Misdeed {
  const char* name;
  std::string frames;        // sent after the request on stream 1
  std::string_view outcome;  // the fetch's text begins so
  std::uint32_t goaway;      // the code that the client ends with; 0: it stays
};
std::string head_of(std::string_view fields, std::uint8_t flags = test::kEndHeaders | test::kEndStream) {
  return raw_frame(test::kHeaders, flags, 1, fields);
}
std::string times(int count, const std::string& frame) {
  std::string all;
  for (int i = 0; i < count; ++i) all += frame;
  return all;
}
constexpr std::uint32_t kProtocolError = 1, kCalm = 11;

class ClientHttp2Misdeeds : public testing::TestWithParam<Misdeed> {};
TEST_P(ClientHttp2Misdeeds, EndAsTheyShould) {
  std::atomic<std::uint32_t> goaway{0};
  std::atomic<bool> ended{false};
  RawH2Server server{[&](RawH2& connection, int number) {
    const RawFrame request = connection.next(test::kHeaders);
    if (request.type != test::kHeaders || number > 0) return;
    connection.send(GetParam().frames);
    while (true) {
      const RawFrame frame = connection.next();
      if (frame.type == 0xFF) break;
      if (frame.type == test::kGoaway && frame.payload.size() >= 8) goaway = static_cast<unsigned char>(frame.payload[7]);
    }
    ended = true;
  }};
  ClientOptions options = knowing();
  options.header_bytes_max = 4096;
  options.response_time = Duration::seconds(5);
  with_client(options, [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    const std::string got = co_await fetch_text(io, client, server.url());
    EXPECT_TRUE(got.starts_with(GetParam().outcome)) << got;
    // What is still to be written is written before the client goes.
    for (int i = 0; i < 1000 && !ended && GetParam().goaway != 0; ++i) co_await io::sleep(io, Duration::milliseconds(10));
  });
  EXPECT_EQ(goaway, GetParam().goaway);
}
INSTANTIATE_TEST_SUITE_P(
    Cases, ClientHttp2Misdeeds,
    testing::Values(
        Misdeed{"no_status", head_of(raw_field("x", "y")), "error", 0},
        Misdeed{"status_99", head_of(raw_field(":status", "099")), "error", 0},
        Misdeed{"status_twice", head_of("\x88\x88"), "error", 0},
        Misdeed{"switching_protocols", head_of(raw_field(":status", "101")), "error", 0},
        Misdeed{"upper_case_name", head_of("\x88" + raw_field("Upper", "y")), "error", 0},
        Misdeed{"line_end_in_value", head_of("\x88" + raw_field("x", "a\r\nset-cookie: b")), "error", 0},
        Misdeed{"connection_field", head_of("\x88" + raw_field("connection", "close")), "error", 0},
        Misdeed{"too_short", head_of("\x88" + raw_field("content-length", "5"), test::kEndHeaders) + raw_frame(test::kData, 1, 1, "abc"),
                "error", 0},
        Misdeed{"too_long", head_of("\x88" + raw_field("content-length", "2"), test::kEndHeaders) + raw_frame(test::kData, 1, 1, "abc"),
                "error", 0},
        Misdeed{"data_before_head", raw_frame(test::kData, 1, 1, "abc"), "error", kProtocolError},
        Misdeed{"fields_over_the_limit", head_of("\x88" + times(50, raw_field("x-padding", std::string(100, 'x')))), "error too_large", 0},
        Misdeed{"endless_hints", times(60, head_of(raw_field(":status", "103") + raw_field("link", std::string(100, 'x')), test::kEndHeaders)),
                "error too_large", 0},
        Misdeed{"push", raw_frame(test::kPushPromise, test::kEndHeaders, 1, word32(2) + "\x82"), "error", kProtocolError},
        Misdeed{"frame_too_large", raw_frame(test::kData, 0, 1, std::string(20'000, 'x')), "error", 6},
        Misdeed{"window_overflow", head_of("\x88", test::kEndHeaders) + raw_frame(test::kWindowUpdate, 0, 0, word32(0x7FFFFFFF)), "error", 3},
        Misdeed{"settings_flood", times(100, raw_frame(test::kSettings, 0, 0, {})), "error", kCalm},
        Misdeed{"ping_flood", times(1000, raw_frame(test::kPing, 0, 0, "12345678")), "error", kCalm},
        Misdeed{"window_flood", times(5000, raw_frame(test::kWindowUpdate, 0, 0, word32(1))), "error", kCalm},
        Misdeed{"empty_data_flood", head_of("\x88", test::kEndHeaders) + times(1000, raw_frame(test::kData, 0, 1, {})), "error", kCalm},
        Misdeed{"reset_flood", times(5000, raw_frame(test::kReset, 0, 1, word32(8))), "error", kCalm},
        Misdeed{"continuation_flood",
                raw_frame(test::kHeaders, 0, 1, "\x88") + times(100, raw_frame(test::kContinuation, 0, 1, raw_field("x", "y"))), "error", kProtocolError},
        Misdeed{"answer", raw_answer(1, "fine"), "200 fine", 0}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(ClientHttp2, WebSocketOverAStream) {
  auto handler = [](io::Io&, Request& request) -> io::Task<Result<Response>> {
    co_return accept_websocket(request, [](io::Io&, WebSocket& socket) -> io::Task<void> {
      auto message = co_await socket.read();
      if (message && *message) co_await socket.send(true, "heard " + (*message)->data);
    });
  };
  TestServer server{handler, over_tcp()};
  with_client(knowing(), [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    ClientRequest request;
    request.url = http(server);
    auto asked = request_websocket(io);
    request.headers = asked.headers;
    auto response = co_await client.fetch(io, std::move(request));
    EXPECT_TRUE(response) << describe(response.error());
    if (!response) co_return;
    EXPECT_TRUE(check_websocket(*response, asked.key));
    if (!response->stream) co_return;
    WebSocket socket{io, *response->stream, WebSocket::Role::client};
    EXPECT_TRUE(co_await socket.send(true, "a word"));
    auto answer = co_await socket.read();
    EXPECT_TRUE(answer && *answer);
    if (answer && *answer) EXPECT_EQ((*answer)->data, "heard a word");
  });
}

}  // namespace
}  // namespace tablinum::net
