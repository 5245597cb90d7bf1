#include "tablinum/search/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "filter.h"
#include "highlight.h"
#include "test_tree.h"

namespace tablinum::search::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TestRecord person(std::uint32_t n, std::string given, std::string surname, Years birth = {}) {
  return {.n = n, .birth = birth, .surname = std::move(surname), .given = std::move(given)};
}

class Family : public testing::Test {
 protected:
  TestTree tree_{{person(1, "Tendai", "Moyo", {1850, 1850}), person(2, "Elizabeth", "Müller", {1853, 1862}), person(3, "Ann", "O'Brien"),
                  person(4, "Ivan", "Ivanova"), person(5, "小明", "王"), person(6, "Rudo", "Svosve"),
                  {.n = 7, .surname = "Smith", .given = "Rose", .body = {"Lived at <Rose> Cottage & died"}, .married = "Jones"},
                  {.n = 8, .kind = Kind::source, .surname = "Smith register", .body = {"Kept by Tendai"}}}};
};

TEST_F(Family, IsFoundAcrossSpellings) {
  const SearchOptions written{.spelling = Spelling::as_written};
  EXPECT_THAT(tree_.numbers("muller", written), ElementsAre(2));
  EXPECT_THAT(tree_.numbers("MÜLLER", written), ElementsAre(2));
  EXPECT_THAT(tree_.numbers("mueller", written), ElementsAre(2));
  EXPECT_THAT(tree_.numbers("obrien", written), ElementsAre(3));
  EXPECT_THAT(tree_.numbers("o'brien", written), ElementsAre(3));
  EXPECT_THAT(tree_.numbers("ivanov", written), ElementsAre(4));
  EXPECT_THAT(tree_.numbers("王小明", written), IsEmpty()) << "surname and given name lie apart: 小明 王";
  EXPECT_THAT(tree_.numbers("小明", written), ElementsAre(5));
  EXPECT_THAT(tree_.numbers("xiaoming", written), ElementsAre(5));
}

TEST_F(Family, IsFoundInSpiteOfMistakes) {
  EXPECT_THAT(tree_.numbers("tendia"), ElementsAre(1, 8));
  EXPECT_THAT(tree_.numbers("lizzy"), ElementsAre(2));
  EXPECT_THAT(tree_.numbers("ludo"), ElementsAre(6));
  EXPECT_THAT(tree_.numbers("swoswe"), ElementsAre(6));
  EXPECT_THAT(tree_.numbers("mjuler surname:muller"), ElementsAre(2));
  EXPECT_TRUE(tree_.find("lizzy").widened);
  EXPECT_FALSE(tree_.find("elizabeth").widened);
  EXPECT_THAT(tree_.numbers("lizzy", {.spelling = Spelling::as_written}), IsEmpty());
}

TEST_F(Family, IsRankedByField) {
  EXPECT_THAT(tree_.numbers("smith"), ElementsAre(7, 8)) << "a name before a title";
  EXPECT_THAT(tree_.numbers("tendai"), ElementsAre(1, 8)) << "a name before a text";
}

TEST_F(Family, IsFilteredByNames) {
  EXPECT_THAT(tree_.numbers("surname:smith"), ElementsAre(7));
  EXPECT_THAT(tree_.numbers("surname:jones"), ElementsAre(7)) << "also by a second name";
  EXPECT_THAT(tree_.numbers("given:rose"), ElementsAre(7));
  EXPECT_THAT(tree_.numbers("surname:rose"), IsEmpty());
  EXPECT_THAT(tree_.numbers("surname:muller"), ElementsAre(2));
  EXPECT_THAT(tree_.numbers("rose given:rose"), ElementsAre(7));
}

TEST_F(Family, IsFilteredByYears) {
  const auto answer = tree_.find("born:1850..1855");
  ASSERT_EQ(answer.total, 2U);
  EXPECT_EQ(answer.hits[0].n, 1U);
  EXPECT_DOUBLE_EQ(answer.hits[0].score, kDateInside);
  EXPECT_DOUBLE_EQ(answer.hits[1].score, kDateOverlap);
  EXPECT_DOUBLE_EQ(tree_.find("born:1855").hits.back().score, kDateNear) << "1850 is five years off";
  EXPECT_THAT(tree_.numbers("born:1844"), IsEmpty());
}

