#pragma once
/// A chart as SVG text: one self-contained file, no script, no external font, picture or style.
/// Colours follow the reader's light or dark preference through one embedded style element. Every person is a group with
/// <title> and <desc>, so a screen reader can read the chart. Thread-safe.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/base/bytes.h"
#include "tablinum/tree/charts/chart.h"

namespace tablinum::render {

/// Characters (not bytes) of one line of a box; longer text is cut with an ellipsis.
inline constexpr std::size_t kLineCharactersMax = 200;
/// Pixels of a photograph's side at most; larger ones are left out of a PDF.
inline constexpr std::uint32_t kPhotoSideMax = 1024;
/// Photographs of one chart, all together; those over it are left out, the last ones first.
inline constexpr std::size_t kPhotosBytesMax = std::size_t{10} << 20;
/// SVG text of one chart.
inline constexpr std::size_t kSvgBytesMax = std::size_t{128} << 20;

/// What is written into one person's box. All text is plain UTF-8; it is escaped here.
struct PersonLabel {
  std::string name{};              ///< first line and <title>
  std::vector<std::string> lines{};  ///< below the name: years, places
  std::string description{};       ///< <desc>, for example "1902 to 1931, mother of Anna and Peter"; empty: name and lines
  std::string href{};              ///< link target of the box; empty, or relative or http(s); others are left out
  Bytes photo{};                   ///< a small JPEG, shown as a square of its middle; empty: none. A fan and a map have none
};
/// What is written on a union's line, for example the marriage date.
struct UnionLabel {
  std::string text;
};
struct ChartLabels {
  std::function<PersonLabel(tree::charts::PersonN)> person;   ///< called once for each box; required
  std::function<UnionLabel(tree::charts::FamilyN)> marriage;  ///< empty: none
  std::function<std::string(std::uint32_t)> place{};          ///< map: name of a place by its number (tree::charts::Stay); required
};

enum class Theme : unsigned char { automatic, light, dark };
struct SvgOptions {
  std::string title{};          ///< of the document
  std::string language = "en";  ///< BCP 47, for xml:lang
  Theme theme = Theme::automatic;
  std::string see_above = "see above";  ///< on a box that is drawn in full elsewhere
  std::string hidden = "+{n} hidden";   ///< {n}: how many
};

/// Writes the chart. Characters that XML 1.0 forbids become U+FFFD.
/// @error invalid: no labels.person, or of a map no labels.place.  too_large: over kSvgBytesMax.
Result<std::string> svg(const tree::charts::Chart& chart, const ChartLabels& labels, const SvgOptions& options = {});

}  // namespace tablinum::render
