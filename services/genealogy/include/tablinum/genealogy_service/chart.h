#pragma once
/// A chart as a picture, for programs that are no server.
#include "tablinum/archive/archive.h"
#include "tablinum/render/pdf.h"
#include "tablinum/tree/charts/chart.h"

namespace tablinum::genealogy_service {

struct ChartWish {
  tree::charts::Kind kind{};
  Rid root{};
  Rid other{};  ///< of a path: to whom
  std::uint32_t up = 4, down = 3;
  std::uint32_t boxes_max = 10'000;
  std::unordered_set<tree::charts::PersonN> hidden_above{}, hidden_below{};
  std::optional<int> until{};  ///< of a map: only where somebody is known to have been by this year
};

struct PictureWish {
  bool pdf = false;  ///< else SVG
  std::string language = "en";
  std::string title{};  ///< empty: the tree's name
  render::Paper paper = render::Paper::chart;
  bool tile = false;
  double scale = 1;
};

/// @error not_found: no such tree or person.  invalid, limit, too_large, unavailable: as charts::layout(), render::svg() and pdf().
Result<std::string> draw_chart(archive::Archive& archive, const store::TreeInfo& tree, const ChartWish& chart, const PictureWish& picture);

/// The kind of a name: "pedigree", "descendants", "hourglass", "fan", "relatives", "everyone", "path", "timeline", "map".
std::optional<tree::charts::Kind> chart_kind(std::string_view name) noexcept;

}  // namespace tablinum::genealogy_service
