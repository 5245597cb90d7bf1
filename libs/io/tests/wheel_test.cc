#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <random>

#include "core/wheel.h"

namespace tablinum::io {
namespace {

constexpr std::int64_t kTick = std::int64_t{1} << TimerWheel::kTickBits;

std::int64_t tick_at_or_after(std::int64_t ns) { return (std::max<std::int64_t>(ns, 0) + kTick - 1) / kTick * kTick; }

/// The wheel beside a sorted multimap: after each step exactly the same timers must have fired.
class Model {
 public:
  explicit Model(std::int64_t start, std::size_t timers) : now_{start}, wheel_{Instant{start}}, timers_(timers) {}

  void add(std::size_t which, std::int64_t at) {
    Tracked& timer = timers_[which % timers_.size()];
    if (timer.armed) return;
    timer.at = Instant{at};
    timer.fire = [](Timer& fired) noexcept { ++static_cast<Tracked&>(fired).fired; };
    wheel_.add(timer);
    expected_.emplace(at, &timer);
  }
  void remove(std::size_t which) {
    Tracked& timer = timers_[which % timers_.size()];
    wheel_.remove(timer);
    std::erase_if(expected_, [&](const auto& each) { return each.second == &timer; });
  }
  void advance(std::int64_t by) {
    now_ += by;
    wheel_.advance(Instant{now_});
    for (auto it = expected_.begin(); it != expected_.end() && it->first <= now_;) {
      // Late by at most the tick that has not ended yet.
      if (tick_at_or_after(it->first) > now_) {
        ++it;
        continue;
      }
      RC_ASSERT(it->second->fired == 1);
      it->second->fired = 0;
      it = expected_.erase(it);
    }
    for (const Tracked& timer : timers_) RC_ASSERT(timer.fired == 0);
    RC_ASSERT(wheel_.empty() == expected_.empty());
  }
  /// Sleeping until next() never misses a timer, and ends.
  void drain() {
    for (int steps = 0; !expected_.empty(); ++steps) {
      RC_ASSERT(steps < 100'000);
      const Instant next = wheel_.next();
      RC_ASSERT(next.ns <= std::max(tick_at_or_after(expected_.begin()->first), now_));
      advance(std::max<std::int64_t>(next.ns - now_, 0));
    }
  }

 private:
  struct Tracked : Timer {
    int fired = 0;
  };
  std::int64_t now_;
  TimerWheel wheel_;
  std::vector<Tracked> timers_;
  std::multimap<std::int64_t, Tracked*> expected_;
};

/// Distances of all magnitudes, to the range and (at `bits` 53) beyond.
std::int64_t distance() {
  const auto bits = *rc::gen::inRange(0, 54);
  return *rc::gen::inRange<std::int64_t>(0, (std::int64_t{1} << bits) + 1);
}

RC_GTEST_PROP(TimerWheel, FiresWhatASortedMultimapWouldFire, ()) {
  std::int64_t now = distance();
  Model model{now, 32};
  const auto steps = *rc::gen::inRange(1, 200);
  for (int i = 0; i < steps; ++i) {
    const auto choice = *rc::gen::inRange(0, 10);
    if (choice < 6) {
      model.add(*rc::gen::inRange<std::size_t>(0, 32), now + distance() - kTick);
    } else if (choice < 7) {
      model.remove(*rc::gen::inRange<std::size_t>(0, 32));
    } else {
      const std::int64_t by = distance() / 8;
      now += by;
      model.advance(by);
    }
  }
  model.drain();
}

TEST(TimerWheel, FiresAtTheTickNotBefore) {
  TimerWheel wheel{Instant{0}};
  static int fired;
  fired = 0;
  Timer timer;
  timer.at = Instant{5 * kTick};
  timer.fire = [](Timer&) noexcept { ++fired; };
  wheel.add(timer);
  wheel.advance(Instant{5 * kTick - 1});
  EXPECT_EQ(fired, 0);
  wheel.advance(Instant{5 * kTick});
  EXPECT_EQ(fired, 1);
  EXPECT_FALSE(timer.armed);
}

TEST(TimerWheel, ATimerBeyondTheRangeIsCappedAndPutBack) {
  constexpr auto kRange = static_cast<std::int64_t>(TimerWheel::kRangeTicks);
  for (const std::int64_t ticks : {kRange - 1, kRange, kRange + 1, 5 * kRange}) {
    TimerWheel wheel{Instant{kTick}};
    static int fired;
    fired = 0;
    Timer timer;
    timer.at = Instant{(ticks + 1) * kTick};
    timer.fire = [](Timer&) noexcept { ++fired; };
    wheel.add(timer);
    while (wheel.next() < timer.at) wheel.advance(wheel.next());
    EXPECT_EQ(fired, 0) << ticks;
    wheel.advance(timer.at);
    EXPECT_EQ(fired, 1) << ticks;
  }
}

// Who sleeps until next() is woken once a timer, not when it comes down to a finer level.
TEST(TimerWheel, NobodyIsWokenForNothing) {
  for (const std::int64_t ticks : {1, 63, 64, 4'097, 45'777, 262'145, 20'000'001}) {
    TimerWheel wheel{Instant{7 * kTick}};
    Timer timer;
    timer.at = Instant{(7 + ticks) * kTick};
    timer.fire = [](Timer&) noexcept {};
    wheel.add(timer);
    EXPECT_EQ(wheel.next(), timer.at) << ticks;
    wheel.advance(timer.at);
    EXPECT_FALSE(timer.armed) << ticks;
  }
}

// One put into a capped timer's slot, and one that is due between the two.
TEST(TimerWheel, ACappedTimerHidesNoOther) {
  constexpr auto kRange = static_cast<std::int64_t>(TimerWheel::kRangeTicks);
  TimerWheel wheel{Instant{0}};
  Timer far, near;
  far.at = Instant{3 * kRange * kTick};
  far.fire = near.fire = [](Timer&) noexcept {};
  wheel.add(far);
  const std::int64_t later = kRange / 4;
  wheel.advance(Instant{later * kTick});
  near.at = Instant{(later + kRange - 2) * kTick};
  wheel.add(near);
  while (near.armed) {
    ASSERT_LE(wheel.next(), near.at);
    wheel.advance(wheel.next());
  }
  EXPECT_TRUE(far.armed);
}

TEST(TimerWheel, NeverIsNeverReached) {
  TimerWheel wheel{Instant{0}};
  Timer timer;
  timer.fire = [](Timer&) noexcept { FAIL(); };
  wheel.add(timer);
  wheel.advance(Instant{std::int64_t{1} << 62});
  EXPECT_TRUE(timer.armed);
  wheel.remove(timer);
  EXPECT_EQ(wheel.next(), Instant::never());
}

// A callback may remove another timer that is due in the same tick, and add one that is due already.
TEST(TimerWheel, CallbacksMayChangeTheWheel) {
  struct Changing : Timer {
    TimerWheel* wheel = nullptr;
    Changing* other = nullptr;
    int fired = 0;
  };
  TimerWheel wheel{Instant{0}};
  std::array<Changing, 2> pair;
  for (std::size_t i = 0; i < 2; ++i) {
    pair[i].wheel = &wheel;
    pair[i].other = &pair[1 - i];
    pair[i].at = Instant{kTick};
    pair[i].fire = [](Timer& timer) noexcept {
      auto& self = static_cast<Changing&>(timer);
      ++self.fired;
      self.wheel->remove(*self.other);
      if (self.fired == 1) self.wheel->add(self);
    };
    wheel.add(pair[i]);
  }
  wheel.advance(Instant{kTick});
  EXPECT_EQ(pair[0].fired + pair[1].fired, 1);
  wheel.advance(Instant{kTick});
  EXPECT_EQ(pair[0].fired + pair[1].fired, 2);
  EXPECT_TRUE(wheel.empty());
}

}  // namespace
}  // namespace tablinum::io
