#pragma once
/// One end that any thread may announce and tasks of any Io wait for.
#include <mutex>

#include "tablinum/io/io.h"

namespace tablinum::proof {

class Completion {
 public:
  Completion() = default;
  Completion(const Completion&) = delete;

  /// Any thread. Whoever calls it keeps the object alive until it returned.
  void set() noexcept;

  /// Not interrupted by cancellation: whoever waits has told the work to stop, and it does.
  class [[nodiscard]] Wait : public io::OperationAwaiter {
   public:
    Wait(io::Io& io, Completion& completion) noexcept;
    void await_resume() const noexcept {}
  };
  Wait wait(io::Io& io) noexcept { return Wait{io, *this}; }

 private:
  static bool enlist(io::Operation& operation) noexcept;
  static bool withdraw(io::Operation& operation) noexcept;
  std::mutex mutex_;
  bool set_ = false;
  io::WaitQueue waiters_;
};

}  // namespace tablinum::proof
