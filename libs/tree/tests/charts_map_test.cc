#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <map>
#include <numbers>

#include "tablinum/tree/charts/chart.h"

namespace tablinum::tree::charts {
namespace {

using namespace kinship;

/// A man (0), his parents (2 and 3, family 1) and his child (5, family 4).
Graph family() {
  const std::vector<Sex> sexes{Sex::male, Sex::absent, Sex::male, Sex::female, Sex::absent, Sex::female};
  const std::vector<MemberRow> rows{{1, 2, 0, Role::partner}, {1, 3, 1, Role::partner}, {1, 0, 0, Role::child},
                                    {4, 0, 0, Role::partner}, {4, 5, 0, Role::child}};
  return build_graph(sexes, rows).value().graph;
}

const Stay kHarare{.longitude = 31.05, .latitude = -17.83, .place = 1}, kBulawayo{.longitude = 28.58, .latitude = -20.15, .place = 2},
    kSuva{.longitude = 178.44, .latitude = -18.14, .place = 3}, kApia{.longitude = -171.77, .latitude = -13.83, .place = 4};

using Lives = std::map<PersonN, std::vector<Stay>>;
Chart map_of(const Lives& lives) {
  Options options;
  options.stays = [&](PersonN person) {
    const auto found = lives.find(person);
    return found == lives.end() ? std::vector<Stay>{} : found->second;
  };
  return layout(family(), Kind::map, 0, options).value();
}
const Mark& mark_of(const Chart& chart, PersonN person, std::size_t nth = 0) {
  for (const Stay& stay : chart.stays)
    if (chart.boxes[stay.box].person == person && nth-- == 0) return chart.marks[stay.mark];
  throw std::out_of_range{"no such stay"};
}

TEST(Map, ProjectsAsTiledMapsDo) {
  // A world unit is a tile of zoom 10; that of London is 511, 340 (OpenStreetMap, "Slippy map tilenames").
  const Point london = on_world(-0.1278, 51.5074);
  EXPECT_EQ(std::floor(london.x), 511);
  EXPECT_EQ(std::floor(london.y), 340);
  EXPECT_DOUBLE_EQ(on_world(0, 0).x, 512);
  EXPECT_NEAR(on_world(0, 0).y, 512, 1e-9);
  EXPECT_NEAR(on_world(180, 85.0511287798066).y, 0, 0.1) << "the square ends there";
  EXPECT_EQ(on_world(0, -90).y, on_world(0, -85.05).y);
}

TEST(Map, ShowsEverybodyOnceWhereTheyWere) {
  const Chart chart = map_of({{0, {kHarare}}, {2, {kBulawayo, kHarare}}, {5, {kHarare}}});
  EXPECT_EQ(chart.kind, Kind::map);
  EXPECT_EQ(chart.boxes.size(), 4u);
  EXPECT_EQ(chart.stays.size(), 4u);
  ASSERT_EQ(chart.marks.size(), 2u);
  EXPECT_EQ(chart.marks[0].stays.size(), 3u) << "the fullest first";
  EXPECT_GT(chart.marks[0].radius, chart.marks[1].radius);
  EXPECT_LT(mark_of(chart, 2).at.x, mark_of(chart, 0).at.x) << "Bulawayo lies in the west";
  EXPECT_GT(mark_of(chart, 2).at.y, mark_of(chart, 0).at.y) << "and in the south";
}

TEST(Map, CountsWhoMovedAndNotWhoStayed) {
  const Chart chart = map_of({{0, {kHarare, kHarare}}, {2, {kBulawayo, kHarare}}, {3, {kBulawayo, kBulawayo, kHarare, kBulawayo}}});
  std::map<std::pair<double, double>, std::uint32_t> counts;
  for (const Move& move : chart.moves) counts[{chart.marks[move.from].at.x, chart.marks[move.to].at.x}] += move.count;
  const double harare = mark_of(chart, 0).at.x, bulawayo = mark_of(chart, 2).at.x;
  EXPECT_EQ(counts.size(), 2u);
  EXPECT_EQ((counts[{bulawayo, harare}]), 2u);
  EXPECT_EQ((counts[{harare, bulawayo}]), 1u);
}

TEST(Map, AFamilyOnBothSidesOfTheDateLineLiesTogether) {
  const Chart chart = map_of({{0, {kSuva}}, {2, {kApia}}});
  EXPECT_LT(mark_of(chart, 0).at.x, mark_of(chart, 2).at.x) << "Samoa lies east of Fiji";
  EXPECT_GT(chart.frame.scale, 20) << "nobody needs the whole world for that";
}

TEST(Map, OfNobodyKnownIsTheWorld) {
  const Chart chart = map_of({});
  EXPECT_TRUE(chart.marks.empty());
  EXPECT_NEAR(chart.width / chart.frame.scale, kWorldUnits, 1e-6);
}

TEST(Map, NeedsStays) { EXPECT_EQ(layout(family(), Kind::map, 0).error().code, Code::invalid); }

RC_GTEST_PROP(Map, EveryStayLiesInItsMarkAndWithinTheChart, ()) {
  Lives lives;
  for (const PersonN person : {0u, 2u, 3u, 5u}) {
    const auto count = *rc::gen::inRange(0, 6);
    for (int i = 0; i < count; ++i)
      lives[person].push_back({.longitude = *rc::gen::inRange(-18'000, 18'001) / 100.0, .latitude = *rc::gen::inRange(-9'000, 9'001) / 100.0});
  }
  const Chart chart = map_of(lives);
  std::size_t stays = 0;
  for (std::uint32_t i = 0; i < chart.marks.size(); ++i) {
    const Mark& mark = chart.marks[i];
    stays += mark.stays.size();
    RC_ASSERT(mark.at.x >= 0 && mark.at.x <= chart.width && mark.at.y >= 0 && mark.at.y <= chart.height);
    for (const std::uint32_t stay : mark.stays) {
      RC_ASSERT(chart.stays[stay].mark == i);
      // Round the world as often as it takes: a part of it is shown, on one turn.
      double near = 1e9;
      for (const double turn : {0.0, 360.0}) {
        const Point at = chart.frame.at(on_world(chart.stays[stay].longitude + turn, chart.stays[stay].latitude));
        near = std::min(near, std::hypot(at.x - mark.at.x, at.y - mark.at.y));
      }
      RC_ASSERT(near < 34 * std::numbers::sqrt2);
    }
  }
  RC_ASSERT(stays == chart.stays.size());
  for (const Move& move : chart.moves) RC_ASSERT(move.from != move.to && move.count > 0);
}

}  // namespace
}  // namespace tablinum::tree::charts
