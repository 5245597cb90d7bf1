#pragma once
/// Where lives went: stays as circles, those near each other as one, and lines from circle to circle.
#include "tablinum/tree/charts/chart.h"

namespace tablinum::tree::charts {

/// The people of a chart, each once, by options.stays. The map is as large as all stays need.
Chart map_layout(const Chart& people, const Options& options);

}  // namespace tablinum::tree::charts
