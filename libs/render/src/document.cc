#include "document.h"

namespace tablinum::render {
namespace {

// Neutral in both themes: greys for paper and ink, one accent; ratios of text to box are at least 12:1 and 7:1 (note).
constexpr std::string_view kLight =
    ".page{fill:#fbfcfb}.union{stroke:#fbfcfb}.box{fill:#fff;stroke:#7d8b8a}.root{stroke:#0d6a66;stroke-width:2}.name{fill:#"
    "14191a}"
    ".note{fill:#465152}.line{stroke:#7d8b8a}.tick{stroke:#dee3e3;fill:#dee3e3}.span{fill:#0d6a66}";
constexpr std::string_view kLightMap =
    ".sea{fill:#dfe9ea}.land{fill:#f4f1ea;stroke:#7d8b8a}.border{stroke:#bcc6c4}.move{stroke:#8a4b12}.head{fill:#8a4b12}"
    ".mark{fill:#0d6a66;stroke:#fff}.place{stroke:#f4f1ea}";
constexpr std::string_view kDark =
    ".page{fill:#101617}.union{stroke:#101617}.box{fill:#1a2122;stroke:#7d8b8a}.root{stroke:#6fc9c2;stroke-width:2}.name{fill:#"
    "e9eeec}"
    ".note{fill:#b3bebd}.line{stroke:#7d8b8a}.tick{stroke:#354041;fill:#354041}.span{fill:#6fc9c2}";
constexpr std::string_view kDarkMap =
    ".sea{fill:#0c1415}.land{fill:#232b2c;stroke:#7d8b8a}.border{stroke:#465152}.move{stroke:#e0a46a}.head{fill:#e0a46a}"
    ".mark{fill:#6fc9c2;stroke:#1a2122}.place{stroke:#232b2c}";
constexpr std::string_view kBoth =
    "text{font-family:system-ui,sans-serif;font-size:13px}.name{font-weight:600}.note{font-size:12px}.union{stroke-width:4;"
    "paint-order:stroke}"
    ".line{fill:none;stroke-width:1.5}.other{stroke-dasharray:5 4}.reference .box{stroke-dasharray:3 3}.arc{fill:none}";
constexpr std::string_view kBothMap =
    ".land{stroke-width:.7}.border{fill:none;stroke-width:.7}.mark{stroke-width:2}.place{stroke-width:4;paint-order:stroke}";

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
  const bool map = chart_.kind == tree::charts::Kind::map;
  const auto add = [&](std::string_view style, std::string_view of_maps) {
    out_ += style;
    if (map) out_ += of_maps;
  };
  out_ += "<style>";
  add(kBoth, kBothMap);
  if (options_.theme != Theme::dark) add(kLight, kLightMap);
  if (options_.theme == Theme::automatic) out_ += "@media(prefers-color-scheme:dark){";
  if (options_.theme != Theme::light) add(kDark, kDarkMap);
  if (options_.theme == Theme::automatic) out_ += '}';
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

}  // namespace tablinum::render
