#pragma once
/// What a map is drawn from: for every format the same.
#include <string>
#include <vector>

#include "outlines.h"
#include "tablinum/render/svg.h"

namespace tablinum::render {

/// From the edge of one circle to that of another.
struct MoveLine {
  tree::charts::Point from{}, to{};
  tree::charts::Point left{}, right{};  ///< of the head of the arrow, whose point is `to`
  double width = 0;
};
/// Words beside a circle, where they cover neither circles nor other words.
struct MarkWords {
  tree::charts::Point at;  ///< where the line of words begins
  std::string text;
};
struct MapPicture {
  Outlines world;
  std::vector<MoveLine> moves;
  std::vector<MarkWords> words;
};
/// @pre labels.place
MapPicture map_picture(const tree::charts::Chart& chart, const ChartLabels& labels);

/// Names of a circle's places, the one with the most stays first; and who was there when, a line for each stay.
struct MarkText {
  std::vector<std::string> places;
  std::vector<std::string> stays;
};
/// @param people by box
MarkText mark_text(const tree::charts::Chart& chart, const tree::charts::Mark& mark, const ChartLabels& labels,
                   const std::vector<std::string>& people);

}  // namespace tablinum::render
