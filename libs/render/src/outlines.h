#pragma once
/// Land and borders of the world on a map. Source: Natural Earth 1:50m (public domain).
#include <vector>

#include "tablinum/tree/charts/chart.h"

namespace tablinum::render {

using Line = std::vector<tree::charts::Point>;
struct Outlines {
  std::vector<Line> land;  ///< closed; lakes are lines of their own inside of it
  std::vector<Line> borders;
};

/// What of the world lies on a map of that size, in its units, as fine as it can be seen. What is cut off by the map's edges is closed
/// outside of them.
Outlines outlines(const tree::charts::MapFrame& frame, double width, double height);

}  // namespace tablinum::render
