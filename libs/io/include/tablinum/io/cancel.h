#pragma once
/// Deadlines and shields around a Task<Result<T>>. Each is one node of the cancellation tree and one timer.
#include "tablinum/io/io.h"

namespace tablinum::io {

/// A shield holds a cancellation back at most this long.
inline constexpr Duration kShieldMax = Duration::seconds(30);

namespace detail {

/// A node that cancels itself with Reason::timeout at `end`.
class DeadlineNode {
 public:
  DeadlineNode(Io& io, Context& parent, Instant end) noexcept;
  ~DeadlineNode();
  Context& context() noexcept { return context_; }
  bool expired() const noexcept { return expired_; }

 private:
  struct Expiry : Timer {
    DeadlineNode* node = nullptr;
  };
  Context context_;
  Expiry expiry_;
  bool expired_ = false;
};

/// A node that holds cancellation back until `limit` has passed.
class ShieldNode {
 public:
  ShieldNode(Io& io, Context& parent, Duration limit) noexcept;
  ~ShieldNode();
  Context& context() noexcept { return context_; }

 private:
  struct Lift : Timer {
    Context* context = nullptr;
  };
  Context context_;
  Lift lift_;
};

}  // namespace detail

/// Awaits `task`; from `end` on everything inside it is cancelled. Returns when the task has returned: a result that was
/// reached in spite of the cancellation is kept.
/// @error timeout: the deadline passed and the task failed.  Otherwise the task's own.
/// @note  On the parking models a deadline interrupts waits, not a call that occupies the thread.
template <class T>
Task<Result<T>> with_deadline(Io& io, Instant end, Task<Result<T>> task) {
  Context& here = co_await this_context();
  detail::DeadlineNode node{io, here, end};
  auto result = co_await under(node.context(), task);
  if (!result && node.expired()) co_return fail(Code::timeout, std::move(result).error().detail);
  co_return result;
}

/// with_deadline, from now.
template <class T>
Task<Result<T>> timeout(Io& io, Duration limit, Task<Result<T>> task) {
  return with_deadline(io, io.now() + limit, std::move(task));
}

/// For clean-up (a commit, a close-notify): a cancellation that comes, or has come, is held back from `task` for at most
/// `limit` (capped at kShieldMax), then delivered.
template <class T>
Task<T> shield(Io& io, Duration limit, Task<T> task) {
  Context& here = co_await this_context();
  detail::ShieldNode node{io, here, limit};
  co_return co_await under(node.context(), task);
}

}  // namespace tablinum::io
