#pragma once
/// Task<T>: a lazy coroutine, the same on every execution model.
///
/// A child is started by a nested resume(), a late parent by the driver loop (Core::drive). There is no symmetric transfer,
/// so a loop of any number of awaits that finish at once uses a constant stack at every optimisation level.
/// A suspended frame is never destroyed: cancelling completes the operation and lets the code return.
///
/// Rules for code inside a Task: `co_await` stands alone or as an initialiser; no std::mutex is held across it; a lambda with
/// captures that is a coroutine must be a named object that outlives the Task.
#include <cassert>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <source_location>
#include <type_traits>
#include <utility>

#include "tablinum/io/fwd.h"

namespace tablinum::io {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define TABLINUM_IO_PLAIN_FRAMES 1  // so that the sanitizer sees a stale frame
#endif
#endif
#ifdef TABLINUM_IO_PLAIN_FRAMES
inline constexpr bool kFramesPooled = false;
#else
inline constexpr bool kFramesPooled = true;
#endif
/// Frames of at most this size come from a cache of the thread (unless kFramesPooled is false); larger ones from malloc.
inline constexpr std::size_t kPooledFrameBytesMax = 2048;
/// So many free frames of one size class a thread keeps; what is freed beyond goes back to malloc.
inline constexpr std::size_t kPooledFramesPerClassMax = 1024;

namespace detail {

void* allocate_frame(std::size_t bytes);
void free_frame(void* frame, std::size_t bytes) noexcept;
/// Free frames of the size class of `bytes` that this thread keeps.
std::size_t free_frames(std::size_t bytes) noexcept;
/// The driver of `context`'s core resumes `parent` next; null: the task of `context` has ended.
void hand_to_driver(Context& context, std::coroutine_handle<> parent) noexcept;

/// What all promises share. `context` is set by whoever starts the coroutine.
struct PromiseBase {
  Context* context = nullptr;
  std::coroutine_handle<> continuation;
  std::exception_ptr exception;
  std::source_location where;  ///< the coroutine's function, for dumps
  bool started = false;
  bool detached = false;  ///< the parent suspended: the driver resumes it
  bool finished = false;

  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* frame, std::size_t bytes) noexcept { free_frame(frame, bytes); }

  std::suspend_always initial_suspend() noexcept { return {}; }
  struct FinalAwaiter {
    FinalAwaiter() noexcept {}
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      PromiseBase& promise = self.promise();
      promise.finished = true;
      if (promise.detached) hand_to_driver(*promise.context, promise.continuation);
    }
    void await_resume() const noexcept {}
  };
  FinalAwaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { exception = std::current_exception(); }
  void rethrow_if_failed() {
    if (exception) std::rethrow_exception(std::exchange(exception, nullptr));
  }
};

template <class T>
struct Promise : PromiseBase {
  union {
    T value;
  };
  bool has_value = false;

  Promise() noexcept {}
  ~Promise() {
    if (has_value) value.~T();
  }
  Task<T> get_return_object(std::source_location function = std::source_location::current()) noexcept;
  template <class U = T>
    requires std::is_constructible_v<T, U&&>
  void return_value(U&& result) {
    ::new (static_cast<void*>(&value)) T(std::forward<U>(result));
    has_value = true;
  }
  T take() {
    rethrow_if_failed();
    return std::move(value);
  }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object(std::source_location function = std::source_location::current()) noexcept;
  void return_void() const noexcept {}
  void take() { rethrow_if_failed(); }
};

}  // namespace detail

/// Move-only, lazy, one owner, awaited (or spawned) exactly once. Destroying one that never started frees it;
/// destroying one that is running is a bug and asserts.
template <class T>
class [[nodiscard]] Task {
 public:
  using value_type = T;
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Task(Task&& other) noexcept : handle_{std::exchange(other.handle_, nullptr)} {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (!handle_) return;
    assert(!handle_.promise().started || handle_.promise().finished);
    handle_.destroy();
  }

  /// For the module's own starters (Scope, run, under): the coroutine, still owned by this Task.
  Handle handle() const noexcept { return handle_; }

  class Awaiter {
   public:
    explicit Awaiter(Handle child, Context* context = nullptr) noexcept : child_{child}, context_{context} {}
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> parent) {
      promise_type& promise = child_.promise();
      assert(!promise.started);
      promise.context = context_ != nullptr ? context_ : parent.promise().context;
      promise.continuation = parent;
      promise.started = true;
      child_.resume();
      if (promise.finished) return false;
      promise.detached = true;
      return true;
    }
    T await_resume() { return child_.promise().take(); }

   private:
    Handle child_;
    Context* context_;
  };
  Awaiter operator co_await() && noexcept { return Awaiter{handle_}; }

 private:
  friend promise_type;
  explicit Task(Handle handle) noexcept : handle_{handle} {}
  Handle handle_;
};

namespace detail {
template <class T>
Task<T> Promise<T>::get_return_object(std::source_location function) noexcept {
  where = function;
  return Task<T>{std::coroutine_handle<Promise>::from_promise(*this)};
}
inline Task<void> Promise<void>::get_return_object(std::source_location function) noexcept {
  where = function;
  return Task<void>{std::coroutine_handle<Promise>::from_promise(*this)};
}
}  // namespace detail

}  // namespace tablinum::io
