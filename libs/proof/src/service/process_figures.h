#pragma once
/// Processor time and memory of this process, as the system counts them.
#include <cstddef>
#include <mutex>

#include "tablinum/base/time.h"

namespace tablinum::proof {

/// Resident bytes (/proc/self/statm); 0 where that is not to be read.
std::size_t resident_bytes() noexcept;

/// Thread-safe.
class CpuMeter {
 public:
  CpuMeter() noexcept;
  /// 0 … 100: share of the processors this process may use, since the last call (the first: since construction). Calls closer
  /// than 10 ms repeat the last answer.
  double sample() noexcept;

 private:
  std::mutex mutex_;
  Instant wall_;
  Duration cpu_;
  double last_ = 0;
};

}  // namespace tablinum::proof
