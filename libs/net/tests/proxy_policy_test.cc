/// The proxy's decisions, apart from any connection: balancing, health, breaker, retries, limits, fields, configuration.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <map>

#include "proxy/balancer.h"
#include "proxy/client_limiter.h"
#include "proxy/forwarding.h"
#include "proxy/health.h"

namespace tablinum::net::proxy {
namespace {

constexpr Instant at(double seconds) { return Instant{static_cast<std::int64_t>(seconds * 1e9)}; }

std::vector<Balancer::Member> members(std::initializer_list<unsigned> weights) {
  std::vector<Balancer::Member> all;
  for (const unsigned weight : weights) all.push_back({"http://10.0.0." + std::to_string(all.size() + 1), weight});
  return all;
}

// Balancer -----------------------------------------------------------------------------------------------------------------------

TEST(Balancer, RoundRobinTakesTurnsAndSkipsTheUnavailable) {
  Balancer balancer{Algorithm::round_robin, members({1, 1, 1})};
  std::vector<Load> loads(3);
  loads[1].available = false;
  std::vector<std::size_t> order;
  for (int i = 0; i < 4; ++i) order.push_back(*balancer.pick(loads, 0, 0));
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 2, 0, 2}));
}

/// The sequence that Nginx's description of its algorithm gives for weights 5, 1, 1: a a b a c a a.
TEST(Balancer, SmoothWeightedSpreadsTheHeavyOne) {
  Balancer balancer{Algorithm::weighted_round_robin, members({5, 1, 1})};
  const std::vector<Load> loads(3);
  std::string order;
  for (int i = 0; i < 7; ++i) order += static_cast<char>('a' + *balancer.pick(loads, 0, 0));
  EXPECT_EQ(order, "aabacaa");
}

TEST(Balancer, LeastConnectionsGoesByWeight) {
  Balancer balancer{Algorithm::least_connections, members({1, 4})};
  EXPECT_EQ(balancer.pick(std::vector<Load>{{true, 1, {}}, {true, 3, {}}}, 0, 0), 1U);
  EXPECT_EQ(balancer.pick(std::vector<Load>{{true, 0, {}}, {true, 7, {}}}, 0, 0), 0U);
}

TEST(Balancer, LeastResponseTimeCountsTheColdAsTheMedian) {
  Balancer balancer{Algorithm::least_response_time, members({1, 1, 1})};
  EXPECT_EQ(balancer.pick(std::vector<Load>{{true, 0, 30.0}, {true, 0, 10.0}, {true, 0, 20.0}}, 0, 0), 1U);
  EXPECT_EQ(balancer.pick(std::vector<Load>{{true, 0, 30.0}, {true, 4, 10.0}, {true, 0, {}}}, 0, 0), 0U);  // median 30; 50 by load
}

TEST(Balancer, LatencyHalvesItsPastInTenSeconds) {
  LatencyMean mean;
  EXPECT_EQ(mean.milliseconds(), std::nullopt);
  mean.add(at(0), Duration::milliseconds(100));
  mean.add(at(10), Duration::milliseconds(0));
  EXPECT_NEAR(*mean.milliseconds(), 50, 1e-9);
}

constexpr Algorithm kAll[] = {Algorithm::round_robin,         Algorithm::weighted_round_robin, Algorithm::least_connections,
                              Algorithm::least_response_time, Algorithm::ip_hash,              Algorithm::consistent_hash,
                              Algorithm::random};

RC_GTEST_PROP(BalancerProperty, PicksSomethingAvailableWheneverThereIsSomething, ()) {
  const auto algorithm = *rc::gen::elementOf(std::vector<Algorithm>(std::begin(kAll), std::end(kAll)));
  const auto count = *rc::gen::inRange<std::size_t>(1, 9);
  std::vector<Balancer::Member> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back({"b" + std::to_string(i), *rc::gen::inRange(1U, 6U)});
  Balancer balancer{algorithm, all};
  for (int round = 0; round < 20; ++round) {
    std::vector<Load> loads;
    for (std::size_t i = 0; i < count; ++i) {
      const bool warm = *rc::gen::arbitrary<bool>();
      loads.push_back({*rc::gen::arbitrary<bool>(), *rc::gen::inRange(0U, 50U), warm ? std::optional{1.0 + static_cast<double>(i)} : std::nullopt});
    }
    const auto pick = balancer.pick(loads, *rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>());
    const bool any = std::ranges::any_of(loads, &Load::available);
    RC_ASSERT(pick.has_value() == any);
    if (pick) RC_ASSERT(loads[*pick].available);
  }
}

