#include "offload/worker_pool.h"
#include "tablinum/io/offload.h"

namespace tablinum::io {

#if TABLINUM_IO_THREADS
OffloadPool::OffloadPool(OffloadOptions options) {
  const Size most = std::clamp(options.threads_max, Size{1}, kOffloadThreadsMax);
  const Size queue = std::min(options.queue_max, kOffloadQueueMax);
  workers_ = std::make_unique<WorkerPool>(
      WorkerPool::Limits{std::min(options.threads_min, most), most, most, queue, options.idle_limit});
}

Result<void> OffloadPool::submit(Ready& job) { return workers_->submit(job, Concurrency::may); }

bool OffloadPool::withdraw(Ready& job) noexcept { return workers_->withdraw(job); }

OffloadPool::Usage OffloadPool::usage() const {
  const auto usage = workers_->usage();
  return {usage.threads, usage.threads - usage.idle, usage.queued, usage.jobs_done};
}

#else
// Without threads the work is done where it was asked for.
OffloadPool::OffloadPool(OffloadOptions) {}

Result<void> OffloadPool::submit(Ready& job) {
  job.run(job);
  return {};
}

bool OffloadPool::withdraw(Ready&) noexcept { return false; }

OffloadPool::Usage OffloadPool::usage() const { return {}; }
#endif

OffloadPool::~OffloadPool() = default;

}  // namespace tablinum::io
