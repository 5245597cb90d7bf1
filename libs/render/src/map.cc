#include "map.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "text.h"
#include "words.h"

namespace tablinum::render {
namespace {

using tree::charts::Chart;
using tree::charts::Mark;
using tree::charts::Move;
using tree::charts::Point;

constexpr double kArrow = 7;
constexpr double kWordsHeight = 16;
constexpr std::size_t kWordsMax = 40;

struct Area {
  double x, y, w, h;
  bool meets(const Area& other) const noexcept {
    return x < other.x + other.w && other.x < x + w && y < other.y + other.h && other.y < y + h;
  }
};

/// Numbers of the places of a circle, the one with the most stays first.
std::vector<std::uint32_t> places_of(const Chart& chart, const Mark& mark) {
  std::map<std::uint32_t, std::size_t> counts;
  for (const std::uint32_t stay : mark.stays) ++counts[chart.stays[stay].place];
  std::vector<std::uint32_t> places;
  for (const auto& [place, count] : counts) places.push_back(place);
  std::ranges::sort(places, {}, [&](std::uint32_t place) { return std::pair{-static_cast<std::int64_t>(counts[place]), place}; });
  return places;
}

/// Nothing where the circles touch: there is no room for an arrow.
std::optional<MoveLine> line_of(const Chart& chart, const Move& move) {
  const Mark &from = chart.marks[move.from], &to = chart.marks[move.to];
  const double dx = to.at.x - from.at.x, dy = to.at.y - from.at.y, length = std::hypot(dx, dy);
  if (length <= from.radius + to.radius + kArrow) return std::nullopt;
  const Point along{dx / length, dy / length}, across{-along.y, along.x};
  // Who came and who went are two lines beside each other.
  const double beside = 2.5;
  MoveLine line{.width = std::min(1 + std::sqrt(static_cast<double>(move.count)) * 0.5, 5.0)};
  line.from = {from.at.x + along.x * from.radius + across.x * beside, from.at.y + along.y * from.radius + across.y * beside};
  line.to = {to.at.x - along.x * (to.radius + 1) + across.x * beside, to.at.y - along.y * (to.radius + 1) + across.y * beside};
  const Point foot{line.to.x - along.x * kArrow, line.to.y - along.y * kArrow};
  const double half = kArrow / 2 + line.width / 2;
  line.left = {foot.x + across.x * half, foot.y + across.y * half};
  line.right = {foot.x - across.x * half, foot.y - across.y * half};
  return line;
}

std::string words_of(const Chart& chart, const Mark& mark, const ChartLabels& labels) {
  const auto places = places_of(chart, mark);
  std::string text = shortened(labels.place(places.front()), kWordsMax);
  if (places.size() > 1) text += " +" + std::to_string(places.size() - 1);
  return text;
}

}  // namespace

MapPicture map_picture(const Chart& chart, const ChartLabels& labels) {
  MapPicture picture{.world = outlines(chart.frame, chart.width, chart.height), .moves = {}, .words = {}};
  for (const Move& move : chart.moves)
    if (const auto line = line_of(chart, move)) picture.moves.push_back(*line);
  std::vector<Area> taken;
  for (const Mark& mark : chart.marks)
    taken.push_back({mark.at.x - mark.radius, mark.at.y - mark.radius, 2 * mark.radius, 2 * mark.radius});
  for (const Mark& mark : chart.marks) {
    const std::string text = words_of(chart, mark, labels);
    const double width = width_by_letters(text);
    const double right = mark.at.x + mark.radius + 4, left = mark.at.x - mark.radius - 4 - width, top = mark.at.y - kWordsHeight / 2;
    for (const double x : {right, left}) {
      const Area area{x, top, width, kWordsHeight};
      if (x < 0 || x + width > chart.width || std::ranges::any_of(taken, [&](const Area& other) { return other.meets(area); })) continue;
      taken.push_back(area);
      picture.words.push_back({{x, mark.at.y + 4.5}, text});
      break;
    }
  }
  return picture;
}

MarkText mark_text(const Chart& chart, const Mark& mark, const ChartLabels& labels, const std::vector<std::string>& people) {
  MarkText text;
  for (const std::uint32_t place : places_of(chart, mark)) text.places.push_back(labels.place(place));
  for (const std::uint32_t index : mark.stays) {
    const auto& stay = chart.stays[index];
    std::string line = people[stay.box];
    if (stay.year) line += ' ' + std::to_string(static_cast<int>(std::floor(*stay.year)));
    text.stays.push_back(std::move(line));
  }
  return text;
}

}  // namespace tablinum::render
