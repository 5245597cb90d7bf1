#include "tablinum/render/svg.h"

#include <cmath>

#include "text.h"

namespace tablinum::render {
namespace {

using tree::charts::Box;
using tree::charts::Chart;
using tree::charts::Link;
using tree::charts::LinkKind;
using tree::charts::Point;

// Neutral in both themes: greys for paper and ink, one accent; ratios of text to box are at least 12:1 and 7:1 (note).
constexpr std::string_view kLight =
    ".page{fill:#fbfcfb}.union{stroke:#fbfcfb}.box{fill:#fff;stroke:#7d8b8a}.root{stroke:#0d6a66;stroke-width:2}.name{fill:#"
    "14191a}"
    ".note{fill:#465152}.line{stroke:#7d8b8a}";
constexpr std::string_view kDark =
    ".page{fill:#101617}.union{stroke:#101617}.box{fill:#1a2122;stroke:#7d8b8a}.root{stroke:#6fc9c2;stroke-width:2}.name{fill:#"
    "e9eeec}"
    ".note{fill:#b3bebd}.line{stroke:#7d8b8a}";
constexpr std::string_view kBoth =
    "text{font-family:system-ui,sans-serif;font-size:13px}.name{font-weight:600}.note{font-size:12px}.union{stroke-width:4;"
    "paint-order:stroke}"
    ".line{fill:none;stroke-width:1.5}.other{stroke-dasharray:5 4}.reference .box{stroke-dasharray:3 3}";

constexpr double kRadius = 6;
constexpr double kPadding = 10;
constexpr double kLineHeight = 16;
/// Mean advance of a 13 px letter; boxes have fixed sizes, so text is cut by count and never measured.
constexpr double kLetterWidth = 6.6;

class Writer {
 public:
  Writer(const Chart& chart, const ChartLabels& labels, const SvgOptions& options)
      : chart_{chart}, labels_{labels}, options_{options} {}

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
  bool is_too_large() const { return out_.size() > kSvgBytesMax; }
  static std::unexpected<Error> too_large() { return fail(Code::too_large, "the chart's SVG is over its limit"); }

  void text(std::string_view value) { append_escaped(out_, value); }
  void attribute(std::string_view name, std::string_view value) {
    ((out_ += ' ') += name) += "=\"";
    text(value);
    out_ += '"';
  }
  void attribute(std::string_view name, double value) {
    ((out_ += ' ') += name) += "=\"";
    append_number(out_, value);
    out_ += '"';
  }
  void element(std::string_view name, std::string_view content) {
    ((out_ += '<') += name) += '>';
    text(content);
    ((out_ += "</") += name) += '>';
  }

  void begin() {
    out_ += R"(<svg xmlns="http://www.w3.org/2000/svg" role="graphics-document")";
    attribute("xml:lang", options_.language);
    attribute("width", chart_.width);
    attribute("height", chart_.height);
    out_ += " viewBox=\"0 0 ";
    append_number(out_, chart_.width);
    out_ += ' ';
    append_number(out_, chart_.height);
    out_ += "\">";
    if (!options_.title.empty()) element("title", options_.title);
    write_style();
    out_ += "<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n";
  }

  void write_style() {
    (out_ += "<style>") += kBoth;
    out_ += options_.theme == Theme::dark ? kDark : kLight;
    if (options_.theme == Theme::automatic) ((out_ += "@media(prefers-color-scheme:dark){") += kDark) += '}';
    out_ += "</style>";
  }

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

  static std::string joined(const PersonLabel& label) {
    std::string all = label.name;
    for (const std::string& line : label.lines) (all += ", ") += line;
    return all;
  }

  void write_box(const Box& box) {
    const PersonLabel label = labels_.person(box.person);
    const bool linked = is_harmless_link(label.href);
    if (linked) {
      out_ += "<a";
      attribute("href", label.href);
      out_ += '>';
    }
    const bool is_reference = box.same_as != tree::charts::kNone;
    out_ += is_reference ? R"(<g role="graphics-symbol" class="reference">)" : R"(<g role="graphics-symbol">)";
    element("title", label.name);
    element("desc", label.description.empty() ? joined(label) : label.description);
    out_ += box.role == tree::charts::BoxRole::root ? R"(<rect class="box root")" : R"(<rect class="box")";
    attribute("x", box.x);
    attribute("y", box.y);
    attribute("width", box.w);
    attribute("height", box.h);
    attribute("rx", kRadius);
    out_ += "/>";
    write_lines(box, label, is_reference);
    out_ += linked ? "</g></a>\n" : "</g>\n";
  }

  std::string hidden_text(const Box& box) const {
    const std::uint64_t count = std::uint64_t{box.hidden_parents} + box.hidden_children + box.hidden_partners;
    if (count == 0) return {};
    std::string hidden = options_.hidden;
    if (const auto at = hidden.find("{n}"); at != hidden.npos) hidden.replace(at, 3, std::to_string(count));
    return hidden;
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

  const Chart& chart_;
  const ChartLabels& labels_;
  const SvgOptions& options_;
  std::string out_;
};

}  // namespace

Result<std::string> svg(const Chart& chart, const ChartLabels& labels, const SvgOptions& options) {
  if (!labels.person) return fail(Code::invalid, "a chart needs labels of persons");
  return Writer{chart, labels, options}.write();
}

}  // namespace tablinum::render
