#include "tablinum/tree/model/place.h"

#include <gtest/gtest.h>

#include <string>

namespace tablinum::tree::model {
namespace {

TEST(Place, LevelsBetweenCommas) {
  std::vector<std::string_view> levels;
  split_place("Umtali, Manicaland,Rhodesia", levels);
  EXPECT_EQ(levels, (std::vector<std::string_view>{"Umtali", "Manicaland", "Rhodesia"}));
  split_place(", , Utah, USA", levels);
  EXPECT_EQ(levels, (std::vector<std::string_view>{"", "", "Utah", "USA"}));
  split_place("  ", levels);
  EXPECT_TRUE(levels.empty());
}

TEST(Place, LevelsAtTheLimit) {
  std::string text = "a";
  std::vector<std::string_view> levels;
  for (std::size_t i = 1; i < kPlaceLevelsMax; ++i) text += ",a";
  split_place(text, levels);
  EXPECT_EQ(levels.size(), kPlaceLevelsMax);
  EXPECT_EQ(levels.back(), "a");
  text += ",a";
  split_place(text, levels);
  EXPECT_EQ(levels.size(), kPlaceLevelsMax);
  EXPECT_EQ(levels.back(), "a,a");
}

struct CoordinateCase {
  const char* text;
  double limit;
  double value;  // 999: not a coordinate
};
constexpr double kNothing = 999;

TEST(Place, Coordinates) {
  const CoordinateCase cases[] = {
      {"N18.150944", 90, 18.150944}, {"S18.97", 90, -18.97},        {"E168.150944", 180, 168.150944}, {"18.1S", 90, -18.1},
      {"-18.97", 90, -18.97},        {"18,97", 90, 18.97},          {"s 18.97", 90, -18.97},          {"W0.5", 180, -0.5},
      {"18°58'12\"S", 90, -18.97},   {"S18 58 12", 90, -18.97},     {"18° 58′ 12″ S", 90, -18.97},    {"18:58.2", 90, 18.97},
      {"+12", 90, 12},               {"90", 90, 90},                {"90.0001", 90, kNothing},        {"180", 180, 180},
      {"181", 180, kNothing},        {"E18", 90, kNothing},         {"N18", 180, kNothing},           {"18 61", 90, kNothing},
      {"", 90, kNothing},            {"N", 90, kNothing},           {"abc", 90, kNothing},            {"18.1.2", 90, kNothing},
      {"1 2 3 4", 90, kNothing},     {"nan", 90, kNothing},         {"1e5", 90, kNothing},
  };
  for (const auto& each : cases) EXPECT_NEAR(parse_coordinate(each.text, each.limit).value_or(kNothing), each.value, 1e-9) << each.text;
}

TEST(Place, CoordinatesNeedBoth) {
  EXPECT_TRUE(parse_coordinates("N1", "E2"));
  EXPECT_FALSE(parse_coordinates("N1", ""));
  EXPECT_FALSE(parse_coordinates("", "E2"));
}

TEST(Place, AVeryLongNumberIsNone) { EXPECT_FALSE(parse_coordinate(std::string(65, '1'), 90)); }

}  // namespace
}  // namespace tablinum::tree::model
