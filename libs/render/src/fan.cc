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

/// Fewer letters than this say nothing; the title says the name all the same.
constexpr std::size_t kLettersMin = 3;
/// From a line's middle down to the foot of its letters.
constexpr double kFoot = 4.5;

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
    } else {
      write_outline(sector);
    }
    const auto lines = sector_lines(chart_, index, label, options_.see_above);
    for (std::size_t i = 0; i < lines.size(); ++i) write_line(index, i, lines[i]);
    close_person(linked);
  }

  void write_line(std::size_t index, std::size_t number, const SectorLine& line) {
    const std::string_view style = line.words.name ? "name" : "note";
    const std::string words = cut(line.words.text, line.room);
    if (words.empty()) return;
    if (line.radius == 0) return write_straight(style, words, line.middle, line.degrees);
    write_bent(index, number, style, words, line.turned ? line.radius + kFoot : line.radius - kFoot, line.turned);
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
    point(on_circle(chart_, sector.begin, sector.outer));
    arc(sector.outer, large, true, on_circle(chart_, sector.end, sector.outer));
    out_ += 'L';
    point(on_circle(chart_, sector.end, sector.inner));
    arc(sector.inner, large, false, on_circle(chart_, sector.begin, sector.inner));
    out_ += "Z\"/>";
  }

  static std::string cut(std::string_view text, double room) {
    const double letters = room / kLetterWidth;
    if (letters < static_cast<double>(kLettersMin)) return {};
    return shortened(text, std::min(static_cast<std::size_t>(letters), kLineCharactersMax));
  }

  /// Words in the middle of `at`, turned by so many degrees.
  void write_straight(std::string_view style, const std::string& words, const Point& at, double degrees) {
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

  void write_bent(std::size_t index, std::size_t line, std::string_view style, const std::string& words, double radius, bool turned) {
    const Sector& sector = chart_.sectors[index];
    const std::string id = "a" + std::to_string(index) + "-" + std::to_string(line);
    out_ += R"(<path class="arc")";
    attribute("id", id);
    out_ += R"( d="M)";
    point(on_circle(chart_, turned ? sector.end : sector.begin, radius));
    arc(radius, sector.end - sector.begin > 180, !turned, on_circle(chart_, turned ? sector.begin : sector.end, radius));
    out_ += "\"/><text";
    attribute("class", style);
    out_ += R"( text-anchor="middle"><textPath startOffset="50%")";
    attribute("href", "#" + id);
    out_ += '>';
    text(words);
    out_ += "</textPath></text>";
  }

  void write_marriage(const Link& link) {
    const std::string label = shortened(labels_.marriage(link.family).text, kLineCharactersMax);
    if (label.empty()) return;
    if (const auto place = fan_marriage_place(chart_, link, width_by_letters(label)))
      write_straight("note union", label, place->at, place->degrees);
  }
};

}  // namespace

Result<std::string> fan_svg(const tree::charts::Chart& chart, const ChartLabels& labels, const SvgOptions& options) {
  return FanWriter{chart, labels, options}.write();
}

}  // namespace tablinum::render
