#include "charts/once.h"

namespace tablinum::tree::charts {

Chart people_once(const Chart& all, Kind kind) {
  Chart chart;
  chart.kind = kind;
  chart.truncated = all.truncated;
  std::vector<std::uint32_t> place(all.boxes.size(), kNone);
  for (std::size_t i = 0; i < all.boxes.size(); ++i) {
    Box box = all.boxes[i];
    // Who stands in several places of an hourglass lives only once.
    if (box.same_as != kNone) continue;
    place[i] = static_cast<std::uint32_t>(chart.boxes.size());
    box.hangs_from = box.hangs_from == kNone ? kNone : place[box.hangs_from];
    chart.boxes.push_back(box);
  }
  return chart;
}

}  // namespace tablinum::tree::charts
