#pragma once
/// Waiting among the tasks of one Io. FIFO; a cancelled waiter leaves the queue; what was granted is kept.
#include "tablinum/io/io.h"

namespace tablinum::io {

struct SelectCase;

/// The awaiter of this header's waits: Result<void>.
/// @error cancelled; timeout (until); would_deadlock: nothing can ever end it (BlockingIo).
using Wait = Op<void>;

/// A flag that tasks wait for.
class Event {
 public:
  enum class Reset : std::uint8_t { manual, automatic };
  explicit Event(Io& io, Reset reset = Reset::manual) noexcept : io_{io}, reset_{reset} {}
  ~Event() { assert(waiters_.empty()); }
  Event(const Event&) = delete;

  /// manual: wakes all, stays set.  automatic: wakes the first waiter, or stays set for the next one.
  void set() noexcept;
  void reset() noexcept;
  bool is_set() const noexcept;
  Wait wait() noexcept;

 private:
  friend SelectCase on_event(Event& event) noexcept;
  static bool attempt(Operation& operation) noexcept;
  static bool link(Operation& operation) noexcept;
  static bool enlist(Operation& operation) noexcept;
  static bool withdraw(Operation& operation) noexcept;
  Io& io_;
  Reset reset_;
  bool set_ = false;
  WaitQueue waiters_;
};

/// Counted permits, e.g. for connections.
class Semaphore {
 public:
  Semaphore(Io& io, Size permits) noexcept : io_{io}, permits_{permits} {}
  ~Semaphore() { assert(waiters_.empty()); }
  Semaphore(const Semaphore&) = delete;

  /// Takes one permit. Nobody overtakes those who wait.
  Wait acquire() noexcept;
  /// False if there is none, or others wait.
  bool try_acquire() noexcept;
  /// Gives one back; hands it to the first waiter.
  void release() noexcept;
  Size available() const noexcept;

 private:
  friend SelectCase on_permit(Semaphore& semaphore) noexcept;
  static bool attempt(Operation& operation) noexcept;
  static bool link(Operation& operation) noexcept;
  static bool enlist(Operation& operation) noexcept;
  static bool withdraw(Operation& operation) noexcept;
  Io& io_;
  Size permits_;
  WaitQueue waiters_;
};

/// May be held across co_await (unlike std::mutex).
class Mutex {
 public:
  explicit Mutex(Io& io) noexcept : semaphore_{io, 1} {}

  /// Unlocks in its destructor.
  class [[nodiscard]] Lock {
   public:
    explicit Lock(Semaphore& semaphore) noexcept : semaphore_{&semaphore} {}
    Lock(Lock&& other) noexcept : semaphore_{std::exchange(other.semaphore_, nullptr)} {}
    Lock& operator=(Lock&& other) noexcept {
      std::swap(semaphore_, other.semaphore_);
      return *this;
    }
    ~Lock() { unlock(); }
    /// Harmless if it is unlocked already.
    void unlock() noexcept {
      if (Semaphore* held = std::exchange(semaphore_, nullptr)) held->release();
    }
    explicit operator bool() const noexcept { return semaphore_ != nullptr; }

   private:
    Semaphore* semaphore_;
  };
  Task<Result<Lock>> lock();

 private:
  friend class Condition;
  Semaphore semaphore_;
};

/// Waits for a change of what a Mutex protects.
class Condition {
 public:
  explicit Condition(Io& io) noexcept : io_{io} {}
  ~Condition() { assert(waiters_.empty()); }
  Condition(const Condition&) = delete;

  /// Unlocks `mutex`, which the caller holds by `lock`, waits for a notification, and locks it again, also after an error.
  /// Look again at what was waited for: somebody may have been faster.  @error as Wait.
  Task<Result<void>> wait(Mutex& mutex, Mutex::Lock& lock);
  void notify_one() noexcept;
  void notify_all() noexcept;

 private:
  static bool enlist(Operation& operation) noexcept;
  static bool withdraw(Operation& operation) noexcept;
  Io& io_;
  WaitQueue waiters_;
};

/// Lets nobody pass before `count` have come; then all, and the next round begins.
class Barrier {
 public:
  Barrier(Io& io, Size count) noexcept : io_{io}, count_{count} { assert(count > 0); }
  ~Barrier() { assert(waiters_.empty()); }
  Barrier(const Barrier&) = delete;

  /// One who is cancelled has not come.
  Wait arrive_and_wait() noexcept;

 private:
  static bool enlist(Operation& operation) noexcept;
  static bool withdraw(Operation& operation) noexcept;
  Io& io_;
  Size count_;
  Size arrived_ = 0;
  WaitQueue waiters_;
};

}  // namespace tablinum::io
