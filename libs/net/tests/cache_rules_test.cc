/// The cache's rules as tables, after what the public http-cache tests ask (freshness, Age, Vary, authorisation, stale answers,
/// invalidation), and the store's budget.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "proxy/cache.h"

namespace tablinum::net::proxy {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

Headers headers_of(const Fields& fields) {
  Headers headers;
  for (const auto& [name, value] : fields) headers.add(name, value);
  return headers;
}
Request get(const Fields& fields = {}) {
  Request request;
  request.headers = headers_of(fields);
  return request;
}

constexpr const char* kDate = "Sat, 21 Nov 2026 12:00:00 GMT";

struct StoreCase {
  const char* name;
  Fields request;
  int status;
  Fields response;
  bool stored;
};
class StoreTable : public testing::TestWithParam<StoreCase> {};
TEST_P(StoreTable, MayStore) {
  const auto& row = GetParam();
  EXPECT_EQ(may_store(get(row.request), static_cast<Status>(row.status), headers_of(row.response)), row.stored);
}
INSTANTIATE_TEST_SUITE_P(
    Cases, StoreTable,
    testing::Values(
        StoreCase{"plain_200", {}, 200, {}, true}, StoreCase{"max_age", {}, 200, {{"cache-control", "max-age=5"}}, true},
        StoreCase{"no_store", {}, 200, {{"cache-control", "no-store, max-age=5"}}, false},
        StoreCase{"no_store_case", {}, 200, {{"cache-control", "No-StOrE"}}, false},
        StoreCase{"second_field_no_store", {}, 200, {{"cache-control", "max-age=5"}, {"cache-control", "no-store"}}, false},
        StoreCase{"no_store_in_quotes_is_text", {}, 200, {{"cache-control", "a=\"no-store\", max-age=5"}}, true},
        StoreCase{"private", {}, 200, {{"cache-control", "private, max-age=5"}}, false},
        StoreCase{"private_field", {}, 200, {{"cache-control", "private=\"x\", max-age=5"}}, false},
        StoreCase{"request_no_store", {{"cache-control", "no-store"}}, 200, {{"cache-control", "max-age=5"}}, false},
        StoreCase{"set_cookie", {}, 200, {{"cache-control", "max-age=5"}, {"set-cookie", "a=b"}}, false},
        StoreCase{"vary_all", {}, 200, {{"cache-control", "max-age=5"}, {"vary", "*"}}, false},
        StoreCase{"authorised", {{"authorization", "x"}}, 200, {{"cache-control", "max-age=5"}}, false},
        StoreCase{"authorised_public", {{"authorization", "x"}}, 200, {{"cache-control", "public, max-age=5"}}, true},
        StoreCase{"authorised_s_maxage", {{"authorization", "x"}}, 200, {{"cache-control", "s-maxage=5"}}, true},
        StoreCase{"authorised_must_revalidate", {{"authorization", "x"}}, 200, {{"cache-control", "must-revalidate, max-age=5"}}, true},
        StoreCase{"partial", {}, 206, {{"cache-control", "max-age=5"}}, false},
        StoreCase{"error_without_lifetime", {}, 500, {}, false},
        StoreCase{"error_with_lifetime", {}, 500, {{"cache-control", "max-age=5"}}, true},
        StoreCase{"found_without_lifetime", {}, 302, {}, false},
        StoreCase{"found_with_expires", {}, 302, {{"expires", kDate}}, true},
        StoreCase{"gone", {}, 410, {}, true},
        StoreCase{"must_understand_wins", {}, 200, {{"cache-control", "must-understand, no-store, max-age=5"}}, true},
        StoreCase{"must_understand_unknown", {}, 299, {{"cache-control", "must-understand, max-age=5"}}, false}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Store, OnlyGet) {
  Request request = get();
  request.method = Method::post;
  EXPECT_FALSE(may_store(request, Status::ok, headers_of({{"cache-control", "max-age=5"}})));
}

struct LifetimeCase {
  const char* name;
  int status;
  Fields response;
  std::int64_t seconds;
};
class LifetimeTable : public testing::TestWithParam<LifetimeCase> {};
TEST_P(LifetimeTable, Freshness) {
  const auto& row = GetParam();
  EXPECT_EQ(freshness_seconds(static_cast<Status>(row.status), headers_of(row.response)), row.seconds);
}
INSTANTIATE_TEST_SUITE_P(
    Cases, LifetimeTable,
    testing::Values(
        LifetimeCase{"max_age", 200, {{"cache-control", "max-age=60"}}, 60},
        LifetimeCase{"s_maxage_beats_max_age", 200, {{"cache-control", "max-age=60, s-maxage=5"}}, 5},
        LifetimeCase{"max_age_beats_expires", 200, {{"cache-control", "max-age=60"}, {"expires", "0"}}, 60},
        LifetimeCase{"quoted", 200, {{"cache-control", "max-age=\"60\""}}, 60},
        LifetimeCase{"twice_smaller", 200, {{"cache-control", "max-age=60, max-age=5"}}, 5},
        LifetimeCase{"negative", 200, {{"cache-control", "max-age=-5"}}, 0},
        LifetimeCase{"fraction", 200, {{"cache-control", "max-age=5.5"}}, 0},
        LifetimeCase{"letters_after", 200, {{"cache-control", "max-age=5a"}}, 0},
        LifetimeCase{"overflow", 200, {{"cache-control", "max-age=99999999999999999999"}}, kDeltaSecondsMax},
        LifetimeCase{"expires", 200, {{"date", kDate}, {"expires", "Sat, 21 Nov 2026 12:01:00 GMT"}}, 60},
        LifetimeCase{"expires_zero", 200, {{"date", kDate}, {"expires", "0"}}, 0},
        LifetimeCase{"expires_in_the_past", 200, {{"date", kDate}, {"expires", "Sat, 21 Nov 2026 11:00:00 GMT"}}, 0},
        LifetimeCase{"heuristic", 200, {{"date", kDate}, {"last-modified", "Sat, 21 Nov 2026 11:00:00 GMT"}}, 360},
        LifetimeCase{"heuristic_at_most_a_day", 200, {{"date", kDate}, {"last-modified", "Sat, 21 Nov 2020 11:00:00 GMT"}}, 86400},
        LifetimeCase{"heuristic_not_for_302", 302, {{"date", kDate}, {"last-modified", "Sat, 21 Nov 2026 11:00:00 GMT"}}, 0},
        LifetimeCase{"nothing", 200, {{"date", kDate}}, 0}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Age, IsTheLargerOfAppearanceAndWord) {
  const Timestamp noon = from_http_date(kDate).value();
  const Timestamp later{noon.ms + 10'000};
  EXPECT_EQ(age_on_arrival(headers_of({{"date", kDate}}), later, later), 10);
  EXPECT_EQ(age_on_arrival(headers_of({{"date", kDate}, {"age", "100"}}), later, Timestamp{later.ms + 2000}), 102);
  EXPECT_EQ(age_on_arrival(headers_of({{"date", kDate}, {"age", "nonsense"}}), noon, noon), 0);
  EXPECT_EQ(age_on_arrival(headers_of({{"date", kDate}, {"age", "7, 100"}}), noon, noon), 7);
}

struct UseCase {
  const char* name;
  const char* request;
  std::int64_t age;
  const char* response;  // its lifetime comes from max-age
  Use use;
};
class UseTable : public testing::TestWithParam<UseCase> {};
TEST_P(UseTable, UseOf) {
  const auto& row = GetParam();
  const Headers response = headers_of({{"cache-control", row.response}});
  const Kept kept{row.age, freshness_seconds(Status::ok, response), cache_control_of(response, false)};
  EXPECT_EQ(use_of(cache_control_of(headers_of({{"cache-control", row.request}}), true), kept), row.use);
}
INSTANTIATE_TEST_SUITE_P(
    Cases, UseTable,
    testing::Values(UseCase{"fresh", "", 59, "max-age=60", Use::fresh}, UseCase{"just_stale", "", 60, "max-age=60", Use::validate},
                    UseCase{"request_no_cache", "no-cache", 0, "max-age=60", Use::validate},
                    UseCase{"response_no_cache", "", 0, "no-cache, max-age=60", Use::validate},
                    UseCase{"request_max_age", "max-age=10", 11, "max-age=60", Use::validate},
                    UseCase{"request_max_age_zero", "max-age=0", 1, "max-age=60", Use::validate},
                    UseCase{"min_fresh_enough", "min-fresh=10", 50, "max-age=60", Use::fresh},
                    UseCase{"min_fresh_not_enough", "min-fresh=11", 50, "max-age=60", Use::validate},
                    UseCase{"max_stale", "max-stale=10", 70, "max-age=60", Use::stale},
                    UseCase{"max_stale_exceeded", "max-stale=9", 70, "max-age=60", Use::validate},
                    UseCase{"max_stale_any", "max-stale", 100000, "max-age=60", Use::stale},
                    UseCase{"max_stale_forbidden", "max-stale", 70, "max-age=60, must-revalidate", Use::validate},
                    UseCase{"max_stale_s_maxage", "max-stale", 70, "s-maxage=60", Use::validate},
                    UseCase{"behind", "", 65, "max-age=60, stale-while-revalidate=10", Use::background},
                    UseCase{"behind_too_late", "", 70, "max-age=60, stale-while-revalidate=10", Use::validate},
                    UseCase{"behind_forbidden", "", 65, "max-age=60, stale-while-revalidate=10, proxy-revalidate", Use::validate}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(StaleIfError, IsAllowedByEitherSide) {
  const auto allowed = [](const char* request, const char* response, std::int64_t age) {
    const Headers headers = headers_of({{"cache-control", response}});
    return usable_on_error(cache_control_of(headers_of({{"cache-control", request}}), true),
                           {age, freshness_seconds(Status::ok, headers), cache_control_of(headers, false)});
  };
  EXPECT_TRUE(allowed("", "max-age=1, stale-if-error=10", 10));
  EXPECT_FALSE(allowed("", "max-age=1, stale-if-error=10", 11));
  EXPECT_TRUE(allowed("stale-if-error=10", "max-age=1", 5));
  EXPECT_FALSE(allowed("", "max-age=1", 5));
  EXPECT_FALSE(allowed("", "max-age=1, stale-if-error=10, must-revalidate", 5));
}

TEST(Merge, ReplacesAllButWhatIsAboutTheBody) {
  Headers kept = headers_of({{"etag", "\"1\""}, {"content-length", "5"}, {"x", "old"}, {"content-type", "text/plain"}});
  merge_not_modified(kept, headers_of({{"x", "new"}, {"content-length", "0"}, {"cache-control", "max-age=9"}}));
  EXPECT_EQ(kept.get("x"), "new");
  EXPECT_EQ(kept.get("content-length"), "5");
  EXPECT_EQ(kept.get("cache-control"), "max-age=9");
  EXPECT_EQ(kept.get("etag"), "\"1\"");
}

std::shared_ptr<const CacheEntry> entry_of(const Request& request, const Fields& response, std::size_t bytes, std::int64_t at_ms = 0) {
  auto entry = std::make_shared<CacheEntry>(make_entry(request, Status::ok, headers_of(response), Timestamp{at_ms}, Timestamp{at_ms}));
  entry->body.push_back(Chunk::of(std::string(bytes, 'x')));
  entry->body_bytes = bytes;
  return entry;
}

TEST(Variants, AreToldApartByWhatVaryNames) {
  Cache cache{1 << 20};
  const Fields response{{"vary", "Accept-Language, X"}, {"cache-control", "max-age=5"}};
  cache.store("k", entry_of(get({{"accept-language", "de"}}), response, 1));
  cache.store("k", entry_of(get({{"accept-language", "en"}, {"x", "1"}}), response, 2));
  EXPECT_EQ(cache.find("k", get({{"accept-language", "de"}}).headers)->body_bytes, 1U);
  EXPECT_EQ(cache.find("k", get({{"Accept-Language", "en"}, {"x", "1"}}).headers)->body_bytes, 2U);
  bool varies = false;
  EXPECT_EQ(cache.find("k", get({{"accept-language", "en"}}).headers, &varies), nullptr);
  EXPECT_TRUE(varies);
  cache.store("k", entry_of(get({{"accept-language", "de"}}), response, 3, 1000));
  EXPECT_EQ(cache.find("k", get({{"accept-language", "de"}}).headers)->body_bytes, 3U);
  EXPECT_EQ(cache.entries(), 2U);
  cache.invalidate("k");
  EXPECT_EQ(cache.entries(), 0U);
  EXPECT_EQ(cache.bytes(), 0U);
}

TEST(Budget, OfVariantsOfOneTarget) {
  Cache cache{1 << 20};
  for (std::size_t i = 0; i < kVariantsMax + 5; ++i)
    cache.store("k", entry_of(get({{"x", std::to_string(i)}}), {{"vary", "x"}}, 1, static_cast<std::int64_t>(i)));
  EXPECT_EQ(cache.entries(), kVariantsMax);
}

TEST(Budget, ACrawlDoesNotDropWhatIsUsed) {
  Cache cache{100'000};
  cache.store("used", entry_of(get(), {}, 1000));
  EXPECT_NE(cache.find("used", Headers{}), nullptr);
  for (int i = 0; i < 1000; ++i) cache.store("crawled " + std::to_string(i), entry_of(get(), {}, 1000));
  EXPECT_NE(cache.find("used", Headers{}), nullptr);
  EXPECT_EQ(cache.find("crawled 0", Headers{}), nullptr);
}

RC_GTEST_PROP(CacheProperty, NeverExceedsItsBudgetAndCountsRight, ()) {
  const std::uint64_t budget = *rc::gen::inRange<std::uint64_t>(1000, 20'000);
  Cache cache{budget};
  for (int i = 0; i < 100; ++i) {
    const std::string key = std::to_string(*rc::gen::inRange(0, 12));
    switch (*rc::gen::inRange(0, 4)) {
      case 0: cache.find(key, Headers{}); break;
      case 1: cache.invalidate(key); break;
      default: cache.store(key, entry_of(get(), {}, *rc::gen::inRange<std::size_t>(0, 3000))); break;
    }
    RC_ASSERT(cache.bytes() <= budget);
  }
  for (int i = 0; i < 12; ++i) cache.invalidate(std::to_string(i));
  RC_ASSERT(cache.bytes() == 0U);
  RC_ASSERT(cache.entries() == 0U);
}

}  // namespace
}  // namespace tablinum::net::proxy
