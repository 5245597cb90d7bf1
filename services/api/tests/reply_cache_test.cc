#include "tablinum/api/reply_cache.h"

#include <gtest/gtest.h>

#include <thread>

namespace tablinum::api {
namespace {

ReplyCache::Origin at(const ReplyCache& cache, std::int64_t generation, std::int64_t tree = 1) {
  return {.tree_no = tree, .generation = generation, .epoch = cache.epoch()};
}

TEST(ReplyCache, GivesBackWhatWasKept) {
  ReplyCache cache{1 << 20};
  EXPECT_FALSE(cache.find("a"));
  cache.keep("a", at(cache, 1), json_reply("{}", "\"v1\""));
  ASSERT_TRUE(cache.find("a"));
  EXPECT_EQ(cache.find("a")->body, "{}");
  EXPECT_EQ(cache.find("a")->etag, "\"v1\"");
}

TEST(ReplyCache, AChangeMakesTheTreesRepliesOld) {
  ReplyCache cache{1 << 20};
  cache.keep("a", at(cache, 1), json_reply("old"));
  cache.keep("b", at(cache, 1, 2), json_reply("of another tree"));
  cache.changed(1, 2);
  EXPECT_FALSE(cache.find("a"));
  EXPECT_TRUE(cache.find("b"));
  cache.keep("a", at(cache, 2), json_reply("new"));
  EXPECT_EQ(cache.find("a")->body, "new");
}

TEST(ReplyCache, WhatWasReadBeforeAChangeIsNotKeptAfterIt) {
  ReplyCache cache{1 << 20};
  const auto before = at(cache, 1);
  cache.changed(1, 2);
  cache.keep("a", before, json_reply("old"));
  EXPECT_FALSE(cache.find("a"));
}

TEST(ReplyCache, ChangesThatAreToldOutOfOrderDoNotTurnBack) {
  ReplyCache cache{1 << 20};
  cache.changed(1, 5);
  cache.changed(1, 4);
  cache.keep("a", at(cache, 4), json_reply("old"));
  EXPECT_FALSE(cache.find("a"));
}

TEST(ReplyCache, ClearingForgetsAlsoWhatIsUnderWay) {
  ReplyCache cache{1 << 20};
  const auto before = at(cache, 1);
  cache.keep("a", before, json_reply("x"));
  cache.clear();
  EXPECT_FALSE(cache.find("a"));
  cache.keep("a", before, json_reply("read before the clearing"));
  EXPECT_FALSE(cache.find("a"));
  cache.keep("a", at(cache, 1), json_reply("after"));
  EXPECT_TRUE(cache.find("a"));
}

TEST(ReplyCache, HoldsNoMoreThanItsBytes) {
  constexpr std::size_t kBytes = 64 << 10;
  ReplyCache cache{kBytes};
  const std::string body(1000, 'x');
  for (int i = 0; i < 1000; ++i) cache.keep(std::to_string(i), at(cache, 1), json_reply(body));
  std::size_t held = 0;
  for (int i = 0; i < 1000; ++i) held += cache.find(std::to_string(i)) ? body.size() : 0;
  EXPECT_LE(held, kBytes);
  EXPECT_TRUE(cache.find("999"));
  cache.keep("large", at(cache, 1), json_reply(std::string(kBytes, 'x')));
  EXPECT_FALSE(cache.find("large"));
}

TEST(ReplyCache, WhatIsAskedForStays) {
  ReplyCache cache{64 << 10};
  cache.keep("wanted", at(cache, 1), json_reply("here"));
  for (int i = 0; i < 1000; ++i) {
    cache.keep(std::to_string(i), at(cache, 1), json_reply(std::string(1000, 'x')));
    ASSERT_TRUE(cache.find("wanted")) << i;
  }
}

TEST(ReplyCache, IsAskedFromManyThreads) {
  ReplyCache cache{64 << 10};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2000; ++i) {
        const auto key = std::to_string(i % 50);
        if (const auto found = cache.find(key)) {
          EXPECT_EQ(found->body, key);
        }
        cache.keep(key, at(cache, i), json_reply(key));
        if (i % 100 == t) cache.changed(1, i);
        if (i % 500 == t) cache.clear();
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace tablinum::api
