/// Headers, targets, problems: what every handler touches.
#include "tablinum/net/message.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "harness.h"
#include "http/parameters.h"

namespace tablinum::net {
namespace {

TEST(Headers, AreFoundWithoutRegardToCase) {
  Headers headers;
  headers.add("X-Thing", "1");
  headers.add("CONTENT-TYPE", "text/plain");
  EXPECT_EQ(headers.get("x-tHING"), "1");
  EXPECT_EQ(headers.get(Field::content_type), "text/plain");
  EXPECT_EQ(headers[1].name, "content-type");
  EXPECT_FALSE(headers.get("x-other"));
}

TEST(Headers, SetReplacesAllAndAddKeepsOrder) {
  Headers headers;
  headers.add(Field::set_cookie, "a");
  headers.add("x", "y");
  headers.add(Field::set_cookie, "b");
  EXPECT_EQ(headers.count(Field::set_cookie), 2u);
  headers.set(Field::set_cookie, "c");
  ASSERT_EQ(headers.size(), 2u);
  EXPECT_EQ(headers[0].name, "x");
  EXPECT_EQ(headers[1].value, "c");
  headers.set(Field::etag, *headers.get(Field::set_cookie));
  EXPECT_EQ(headers.get(Field::etag), "c");
}

TEST(Headers, CannotSplitAResponse) {
  Headers headers;
  headers.set(Field::location, std::string_view{" /a\r\nSet-Cookie: x\0y ", 21});
  EXPECT_EQ(headers.get(Field::location), "/a  Set-Cookie: x y");
}

TEST(Headers, EveryKnownNameIsFound) {
  for (int i = 1; i <= static_cast<int>(Field::x_request_id); ++i) EXPECT_EQ(field_of(name_of(static_cast<Field>(i))), static_cast<Field>(i));
  EXPECT_EQ(field_of("x-unknown"), Field::other);
  EXPECT_EQ(field_of(""), Field::other);
}

TEST(Headers, TokensAreAddedOnce) {
  Headers headers;
  headers.add_token(Field::vary, "Origin");
  headers.add_token(Field::vary, "Accept-Encoding");
  headers.add_token(Field::vary, "origin");
  EXPECT_EQ(headers.get(Field::vary), "Origin, Accept-Encoding");
  EXPECT_TRUE(list_contains("a;q=0, B", "b"));
  EXPECT_FALSE(list_contains("ab", "a"));
}

TEST(Target, SplitsAndDecodes) {
  const auto target = Target::parse("/a%20b/c?x=1&x=2&y=a%26b+c&flag&=empty&&filter[birth]=1850..1900");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path(), "/a%20b/c");
  EXPECT_EQ(target->query("y"), "a&b c");
  EXPECT_EQ(target->query("flag"), "");
  EXPECT_EQ(target->query("filter[birth]"), "1850..1900");
  EXPECT_FALSE(target->query("none"));
  EXPECT_EQ(target->query_all("x").size(), 2u);
}

TEST(Target, BoundsThePairs) {
  std::string query = "/?a";
  for (std::size_t i = 1; i < kQueryPairsMax; ++i) query += "&a";
  EXPECT_TRUE(Target::parse(query));
  EXPECT_EQ(Target::parse(query + "&a").error().code, Code::limit);
}

RC_GTEST_PROP(Percent, DecodingUndoesEncoding, (const std::string& text)) {
  const auto decoded = percent_decode(percent_encode(text));
  if (text.contains('\0')) RC_ASSERT(!decoded);
  else RC_ASSERT(*decoded == text);
}

TEST(Percent, RefusesBadEscapes) {
  for (const char* text : {"%", "%a", "%zz", "%00", "a%4"}) EXPECT_EQ(percent_decode(text).error().code, Code::invalid) << text;
}

TEST(Problem, HasTheContractsMembers) {
  Response response = problem_response(Problem{.status = Status::conflict, .code = "version_conflict", .detail = "\"v17\" is newer", .more = "\"currentEtag\":\"v17\""}, "req-1");
  EXPECT_EQ(response.headers.get(Field::content_type), "application/problem+json");
  EXPECT_EQ(response.body.in_memory()->text(),
            R"({"type":"/problems/version-conflict","code":"version_conflict","title":"Conflict","status":409,"detail":"\"v17\" is newer",)"
            R"("message":"\"v17\" is newer","error":"version_conflict","requestId":"req-1","currentEtag":"v17"})");
}

