// Lists by title: every record on exactly one page, also where records come and go between the pages.
#include "titled_list.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

namespace tablinum::genealogy_service {
namespace {

struct Source {
  std::string title;
  std::uint64_t citations = 0;
};

TitledList list_of(const std::vector<std::optional<Source>>& sources) {
  TitledList list;
  std::vector<std::pair<std::uint32_t, std::uint64_t>> counts;
  for (std::uint32_t n = 0; n < sources.size(); ++n) {
    if (!sources[n]) continue;
    list.add(n, 1, sources[n]->title);
    if (sources[n]->citations > 0) counts.emplace_back(n, sources[n]->citations);
  }
  list.finish();
  list.count_citations(counts);
  return list;
}

std::vector<std::uint32_t> all_pages(const TitledList& list, TitledOrder order, std::string_view filter, std::size_t limit) {
  std::vector<std::uint32_t> records;
  std::optional<TitledPosition> after;
  do {
    auto page = list.page(order, filter, after, 0, limit);
    EXPECT_LE(page.records.size(), limit);
    EXPECT_EQ(page.total, list.page(order, filter, {}, 0, 1).total);
    records.insert(records.end(), page.records.begin(), page.records.end());
    after = page.next;
  } while (after);
  return records;
}

std::vector<std::uint32_t> expected(const std::vector<std::optional<Source>>& sources, TitledOrder order, std::string_view filter) {
  std::vector<std::uint32_t> records;
  for (std::uint32_t n = 0; n < sources.size(); ++n) {
    if (sources[n] && sources[n]->title.find(filter) != std::string::npos) records.push_back(n);
  }
  std::ranges::sort(records, {}, [&](std::uint32_t n) {
    const Source& source = *sources[n];
    return std::tuple{order == TitledOrder::citations ? ~source.citations : 0, source.title.empty(), source.title, n};
  });
  return records;
}

// Short titles of few letters, so that many are equal; some longer than a cursor holds, which differ only behind that.
std::vector<std::optional<Source>> any_sources() {
  std::vector<std::optional<Source>> sources(*rc::gen::inRange<std::size_t>(0, 60));
  for (auto& source : sources) {
    if (*rc::gen::inRange(0, 8) == 0) continue;
    const auto letters = *rc::gen::container<std::string>(rc::gen::inRange('a', 'd'));
    const bool is_long = *rc::gen::inRange(0, 4) == 0;
    source = Source{(is_long ? std::string(kCursorTitleBytes, 'b') : "") + letters.substr(0, 4), *rc::gen::inRange<std::uint64_t>(0, 4)};
  }
  return sources;
}

RC_GTEST_PROP(TitledList, PagesHoldEveryRecordOnceInOrder, ()) {
  const auto sources = any_sources();
  const auto list = list_of(sources);
  const auto limit = *rc::gen::inRange<std::size_t>(1, 9);
  for (const auto order : {TitledOrder::title, TitledOrder::citations}) {
    for (const std::string_view filter : {"", "a", "bc"}) RC_ASSERT(all_pages(list, order, filter, limit) == expected(sources, order, filter));
  }
}

RC_GTEST_PROP(TitledList, WhatStaysComesOnceThoughOthersComeAndGo, ()) {
  const auto before = any_sources();
  auto after = before;
  for (auto& source : after) {
    if (*rc::gen::inRange(0, 3) == 0) source.reset();
  }
  for (auto& source : any_sources()) after.push_back(source);
  const auto old_list = list_of(before), new_list = list_of(after);
  for (const auto order : {TitledOrder::title, TitledOrder::citations}) {
    const auto first = old_list.page(order, "", {}, 0, 5);
    std::multiset<std::uint32_t> seen{first.records.begin(), first.records.end()};
    if (first.next) {
      const auto rest = new_list.page(order, "", first.next, 0, 1000);
      seen.insert(rest.records.begin(), rest.records.end());
    }
    for (std::uint32_t n = 0; first.next && n < before.size(); ++n) {
      if (!before[n] || !after[n]) continue;
      RC_ASSERT(seen.count(n) == 1u || before[n]->title.size() >= kCursorTitleBytes);
      RC_ASSERT(seen.count(n) >= 1u);
    }
  }
}

TEST(TitledList, SkipsWhatIsAskedTo) {
  const auto list = list_of({Source{"c"}, Source{"a"}, Source{"b"}});
  EXPECT_EQ(list.page(TitledOrder::title, "", {}, 1, 5).records, (std::vector<std::uint32_t>{2, 0}));
  const auto beyond = list.page(TitledOrder::title, "", {}, 9, 5);
  EXPECT_TRUE(beyond.records.empty() && !beyond.next);
  EXPECT_EQ(beyond.total, 3u);
}

TEST(TitledList, SortsByTheFirstBytesOfLongTitles) {
  const std::string same(kTitleBytesMax, 'x');
  const auto list = list_of({Source{same + "b"}, Source{same + "a"}, Source{same.substr(1) + "a"}});
  EXPECT_EQ(list.page(TitledOrder::title, "", {}, 0, 5).records, (std::vector<std::uint32_t>{2, 0, 1}));
}

TEST(TitledList, KnowsTitlesByVersion) {
  const auto list = list_of({Source{"a"}, std::nullopt, Source{"c"}});
  std::size_t hint = 0;
  EXPECT_EQ(list.title_of(0, 1, hint), "a");
  EXPECT_EQ(list.title_of(1, 1, hint), std::nullopt);
  EXPECT_EQ(list.title_of(2, 2, hint), std::nullopt) << "another version";
  EXPECT_EQ(list.title_of(2, 1, hint), "c");
  EXPECT_EQ(list.title_of(3, 1, hint), std::nullopt);
}

}  // namespace
}  // namespace tablinum::genealogy_service
