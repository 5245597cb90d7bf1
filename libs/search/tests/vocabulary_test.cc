#include "tablinum/search/vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tablinum/search/distance.h"
#include "tablinum/search/names.h"

namespace tablinum::search {
namespace {

struct Addition {
  std::string word;
  Circle circle;
};

std::vector<Addition> some_additions() {
  const auto words = rc::gen::resize(5, rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string{"abc"}))));
  const auto circles = rc::gen::element(Circle::everyone, Circle::members, Circle::owners);
  const auto count = *rc::gen::inRange(0, 60);
  std::vector<Addition> additions;
  for (int i = 0; i < count; ++i) additions.push_back({*words, *circles});
  return additions;
}

struct Naive {
  std::map<std::string, std::uint32_t> counts;
  Naive(const std::vector<Addition>& additions, Circle viewer) {
    for (const auto& [word, circle] : additions) {
      if (circle <= viewer) ++counts[word];
    }
  }
};

std::vector<std::pair<std::string, std::uint32_t>> plain(const auto& found) {
  std::vector<std::pair<std::string, std::uint32_t>> result;
  for (const auto& item : found) result.emplace_back(item.word, item.count);
  return result;
}

RC_GTEST_PROP(Vocabulary, AnswersLikeAMap, ()) {
  const auto additions = some_additions();
  const auto viewer = *rc::gen::element(Circle::everyone, Circle::members, Circle::owners);
  Vocabulary vocabulary;
  const auto merge_at = *rc::gen::inRange<std::size_t>(0, additions.size() + 1);
  for (std::size_t i = 0; i < additions.size(); ++i) {
    if (i == merge_at) vocabulary.merge();
    vocabulary.add(additions[i].word, additions[i].circle);
  }
  const Naive naive(additions, viewer);
  const auto by_frequency = [](const auto& a, const auto& b) { return std::tuple{b.second, a.first} < std::tuple{a.second, b.first}; };

  const auto prefix = *rc::gen::resize(2, rc::gen::container<std::string>(rc::gen::elementOf(std::string{"abc"})));
  const std::size_t limit = *rc::gen::inRange(0, 8);
  std::vector<std::pair<std::string, std::uint32_t>> beginning;
  for (const auto& pair : naive.counts) {
    if (pair.first.starts_with(prefix)) beginning.emplace_back(pair);
  }
  std::ranges::sort(beginning, by_frequency);
  beginning.resize(std::min(beginning.size(), limit));
  RC_ASSERT(plain(vocabulary.beginning_with(prefix, viewer, limit)) == beginning);

  const auto word = *rc::gen::resize(5, rc::gen::container<std::string>(rc::gen::elementOf(std::string{"abc"})));
  std::vector<std::tuple<unsigned, std::int64_t, std::string>> near;
  for (const auto& [other, count] : naive.counts) {
    const auto distance = osa_distance(word, other, 2);
    if (distance == 1 || distance == 2) near.emplace_back(distance, -std::int64_t{count}, other);
  }
  std::ranges::sort(near);
  near.resize(std::min(near.size(), limit));
  std::vector<std::pair<std::string, std::uint32_t>> nearest;
  for (const auto& [distance, count, other] : near) nearest.emplace_back(other, static_cast<std::uint32_t>(-count));
  RC_ASSERT(plain(vocabulary.near(word, 2, viewer, limit)) == nearest);
}

TEST(Vocabulary, HidesWordsOfHiddenDocuments) {
  Vocabulary vocabulary;
  vocabulary.add("moyo", Circle::members);
  EXPECT_EQ(vocabulary.count("moyo", Circle::everyone), 0U);
  EXPECT_EQ(vocabulary.count("moyo", Circle::members), 1U);
  EXPECT_TRUE(vocabulary.beginning_with("mo", Circle::everyone, 5).empty());
  EXPECT_TRUE(vocabulary.near("moya", 1, Circle::everyone, 5).empty());
}

TEST(Vocabulary, ForgetsWordsWithoutDocuments) {
  Vocabulary vocabulary;
  vocabulary.add("moyo", Circle::everyone);
  vocabulary.merge();
  vocabulary.add("moyo", Circle::everyone, -1);
  EXPECT_EQ(vocabulary.count("moyo", Circle::owners), 0U);
  EXPECT_EQ(vocabulary.size(), 1U);
  vocabulary.merge();
  EXPECT_EQ(vocabulary.size(), 0U);
  vocabulary.add("moyo", Circle::everyone, -1);
  EXPECT_EQ(vocabulary.count("moyo", Circle::owners), 0U) << "never below zero";
}

TEST(Vocabulary, TakesNoOverlongWord) {
  Vocabulary vocabulary;
  vocabulary.add(std::string(kWordBytesMax, 'a'), Circle::everyone);
  vocabulary.add(std::string(kWordBytesMax + 1, 'b'), Circle::everyone);
  EXPECT_EQ(vocabulary.size(), 1U);
}

}  // namespace
}  // namespace tablinum::search
