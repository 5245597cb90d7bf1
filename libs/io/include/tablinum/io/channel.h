#pragma once
/// Bounded queues between tasks. LocalChannel: tasks of one Io. Channel: tasks of any Io, and plain threads with try_….
///
/// | | open | after close() |
/// |---|---|---|
/// | send | waits when full | `closed`, the value stays with the caller |
/// | receive | waits when empty | drains what is queued, then `closed` |
/// | try_… | `would_block` | as above |
/// Hand-off is direct: a sender that finds a waiting receiver fills its slot. FIFO. Capacity 0 is a rendezvous.
/// UnboundedChannel never lets a sender wait; Oneshot carries one value. select.h waits for several at once.
#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "tablinum/io/io.h"

#if TABLINUM_IO_THREADS
#include <mutex>
#endif

namespace tablinum::io {

inline constexpr Size kChannelItemsMax = Size{1} << 20;

namespace detail {

/// The lock of a channel whose tasks share one Io.
struct IoLock {
  explicit IoLock(Io& owner) noexcept : io{&owner} {}
  class Held {
   public:
    explicit Held(IoLock& lock) noexcept : guard_{*lock.io} {}

   private:
    Guard guard_;
  };
  static constexpr bool kShared = false;
  void wake(Operation& operation) noexcept { io->complete(operation); }
  Io* io;
};

#if TABLINUM_IO_THREADS
using ThreadMutex = std::mutex;
using ThreadHeld = std::unique_lock<std::mutex>;
#else
struct ThreadMutex {};
struct ThreadHeld {
  explicit ThreadHeld(ThreadMutex&) noexcept {}
};
#endif

/// The lock of a channel between threads. A woken task is told through its Io's post.
struct ThreadLock {
  using Held = ThreadHeld;
  static constexpr bool kShared = true;
  static void complete_posted(Ready& message) noexcept {
    auto& operation = static_cast<Operation&>(message);
    operation.context->io->complete(operation);
  }
  void wake(Operation& operation) noexcept {
    operation.run = &complete_posted;
    operation.context->io->post(operation);
  }
  operator ThreadMutex&() noexcept { return mutex; }
  ThreadMutex mutex;
};

/// The channel's rules, once for both locks. Woken operations are completed after the lock is released.
template <class T, class Lock>
class ChannelCore {
 public:
  template <class... A>
  explicit ChannelCore(Size capacity, A&&... lock) : lock_{std::forward<A>(lock)...}, capacity_{capacity} {
    assert(capacity <= kChannelItemsMax);
  }
  ~ChannelCore() { assert(senders_.empty() && receivers_.empty()); }
  ChannelCore(const ChannelCore&) = delete;

  /// `value` is moved from only on success.
  Code try_send(T& value) {
    Operation* woken = nullptr;
    Code code;
    {
      typename Lock::Held held{lock_};
      code = send_now(value, woken);
    }
    if (woken != nullptr) lock_.wake(*woken);
    return code;
  }
  Code try_receive(std::optional<T>& slot) {
    Operation* woken = nullptr;
    Code code;
    {
      typename Lock::Held held{lock_};
      code = receive_now(slot, woken);
    }
    if (woken != nullptr) lock_.wake(*woken);
    return code;
  }
  void close() noexcept {
    WaitQueue woken;
    {
      typename Lock::Held held{lock_};
      closed_ = true;
      move_all(senders_, woken);
      move_all(receivers_, woken);
    }
    // Only senders or receivers can wait, never both, and a receiver waits only while nothing is queued: all get `closed`.
    while (Operation* operation = woken.pop()) lock_.wake(*operation);
  }
  Size size() const {
    typename Lock::Held held{lock_};
    return count_;
  }

  // For select: take effect now, or wait (false: it could take effect now after all), or wait no longer.
  static bool attempt_send(Operation& operation) noexcept {
    auto& self = *static_cast<ChannelCore*>(operation.args.park.object);
    const Code code = self.try_send(*static_cast<T*>(operation.args.park.slot));
    operation.set(code);
    return code != Code::would_block;
  }
  static bool attempt_receive(Operation& operation) noexcept {
    auto& self = *static_cast<ChannelCore*>(operation.args.park.object);
    const Code code = self.try_receive(*static_cast<std::optional<T>*>(operation.args.park.slot));
    operation.set(code);
    return code != Code::would_block;
  }
  static bool link_sender(Operation& operation) noexcept {
    auto& self = *static_cast<ChannelCore*>(operation.args.park.object);
    typename Lock::Held held{self.lock_};
    if (self.closed_ || self.count_ < self.capacity_ || self.receivers_.has_other(operation.claim)) return false;
    self.senders_.push(operation);
    return true;
  }
  static bool link_receiver(Operation& operation) noexcept {
    auto& self = *static_cast<ChannelCore*>(operation.args.park.object);
    typename Lock::Held held{self.lock_};
    if (self.closed_ || self.count_ > 0 || self.senders_.has_other(operation.claim)) return false;
    self.receivers_.push(operation);
    return true;
  }

