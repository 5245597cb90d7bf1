#include "offload/worker_pool.h"

#if TABLINUM_IO_THREADS
#include <chrono>
#include <system_error>

namespace tablinum::io {

WorkerPool::~WorkerPool() {
  std::unique_lock lock{mutex_};
  stopping_ = true;
  work_or_stop_.notify_all();
  work_or_stop_.wait(lock, [&] { return threads_.empty(); });
  lock.unlock();
  for (std::thread& thread : ended_) thread.join();
}

bool WorkerPool::wants_thread() const noexcept {
  const Size running = usage_.threads - usage_.idle - usage_.waiting;
  return usage_.idle < queue_.size() && running + usage_.idle < limits_.threads_running && usage_.threads < limits_.threads_max;
}

bool WorkerPool::add_thread() {
  for (std::thread& thread : ended_) thread.join();
  ended_.clear();
  const Worker self = threads_.emplace(threads_.end());
  try {
    *self = std::thread{[this, self] { serve(self); }};
  } catch (const std::system_error&) {  // the system allows no more threads
    threads_.erase(self);
    return false;
  }
  ++usage_.threads;
  return true;
}

Result<void> WorkerPool::submit(Ready& job, Concurrency concurrency) {
  const std::lock_guard lock{mutex_};
  if (queue_.size() >= limits_.queue_max) return fail(Code::limit, "the pool's queue is full");
  queue_.push_back(&job);
  const bool must = concurrency == Concurrency::must && usage_.idle < queue_.size();
  const bool grown = (must ? usage_.threads < limits_.threads_max : wants_thread()) && add_thread();
  // Without any thread nobody would ever serve it, whatever was asked for.
  if (!grown && (must || usage_.threads == 0)) {
    queue_.pop_back();
    return fail(Code::unavailable, "no more threads");
  }
  work_or_stop_.notify_one();
  return {};
}

bool WorkerPool::withdraw(Ready& job) noexcept {
  const std::lock_guard lock{mutex_};
  return std::erase(queue_, &job) > 0;
}

void WorkerPool::begin_wait() noexcept {
  const std::lock_guard lock{mutex_};
  ++usage_.waiting;
  if (wants_thread()) add_thread();
}

void WorkerPool::end_wait() noexcept {
  const std::lock_guard lock{mutex_};
  --usage_.waiting;
}

WorkerPool::Usage WorkerPool::usage() const {
  const std::lock_guard lock{mutex_};
  Usage usage = usage_;
  usage.queued = queue_.size();
  return usage;
}

Ready* WorkerPool::next_job(std::unique_lock<std::mutex>& lock) {
  while (queue_.empty()) {
    if (stopping_) return nullptr;
    ++usage_.idle;
    const auto woken = work_or_stop_.wait_for(lock, std::chrono::nanoseconds{limits_.idle_limit.ns});
    --usage_.idle;
    const bool idle_too_long = woken == std::cv_status::timeout && queue_.empty() && usage_.threads > limits_.threads_min;
    if (idle_too_long) return nullptr;
  }
  Ready* job = queue_.front();
  queue_.pop_front();
  return job;
}

void WorkerPool::serve(Worker self) {
  std::unique_lock lock{mutex_};
  while (Ready* job = next_job(lock)) {
    lock.unlock();
    job->run(*job);
    lock.lock();
    ++usage_.jobs_done;
  }
  --usage_.threads;
  ended_.splice(ended_.end(), threads_, self);
  if (stopping_) work_or_stop_.notify_all();
}

}  // namespace tablinum::io
#endif
