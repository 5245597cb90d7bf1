#pragma once
/// Ticks at an even pace that does not drift, however long the work between them takes.
#include <algorithm>
#include <cstdint>

#include "tablinum/io/io.h"
#include "tablinum/io/task.h"

namespace tablinum::io {

/// What becomes of ticks whose time passed while nobody waited. skip: they are left out and the pace is kept.  burst: each comes
/// at once, until all are made up for.  delay: the pace begins anew from the late tick.
enum class MissedTicks : std::uint8_t { skip, burst, delay };

/// Belongs to one core; one waits at a time.
class Interval {
 public:
  /// The first tick comes one `period` (over 0) from now.
  Interval(Io& io, Duration period, MissedTicks missed = MissedTicks::skip) noexcept
      : io_{io}, period_{std::max(period, Duration::nanoseconds(1))}, missed_{missed}, next_{io.now() + period_} {}

  /// Waits for the next tick.  @return how many were left out before it (skip).  @error cancelled, timeout.
  Task<Result<std::uint64_t>> tick() {
    const Instant due = next_;
    auto slept = co_await sleep_until(io_, due);
    if (!slept) co_return std::unexpected(std::move(slept).error());
    const Duration late = io_.now() - due;
    std::uint64_t left_out = 0;
    if (missed_ == MissedTicks::skip) left_out = static_cast<std::uint64_t>(late.ns / period_.ns);
    next_ = missed_ == MissedTicks::delay ? io_.now() + period_ : due + period_ * static_cast<std::int64_t>(left_out + 1);
    co_return left_out;
  }

 private:
  Io& io_;
  Duration period_;
  MissedTicks missed_;
  Instant next_;
};

}  // namespace tablinum::io
