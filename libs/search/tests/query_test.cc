#include "tablinum/search/query.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tablinum::search {
namespace {

Query parsed(std::string_view text) { return parse_query(text).value(); }

TEST(Query, ReadsWordsPhrasesAndBeginnings) {
  const auto query = parsed("  tendai \"rose cottage\" mol** x:y ");
  const std::vector<Term> want = {{"tendai", false, false}, {"rose cottage", true, false}, {"mol", false, true}, {"x:y", false, false}};
  EXPECT_EQ(query.terms, want);
}

TEST(Query, ReadsFilters) {
  const auto query = parsed(
      "surname:\"van der Berg\" GIVEN:Ann place:harare born:1850..1900 died:..1920 sex:F living:no type:people type:person type:notes");
  EXPECT_EQ(query.surnames, std::vector<std::string>{"van der Berg"});
  EXPECT_EQ(query.givens, std::vector<std::string>{"Ann"});
  EXPECT_EQ(query.places, std::vector<std::string>{"harare"});
  EXPECT_EQ(query.born, (YearRange{1850, 1900}));
  EXPECT_EQ(query.died, (YearRange{std::nullopt, 1920}));
  EXPECT_EQ(query.sex, Sex::female);
  EXPECT_EQ(query.living, false);
  EXPECT_EQ(query.kinds, (std::vector{Kind::person, Kind::note}));
  EXPECT_EQ(parsed("born:1850").born, (YearRange{1850, 1850}));
  EXPECT_EQ(parsed("born:1850..").born, (YearRange{1850, std::nullopt}));
  EXPECT_EQ(parsed("born:-9999..9999").born, (YearRange{kYearMin, kYearMax}));
}

TEST(Query, TakesWhatIsLeftOpenAsText) {
  EXPECT_EQ(parsed("\"open phrase").terms, (std::vector<Term>{{"open phrase", true, false}}));
  EXPECT_EQ(parsed("surname:").terms, (std::vector<Term>{{"surname:", false, false}}));
  EXPECT_EQ(parsed("sex born").terms, (std::vector<Term>{{"sex", false, false}, {"born", false, false}}));
  EXPECT_EQ(parsed("\"\" * surname:\"\""), Query{});
}

TEST(Query, CompletesTheLastWordOnlyWhileItIsTyped) {
  EXPECT_TRUE(parse_typing("tendai mo")->terms.back().beginning);
  EXPECT_FALSE(parse_typing("tendai mo")->terms.front().beginning);
  EXPECT_FALSE(parse_typing("tendai mo ")->terms.back().beginning);
  EXPECT_FALSE(parse_typing("\"tendai mo")->terms.back().beginning);
}

struct BadQuery {
  const char* name;
  std::string text;
  Code code;
};
class BadQueries : public testing::TestWithParam<BadQuery> {};
TEST_P(BadQueries, AreRefused) {
  const auto query = parse_query(GetParam().text);
  ASSERT_FALSE(query.has_value());
  EXPECT_EQ(query.error().code, GetParam().code);
}
std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}
INSTANTIATE_TEST_SUITE_P(Cases, BadQueries,
                         testing::Values(BadQuery{"too_long", std::string(kQueryBytesMax + 1, 'a'), Code::too_large},
                                         BadQuery{"too_long_when_printed", std::string(kQueryBytesMax - 6, 'a') + " sex:f",
                                                  Code::too_large},
                                         BadQuery{"too_many_words", repeated("a ", kQueryTermsMax + 1), Code::limit},
                                         BadQuery{"not_utf8", "a\xff", Code::invalid}, BadQuery{"year", "born:soon", Code::invalid},
                                         BadQuery{"year_too_late", "born:10000", Code::invalid},
                                         BadQuery{"years_reversed", "died:1900..1850", Code::invalid},
                                         BadQuery{"no_years", "died:..", Code::invalid}, BadQuery{"sex", "sex:q", Code::invalid},
                                         BadQuery{"living", "living:maybe", Code::invalid}, BadQuery{"type", "type:cat", Code::invalid}),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(Query, TakesExactlyTheLimits) {
  EXPECT_TRUE(parse_query(std::string(kQueryBytesMax, 'a')).has_value());
  EXPECT_TRUE(parse_query(repeated("a ", kQueryTermsMax)).has_value());
}

RC_GTEST_PROP(Query, IsReadBackAsPrinted, ()) {
  const auto piece = rc::gen::element<std::string>("surname:", "born:", "place:", "type:", "living:", "\"", "*", ":", " ",
                                                   "1850", "..", "yes", "person",
                                                   "moyo", "sex", "living", "ž", "-3", "sex:", "f", "\t", "van der");
  std::string text;
  for (const auto& part : *rc::gen::container<std::vector<std::string>>(piece)) text += part;
  const auto query = parse_query(text);
  if (!query) return;
  const auto printed = print(*query);
  const auto again = parse_query(printed);
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == *query);
  RC_ASSERT(print(*again) == printed);
}

TEST(Kind, IsKnownByItsName) {
  for (std::size_t i = 0; i < kKinds; ++i) EXPECT_EQ(kind_of(to_string(static_cast<Kind>(i))), static_cast<Kind>(i));
  EXPECT_EQ(kind_of("People"), Kind::person);
  EXPECT_EQ(kind_of("cat"), std::nullopt);
}

}  // namespace
}  // namespace tablinum::search
