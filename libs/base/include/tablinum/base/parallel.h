#pragma once
/// Executor: where work that can be split runs. Libraries without I/O of their own take one; io's pools can be one too.
#include <cstddef>
#include <functional>
#include <memory>
#include <type_traits>

namespace tablinum {

/// A reference to a callable; keeps nothing alive.
template <class Signature>
class FunctionRef;
template <class R, class... Arguments>
class FunctionRef<R(Arguments...)> {
 public:
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef> && std::is_invocable_r_v<R, F&, Arguments...>)
  FunctionRef(F&& function) noexcept  // NOLINT: as implicit as std::function
      : object_{const_cast<void*>(static_cast<const void*>(std::addressof(function)))},
        call_{[](void* object, Arguments... arguments) -> R {
          return (*static_cast<std::remove_reference_t<F>*>(object))(std::forward<Arguments>(arguments)...);
        }} {}
  R operator()(Arguments... arguments) const { return call_(object_, std::forward<Arguments>(arguments)...); }

 private:
  void* object_;
  R (*call_)(void*, Arguments...);
};

/// Thread-safe. Bodies and jobs must not throw.
class Executor {
 public:
  virtual ~Executor() = default;
  /// How many bodies can run at the same time, at least 1.
  virtual unsigned threads() const noexcept = 0;
  /// Calls body(0) … body(count − 1), each once, in any order and on any thread, the caller's among them. Returns when all have
  /// ended. May be called inside a body (then it may run on one thread only, and never deadlocks).
  virtual void for_each(std::size_t count, FunctionRef<void(std::size_t)> body) = 0;
  /// Runs `job` once, some time, perhaps before it returns (inline). Jobs not yet started when the executor ends still run.
  virtual void submit(std::move_only_function<void()> job) = 0;
};

/// Everything on the caller's thread.
Executor& inline_executor() noexcept;

/// A pool of `threads` − 1 threads of its own (the caller of for_each is one more); 0: one for each processor that this
/// process may use. Threads start with the first use.
std::unique_ptr<Executor> make_thread_pool(unsigned threads = 0);

/// Processors that this process may use (its affinity mask and its control group's share), at least 1.
unsigned available_processors() noexcept;

}  // namespace tablinum
