#include "core/wheel.h"

#include <bit>
#include <utility>

namespace tablinum::io {
namespace {

constexpr unsigned kSlots = 1U << TimerWheel::kSlotBits;
constexpr std::uint64_t kNoTick = ~std::uint64_t{0};

}  // namespace

std::uint64_t TimerWheel::ceil_tick(Instant at) noexcept {
  if (at.ns <= 0) return 0;
  return (static_cast<std::uint64_t>(at.ns) + (std::uint64_t{1} << kTickBits) - 1) >> kTickBits;
}

void TimerWheel::link(Timer& timer, std::uint8_t level, std::uint8_t slot) noexcept {
  Timer*& first = level < kLevels ? slots_[level][slot] : lists_[level - kLevels];
  timer.level = level;
  timer.slot = slot;
  timer.previous_timer = nullptr;
  timer.next_timer = first;
  if (first != nullptr) first->previous_timer = &timer;
  first = &timer;
  occupied_[level] |= std::uint64_t{1} << slot;
}

void TimerWheel::unlink(Timer& timer) noexcept {
  Timer*& first = timer.level < kLevels ? slots_[timer.level][timer.slot] : lists_[timer.level - kLevels];
  (timer.previous_timer != nullptr ? timer.previous_timer->next_timer : first) = timer.next_timer;
  if (timer.next_timer != nullptr) timer.next_timer->previous_timer = timer.previous_timer;
  if (first == nullptr) occupied_[timer.level] &= ~(std::uint64_t{1} << timer.slot);
}

void TimerWheel::place(Timer& timer) noexcept {
  const std::uint64_t wanted = ceil_tick(timer.at);
  if (wanted <= now_tick_) return link(timer, kDueLevel, 0);
  const std::uint64_t ahead = std::min(wanted - now_tick_, kRangeTicks - 1);
  const unsigned level = (static_cast<unsigned>(std::bit_width(ahead)) - 1) / kSlotBits;
  const std::uint64_t expiry = now_tick_ + ahead;
  const std::uint64_t slot = (expiry >> (level * kSlotBits)) % kSlots;
  std::uint64_t& earliest = earliest_[level][slot];
  earliest = slots_[level][slot] == nullptr ? expiry : std::min(earliest, expiry);
  link(timer, static_cast<std::uint8_t>(level), static_cast<std::uint8_t>(slot));
}

void TimerWheel::add(Timer& timer) noexcept {
  assert(!timer.armed && timer.fire != nullptr);
  timer.armed = true;
  ++count_;
  place(timer);
}

void TimerWheel::remove(Timer& timer) noexcept {
  if (!timer.armed) return;
  timer.armed = false;
  --count_;
  unlink(timer);
}

// The tick at which the next busy slot of `level` begins.
std::uint64_t TimerWheel::next_tick_of(unsigned level) const noexcept {
  if (occupied_[level] == 0) return kNoTick;
  const std::uint64_t position = now_tick_ >> (level * kSlotBits);
  const int rotation = static_cast<int>((position + 1) % kSlots);
  const auto ahead = static_cast<std::uint64_t>(std::countr_zero(std::rotr(occupied_[level], rotation))) + 1;
  return (position + ahead) << (level * kSlotBits);
}

std::uint64_t TimerWheel::next_tick() const noexcept {
  std::uint64_t earliest = kNoTick;
  for (unsigned level = 0; level < kLevels; ++level) earliest = std::min(earliest, next_tick_of(level));
  return earliest;
}

// Of each level the first busy slot: all later ones of that level end later.
std::uint64_t TimerWheel::next_expiry() const noexcept {
  std::uint64_t earliest = kNoTick;
  for (unsigned level = 0; level < kLevels; ++level) {
    if (occupied_[level] != 0) earliest = std::min(earliest, earliest_[level][(next_tick_of(level) >> (level * kSlotBits)) % kSlots]);
  }
  return earliest;
}

Instant TimerWheel::next() const noexcept {
  if (lists_[0] != nullptr) return Instant{static_cast<std::int64_t>(now_tick_ << kTickBits)};
  const std::uint64_t tick = next_expiry();
  constexpr auto kLastTick = static_cast<std::uint64_t>(Instant::never().ns) >> kTickBits;
  return tick > kLastTick ? Instant::never() : Instant{static_cast<std::int64_t>(tick << kTickBits)};
}

// The slot of `level` that begins at the present tick: its timers are due, or move to a finer level.
void TimerWheel::open_slot(unsigned level) noexcept {
  const std::uint64_t slot = (now_tick_ >> (level * kSlotBits)) % kSlots;
  Timer* timer = std::exchange(slots_[level][slot], nullptr);
  occupied_[level] &= ~(std::uint64_t{1} << slot);
  while (timer != nullptr) {
    Timer& moved = *std::exchange(timer, timer->next_timer);
    if (ceil_tick(moved.at) <= now_tick_) {
      link(moved, kFiringLevel, 0);
    } else {
      place(moved);
    }
  }
}

void TimerWheel::fire_all(std::uint8_t level) noexcept {
  while (Timer* timer = lists_[level - kLevels]) {
    remove(*timer);
    timer->fire(*timer);
  }
}

void TimerWheel::advance(Instant now) noexcept {
  while (Timer* timer = lists_[0]) {
    unlink(*timer);
    link(*timer, kFiringLevel, 0);
  }
  fire_all(kFiringLevel);
  const std::uint64_t target = floor_tick(now);
  for (std::uint64_t tick = next_tick(); tick <= target; tick = next_tick()) {
    now_tick_ = tick;
    for (unsigned level = kLevels; level-- > 0;) {
      // Only slots that begin at this very tick are opened; a coarse slot begins when all finer positions are zero.
      if (tick % (std::uint64_t{1} << (level * kSlotBits)) == 0) open_slot(level);
    }
    fire_all(kFiringLevel);
  }
  now_tick_ = std::max(now_tick_, target);
}

}  // namespace tablinum::io
