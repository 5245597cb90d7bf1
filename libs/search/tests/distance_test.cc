#include "tablinum/search/distance.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tablinum::search {
namespace {

/// The definition, by full matrix: the oracle of the banded one.
unsigned naive_osa(const std::string& a, const std::string& b) {
  std::vector<std::vector<unsigned>> d(a.size() + 1, std::vector<unsigned>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = static_cast<unsigned>(i + j);
        continue;
      }
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

rc::Gen<std::string> short_words() {
  return rc::gen::resize(9, rc::gen::container<std::string>(rc::gen::elementOf(std::string{"abc"})));
}

RC_GTEST_PROP(OsaDistance, AgreesWithTheMatrix, ()) {
  const auto a = *short_words();
  const auto b = *short_words();
  const auto limit = *rc::gen::inRange(0U, kDistanceMax + 1);
  const auto exact = naive_osa(a, b);
  RC_ASSERT(osa_distance(a, b, limit) == std::min(exact, limit + 1));
}

RC_GTEST_PROP(OsaDistance, MaskNeverExcludesANearWord, ()) {
  const auto a = *short_words();
  const auto b = *short_words();
  const auto limit = *rc::gen::inRange(0U, kDistanceMax + 1);
  if (naive_osa(a, b) <= limit) RC_ASSERT(masks_allow(letter_mask(a), letter_mask(b), limit));
}

TEST(OsaDistance, CountsAnExchangeOnce) {
  EXPECT_EQ(osa_distance("smiht", "smith", 2), 1U);
  EXPECT_EQ(osa_distance("ca", "abc", 2), 3U) << "no part is edited twice";
}

TEST(OsaDistance, ComparesOverlongWordsForEqualityOnly) {
  const std::string at_limit(kDistanceBytesMax, 'a');
  const std::string over = at_limit + 'a';
  auto changed = over;
  changed[10] = 'b';
  EXPECT_EQ(osa_distance(at_limit, at_limit.substr(1), 2), 1U);
  EXPECT_EQ(osa_distance(over, over, 2), 0U);
  EXPECT_EQ(osa_distance(over, changed, 2), 3U);
}

TEST(TypoLimit, GrowsWithTheWord) {
  EXPECT_EQ(typo_limit(3), 0U);
  EXPECT_EQ(typo_limit(4), 1U);
  EXPECT_EQ(typo_limit(6), 1U);
  EXPECT_EQ(typo_limit(7), 2U);
}

TEST(LetterMask, TakesBothCasesAndKeepsOthersApart) {
  EXPECT_EQ(letter_mask("aB"), letter_mask("Ab"));
  EXPECT_EQ(letter_mask("7"), letter_mask("3"));
  EXPECT_NE(letter_mask("["), letter_mask("{7")) << "not letters";
}

}  // namespace
}  // namespace tablinum::search