  static bool enlist_sender(Operation& operation) noexcept {
    auto& self = *static_cast<ChannelCore*>(operation.args.park.object);
    return self.enlist(operation, self.senders_, [&](Operation*& woken) {
      return self.send_now(*static_cast<T*>(operation.args.park.slot), woken);
    });
  }
  static bool enlist_receiver(Operation& operation) noexcept {
    auto& self = *static_cast<ChannelCore*>(operation.args.park.object);
    return self.enlist(operation, self.receivers_, [&](Operation*& woken) {
      return self.receive_now(*static_cast<std::optional<T>*>(operation.args.park.slot), woken);
    });
  }
  static bool withdraw_sender(Operation& operation) noexcept { return withdraw(operation, &ChannelCore::senders_); }
  static bool withdraw_receiver(Operation& operation) noexcept { return withdraw(operation, &ChannelCore::receivers_); }

 private:
  template <class Attempt>
  bool enlist(Operation& operation, WaitQueue& queue, Attempt attempt) noexcept {
    Operation* woken = nullptr;
    Code code;
    {
      typename Lock::Held held{lock_};
      code = attempt(woken);
      if (code == Code::would_block) queue.push(operation);
    }
    if (woken != nullptr) lock_.wake(*woken);
    if (code == Code::would_block) return false;
    operation.set(code);
    return true;
  }
  static bool withdraw(Operation& operation, WaitQueue ChannelCore::* queue) noexcept {
    auto& self = *static_cast<ChannelCore*>(operation.args.park.object);
    typename Lock::Held held{self.lock_};
    return (self.*queue).remove(operation);
  }
  Code send_now(T& value, Operation*& woken) {
    if (closed_) return Code::closed;
    if (Operation* receiver = receivers_.pop()) {
      static_cast<std::optional<T>*>(receiver->args.park.slot)->emplace(std::move(value));
      woken = receiver;
    } else if (count_ < capacity_) {
      append(value);
    } else {
      return Code::would_block;
    }
    return Code{};
  }
  Code receive_now(std::optional<T>& slot, Operation*& woken) {
    if (count_ > 0) {
      slot.emplace(std::move(*ring_[head_]));
      ring_[head_].reset();
      head_ = (head_ + 1) % ring_.size();
      --count_;
      refill(woken);
    } else if (Operation* sender = senders_.pop()) {
      slot.emplace(std::move(*static_cast<T*>(sender->args.park.slot)));
      woken = sender;
    } else {
      return closed_ ? Code::closed : Code::would_block;
    }
    return Code{};
  }
  void refill(Operation*& woken) {
    Operation* sender = senders_.pop();
    if (sender == nullptr) return;
    append(*static_cast<T*>(sender->args.park.slot));
    woken = sender;
  }
  /// The ring grows with use, up to the capacity.
  void append(T& value) {
    if (count_ == ring_.size()) {
      std::vector<std::optional<T>> larger(std::min(capacity_, std::max(kRingStart, 2 * ring_.size())));
      for (Size i = 0; i < count_; ++i) larger[i] = std::move(ring_[(head_ + i) % ring_.size()]);
      ring_ = std::move(larger);
      head_ = 0;
    }
    ring_[(head_ + count_++) % ring_.size()].emplace(std::move(value));
  }
  static void move_all(WaitQueue& from, WaitQueue& to) noexcept {
    while (Operation* operation = from.pop()) {
      operation->set(Code::closed);
      to.push(*operation);
    }
  }

  static constexpr Size kRingStart = 16;

  mutable Lock lock_;
  Size capacity_;
  std::vector<std::optional<T>> ring_;
  Size head_ = 0;
  Size count_ = 0;
  bool closed_ = false;
  WaitQueue senders_;
  WaitQueue receivers_;
};

template <class T, class Core>
class [[nodiscard]] SendAwaiter : public OperationAwaiter {
 public:
  SendAwaiter(Io& io, Core& core, T& value, bool outside) noexcept : OperationAwaiter{io, Kind::park} {
    operation_.args.park = {&Core::enlist_sender, &Core::withdraw_sender, &core, &value};
    operation_.outside = outside;
  }
  SendAwaiter&& until(Instant limit) && noexcept {
    operation_.at = limit;
    return std::move(*this);
  }
  Result<void> await_resume() const {
    if (!succeeded()) return std::unexpected(error_of(operation_));
    return {};
  }
};

template <class T, class Core>
class [[nodiscard]] ReceiveAwaiter : public OperationAwaiter {
 public:
  ReceiveAwaiter(Io& io, Core& core, bool outside) noexcept : OperationAwaiter{io, Kind::park} {
    operation_.args.park = {&Core::enlist_receiver, &Core::withdraw_receiver, &core, &slot_};
    operation_.outside = outside;
  }
  ReceiveAwaiter(ReceiveAwaiter&&) = delete;
  ReceiveAwaiter&& until(Instant limit) && noexcept {
    operation_.at = limit;
    return std::move(*this);
  }
  Result<T> await_resume() {
    if (!succeeded()) return std::unexpected(error_of(operation_));
    return std::move(*slot_);
  }

