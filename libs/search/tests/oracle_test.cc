#include <gtest/gtest.h>

#include "brute_force.h"
#include "random_tree.h"

namespace tablinum::search::test {
namespace {

std::map<std::string, std::uint32_t> as_map(const std::vector<FacetValue>& values) {
  std::map<std::string, std::uint32_t> map;
  for (const auto& value : values) map[value.value] = value.count;
  return map;
}

std::vector<std::uint64_t> bitmap_of(const std::vector<TestRecord>& records, RandomTree& random) {
  std::vector<std::uint64_t> bits(16);
  for (const auto& record : records) {
    const bool visible = record.circle == Circle::everyone || random.below(2) == 0;
    if (visible && record.n / 64 < bits.size()) bits[record.n / 64] |= std::uint64_t{1} << (record.n % 64);
  }
  return bits;
}

/// Surname spellings that sort alike are one value: the oracle counts them apart, so they are added up under the shown one.
std::map<std::string, std::uint32_t> grouped(const std::map<std::string, std::uint32_t>& surnames) {
  std::map<std::string, std::pair<std::uint32_t, std::map<std::int64_t, std::string>>> groups;
  for (const auto& [surname, count] : surnames) {
    auto& [sum, spellings] = groups[sorting_form(surname)];
    sum += count;
    spellings.try_emplace(-std::int64_t{count}, surname);
  }
  std::map<std::string, std::uint32_t> result;
  for (const auto& [key, group] : groups) result[group.second.begin()->second] = group.first;
  return result;
}

void compare(TestTree& tree, const std::string& text, const Viewer& viewer) {
  SCOPED_TRACE(text);
  const auto query = parse_query(text).value();
  SearchOptions options{.limit = kHitsMax};
  const auto answer = search(tree.index(), {tree.documents(), TestTree::kGeneration}, query, viewer, options).value();
  const auto naive = BruteForce{tree, random_places(), query, viewer}.run();
  ASSERT_EQ(answer.total, naive.hits.size());
  ASSERT_EQ(answer.hits.size(), std::min(naive.hits.size(), kHitsMax));
  for (std::size_t i = 0; i < answer.hits.size(); ++i) {
    EXPECT_EQ(answer.hits[i].n, naive.hits[i].first) << "at " << i;
    EXPECT_DOUBLE_EQ(answer.hits[i].score, naive.hits[i].second);
  }
  EXPECT_EQ(as_map(answer.facets.kind), naive.kinds);
  EXPECT_EQ(as_map(answer.facets.sex), naive.sexes);
  EXPECT_EQ(as_map(answer.facets.decade), naive.decades);
  const auto surnames = grouped(naive.surnames);
  if (surnames.size() <= kFacetValues) EXPECT_EQ(as_map(answer.facets.surname), surnames);
}

TEST(Oracle, AnswersTheSameForRandomTreesAndQueries) {
  constexpr std::uint32_t kTrees = 12;
  constexpr int kQueries = 120;
  for (std::uint32_t seed = 1; seed <= kTrees; ++seed) {
    RandomTree random{seed};
    TestTree tree{random.records(20 + random.below(150)), random_places()};
    const auto bits = bitmap_of(tree.records(), random);
    for (int i = 0; i < kQueries; ++i) {
      const auto text = random.query();
      compare(tree, text, {static_cast<Circle>(random.below(3)), {}});
      compare(tree, text, {Circle::everyone, std::span{bits}});
      if (HasFatalFailure() || HasNonfatalFailure()) return;
    }
  }
}

/// What an edit leaves behind in memory must be what building anew gives.
TEST(Oracle, AnswersTheSameAfterEdits) {
  RandomTree random{99};
  auto records = random.records(60);
  TestTree before{records, random_places()};
  for (int i = 0; i < 20; ++i) before.find(random.query());  // fills the cache of lists, which edits must clear
  std::vector<RecordEdit> edits;
  std::vector<Document> documents;
  std::vector<RecordFacts> facts;
  auto changed = records;
  documents.reserve(2 * records.size() + 2);
  facts.reserve(records.size() + 1);
  auto writer = before.database().writer().value();
  DocumentIndex index{writer};
  for (std::size_t i = 0; i < records.size(); i += 3) {
    documents.push_back(records[i].document());
    RecordEdit edit{records[i].n, nullptr, &documents.back(), nullptr};
    if (i % 2 == 0) {
      changed[i] = random.record(records[i].n);
      documents.push_back(changed[i].document());
      edit.document_after = &documents.back();
      facts.push_back(changed[i].facts());
      edit.after = &facts.back();
      ASSERT_TRUE(index.put(make_rid(kTreeNo, records[i].n), documents.back()).has_value());
    } else {
      changed[i].n = 0;
      ASSERT_TRUE(index.remove(make_rid(kTreeNo, records[i].n)).has_value());
    }
    edits.push_back(edit);
  }
  ASSERT_TRUE(writer.commit().has_value());
  before.index().apply(edits, {}, TestTree::kGeneration + 1);
  std::erase_if(changed, [](const TestRecord& record) { return record.n == 0; });
  EXPECT_EQ(before.index().generation(), TestTree::kGeneration + 1);
  EXPECT_EQ(before.index().records(), changed.size());

  TestTree after{changed, random_places()};
  auto reader = before.database().reader().value();
  DocumentIndex new_documents{reader};
  for (int i = 0; i < 300; ++i) {
    const auto text = random.query();
    SCOPED_TRACE(text);
    const Viewer viewer{static_cast<Circle>(random.below(3)), {}};
    const auto query = parse_query(text).value();
    const auto patched = search(before.index(), {new_documents, TestTree::kGeneration + 1}, query, viewer, {.limit = kHitsMax}).value();
    const auto fresh = after.find(text, {.limit = kHitsMax}, viewer);
    ASSERT_EQ(patched.total, fresh.total);
    for (std::size_t hit = 0; hit < fresh.hits.size(); ++hit) {
      EXPECT_EQ(patched.hits[hit].n, fresh.hits[hit].n);
      EXPECT_DOUBLE_EQ(patched.hits[hit].score, fresh.hits[hit].score);
      EXPECT_EQ(patched.hits[hit].title, fresh.hits[hit].title);
    }
    const auto words = [&](const TreeIndex& tree) {
      std::vector<std::string> all;
      for (const auto* typed : {"m", "smith, ", "ann m"}) {
        for (const auto& suggestion : suggest(tree, typed, viewer, 10).value()) all.push_back(suggestion.text);
      }
      return all;
    };
    EXPECT_EQ(words(before.index()), words(after.index()));
  }
}

}  // namespace
}  // namespace tablinum::search::test
