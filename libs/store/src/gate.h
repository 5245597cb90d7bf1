#pragma once
/// One at a time, in the order of asking: an import's next batch does not overtake the edits that wait behind it.
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace tablinum::store {

class Gate {
 public:
  /// Waits for its turn; false when closed.
  bool enter() {
    std::unique_lock lock{mutex_};
    const auto ticket = next_++;
    turn_.wait(lock, [&] { return ticket == serving_; });
    if (!closed_) return true;
    serve_next();
    return false;
  }
  /// Enters only if nobody is inside or waits.
  bool try_enter() {
    const std::lock_guard lock{mutex_};
    if (closed_ || serving_ != next_) return false;
    ++next_;
    return true;
  }
  void leave() {
    const std::lock_guard lock{mutex_};
    serve_next();
  }
  /// Everybody who waits or comes later is turned away. One who is inside stays until leave().
  void close() {
    const std::lock_guard lock{mutex_};
    closed_ = true;
  }

 private:
  void serve_next() {
    ++serving_;
    turn_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable turn_;
  std::uint64_t next_ = 0, serving_ = 0;
  bool closed_ = false;
};

}  // namespace tablinum::store
