#include "words.h"

#include <cmath>
#include <numbers>

#include "place.h"
#include "text.h"

namespace tablinum::render {
namespace {

using tree::charts::Box;
using tree::charts::Chart;
using tree::charts::kNone;
using tree::charts::Link;
using tree::charts::Point;
using tree::charts::Sector;

constexpr double kPadding = 10, kSectorPadding = 6;
/// Between a photograph and the edges of its box, and the words.
constexpr double kPhotoMargin = 8;

constexpr double kRadians = std::numbers::pi / 180;

std::size_t letters_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// The name on one line, or broken at the last blank that leaves the first line its room.
std::vector<std::string> broken(const std::string& name, double room) {
  if (width_by_letters(name) <= room) return {name};
  std::size_t at = name.npos;
  const auto fits = [&](std::size_t blank) { return blank != name.npos && width_by_letters(name.substr(0, blank)) <= room; };
  for (std::size_t blank = name.find(' '); fits(blank); blank = name.find(' ', blank + 1)) at = blank;
  if (at == name.npos || at == 0) return {name};
  return {name.substr(0, at), name.substr(at + 1)};
}

std::vector<Words> words_of_sector(const Box& box, const PersonLabel& label, const std::string& see_above) {
  std::vector<Words> words{{true, label.name}};
  if (!label.lines.empty()) words.push_back({false, label.lines[0]});
  if (box.same_as != kNone) words.push_back({false, see_above});
  return words;
}

std::vector<SectorLine> in_the_middle(const Chart& chart, std::vector<Words> words) {
  std::vector<SectorLine> lines;
  double y = chart.centre.y - kLineHeight * (static_cast<double>(words.size()) - 1) / 2;
  for (Words& each : words) {
    lines.push_back({.words = std::move(each), .middle = {chart.centre.x, y}, .room = chart.sectors[0].outer * 1.6});
    y += kLineHeight;
  }
  return lines;
}

std::vector<SectorLine> across(const Chart& chart, const Sector& sector, std::vector<Words> words) {
  std::vector<SectorLine> lines;
  const double angle = middle_angle(sector);
  // Read outwards on the right, inwards on the left: never upside down.
  const double turn = angle >= 0 ? angle - 90 : angle + 90;
  const auto fitting = static_cast<std::size_t>(std::max(0.0, arc_length(sector, sector.inner) / kLineHeight + 0.2));
  const std::size_t count = std::min(words.size(), fitting);
  const Point middle = on_circle(chart, angle, (sector.inner + sector.outer) / 2);
  for (std::size_t i = 0; i < count; ++i) {
    const double beside = (static_cast<double>(i) - (static_cast<double>(count) - 1) / 2) * kLineHeight;
    lines.push_back({.words = std::move(words[i]),
                     .middle = {middle.x - beside * std::sin(turn * kRadians), middle.y + beside * std::cos(turn * kRadians)},
                     .degrees = turn,
                     .room = sector.outer - sector.inner - 2 * kSectorPadding});
  }
  return lines;
}

std::vector<SectorLine> along(const Chart& chart, const Sector& sector, std::vector<Words> words) {
  std::vector<SectorLine> lines;
  const double angle = middle_angle(sector);
  const bool turned = is_turned(angle);
  const double top = (sector.outer - sector.inner - kLineHeight * static_cast<double>(words.size())) / 2;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const double from_top = top + kLineHeight * (static_cast<double>(i) + 0.5);
    const double radius = turned ? sector.inner + from_top : sector.outer - from_top;
    lines.push_back({.words = std::move(words[i]),
                     .middle = on_circle(chart, angle, radius),
                     .degrees = angle,
                     .radius = radius,
                     .turned = turned,
                     .room = arc_length(sector, radius) - 2 * kSectorPadding});
  }
  return lines;
}

}  // namespace

double width_by_letters(std::string_view text) { return kLetterWidth * static_cast<double>(letters_of(text)); }

std::string note_of(const Box& box, const std::string& see_above, const std::string& hidden) {
  if (box.same_as != kNone) return see_above;
  const std::uint64_t count = std::uint64_t{box.hidden_parents} + box.hidden_children + box.hidden_partners;
  if (count == 0) return {};
  std::string text = hidden;
  if (const auto at = text.find("{n}"); at != text.npos) text.replace(at, 3, std::to_string(count));
  return text;
}

std::vector<BoxLine> box_lines(const Box& box, const PersonLabel& label, const std::string& note) {
  const double left = label.photo.empty() ? box.x + kPadding : box.x + photo_place(box).side + 2 * kPhotoMargin;
  const double room = box.x + box.w - kPadding - left;
  const auto rows = std::max<std::size_t>(1, static_cast<std::size_t>((box.h - 4) / kLineHeight));
  const std::size_t rows_of_label = note.empty() || rows == 1 ? rows : rows - 1;
  std::vector<Words> words;
  const auto names = rows_of_label > 1 ? broken(label.name, room) : std::vector{label.name};
  for (const std::string& name : names) words.push_back({true, name});
  for (const std::string& line : label.lines) words.push_back({false, line});
  if (words.size() > rows_of_label) words.resize(rows_of_label);
  std::vector<BoxLine> lines;
  double y = box.y + 2;
  for (Words& each : words) lines.push_back({std::move(each), {left, y += kLineHeight}, room});
  if (!note.empty() && rows > 1) lines.push_back({{false, note}, {left, box.y + box.h - 6}, room});
  return lines;
}

PhotoPlace photo_place(const Box& box) { return {box.x + kPhotoMargin, box.y + kPhotoMargin, std::min(box.w, box.h) - 2 * kPhotoMargin}; }

std::vector<SectorLine> sector_lines(const Chart& chart, std::size_t box, const PersonLabel& label, const std::string& see_above) {
  const Sector& sector = chart.sectors[box];
  auto words = words_of_sector(chart.boxes[box], label, see_above);
  if (box == 0) return in_the_middle(chart, std::move(words));
  const bool narrow = arc_length(sector, (sector.inner + sector.outer) / 2) < sector.outer - sector.inner;
  return narrow ? across(chart, sector, std::move(words)) : along(chart, sector, std::move(words));
}

Point on_circle(const Chart& chart, double degrees, double radius) {
  return {chart.centre.x + radius * std::sin(degrees * kRadians), chart.centre.y - radius * std::cos(degrees * kRadians)};
}

std::optional<TurnedPlace> fan_marriage_place(const Chart& chart, const Link& link, double width) {
  const Sector& sector = chart.sectors[link.from];
  const Sector& child = chart.sectors[chart.boxes[link.from].hangs_from];
  if (arc_length(child, child.outer) < width) return std::nullopt;
  return TurnedPlace{on_circle(chart, sector.end, sector.inner), is_turned(sector.end) ? sector.end + 180 : sector.end};
}

}  // namespace tablinum::render
