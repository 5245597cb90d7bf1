#pragma once
/// How two people are related: a column for each way up or down, partners beside each other.
#include "tablinum/tree/charts/chart.h"

namespace tablinum::tree::charts {

/// As layout(), whose conditions hold.  @error invalid: options.other is no person.
Result<Chart> path_layout(const kinship::Graph& graph, PersonN root, const Options& options);

}  // namespace tablinum::tree::charts