TEST(Problem, TellsTheClientOnlyItsOwnFaults) {
  EXPECT_TRUE(problem_response(Error{Code::invalid, "the date is odd"}, "").body.in_memory()->text().contains("the date is odd"));
  EXPECT_FALSE(problem_response(Error{Code::io, "/secret/path"}, "").body.in_memory()->text().contains("/secret/path"));
}

struct StatusCase {
  Code code;
  std::uint16_t status;
};
TEST(Status, OfEveryCode) {
  constexpr StatusCase kCases[] = {{Code::invalid, 422}, {Code::not_found, 404}, {Code::corrupt, 422}, {Code::too_large, 413}, {Code::unauthenticated, 401},
                                   {Code::denied, 403}, {Code::conflict, 409}, {Code::exists, 409}, {Code::unsupported, 415}, {Code::unavailable, 503},
                                   {Code::limit, 429}, {Code::no_space, 507}, {Code::timeout, 504}, {Code::busy, 503}, {Code::protocol, 400},
                                   {Code::io, 500}, {Code::internal, 500}, {Code::cancelled, 500}};
  for (const auto& [code, status] : kCases) EXPECT_EQ(number(status_of(code)), status) << to_string(code);
}

TEST(Method, IsCaseSensitive) {
  EXPECT_EQ(method_from("DELETE"), Method::del);
  EXPECT_FALSE(method_from("delete"));
  EXPECT_FALSE(method_from(""));
}

TEST(Extensions, KeepOneValueOfEachType) {
  Extensions extensions;
  EXPECT_EQ(extensions.get<int>(), nullptr);
  extensions.set(1);
  extensions.set(std::string{"x"});
  extensions.set(2);
  EXPECT_EQ(*extensions.get<int>(), 2);
  EXPECT_EQ(*extensions.get<std::string>(), "x");
}

TEST(Parameters, AreRead) {
  const auto read = parse_parameters("form-data; name=\"a \\\"b\\\" c\"; filename=\"C:\\dir\\x.ged\"; q=1;");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->value, "form-data");
  EXPECT_EQ(read->get("NAME"), "a \"b\" c");
  EXPECT_EQ(read->get("filename"), "C:\\dir\\x.ged");
  for (const char* bad : {"a; b", "a; b=", "a; b=\"x", "a; =x", "a; b=1; b=2", "a; b=\"x\"y"}) EXPECT_FALSE(parse_parameters(bad)) << bad;
  std::string many = "a";
  for (std::size_t i = 0; i < kParametersMax; ++i) many += ";p" + std::to_string(i) + "=x";
  EXPECT_TRUE(parse_parameters(many));
  EXPECT_FALSE(parse_parameters(many + ";more=x"));
}

TEST(Body, ReadsInPiecesAndHoldsItsLimit) {
  auto read = [](io::Io& io) -> io::Task<Result<std::string>> {
    Body body = Body::of(std::string(kChunkBytesMax + 1, 'x'));
    CO_TRY(first, co_await body.read(io));
    CO_TRY(second, co_await body.read(io));
    CO_TRY(end, co_await body.read(io));
    CO_TRY(again, co_await body.read(io));
    co_return std::to_string(first.size()) + " " + std::to_string(second.size()) + " " + std::to_string(end.size() + again.size());
  };
  EXPECT_EQ(test::run_task(read).value(), "65536 1 0");
  for (const std::uint64_t limit : {5u, 4u}) {
    auto limited = [limit](io::Io& io) -> io::Task<Result<std::string>> {
      Body body = Body::of(std::string{"12345"});
      body.set_limit(limit);
      auto text = co_await body.read_all(io);
      co_return text;
    };
    EXPECT_EQ(test::run_task(limited).has_value(), limit == 5u);
  }
  for (const std::size_t limit : {5u, 4u}) {
    auto all = [limit](io::Io& io) -> io::Task<Result<std::string>> {
      auto sent = std::make_shared<bool>(false);
      Body body = Body::stream([sent](io::Io&) -> io::Task<Result<Chunk>> {
        co_return std::exchange(*sent, true) ? Chunk{} : Chunk::constant("12345");
      });
      auto text = co_await body.read_all(io, limit);
      co_return text;
    };
    EXPECT_EQ(test::run_task(all).has_value(), limit == 5u);
  }
}

}  // namespace
}  // namespace tablinum::net
