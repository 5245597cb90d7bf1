#pragma once
/// Messages to a core from any thread: a lock-free stack that the core takes as a whole and reverses, and an eventfd that is
/// written only if the core has said that it sleeps.
#include <atomic>

#include "os/descriptor.h"
#include "tablinum/io/io.h"

namespace tablinum::io {

class Mailbox {
 public:
  /// `wake_fd`: an eventfd the core polls; owned.
  explicit Mailbox(OwnedFd wake_fd) noexcept : wake_fd_{std::move(wake_fd)} {}

  /// Any thread.
  void push(Ready& message) noexcept;
  /// The core: true if it may sleep (nothing has come). It must call wake_up() afterwards.
  bool fall_asleep() noexcept;
  void wake_up() noexcept { asleep_.store(false, std::memory_order_relaxed); }
  /// The core: runs what has come, oldest first. True if there was anything.
  bool deliver() noexcept;
  bool pending() const noexcept { return first_.load(std::memory_order_relaxed) != nullptr; }
  int wake_fd() const noexcept { return wake_fd_.get(); }
  /// The core: empties the eventfd.
  void drain_wake_fd() noexcept;

 private:
  std::atomic<Ready*> first_ = nullptr;
  std::atomic<bool> asleep_ = false;
  OwnedFd wake_fd_;
};

}  // namespace tablinum::io
