#include "service/statistics.h"

#include <algorithm>

namespace tablinum::proof {

void Latencies::add(Duration time) {
  if (last_.size() < kLatenciesKept) {
    last_.push_back(time.ns);
  } else {
    last_[count_ % kLatenciesKept] = time.ns;
  }
  ++count_;
  mean_ns_ += (static_cast<double>(time.ns) - mean_ns_) / static_cast<double>(count_);
}

Duration Latencies::percentile(unsigned percent) const {
  if (last_.empty()) return {};
  auto sorted = last_;
  const std::size_t rank = (sorted.size() * percent + 99) / 100;
  const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::ranges::nth_element(sorted, at);
  return Duration{*at};
}

void Statistics::proved(Duration time) {
  const std::lock_guard lock{mutex_};
  proving_.add(time);
  failures_in_a_row_ = 0;
}

void Statistics::verified(Duration time, bool accepted) {
  const std::lock_guard lock{mutex_};
  verifying_.add(time);
  if (!accepted) ++rejected_;
}

void Statistics::failed(Fault fault, bool proving) {
  const std::lock_guard lock{mutex_};
  if (fault == Fault::resource_limit) {
    ++refused_;
    return;
  }
  ++failures_;
  const bool ours = fault == Fault::backend || fault == Fault::proof_generation || fault == Fault::timeout;
  if (proving && ours) ++failures_in_a_row_;
}

bool Statistics::failing() const {
  const std::lock_guard lock{mutex_};
  return failures_in_a_row_ >= kFailuresInARow;
}

ZkStats Statistics::report() const {
  const std::lock_guard lock{mutex_};
  ZkStats stats;
  stats.total_proofs = proving_.count();
  stats.total_verifications = verifying_.count();
  stats.total_failures = failures_;
  stats.total_rejected_proofs = rejected_;
  stats.total_refused = refused_;
  stats.avg_proving_time = proving_.mean();
  stats.avg_verification_time = verifying_.mean();
  stats.p50_proving = proving_.percentile(50);
  stats.p95_proving = proving_.percentile(95);
  stats.p50_verification = verifying_.percentile(50);
  stats.p95_verification = verifying_.percentile(95);
  return stats;
}

}  // namespace tablinum::proof
