#pragma once
/// From the shares that a scheme reports, on whatever thread, to the caller's function: in order, one call at a time, not too often.
#include <mutex>

#include "tablinum/proof/config.h"
#include "tablinum/proof/scheme.h"

namespace tablinum::proof {

/// One stage of one request. Reports 0 as it begins.
class ProgressReporter final : public ProgressSink {
 public:
  /// @param to outlives it; an empty function: nothing is reported.
  ProgressReporter(const ProgressFunction& to, std::string_view stage) : to_{to}, stage_{stage} { reached(0); }
  ProgressReporter(const ProgressReporter&) = delete;

  void reached(double share) noexcept override;
  /// `work` with this as the one who wants to know.
  Work attached_to(const Work& work) noexcept { return {work.stop, work.executor, to_ ? this : nullptr}; }

 private:
  const ProgressFunction& to_;
  const std::string_view stage_;
  std::mutex mutex_;
  double last_ = -1;
};

}  // namespace tablinum::proof
