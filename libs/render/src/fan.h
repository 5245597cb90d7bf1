#pragma once
/// A fan as SVG.
#include "tablinum/render/svg.h"

namespace tablinum::render {

/// As svg(), for a chart of Kind::fan; labels.person is there.
Result<std::string> fan_svg(const tree::charts::Chart& chart, const ChartLabels& labels, const SvgOptions& options);

}  // namespace tablinum::render
