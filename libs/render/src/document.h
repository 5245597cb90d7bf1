#pragma once
/// What the SVG of every chart is written with: escaped text, the head with its style, what is said of a person.
#include "tablinum/render/svg.h"
#include "text.h"
#include "words.h"

namespace tablinum::render {

class Document {
 public:
  Document(const tree::charts::Chart& chart, const ChartLabels& labels, const SvgOptions& options)
      : chart_{chart}, labels_{labels}, options_{options} {}

 protected:
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

  void begin();
  /// Opens the group of one person, a link where there is something harmless to link to, with what a screen reader says.
  /// @return whether close_person() has to close a link.
  bool open_person(const tree::charts::Box& box, const PersonLabel& label);
  void close_person(bool linked) { out_ += linked ? "</g></a>\n" : "</g>\n"; }
  const tree::charts::Chart& chart_;
  const ChartLabels& labels_;
  const SvgOptions& options_;
  std::string out_;

 private:
  void write_style();
};

}  // namespace tablinum::render
