#pragma once
/// Waiting among the tasks of one Io. FIFO; a cancelled waiter leaves the queue; what was granted is kept.
#include "tablinum/io/io.h"

namespace tablinum::io {

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
    Lock& operator=(Lock&&) = delete;
    ~Lock() {
      if (semaphore_ != nullptr) semaphore_->release();
    }

   private:
    Semaphore* semaphore_;
  };
  Task<Result<Lock>> lock();

 private:
  Semaphore semaphore_;
};

}  // namespace tablinum::io