RC_GTEST_PROP(BalancerProperty, WeightsAreExactOverEachRound, ()) {
  const auto weights = *rc::gen::container<std::vector<unsigned>>(3, rc::gen::inRange(1U, 20U));
  Balancer balancer{Algorithm::weighted_round_robin, {{"a", weights[0]}, {"b", weights[1]}, {"c", weights[2]}}};
  const std::vector<Load> loads(3);
  std::vector<unsigned> counts(3);
  for (unsigned i = 0; i < weights[0] + weights[1] + weights[2]; ++i) ++counts[*balancer.pick(loads, 0, 0)];
  RC_ASSERT(counts == weights);
}

/// When one goes, only its clients move; whoever was elsewhere stays.
RC_GTEST_PROP(BalancerProperty, HashingMovesOnlyWhoMust, ()) {
  for (const Algorithm algorithm : {Algorithm::ip_hash, Algorithm::consistent_hash}) {
    Balancer balancer{algorithm, members({1, 2, 1, 3})};
    const auto key = *rc::gen::arbitrary<std::uint64_t>();
    const auto gone = *rc::gen::inRange<std::size_t>(0, 4);
    std::vector<Load> loads(4);
    const auto before = balancer.pick(loads, key, 0);
    loads[gone].available = false;
    const auto after = balancer.pick(loads, key, 0);
    if (before != gone) RC_ASSERT(after == before);
    else RC_ASSERT(after != gone);
  }
}

RC_GTEST_PROP(BalancerProperty, ConsistentHashNeverExceedsItsBound, ()) {
  Balancer balancer{Algorithm::consistent_hash, members({1, 1, 1, 1})};
  std::vector<Load> loads(4);
  for (unsigned requests = 1; requests <= 60; ++requests) {
    // All with one key: without the bound all would go to one.
    const auto pick = *balancer.pick(loads, *rc::gen::inRange<std::uint64_t>(0, 2), 0);
    ++loads[pick].active;
    RC_ASSERT(loads[pick].active <= std::ceil(kLoadBound * requests / 4));
  }
}

