#include "tablinum/render/svg.h"

#include "document.h"
#include "fan.h"
#include "map_svg.h"
#include "place.h"
#include "text.h"

namespace tablinum::render {
namespace {

using tree::charts::Box;
using tree::charts::Chart;
using tree::charts::Link;
using tree::charts::LinkKind;
using tree::charts::Point;

constexpr double kRadius = 6;
/// Signs are wider than letters, and words touch no box.
constexpr double kMarriageAir = 12;

class Writer : private Document {
 public:
  using Document::Document;

  Result<std::string> write() && {
    begin();
    for (const auto& tick : chart_.ticks) write_tick(tick);
    for (std::size_t box = 0; box < chart_.spans.size(); ++box) write_span(box);
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
  std::size_t photos_ = 0;  // bytes so far

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

  void write_tick(const tree::charts::Tick& tick) {
    out_ += R"(<line class="tick")";
    attribute("x1", tick.x);
    attribute("x2", tick.x);
    attribute("y1", kTickTop);
    attribute("y2", chart_.height - tree::charts::kMargin);
    out_ += R"(/><text class="note" text-anchor="middle")";
    attribute("x", tick.x);
    attribute("y", kTickTop - 4);
    ((out_ += '>') += std::to_string(tick.year)) += "</text>\n";
  }

  void write_span(std::size_t box) {
    const auto& span = chart_.spans[box];
    const SpanPlace place = span_place(chart_, box);
    if (place.width <= 0) return;
    write_bar("span", place.x, place.y, place.width);
    const double open = std::min(place.width, kOpenEnd);
    if (span.open_from) write_bar("tick", place.x, place.y, open);
    if (span.open_to) write_bar("tick", place.x + place.width - open, place.y, open);
    out_ += '\n';
  }
  void write_bar(std::string_view style, double x, double y, double width) {
    out_ += "<rect";
    attribute("class", style);
    attribute("x", x);
    attribute("y", y);
    attribute("width", width);
    attribute("height", kSpanHeight);
    out_ += "/>";
  }

  void write_marriage(const Link& link) {
    const std::string label = shortened(labels_.marriage(link.family).text, kLineCharactersMax);
    if (label.empty()) return;
    const auto [at, centred] = marriage_place(chart_, link, width_by_letters(label) + kMarriageAir);
    write_marriage_at(at, centred ? "middle" : "start", label);
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
    PersonLabel label = labels_.person(box.person);
    if ((photos_ += label.photo.size()) > kPhotosBytesMax) label.photo.clear();
    const bool linked = open_person(box, label);
    out_ += box.role == tree::charts::BoxRole::root ? R"(<rect class="box root")" : R"(<rect class="box")";
    attribute("x", box.x);
    attribute("y", box.y);
    attribute("width", box.w);
    attribute("height", box.h);
    attribute("rx", kRadius);
    out_ += "/>";
    if (!label.photo.empty()) write_photo(box, label.photo);
    for (const BoxLine& line : box_lines(box, label, note_of(box, options_.see_above, options_.hidden))) write_line(line);
    close_person(linked);
  }

  /// The picture is said to be the person's by the group's title.
  void write_photo(const Box& box, ByteView photo) {
    const PhotoPlace place = photo_place(box);
    out_ += "<image";
    attribute("x", place.x);
    attribute("y", place.y);
    attribute("width", place.side);
    attribute("height", place.side);
    out_ += R"( preserveAspectRatio="xMidYMid slice" href="data:image/jpeg;base64,)";
    out_ += to_base64(photo);
    out_ += "\"/>";
  }

  void write_line(const BoxLine& line) {
    const auto room = static_cast<std::size_t>(std::max(0.0, line.room / kLetterWidth));
    out_ += "<text";
    attribute("class", line.words.name ? "name" : "note");
    attribute("x", line.at.x);
    attribute("y", line.at.y);
    out_ += '>';
    text(shortened(line.words.text, std::min(room, kLineCharactersMax)));
    out_ += "</text>";
  }
};

}  // namespace

Result<std::string> svg(const Chart& chart, const ChartLabels& labels, const SvgOptions& options) {
  if (!labels.person) return fail(Code::invalid, "a chart needs labels of persons");
  if (chart.kind == tree::charts::Kind::fan) return fan_svg(chart, labels, options);
  if (chart.kind == tree::charts::Kind::map) {
    if (!labels.place) return fail(Code::invalid, "a map needs names of places");
    return map_svg(chart, labels, options);
  }
  return Writer{chart, labels, options}.write();
}

}  // namespace tablinum::render
