#include "charts/map.h"

#include <cmath>
#include <map>
#include <numbers>

#include "charts/once.h"

namespace tablinum::tree::charts {
namespace {

constexpr double kWidth = 1200, kHeight = 800;
/// Round the outermost places, for circles and words.
constexpr double kPadding = 90;
/// Nearer than a part of a country the outlines of the world say nothing.
constexpr double kScaleMax = 50;
/// Stays nearer than this are one circle.
constexpr double kCell = 34;
/// Beyond it Mercator leaves the square.
constexpr double kLatitudeMax = 85.05;
constexpr double kRadiusMin = 5, kRadiusMax = 18, kRadiusGrowth = 1.4;

/// The longitude at which the world is cut, so that a family on both sides of the date line lies together: the eastern end of the widest
/// part without anybody.
double cut_of(const std::vector<Stay>& stays) {
  std::vector<double> all;
  for (const Stay& stay : stays) all.push_back(stay.longitude);
  std::ranges::sort(all);
  double cut = -180, widest = all.front() + 360 - all.back();
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (all[i] - all[i - 1] <= widest) continue;
    widest = all[i] - all[i - 1];
    cut = all[i];
  }
  return cut;
}

std::vector<Point> points_of(const std::vector<Stay>& stays) {
  std::vector<Point> points;
  if (stays.empty()) return points;
  const double cut = cut_of(stays);
  for (const Stay& stay : stays) points.push_back(on_world(stay.longitude < cut ? stay.longitude + 360 : stay.longitude, stay.latitude));
  return points;
}

/// The smallest part of the world with the chart's proportions that holds all points; the whole where there are none.
MapFrame frame_of(const std::vector<Point>& points) {
  if (points.empty()) return {.x = 0, .y = (kWorldUnits - kHeight / kWidth * kWorldUnits) / 2, .scale = kWidth / kWorldUnits};
  Point least = points.front(), most = least;
  for (const Point& point : points) {
    least = {std::min(least.x, point.x), std::min(least.y, point.y)};
    most = {std::max(most.x, point.x), std::max(most.y, point.y)};
  }
  const double scale = std::min({kScaleMax, (kWidth - 2 * kPadding) / std::max(most.x - least.x, 1e-9),
                                 (kHeight - 2 * kPadding) / std::max(most.y - least.y, 1e-9)});
  return {.x = (least.x + most.x - kWidth / scale) / 2, .y = (least.y + most.y - kHeight / scale) / 2, .scale = scale};
}

void add_marks(Chart& chart, const std::vector<Point>& points) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::uint32_t>> cells;
  std::vector<Point> on_chart;
  for (std::uint32_t i = 0; i < points.size(); ++i) {
    on_chart.push_back(chart.frame.at(points[i]));
    cells[{std::llround(std::floor(on_chart[i].x / kCell)), std::llround(std::floor(on_chart[i].y / kCell))}].push_back(i);
  }
  for (auto& [cell, stays] : cells) {
    Mark mark{.radius = std::min(kRadiusMin + kRadiusGrowth * std::sqrt(static_cast<double>(stays.size())), kRadiusMax)};
    for (const std::uint32_t stay : stays) mark.at = {mark.at.x + on_chart[stay].x, mark.at.y + on_chart[stay].y};
    mark.at = {mark.at.x / static_cast<double>(stays.size()), mark.at.y / static_cast<double>(stays.size())};
    mark.stays = std::move(stays);
    chart.marks.push_back(std::move(mark));
  }
  std::ranges::sort(chart.marks, {}, [](const Mark& mark) {
    return std::pair{-static_cast<std::int64_t>(mark.stays.size()), mark.stays.front()};
  });
  for (std::uint32_t mark = 0; mark < chart.marks.size(); ++mark)
    for (const std::uint32_t stay : chart.marks[mark].stays) chart.stays[stay].mark = mark;
}

void add_moves(Chart& chart) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> counts;
  for (std::size_t i = 1; i < chart.stays.size(); ++i) {
    const Stay &from = chart.stays[i - 1], &to = chart.stays[i];
    if (from.box == to.box && from.mark != to.mark) ++counts[{from.mark, to.mark}];
  }
  for (const auto& [ends, count] : counts) chart.moves.push_back({ends.first, ends.second, count});
}

}  // namespace

Point on_world(double longitude, double latitude) noexcept {
  const double bounded = std::clamp(latitude, -kLatitudeMax, kLatitudeMax) * std::numbers::pi / 180;
  return {(longitude + 180) / 360 * kWorldUnits,
          (0.5 - std::log(std::tan(std::numbers::pi / 4 + bounded / 2)) / (2 * std::numbers::pi)) * kWorldUnits};
}

Chart map_layout(const Chart& people, const Options& options) {
  Chart chart = people_once(people, Kind::map);
  chart.width = kWidth;
  chart.height = kHeight;
  for (std::uint32_t box = 0; box < chart.boxes.size(); ++box) {
    for (Stay stay : options.stays(chart.boxes[box].person)) {
      stay.box = box;
      chart.stays.push_back(stay);
    }
  }
  const std::vector<Point> points = points_of(chart.stays);
  chart.frame = frame_of(points);
  add_marks(chart, points);
  add_moves(chart);
  for (Box& box : chart.boxes) box.x = box.y = box.w = box.h = 0;
  for (std::size_t i = chart.stays.size(); i-- > 0;) {  // the first stay of each is the last one written
    const Stay& stay = chart.stays[i];
    chart.boxes[stay.box].x = chart.marks[stay.mark].at.x;
    chart.boxes[stay.box].y = chart.marks[stay.mark].at.y;
  }
  return chart;
}

}  // namespace tablinum::tree::charts
