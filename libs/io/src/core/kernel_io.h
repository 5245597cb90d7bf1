#pragma once
/// What the three models on a real kernel share: clock, timers, the rules of cancelling, descriptors.
#include "core/wheel.h"
#include "os/attempt.h"
#include "tablinum/io/io.h"

namespace tablinum::io {

class KernelIo : public Io {
 public:
  void cancel(Operation& operation) noexcept final;
  void complete(Operation& operation) noexcept final;
  void arm(Timer& timer) noexcept override;
  void disarm(Timer& timer) noexcept final;
  Result<Descriptor*> attach(int fd, bool stream) override;
  void detach(Descriptor* descriptor) noexcept final;
  Instant now() const noexcept final { return monotonic_now(); }
  Timestamp wall_time() const noexcept final { return wall_now(); }
  void fill_random(MutableBytes out) final;

 protected:
  KernelIo() : wheel_{monotonic_now()} {}

  /// The outcome of `operation` is set and it is in no list: lets its waiter go on.
  virtual void resume(Operation& operation) noexcept = 0;
  /// Takes back what was handed to a pool. False: it runs already.
  virtual bool withdraw_offloaded(Operation& operation) noexcept = 0;
  /// Returns when no other thread is in a system call on the descriptor. Under the lock.
  virtual void wait_for_calls(const Descriptor&) noexcept {}
  /// Frees the descriptor, whose fd is closed.
  virtual void discard(Descriptor* descriptor) noexcept { delete descriptor; }

  /// True: the context was cancelled, and the outcome says so.
  static bool refuse_cancelled(Operation& operation) noexcept;
  /// Enters the descriptor's slot for its direction. False: another operation is there (`busy` is set), or it is closed.
  static bool occupy(Operation& operation) noexcept;
  static void vacate(Operation& operation) noexcept;
  /// From here on cancel and the timer may end it.
  static void begin(Operation& operation) noexcept;
  void arm_limit(Operation& operation) noexcept;
  /// The operation ended without resume: it leaves all lists.
  void end(Operation& operation) noexcept;

  TimerWheel wheel_;

 private:
  static void limit_reached(Timer& timer) noexcept;
  /// Ends a pending operation with `why`, unless it is too late for that.
  void interrupt(Operation& operation, Code why) noexcept;
  /// Takes a pending operation out of whatever it waits in. False: too late.
  bool release(Operation& operation) noexcept;
};

}  // namespace tablinum::io