TEST(Balancer, HashesSpreadByWeight) {
  for (const Algorithm algorithm : {Algorithm::ip_hash, Algorithm::consistent_hash}) {
    Balancer balancer{algorithm, members({1, 3})};
    const std::vector<Load> loads(2);
    int heavy = 0;
    for (std::uint64_t i = 0; i < 10'000; ++i) heavy += *balancer.pick(loads, hash_text("client " + std::to_string(i)), 0) == 1 ? 1 : 0;
    EXPECT_NEAR(heavy, 7500, 900) << to_string(algorithm);
  }
}

// Health, breaker, budget --------------------------------------------------------------------------------------------------------

TEST(HealthState, FollowsTheContract) {
  Health health{3, 2};
  EXPECT_EQ(health.state(), BackendState::unknown);
  EXPECT_TRUE(health.may_serve());
  health.checked(Checked::failed);
  health.checked(Checked::failed);
  EXPECT_TRUE(health.may_serve());
  health.checked(Checked::failed);
  EXPECT_EQ(health.state(), BackendState::unhealthy);
  health.checked(Checked::healthy);
  EXPECT_EQ(health.state(), BackendState::unhealthy);
  health.checked(Checked::healthy);
  EXPECT_EQ(health.state(), BackendState::healthy);
  health.checked(Checked::maintenance);
  EXPECT_EQ(health.state(), BackendState::maintenance);
  EXPECT_FALSE(health.may_serve());
  health.checked(Checked::draining);
  EXPECT_EQ(health.state(), BackendState::draining);
  health.checked(Checked::healthy);
  health.checked(Checked::healthy);
  EXPECT_EQ(health.state(), BackendState::healthy);
}

TEST(HealthState, OneSuccessBetweenBreaksTheRow) {
  Health health{3, 2};
  for (const bool well : {false, false, true, false, false}) health.served(well);
  EXPECT_TRUE(health.may_serve());
  health.served(false);
  EXPECT_EQ(health.state(), BackendState::unhealthy);
  // Answers to requests that were under way do not make it healthy: that is for the checks to say.
  health.served(true);
  EXPECT_EQ(health.state(), BackendState::unhealthy);
}

TEST(HealthState, AnAnswerIsJudgedByStatusAndBody) {
  EXPECT_EQ(judge(Status::ok, "all well", "well"), Checked::healthy);
  EXPECT_EQ(judge(Status::ok, "all bad", "well"), Checked::failed);
  EXPECT_EQ(judge(Status::service_unavailable, "", ""), Checked::maintenance);
  EXPECT_EQ(judge(Status::too_many_requests, "", ""), Checked::draining);
  EXPECT_EQ(judge(Status::no_content, "", ""), Checked::failed);
}

TEST(BreakerState, OpensTriesAndCloses) {
  Breaker breaker{BreakerOptions{}};
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(breaker.allows(at(0)));
    breaker.begin(at(0));
    breaker.failed(at(0));
  }
  EXPECT_FALSE(breaker.allows(at(59.9)));
  EXPECT_EQ(breaker.state(at(60)), Breaker::State::half_open);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(breaker.allows(at(60)));
    breaker.begin(at(60));
  }
  EXPECT_FALSE(breaker.allows(at(60)));  // three trials are under way
  breaker.abandoned();
  EXPECT_TRUE(breaker.allows(at(60)));
  breaker.succeeded();
  breaker.succeeded();
  EXPECT_EQ(breaker.state(at(60)), Breaker::State::half_open);
  breaker.begin(at(61));
  breaker.succeeded();
  EXPECT_EQ(breaker.state(at(61)), Breaker::State::closed);
}

TEST(BreakerState, AFailedTrialOpensAnewAndALateFailureDoesNot) {
  Breaker breaker{BreakerOptions{.failures = 1}};
  breaker.begin(at(0));
  breaker.begin(at(0));
  breaker.failed(at(0));
  breaker.failed(at(30));  // was sent before: no news
  EXPECT_EQ(breaker.state(at(60)), Breaker::State::half_open);
  breaker.begin(at(60));
  breaker.failed(at(61));
  EXPECT_FALSE(breaker.allows(at(120)));
  EXPECT_TRUE(breaker.allows(at(121)));
}

TEST(Budget, PaysAFifthOfTheRequests) {
  RetryBudget budget{0.2};
  while (budget.withdraw(at(0))) {
  }
  int repeats = 0;
  for (int i = 0; i < 1000; ++i) {
    budget.request(at(0));
    repeats += budget.withdraw(at(0)) ? 1 : 0;
  }
  EXPECT_NEAR(repeats, 200, 1);
  EXPECT_TRUE(budget.withdraw(at(1)));  // ten a second are free
}

RC_GTEST_PROP(BudgetProperty, WaitsAreBetweenHalfAndWhole, (unsigned repeat, std::uint64_t random)) {
  const unsigned n = repeat % 12;
  const Duration base = Duration::milliseconds(100), pause = backoff(n, base, random);
  if (n <= 1) RC_ASSERT(pause.ns == 0);
  else RC_ASSERT(pause.ns >= (base.ns << (n - 2)) / 2 && pause.ns <= base.ns << (n - 2));
}

// Limits -------------------------------------------------------------------------------------------------------------------------

TEST(Clients, HaveABucketEach) {
  ClientLimiter limiter{{.requests_per_second = 10, .burst = 3, .concurrent_max = 0}};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.enter("192.0.2.1", at(0)));
  EXPECT_FALSE(limiter.enter("192.0.2.1", at(0)));
  EXPECT_TRUE(limiter.enter("192.0.2.2", at(0)));
  EXPECT_TRUE(limiter.enter("192.0.2.1", at(0.1)));
  EXPECT_FALSE(limiter.enter("192.0.2.1", at(0.1)));
}

