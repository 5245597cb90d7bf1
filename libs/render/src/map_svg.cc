#include "map_svg.h"

#include <cmath>

#include "document.h"
#include "map.h"

namespace tablinum::render {
namespace {

using tree::charts::Mark;
using tree::charts::Point;

/// Longer lists of who was where are cut: the pages have them whole.
constexpr std::size_t kStaysNamedMax = 40;

class MapWriter : private Document {
 public:
  using Document::Document;

  Result<std::string> write() && {
    begin();
    const MapPicture picture = map_picture(chart_, labels_);
    write_world(picture.world);
    for (const MoveLine& move : picture.moves) write_move(move);
    std::vector<std::string> people;
    for (const auto& box : chart_.boxes) people.push_back(labels_.person(box.person).name);
    for (const Mark& mark : chart_.marks) {
      write_mark(mark, mark_text(chart_, mark, labels_, people));
      if (is_too_large()) return too_large();
    }
    for (const MarkWords& words : picture.words) write_words(words);
    out_ += "</svg>\n";
    return std::move(out_);
  }

 private:
  /// Holes of a path are where lines lie within each other.
  void write_world(const Outlines& world) {
    out_ += R"(<rect class="sea" width="100%" height="100%"/>)";
    out_ += R"(<path class="land" fill-rule="evenodd" d=")";
    for (const Line& line : world.land) write_line(line, true);
    out_ += R"("/><path class="border" d=")";
    for (const Line& line : world.borders) write_line(line, false);
    out_ += "\"/>\n";
  }
  void write_line(const Line& line, bool closed) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      out_ += i == 0 ? 'M' : i == 1 ? 'L' : ' ';
      append_number(out_, std::round(line[i].x * 10) / 10);
      out_ += ' ';
      append_number(out_, std::round(line[i].y * 10) / 10);
    }
    if (closed) out_ += 'Z';
  }

  void write_move(const MoveLine& move) {
    out_ += R"(<line class="move")";
    attribute("x1", move.from.x);
    attribute("y1", move.from.y);
    attribute("x2", move.to.x);
    attribute("y2", move.to.y);
    attribute("stroke-width", move.width);
    out_ += R"(/><path class="head" d=")";
    write_line({move.to, move.left, move.right}, true);
    out_ += "\"/>\n";
  }

  void write_mark(const Mark& mark, const MarkText& text) {
    PersonLabel label{.name = joined(text.places, text.places.size()), .lines = {}, .description = {}, .href = {}};
    label.description = joined(text.stays, kStaysNamedMax);
    open_person({}, label);
    out_ += R"(<circle class="mark")";
    attribute("cx", mark.at.x);
    attribute("cy", mark.at.y);
    attribute("r", mark.radius);
    out_ += "/>";
    close_person(false);
  }
  static std::string joined(const std::vector<std::string>& parts, std::size_t parts_max) {
    std::string all;
    for (std::size_t i = 0; i < parts.size() && i < parts_max; ++i) (all += all.empty() ? "" : ", ") += parts[i];
    if (parts.size() > parts_max) all += ", +" + std::to_string(parts.size() - parts_max);
    return all;
  }

  void write_words(const MarkWords& words) {
    out_ += R"(<text class="name place")";
    attribute("x", words.at.x);
    attribute("y", words.at.y);
    out_ += '>';
    text(words.text);
    out_ += "</text>\n";
  }
};

}  // namespace

Result<std::string> map_svg(const tree::charts::Chart& chart, const ChartLabels& labels, const SvgOptions& options) {
  return MapWriter{chart, labels, options}.write();
}

}  // namespace tablinum::render
