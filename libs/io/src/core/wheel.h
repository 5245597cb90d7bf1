#pragma once
/// Hierarchical timer wheel: 6 levels of 64 slots, ticks of 2^16 ns, range 2^36 ticks (52 days; what lies beyond is capped and
/// put back when its slot comes up). A timer never fires early and at most one tick late.
///
/// Level L holds timers 64^L … 64^(L+1) - 1 ticks ahead, in slot (expiry >> 6L) mod 64, so slots lie 1 … 64 ahead of the
/// present one. One occupancy word a level finds the next busy slot without visiting empty ones, and each slot knows a lower bound
/// of its timers: nobody is woken only to move timers to a finer level.
#include <array>

#include "tablinum/io/io.h"

namespace tablinum::io {

class TimerWheel {
 public:
  static constexpr int kTickBits = 16;
  static constexpr unsigned kLevels = 6;
  static constexpr unsigned kSlotBits = 6;
  static constexpr std::uint64_t kRangeTicks = std::uint64_t{1} << (kLevels * kSlotBits);

  explicit TimerWheel(Instant now) noexcept : now_tick_{floor_tick(now)} {}

  /// `timer.at` and `timer.fire` are set, and it is not armed.
  void add(Timer& timer) noexcept;
  /// Harmless for one that is not armed.
  void remove(Timer& timer) noexcept;
  /// Fires all that are due. A callback may add and remove timers; one that it adds as already due waits for the next call.
  void advance(Instant now) noexcept;
  /// No timer fires before this instant; never() if there is none. Earlier than the first timer at most where one was removed.
  Instant next() const noexcept;
  bool empty() const noexcept { return count_ == 0; }

 private:
  static constexpr std::uint8_t kDueLevel = kLevels;      // fires at the next advance
  static constexpr std::uint8_t kFiringLevel = kLevels + 1;  // fires in this one

  static std::uint64_t floor_tick(Instant at) noexcept { return at.ns <= 0 ? 0 : static_cast<std::uint64_t>(at.ns) >> kTickBits; }
  static std::uint64_t ceil_tick(Instant at) noexcept;
  void place(Timer& timer) noexcept;
  void link(Timer& timer, std::uint8_t level, std::uint8_t slot) noexcept;
  void unlink(Timer& timer) noexcept;
  std::uint64_t next_tick_of(unsigned level) const noexcept;
  std::uint64_t next_tick() const noexcept;
  std::uint64_t next_expiry() const noexcept;
  void open_slot(unsigned level) noexcept;
  void fire_all(std::uint8_t level) noexcept;

  std::uint64_t now_tick_;
  std::size_t count_ = 0;
  std::array<std::uint64_t, kLevels + 2> occupied_{};
  std::array<std::array<Timer*, 1U << kSlotBits>, kLevels> slots_{};
  std::array<std::array<std::uint64_t, 1U << kSlotBits>, kLevels> earliest_{};  // ticks; of a busy slot
  std::array<Timer*, 2> lists_{};  // due, firing
};

}  // namespace tablinum::io
