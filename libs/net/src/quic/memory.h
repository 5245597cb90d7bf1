#pragma once
/// What the QUIC connections of a process hold, counted as it is allocated, and the limit from which on no more are taken (net.md §4).
#include <nghttp3/nghttp3.h>
#include <ngtcp2/ngtcp2.h>

#include <atomic>
#include <cstdint>
#include <memory>

#include "tablinum/base/time.h"

namespace tablinum::net::quic {

/// What a connection holds beside what is counted piece by piece: TLS and our own objects, measured on idle connections.
inline constexpr std::int64_t kConnectionBytes = std::int64_t{24} << 10;
/// A meter tells the budget of its changes in lots of this size: so much may be missing for each core.
inline constexpr std::int64_t kMeterLotBytes = std::int64_t{16} << 10;

/// tight: from three quarters on strangers must show that they are where they say.  short_of: from nine tenths on peers get their
/// credit back later (kWithheldTime), however fast they are read.  full: new connections are refused.
enum class Pressure : std::uint8_t { none, tight, short_of, full };
/// So late: nobody stands still for ever.
inline constexpr Duration kWithheldTime = Duration::milliseconds(200);
/// How often a connection whose credit is withheld is looked at.
inline constexpr Duration kWithheldTick = Duration::milliseconds(20);

/// Of all cores together. Thread-safe.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::uint64_t limit_bytes) noexcept : limit_{static_cast<std::int64_t>(limit_bytes)} {}
  std::uint64_t used() const noexcept {
    const std::int64_t used = used_.load(std::memory_order_relaxed);
    return used > 0 ? static_cast<std::uint64_t>(used) : 0;
  }
  Pressure pressure() const noexcept {
    const std::int64_t used = used_.load(std::memory_order_relaxed);
    if (used + kConnectionBytes > limit_) return Pressure::full;
    if (used > limit_ / 10 * 9) return Pressure::short_of;
    return used > limit_ / 4 * 3 ? Pressure::tight : Pressure::none;
  }

 private:
  friend class MemoryMeter;
  const std::int64_t limit_;
  std::atomic<std::int64_t> used_{0};
};

/// Of one endpoint, on its core. What was allocated through it is freed before it ends.
class MemoryMeter {
 public:
  /// Null: nothing is counted.
  explicit MemoryMeter(std::shared_ptr<MemoryBudget> budget) noexcept;
  ~MemoryMeter() { publish(); }
  MemoryMeter(const MemoryMeter&) = delete;
  MemoryMeter& operator=(const MemoryMeter&) = delete;

  void add(std::int64_t bytes) noexcept {
    if (!budget_) return;
    pending_ += bytes;
    if (pending_ >= kMeterLotBytes || pending_ <= -kMeterLotBytes) publish();
  }
  Pressure pressure() const noexcept { return budget_ ? budget_->pressure() : Pressure::none; }
  /// For the two engines; null: malloc and free, uncounted.
  const ngtcp2_mem* ngtcp2() const noexcept { return budget_ ? &ngtcp2_ : nullptr; }
  const nghttp3_mem* nghttp3() const noexcept { return budget_ ? &nghttp3_ : nullptr; }

 private:
  void publish() noexcept;

  std::shared_ptr<MemoryBudget> budget_;
  std::int64_t pending_ = 0;
  ngtcp2_mem ngtcp2_;
  nghttp3_mem nghttp3_;
};

}  // namespace tablinum::net::quic
