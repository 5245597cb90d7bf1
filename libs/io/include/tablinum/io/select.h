#pragma once
/// Waits for the first of several things, of which exactly one takes effect.
///
///   std::optional<Job> job;
///   auto hit = co_await select(io, io.now() + limit, on_receive(jobs, job), on_event(shutdown));
///   if (!hit) …                      // timeout, cancelled
///   if (hit->index == 0) …           // hit->code: Code{}, or closed
///
/// Which of several ready cases is taken changes from call to call. A send that loses keeps its value; a receive that loses
/// takes nothing.
#include <array>
#include <span>

#include "tablinum/io/channel.h"
#include "tablinum/io/scope.h"
#include "tablinum/io/sync.h"

namespace tablinum::io {

inline constexpr Size kSelectCasesMax = 64;

/// One case, made by on_…(); what it names outlives the select.
struct SelectCase {
  bool (*attempt)(Operation&) noexcept;  ///< takes effect now and sets the outcome; false: not now
  bool (*link)(Operation&) noexcept;     ///< waits; false: it could take effect now
  bool (*unlink)(Operation&) noexcept;   ///< waits no longer; harmless if it does not wait
  void* object;
  void* slot;
  bool shared;  ///< another thread may end it
};

/// Which case took effect.
struct Selected {
  Size index;
  Code code;  ///< Code{}; closed: the channel was
};

/// Receives into `slot`.
template <class AnyChannel, class T>
SelectCase on_receive(AnyChannel& channel, std::optional<T>& slot) noexcept {
  using Core = typename AnyChannel::Core;
  return {&Core::attempt_receive, &Core::link_receiver, &Core::withdraw_receiver, &channel.core(), &slot, AnyChannel::kShared};
}
/// Sends `value`, which is moved from only if this case takes effect.
template <class AnyChannel, class T>
SelectCase on_send(AnyChannel& channel, T& value) noexcept {
  using Core = typename AnyChannel::Core;
  return {&Core::attempt_send, &Core::link_sender, &Core::withdraw_sender, &channel.core(), &value, AnyChannel::kShared};
}
/// The event is set (an automatic one is reset by it).
SelectCase on_event(Event& event) noexcept;
/// A permit was acquired.
SelectCase on_permit(Semaphore& semaphore) noexcept;
/// The task has ended: `co_await future` will not wait. Unlike that, losing does not cancel it.
template <class T>
SelectCase on_future(Future<T>& future) noexcept {
  using detail::ChildBase;
  return {&ChildBase::attempt, &ChildBase::link, &ChildBase::unlink, future.child(), nullptr, false};
}

namespace detail {

/// The rules of select, apart from how many cases there are.
class SelectCore {
 public:
  /// What the operation that waits must be set to.
  Operation::Park park() noexcept { return {&enlist, &withdraw, this, nullptr}; }

  Claim claim;
  std::span<const SelectCase> cases;
  std::span<Operation> arms;

  Size winner() const noexcept { return static_cast<Size>(claim.winner.load() - arms.data()); }
  void unlink_all() noexcept;

 private:
  static bool enlist(Operation& whole) noexcept;
  static bool withdraw(Operation& whole) noexcept;
  bool attempt_all(Size first) noexcept;
  bool link_all() noexcept;
};

template <Size N>
class [[nodiscard]] SelectAwaiter : public OperationAwaiter {
 public:
  template <class... Case>
  SelectAwaiter(Io& io, Instant limit, Case... each) noexcept
      : OperationAwaiter{io, Kind::park}, cases_{each...}, arms_{arm_of(each)...} {
    operation_.at = limit;
    operation_.outside = (each.shared || ...);
    operation_.args.park = core_.park();
    core_.claim.whole = &operation_;
    core_.cases = cases_;
    core_.arms = arms_;
    for (Operation& arm : arms_) arm.claim = &core_.claim;
  }
  SelectAwaiter(SelectAwaiter&&) = delete;

  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiter) noexcept {
    for (Operation& arm : arms_) arm.context = waiter.promise().context;
    return OperationAwaiter::await_suspend(waiter);
  }
  Result<Selected> await_resume() {
    core_.unlink_all();
    // Success wins over a cancellation that came in the same moment.
    const Operation* winner = core_.claim.winner.load();
    if (winner == nullptr || winner == &operation_) return std::unexpected(error_of(operation_));
    return Selected{core_.winner(), winner->code};
  }

 private:
  template <class Case>
  static Operation arm_of(const Case& each) noexcept {
    Operation arm{Kind::park};
    arm.args.park = {nullptr, nullptr, each.object, each.slot};
    return arm;
  }
  std::array<SelectCase, N> cases_;
  std::array<Operation, N> arms_;
  SelectCore core_;
};

}  // namespace detail

/// @error timeout: none by `limit` (Instant::never(): no limit).  cancelled.  would_deadlock (BlockingIo): nothing can end it.
template <class... Case>
  requires(sizeof...(Case) >= 1 && sizeof...(Case) <= kSelectCasesMax && (std::is_same_v<Case, SelectCase> && ...))
detail::SelectAwaiter<sizeof...(Case)> select(Io& io, Instant limit, Case... cases) noexcept {
  return detail::SelectAwaiter<sizeof...(Case)>{io, limit, cases...};
}

}  // namespace tablinum::io
