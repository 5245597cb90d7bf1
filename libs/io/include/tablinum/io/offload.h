#pragma once
/// Blocking work away from the reactor: `auto work = [&] { return database.query(…); };  CO_TRY(rows, co_await offload(io, work));`
///
/// StacklessIo runs `work` on a pool of threads and resumes the task on its own core. The parking models run it on the
/// task's thread, which is there to be blocked.
#include <exception>
#include <memory>
#include <optional>

#include "tablinum/io/io.h"

namespace tablinum::io {

class WorkerPool;

inline constexpr Size kOffloadThreadsMax = 64;
inline constexpr Size kOffloadQueueMax = 1024;

struct OffloadOptions {
  OffloadOptions() noexcept {}
  OffloadOptions(Size least, Size most, Size queue = kOffloadQueueMax) noexcept
      : threads_min{least}, threads_max{most}, queue_max{queue} {}
  Size threads_min = 1;            ///< kept when idle; started on demand
  Size threads_max = 16;           ///< capped at kOffloadThreadsMax
  Size queue_max = kOffloadQueueMax;
  Duration idle_limit = Duration::seconds(10);  ///< an idle thread above threads_min ends after it
};

/// A bounded FIFO served by threads that sleep on a condition variable. Thread-safe; may be shared by many Ios.
/// The destructor runs what is queued, then joins.
class OffloadPool {
 public:
  struct Usage {
    Size threads = 0;
    Size busy = 0;
    Size queued = 0;
    std::uint64_t jobs_done = 0;
  };

  explicit OffloadPool(OffloadOptions options = {});
  ~OffloadPool();
  OffloadPool(const OffloadPool&) = delete;
  OffloadPool& operator=(const OffloadPool&) = delete;

  /// Queues `job`, which lives until it ran or was withdrawn.
  /// @error limit: the queue is full.  unavailable: the system allows no thread.
  Result<void> submit(Ready& job);
  /// True: the job was still waiting and will not run.
  bool withdraw(Ready& job) noexcept;
  Usage usage() const;

 private:
  std::unique_ptr<WorkerPool> workers_;
};

namespace detail {

template <class T>
struct ResultOf {
  using Value = T;
};
template <class T>
struct ResultOf<Result<T>> {
  using Value = T;
};

}  // namespace detail

/// The awaiter of offload(): Result<T> for a work that returns T or Result<T>.
template <class Work>
class [[nodiscard]] OffloadAwaiter : public OperationAwaiter {
  using Returned = std::invoke_result_t<Work&>;
  using Value = typename detail::ResultOf<Returned>::Value;

 public:
  OffloadAwaiter(Io& io, OffloadPool* pool, Work& work) noexcept : OperationAwaiter{io, Kind::offload}, work_{work} {
    operation_.args.call = {&OffloadAwaiter::call, this, pool};
  }
  OffloadAwaiter(OffloadAwaiter&&) = delete;
  Result<Value> await_resume() {
    if (exception_) std::rethrow_exception(exception_);
    if (!succeeded()) return std::unexpected(error_of(operation_));
    if constexpr (std::is_void_v<Returned>) {
      return {};
    } else {
      return std::move(*returned_);
    }
  }

 private:
  static void call(void* self_pointer) noexcept {
    auto& self = *static_cast<OffloadAwaiter*>(self_pointer);
    try {
      if constexpr (std::is_void_v<Returned>) {
        self.work_();
      } else {
        self.returned_.emplace(self.work_());
      }
    } catch (...) {
      self.exception_ = std::current_exception();
    }
  }
  struct Nothing {};
  Work& work_;
  std::optional<std::conditional_t<std::is_void_v<Returned>, Nothing, Returned>> returned_;
  std::exception_ptr exception_;
};

/// Runs `work()` (a named callable, called once) on the Io's pool, or on `pool`.
/// @error limit: the pool's queue is full.  cancelled: before it began; a work that began is finished (put an OnCancel around
///        the await to interrupt it).  Otherwise the work's own. What it throws is rethrown.
template <class Work>
OffloadAwaiter<Work> offload(Io& io, Work& work) noexcept {
  return OffloadAwaiter<Work>{io, nullptr, work};
}
template <class Work>
OffloadAwaiter<Work> offload(Io& io, OffloadPool& pool, Work& work) noexcept {
  return OffloadAwaiter<Work>{io, &pool, work};
}
template <class Work>
void offload(Io& io, const Work&& work) = delete;
template <class Work>
void offload(Io& io, OffloadPool& pool, const Work&& work) = delete;

}  // namespace tablinum::io
