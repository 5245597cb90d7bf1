#pragma once
/// The rules that all models share: when an operation begins, waits, is interrupted and ends; timers. Where the time and the
/// descriptors come from is another matter: KernelIo (core/kernel_io.h), SimIo (sim/io.h).
#include "core/wheel.h"
#include "os/attempt.h"
#include "tablinum/io/io.h"

namespace tablinum::io {

class ModelIo : public Io {
 public:
  void cancel(Operation& operation) noexcept final;
  void complete(Operation& operation) noexcept final;
  void arm(Timer& timer) noexcept override;
  void disarm(Timer& timer) noexcept final;

 protected:
  explicit ModelIo(Instant start) noexcept : wheel_{start} {}

  /// The outcome of `operation` is set and it is in no list: lets its waiter go on.
  virtual void resume(Operation& operation) noexcept = 0;
  /// Takes back what was handed to a pool. False: it runs already.
  virtual bool withdraw_offloaded(Operation& operation) noexcept = 0;

  /// True: the context was cancelled, and the outcome says so.
  static bool refuse_cancelled(Operation& operation) noexcept;
  /// Enters the descriptor's slot for its direction. False: another operation is there (`busy` is set), or it is closed.
  static bool occupy(Operation& operation) noexcept;
  static void vacate(Operation& operation) noexcept;
  /// From here on cancel and the timer may end it.
  static void begin(Operation& operation) noexcept;
  void arm_limit(Operation& operation) noexcept;
  /// What is in flight on `descriptor` ends with `cancelled`.
  void cancel_all(Descriptor& descriptor) noexcept;
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
