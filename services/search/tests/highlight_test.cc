#include "highlight.h"

#include <gtest/gtest.h>

namespace tablinum::search_service {
namespace {

TEST(Highlight, GivesTextAndMarks) {
  const auto parts = parts_of("Smith &amp; <mark>Moyo</mark> &lt;b&gt;");
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].text, "Smith & ");
  EXPECT_FALSE(parts[0].match);
  EXPECT_EQ(parts[1].text, "Moyo");
  EXPECT_TRUE(parts[1].match);
  EXPECT_EQ(parts[2].text, " <b>");
}

TEST(Highlight, AnEscapedEntityStaysText) {
  const auto parts = parts_of("&amp;lt;");
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].text, "&lt;");
}

TEST(Highlight, NothingGivesNothing) { EXPECT_TRUE(parts_of("").empty()); }

}  // namespace
}  // namespace tablinum::search_service