TEST_F(Family, CompletesBeginnings) {
  EXPECT_THAT(tree_.numbers("mo*"), ElementsAre(1));
  EXPECT_THAT(tree_.numbers("tend*"), ElementsAre(1, 8));
  EXPECT_THAT(tree_.numbers("smith reg*"), ElementsAre(8));
  EXPECT_THAT(tree_.numbers("o'br*"), ElementsAre(3));
}

TEST_F(Family, FindsPhrasesInOrderOnly) {
  EXPECT_THAT(tree_.numbers("\"tendai moyo\""), ElementsAre(1));
  EXPECT_THAT(tree_.numbers("\"moyo tendai\""), IsEmpty());
  EXPECT_THAT(tree_.numbers("\"elizabeth muller\""), ElementsAre(2));
  EXPECT_THAT(tree_.numbers("\"smith rose\""), IsEmpty()) << "the end of one name and the beginning of the next";
  EXPECT_THAT(tree_.numbers("\"rose cottage\""), ElementsAre(7));
}

TEST_F(Family, IsHighlightedAndEscaped) {
  const auto hit = tree_.find("rose cottage").hits.at(0);
  EXPECT_EQ(hit.title, "<mark>Rose</mark> Smith");
  EXPECT_EQ(hit.snippet, "Lived at &lt;<mark>Rose</mark>&gt; <mark>Cottage</mark> &amp; died");
  EXPECT_EQ(tree_.find("jones").hits.at(0).title, "Rose Smith · Rose <mark>Jones</mark>");
  EXPECT_EQ(tree_.find("mueller").hits.at(0).title, "Elizabeth <mark>Müller</mark>");
  EXPECT_EQ(tree_.find("o'brien").hits.at(0).title, "Ann <mark>O&#39;Brien</mark>");
  EXPECT_EQ(tree_.find("lizzy").hits.at(0).title, "<mark>Elizabeth</mark> Müller");
  EXPECT_EQ(tree_.find("moyo", {.highlights = false}).hits.at(0).title, "");
}

TEST_F(Family, ExplainsItsScore) {
  const auto hit = tree_.find("lizzy moy*", {.spelling = Spelling::wide, .explain = true});
  EXPECT_THAT(hit.hits, IsEmpty());
  const auto found = tree_.find("lizzy muller", {.explain = true}).hits.at(0);
  ASSERT_TRUE(found.explanation.has_value());
  const auto& reasons = found.explanation->reasons;
  ASSERT_EQ(reasons.size(), 2U);
  EXPECT_EQ(reasons[0].word, "lizzy");
  EXPECT_EQ(reasons[0].match, Match::nickname);
  EXPECT_EQ(reasons[0].field, Field::alt);
  EXPECT_EQ(reasons[0].matched, "_nelizabeth");
  EXPECT_DOUBLE_EQ(reasons[0].points, reasons[0].idf * 3 * .65);
  EXPECT_EQ(reasons[1].match, Match::exact);
  const auto sum = reasons[0].points + reasons[1].points;
  EXPECT_DOUBLE_EQ(found.score, sum / found.explanation->maximum * found.explanation->date_fit + found.explanation->links);
}

TEST_F(Family, ProposesWhatWasMeant) {
  EXPECT_EQ(tree_.find("elizabteh muller").did_you_mean, "elizabeth muller");
  EXPECT_EQ(tree_.find("moyo").did_you_mean, std::nullopt);
  EXPECT_EQ(tree_.find("qqqqqq").did_you_mean, std::nullopt);
}

TEST_F(Family, ListsEverybodyWithoutWords) {
  const auto all = tree_.find("", {.sort = SortBy::name});
  EXPECT_EQ(all.total, 8U);
  EXPECT_EQ(all.hits.front().n, 4U) << "Ivanova";
  EXPECT_EQ(tree_.find("type:person", {.sort = SortBy::birth}).hits.front().n, 1U);
  EXPECT_EQ(tree_.find("type:person", {.sort = SortBy::birth, .descending = true}).hits.front().n, 2U);
  EXPECT_EQ(tree_.find("type:person", {.sort = SortBy::name, .descending = true}).hits.front().n, 5U) << "Wang";
}

