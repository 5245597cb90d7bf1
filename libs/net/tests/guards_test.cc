/// What lets a request through, by its effect: the handler runs or it does not.
#include "tablinum/net/guards.h"

#include <gtest/gtest.h>

#include "harness.h"

namespace tablinum::net {
namespace {

struct Outcome {
  Result<Response> response = fail(Code::internal);
  int handled = 0;
  std::string field(std::string_view name) const { return std::string{response->headers.get(name).value_or("")}; }
};

Request request_with(Method method, std::vector<std::pair<std::string, std::string>> fields) {
  Request request;
  request.method = method;
  request.peer.address = "192.0.2.1";
  for (const auto& [name, value] : fields) request.headers.add(std::string_view{name}, value);
  return request;
}

Outcome ask(const Middleware& layer, Request request) {
  Outcome outcome;
  const Handler handler = layer([&outcome](io::Io&, Request&) -> io::Task<Result<Response>> {
    ++outcome.handled;
    co_return text_response("secret");
  });
  auto body = [&](io::Io& io) { return handler(io, request); };
  outcome.response = test::run_task(body);
  return outcome;
}

CorsOptions one_origin() {
  CorsOptions options;
  options.origins = {"https://app.example"};
  options.request_fields = {"x-tree"};
  options.exposed_fields = {"etag"};
  options.credentials = true;
  return options;
}

TEST(Cors, AListedOriginMayRead) {
  const Outcome outcome = ask(cors(one_origin()), request_with(Method::get, {{"origin", "https://app.example"}}));
  EXPECT_EQ(outcome.handled, 1);
  EXPECT_EQ(outcome.field("access-control-allow-origin"), "https://app.example");
  EXPECT_EQ(outcome.field("access-control-allow-credentials"), "true");
  EXPECT_EQ(outcome.field("access-control-expose-headers"), "etag");
  EXPECT_EQ(outcome.field("vary"), "Origin");
}
TEST(Cors, AForeignOriginGetsNoMark) {
  for (const char* origin : {"https://evil.example", "https://app.example.evil", "null", "http://app.example"}) {
    const Outcome outcome = ask(cors(one_origin()), request_with(Method::get, {{"origin", origin}}));
    EXPECT_EQ(outcome.field("access-control-allow-origin"), "") << origin;
    EXPECT_EQ(outcome.field("vary"), "Origin");
  }
}
TEST(Cors, APreflightIsAnsweredHere) {
  const Outcome allowed = ask(cors(one_origin()), request_with(Method::options, {{"origin", "https://app.example"},
                                                                                {"access-control-request-method", "POST"}}));
  EXPECT_EQ(allowed.handled, 0);
  EXPECT_EQ(allowed.response->status, Status::no_content);
  EXPECT_EQ(allowed.field("access-control-allow-methods"), "GET, HEAD, POST");
  EXPECT_EQ(allowed.field("access-control-allow-headers"), "x-tree");
  EXPECT_EQ(allowed.field("access-control-max-age"), "600");
  const Outcome foreign = ask(cors(one_origin()), request_with(Method::options, {{"origin", "https://evil.example"},
                                                                                {"access-control-request-method", "POST"}}));
  EXPECT_EQ(foreign.handled, 1);
  EXPECT_EQ(foreign.field("access-control-allow-methods"), "");
}
TEST(Cors, AnyOriginNeverWithCredentials) {
  CorsOptions options = one_origin();
  options.origins = {"*"};
  const Outcome outcome = ask(cors(options), request_with(Method::get, {{"origin", "https://x.example"}}));
  EXPECT_EQ(outcome.field("access-control-allow-origin"), "*");
  EXPECT_EQ(outcome.field("access-control-allow-credentials"), "");
}

TEST(RateLimit, LetsTheBurstThroughAndNoMore) {
  const auto limiter = make_memory_limiter({3, Duration::seconds(3600)});
  for (const int remaining : {2, 1, 0}) {
    const Outcome outcome = ask(rate_limit(limiter), request_with(Method::get, {}));
    EXPECT_EQ(outcome.handled, 1);
    EXPECT_EQ(outcome.field("ratelimit-limit"), "3");
    EXPECT_EQ(outcome.field("ratelimit-remaining"), std::to_string(remaining));
  }
  const Outcome refused = ask(rate_limit(limiter), request_with(Method::get, {}));
  EXPECT_EQ(refused.handled, 0);
  EXPECT_EQ(refused.response->status, Status::too_many_requests);
  EXPECT_GE(std::stoi(refused.field("retry-after")), 1);
  EXPECT_LE(std::stoi(refused.field("retry-after")), 1200);
  Request other = request_with(Method::get, {});
  other.peer.address = "192.0.2.2";
  EXPECT_EQ(ask(rate_limit(limiter), std::move(other)).handled, 1) << "another client";
}
TEST(RateLimit, GrowsBackEvenly) {
  const auto limiter = make_memory_limiter({2, Duration::milliseconds(40)});
  auto body = [&](io::Io& io) -> io::Task<Result<int>> {
    int allowed = 0;
    for (int i = 0; i < 3; ++i) {
      CO_TRY(decision, co_await limiter->take(io, "k"));
      if (decision.allowed) ++allowed;
      if (!decision.allowed) CO_CHECK_OK(co_await io::sleep(io, decision.retry_after));
    }
    CO_TRY(decision, co_await limiter->take(io, "k"));
    co_return decision.allowed ? allowed : -1;
  };
  EXPECT_GE(test::run_task(body).value(), 2);
}
TEST(RateLimit, ForgetsOnlyWhoHasAllHisBurst) {
  const auto limiter = make_memory_limiter({2, Duration::seconds(3600)}, 2);
  auto body = [&](io::Io& io) -> io::Task<Result<std::string>> {
    std::string said;
    for (const char* key : {"a", "b", "c", "a"}) {
      CO_TRY(decision, co_await limiter->take(io, key));
      said += decision.allowed ? '1' : '0';
    }
    co_return said;
  };
  EXPECT_EQ(test::run_task(body).value(), "1101");
}
TEST(RateLimit, AnIpv6ClientIsItsNetwork) {
  Request a = request_with(Method::get, {}), b = request_with(Method::get, {}), c = request_with(Method::get, {});
  a.peer.address = "2001:db8:1:2::1";
  b.peer.address = "2001:db8:1:2:ffff::9";
  c.peer.address = "2001:db8:1:3::1";
  EXPECT_EQ(rate_key_of_peer(a), rate_key_of_peer(b));
  EXPECT_NE(rate_key_of_peer(a), rate_key_of_peer(c));
}

TEST(Authentication, OnlyTheKnownReachTheHandler) {
  const Authenticator check = [](io::Io&, Request& request) -> io::Task<Result<void>> {
    const auto token = request.headers.get(Field::authorization);
    if (!token) co_return fail(Code::unauthenticated, "who are you?");
    if (*token != "Bearer good") co_return fail(Code::denied, "not you");
    co_return Result<void>{};
  };
  const Outcome nobody = ask(authentication(check, "Bearer realm=\"archive\""), request_with(Method::get, {}));
  EXPECT_EQ(nobody.handled, 0);
  EXPECT_EQ(nobody.response->status, Status::unauthorized);
  EXPECT_EQ(nobody.field("www-authenticate"), "Bearer realm=\"archive\"");
  const Outcome stranger = ask(authentication(check), request_with(Method::get, {{"authorization", "Bearer bad"}}));
  EXPECT_EQ(stranger.handled, 0);
  EXPECT_EQ(stranger.response->status, Status::forbidden);
  EXPECT_EQ(ask(authentication(check), request_with(Method::get, {{"authorization", "Bearer good"}})).handled, 1);
}

TEST(TimeLimit, CancelsTheHandler) {
  bool cancelled = false;
  const Handler handler = time_limit(Duration::milliseconds(5))([&](io::Io& io, Request&) -> io::Task<Result<Response>> {
    const auto slept = co_await io::sleep(io, Duration::seconds(3600));
    cancelled = !slept;
    co_return fail(Code::cancelled);
  });
  Request request;
  auto body = [&](io::Io& io) { return handler(io, request); };
  EXPECT_EQ(test::run_task(body).error().code, Code::timeout);
  EXPECT_TRUE(cancelled);
}

}  // namespace
}  // namespace tablinum::net
