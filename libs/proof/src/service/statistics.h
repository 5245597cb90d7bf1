#pragma once
/// Counts and times of requests.
#include <mutex>
#include <vector>

#include "tablinum/proof/zk.h"

namespace tablinum::proof {

inline constexpr std::size_t kLatenciesKept = 1024;
/// So many proofs in a row that failed for no fault of the caller make the service degraded.
inline constexpr unsigned kFailuresInARow = 10;

/// Mean over all, percentiles over the last kLatenciesKept.
class Latencies {
 public:
  void add(Duration time);
  std::uint64_t count() const noexcept { return count_; }
  Duration mean() const noexcept { return Duration{static_cast<std::int64_t>(mean_ns_)}; }
  /// Nearest rank, of `percent` 1 … 100; 0 where there is none.
  Duration percentile(unsigned percent) const;

 private:
  std::uint64_t count_ = 0;
  double mean_ns_ = 0;
  std::vector<std::int64_t> last_;  // a ring once it is full
};

/// Thread-safe.
class Statistics {
 public:
  void proved(Duration time);
  void verified(Duration time, bool accepted);
  void failed(Fault fault, bool proving);
  ZkStats report() const;
  bool failing() const;

 private:
  mutable std::mutex mutex_;
  Latencies proving_;
  Latencies verifying_;
  std::uint64_t failures_ = 0;
  std::uint64_t rejected_ = 0;
  std::uint64_t refused_ = 0;
  unsigned failures_in_a_row_ = 0;
};

}  // namespace tablinum::proof
