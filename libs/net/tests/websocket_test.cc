/// WebSocket: frames made by hand against the server, over HTTP/1.1, HTTP/2 and HTTP/3.
#include "tablinum/net/websocket.h"

#include <gtest/gtest.h>

#include "h2_client.h"
#include "quic_pair.h"

namespace tablinum::net {
namespace {

using test::H2Client;
using test::RawClient;
using test::TestServer;

io::Task<void> echo(io::Io&, WebSocket& socket) {
  while (true) {
    auto message = co_await socket.read();
    if (!message || !*message) co_return;
    const auto sent = co_await socket.send((*message)->text, (*message)->data);
    if (!sent) co_return;
  }
}

io::Task<Result<Response>> open(io::Io&, Request& request) {
  WebSocketOptions options;
  options.protocols = {"archive.v2", "archive.v1"};
  options.origins = {"https://friend.example"};
  options.limits.message_bytes_max = 100'000;
  options.limits.frame_bytes_max = 70'000;
  co_return accept_websocket(request, echo, options);
}

/// A frame as a client sends it, masked with zeros (which changes nothing) unless `masked` is false.
std::string frame(int opcode, std::string_view payload, bool final = true, bool masked = true, int reserved = 0) {
  std::string out(1, static_cast<char>((final ? 0x80 : 0) | (reserved << 4) | opcode));
  const char mask = masked ? static_cast<char>(0x80) : '\0';
  if (payload.size() < 126) {
    out += static_cast<char>(mask | static_cast<char>(payload.size()));
  } else if (payload.size() < 65536) {
    out += static_cast<char>(mask | 126);
    for (const int shift : {8, 0}) out += static_cast<char>(payload.size() >> shift);
  } else {
    out += static_cast<char>(mask | 127);
    for (const int shift : {56, 48, 40, 32, 24, 16, 8, 0}) out += static_cast<char>(payload.size() >> shift);
  }
  if (masked) out.append(4, '\0');
  return out.append(payload);
}
std::string answer(int opcode, std::string_view payload) { return frame(opcode, payload, true, false); }
std::string close_payload(int code, std::string_view reason = "") {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)}.append(reason);
}

// The key and its answer are RFC 6455's own (§1.3).
constexpr std::string_view kHandshake =
    "GET /chat HTTP/1.1\r\nHost: a.example\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

