#include "tablinum/render/svg.h"

#include <cmath>

#include "document.h"
#include "fan.h"
#include "text.h"

namespace tablinum::render {
namespace {

using tree::charts::Box;
using tree::charts::Chart;
using tree::charts::Link;
using tree::charts::LinkKind;
using tree::charts::Point;

constexpr double kRadius = 6;
constexpr double kPadding = 10;

class Writer : private Document {
 public:
  using Document::Document;

  Result<std::string> write() && {
    begin();
    for (const Link& link : chart_.links) {
      write_link(link);
      if (is_too_large()) return too_large();
    }
    for (const Box& box : chart_.boxes) {
      write_box(box);
      if (is_too_large()) return too_large();
    }
    // Last, so that no box or line covers them.
    for (const Link& link : chart_.links) {
      if (link.kind == LinkKind::union_ && labels_.marriage) write_marriage(link);
      if (is_too_large()) return too_large();
    }
    out_ += "</svg>\n";
    return std::move(out_);
  }

 private:
  static bool is_by_birth(const Link& link) {
    return link.kind == LinkKind::union_ || tree::kinship::is_biological(link.pedigree);
  }

  void write_link(const Link& link) {
    out_ += is_by_birth(link) ? R"(<polyline class="line" points=")" : R"(<polyline class="line other" points=")";
    for (std::uint32_t i = 0; i < link.point_count; ++i) {
      if (i > 0) out_ += ' ';
      const Point& point = chart_.points[link.first_point + i];
      append_number(out_, point.x);
      out_ += ',';
      append_number(out_, point.y);
    }
    out_ += "\"/>\n";
  }

  void write_marriage(const Link& link) {
    const std::string label = shortened(labels_.marriage(link.family).text, kLineCharactersMax);
    if (label.empty()) return;
    const double width = kLetterWidth * static_cast<double>(label.size());
    // The middle piece of the line lies between the two boxes, or below them all.
    const Point& a = chart_.points[link.first_point + link.point_count / 2 - 1];
    const Point& b = chart_.points[link.first_point + link.point_count / 2];
    const bool is_level = a.y == b.y, is_below = link.point_count > 2;
    const Point middle{(a.x + b.x) / 2, (a.y + b.y) / 2};
    if (is_level && !is_below && std::abs(b.x - a.x) < width) {
      // Too long for the gap: beside the line down to the children.
      const Box &from = chart_.boxes[link.from], &to = chart_.boxes[link.to];
      return write_marriage_at({middle.x + 4, std::max(from.y + from.h, to.y + to.h) + 14}, "start", label);
    }
    write_marriage_at({middle.x, is_level && is_below ? middle.y + 12 : middle.y - 4}, "middle", label);
  }

  void write_marriage_at(const Point& at, std::string_view anchor, std::string_view label) {
    out_ += R"(<text class="note union")";
    attribute("text-anchor", anchor);
    attribute("x", at.x);
    attribute("y", at.y);
    out_ += '>';
    text(label);
    out_ += "</text>\n";
  }

  void write_box(const Box& box) {
    const PersonLabel label = labels_.person(box.person);
    const bool linked = open_person(box, label);
    out_ += box.role == tree::charts::BoxRole::root ? R"(<rect class="box root")" : R"(<rect class="box")";
    attribute("x", box.x);
    attribute("y", box.y);
    attribute("width", box.w);
    attribute("height", box.h);
    attribute("rx", kRadius);
    out_ += "/>";
    write_lines(box, label, box.same_as != tree::charts::kNone);
    close_person(linked);
  }

  /// As many lines as the box has room for; the note (what is drawn elsewhere or hidden) always keeps the last one.
  void write_lines(const Box& box, const PersonLabel& label, bool is_reference) {
    const std::string note = is_reference ? options_.see_above : hidden_text(box);
    const auto rows = std::max<std::size_t>(1, static_cast<std::size_t>((box.h - 4) / kLineHeight));
    const std::size_t rows_of_label = note.empty() || rows == 1 ? rows : rows - 1;
    double y = box.y + kLineHeight + 2;
    write_line(box, "name", label.name, y);
    for (std::size_t i = 0; i < label.lines.size() && i + 1 < rows_of_label; ++i)
      write_line(box, "note", label.lines[i], y += kLineHeight);
    if (!note.empty() && rows > 1) write_line(box, "note", note, box.y + box.h - 6);
  }

  void write_line(const Box& box, std::string_view style, std::string_view content, double y) {
    const auto room = static_cast<std::size_t>((box.w - 2 * kPadding) / kLetterWidth);
    out_ += "<text";
    attribute("class", style);
    attribute("x", box.x + kPadding);
    attribute("y", y);
    out_ += '>';
    text(shortened(content, std::min(room, kLineCharactersMax)));
    out_ += "</text>";
  }
};

}  // namespace

Result<std::string> svg(const Chart& chart, const ChartLabels& labels, const SvgOptions& options) {
  if (!labels.person) return fail(Code::invalid, "a chart needs labels of persons");
  if (chart.kind == tree::charts::Kind::fan) return fan_svg(chart, labels, options);
  return Writer{chart, labels, options}.write();
}

}  // namespace tablinum::render
