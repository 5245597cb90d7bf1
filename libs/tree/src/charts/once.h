#pragma once
/// Charts that are no trees show each person once.
#include "tablinum/tree/charts/chart.h"

namespace tablinum::tree::charts {

/// The people of a chart without its lines and "see above"; each still knows from whom it hangs.
Chart people_once(const Chart& all, Kind kind);

}  // namespace tablinum::tree::charts