 private:
  std::optional<T> slot_;
};

inline Result<void> result_of(Code code) {
  if (code != Code{}) return fail(code);
  return {};
}

}  // namespace detail

/// Between tasks of one Io. The channel outlives its waiters.
template <class T>
class LocalChannel {
 public:
  using Core = detail::ChannelCore<T, detail::IoLock>;
  static constexpr bool kShared = false;

  /// `capacity` 0 … kChannelItemsMax.
  LocalChannel(Io& io, Size capacity) : io_{io}, core_{capacity, io} {}

  /// `value` is moved from only on success, and lives until it returned.
  /// @error closed, cancelled, timeout (until), would_deadlock (BlockingIo).
  detail::SendAwaiter<T, Core> send(T& value) noexcept { return {io_, core_, value, false}; }
  /// @error closed: and nothing is queued any more.  cancelled, timeout, would_deadlock as send.
  detail::ReceiveAwaiter<T, Core> receive() noexcept { return {io_, core_, false}; }
  /// @error would_block, closed.
  Result<void> try_send(T& value) { return detail::result_of(core_.try_send(value)); }
  Result<T> try_receive() {
    std::optional<T> slot;
    if (const Code code = core_.try_receive(slot); code != Code{}) return fail(code);
    return std::move(*slot);
  }
  void close() noexcept { core_.close(); }
  Size size() const { return core_.size(); }
  /// For select.h.
  Core& core() noexcept { return core_; }

 private:
  Io& io_;
  Core core_;
};

/// Between tasks of any Ios, and threads. Each await names the Io it waits on. Thread-safe.
template <class T>
class Channel {
 public:
  using Core = detail::ChannelCore<T, detail::ThreadLock>;
  static constexpr bool kShared = true;

  explicit Channel(Size capacity) : core_{capacity} {}

  /// As LocalChannel.
  detail::SendAwaiter<T, Core> send(Io& io, T& value) noexcept { return {io, core_, value, true}; }
  detail::ReceiveAwaiter<T, Core> receive(Io& io) noexcept { return {io, core_, true}; }
  Result<void> try_send(T& value) { return detail::result_of(core_.try_send(value)); }
  Result<T> try_receive() {
    std::optional<T> slot;
    if (const Code code = core_.try_receive(slot); code != Code{}) return fail(code);
    return std::move(*slot);
  }
  void close() noexcept { core_.close(); }
  Size size() const { return core_.size(); }
  /// For select.h.
  Core& core() noexcept { return core_; }

 private:
  Core core_;
};

/// A Channel whose senders never wait. Thread-safe.
template <class T>
class UnboundedChannel {
 public:
  using Core = typename Channel<T>::Core;
  static constexpr bool kShared = true;

  /// `value` is moved from only on success.  @error closed.  limit: kChannelItemsMax are queued.
  Result<void> send(T& value) {
    auto sent = channel_.try_send(value);
    if (!sent && sent.error().code == Code::would_block) return fail(Code::limit, "too many values are queued");
    return sent;
  }
  /// As Channel.
  detail::ReceiveAwaiter<T, Core> receive(Io& io) noexcept { return channel_.receive(io); }
  Result<T> try_receive() { return channel_.try_receive(); }
  void close() noexcept { channel_.close(); }
  Size size() const { return channel_.size(); }
  Core& core() noexcept { return channel_.core(); }

 private:
  Channel<T> channel_{kChannelItemsMax};
};

/// One value from one task or thread to another. Thread-safe.
template <class T>
class Oneshot {
 public:
  using Core = typename Channel<T>::Core;
  static constexpr bool kShared = true;

  /// @error closed: a value was sent already, or close() was called; `value` stays.
  Result<void> send(T& value) {
    auto sent = channel_.try_send(value);
    if (!sent) return fail(Code::closed);
    channel_.close();
    return {};
  }
  /// Once.  @error closed: no value will come, or it was taken.  cancelled, timeout, would_deadlock.
  detail::ReceiveAwaiter<T, Core> receive(Io& io) noexcept { return channel_.receive(io); }
  Result<T> try_receive() { return channel_.try_receive(); }
  /// No value will come.
  void close() noexcept { channel_.close(); }
  Core& core() noexcept { return channel_.core(); }

 private:
  Channel<T> channel_{1};
};

}  // namespace tablinum::io
