#pragma once
/// The models as objects, and the server's arrangement: one reactor a core.
#include <functional>
#include <memory>

#include "tablinum/io/io.h"
#include "tablinum/io/offload.h"

namespace tablinum::io {

inline constexpr unsigned kCoresMax = 256;
inline constexpr Size kPoolThreadsMax = 512;
inline constexpr Size kSpawnQueueMax = 1024;

/// What `offload` and files of a StacklessIo use; may be shared by several. The pools outlive the Io.
struct StacklessOptions {
  StacklessOptions() noexcept {}
  StacklessOptions(OffloadPool* cpu_pool, OffloadPool* file_pool) noexcept : cpu{cpu_pool}, files{file_pool} {}
  OffloadPool* cpu = nullptr;    ///< null: a pool of its own, made at the first use
  OffloadPool* files = nullptr;  ///< null: a pool of its own, made at the first use
  bool ring = true;              ///< reads, writes and syncs of files through io_uring where the kernel has it, else on `files`
  Size tasks_max = kTasksMax;    ///< alive at a time; at most kTasksMax
};

/// Coroutine frames on one thread over epoll: the server's default. `run` it from the thread that owns it.
/// @error io, limit: the system gave no epoll instance or eventfd.
Result<std::unique_ptr<Io>> make_stackless_io(StacklessOptions options = {});

inline constexpr Size kGreenStackBytesMin = 16 * 1024;
inline constexpr Size kGreenStackBytesMax = 8 * 1024 * 1024;

struct GreenOptions {
  GreenOptions() noexcept {}
  Size stack_bytes = 64 * 1024;  ///< of each task, in whole pages; a guard page comes on top
  StacklessOptions pools;
};

/// A stack for each task on one thread over epoll: for deep call chains, and for plain functions that wait (run_here). A stack
/// that is used up ends the process with a message that names the task. Concurrency::may runs inline where no stack can be had.
/// @error invalid: stack_bytes.  io, limit: as make_stackless_io.
Result<std::unique_ptr<Io>> make_green_threads_io(GreenOptions options = {});

/// Everything on the caller's thread; a spawned child runs to its end inside spawn. A wait that nothing can end returns
/// `would_deadlock`. For command-line tools and tests.
Result<std::unique_ptr<Io>> make_blocking_io();

struct ThreadPoolOptions {
  ThreadPoolOptions() noexcept {}
  Size threads = 4;                        ///< how many may run at the same time; waiting ones do not count
  Size threads_max = kPoolThreadsMax;      ///< with the waiting ones; at most kPoolThreadsMax
  Size queue_max = kSpawnQueueMax;         ///< spawned, not started; beyond it spawn runs inline
  Duration idle_limit = Duration::seconds(10);
};
/// A thread for each task that runs or waits. The destructor waits for the tasks.
Result<std::unique_ptr<Io>> make_thread_pool_io(ThreadPoolOptions options = {});

enum class Model : std::uint8_t { stackless, green };

struct RuntimeOptions {
  RuntimeOptions() noexcept {}
  Model model = Model::stackless;
  unsigned cores = 0;  ///< reactors; 0: as many as the process may use
  OffloadOptions cpu;
  OffloadOptions files;
};

/// N reactors with shared offload pools. `main` runs once on each; listen with reuse_port inside it.
class Runtime {
 public:
  using Main = std::function<Task<Result<void>>(Io& io, unsigned core)>;

  explicit Runtime(RuntimeOptions options = {});
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// Runs `main` on every core (core 0: the caller's thread) until all have returned. The first error stops the others and
  /// is returned.  @error main's; io, limit: no reactor.
  Result<void> run(const Main& main);
  /// Any thread, idempotent: Io::stop(grace) on every core.
  void stop(Duration grace) noexcept;

  unsigned cores() const noexcept;
  OffloadPool& cpu_pool() noexcept;
  OffloadPool& file_pool() noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tablinum::io
