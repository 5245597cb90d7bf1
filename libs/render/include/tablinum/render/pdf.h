#pragma once
/// A chart as PDF: the same positions as on the screen, words in any script with the letters that are used embedded, each person a
/// marked paragraph for screen readers. On one sheet, or as a poster of several that are glued together.  Thread-safe.
#include <optional>
#include <string>
#include <string_view>

#include "tablinum/render/svg.h"

namespace tablinum::render {

inline constexpr std::size_t kPdfBytesMax = std::size_t{64} << 20;
/// Sheets of a poster. Sheets on which nothing would stand are left out and not counted.
inline constexpr std::size_t kPdfSheetsMax = 1'000;
/// What neighbouring sheets of a poster show both, so that they can be glued: 10 mm.
inline constexpr double kPdfOverlapPoints = 28.35;
/// At least this much of the chart's size: smaller, nothing could be read even by a magnifying glass.
inline constexpr double kPdfScaleMin = 0.05, kPdfScaleMax = 4;

/// `chart`: one sheet as large as the chart.
enum class Paper : unsigned char { chart, a4, a3, a2, a1, a0, letter };
/// "A4" … "A0", "letter", "chart", in any case.
std::optional<Paper> paper(std::string_view name) noexcept;

struct PdfOptions {
  std::string title{};
  std::string see_above = "see above";
  std::string hidden = "+{n} hidden";
  std::string sheet = "Sheet {n} of {all}";  ///< at the foot of each of several
  std::string created{};                     ///< RFC 3339, into the document's properties; empty: the time of writing
  Paper paper = Paper::chart;
  bool tile = false;  ///< a poster of sheets; else the chart is made to fit one
  double scale = 1;   ///< of a poster: 1 prints a box 46 mm wide
};

/// Writes the chart. Landscape or upright, whichever fits better.
/// @error invalid: no labels.person, of a map no labels.place, a poster without paper, or a scale out of range.
///        limit: over kPdfSheetsMax sheets.  too_large: over kPdfBytesMax.  unavailable: the system has no fonts, or the drawing library
///        failed.
Result<std::string> pdf(const tree::charts::Chart& chart, const ChartLabels& labels, const PdfOptions& options = {});

}  // namespace tablinum::render
