#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tablinum/tree/charts/chart.h"

namespace tablinum::tree::charts {
namespace {

using namespace kinship;

/// A tree of random families: anybody may marry anybody, and children are younger (of higher n) than their parents, so that descent has
/// no cycles but generations are as crooked as can be.
struct RandomTree {
  std::vector<Sex> sexes;
  std::vector<MemberRow> rows;
};
RandomTree random_tree(std::uint32_t people, std::uint32_t families) {
  RandomTree tree;
  tree.sexes.assign(people, Sex::unknown);
  for (std::uint32_t i = 0; i < families; ++i) {
    const auto family = static_cast<FamilyN>(tree.sexes.size());
    tree.sexes.push_back(Sex::absent);
    const auto partners = *rc::gen::inRange<std::uint16_t>(0, 3);
    PersonN youngest = 0;
    for (std::uint16_t ord = 0; ord < partners; ++ord) {
      const PersonN partner = *rc::gen::inRange<PersonN>(0, people);
      youngest = std::max(youngest, partner);
      tree.rows.push_back({family, partner, ord, Role::partner});
    }
    const auto children = *rc::gen::inRange<std::uint16_t>(0, 5);
    for (std::uint16_t ord = 0; ord < children && youngest + 1 < people; ++ord)
      tree.rows.push_back({family, *rc::gen::inRange<PersonN>(youngest + 1, people), ord, Role::child});
  }
  return tree;
}
Graph random_graph() {
  const auto people = *rc::gen::inRange<std::uint32_t>(1, 40);
  const RandomTree tree = random_tree(people, *rc::gen::inRange<std::uint32_t>(0, people));
  return build_graph(tree.sexes, tree.rows).value().graph;
}

bool overlap(const Box& a, const Box& b) {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
bool is_on_edge(const Box& box, const Point& point) {
  const bool across = point.x >= box.x - 1e-6 && point.x <= box.x + box.w + 1e-6;
  const bool along = point.y >= box.y - 1e-6 && point.y <= box.y + box.h + 1e-6;
  const bool side = std::abs(point.x - box.x) < 1e-6 || std::abs(point.x - box.x - box.w) < 1e-6;
  const bool end = std::abs(point.y - box.y) < 1e-6 || std::abs(point.y - box.y - box.h) < 1e-6;
  return (side && along) || (end && across);
}
std::span<const Point> points_of(const Chart& chart, const Link& link) {
  return std::span{chart.points}.subspan(link.first_point, link.point_count);
}

RC_GTEST_PROP(Relatives, BoxesNeverOverlapAndLieWithinTheChart, ()) {
  const Graph graph = random_graph();
  const Chart chart = layout(graph, Kind::everyone, 0).value();
  for (std::size_t i = 0; i < chart.boxes.size(); ++i) {
    const Box& box = chart.boxes[i];
    RC_ASSERT(box.x >= kMargin - 1e-6 && box.y >= kMargin - 1e-6);
    RC_ASSERT(box.x + box.w <= chart.width - kMargin + 1e-6 && box.y + box.h <= chart.height - kMargin + 1e-6);
    for (std::size_t j = 0; j < i; ++j) RC_ASSERT(!overlap(box, chart.boxes[j]));
  }
}

RC_GTEST_PROP(Relatives, EverybodyIsDrawnOnceAndEveryFamilyIsJoined, ()) {
  const Graph graph = random_graph();
  const Chart chart = layout(graph, Kind::everyone, 0).value();
  std::map<PersonN, std::uint32_t> box_of;
  for (std::uint32_t i = 0; i < chart.boxes.size(); ++i) RC_ASSERT(box_of.emplace(chart.boxes[i].person, i).second);
  RC_ASSERT(box_of.size() == graph.person_count());
  std::set<std::pair<FamilyN, std::uint32_t>> children, unions;
  for (const Link& link : chart.links) {
    auto& into = link.kind == LinkKind::descent ? children : unions;
    RC_ASSERT(into.emplace(link.family, link.kind == LinkKind::descent ? link.to : 0).second);
  }
  for (FamilyN family = 0; family < graph.node_count(); ++family) {
    if (graph.is_person(family)) continue;
    const auto [father, mother] = graph.partners(family);
    const auto all = graph.children(family);
    const std::size_t members = all.size() + (father != kNone) + (mother != kNone);
    RC_ASSERT(unions.contains({family, 0}) == (father != kNone && mother != kNone));
    for (const PersonN child : all) RC_ASSERT(children.contains({family, box_of.at(child)}) == (members > 1));
  }
}

RC_GTEST_PROP(Relatives, LinksEndAtTheirBoxesAndRunLevelOrUpright, ()) {
  const Chart chart = layout(random_graph(), Kind::everyone, 0).value();
  for (const Link& link : chart.links) {
    const auto points = points_of(chart, link);
    RC_ASSERT(points.size() >= 2);
    RC_ASSERT(is_on_edge(chart.boxes[link.to], points.back()));
    if (link.kind == LinkKind::union_) RC_ASSERT(is_on_edge(chart.boxes[link.from], points.front()));
    for (std::size_t i = 1; i < points.size(); ++i)
      RC_ASSERT(std::abs(points[i].x - points[i - 1].x) < 1e-6 || std::abs(points[i].y - points[i - 1].y) < 1e-6);
  }
}

/// Level pieces of two unions between rows: if they lay on one another, one could not tell whose child is whose.
RC_GTEST_PROP(Relatives, LinesOfDifferentUnionsNeverLieOnOneAnother, ()) {
  const Chart chart = layout(random_graph(), Kind::everyone, 0).value();
  struct Piece {
    double from, to, y;
    FamilyN family;
  };
  std::vector<Piece> pieces;
  for (const Link& link : chart.links) {
    const auto points = points_of(chart, link);
    for (std::size_t i = 1; i < points.size(); ++i) {
      if (std::abs(points[i].y - points[i - 1].y) > 1e-6 || points[i].x == points[i - 1].x) continue;
      pieces.push_back({std::min(points[i].x, points[i - 1].x), std::max(points[i].x, points[i - 1].x), points[i].y, link.family});
    }
  }
  for (const Piece& a : pieces)
    for (const Piece& b : pieces)
      RC_ASSERT(a.family == b.family || std::abs(a.y - b.y) > 1e-6 || a.to <= b.from + 1e-6 || b.to <= a.from + 1e-6);
}

RC_GTEST_PROP(Relatives, ChildrenStandBelowTheirParents, ()) {
  const Graph graph = random_graph();
  const Chart chart = layout(graph, Kind::everyone, 0).value();
  for (const Link& link : chart.links) {
    if (link.kind != LinkKind::descent || link.from == kNone) continue;
    for (const PersonN parent : graph.partners(link.family)) {
      const auto found = std::ranges::find(chart.boxes, parent, &Box::person);
      if (found != chart.boxes.end()) RC_ASSERT(found->generation > chart.boxes[link.to].generation);
    }
  }
}

RC_GTEST_PROP(Relatives, TheSameTreeGivesTheSameChart, ()) {
  const Graph graph = random_graph();
  const Chart a = layout(graph, Kind::relatives, 0).value(), b = layout(graph, Kind::relatives, 0).value();
  RC_ASSERT(a.points == b.points);
  for (std::size_t i = 0; i < a.boxes.size(); ++i) RC_ASSERT(a.boxes[i].x == b.boxes[i].x && a.boxes[i].y == b.boxes[i].y);
}

/// Grandparents, a couple with three children, of whom the second is married; nothing crooked.
Graph plain_family() {
  using enum Sex;
  const std::vector<Sex> sexes{male, female, absent, male, female, absent, female, male, female, male, absent};
  const std::vector<MemberRow> rows{{2, 0, 0, Role::partner}, {2, 1, 1, Role::partner}, {2, 3, 0, Role::child},
                                    {5, 3, 0, Role::partner}, {5, 4, 1, Role::partner}, {5, 6, 0, Role::child},
                                    {5, 7, 1, Role::child},   {5, 8, 2, Role::child},   {10, 7, 0, Role::partner},
                                    {10, 9, 1, Role::partner}};
  return build_graph(sexes, rows).value().graph;
}
const Box& box_of(const Chart& chart, PersonN person) { return *std::ranges::find(chart.boxes, person, &Box::person); }

TEST(RelativesChart, PartnersStandBesideEachOtherAndSiblingsInTheirOrder) {
  const Chart chart = layout(plain_family(), Kind::relatives, 6).value();
  EXPECT_EQ(chart.boxes.size(), 8u);
  EXPECT_EQ(box_of(chart, 3).y, box_of(chart, 4).y);
  EXPECT_EQ(box_of(chart, 7).y, box_of(chart, 9).y);
  EXPECT_LT(box_of(chart, 6).x, box_of(chart, 7).x);
  EXPECT_LT(box_of(chart, 7).x, box_of(chart, 8).x);
  EXPECT_EQ(box_of(chart, 0).generation, 2);
  EXPECT_EQ(box_of(chart, 9).generation, 0);
}

TEST(RelativesChart, AnUncleWhoMarriesHisNieceStandsInHerRow) {
  using enum Sex;
  // 0 and 1 have 3 and 4; 3's daughter 6 marries 4.
  const std::vector<Sex> sexes{male, female, absent, male, male, absent, female, absent};
  const std::vector<MemberRow> rows{{2, 0, 0, Role::partner}, {2, 1, 1, Role::partner}, {2, 3, 0, Role::child}, {2, 4, 1, Role::child},
                                    {5, 3, 0, Role::partner}, {5, 6, 0, Role::child},   {7, 4, 0, Role::partner}, {7, 6, 1, Role::partner}};
  const Chart chart = layout(build_graph(sexes, rows).value().graph, Kind::relatives, 0).value();
  EXPECT_EQ(box_of(chart, 4).generation, box_of(chart, 6).generation);
  EXPECT_EQ(box_of(chart, 4).generation, -2);
}

TEST(RelativesChart, AManWhoMarriesHisGranddaughterStandsAboveHer) {
  using enum Sex;
  const std::vector<Sex> sexes{male, absent, male, absent, female, absent};
  const std::vector<MemberRow> rows{{1, 0, 0, Role::partner}, {1, 2, 0, Role::child},   {3, 2, 0, Role::partner},
                                    {3, 4, 0, Role::child},   {5, 0, 0, Role::partner}, {5, 4, 1, Role::partner}};
  const Chart chart = layout(build_graph(sexes, rows).value().graph, Kind::relatives, 0).value();
  EXPECT_EQ(box_of(chart, 2).generation, -1);
  EXPECT_EQ(box_of(chart, 4).generation, -2);
}

TEST(RelativesChart, TheNearestComeFirstWhereThereIsNoRoomForAll) {
  Options options;
  options.boxes_max = 3;
  const Chart chart = layout(plain_family(), Kind::relatives, 6, options).value();
  EXPECT_TRUE(chart.truncated);
  std::set<PersonN> people;
  for (const Box& box : chart.boxes) people.insert(box.person);
  EXPECT_EQ(people, (std::set<PersonN>{3, 4, 6}));
  EXPECT_EQ(box_of(chart, 3).hidden_parents, 2u);
  EXPECT_EQ(box_of(chart, 3).hidden_children, 2u);
}

TEST(RelativesChart, AHugeFamilyAndALongLineAreNoTrouble) {
  std::vector<Sex> sexes{Sex::male, Sex::absent};
  std::vector<MemberRow> rows{{1, 0, 0, Role::partner}};
  for (std::uint16_t i = 0; i < 5'000; ++i) {
    rows.push_back({1, static_cast<PersonN>(sexes.size()), i, Role::child});
    sexes.push_back(Sex::unknown);
  }
  auto last = static_cast<PersonN>(sexes.size() - 1);
  for (int i = 0; i < 4'000; ++i) {
    const auto family = static_cast<FamilyN>(sexes.size());
    rows.push_back({family, last, 0, Role::partner});
    rows.push_back({family, last = family + 1, 0, Role::child});
    sexes.push_back(Sex::absent);
    sexes.push_back(Sex::unknown);
  }
  // Who is at the end of the line marries a man of the first row: the longest of long edges.
  const auto family = static_cast<FamilyN>(sexes.size());
  sexes.push_back(Sex::absent);
  rows.push_back({family, 2, 0, Role::partner});
  rows.push_back({family, last, 1, Role::partner});
  const Chart chart = layout(build_graph(sexes, rows).value().graph, Kind::relatives, 0).value();
  EXPECT_EQ(chart.boxes.size(), 9'001u);
  EXPECT_EQ(box_of(chart, last).generation, -4'001);
}

// ---- path

TEST(PathChart, CousinsMeetAtTheirGrandparents) {
  using enum Sex;
  // 0 and 1 have 3 and 4, who have 6 and 8.
  const std::vector<Sex> sexes{male, female, absent, male, female, absent, female, absent, male};
  const std::vector<MemberRow> rows{{2, 0, 0, Role::partner}, {2, 1, 1, Role::partner}, {2, 3, 0, Role::child}, {2, 4, 1, Role::child},
                                    {5, 3, 0, Role::partner}, {5, 6, 0, Role::child},   {7, 4, 1, Role::partner}, {7, 8, 0, Role::child}};
  const Graph graph = build_graph(sexes, rows).value().graph;
  Options options;
  options.other = 8;
  const Chart chart = layout(graph, Kind::path, 6, options).value();
  ASSERT_EQ(chart.boxes.size(), 6u);
  EXPECT_EQ(chart.boxes[0].person, 6u);
  EXPECT_EQ(chart.boxes.back().person, 8u);
  EXPECT_EQ(box_of(chart, 0).generation, 2);
  EXPECT_EQ(box_of(chart, 1).generation, 2);
  EXPECT_EQ(box_of(chart, 8).generation, 0);
  EXPECT_EQ(std::ranges::count(chart.links, LinkKind::union_, &Link::kind), 1);
  EXPECT_EQ(std::ranges::count(chart.links, LinkKind::descent, &Link::kind), 4);
}

RC_GTEST_PROP(PathChart, GoesFromOneToTheOtherWithoutOverlaps, ()) {
  const Graph graph = random_graph();
  std::vector<PersonN> people;
  for (PersonN n = 0; n < graph.node_count(); ++n)
    if (graph.is_person(n)) people.push_back(n);
  Options options;
  options.other = *rc::gen::elementOf(people);
  const PersonN from = *rc::gen::elementOf(people);
  const Chart chart = layout(graph, Kind::path, from, options).value();
  RC_ASSERT(chart.boxes.front().person == from);
  RC_ASSERT(chart.boxes.back().person == options.other);
  for (std::size_t i = 0; i < chart.boxes.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) RC_ASSERT(!overlap(chart.boxes[i], chart.boxes[j]));
  for (const Link& link : chart.links) RC_ASSERT(is_on_edge(chart.boxes[link.to], points_of(chart, link).back()));
}

TEST(PathChart, NeedsSomebodyToLeadTo) {
  EXPECT_EQ(layout(plain_family(), Kind::path, 0).error().code, Code::invalid);
}

// ---- timeline

RC_GTEST_PROP(Timeline, LivesNeverOverlapInARowAndRowsAreAsFewAsCanBe, ()) {
  const Graph graph = random_graph();
  std::map<PersonN, Lifetime> lives;
  for (PersonN n = 0; n < graph.node_count(); ++n) {
    const double begin = *rc::gen::inRange(1500, 1900);
    lives[n] = {.begin = begin, .end = begin + 60};  // longer than a box is wide, so that only lives decide
  }
  Options options;
  options.up = options.down = 10;
  options.lifetime = [&](PersonN n) { return lives.at(n); };
  const Chart chart = layout(graph, Kind::timeline, 0, options).value();
  std::set<double> rows;
  for (std::size_t i = 0; i < chart.boxes.size(); ++i) {
    rows.insert(chart.boxes[i].y);
    for (std::size_t j = 0; j < i; ++j)
      RC_ASSERT(chart.boxes[i].y != chart.boxes[j].y || chart.spans[i].to < chart.spans[j].from || chart.spans[j].to < chart.spans[i].from);
  }
  // As many rows as lives stand side by side somewhere, the gap between them counted.
  std::size_t most = 0;
  for (const Span& at : chart.spans) {
    most = std::max<std::size_t>(
        most, std::ranges::count_if(chart.spans, [&](const Span& span) { return span.from <= at.from && at.from < span.to + 16; }));
  }
  RC_ASSERT(rows.size() == most);
}

TEST(TimelineChart, ShowsWhatIsKnownAndNothingElse) {
  Options options;
  options.lifetime = [](PersonN n) -> Lifetime {
    if (n == 6) return {.begin = 1950.5, .end = 2020.0, .open = true};
    if (n == 3) return {.end = 1970.0};
    if (n == 4) return {.begin = 1925.0};
    return {};
  };
  const Chart chart = layout(plain_family(), Kind::timeline, 6, options).value();
  const auto span_of = [&](PersonN n) {
    return chart.spans[static_cast<std::size_t>(std::ranges::find(chart.boxes, n, &Box::person) - chart.boxes.begin())];
  };
  EXPECT_TRUE(span_of(6).open_to);
  EXPECT_FALSE(span_of(6).open_from);
  EXPECT_TRUE(span_of(3).open_from);
  EXPECT_TRUE(span_of(4).open_to);
  EXPECT_EQ(span_of(0).from, span_of(0).to);
  const double year = (span_of(6).to - span_of(6).from) / 69.5;
  EXPECT_NEAR(span_of(6).from - span_of(4).from, 25.5 * year, 1e-6);
  // 1950 is where its tick stands.
  const auto tick = std::ranges::find(chart.ticks, 1950, &Tick::year);
  ASSERT_NE(tick, chart.ticks.end());
  EXPECT_NEAR(span_of(6).from - tick->x, 0.5 * year, 1e-6);
}

TEST(TimelineChart, NeedsLifetimes) { EXPECT_EQ(layout(plain_family(), Kind::timeline, 0).error().code, Code::invalid); }

}  // namespace
}  // namespace tablinum::tree::charts