TEST_F(Family, ComesInPages) {
  std::vector<std::uint32_t> paged;
  std::optional<std::size_t> offset = 0;
  while (offset) {
    const auto page = tree_.find("", {.offset = *offset, .limit = 3});
    for (const auto& hit : page.hits) paged.push_back(hit.n);
    offset = page.next_offset;
  }
  EXPECT_EQ(paged, tree_.numbers("", {.limit = 100}));
  EXPECT_THAT(tree_.find("", {.limit = 0}).hits, IsEmpty());
}

TEST_F(Family, GoesOnAfterARecordInEveryOrder) {
  for (const auto sort : {SortBy::name, SortBy::birth}) {
    for (const bool descending : {false, true}) {
      const auto all = tree_.find("type:person", {.limit = 100, .sort = sort, .descending = descending}).hits;
      std::vector<std::uint32_t> expected, paged;
      for (const auto& hit : all) expected.push_back(hit.n);
      for (std::optional<std::uint32_t> after;;) {
        const auto page = tree_.find("type:person", {.limit = 2, .sort = sort, .descending = descending, .after = after});
        EXPECT_EQ(page.total, all.size()) << "of the whole list";
        for (const auto& hit : page.hits) paged.push_back(hit.n);
        if (page.hits.size() < 2) break;
        after = page.hits.back().n;
      }
      EXPECT_EQ(paged, expected);
    }
  }
  EXPECT_EQ(tree_.try_search("", {.after = 1}).error().code, Code::invalid) << "by relevance";
  EXPECT_EQ(tree_.try_search("", {.sort = SortBy::name, .after = 1'000'000}).error().code, Code::invalid);
}

TEST_F(Family, KeepsItsLimits) {
  EXPECT_TRUE(tree_.try_search("", {.limit = kHitsMax}).has_value());
  EXPECT_EQ(tree_.try_search("", {.limit = kHitsMax + 1}).error().code, Code::limit);
  EXPECT_TRUE(tree_.try_search("", {.offset = kWindowMax - 1, .limit = 1}).has_value());
  EXPECT_EQ(tree_.try_search("", {.offset = kWindowMax, .limit = 1}).error().code, Code::limit);
  const Viewer viewer{Circle::owners, {}};
  EXPECT_TRUE(suggest(tree_.index(), "a", viewer, kSuggestionsMax).has_value());
  EXPECT_EQ(suggest(tree_.index(), "a", viewer, kSuggestionsMax + 1).error().code, Code::limit);
  EXPECT_TRUE(suggest(tree_.index(), std::string(kQueryBytesMax, 'a'), viewer, 5).has_value());
  EXPECT_EQ(suggest(tree_.index(), std::string(kQueryBytesMax + 1, 'a'), viewer, 5).error().code, Code::too_large);
}

std::vector<std::string> suggested(TestTree& tree, std::string_view typed) {
  std::vector<std::string> texts;
  for (const auto& suggestion : suggest(tree.index(), typed, {Circle::owners, {}}, 10).value()) texts.push_back(suggestion.text);
  return texts;
}

TEST_F(Family, IsSuggested) {
  EXPECT_THAT(suggested(tree_, "mo"), ElementsAre("moyo"));
  EXPECT_THAT(suggested(tree_, "Moyo, t"), ElementsAre("Moyo, Tendai (1850–)"));
  EXPECT_THAT(suggested(tree_, "tendai m"), ElementsAre("Moyo, Tendai (1850–)"));
  EXPECT_THAT(suggested(tree_, "muller,"), ElementsAre("Müller, Elizabeth (1853–)"));
  EXPECT_THAT(suggested(tree_, "  "), IsEmpty());
  EXPECT_THAT(suggested(tree_, "zzz, a"), IsEmpty());
}

TEST_F(Family, SuggestionsSayWhichPartOfANameTheyAre) {
  const auto part = [this](std::string_view typed) {
    return suggest(tree_.index(), typed, {Circle::owners, {}}, 1).value().front().part;
  };
  EXPECT_EQ(part("moy"), NamePart::surname);
  EXPECT_EQ(part("tend"), NamePart::given);
  EXPECT_EQ(part("mull"), NamePart::surname);
}

