#include "outlines.h"

#include <cmath>
#include <optional>
#include <string_view>

namespace tablinum::render {
namespace {

using tree::charts::MapFrame;
using tree::charts::Point;

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Woverlength-strings"
#include "outlines.inc"
#pragma clang diagnostic pop

/// Points nearer than this are one.
constexpr double kSeen = 0.7;

/// Reads differences of five bits a letter, as web/tools/outlines.ts writes them.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_{text} {}

  std::optional<Point> next() {
    if (text_.empty()) return std::nullopt;
    longitude_ += number();
    latitude_ += number();
    return Point{static_cast<double>(longitude_) / kPartsOfDegree, static_cast<double>(latitude_) / kPartsOfDegree};
  }

 private:
  int number() {
    unsigned value = 0;
    for (unsigned shift = 0; !text_.empty(); shift += 5) {
      const auto letter = static_cast<unsigned>(text_.front()) - 63;
      text_.remove_prefix(1);
      value |= (letter & 31) << shift;
      if (letter < 32) break;
    }
    return (value & 1) != 0 ? ~static_cast<int>(value >> 1) : static_cast<int>(value >> 1);
  }

  std::string_view text_;
  int longitude_ = 0, latitude_ = 0;
};

/// Beyond which of the map's edges a point lies (Cohen and Sutherland).
unsigned beyond(const Point& point, double width, double height) {
  return (point.x < 0 ? 1u : 0u) | (point.x > width ? 2u : 0u) | (point.y < 0 ? 4u : 0u) | (point.y > height ? 8u : 0u);
}

/// A line without what cannot be seen: between points beyond the same edge a straight line is beyond it, too.
Line seen(const Line& all, double width, double height) {
  Line line;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool end = i == 0 || i + 1 == all.size();
    if (!end) {
      const unsigned beside = beyond(line.back(), width, height) & beyond(all[i], width, height) & beyond(all[i + 1], width, height);
      if (beside != 0 || std::hypot(all[i].x - line.back().x, all[i].y - line.back().y) < kSeen) continue;
    }
    line.push_back(all[i]);
  }
  return line;
}

/// Whether the map can show some of it: not all of it lies beyond one edge.
bool touches(const Line& line, double width, double height) {
  unsigned all = 15;
  for (const Point& point : line) all &= beyond(point, width, height);
  return all == 0;
}

std::vector<Line> on_map(std::span<const std::string_view> lines, const MapFrame& frame, double width, double height) {
  std::vector<Line> shown;
  for (const std::string_view text : lines) {
    Line world;
    for (Reader reader{text}; const auto point = reader.next();) world.push_back(tree::charts::on_world(point->x, point->y));
    // The world goes on beyond its edges.
    for (const double turn : {-tree::charts::kWorldUnits, 0.0, tree::charts::kWorldUnits}) {
      Line line;
      for (const Point& point : world) line.push_back(frame.at({point.x + turn, point.y}));
      if (touches(line, width, height)) shown.push_back(seen(line, width, height));
    }
  }
  return shown;
}

}  // namespace

Outlines outlines(const MapFrame& frame, double width, double height) {
  return {on_map(kLand, frame, width, height), on_map(kBorders, frame, width, height)};
}

}  // namespace tablinum::render
