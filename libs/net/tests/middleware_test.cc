/// Each layer of the pipeline by its effect on whole requests.
#include "tablinum/net/middleware.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "harness.h"
#include "http/codec.h"
#include "tablinum/io/io.h"

namespace tablinum::net {
namespace {

std::string encode(Coding coding, std::string_view text) {
  std::string out;
  auto encoder = make_encoder(coding).value();
  EXPECT_TRUE(encoder->write(bytes_of(text), false, out));
  EXPECT_TRUE(encoder->finish(out));
  return out;
}

std::string decode(Coding coding, std::string_view text) {
  auto decoder = make_decoder(coding).value();
  std::string out;
  Bytes piece(1000);
  while (true) {
    const auto step = decoder->step(bytes_of(text), piece);
    if (!step) return "not decodable";
    out += text_of(ByteView{piece}.first(step->produced));
    text.remove_prefix(step->consumed);
    if (step->ended) return text.empty() ? out : "bytes left over";
    if (step->produced == 0 && text.empty()) return "cut short";
  }
}

io::Task<Result<Response>> echo(io::Io& io, Request& request) {
  CO_TRY(text, co_await request.body.read_all(io));
  co_return text_response(std::move(text));
}
io::Task<Result<Response>> long_text(io::Io&, Request&) {
  Response response = text_response(std::string(5000, 'x'));
  response.headers.set(Field::etag, "\"v1\"");
  co_return response;
}
io::Task<Result<Response>> stream(io::Io&, Request&) {
  auto left = std::make_shared<int>(3);
  Response response = text_response("");
  response.body = Body::stream([left](io::Io&) -> io::Task<Result<Chunk>> {
    co_return (*left)-- > 0 ? Chunk::of(std::string(1000, 'y')) : Chunk{};
  });
  co_return response;
}
io::Task<Result<Response>> slow(io::Io& io, Request&) {
  CO_CHECK_OK(co_await io::sleep(io, Duration::seconds(30)));
  co_return text_response("late");
}
io::Task<Result<Response>> throwing(io::Io&, Request&) {
  throw std::runtime_error("a bug");
  co_return Response{};
}
io::Task<Result<Response>> sized(io::Io&, Request& request) {
  const auto bytes = std::strtoul(std::string{request.params["bytes"]}.c_str(), nullptr, 10);
  co_return text_response(std::string(bytes, 'z'));
}

std::shared_ptr<const Router> make_router() {
  auto router = std::make_shared<Router>();
  RouteOptions small, brief, plain;
  small.body_bytes_max = 100;
  brief.limit = Duration::milliseconds(50);
  plain.compress = false;
  const auto add = [&](Method method, std::string_view pattern, Handler handler, RouteOptions options = {}) {
    EXPECT_TRUE(router->add(method, pattern, std::move(handler), options));
  };
  add(Method::post, "/echo", echo);
  add(Method::post, "/small", echo, small);
  add(Method::get, "/long", long_text);
  add(Method::get, "/plain", long_text, plain);
  add(Method::get, "/stream", stream);
  add(Method::get, "/slow", slow, brief);
  add(Method::get, "/throw", throwing);
  add(Method::get, "/sized/{bytes}", sized);
  return router;
}

struct Answer {
  Response response;
  std::string body;
  Request request;
};

/// Sends one request through the pipeline.
Answer ask(Method method, std::string_view target, std::initializer_list<std::pair<Field, std::string>> fields = {}, std::string body = {},
           PipelineOptions options = {}) {
  if (!options.on_access) options.on_access = [](const Access&) {};
  const Handler handler = make_pipeline(make_router(), std::move(options));
  Answer answer;
  answer.request.method = method;
  answer.request.target = Target::parse(target).value();
  for (const auto& [field, value] : fields) answer.request.headers.add(field, value);
  answer.request.body = Body::of(std::move(body));
  auto run = [&](io::Io& io) -> io::Task<Result<std::string>> {
    CO_TRY(response, co_await handler(io, answer.request));
    answer.response = std::move(response);
    auto text = co_await answer.response.body.read_all(io);
    co_return text;
  };
  answer.body = test::run_task(run).value();
  return answer;
}

TEST(RequestId, IsTheClientsOrNew) {
  EXPECT_EQ(ask(Method::get, "/long", {{Field::x_correlation_id, "abc-1"}}).response.headers.get(Field::x_correlation_id), "abc-1");
  EXPECT_EQ(ask(Method::get, "/long", {{Field::x_request_id, "abc-2"}}).request.id, "abc-2");
  const Answer fresh = ask(Method::get, "/long");
  EXPECT_EQ(fresh.request.id.size(), 36u);
  EXPECT_EQ(fresh.response.headers.get(Field::x_correlation_id), fresh.request.id);
  EXPECT_EQ(ask(Method::get, "/long", {{Field::x_request_id, std::string(kRequestIdBytesMax, 'a')}}).request.id.size(), kRequestIdBytesMax);
  EXPECT_EQ(ask(Method::get, "/long", {{Field::x_request_id, std::string(kRequestIdBytesMax + 1, 'a')}}).request.id.size(), 36u);
  EXPECT_EQ(ask(Method::get, "/long", {{Field::x_request_id, "<script>"}}).request.id.size(), 36u);
}

TEST(AccessLog, HearsOfEveryRequest) {
  std::vector<std::string> heard;
  PipelineOptions options;
  options.on_access = [&](const Access& access) {
    heard.push_back(std::string{access.pattern} + " " + std::to_string(number(access.status)) + " " + std::to_string(access.body_bytes.value_or(0)));
  };
  ask(Method::get, "/sized/7", {}, {}, options);
  ask(Method::get, "/nowhere", {}, {}, options);
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_EQ(heard[0], "/sized/{bytes} 200 7");
  EXPECT_TRUE(heard[1].starts_with(" 404 "));
}

struct RoutingCase {
  const char* name;
  Method method;
  const char* target;
  std::uint16_t status;
  const char* allow = nullptr;
};
class RoutingTable : public testing::TestWithParam<RoutingCase> {};
TEST_P(RoutingTable, AnswersWithoutAHandler) {
  const Answer answer = ask(GetParam().method, GetParam().target);
  EXPECT_EQ(number(answer.response.status), GetParam().status);
  if (GetParam().allow) EXPECT_EQ(answer.response.headers.get(Field::allow), GetParam().allow);
}
INSTANTIATE_TEST_SUITE_P(Routing, RoutingTable, testing::Values(
    RoutingCase{"not_found", Method::get, "/nowhere", 404}, RoutingCase{"wrong_method", Method::put, "/long", 405, "GET, HEAD, OPTIONS"},
    RoutingCase{"options", Method::options, "/echo", 204, "POST, OPTIONS"},
    RoutingCase{"options_of_all", Method::options, "*", 204, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"},
    RoutingCase{"head", Method::head, "/long", 200}, RoutingCase{"encoded_dots", Method::get, "/a/%2e%2e", 400},
    RoutingCase{"above_root", Method::get, "/..", 400}, RoutingCase{"time_limit", Method::get, "/slow", 504},
    RoutingCase{"exception", Method::get, "/throw", 500}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Pipeline, TooManySegmentsAreTooLong) {
  std::string path;
  for (std::size_t i = 0; i <= kPathSegmentsMax; ++i) path += "/a";
  EXPECT_EQ(ask(Method::get, path).response.status, Status::uri_too_long);
}

TEST(Pipeline, FallbackAndLayersAreCalled) {
  PipelineOptions options;
  options.fallback = [](io::Io&, Request&) -> io::Task<Result<Response>> { co_return text_response("page"); };
  EXPECT_EQ(ask(Method::get, "/nowhere", {}, {}, options).body, "page");
  PipelineOptions guarded;
  guarded.layers.push_back([](Handler) -> Handler {
    return [](io::Io&, Request&) -> io::Task<Result<Response>> { co_return fail(Code::unauthenticated, "who are you?"); };
  });
  EXPECT_EQ(ask(Method::get, "/long", {}, {}, guarded).response.status, Status::unauthorized);
}

TEST(RequestBodies, HoldTheRoutesLimit) {
  EXPECT_EQ(ask(Method::post, "/small", {}, std::string(100, 'a')).response.status, Status::ok);
  EXPECT_EQ(ask(Method::post, "/small", {}, std::string(101, 'a')).response.status, Status::content_too_large);
  EXPECT_EQ(ask(Method::post, "/echo", {}, std::string(kBodyBytesDefault, 'a')).response.status, Status::ok);
  EXPECT_EQ(ask(Method::post, "/echo", {}, std::string(kBodyBytesDefault + 1, 'a')).response.status, Status::content_too_large);
}

TEST(RequestBodies, AreDecoded) {
  for (const Coding coding : {Coding::gzip, Coding::zstd}) {
    const Answer answer = ask(Method::post, "/echo", {{Field::content_encoding, std::string{name_of(coding)}}}, encode(coding, "hello"));
    EXPECT_EQ(answer.body, "hello");
    EXPECT_FALSE(answer.request.headers.contains(Field::content_encoding));
  }
  EXPECT_EQ(ask(Method::post, "/echo", {{Field::content_encoding, "br"}}, "x").response.status, Status::unsupported_media_type);
  EXPECT_EQ(ask(Method::post, "/echo", {{Field::content_encoding, "gzip, gzip"}}, "x").response.status, Status::unsupported_media_type);
}

TEST(RequestBodies, DecodingIsBounded) {
  for (const Coding coding : {Coding::gzip, Coding::zstd}) {
    const std::string name{name_of(coding)};
    const auto status = [&](std::string body, std::string_view target = "/echo") {
      return ask(Method::post, target, {{Field::content_encoding, name}}, std::move(body)).response.status;
    };
    EXPECT_EQ(status(encode(coding, std::string(100, 'a')), "/small"), Status::ok);
    EXPECT_EQ(status(encode(coding, std::string(101, 'a')), "/small"), Status::content_too_large);
    EXPECT_EQ(status(encode(coding, std::string(5 << 20, 'a'))), Status::content_too_large) << "a bomb of 5 MiB";
    const std::string good = encode(coding, "hello");
    EXPECT_EQ(status(good.substr(0, good.size() - 1)), Status::unprocessable_content);
    EXPECT_EQ(status(good + "x"), Status::unprocessable_content);
    EXPECT_EQ(status("junk"), Status::unprocessable_content);
  }
}

TEST(Compression, FollowsAcceptEncoding) {
  for (const Coding coding : {Coding::gzip, Coding::zstd}) {
    for (const char* target : {"/long", "/stream"}) {
      const Answer answer = ask(Method::get, target, {{Field::accept_encoding, std::string{name_of(coding)}}});
      EXPECT_EQ(answer.response.headers.get(Field::content_encoding), name_of(coding));
      EXPECT_EQ(answer.response.headers.get(Field::vary), "Accept-Encoding");
      EXPECT_EQ(decode(coding, answer.body), target == std::string_view{"/long"} ? std::string(5000, 'x') : std::string(3000, 'y'));
    }
  }
  const Answer plain = ask(Method::get, "/long");
  EXPECT_FALSE(plain.response.headers.contains(Field::content_encoding));
  EXPECT_EQ(plain.response.headers.get(Field::vary), "Accept-Encoding");
  EXPECT_EQ(plain.response.headers.get(Field::etag), "\"v1\"");
  EXPECT_EQ(ask(Method::get, "/long", {{Field::accept_encoding, "gzip"}}).response.headers.get(Field::etag), "W/\"v1\"");
}

TEST(Compression, LeavesShortAnswersAndSomeRoutesAlone) {
  const auto compressed = [](std::string_view target) {
    return ask(Method::get, target, {{Field::accept_encoding, "gzip"}}).response.headers.contains(Field::content_encoding);
  };
  EXPECT_TRUE(compressed("/sized/1024"));
  EXPECT_FALSE(compressed("/sized/1023"));
  EXPECT_FALSE(compressed("/plain"));
}

struct ResponseCase {
  const char* name;
  void (*change)(Response&);
  bool compressed;
};
class CompressionTable : public testing::TestWithParam<ResponseCase> {};
TEST_P(CompressionTable, LooksAtTheResponse) {
  const Handler inner = [](io::Io&, Request&) -> io::Task<Result<Response>> {
    Response response = text_response(std::string(5000, 'x'));
    GetParam().change(response);
    co_return response;
  };
  const Handler handler = compression()(inner);
  auto run = [&](io::Io& io) -> io::Task<Result<Response>> {
    Request request;
    request.headers.set(Field::accept_encoding, "zstd, gzip");
    auto response = co_await handler(io, request);
    co_return response;
  };
  EXPECT_EQ(test::run_task(run)->headers.contains(Field::content_encoding), GetParam().compressed);
}
INSTANTIATE_TEST_SUITE_P(Compression, CompressionTable, testing::Values(
    ResponseCase{"text", [](Response&) {}, true},
    ResponseCase{"json", [](Response& r) { r.headers.set(Field::content_type, "application/problem+json"); }, true},
    ResponseCase{"secret", [](Response& r) { r.secret = true; }, false},
    ResponseCase{"range", [](Response& r) { r.status = Status::partial_content; }, false},
    ResponseCase{"events", [](Response& r) { r.headers.set(Field::content_type, "text/event-stream"); }, false},
    ResponseCase{"picture", [](Response& r) { r.headers.set(Field::content_type, "image/png"); }, false},
    ResponseCase{"no_transform", [](Response& r) { r.headers.set(Field::cache_control, "no-transform"); }, false}),
    [](const auto& row) { return std::string{row.param.name}; });

struct AcceptCase {
  const char* accept;
  Coding want;
};
TEST(AcceptEncoding, IsWeighed) {
  constexpr AcceptCase kCases[] = {
      {"", Coding::identity}, {"gzip", Coding::gzip}, {"zstd", Coding::zstd}, {"gzip, deflate, br, zstd", Coding::zstd},
      {"gzip;q=1.0, zstd;q=0.5", Coding::gzip}, {"zstd;q=0, gzip", Coding::gzip}, {"gzip;q=0", Coding::identity}, {"*", Coding::zstd},
      {"*;q=0", Coding::identity}, {"zstd;q=0, *", Coding::gzip}, {"gzip;q=2", Coding::identity}, {"gzip;q=0.0001", Coding::identity},
      {"gzip;q=x", Coding::identity}, {"GZIP ; Q=0.5", Coding::gzip}, {"identity", Coding::identity}};
  for (const auto& [accept, want] : kCases) EXPECT_EQ(preferred_coding(accept), want) << accept;
}

TEST(SecurityHeaders, AreOnEveryAnswer) {
  for (const char* target : {"/long", "/nowhere", "/throw"}) {
    const Answer answer = ask(Method::get, target);
    EXPECT_EQ(answer.response.headers.get(Field::x_content_type_options), "nosniff") << target;
    EXPECT_EQ(answer.response.headers.get(Field::referrer_policy), "no-referrer") << target;
    EXPECT_TRUE(answer.response.headers.get_or(Field::content_security_policy, "").starts_with("default-src 'none'")) << target;
    EXPECT_FALSE(answer.response.headers.contains("strict-transport-security"));
  }
  EXPECT_EQ(ask(Method::get, "/long").response.headers.get(Field::cache_control), "private, no-cache");
  PipelineOptions pages;
  pages.hsts = true;
  pages.fallback = [](io::Io&, Request&) -> io::Task<Result<Response>> { co_return respond(Status::ok, "text/html; charset=utf-8", "<p>"); };
  const Answer page = ask(Method::get, "/page", {}, {}, pages);
  EXPECT_EQ(page.response.headers.get(Field::content_security_policy), kContentSecurityPolicy);
  EXPECT_EQ(page.response.headers.get("cross-origin-opener-policy"), "same-origin");
  EXPECT_TRUE(page.response.headers.contains("strict-transport-security"));
}

TEST(Validators, AnswerWithoutTheBody) {
  const Answer same = ask(Method::get, "/long", {{Field::if_none_match, "\"v1\""}});
  EXPECT_EQ(same.response.status, Status::not_modified);
  EXPECT_EQ(same.response.headers.get(Field::etag), "\"v1\"");
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(ask(Method::get, "/long", {{Field::if_none_match, "W/\"v1\""}}).response.status, Status::not_modified);
  EXPECT_EQ(ask(Method::get, "/long", {{Field::if_none_match, "\"v0\""}}).response.status, Status::ok);
  EXPECT_EQ(ask(Method::get, "/long", {{Field::if_match, "\"v0\""}}).response.status, Status::precondition_failed);
}

RC_GTEST_PROP(Codec, DecodingUndoesEncoding, (const std::string& text)) {
  for (const Coding coding : {Coding::gzip, Coding::zstd}) RC_ASSERT(decode(coding, encode(coding, text)) == text);
}

}  // namespace
}  // namespace tablinum::net