TEST(Clients, OfOneNetworkShareIt) {
  ClientLimiter limiter{{.requests_per_second = 0, .burst = 1, .concurrent_max = 1}};
  EXPECT_TRUE(limiter.enter("2001:db8:1:2::1", at(0)));
  EXPECT_FALSE(limiter.enter("2001:db8:1:2:ffff::9", at(0)));
  EXPECT_TRUE(limiter.enter("2001:db8:1:3::1", at(0)));
  limiter.leave("2001:db8:1:2::1");
  EXPECT_TRUE(limiter.enter("2001:db8:1:2::7", at(0)));
}

TEST(Clients, AreForgottenWhenThereAreTooMany) {
  ClientLimiter limiter{{.requests_per_second = 1, .burst = 1, .concurrent_max = 0}};
  for (std::size_t i = 0; i < kClientsMax + 10; ++i) {
    const std::string address = "client " + std::to_string(i);
    EXPECT_TRUE(limiter.enter(address, at(0)));
    limiter.leave(address);
  }
  EXPECT_LE(limiter.clients(), kClientsMax);
}

// Fields -------------------------------------------------------------------------------------------------------------------------

TEST(Fields, OfTheHopStayBehind) {
  Headers headers;
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"connection", "close, X-Mine, Cookie"}, {"x-mine", "1"}, {"cookie", "a=b"}, {"te", "trailers"}, {"upgrade", "h2c"},
           {"proxy-authorization", "Basic x"}, {"keep-alive", "5"}, {"transfer-encoding", "chunked"}, {"x-yours", "2"}})
    headers.add(name, value);
  Headers kept = headers;
  keep_end_to_end(kept);
  EXPECT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept.get("x-yours"), "2");
  EXPECT_EQ(kept.get("cookie"), "a=b");  // Connection cannot take credentials away
}

TEST(Fields, SayWhoAskedAndBelieveOnlyTheTrusted) {
  for (const bool trusted : {false, true}) {
    Headers headers;
    headers.set("x-forwarded-for", "203.0.113.9");
    headers.set("forwarded", "for=203.0.113.9");
    headers.set("x-forwarded-proto", "https");
    add_forwarding(headers, {.peer = "2001:db8::1", .peer_is_trusted = trusted, .secure = false, .host = "a.example:80", .name = "p"});
    EXPECT_EQ(headers.get("x-forwarded-for"), trusted ? "203.0.113.9, 2001:db8::1" : "2001:db8::1");
    EXPECT_EQ(headers.get("x-forwarded-proto"), trusted ? "https" : "http");
    EXPECT_EQ(headers.get("forwarded"), std::string{trusted ? "for=203.0.113.9, " : ""} + "for=\"[2001:db8::1]\";host=\"a.example:80\";proto=http");
    EXPECT_EQ(headers.get("via"), "1.1 p");
  }
}

TEST(Paths, WithDotsInAnyDisguiseAreRefused) {
  for (const char* path : {"/..", "/a/../b", "/a/./b", "/a/%2e%2E/b", "/a/.%2e", "/a/..%2fb", "/a/..\\b", "/%2e", "/a%2f..%2fb", "/a%5C..", "/a/..%5cb"})
    EXPECT_TRUE(path_is_ambiguous(path)) << path;
  for (const char* path : {"/", "/a.b", "/...", "/a/.well-known/x", "/a%2fb", "/a/..b", "/%2", "/a/%2e%2e%2e", "/a..%41"})
    EXPECT_FALSE(path_is_ambiguous(path)) << path;
}

TEST(Paths, AreCoveredByWholeSegments) {
  EXPECT_TRUE(path_covers("/api", "/api"));
  EXPECT_TRUE(path_covers("/api", "/api/x"));
  EXPECT_TRUE(path_covers("/api/", "/api/x"));
  EXPECT_TRUE(path_covers("/", "/x"));
  EXPECT_FALSE(path_covers("/api", "/apis"));
  EXPECT_FALSE(path_covers("/api/", "/api"));
}

