#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "kinship_sample.h"
#include "tablinum/tree/charts/chart.h"

namespace tablinum::tree::charts {
namespace {

using kinship::Graph;
using kinship::Sample;
using kinship::Sex;
using testing::ElementsAre;

struct Family {
  Sample sample;
  PersonN grandfather = sample.man(), grandmother = sample.woman(), father = sample.man(), mother = sample.woman();
  PersonN me = sample.man(), sister = sample.woman(), first_wife = sample.woman(), second_wife = sample.woman();
  PersonN son = sample.man(), daughter = sample.woman();
  FamilyN old = sample.family({grandfather, grandmother}, {father});
  FamilyN parents = sample.family({father, mother}, {me, sister});
  FamilyN first = sample.family({me, first_wife}, {son});
  FamilyN second = sample.family({me, second_wife}, {daughter}, Pedigree::adopted);
  Graph graph = sample.graph();
};

std::vector<PersonN> drawn(const Chart& chart) {
  std::vector<PersonN> people;
  for (const Box& box : chart.boxes) people.push_back(box.person);
  return people;
}

const Box& box_of(const Chart& chart, PersonN person) { return *std::ranges::find(chart.boxes, person, &Box::person); }

TEST(ChartsLayout, APedigreeShowsAncestorsOnly) {
  const Family family;
  const Chart chart = layout(family.graph, Kind::pedigree, family.me).value();
  EXPECT_THAT(drawn(chart), ElementsAre(family.me, family.father, family.mother, family.grandfather, family.grandmother));
  EXPECT_EQ(box_of(chart, family.mother).role, BoxRole::mother);
  EXPECT_EQ(box_of(chart, family.grandfather).generation, 2);
  EXPECT_LT(box_of(chart, family.father).x, box_of(chart, family.mother).x);
  EXPECT_LT(box_of(chart, family.father).y, box_of(chart, family.me).y);
}

TEST(ChartsLayout, DescendantsStandBesideTheirPartners) {
  const Family family;
  const Chart chart = layout(family.graph, Kind::descendants, family.me).value();
  EXPECT_THAT(drawn(chart), ElementsAre(family.me, family.first_wife, family.second_wife, family.son, family.daughter));
  EXPECT_EQ(box_of(chart, family.first_wife).y, box_of(chart, family.me).y);
  EXPECT_EQ(box_of(chart, family.second_wife).family, family.second);
  EXPECT_EQ(box_of(chart, family.daughter).pedigree, Pedigree::adopted);
  EXPECT_EQ(box_of(chart, family.daughter).ordinal, 2u);
}

TEST(ChartsLayout, AnHourglassIsBothAroundOneRoot) {
  const Family family;
  const Chart chart = layout(family.graph, Kind::hourglass, family.me, {.up = 1, .down = 1}).value();
  EXPECT_EQ(chart.boxes.size(), 7u);
  const Box& root = chart.boxes[0];
  EXPECT_LT(box_of(chart, family.father).y + box_of(chart, family.father).h, root.y);
  EXPECT_GT(box_of(chart, family.son).y, root.y + root.h);
  const double parents_middle = (box_of(chart, family.father).x + box_of(chart, family.mother).x + root.w) / 2;
  EXPECT_DOUBLE_EQ(parents_middle, root.x + root.w / 2);
}

TEST(ChartsLayout, WhatIsNotDrawnIsCounted) {
  const Family family;
  const Chart up = layout(family.graph, Kind::pedigree, family.me, {.up = 1}).value();
  EXPECT_EQ(up.boxes[0].hidden_partners, 2u);
  EXPECT_EQ(up.boxes[0].hidden_children, 2u);
  EXPECT_EQ(box_of(up, family.father).hidden_parents, 2u);
  EXPECT_EQ(box_of(up, family.father).hidden_children, 1u);  // the sister
  const Chart down = layout(family.graph, Kind::descendants, family.grandfather, {.down = 1, .partners = false}).value();
  EXPECT_EQ(box_of(down, family.father).hidden_children, 2u);
  EXPECT_EQ(box_of(down, family.father).hidden_partners, 1u);
  EXPECT_EQ(box_of(layout(family.graph, Kind::descendants, family.me).value(), family.me).hidden_parents, 2u);
}

TEST(ChartsLayout, BranchesMayBeFoldedAway) {
  const Family family;
  const Chart chart =
      layout(family.graph, Kind::hourglass, family.me, {.hidden_above = {family.father}, .hidden_below = {family.me}}).value();
  EXPECT_EQ(box_of(chart, family.father).hidden_parents, 2u);
  EXPECT_EQ(chart.boxes[0].hidden_children, 2u);
  EXPECT_EQ(chart.boxes.size(), 5u);
}

TEST(ChartsLayout, AnAncestorReachedTwiceIsDrawnOnceAndReferredTo) {
  Family family;
  const auto child = family.sample.man();
  const auto half_sister = family.sample.woman();
  family.sample.family({family.father}, {half_sister});
  family.sample.family({family.me, half_sister}, {child});
  const Chart chart = layout(family.sample.graph(), Kind::pedigree, child, {.up = 9}).value();
  EXPECT_EQ(std::ranges::count(drawn(chart), family.father), 2);
  EXPECT_EQ(std::ranges::count(drawn(chart), family.grandfather), 1);
  const Box& reference = chart.boxes[5];
  EXPECT_EQ(reference.person, family.father);
  EXPECT_EQ(chart.boxes[reference.same_as].person, family.father);
}

TEST(ChartsLayout, CousinsWhoMarryShareTheirChildren) {
  Sample sample;
  const auto old = sample.man(), a = sample.man(), b = sample.woman(), child = sample.man();
  sample.family({old}, {a, b});
  sample.family({a, b}, {child});
  const Chart chart = layout(sample.graph(), Kind::descendants, old).value();
  EXPECT_EQ(std::ranges::count(drawn(chart), child), 1);
  for (const Box& box : chart.boxes) EXPECT_EQ(box.same_as != kNone, box.role == BoxRole::partner) << "person " << box.person;
}

TEST(ChartsLayout, LinksCarryTheirFamilyAndPedigree) {
  const Family family;
  const Chart chart = layout(family.graph, Kind::descendants, family.me).value();
  std::vector<FamilyN> unions;
  for (const Link& link : chart.links)
    if (link.kind == LinkKind::union_) unions.push_back(link.family);
  EXPECT_THAT(unions, ElementsAre(family.first, family.second));
  EXPECT_EQ(std::ranges::count(chart.links, Pedigree::adopted, &Link::pedigree), 1);
}

struct RefusalCase {
  const char* name;
  Options options;
  std::optional<Code> code;
};
class Limits : public testing::TestWithParam<RefusalCase> {};
TEST_P(Limits, AreKept) {
  const Family family;
  const auto chart = layout(family.graph, Kind::hourglass, family.me, GetParam().options);
  EXPECT_EQ(chart ? std::nullopt : std::optional{chart.error().code}, GetParam().code);
}
INSTANTIATE_TEST_SUITE_P(Cases, Limits,
                         testing::Values(RefusalCase{"up_at_limit", {.up = kGenerationsMax}, {}},
                                         RefusalCase{"up_over_limit", {.up = kGenerationsMax + 1}, Code::invalid},
                                         RefusalCase{"down_at_limit", {.down = kGenerationsMax}, {}},
                                         RefusalCase{"down_over_limit", {.down = kGenerationsMax + 1}, Code::invalid},
                                         RefusalCase{"boxes_at_limit", {.boxes_max = kBoxesMax}, {}},
                                         RefusalCase{"boxes_over_limit", {.boxes_max = kBoxesMax + 1}, Code::invalid},
                                         RefusalCase{"no_box", {.boxes_max = 0}, Code::invalid}),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(ChartsLayout, UnknownPeopleAreNotFound) {
  const Family family;
  EXPECT_EQ(layout(family.graph, Kind::pedigree, family.old).error().code, Code::not_found);
  EXPECT_EQ(layout(family.graph, Kind::pedigree, 999).error().code, Code::not_found);
}

TEST(ChartsLayout, BoxesHaveALimitAndTheRestIsCounted) {
  const Family family;
  const Chart chart = layout(family.graph, Kind::descendants, family.me, {.boxes_max = 4}).value();
  EXPECT_TRUE(chart.truncated);
  EXPECT_EQ(chart.boxes.size(), 4u);
  EXPECT_EQ(chart.boxes[0].hidden_children, 1u);
  EXPECT_FALSE(layout(family.graph, Kind::descendants, family.me, {.boxes_max = 5}).value().truncated);
}

// --- laws that hold for any chart ---

Chart random_chart() {
  const Graph graph = kinship::random_sample(40).graph();
  Options options{.up = *rc::gen::inRange(0u, 6u), .down = *rc::gen::inRange(0u, 6u)};
  options.orientation = *rc::gen::element(Orientation::down, Orientation::up, Orientation::left, Orientation::right);
  options.partners = *rc::gen::inRange(0, 3) > 0;
  options.size_class = [](PersonN n) { return static_cast<SizeClass>(n % kSizeClasses); };
  const auto kind = *rc::gen::element(Kind::pedigree, Kind::descendants, Kind::hourglass);
  return layout(graph, kind, *rc::gen::elementOf(kinship::people_of(graph)), options).value();
}

bool overlap(const Box& a, const Box& b) {
  constexpr double kTouch = 1e-6;
  return a.x + a.w > b.x + kTouch && b.x + b.w > a.x + kTouch && a.y + a.h > b.y + kTouch && b.y + b.h > a.y + kTouch;
}

RC_GTEST_PROP(ChartsLayout, NoTwoBoxesOverlap, ()) {
  const Chart chart = random_chart();
  for (std::size_t i = 0; i < chart.boxes.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) RC_ASSERT(!overlap(chart.boxes[i], chart.boxes[j]));
}

RC_GTEST_PROP(ChartsLayout, EverythingLiesWithinTheMargin, ()) {
  constexpr double kRounding = 1e-6;
  const Chart chart = random_chart();
  for (const Box& box : chart.boxes) {
    RC_ASSERT(box.x >= kMargin - kRounding && box.x + box.w <= chart.width - kMargin + kRounding);
    RC_ASSERT(box.y >= kMargin - kRounding && box.y + box.h <= chart.height - kMargin + kRounding);
  }
  for (const Point& point : chart.points) {
    RC_ASSERT(point.x >= kMargin - kRounding && point.x <= chart.width - kMargin + kRounding);
    RC_ASSERT(point.y >= kMargin - kRounding && point.y <= chart.height - kMargin + kRounding);
  }
}

bool touches(const Point& point, const Box& box) {
  constexpr double kRounding = 1e-6;
  const bool inside = point.x >= box.x - kRounding && point.x <= box.x + box.w + kRounding && point.y >= box.y - kRounding &&
                      point.y <= box.y + box.h + kRounding;
  const bool at_side = std::abs(point.x - box.x) < kRounding || std::abs(point.x - box.x - box.w) < kRounding ||
                       std::abs(point.y - box.y) < kRounding || std::abs(point.y - box.y - box.h) < kRounding;
  return inside && at_side;
}

RC_GTEST_PROP(ChartsLayout, LinksEndAtTheirBoxesAndRunStraight, ()) {
  const Chart chart = random_chart();
  for (const Link& link : chart.links) {
    const auto points = std::span{chart.points}.subspan(link.first_point, link.point_count);
    RC_ASSERT(points.size() >= 2u);
    RC_ASSERT(touches(points.back(), chart.boxes[link.to]));
    if (link.kind == LinkKind::union_) RC_ASSERT(touches(points.front(), chart.boxes[link.from]));
    for (std::size_t i = 1; i < points.size(); ++i) RC_ASSERT(points[i].x == points[i - 1].x || points[i].y == points[i - 1].y);
  }
}

RC_GTEST_PROP(ChartsLayout, ReferencesPointToTheSamePersonInFull, ()) {
  const Chart chart = random_chart();
  for (const Box& box : chart.boxes) {
    if (box.same_as == kNone) continue;
    RC_ASSERT(chart.boxes[box.same_as].person == box.person);
    RC_ASSERT(chart.boxes[box.same_as].same_as == kNone);
  }
}

RC_GTEST_PROP(ChartsLayout, TheOutlineHoldsEveryBoxOnceBelowTheOneItHangsFrom, ()) {
  const Chart chart = random_chart();
  const auto rows = outline(chart);
  RC_ASSERT(rows.size() == chart.boxes.size());
  std::vector<std::uint32_t> levels(chart.boxes.size(), kNone);
  for (const OutlineRow& row : rows) {
    RC_ASSERT(levels[row.box] == kNone);
    levels[row.box] = row.level;
    const std::uint32_t above = chart.boxes[row.box].hangs_from;
    RC_ASSERT(row.level == (above == kNone ? 0 : levels[above] + 1));
  }
}

TEST(ChartsLayout, TheOutlineNumbersAncestorsAndDescendants) {
  const Family family;
  const Chart chart = layout(family.graph, Kind::hourglass, family.me).value();
  std::vector<std::pair<PersonN, std::string>> rows;
  for (const OutlineRow& row : outline(chart)) rows.emplace_back(chart.boxes[row.box].person, row.number);
  using Row = std::pair<PersonN, std::string>;
  EXPECT_THAT(rows, ElementsAre(Row{family.me, "1"}, Row{family.father, "2"}, Row{family.grandfather, "4"},
                                Row{family.grandmother, "5"}, Row{family.mother, "3"}, Row{family.first_wife, ""},
                                Row{family.son, "1.1"}, Row{family.second_wife, ""}, Row{family.daughter, "1.2"}));
}

// --- golden files: a change of them is a change of every chart, seen in review ---

std::string written(const Chart& chart) {
  std::ostringstream out;
  out << "size " << chart.width << ' ' << chart.height << '\n';
  for (const Box& box : chart.boxes)
    out << "box " << box.person << ' ' << box.x << ' ' << box.y << ' ' << box.w << ' ' << box.h << '\n';
  for (const Link& link : chart.links) {
    out << (link.kind == LinkKind::union_ ? "union " : "descent ") << link.family;
    for (std::uint32_t i = 0; i < link.point_count; ++i)
      out << ' ' << chart.points[link.first_point + i].x << ',' << chart.points[link.first_point + i].y;
    out << '\n';
  }
  return out.str();
}

class Golden : public testing::TestWithParam<std::pair<const char*, Kind>> {};
TEST_P(Golden, LayoutStaysAsItIs) {
  const Family family;
  std::ifstream file{std::string{TABLINUM_TEST_DATA} + "/charts/" + GetParam().first + ".txt"};
  std::stringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(written(layout(family.graph, GetParam().second, family.me).value()), expected.str());
}
INSTANTIATE_TEST_SUITE_P(Kinds, Golden,
                         testing::Values(std::pair{"pedigree", Kind::pedigree}, std::pair{"descendants", Kind::descendants},
                                         std::pair{"hourglass", Kind::hourglass}));

}  // namespace
}  // namespace tablinum::tree::charts
