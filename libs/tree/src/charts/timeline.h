#pragma once
/// Lives side by side: x is time, and a row is used again as soon as the life in it has ended.
#include "tablinum/tree/charts/chart.h"

namespace tablinum::tree::charts {

/// The people of a chart, each once, by options.lifetime. Those of whom no year is known stand below the others.
Chart timeline_layout(const Chart& people, const Options& options);

}  // namespace tablinum::tree::charts