TEST(Hosts, AreComparedWithoutPortCaseAndLastDot) {
  EXPECT_EQ(host_name("Example.ORG.:8080"), "example.org");
  EXPECT_EQ(host_name("[::1]:80"), "::1");
}

// Configuration ------------------------------------------------------------------------------------------------------------------

constexpr std::string_view kMinimal = "upstreams:\n  app:\n    backends: [http://127.0.0.1:8001]\nhosts:\n  - routes:\n      - upstream: app\n";

TEST(ProxyConfiguration, OfFewLinesIsEnough) {
  const auto options = parse_proxy_options(kMinimal, "p.yaml");
  ASSERT_TRUE(options) << describe(options.error());
  EXPECT_EQ(options->upstreams[0].backends[0].url, "http://127.0.0.1:8001");
  EXPECT_EQ(options->hosts[0].routes[0].path, "/");
  EXPECT_EQ(options->upstreams[0].health.interval, Duration::seconds(30));
}

struct ConfigurationCase {
  const char* name;
  std::string text;
  std::string wants;  // in the error
};
class ProxyConfigurationTable : public testing::TestWithParam<ConfigurationCase> {};
TEST_P(ProxyConfigurationTable, NamesTheLine) {
  const auto options = parse_proxy_options(GetParam().text, "p.yaml");
  ASSERT_FALSE(options);
  EXPECT_TRUE(options.error().detail.contains(GetParam().wants)) << options.error().detail;
}
const std::string kEnd = std::string{kMinimal};
INSTANTIATE_TEST_SUITE_P(
    Cases, ProxyConfigurationTable,
    testing::Values(ConfigurationCase{"not_yaml", "a: [", "p.yaml:"},
                    ConfigurationCase{"unknown_key", "lisen: []\n" + kEnd, "p.yaml:1: the configuration has no setting lisen"},
                    ConfigurationCase{"unknown_key_below", "cache:\n  memry: 1\n" + kEnd, "p.yaml:2: cache has no setting memry"},
                    ConfigurationCase{"twice", "name: a\nname: b\n" + kEnd, "p.yaml:2: name stands here twice"},
                    ConfigurationCase{"no_upstream", "hosts:\n  - routes:\n      - upstream: nowhere\n", "p.yaml:3: there is no upstream nowhere"},
                    ConfigurationCase{"bad_weight", "upstreams:\n  a:\n    backends:\n      - url: http://x\n        weight: 101\nhosts: []\n", "p.yaml:5: must be a whole number from 1 to 100"},
                    ConfigurationCase{"bad_time", "grace: 5\n" + kEnd, "p.yaml:1: must be a time"},
                    ConfigurationCase{"bad_size", "cache: {memory: 5MB}\n" + kEnd, "p.yaml:1: must be a size"},
                    ConfigurationCase{"backend_with_path", "upstreams: {a: {backends: [http://x/y]}}\nhosts: []\n", "p.yaml:1: a backend's url has no path"},
                    ConfigurationCase{"no_backends", "upstreams:\n  a:\n    queue: 5\nhosts: []\n", "p.yaml:3: a has no backends"},
                    ConfigurationCase{"no_algorithm", "upstreams: {a: {backends: [http://x], algorithm: best}}\nhosts: []\n", "no such algorithm: best"},
                    ConfigurationCase{"our_field", kEnd + "        request_fields: {set: {Content-Length: 5}}\n", "p.yaml:7: content-length is the proxy's own business"},
                    ConfigurationCase{"field_with_break", kEnd + "        request_fields: {set: {x: \"a\\nb\"}}\n", "p.yaml:7: must be one line"},
                    ConfigurationCase{"admin_without_token", "admin: {listen: 127.0.0.1:0}\n" + kEnd, "admin.listen needs admin.token_file"},
                    ConfigurationCase{"empty", "", "p.yaml:1: the configuration must be a map"}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(ProxyConfiguration, OverItsSizeIsRefused) {
  const std::string large(kProxyConfigBytesMax + 1, '#');
  EXPECT_EQ(parse_proxy_options(large, "p").error().code, Code::too_large);
  EXPECT_EQ(parse_proxy_options(large.substr(1), "p").error().code, Code::invalid);
}

}  // namespace
}  // namespace tablinum::net::proxy
