#include "document.h"

namespace tablinum::render {
namespace {

// Neutral in both themes: greys for paper and ink, one accent; ratios of text to box are at least 12:1 and 7:1 (note).
constexpr std::string_view kLight =
    ".page{fill:#fbfcfb}.union{stroke:#fbfcfb}.box{fill:#fff;stroke:#7d8b8a}.root{stroke:#0d6a66;stroke-width:2}.name{fill:#"
    "14191a}"
    ".note{fill:#465152}.line{stroke:#7d8b8a}.tick{stroke:#dee3e3;fill:#dee3e3}.span{fill:#0d6a66}";
constexpr std::string_view kDark =
    ".page{fill:#101617}.union{stroke:#101617}.box{fill:#1a2122;stroke:#7d8b8a}.root{stroke:#6fc9c2;stroke-width:2}.name{fill:#"
    "e9eeec}"
    ".note{fill:#b3bebd}.line{stroke:#7d8b8a}.tick{stroke:#354041;fill:#354041}.span{fill:#6fc9c2}";
constexpr std::string_view kBoth =
    "text{font-family:system-ui,sans-serif;font-size:13px}.name{font-weight:600}.note{font-size:12px}.union{stroke-width:4;"
    "paint-order:stroke}"
    ".line{fill:none;stroke-width:1.5}.other{stroke-dasharray:5 4}.reference .box{stroke-dasharray:3 3}.arc{fill:none}";

std::string joined(const PersonLabel& label) {
  std::string all = label.name;
  for (const std::string& line : label.lines) (all += ", ") += line;
  return all;
}

}  // namespace

void Document::begin() {
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

void Document::write_style() {
  (out_ += "<style>") += kBoth;
  out_ += options_.theme == Theme::dark ? kDark : kLight;
  if (options_.theme == Theme::automatic) ((out_ += "@media(prefers-color-scheme:dark){") += kDark) += '}';
  out_ += "</style>";
}

bool Document::open_person(const tree::charts::Box& box, const PersonLabel& label) {
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
  return linked;
}

std::string Document::hidden_text(const tree::charts::Box& box) const {
  const std::uint64_t count = std::uint64_t{box.hidden_parents} + box.hidden_children + box.hidden_partners;
  if (count == 0) return {};
  std::string hidden = options_.hidden;
  if (const auto at = hidden.find("{n}"); at != hidden.npos) hidden.replace(at, 3, std::to_string(count));
  return hidden;
}

}  // namespace tablinum::render
