#pragma once
/// Where words stand on lines and in sectors: for every format the same.
#include <cmath>
#include <numbers>

#include "tablinum/tree/charts/chart.h"

namespace tablinum::render {

struct MarriagePlace {
  tree::charts::Point at;
  bool centred = true;  ///< else the words begin there
};
/// Where the words of a union go that are so wide: on its line, or beside the line down to the children.
MarriagePlace marriage_place(const tree::charts::Chart& chart, const tree::charts::Link& link, double width);

/// How long the arc of a sector is.
inline double arc_length(const tree::charts::Sector& sector, double radius) {
  return (sector.end - sector.begin) * std::numbers::pi / 180 * radius;
}
inline double middle_angle(const tree::charts::Sector& sector) { return (sector.begin + sector.end) / 2; }
/// On the lower half words would stand on their heads: they are turned round.
inline bool is_turned(double degrees) { return std::abs(degrees) > 90; }

/// By birth, or by adoption, fostering …: the latter are dashed.
inline bool is_by_birth(const tree::charts::Link& link) {
  return link.kind == tree::charts::LinkKind::union_ || tree::kinship::is_biological(link.pedigree);
}

/// The bar of a life, right below its box.
struct SpanPlace {
  double x = 0, y = 0, width = 0;
};
inline constexpr double kSpanHeight = 5;
/// How long a bar is faint at an end that is not known.
inline constexpr double kOpenEnd = 24;
/// Where the lines of the years begin; their numbers stand above.
inline constexpr double kTickTop = 40;
inline SpanPlace span_place(const tree::charts::Chart& chart, std::size_t box) {
  const auto& span = chart.spans[box];
  return {span.from, chart.boxes[box].y + chart.boxes[box].h + 4, span.to - span.from};
}

}  // namespace tablinum::render
