/// The HTTP/1.1 engine: RFC 9112's grammar, what is refused and with which status, limits, and independence of cuts.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "h1/writer.h"
#include "h1_drive.h"

namespace tablinum::net::h1 {
namespace {

constexpr Status kAccepted{};  // Outcome::refused of input that is not refused

struct HeadCase {
  const char* name;
  std::string input;
  Status refused;
};
class HeadTable : public testing::TestWithParam<HeadCase> {};
TEST_P(HeadTable, IsReadOrRefusedAsDocumented) {
  const Outcome outcome = drive_whole(GetParam().input);
  EXPECT_EQ(outcome.refused, GetParam().refused);
  EXPECT_EQ(outcome.requests.size(), GetParam().refused == kAccepted ? 1u : 0u);
}

constexpr Status k400 = Status::bad_request;
std::string request(std::string_view fields, std::string_view line = "GET / HTTP/1.1") {
  return std::string{line} + "\r\nHost: a\r\n" + std::string{fields} + "\r\n";
}

INSTANTIATE_TEST_SUITE_P(RequestLine, HeadTable, testing::Values(
    HeadCase{"plain", request(""), kAccepted},
    HeadCase{"one_empty_line_before", "\r\n" + request(""), kAccepted},
    HeadCase{"two_empty_lines_before", "\r\n\r\n" + request(""), k400},
    HeadCase{"absolute_form", request("", "GET http://b/x?y HTTP/1.1"), kAccepted},
    HeadCase{"absolute_form_without_authority", request("", "GET http:///x HTTP/1.1"), k400},
    HeadCase{"asterisk_form", request("", "OPTIONS * HTTP/1.1"), kAccepted},
    HeadCase{"asterisk_with_get", request("", "GET * HTTP/1.1"), k400},
    HeadCase{"authority_form", request("", "GET a:80 HTTP/1.1"), k400},
    HeadCase{"two_parts", request("", "GET /"), k400},
    HeadCase{"two_spaces", request("", "GET  / HTTP/1.1"), k400},
    HeadCase{"space_at_the_end", request("", "GET / HTTP/1.1 "), k400},
    HeadCase{"tab", request("", "GET\t/ HTTP/1.1"), k400},
    HeadCase{"lower_case_version", request("", "GET / http/1.1"), k400},
    HeadCase{"version_1_2_is_read_as_1_1", request("", "GET / HTTP/1.2"), kAccepted},
    HeadCase{"version_2_0", request("", "GET / HTTP/2.0"), Status::version_not_supported},
    HeadCase{"version_0_9", request("", "GET / HTTP/0.9"), Status::version_not_supported},
    HeadCase{"version_with_two_digits", request("", "GET / HTTP/1.11"), k400},
    HeadCase{"unknown_method", request("", "BREW / HTTP/1.1"), Status::not_implemented},
    HeadCase{"lower_case_method", request("", "get / HTTP/1.1"), Status::not_implemented},
    HeadCase{"connect", request("", "CONNECT a:80 HTTP/1.1"), Status::not_implemented},
    HeadCase{"raw_utf8_in_target", request("", "GET /\xC3\xA9 HTTP/1.1"), k400},
    HeadCase{"fragment_in_target", request("", "GET /#x HTTP/1.1"), k400},
    HeadCase{"bad_escape_in_target", request("", "GET /%zz HTTP/1.1"), k400},
    HeadCase{"cut_escape_in_target", request("", "GET /%a HTTP/1.1"), k400},
    HeadCase{"control_in_target", request("", "GET /\x01 HTTP/1.1"), k400}),
    [](const auto& row) { return std::string{row.param.name}; });

// What two implementations could understand differently (RFC 9112 §11.2, and the published smuggling variants).
INSTANTIATE_TEST_SUITE_P(Smuggling, HeadTable, testing::Values(
    HeadCase{"length_and_chunked", request("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"), k400},
    HeadCase{"chunked_and_length", request("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"), k400},
    HeadCase{"two_equal_lengths", request("Content-Length: 0\r\nContent-Length: 0\r\n"), k400},
    HeadCase{"two_lengths", request("Content-Length: 0\r\nContent-Length: 5\r\n"), k400},
    HeadCase{"length_list", request("Content-Length: 0, 0\r\n"), k400},
    HeadCase{"length_with_plus", request("Content-Length: +0\r\n"), k400},
    HeadCase{"length_negative", request("Content-Length: -1\r\n"), k400},
    HeadCase{"length_hex", request("Content-Length: 0x0\r\n"), k400},
    HeadCase{"length_empty", request("Content-Length: \r\n"), k400},
    HeadCase{"length_overflow", request("Content-Length: 9223372036854775808\r\n"), k400},
    HeadCase{"length_with_space_inside", request("Content-Length: 0 0\r\n"), k400},
    HeadCase{"encoding_twice", request("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), k400},
    HeadCase{"encoding_list", request("Transfer-Encoding: gzip, chunked\r\n"), k400},
    HeadCase{"encoding_identity", request("Transfer-Encoding: identity\r\n"), k400},
    HeadCase{"encoding_xchunked", request("Transfer-Encoding: xchunked\r\n"), k400},
    HeadCase{"encoding_with_vertical_tab", request("Transfer-Encoding: \x0B" "chunked\r\n"), k400},
    HeadCase{"encoding_with_parameter", request("Transfer-Encoding: chunked;q=1\r\n"), k400},
    HeadCase{"encoding_in_1_0", request("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.0"), k400},
    HeadCase{"space_before_colon", request("Content-Length : 0\r\n"), k400},
    HeadCase{"tab_before_colon", request("Content-Length\t: 0\r\n"), k400},
    HeadCase{"folded_line", request("X: a\r\n b\r\n"), k400},
    HeadCase{"folded_by_tab", request("X: a\r\n\tb\r\n"), k400},
    HeadCase{"first_line_folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", k400},
    HeadCase{"bare_lf_after_field", request("X: a\n"), k400},
    HeadCase{"bare_lf_after_request_line", "GET / HTTP/1.1\nHost: a\r\n\r\n", k400},
    HeadCase{"bare_lf_at_the_end", "GET / HTTP/1.1\r\nHost: a\r\n\n", k400},
    HeadCase{"bare_cr_in_value", request("X: a\rb\r\n"), k400},
    HeadCase{"cr_cr_lf", request("X: a\r\r\n"), k400},
    HeadCase{"nul_in_value", request(std::string("X: a\0b\r\n", 8)), k400},
    HeadCase{"nul_in_name", request(std::string("X\0: a\r\n", 7)), k400},
    HeadCase{"delete_in_value", request("X: a\x7F\r\n"), k400},
    HeadCase{"empty_name", request(": a\r\n"), k400},
    HeadCase{"no_colon", request("X\r\n"), k400},
    HeadCase{"utf8_in_name", request("X\xC3\xA9: a\r\n"), k400},
    HeadCase{"no_host", "GET / HTTP/1.1\r\n\r\n", k400},
    HeadCase{"two_hosts", request("Host: a\r\n"), k400},
    HeadCase{"host_with_path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", k400},
    HeadCase{"host_with_user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", k400},
    HeadCase{"host_list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", k400},
    HeadCase{"host_with_bad_port", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", k400},
    HeadCase{"host_empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n", kAccepted},
    HeadCase{"host_ipv6", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", kAccepted},
    HeadCase{"host_ipv6_open", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", k400},
    HeadCase{"no_host_in_1_0", "GET / HTTP/1.0\r\n\r\n", kAccepted},
    HeadCase{"obs_text_in_value", request("X: \xE9\r\n"), kAccepted},
    HeadCase{"unknown_expectation", request("Expect: miracles\r\n"), Status::expectation_failed},
    HeadCase{"unknown_expectation_in_1_0", request("Expect: miracles\r\n", "GET / HTTP/1.0"), kAccepted}),
    [](const auto& row) { return std::string{row.param.name}; });

struct ChunkCase {
  const char* name;
  std::string body;
  Status refused;
  std::string data;
  bool complete;
};
class ChunkTable : public testing::TestWithParam<ChunkCase> {};
TEST_P(ChunkTable, IsReadOrRefusedAsDocumented) {
  const Outcome outcome = drive_whole("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + GetParam().body);
  EXPECT_EQ(outcome.refused, GetParam().refused);
  ASSERT_EQ(outcome.requests.size(), 1u);
  EXPECT_EQ(outcome.requests[0].body, GetParam().data);
  EXPECT_EQ(outcome.requests[0].complete, GetParam().complete);
}
INSTANTIATE_TEST_SUITE_P(Chunks, ChunkTable, testing::Values(
    ChunkCase{"two", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", kAccepted, "abcde", true},
    ChunkCase{"empty", "0\r\n\r\n", kAccepted, "", true},
    ChunkCase{"upper_case_size", "A\r\n0123456789\r\n0\r\n\r\n", kAccepted, "0123456789", true},
    ChunkCase{"leading_zeros", "0003\r\nabc\r\n000\r\n\r\n", kAccepted, "abc", true},
    ChunkCase{"extension", "3;a=b;c=\"d\"\r\nabc\r\n0;e\r\n\r\n", kAccepted, "abc", true},
    ChunkCase{"longest_line", "3;" + std::string(kChunkLineBytesMax - 2, 'x') + "\r\nabc\r\n0\r\n\r\n", kAccepted, "abc", true},
    ChunkCase{"line_too_long", "3;" + std::string(kChunkLineBytesMax - 1, 'x') + "\r\nabc\r\n0\r\n\r\n", k400, "", false},
    ChunkCase{"extension_with_bare_lf", "3;a\nabc\r\n0\r\n\r\n", k400, "", false},
    ChunkCase{"extension_with_bare_cr", "3;a\rb\r\nabc\r\n0\r\n\r\n", k400, "", false},
    ChunkCase{"space_after_size", "3 \r\nabc\r\n0\r\n\r\n", k400, "", false},
    ChunkCase{"space_before_size", " 3\r\nabc\r\n0\r\n\r\n", k400, "", false},
    ChunkCase{"prefix_0x", "0x3\r\nabc\r\n0\r\n\r\n", k400, "", false},
    ChunkCase{"negative", "-1\r\nabc\r\n0\r\n\r\n", k400, "", false},
    ChunkCase{"no_size", "\r\nabc\r\n0\r\n\r\n", k400, "", false},
    ChunkCase{"fifteen_digits", "000000000000003\r\nabc\r\n0\r\n\r\n", kAccepted, "abc", true},
    ChunkCase{"sixteen_digits", "0000000000000003\r\nabc\r\n0\r\n\r\n", k400, "", false},
    ChunkCase{"bare_lf_after_size", "3\nabc\r\n0\r\n\r\n", k400, "", false},
    ChunkCase{"bare_lf_after_data", "3\r\nabc\n0\r\n\r\n", k400, "abc", false},
    ChunkCase{"data_too_long", "3\r\nabcd\r\n0\r\n\r\n", k400, "abc", false},
    ChunkCase{"last_chunk_without_end", "3\r\nabc\r\n0\r\n", kAccepted, "abc", false},
    ChunkCase{"trailer", "0\r\nX-Sum: 1\r\n\r\n", kAccepted, "", true},
    ChunkCase{"trailer_that_frames", "0\r\nContent-Length: 1\r\n\r\n", k400, "", false},
    ChunkCase{"trailer_host", "0\r\nHost: b\r\n\r\n", k400, "", false},
    ChunkCase{"trailer_with_bare_lf", "0\r\nX: 1\n\r\n", k400, "", false}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(RequestReader, GivesWhatWasSent) {
  const Outcome outcome = drive_whole(
      "POST /a%20b?x=1&y=%26 HTTP/1.1\r\nHost: h\r\nX-Thing:  two words \t\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n"
      "GET http://other:81/z HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  ASSERT_EQ(outcome.requests.size(), 2u);
  const ReadRequest& first = outcome.requests[0];
  EXPECT_EQ(first.head.method, Method::post);
  EXPECT_EQ(first.head.target.path(), "/a%20b");
  EXPECT_EQ(first.head.target.query("y"), "&");
  EXPECT_EQ(first.head.headers.get("x-thing"), "two words");
  EXPECT_EQ(first.body, "abc");
  EXPECT_EQ(first.trailers.get("X-SUM"), "7");
  EXPECT_TRUE(first.head.keep_alive);
  const ReadRequest& second = outcome.requests[1];
  EXPECT_EQ(second.head.protocol, Protocol::http10);
  EXPECT_EQ(second.head.target.text(), "/z");
  EXPECT_EQ(second.head.headers.get(Field::host), "other:81");
  EXPECT_TRUE(second.head.keep_alive);
}

TEST(RequestReader, KeepAliveFollowsVersionAndConnection) {
  const auto keeps = [](std::string_view line, std::string_view fields) {
    return drive_whole(request(fields, line)).requests.at(0).head.keep_alive;
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1", ""));
  EXPECT_FALSE(keeps("GET / HTTP/1.1", "Connection: foo, Close\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1", "Connection: foo\r\nConnection: close\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0", ""));
  EXPECT_TRUE(keeps("GET / HTTP/1.0", "Connection: Keep-Alive\r\n"));
}

struct LimitCase {
  const char* name;
  std::string (*input)(std::size_t extra);
  Status refused;
};
const HeadLimits kSmall{64, 256, 4};
class LimitTable : public testing::TestWithParam<LimitCase> {};
TEST_P(LimitTable, HoldsAtTheLimitAndRefusesOneBeyond) {
  EXPECT_EQ(drive_whole(GetParam().input(0), kSmall).refused, kAccepted);
  EXPECT_EQ(drive_whole(GetParam().input(0), kSmall).requests.size(), 1u);
  EXPECT_EQ(drive_whole(GetParam().input(1), kSmall).refused, GetParam().refused);
}
/// "GET /aaa HTTP/1.1" of 64 bytes and more.
std::string long_line(std::size_t extra) { return request("", "GET /" + std::string(64 - 14 + extra, 'a') + " HTTP/1.1"); }
/// Host (9 bytes with CR LF) and a field that fills the header's 256 bytes.
std::string long_header(std::size_t extra) { return request("X: " + std::string(256 - 9 - 5 + extra, 'a') + "\r\n"); }
std::string many_fields(std::size_t extra) {
  std::string fields;
  for (std::size_t i = 0; i < 3 + extra; ++i) fields += "X: a\r\n";
  return request(fields);
}
INSTANTIATE_TEST_SUITE_P(Limits, LimitTable, testing::Values(
    LimitCase{"request_line", long_line, Status::uri_too_long},
    LimitCase{"header_bytes", long_header, Status::header_fields_too_large},
    LimitCase{"fields", many_fields, Status::header_fields_too_large}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Limits, AreNoticedBeforeTheLineEnds) {
  EXPECT_EQ(drive_whole(std::string(65, 'a'), kSmall).refused, kAccepted);
  EXPECT_EQ(drive_whole(std::string(66, 'a'), kSmall).refused, Status::uri_too_long);
  EXPECT_EQ(drive_whole("GET / HTTP/1.1\r\n" + std::string(257, 'a'), kSmall).refused, kAccepted);
  EXPECT_EQ(drive_whole("GET / HTTP/1.1\r\n" + std::string(258, 'a'), kSmall).refused, Status::header_fields_too_large);
}

TEST(Limits, HoldForTrailersToo) {
  const auto with_trailer = [](std::size_t bytes) {
    return drive_whole("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + std::string(bytes, 'a') + "\r\n\r\n", kSmall);
  };
  EXPECT_EQ(with_trailer(256 - 5).refused, kAccepted);
  EXPECT_EQ(with_trailer(256 - 4).refused, Status::header_fields_too_large);
}

/// Pieces that requests, good and bad, are made of; any sequence of them is an input.
rc::Gen<std::string> any_input() {
  static const std::vector<std::string> kPieces{
      "GET / HTTP/1.1\r\n", "POST /a?b=c HTTP/1.1\r\n", "PUT /x HTTP/1.0\r\n", "Host: a\r\n", "Content-Length: 5\r\n",
      "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "X: y\r\n", "\r\n", "hello", "5\r\nhello\r\n", "0\r\n\r\n", "3;x=y\r\nabc\r\n",
      "0\r\nT: v\r\n\r\n", "\n", "\r", " ", ":", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"};
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kPieces)), [](const std::vector<std::string>& pieces) {
    std::string all;
    for (const std::string& piece : pieces) all += piece;
    return all;
  });
}

RC_GTEST_PROP(RequestReader, AnyCutsGiveTheSameRequests, ()) {
  const std::string input = *any_input();
  const auto cuts = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(1, 40)));
  RC_ASSERT(same(drive_whole(input), drive(input, cuts)));
  const std::size_t single[] = {1};
  RC_ASSERT(same(drive_whole(input), drive(input, single)));
}

RC_GTEST_PROP(RequestReader, AnyCutsGiveTheSameUnderSmallLimits, ()) {
  const std::string input = *any_input();
  const std::size_t single[] = {1};
  RC_ASSERT(same(drive_whole(input, {20, 30, 2}), drive(input, single, {20, 30, 2})));
}

struct Written {
  std::string text;
  BodyPlan plan;
};
Written written(const Response& response, ResponseContext context = {}) {
  Written out;
  out.plan = append_response_head(out.text, response, context);
  return out;
}

TEST(ResponseHead, FramesByTheBody) {
  EXPECT_TRUE(written(text_response("hello")).text.contains("\r\ncontent-length: 5\r\n"));
  EXPECT_TRUE(written(empty_response(Status::ok)).text.contains("\r\ncontent-length: 0\r\n"));
  Response stream;
  stream.body = Body::stream([](io::Io&) -> io::Task<Result<Chunk>> { co_return Chunk{}; });
  EXPECT_EQ(written(stream).plan.framing, Framing::chunked);
  EXPECT_TRUE(written(stream).text.contains("\r\ntransfer-encoding: chunked\r\n"));
  const Written old = written(stream, {.protocol = Protocol::http10});
  EXPECT_EQ(old.plan.framing, Framing::until_close);
  EXPECT_FALSE(old.plan.keep_alive);
  EXPECT_FALSE(old.text.contains("transfer-encoding"));
}

TEST(ResponseHead, NeverFramesABodyWhereThereIsNone) {
  for (const Status status : {Status::no_content, Status::not_modified}) {
    Response response = text_response("must not appear", status);
    EXPECT_EQ(written(response).plan.framing, Framing::none);
    EXPECT_FALSE(written(response).text.contains("content-length"));
  }
  const Written head = written(text_response("hello"), {.method = Method::head});
  EXPECT_EQ(head.plan.framing, Framing::none);
  EXPECT_TRUE(head.text.contains("content-length: 5"));
}

TEST(ResponseHead, WritesConnectionFieldsItself) {
  Response response = text_response("x");
  response.headers.set(Field::connection, "keep-alive");
  response.headers.set(Field::transfer_encoding, "chunked");
  response.headers.set(Field::content_length, "99");
  const std::string text = written(response, {.keep_alive = false}).text;
  EXPECT_TRUE(text.contains("connection: close\r\n"));
  EXPECT_FALSE(text.contains("keep-alive"));
  EXPECT_FALSE(text.contains("chunked"));
  EXPECT_FALSE(text.contains("99"));
}

struct StatusLineCase {
  const char* name;
  std::string input;
  Event event;
};
class StatusLineTable : public testing::TestWithParam<StatusLineCase> {};
TEST_P(StatusLineTable, IsReadOrRefused) {
  ResponseReader reader{HeadLimits{}};
  const MutableBytes room = reader.room();
  std::copy_n(GetParam().input.data(), GetParam().input.size(), reinterpret_cast<char*>(room.data()));
  reader.received(GetParam().input.size());
  EXPECT_EQ(reader.next(Method::get), GetParam().event);
}
INSTANTIATE_TEST_SUITE_P(Responses, StatusLineTable, testing::Values(
    StatusLineCase{"plain", "HTTP/1.1 200 OK\r\n\r\n", Event::head},
    StatusLineCase{"no_reason", "HTTP/1.1 200 \r\n\r\n", Event::head},
    StatusLineCase{"no_space_for_reason", "HTTP/1.1 200\r\n\r\n", Event::head},
    StatusLineCase{"short_number", "HTTP/1.1 20\r\n\r\n", Event::refused},
    StatusLineCase{"long_number", "HTTP/1.1 2000\r\n\r\n", Event::refused},
    StatusLineCase{"number_too_large", "HTTP/1.1 600 X\r\n\r\n", Event::refused},
    StatusLineCase{"other_protocol", "ICY 200 OK\r\n\r\n", Event::refused},
    StatusLineCase{"both_framings", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", Event::refused}),
    [](const auto& row) { return std::string{row.param.name}; });

RC_GTEST_PROP(RequestHead, ParsesAsItWasWritten, ()) {
  const auto token = rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string{"abcdefghijklmnopqrstuvwxyz-0123456789"})));
  const auto value = rc::gen::container<std::string>(rc::gen::inRange<char>(0x21, 0x7F));
  Headers headers;
  headers.set(Field::host, "a");
  const auto fields = *rc::gen::container<std::vector<std::pair<std::string, std::string>>>(rc::gen::pair(token, value));
  for (const auto& [name, text] : fields)
    if (field_of(name) == Field::other && headers.size() < 100) headers.add(name, text);
  std::string text;
  append_request_head(text, Method::get, "/" + *token, headers, 0);
  const Outcome outcome = drive_whole(text);
  RC_ASSERT(outcome.requests.size() == 1u);
  RC_ASSERT(outcome.requests[0].head.headers == headers);
}

}  // namespace
}  // namespace tablinum::net::h1
