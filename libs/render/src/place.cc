#include "place.h"

namespace tablinum::render {

using tree::charts::Box;
using tree::charts::Point;

MarriagePlace marriage_place(const tree::charts::Chart& chart, const tree::charts::Link& link, double width) {
  // The middle piece of the line lies between the two boxes, or below them all.
  const Point& a = chart.points[link.first_point + link.point_count / 2 - 1];
  const Point& b = chart.points[link.first_point + link.point_count / 2];
  const bool is_level = a.y == b.y, is_below = link.point_count > 2;
  const Point middle{(a.x + b.x) / 2, (a.y + b.y) / 2};
  if (is_level && !is_below && std::abs(b.x - a.x) < width) {
    // Too long for the gap: beside the line down to the children.
    const Box &from = chart.boxes[link.from], &to = chart.boxes[link.to];
    return {{middle.x + 4, std::max(from.y + from.h, to.y + to.h) + 14}, false};
  }
  return {{middle.x, is_level && is_below ? middle.y + 12 : middle.y - 4}, true};
}

}  // namespace tablinum::render
