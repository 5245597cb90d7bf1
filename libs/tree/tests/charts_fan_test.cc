/// The fan against the pedigree, which shows the same people, and the geometry of its sectors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <numbers>

#include "kinship_sample.h"
#include "tablinum/tree/charts/chart.h"

namespace tablinum::tree::charts {
namespace {

using kinship::Graph;
using kinship::Sample;

constexpr double kRounding = 1e-6;

struct Drawn {
  Graph graph;
  PersonN root = 0;
  Options options;
  Chart fan;
};

Drawn random_fan() {
  Drawn drawn{.graph = kinship::random_sample(40).graph(), .root = 0, .options = {}, .fan = {}};
  drawn.options.up = *rc::gen::inRange(0u, 9u);
  drawn.options.boxes_max = *rc::gen::element(kBoxesMax, 1u, 5u);
  drawn.root = *rc::gen::elementOf(kinship::people_of(drawn.graph));
  for (const PersonN person : kinship::people_of(drawn.graph))
    if (*rc::gen::inRange(0, 8) == 0) drawn.options.hidden_above.insert(person);
  drawn.fan = layout(drawn.graph, Kind::fan, drawn.root, drawn.options).value();
  return drawn;
}

Point on_circle(const Chart& chart, double degrees, double radius) {
  const double angle = degrees * std::numbers::pi / 180;
  return {chart.centre.x + radius * std::sin(angle), chart.centre.y - radius * std::cos(angle)};
}

RC_GTEST_PROP(ChartsFan, ShowsWhoThePedigreeShowsAndHidesWhatItHides, ()) {
  const Drawn drawn = random_fan();
  const Chart pedigree = layout(drawn.graph, Kind::pedigree, drawn.root, drawn.options).value();
  const auto facts = [](const Box& box) {
    return std::tuple{box.person,     box.generation, box.role,           box.hangs_from,      box.family,
                      box.pedigree,   box.same_as,    box.hidden_parents, box.hidden_children, box.hidden_partners};
  };
  RC_ASSERT(drawn.fan.boxes.size() == pedigree.boxes.size());
  RC_ASSERT(drawn.fan.truncated == pedigree.truncated);
  for (std::size_t i = 0; i < pedigree.boxes.size(); ++i) RC_ASSERT(facts(drawn.fan.boxes[i]) == facts(pedigree.boxes[i]));
}

RC_GTEST_PROP(ChartsFan, ParentsShareTheirChildsAngleWholeAndInOrder, ()) {
  const Chart fan = random_fan().fan;
  RC_ASSERT(fan.sectors.size() == fan.boxes.size());
  for (std::uint32_t child = 0; child < fan.boxes.size(); ++child) {
    double at = child == 0 ? -135 : fan.sectors[child].begin;
    std::size_t parents = 0;
    for (std::uint32_t box = child + 1; box < fan.boxes.size(); ++box) {
      if (fan.boxes[box].hangs_from != child) continue;
      const Sector& sector = fan.sectors[box];
      RC_ASSERT(sector.begin == at);
      RC_ASSERT(sector.end > sector.begin);
      RC_ASSERT(sector.inner == fan.sectors[child].outer);
      RC_ASSERT(sector.outer > sector.inner);
      at = sector.end;
      ++parents;
    }
    if (parents > 0) RC_ASSERT(at == (child == 0 ? 135 : fan.sectors[child].end));
  }
}

RC_GTEST_PROP(ChartsFan, NoTwoSectorsOverlap, ()) {
  const Chart fan = random_fan().fan;
  for (std::size_t i = 1; i < fan.boxes.size(); ++i) {
    for (std::size_t j = 1; j < i; ++j) {
      const Sector &a = fan.sectors[i], &b = fan.sectors[j];
      const bool same_ring = a.inner < b.outer && b.inner < a.outer;
      RC_ASSERT(!same_ring || a.begin >= b.end || b.begin >= a.end);
    }
  }
}

RC_GTEST_PROP(ChartsFan, EverySectorLiesInItsRectangleAndThatWithinTheMargin, ()) {
  const Chart fan = random_fan().fan;
  for (std::size_t i = 0; i < fan.boxes.size(); ++i) {
    const Box& box = fan.boxes[i];
    const Sector& sector = fan.sectors[i];
    RC_ASSERT(box.x >= kMargin - kRounding && box.x + box.w <= fan.width - kMargin + kRounding);
    RC_ASSERT(box.y >= kMargin - kRounding && box.y + box.h <= fan.height - kMargin + kRounding);
    for (const double part : {0.0, 0.25, 0.5, 0.75, 1.0}) {
      for (const double radius : {sector.inner, sector.outer}) {
        const Point point = on_circle(fan, sector.begin + (sector.end - sector.begin) * part, radius);
        RC_ASSERT(point.x >= box.x - kRounding && point.x <= box.x + box.w + kRounding);
        RC_ASSERT(point.y >= box.y - kRounding && point.y <= box.y + box.h + kRounding);
      }
    }
  }
}

RC_GTEST_PROP(ChartsFan, AUnionStandsWhereItsSectorsMeet, ()) {
  const Chart fan = random_fan().fan;
  std::size_t couples = 0;
  for (const Link& link : fan.links) {
    const Point& knot = fan.points[link.first_point];
    if (link.kind == LinkKind::descent) {
      RC_ASSERT(fan.boxes[link.from].hangs_from == link.to);
      RC_ASSERT(std::abs(std::hypot(knot.x - fan.centre.x, knot.y - fan.centre.y) - fan.sectors[link.to].outer) < kRounding);
      continue;
    }
    ++couples;
    RC_ASSERT(fan.boxes[link.from].role == BoxRole::father && fan.boxes[link.to].role == BoxRole::mother);
    const Point meeting = on_circle(fan, fan.sectors[link.to].begin, fan.sectors[link.to].inner);
    RC_ASSERT(std::hypot(knot.x - meeting.x, knot.y - meeting.y) < kRounding);
  }
  RC_ASSERT(couples == static_cast<std::size_t>(std::ranges::count_if(fan.boxes, [&](const Box& box) {
              return box.role == BoxRole::mother && (&box)[-1].role == BoxRole::father && (&box)[-1].hangs_from == box.hangs_from;
            })));
}

TEST(ChartsFan, TheKnownSideHasMoreRoomAndTheOtherOneDoesNotVanish) {
  Sample sample;
  const auto me = sample.man(), father = sample.man(), mother = sample.woman();
  sample.family({father, mother}, {me});
  auto eldest = father;
  for (int n = 0; n < 4; ++n) {
    const auto grandfather = sample.man(), grandmother = sample.woman();
    sample.family({grandfather, grandmother}, {eldest});
    eldest = grandfather;
  }
  const Graph graph = sample.graph();
  const Chart fan = layout(graph, Kind::fan, me, {.up = 5}).value();
  const auto width = [&](std::size_t box) { return fan.sectors[box].end - fan.sectors[box].begin; };
  EXPECT_GT(width(1), width(2));
  EXPECT_GE(width(2), 270.0 / 4);
  EXPECT_EQ(fan.boxes.back().generation, 5);
  EXPECT_GT(fan.sectors.back().outer - fan.sectors.back().inner, fan.sectors[1].outer - fan.sectors[1].inner);
}

TEST(ChartsFan, ALoneRootIsADisc) {
  Sample sample;
  const auto me = sample.man();
  const Graph graph = sample.graph();
  const Chart fan = layout(graph, Kind::fan, me).value();
  ASSERT_EQ(fan.boxes.size(), 1u);
  EXPECT_EQ(fan.width, 2 * (fan.sectors[0].outer + kMargin));
  EXPECT_EQ(fan.height, fan.width);
  EXPECT_EQ(fan.centre, (Point{fan.width / 2, fan.height / 2}));
}

/// A line of a thousand generations: nothing recurses, and the rings only grow.
TEST(ChartsFan, ALongLineIsAsDeepAsItIs) {
  Sample sample;
  const auto me = sample.man();
  auto child = me;
  for (std::uint32_t n = 0; n < kGenerationsMax; ++n) {
    const auto father = sample.man();
    sample.family({father}, {child});
    child = father;
  }
  const Graph graph = sample.graph();
  const Chart fan = layout(graph, Kind::fan, me, {.up = kGenerationsMax}).value();
  EXPECT_EQ(fan.boxes.size(), kGenerationsMax + 1);
  EXPECT_EQ(layout(graph, Kind::fan, me, {.up = kGenerationsMax + 1}).error().code, Code::invalid);
}

}  // namespace
}  // namespace tablinum::tree::charts
