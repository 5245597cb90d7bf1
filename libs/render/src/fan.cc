#include "fan.h"

#include <cmath>
#include <numbers>

#include "document.h"
#include "place.h"
#include "text.h"

namespace tablinum::render {
namespace {

using tree::charts::Box;
using tree::charts::Link;
using tree::charts::LinkKind;
using tree::charts::Point;
using tree::charts::Sector;

constexpr double kPadding = 6;
/// Fewer letters than this say nothing; the title says the name all the same.
constexpr std::size_t kLettersMin = 3;
/// From a line's middle down to the foot of its letters.
constexpr double kFoot = 4.5;

struct Line {
  std::string_view style;
  std::string text;
};

class FanWriter : private Document {
 public:
  using Document::Document;

  Result<std::string> write() && {
    begin();
    for (std::size_t box = 0; box < chart_.boxes.size(); ++box) {
      write_person(box);
      if (is_too_large()) return too_large();
    }
    for (const Link& link : chart_.links) {
      if (link.kind == LinkKind::union_ && labels_.marriage) write_marriage(link);
      if (is_too_large()) return too_large();
    }
    out_ += "</svg>\n";
    return std::move(out_);
  }

 private:
  Point on_circle(double degrees, double radius) const {
    const double angle = degrees * std::numbers::pi / 180;
    return {chart_.centre.x + radius * std::sin(angle), chart_.centre.y - radius * std::cos(angle)};
  }

  void point(const Point& at) {
    append_number(out_, at.x);
    out_ += ' ';
    append_number(out_, at.y);
  }
  /// An arc from where the path is to `to`, clockwise or against it.
  void arc(double radius, bool large, bool clockwise, const Point& to) {
    out_ += 'A';
    append_number(out_, radius);
    out_ += ' ';
    append_number(out_, radius);
    out_ += large ? " 0 1 " : " 0 0 ";
    out_ += clockwise ? "1 " : "0 ";
    point(to);
  }

  void write_person(std::size_t index) {
    const Box& box = chart_.boxes[index];
    const Sector& sector = chart_.sectors[index];
    const PersonLabel label = labels_.person(box.person);
    const bool linked = open_person(box, label);
    if (index == 0) {
      write_core(sector);
      write_in_the_middle(lines_of(box, label));
    } else {
      write_outline(sector);
      const double radius = (sector.inner + sector.outer) / 2;
      if (arc_length(sector, radius) < sector.outer - sector.inner) {
        write_across(sector, lines_of(box, label));
      } else {
        write_along(index, lines_of(box, label));
      }
    }
    close_person(linked);
  }

  std::vector<Line> lines_of(const Box& box, const PersonLabel& label) const {
    std::vector<Line> lines{{"name", label.name}};
    if (!label.lines.empty()) lines.push_back({"note", label.lines[0]});
    const std::string note = box.same_as != tree::charts::kNone ? options_.see_above : std::string{};
    if (!note.empty()) lines.push_back({"note", note});
    return lines;
  }

  void write_core(const Sector& sector) {
    out_ += R"(<circle class="box root")";
    attribute("cx", chart_.centre.x);
    attribute("cy", chart_.centre.y);
    attribute("r", sector.outer);
    out_ += "/>";
  }

  void write_outline(const Sector& sector) {
    const bool large = sector.end - sector.begin > 180;
    out_ += R"(<path class="box" d="M)";
    point(on_circle(sector.begin, sector.outer));
    arc(sector.outer, large, true, on_circle(sector.end, sector.outer));
    out_ += 'L';
    point(on_circle(sector.end, sector.inner));
    arc(sector.inner, large, false, on_circle(sector.begin, sector.inner));
    out_ += "Z\"/>";
  }

  static std::string cut(const Line& line, double room) {
    const double letters = room / kLetterWidth;
    if (letters < static_cast<double>(kLettersMin)) return {};
    return shortened(line.text, std::min(static_cast<std::size_t>(letters), kLineCharactersMax));
  }

