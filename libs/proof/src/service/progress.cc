#include "service/progress.h"

#include <algorithm>

namespace tablinum::proof {

void ProgressReporter::reached(double share) noexcept {
  if (!to_) return;
  const std::lock_guard lock{mutex_};
  share = std::min(share, 1.0);
  const bool ends = share >= 1 && last_ < 1;
  if (!ends && share < last_ + kProgressStep) return;
  last_ = share;
  to_({stage_, share});
}

}  // namespace tablinum::proof
