#pragma once
/// A map as SVG.
#include "tablinum/render/svg.h"

namespace tablinum::render {

/// As svg(), for a chart of Kind::map; labels.person and labels.place are there.
Result<std::string> map_svg(const tree::charts::Chart& chart, const ChartLabels& labels, const SvgOptions& options);

}  // namespace tablinum::render