  void write_in_the_middle(const std::vector<Line>& lines) {
    const double room = chart_.sectors[0].outer * 1.6;
    double y = chart_.centre.y - kLineHeight * (static_cast<double>(lines.size()) - 1) / 2;
    for (const Line& line : lines) {
      write_straight(line.style, cut(line, room), {chart_.centre.x, y}, 0);
      y += kLineHeight;
    }
  }

  /// Words in the middle of `at`, turned by so many degrees.
  void write_straight(std::string_view style, const std::string& words, const Point& at, double degrees) {
    if (words.empty()) return;
    out_ += "<text";
    attribute("class", style);
    out_ += R"( text-anchor="middle" transform="translate()";
    point(at);
    out_ += ") rotate(";
    append_number(out_, degrees);
    out_ += ")\"";
    attribute("y", kFoot);
    out_ += '>';
    text(words);
    out_ += "</text>";
  }

  void write_across(const Sector& sector, const std::vector<Line>& lines) {
    const double angle = middle_angle(sector);
    // Read outwards on the right, inwards on the left: never upside down.
    const double turn = angle >= 0 ? angle - 90 : angle + 90;
    const auto fitting = static_cast<std::size_t>(std::max(0.0, arc_length(sector, sector.inner) / kLineHeight + 0.2));
    const std::size_t count = std::min(lines.size(), fitting);
    const Point middle = on_circle(angle, (sector.inner + sector.outer) / 2);
    const double radians = turn * std::numbers::pi / 180;
    for (std::size_t i = 0; i < count; ++i) {
      const double beside = (static_cast<double>(i) - (static_cast<double>(count) - 1) / 2) * kLineHeight;
      const Point at{middle.x - beside * std::sin(radians), middle.y + beside * std::cos(radians)};
      write_straight(lines[i].style, cut(lines[i], sector.outer - sector.inner - 2 * kPadding), at, turn);
    }
  }

  void write_along(std::size_t index, const std::vector<Line>& lines) {
    const Sector& sector = chart_.sectors[index];
    const bool turned = is_turned(middle_angle(sector));
    const double top = (sector.outer - sector.inner - kLineHeight * static_cast<double>(lines.size())) / 2;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const double from_top = top + kLineHeight * (static_cast<double>(i) + 0.5);
      const double radius = turned ? sector.inner + from_top + kFoot : sector.outer - from_top - kFoot;
      const std::string words = cut(lines[i], arc_length(sector, radius) - 2 * kPadding);
      if (!words.empty()) write_bent(index, i, lines[i].style, words, radius, turned);
    }
  }

  void write_bent(std::size_t index, std::size_t line, std::string_view style, const std::string& words, double radius, bool turned) {
    const Sector& sector = chart_.sectors[index];
    const std::string id = "a" + std::to_string(index) + "-" + std::to_string(line);
    out_ += R"(<path class="arc")";
    attribute("id", id);
    out_ += R"( d="M)";
    point(on_circle(turned ? sector.end : sector.begin, radius));
    arc(radius, sector.end - sector.begin > 180, !turned, on_circle(turned ? sector.begin : sector.end, radius));
    out_ += "\"/><text";
    attribute("class", style);
    out_ += R"( text-anchor="middle"><textPath startOffset="50%")";
    attribute("href", "#" + id);
    out_ += '>';
    text(words);
    out_ += "</textPath></text>";
  }

  /// Where the partners' sectors and their child's meet.
  void write_marriage(const Link& link) {
    const std::string label = shortened(labels_.marriage(link.family).text, kLineCharactersMax);
    const Sector& sector = chart_.sectors[link.from];
    const Sector& child = chart_.sectors[chart_.boxes[link.from].hangs_from];
    if (arc_length(child, child.outer) < kLetterWidth * static_cast<double>(label.size())) return;
    const double angle = sector.end;
    write_straight("note union", label, on_circle(angle, sector.inner), is_turned(angle) ? angle + 180 : angle);
  }
};

}  // namespace

Result<std::string> fan_svg(const tree::charts::Chart& chart, const ChartLabels& labels, const SvgOptions& options) {
  return FanWriter{chart, labels, options}.write();
}

}  // namespace tablinum::render
