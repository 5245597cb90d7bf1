#include "h2/flood_guard.h"

#include <algorithm>

namespace tablinum::net::h2 {

bool TokenBucket::take(Instant now) noexcept {
  const double earned = (now - filled_).seconds() * rate_.per_second;
  // What was given beyond the burst is kept: only time fills no more than that.
  tokens_ = std::max(tokens_, std::min<double>(rate_.burst, tokens_ + earned));
  filled_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

void TokenBucket::give(std::uint32_t tokens) noexcept { tokens_ = std::min(tokens_ + tokens, 2.0 * rate_.burst); }

FloodGuard::FloodGuard(const Http2Limits& limits, Instant now) noexcept
    : buckets_{TokenBucket{limits.new_streams, now},   TokenBucket{limits.resets, now},     TokenBucket{limits.settings, now},
               TokenBucket{limits.pings, now},         TokenBucket{limits.empty_data, now}, TokenBucket{limits.priorities, now},
               TokenBucket{limits.window_updates, now}} {}

}  // namespace tablinum::net::h2
