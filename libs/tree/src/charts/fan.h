#pragma once
/// A fan: the root in the middle, its ancestors in rings above and beside it, each in a sector that ends where those of its own
/// parents begin.
#include "tablinum/tree/charts/chart.h"

namespace tablinum::tree::charts {

/// As layout(), whose conditions hold: `root` is a person of the graph, the options are within their limits.
Chart fan_layout(const kinship::Graph& graph, PersonN root, const Options& options);

}  // namespace tablinum::tree::charts
