#pragma once
/// What every layout ends with.
#include "tablinum/tree/charts/chart.h"

namespace tablinum::tree::charts {

/// Moves boxes and points so that all lies within the margin, and sets width and height.
void move_into_margin(Chart& chart);

}  // namespace tablinum::tree::charts
