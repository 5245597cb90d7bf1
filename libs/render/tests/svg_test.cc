#include "tablinum/render/svg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "sample_charts.h"
#include "svg_text.h"
#include "text.h"

namespace tablinum::render {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace tree::kinship;
using tree::charts::Chart;
using tree::charts::Kind;

PersonLabel plain_label(PersonN person) { return {"Person " + std::to_string(person), {"1900 to 1970", "Umtali"}, {}, {}}; }
ChartLabels labels_with(PersonLabel label) {
  return {[label](PersonN) { return label; }, {}};
}
std::string drawn(const ChartLabels& labels, const SvgOptions& options = {}) {
  return svg(family_chart(), labels, options).value();
}

TEST(Svg, EveryPersonHasATitleAndADescription) {
  const std::string text = drawn({plain_label, {}});
  EXPECT_TRUE(is_well_formed(text));
  EXPECT_EQ(count(text, "<title>Person "), 4u);
  EXPECT_THAT(text, HasSubstr("<desc>Person 3, 1900 to 1970, Umtali</desc>"));
}

TEST(Svg, StandsAloneWithoutScriptOrResources) {
  PersonLabel label = plain_label(0);
  label.href = "https://example.org/p/1";
  std::string text = drawn(labels_with(label), {.title = "Family"});
  EXPECT_THAT(text, testing::StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  for (const char* foreign : {"<script", "<image", "<use", "@import", "url(", "xlink", "<!DOCTYPE", "<foreignObject", " on"})
    EXPECT_THAT(text, Not(HasSubstr(foreign)));
}

TEST(Svg, FollowsTheReadersThemeUnlessOneIsChosen) {
  const ChartLabels labels{plain_label, {}};
  EXPECT_THAT(drawn(labels), HasSubstr("prefers-color-scheme:dark"));
  const std::string light = drawn(labels, {.theme = Theme::light}), dark = drawn(labels, {.theme = Theme::dark});
  EXPECT_THAT(light, Not(HasSubstr("prefers-color-scheme")));
  EXPECT_THAT(dark, Not(HasSubstr("prefers-color-scheme")));
  EXPECT_NE(light, dark);
}

TEST(Svg, WritesTheMarriageOnItsLine) {
  const ChartLabels labels{plain_label, [](FamilyN family) { return UnionLabel{family == 2 ? "12 May 1925" : "wrong"}; }};
  EXPECT_EQ(count(drawn(labels), ">12 May 1925</text>"), 1u);
}

TEST(Svg, LinesThatAreNotOfBirthAreDashed) { EXPECT_EQ(count(drawn({plain_label, {}}), R"(class="line other")"), 1u); }

TEST(Svg, SaysWhatIsHiddenAndWhatIsDrawnElsewhere) {
  Chart chart = family_chart({.down = 0});
  EXPECT_THAT(svg(chart, {plain_label, {}}, {.hidden = "und {n} mehr"}).value(), HasSubstr(">und 2 mehr</text>"));
  chart.boxes[1].same_as = 0;
  EXPECT_THAT(svg(chart, {plain_label, {}}).value(), HasSubstr(">see above</text>"));
}

TEST(Svg, NeedsLabels) { EXPECT_EQ(svg(family_chart(), {}).error().code, Code::invalid); }

TEST(Svg, HasALimit) {
  PersonLabel label = plain_label(0);
  label.description.assign(kSvgBytesMax / 2, 'x');
  EXPECT_EQ(svg(family_chart(), labels_with(label)).error().code, Code::too_large);
}

TEST(Svg, LongLinesAreCutToTheirBox) {
  const std::string text = drawn(labels_with({std::string(500, 'm'), {}, "short", {}}));
  EXPECT_THAT(text, HasSubstr("mmm…</text>"));
  EXPECT_THAT(text, HasSubstr("<title>" + std::string(500, 'm') + "</title>"));
}

RC_GTEST_PROP(Svg, AnyTextGivesWellFormedXml, (const std::string& name, const std::string& line, const std::string& href)) {
  const SvgOptions options{.title = line, .language = name, .see_above = name, .hidden = line};
  const ChartLabels labels{[&](PersonN) { return PersonLabel{name, {line}, line, href}; },
                           [&](FamilyN) { return UnionLabel{name}; }};
  RC_ASSERT(is_well_formed(drawn(labels, options)));
}

struct TextCase {
  const char* name;
  std::string_view input;
  std::string_view output;
};
class Escaping : public testing::TestWithParam<TextCase> {};
TEST_P(Escaping, GivesWhatXmlMayHold) {
  std::string out;
  append_escaped(out, GetParam().input);
  EXPECT_EQ(out, GetParam().output);
}
using namespace std::string_view_literals;
INSTANTIATE_TEST_SUITE_P(
    Cases, Escaping,
    testing::Values(TextCase{"markup", "<a b=\"c\">&'", "&lt;a b=&quot;c&quot;&gt;&amp;&#39;"},
                    TextCase{"letters_of_many_bytes", "é א 王 𐐷", "é א 王 𐐷"}, TextCase{"tab_and_line", "a\tb\n", "a\tb\n"},
                    TextCase{"nul", "a\0b"sv,
                             "a\xEF\xBF\xBD"
                             "b"},
                    TextCase{"control", "\x1B[0m", "\xEF\xBF\xBD[0m"}, TextCase{"lone_continuation", "\x80", "\xEF\xBF\xBD"},
                    TextCase{"cut_off", "\xE2\x82", "\xEF\xBF\xBD\xEF\xBF\xBD"},
                    TextCase{"overlong", "\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},
                    TextCase{"overlong_three", "\xE0\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
                    TextCase{"surrogate", "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
                    TextCase{"over_10ffff", "\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
                    TextCase{"no_character_ffff", "\xEF\xBF\xBF", "\xEF\xBF\xBD"}),
    [](const auto& row) { return std::string{row.param.name}; });

struct LinkCase {
  std::string_view href;
  bool harmless;
};
class Links : public testing::TestWithParam<LinkCase> {};
TEST_P(Links, AreKeptOnlyIfHarmless) {
  EXPECT_EQ(is_harmless_link(GetParam().href), GetParam().harmless);
  EXPECT_EQ(count(drawn(labels_with({"x", {}, {}, std::string{GetParam().href}})), "<a "), GetParam().harmless ? 4u : 0u);
}
INSTANTIATE_TEST_SUITE_P(Cases, Links,
                         testing::Values(LinkCase{"/persons/1", true}, LinkCase{"persons/1?a=b:c", true},
                                         LinkCase{"https://example.org/", true}, LinkCase{"http://example.org/", true},
                                         LinkCase{"#top", true}, LinkCase{"", false}, LinkCase{"javascript:alert(1)", false},
                                         LinkCase{"java\tscript:alert(1)", false}, LinkCase{" javascript:alert(1)", false},
                                         LinkCase{"data:text/html,x", false}, LinkCase{"//example.org", false},
                                         LinkCase{"/\\example.org", false}, LinkCase{"\\\\example.org", false}));

TEST(Text, IsShortenedByCharactersNotBytes) {
  EXPECT_EQ(shortened("ééé", 3), "ééé");
  EXPECT_EQ(shortened("éééé", 3), "éé…");
  EXPECT_EQ(shortened("", 0), "");
  EXPECT_EQ(shortened("ab", 1), "…");
}

TEST(Text, NumbersAreShort) {
  const auto text = [](double value) {
    std::string out;
    append_number(out, value);
    return out;
  };
  EXPECT_EQ(text(12), "12");
  EXPECT_EQ(text(0.5), "0.5");
  EXPECT_EQ(text(1.0 / 3), "0.33");
  EXPECT_EQ(text(-0.001), "0");
  EXPECT_EQ(text(12'345'678.25), "12345678.25");
}

TEST(SvgFan, HasASectorATitleAndAYearForEveryoneAndEveryCouple) {
  const Chart chart = fan_chart(6);
  const ChartLabels labels{plain_label, [](FamilyN) { return UnionLabel{"1921"}; }};
  const std::string text = svg(chart, labels).value();
  EXPECT_TRUE(is_well_formed(text));
  EXPECT_EQ(count(text, "<title>"), chart.boxes.size());
  EXPECT_EQ(count(text, "<path class=\"box\""), chart.boxes.size() - 1);
  EXPECT_EQ(count(text, "<circle class=\"box root\""), 1u);
  EXPECT_EQ(count(text, ">1921</text>"), 63u);
  EXPECT_THAT(text, HasSubstr("<textPath"));
}

TEST(SvgFan, EveryPathOfWordsIsThereOnce) {
  const std::string text = svg(fan_chart(6), {plain_label, {}}).value();
  const std::size_t paths = count(text, "<path class=\"arc\"");
  EXPECT_GT(paths, 10u);
  EXPECT_EQ(count(text, "<textPath"), paths);
  std::set<std::string> ids;
  for (std::size_t at = text.find(" id=\""); at != text.npos; at = text.find(" id=\"", at + 1))
    EXPECT_TRUE(ids.insert(text.substr(at, text.find('"', at + 5) - at)).second);
  EXPECT_EQ(ids.size(), paths);
}

TEST(SvgFan, HostileNamesStayText) {
  const std::string text = svg(fan_chart(6), labels_with({"<script>alert(1)</script>\" onload=\"x", {"&\x01"}, {}, "javascript:alert(1)"})).value();
  EXPECT_TRUE(is_well_formed(text));
  EXPECT_THAT(text, Not(HasSubstr("<script")));
  EXPECT_THAT(text, Not(HasSubstr("javascript:")));
}

}  // namespace
}  // namespace tablinum::render
