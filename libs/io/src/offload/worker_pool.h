#pragma once
/// Threads that serve a bounded FIFO: under OffloadPool, and under ThreadPoolIo, whose tasks may wait on the thread.
#include "tablinum/io/io.h"

#if TABLINUM_IO_THREADS
#include <atomic>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <thread>

namespace tablinum::io {

class WorkerPool {
 public:
  struct Limits {
    Size threads_min;      ///< kept when idle
    Size threads_running;  ///< how many may run at once; those that wait do not count
    Size threads_max;      ///< with those that wait
    Size queue_max;
    Duration idle_limit;   ///< an idle thread above threads_min ends after it
  };
  struct Usage {
    Size threads = 0;
    Size idle = 0;
    Size waiting = 0;
    Size queued = 0;
    std::uint64_t jobs_done = 0;
  };

  explicit WorkerPool(Limits limits) : limits_{limits} {}
  /// Serves what is queued, then joins.
  ~WorkerPool();

  /// may: @error limit: the queue is full.  must: a thread takes it even if all others wait for it; @error unavailable: no
  /// more threads are allowed.
  Result<void> submit(Ready& job, Concurrency concurrency);
  /// True: it was still queued and will not be served.
  bool withdraw(Ready& job) noexcept;
  /// Around a wait on the worker's thread: meanwhile another may run.
  void begin_wait() noexcept;
  void end_wait() noexcept;
  Usage usage() const;

 private:
  using Worker = std::list<std::thread>::iterator;
  bool wants_thread() const noexcept;
  bool add_thread();
  void serve(Worker self);
  /// Null: this thread should end.
  Ready* next_job(std::unique_lock<std::mutex>& lock);

  const Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable work_or_stop_;
  std::deque<Ready*> queue_;
  std::list<std::thread> threads_;
  std::list<std::thread> ended_;  // to be joined
  Usage usage_;
  bool stopping_ = false;
};

}  // namespace tablinum::io
#else
namespace tablinum::io {
class WorkerPool {};
}  // namespace tablinum::io
#endif
