/// Design archive.md §8: a tree and the same tree with hidden people answer alike, byte for byte.
#include <gtest/gtest.h>

#include <cstdio>

#include "random_tree.h"

namespace tablinum::search::test {
namespace {

void append(std::string& out, const std::vector<FacetValue>& values) {
  for (const auto& value : values) out += value.value + '=' + std::to_string(value.count) + ' ';
  out += '\n';
}

std::string exactly(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%a ", value);
  return text.data();
}

/// Everything an answer says; records by their names, since numbers are internal.
std::string serialised(const Answer& answer, const std::map<std::uint32_t, std::uint32_t>& public_number) {
  std::string out = std::to_string(answer.total) + (answer.widened ? " widened " : " ") + answer.did_you_mean.value_or("-") + '\n';
  out += answer.next_offset ? std::to_string(*answer.next_offset) : "end";
  for (const auto& hit : answer.hits) {
    out += std::to_string(is_place_document(hit.n) ? hit.n : public_number.at(hit.n)) + ' ' + hit.title + '|' + hit.snippet + '|' + exactly(hit.score);
    for (const auto& reason : hit.explanation->reasons) {
      out += reason.word + '>' + reason.matched + std::string{to_string(reason.match)} + std::string{to_string(reason.field)};
      out += exactly(reason.idf) + exactly(reason.points);
    }
    out += exactly(hit.explanation->maximum) + exactly(hit.explanation->date_fit) + exactly(hit.explanation->links) + '\n';
  }
  for (const auto* values : {&answer.facets.kind, &answer.facets.surname, &answer.facets.place, &answer.facets.decade, &answer.facets.sex,
                             &answer.facets.living}) {
    append(out, *values);
  }
  return out;
}

class Twins {
 public:
  /// `hidden` people lie among the others, so that every number after them differs.
  Twins(RandomTree& random, Circle viewer) : viewer_{viewer} {
    std::vector<TestRecord> seen, all;
    std::uint32_t n = 0;
    for (auto record : random.records(80)) {
      const bool hidden = record.circle > viewer;
      record.n = n++;
      all.push_back(record);
      if (hidden) continue;
      with_[record.n] = static_cast<std::uint32_t>(seen.size());
      record.n = static_cast<std::uint32_t>(seen.size());
      without_[record.n] = record.n;
      seen.push_back(record);
    }
    for (const auto& [n_with, number] : with_) {
      bits_.resize(std::max<std::size_t>(bits_.size(), n_with / 64 + 1));
      bits_[n_with / 64] |= std::uint64_t{1} << (n_with % 64);
    }
    tree_without_.emplace(seen, random_places());
    tree_with_.emplace(all, random_places());
  }

  void compare(const std::string& text, const SearchOptions& options) {
    SCOPED_TRACE(text);
    const auto want = serialised(tree_without_->find(text, options, {viewer_, {}}), without_);
    EXPECT_EQ(serialised(tree_with_->find(text, options, {viewer_, {}}), with_), want);
    EXPECT_EQ(serialised(tree_with_->find(text, options, {viewer_, std::span{bits_}}), with_), want);
  }

  void compare_suggestions(const std::string& typed) {
    SCOPED_TRACE(typed);
    const auto texts = [&](TestTree& tree, const std::map<std::uint32_t, std::uint32_t>& numbers) {
      std::string out;
      for (const auto& suggestion : suggest(tree.index(), typed, {viewer_, {}}, 10).value()) {
        out += suggestion.text + ' ' + std::to_string(suggestion.count) + ' ' +
               (suggestion.person ? std::to_string(numbers.at(*suggestion.person)) : "-") + '\n';
      }
      return out;
    };
    EXPECT_EQ(texts(*tree_with_, with_), texts(*tree_without_, without_));
  }

 private:
  Circle viewer_;
  std::map<std::uint32_t, std::uint32_t> with_, without_;  // number in the tree → number among the visible
  std::vector<std::uint64_t> bits_;
  std::optional<TestTree> tree_with_, tree_without_;
};

TEST(Leaks, HiddenPeopleChangeNoAnswer) {
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    for (const auto viewer : {Circle::everyone, Circle::members}) {
      RandomTree random{seed};
      Twins twins{random, viewer};
      for (int i = 0; i < 80; ++i) {
        SearchOptions options{.offset = random.below(3), .limit = 1 + random.below(10), .explain = true};
        options.sort = static_cast<SortBy>(random.below(3));
        twins.compare(random.query(), options);
        if (testing::Test::HasFailure()) return;
      }
      for (const auto* typed : {"m", "s", "ann", "moyo,", "smith, j", "ann m", "e", "王", "x"}) twins.compare_suggestions(typed);
    }
  }
}

TEST(Leaks, AWordOnlyHiddenPeopleHaveIsNotProposed) {
  TestTree tree{{{.n = 1, .surname = "Mukandatsama", .given = "A"},
                 {.n = 2, .circle = Circle::owners, .surname = "Mukandatsima", .given = "B"}}};
  const auto answer = tree.find("mukandatsimo", {}, {Circle::everyone, {}});
  EXPECT_EQ(answer.did_you_mean, "mukandatsama");
  EXPECT_EQ(tree.find("mukandatsimo").did_you_mean, "mukandatsima") << "the owner sees the nearer one";
}

}  // namespace
}  // namespace tablinum::search::test
