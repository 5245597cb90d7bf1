#pragma once
/// The least speed a peer may have: bytes per second, after a time of grace. Only the time spent waiting for the peer counts, so a
/// stream with long pauses of its own (events) is no slow client.
#include <cstdint>

#include "tablinum/base/time.h"

namespace tablinum::net {

class RateFloor {
 public:
  RateFloor(Duration grace, std::uint64_t bytes_per_second) noexcept : left_{grace}, rate_{bytes_per_second} {}

  /// When the transfer of the next `bytes` (0 where the number is not known beforehand) must be done at the latest.
  Instant limit(Instant now, std::uint64_t bytes) const noexcept { return now + left_ + earned(bytes); }
  /// `bytes` were moved in `took`.
  void moved(std::uint64_t bytes, Duration took) noexcept { left_ = left_ + earned(bytes) - took; }

 private:
  Duration earned(std::uint64_t bytes) const noexcept {
    return Duration::nanoseconds(static_cast<std::int64_t>(static_cast<double>(bytes) * 1e9 / static_cast<double>(rate_)));
  }
  Duration left_;
  std::uint64_t rate_;
};

}  // namespace tablinum::net
