#include "tablinum/search/tree_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "posting_cache.h"
#include "test_tree.h"

namespace tablinum::search::test {
namespace {

TEST(YearsOf, ReadsGregorianDays) {
  EXPECT_EQ(years_of(2451545, 2451545), (Years{2000, 2000}));     // 1 January 2000
  EXPECT_EQ(years_of(2451544, 2451909), (Years{1999, 2000}));     // 31 December 1999, 30 December 2000
  EXPECT_EQ(years_of(2299161, std::nullopt), (Years{1582, Years::kUnknown}));  // 15 October 1582
  EXPECT_EQ(years_of(1721426, 1721425), (Years{1, 0}));           // 1 January 1, the day before
  EXPECT_EQ(years_of(-4'000'000'000LL, 4'000'000'000LL), (Years{kYearMin, kYearMax}));
  EXPECT_EQ(years_of(-1'930'999, 5'373'484), (Years{kYearMin, kYearMax}));
  EXPECT_EQ(years_of(-1'930'999 + 365, 5'373'484 - 365), (Years{kYearMin + 1, kYearMax - 1}));
  EXPECT_FALSE(years_of({}, {}).known());
}

TEST(TreeIndex, IgnoresEditsItAlreadyHas) {
  TestTree tree{{{.n = 1, .surname = "Moyo"}}};
  const RecordEdit removal{.n = 1};
  tree.index().apply({&removal, 1}, {}, TestTree::kGeneration);
  EXPECT_EQ(tree.index().records(), 1U);
  tree.index().apply({&removal, 1}, {}, TestTree::kGeneration + 1);
  EXPECT_EQ(tree.index().records(), 0U);
}

TEST(TreeIndex, DoesNotRememberListsOfAnOlderSnapshot) {
  TestTree tree{{{.n = 1, .surname = "Moyo", .given = "Ann"}}};
  const auto before = tree.records()[0].document();
  auto changed = tree.records()[0];
  changed.surname = "Ncube";
  const auto after = changed.document();
  const auto facts = changed.facts();
  auto old_reader = tree.database().reader().value();
  DocumentIndex old_documents{old_reader};
  ASSERT_TRUE(old_documents.get(make_rid(kTreeNo, 1)).has_value()) << "the snapshot begins with its first read";
  {
    auto writer = tree.database().writer().value();
    ASSERT_TRUE(DocumentIndex{writer}.put(make_rid(kTreeNo, 1), after).has_value());
    ASSERT_TRUE(writer.commit().has_value());
  }
  const RecordEdit edit{1, &facts, &before, &after};
  tree.index().apply({&edit, 1}, {}, TestTree::kGeneration + 1);
  const auto count = [&](DocumentIndex& documents, std::int64_t generation) {
    const auto query = parse_query("ncube").value();
    return search(tree.index(), {documents, generation}, query, {Circle::owners, {}}, {.spelling = Spelling::as_written})->total;
  };
  EXPECT_EQ(count(old_documents, TestTree::kGeneration), 0U);
  auto new_reader = tree.database().reader().value();
  DocumentIndex new_documents{new_reader};
  EXPECT_EQ(count(new_documents, TestTree::kGeneration + 1), 1U);
}

TEST(TreeIndex, TakesPlacesOfLaterEdits) {
  TestTree tree{{{.n = 1, .surname = "Moyo"}}, {{1, kNoPlace, "Zimbabwe"}}};
  auto changed = tree.records()[0];
  changed.places = {2};
  const auto document = changed.document();
  const auto facts = changed.facts();
  const RecordEdit edit{1, &facts, &document, &document};
  const PlaceFacts place{2, 1, "Harare"};
  tree.index().apply({&edit, 1}, {&place, 1}, TestTree::kGeneration + 1);
  EXPECT_EQ(tree.find("place:zimbabwe type:person").total, 1U);
  EXPECT_EQ(tree.find("type:place").total, 2U);
  EXPECT_GT(tree.index().bytes(), 0U);
}

TEST(TreeIndex, APlaceIsThereAsLongAsARecordNamesIt) {
  TestTree tree{{{.n = 1, .circle = Circle::owners, .surname = "Moyo", .places = {2}}, {.n = 5, .surname = "Ncube", .places = {1}}},
                {{1, kNoPlace, "Zimbabwe"}, {2, 1, "Harare"}, {3, 1, "Gweru"}}};
  const Viewer everyone{Circle::everyone, {}};
  EXPECT_EQ(tree.find("harare").total, 1U);
  EXPECT_EQ(tree.find("harare", {}, everyone).total, 0U) << "only a hidden record names it";
  EXPECT_EQ(tree.find("zimbabwe type:place", {}, everyone).total, 1U);
  EXPECT_EQ(tree.find("gweru").total, 0U) << "nobody names it";
  EXPECT_EQ(tree.find("harare").hits.at(0).place, 2U);

  const auto& hidden = tree.records()[0];
  const auto document = hidden.document();
  auto open = hidden;
  open.circle = Circle::everyone;
  const auto facts = open.facts();
  const RecordEdit opened{1, &facts, &document, &document};
  tree.index().apply({&opened, 1}, {}, TestTree::kGeneration + 1);
  EXPECT_EQ(tree.find("harare type:place", {}, everyone).total, 1U);
  EXPECT_EQ(suggest(tree.index(), "hara", everyone, 10).value().size(), 1U);
  const RecordEdit removed{1, nullptr, &document, nullptr};
  tree.index().apply({&removed, 1}, {}, TestTree::kGeneration + 2);
  EXPECT_EQ(tree.find("harare").total, 0U);
  EXPECT_EQ(suggest(tree.index(), "hara", everyone, 10).value().size(), 0U);
  EXPECT_EQ(tree.find("type:place").total, 1U) << "Zimbabwe, which another names";

  // More records than there were slots: the places' slots move, and with them what was remembered of their words.
  TestRecord late{.n = 700, .surname = "Late", .places = {3}};
  const auto late_document = late.document();
  const auto late_facts = late.facts();
  const RecordEdit added{700, &late_facts, nullptr, &late_document};
  EXPECT_EQ(tree.find("zimbabwe type:place").total, 1U);
  tree.index().apply({&added, 1}, {}, TestTree::kGeneration + 3);
  EXPECT_EQ(tree.find("zimbabwe type:place").total, 2U) << "and Gweru inside it";
  EXPECT_EQ(tree.find("gweru").hits.at(0).place, 3U);
}

TEST(TreeIndex, APlaceWithARecordIsFoundThroughIt) {
  TreeIndex index{3};
  index.add(PlaceFacts{1, kNoPlace, "Mutare", true});
  const std::uint32_t place = 1;
  index.add(RecordFacts{.n = 4, .kind = Kind::place, .circle = Circle::everyone, .surname = "Mutare", .places = {&place, 1}});
  index.finish(7);
  TemporaryFolder folder;
  const auto database = open_database(folder.path());
  auto reader = database->reader().value();
  DocumentIndex documents{reader};
  const auto answer = search(index, {documents, 7}, parse_query("").value(), {Circle::everyone, {}}, {.highlights = false}).value();
  ASSERT_EQ(answer.total, 1U);
  EXPECT_EQ(answer.hits[0].n, 4U);
  EXPECT_EQ(answer.hits[0].place, 1U);
}

TEST(PostingCache, DropsTheLeastRecentlyUsed) {
  const auto list = std::make_shared<const Postings>(1000);
  PostingCache cache(2 * 1000 * sizeof(std::uint32_t) + 500);
  cache.put(Column::name, "a", list);
  cache.put(Column::name, "b", list);
  EXPECT_TRUE(cache.find(Column::name, "a"));
  cache.put(Column::name, "c", list);
  EXPECT_TRUE(cache.find(Column::name, "a"));
  EXPECT_FALSE(cache.find(Column::name, "b"));
  EXPECT_FALSE(cache.find(Column::body, "a"));
  cache.drop(Column::name, "a");
  cache.drop(Column::name, "c");
  EXPECT_EQ(cache.bytes(), 0U);
}

class Pool : public testing::Test {
 protected:
  static std::shared_ptr<TreeIndex> make(std::int64_t tree_no, std::int64_t generation) {
    auto index = std::make_shared<TreeIndex>(tree_no);
    for (std::uint32_t n = 0; n < 1000; ++n) index->add(RecordFacts{.n = n, .kind = Kind::person, .surname = "Moyo"});
    index->finish(generation);
    return index;
  }
  std::atomic<int> loads_{0};
  std::int64_t generation_ = 1;
  TreeIndexPool::Load load_ = [this](std::int64_t tree_no) -> Result<std::shared_ptr<TreeIndex>> {
    ++loads_;
    if (tree_no == 0) return fail(Code::not_found, "no such tree");
    return make(tree_no, generation_);
  };
};

TEST_F(Pool, BuildsOnceAndEvictsTheOldest) {
  const auto one = make(1, 1)->bytes();
  TreeIndexPool pool(2 * one + one / 2, load_);
  ASSERT_TRUE(pool.get(1, 1).has_value());
  ASSERT_TRUE(pool.get(2, 1).has_value());
  ASSERT_TRUE(pool.get(1, 1).has_value());
  EXPECT_EQ(loads_, 2);
  ASSERT_TRUE(pool.get(3, 1).has_value());
  EXPECT_TRUE(pool.loaded(1));
  EXPECT_FALSE(pool.loaded(2));
  EXPECT_LE(pool.bytes(), 2 * one + one / 2);
  pool.drop(3);
  EXPECT_FALSE(pool.loaded(3));
}

TEST_F(Pool, KeepsTheLastOneWhateverItWeighs) {
  TreeIndexPool pool(1, load_);
  ASSERT_TRUE(pool.get(1, 1).has_value());
  EXPECT_TRUE(pool.loaded(1));
}

TEST_F(Pool, BuildsAgainWhatIsTooOld) {
  TreeIndexPool pool(1 << 30, load_);
  ASSERT_TRUE(pool.get(1, 1).has_value());
  generation_ = 2;
  EXPECT_EQ(pool.get(1, 2).value()->generation(), 2);
  EXPECT_EQ(loads_, 2);
}

TEST_F(Pool, ReportsWhatLoadingReports) {
  TreeIndexPool pool(1 << 30, load_);
  EXPECT_EQ(pool.get(0, 1).error().code, Code::not_found);
  EXPECT_FALSE(pool.loaded(0));
}

TEST_F(Pool, BuildsOnceForSeveralThreads) {
  TreeIndexPool pool(1 << 30, load_);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { EXPECT_TRUE(pool.get(5, 1).has_value()); });
  threads.clear();
  EXPECT_EQ(loads_, 1);
}

}  // namespace
}  // namespace tablinum::search::test