TEST(WebSocketTest, TheHandshakeOfTheRfc) {
  TestServer server{open};
  RawClient client{server.port()};
  // A frame right behind the request is not lost.
  ASSERT_TRUE(client.send(std::string{kHandshake} + "Sec-WebSocket-Protocol: other, archive.v1\r\n\r\n" + frame(1, "early")));
  const std::string response = client.receive_until("\r\n\r\n");
  EXPECT_EQ(test::status_in(response), "101");
  EXPECT_EQ(test::field_in(response, "sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(test::field_in(response, "sec-websocket-protocol"), "archive.v1");
  std::string heard = test::body_in(response);
  while (heard.size() < 7) heard += client.receive();
  EXPECT_EQ(heard, answer(1, "early"));
}

struct BadHandshake {
  const char* name;
  const char* want;
  const char* from;
  const char* to;
};
class RefusedHandshake : public testing::TestWithParam<BadHandshake> {};
TEST_P(RefusedHandshake, HasItsStatus) {
  TestServer server{open};
  RawClient client{server.port()};
  std::string text = std::string{kHandshake} + "Origin: https://a.example\r\n\r\n";
  const std::string_view from{GetParam().from};
  text.replace(text.find(from), from.size(), GetParam().to);
  ASSERT_TRUE(client.send(text));
  EXPECT_EQ(test::status_in(client.receive_until("\r\n\r\n")), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Cases, RefusedHandshake,
    testing::Values(BadHandshake{"fine", "101", "Origin", "Origin"},
                    BadHandshake{"a_friend", "101", "https://a.example", "https://friend.example"},
                    BadHandshake{"foreign_page", "403", "https://a.example", "https://evil.example"},
                    BadHandshake{"other_version", "426", "Version: 13", "Version: 8"},
                    BadHandshake{"short_key", "400", "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZQ=="},
                    BadHandshake{"no_connection", "400", "keep-alive, Upgrade", "keep-alive"},
                    BadHandshake{"no_upgrade", "426", "Upgrade: WebSocket", "X-Upgrade: WebSocket"}),
    [](const auto& row) { return std::string{row.param.name}; });

/// In the manner of Autobahn's cases: what is sent, and every byte that comes back until the connection ends.
struct Case {
  const char* name;
  std::string sent;
  std::string want;
};
class Cases : public testing::TestWithParam<Case> {};
const std::string kBye = frame(8, close_payload(1000));
const std::string kByeBack = answer(8, close_payload(1000));

// wslay tells no code for a control frame that breaks the rules by itself.
const std::string kNoCode = answer(8, "");

bool closes(std::string_view bytes) { return bytes.find('\x88') != std::string_view::npos; }

TEST_P(Cases, OverHttp1) {
  TestServer server{open};
  RawClient client{server.port()};
  ASSERT_TRUE(client.send(std::string{kHandshake} + "\r\n"));
  std::string heard = test::body_in(client.receive_until("\r\n\r\n"));
  client.send(GetParam().sent);
  while (heard.size() < GetParam().want.size()) {
    const std::string more = client.receive();
    if (more.empty()) break;
    heard += more;
  }
  EXPECT_TRUE(heard == GetParam().want) << heard.substr(0, 100);
  if (closes(GetParam().want)) return;
  client.send(kBye);
  EXPECT_EQ(client.receive_all(), kByeBack);
}

TEST_P(Cases, OverHttp2) {
  ServerOptions options = TestServer::defaults();
  options.http2_without_tls = true;
  TestServer server{open, options};
  H2Client client{server.port()};
  const std::int32_t id = client.open({{":method", "CONNECT"},
                                       {":protocol", "websocket"},
                                       {":scheme", "http"},
                                       {":authority", "a.example"},
                                       {":path", "/chat"},
                                       {"sec-websocket-version", "13"}});
  ASSERT_TRUE(client.run_until_status(id));
  EXPECT_EQ(client.answers[id].status, 200);
  client.write(id, GetParam().sent);
  ASSERT_TRUE(client.run_until_bytes(id, GetParam().want.size()));
  EXPECT_TRUE(client.answers[id].body == GetParam().want) << client.answers[id].body.substr(0, 100);
  if (closes(GetParam().want)) return;
  client.write(id, kBye);
  ASSERT_TRUE(client.run_until_end(id));
  EXPECT_TRUE(client.answers[id].body == GetParam().want + kByeBack);
}

/// The payload of the DATA frames in a stream's bytes.
std::string data_in(std::string_view bytes) {
  const auto number = [&] {
    const int width = 1 << (static_cast<std::uint8_t>(bytes[0]) >> 6);
    std::uint64_t value = static_cast<std::uint8_t>(bytes[0]) & 0x3f;
    for (int i = 1; i < width; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[static_cast<std::size_t>(i)]);
    bytes.remove_prefix(static_cast<std::size_t>(width));
    return value;
  };
  std::string data;
  while (!bytes.empty()) {
    const std::uint64_t type = number(), size = number();
    if (type == 0) data += bytes.substr(0, size);
    bytes.remove_prefix(std::min<std::size_t>(size, bytes.size()));
  }
  return data;
}

TEST_P(Cases, OverHttp3) {
  using namespace std::string_literals;
  test::PairOptions options;
  options.handler = open;
  const auto ran = test::with_pair(std::move(options), [](io::Io&, test::QuicPair& pair) -> io::Task<void> {
    test::Script& script = pair.script();
    co_await pair.run();
    script.send(script.open(false), "\0\4\0"s);  // the control stream and its SETTINGS
    const std::int64_t stream = script.open(true);
    // :method CONNECT, :scheme https, :authority a, :path /chat, :protocol websocket, sec-websocket-version 13
    const std::string fields = "\0\0\xcf\xd7\x50\1a\x51\5/chat\x27\2:protocol\x09websocket\x27\x0esec-websocket-version\2" "13"s;
    script.send(stream, "\1"s + test::varint(fields.size()) + fields);
    const std::string& sent = GetParam().sent;
    script.send(stream, "\0"s + test::varint(sent.size()) + sent);
    co_await pair.run();
    EXPECT_TRUE(data_in(script.heard[stream]) == GetParam().want) << data_in(script.heard[stream]).substr(0, 100);
    if (!closes(GetParam().want)) {
      script.send(stream, "\0"s + test::varint(kBye.size()) + kBye);
      co_await pair.run();
      EXPECT_TRUE(data_in(script.heard[stream]) == GetParam().want + kByeBack);
    }
    EXPECT_FALSE(script.ending.over);
  });
  EXPECT_TRUE(ran.has_value());
}

INSTANTIATE_TEST_SUITE_P(
    Autobahn, Cases,
    testing::Values(
        Case{"empty_text", frame(1, ""), answer(1, "")},
        Case{"text", frame(1, "hello"), answer(1, "hello")},
        Case{"binary_65536", frame(2, std::string(65536, 'x')), answer(2, std::string(65536, 'x'))},
        Case{"text_125_126", frame(1, std::string(125, 'a')) + frame(1, std::string(126, 'b')),
             answer(1, std::string(125, 'a')) + answer(1, std::string(126, 'b'))},
        Case{"ping", frame(9, "are you there"), answer(10, "are you there")},
        Case{"unasked_pong", frame(10, "x") + frame(1, "y"), answer(1, "y")},
        Case{"fragments", frame(1, "frag", false) + frame(0, "ment"), answer(1, "fragment")},
        Case{"ping_between_fragments", frame(1, "frag", false) + frame(9, "p") + frame(0, "ment"),
             answer(10, "p") + answer(1, "fragment")},
        Case{"long_ping", frame(9, std::string(126, 'x')), kNoCode},
        Case{"fragmented_ping", frame(9, "x", false), kNoCode},
        Case{"reserved_bit", frame(1, "x", true, true, 4), answer(8, close_payload(1002))},
        Case{"reserved_opcode", frame(3, "x"), answer(8, close_payload(1002))},
        Case{"continuation_of_nothing", frame(0, "x"), answer(8, close_payload(1002))},
        Case{"new_message_inside_one", frame(1, "x", false) + frame(1, "y"), answer(8, close_payload(1002))},
        Case{"unmasked", frame(1, "x", true, false), answer(8, close_payload(1002))},
        Case{"bad_utf8", frame(1, "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5\xED\xA0\x80"), answer(8, close_payload(1007))},
        Case{"utf8_cut_by_fragments", frame(1, "\xE2\x82", false) + frame(0, "\xAC"), answer(1, "\xE2\x82\xAC")},
        Case{"frame_at_the_limit", frame(2, std::string(70'000, 'x')), answer(2, std::string(70'000, 'x'))},
        Case{"frame_over_the_limit", frame(2, std::string(70'001, 'x')), answer(8, close_payload(1009))},
        Case{"message_over_the_limit", frame(2, std::string(60'000, 'x'), false) + frame(0, std::string(40'001, 'x')),
             answer(8, close_payload(1009))},
        Case{"message_and_close", frame(1, "a") + frame(2, "b") + kBye, answer(1, "a") + answer(2, "b") + kByeBack},
        Case{"ping_and_close", frame(9, "p") + kBye, answer(10, "p") + kByeBack},
        Case{"close_without_code", frame(8, ""), answer(8, "")},
        Case{"close_of_one_byte", frame(8, "x"), kNoCode},
        Case{"close_with_reserved_code", frame(8, close_payload(1005)), answer(8, close_payload(1002))},
        Case{"close_with_bad_utf8", frame(8, close_payload(1000, "\xFF")), answer(8, close_payload(1007))},
        Case{"close_with_reason", frame(8, close_payload(1001, "bye")), answer(8, close_payload(1001, "bye"))}),
    [](const auto& row) { return std::string{row.param.name}; });

}  // namespace
}  // namespace tablinum::net