TEST(Facets, CountWhatIsThere) {
  TestTree tree{{{.n = 1, .sex = Sex::female, .birth = {1851, 1851}, .surname = "Moyo", .places = {2}},
                 {.n = 2, .sex = Sex::male, .living = true, .birth = {1859, 1859}, .surname = "MOYO", .places = {2, 1}},
                 {.n = 3, .surname = "Moyo", .places = {1}}},
                {{1, kNoPlace, "Zimbabwe"}, {2, 1, "Harare"}}};
  const auto facets = tree.find("").facets;
  ASSERT_EQ(facets.surname.size(), 1U);
  EXPECT_EQ(facets.surname[0].value, "Moyo") << "the more frequent spelling";
  EXPECT_EQ(facets.surname[0].count, 3U);
  ASSERT_EQ(facets.place.size(), 2U);
  EXPECT_EQ(facets.place[0].value, "Harare, Zimbabwe");
  EXPECT_EQ(facets.place[0].count, 3U) << "two people and the place itself";
  ASSERT_EQ(facets.decade.size(), 1U);
  EXPECT_EQ(facets.decade[0].value, "1850");
  ASSERT_EQ(facets.living.size(), 2U);
  EXPECT_EQ(facets.living[1].value, "yes");
  EXPECT_THAT(tree.numbers("place:harare type:person"), UnorderedElementsAre(1, 2));
  EXPECT_THAT(tree.numbers("place:zimbabwe type:person"), UnorderedElementsAre(1, 2, 3)) << "with the places inside";
  EXPECT_THAT(tree.numbers("place:zimbabwe type:place"), UnorderedElementsAre(document_of_place(1), document_of_place(2)));
  EXPECT_THAT(tree.numbers("place:london"), IsEmpty());
}

TEST(Facets, AreCutToTheMostFrequent) {
  std::vector<TestRecord> records;
  for (std::uint32_t n = 0; n < kFacetValues + 1; ++n) {
    records.push_back({.n = n, .surname = "Name" + std::string(1, static_cast<char>('a' + n))});
  }
  TestTree tree{records};
  EXPECT_EQ(tree.find("").facets.surname.size(), kFacetValues);
  EXPECT_THAT(tree.find("", {.facets = false}).facets.surname, IsEmpty());
}

TEST(DateFit, MeasuresIntervals) {
  const YearRange asked{1850, 1900};
  EXPECT_EQ(date_fit({1850, 1900}, asked), kDateInside);
  EXPECT_EQ(date_fit({1849, 1851}, asked), kDateOverlap);
  EXPECT_EQ(date_fit({1840, 1845}, asked), kDateNear);
  EXPECT_EQ(date_fit({1840, 1844}, asked), 0);
  EXPECT_EQ(date_fit({1905, 1910}, asked), kDateNear);
  EXPECT_EQ(date_fit({1906, 1910}, asked), 0);
  EXPECT_EQ(date_fit({Years::kUnknown, 1860}, asked), kDateOverlap) << "an open beginning reaches back 120 years";
  EXPECT_EQ(date_fit({1700, Years::kUnknown}, asked), 0) << "1820 is too early";
  EXPECT_EQ(date_fit({}, asked), 0);
  EXPECT_EQ(date_fit({1700, 1700}, {std::nullopt, 1750}), kDateInside);
}

TEST(Snippet, ShowsTheNeighbourhoodOfTheMatch) {
  std::string note;
  for (int i = 0; i < 200; ++i) note += "слово ";
  note += "harbour ";
  for (int i = 0; i < 200; ++i) note += "слово ";
  TestTree tree{{{.n = 1, .surname = "Moyo", .body = {"nothing here", note}}}};
  const auto snippet = tree.find("harbour").hits.at(0).snippet;
  EXPECT_THAT(snippet, HasSubstr("<mark>harbour</mark>"));
  EXPECT_LE(snippet.size(), kSnippetBytesMax + 40);
  EXPECT_TRUE(snippet.starts_with("…слово ")) << snippet;
  EXPECT_TRUE(snippet.ends_with("…"));
}

TEST(EscapeHtml, LeavesNoMarkup) { EXPECT_EQ(escape_html("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;"); }

}  // namespace
}  // namespace tablinum::search::test
