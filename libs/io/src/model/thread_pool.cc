#include "tablinum/io/runtime.h"

#if TABLINUM_IO_THREADS
#include <sched.h>

#include <chrono>

#include "model/parking.h"
#include "offload/worker_pool.h"
#include "os/descriptor.h"
#include "os/errno.h"

namespace tablinum::io {
namespace {

/// The driver of one worker thread, and what wakes it.
struct WorkerCore : Core {
  WorkerCore(Io& io, OwnedFd event) noexcept : Core{io}, wake_fd{std::move(event)} {}
  OwnedFd wake_fd;
};

/// One mutex guards all objects of the tasks (Guard), which may be on any worker; it is recursive because an object's method
/// may be called from a callback that holds it. It is never held while a task runs or a thread waits.
class ThreadPoolIo final : public KernelIo {
 public:
  explicit ThreadPoolIo(const ThreadPoolOptions& options)
      : pool_{{0, std::max<Size>(options.threads, 1), std::min(options.threads_max, kPoolThreadsMax),
               std::min(options.queue_max, kSpawnQueueMax), options.idle_limit}} {
    locked_ = true;
  }
  ~ThreadPoolIo() override;

  Start submit(Operation& operation) noexcept override;
  void post(Ready& message) noexcept override;
  Result<void> start(Context& context, Ready& root, Concurrency concurrency) override;
  void claim(Context& waiter, Context& task) noexcept override;
  void task_ended(Context& context) noexcept override;
  void drive_until(const bool& ended) override;
  void arm(Timer& timer) noexcept override;
  Capabilities capabilities() const noexcept override {
    Capabilities capabilities;
    capabilities.parking = capabilities.concurrency = capabilities.threads = true;
    return capabilities;
  }
  Stats stats() const noexcept override;

 private:
  void lock() noexcept override { mutex_.lock(); }
  void unlock() noexcept override { mutex_.unlock(); }
  void resume(Operation& operation) noexcept override;
  bool withdraw_offloaded(Operation&) noexcept override { return false; }

  static void launch(Ready& context) noexcept;
  WorkerCore& core_of_this_thread();
  bool take_from_queue(Context& task) noexcept;
  bool run_queued_child(Context& waiter, Context& scope) noexcept;
  static void run_inline(Context& waiter, Context& task) noexcept;
  bool begin_pending(Operation& operation) noexcept;
  bool enlist(Operation& operation) noexcept;
  void park(Operation& operation) noexcept;
  bool settle(Operation& operation) noexcept;
  void wait_for_calls(const Descriptor& descriptor) noexcept override;
  void run_timers();

  mutable std::recursive_mutex mutex_;
  std::condition_variable_any timers_changed_;
  std::condition_variable_any main_ended_;
  std::thread timer_thread_;  // started with the first timer
  bool closing_ = false;
  Stats stats_;
  WorkerPool pool_;  // last: its threads end before the rest goes
};

// --- threads and tasks ---

// A task never changes threads, so its driver may be the thread's own; the slot serves one Io at a time.
WorkerCore& ThreadPoolIo::core_of_this_thread() {
  thread_local std::unique_ptr<WorkerCore> core;
  if (core == nullptr || core->io != this) {
    auto wake = make_event_fd();
    if (!wake) throw std::bad_alloc{};  // no descriptor is left: as fatal here as no memory
    core = std::make_unique<WorkerCore>(*this, std::move(*wake));
  }
  return *core;
}

void ThreadPoolIo::launch(Ready& ready) noexcept {
  auto& context = static_cast<Context&>(ready);
  auto& self = static_cast<ThreadPoolIo&>(*context.io);
  {
    const Guard guard{self};
    context.queued = false;
    context.core = &self.core_of_this_thread();
  }
  context.root->run(*context.root);
}

Result<void> ThreadPoolIo::start(Context& context, Ready& root, Concurrency concurrency) {
  context.root = &root;
  context.run = &launch;
  {
    const Guard guard{*this};
    context.queued = true;
    ++stats_.tasks_spawned;
    ++stats_.tasks_live;
  }
  auto submitted = pool_.submit(context, concurrency);
  if (submitted) return {};
  const bool runs_inline = concurrency == Concurrency::may && context.parent != nullptr;
  {
    const Guard guard{*this};
    context.queued = false;
    if (!runs_inline) --stats_.tasks_live;
  }
  if (!runs_inline) return submitted;
  root.run(root);  // on the spawner's thread, whose core it has inherited
  return {};
}

void ThreadPoolIo::task_ended(Context&) noexcept {
  --stats_.tasks_live;
  main_ended_.notify_all();
}

void ThreadPoolIo::drive_until(const bool& ended) {
  std::unique_lock lock{mutex_};
  main_ended_.wait(lock, [&] { return ended; });
}

bool ThreadPoolIo::take_from_queue(Context& task) noexcept {
  if (!task.queued || !pool_.withdraw(task)) return false;
  task.queued = false;
  return true;
}

void ThreadPoolIo::run_inline(Context& waiter, Context& task) noexcept {
  task.core = waiter.core;
  task.root->run(*task.root);
}

bool ThreadPoolIo::run_queued_child(Context& waiter, Context& scope) noexcept {
  Context* found = nullptr;
  {
    const Guard guard{*this};
    for (Context* child = scope.first_child; child != nullptr && found == nullptr; child = child->next_sibling) {
      if (take_from_queue(*child)) found = child;
    }
  }
  if (found != nullptr) run_inline(waiter, *found);
  return found != nullptr;
}

void ThreadPoolIo::claim(Context& waiter, Context& task) noexcept {
  if (task.root == nullptr) {
    while (run_queued_child(waiter, task)) {
    }
    return;
  }
  bool taken;
  {
    const Guard guard{*this};
    taken = take_from_queue(task);
  }
  if (taken) run_inline(waiter, task);
}

// --- operations ---

void ThreadPoolIo::post(Ready& message) noexcept {
  const Guard guard{*this};
  ++stats_.posts;
  message.run(message);
}

void ThreadPoolIo::resume(Operation& operation) noexcept {
  signal_event(static_cast<WorkerCore*>(operation.context->core)->wake_fd.get());
}

// True: it may go on; false: the outcome is set.
bool ThreadPoolIo::begin_pending(Operation& operation) noexcept {
  const Guard guard{*this};
  ++stats_.operations;
  if (refuse_cancelled(operation)) return false;
  if (is_socket_kind(operation.kind) && !occupy(operation)) return false;
  begin(operation);
  return true;
}

// Without the lock, since a channel between two Ios may have to wake a task of the other one. A cancellation that came before
// the operation was in the list could not take it out, so it is looked for again.
bool ThreadPoolIo::enlist(Operation& operation) noexcept {
  if (operation.args.park.enlist(operation)) return true;
  const Guard guard{*this};
  if (!operation.uncancellable && operation.context->cancelled()) cancel(operation);
  return false;
}

Start ThreadPoolIo::submit(Operation& operation) noexcept {
  if (operation.kind == Kind::yield) ::sched_yield();
  const bool inline_kind = operation.kind == Kind::yield || operation.kind == Kind::offload || is_file_kind(operation.kind);
  if (inline_kind) {
    {
      const Guard guard{*this};
      ++stats_.operations;
      if (refuse_cancelled(operation)) return Start::done;
    }
    run_on_this_thread(operation);
    return Start::done;
  }
  if (!begin_pending(operation)) return Start::done;
  if (operation.kind == Kind::park && enlist(operation)) {
    const Guard guard{*this};
    end(operation);
    return Start::done;
  }
  park(operation);
  return Start::done;
}

// Tries once; true: the operation has ended. The system call is made without the lock: what interrupts it meanwhile leaves a
// note, which counts only if the call did not finish the operation (success wins).
bool ThreadPoolIo::settle(Operation& operation) noexcept {
  const bool calls = is_socket_kind(operation.kind);
  {
    const Guard guard{*this};
    if (operation.state == Operation::State::done) return true;
    operation.in_call = calls;
  }
  if (!calls) return false;
  const bool finished = attempt(operation);
  const Guard guard{*this};
  operation.in_call = false;
  if (!finished && operation.interrupted == Code{}) return false;
  if (!finished) operation.set(operation.interrupted);
  end(operation);
  return true;
}

void ThreadPoolIo::wait_for_calls(const Descriptor& descriptor) noexcept {
  const auto in_call = [](const Operation* operation) { return operation != nullptr && operation->in_call; };
  while (in_call(descriptor.reader) || in_call(descriptor.writer)) {  // the calls do not block
    unlock();
    ::sched_yield();
    lock();
  }
}

void ThreadPoolIo::park(Operation& operation) noexcept {
  {
    const Guard guard{*this};
    if (operation.state == Operation::State::pending) arm_limit(operation);
  }
  const int fd = waited_fd(operation);  // read once: whoever ends the operation may free the descriptor
  const int wake_fd = static_cast<WorkerCore*>(operation.context->core)->wake_fd.get();
  while (!settle(operation)) {
    pool_.begin_wait();
    wait_for_kernel(operation, fd, wake_fd, Duration{-1});
    pool_.end_wait();
    drain_event(wake_fd);
  }
}

// --- timers ---

void ThreadPoolIo::arm(Timer& timer) noexcept {
  const Guard guard{*this};
  if (!timer_thread_.joinable()) timer_thread_ = std::thread{[this] { run_timers(); }};
  const bool sooner = timer.at < wheel_.next();
  wheel_.add(timer);
  if (sooner) timers_changed_.notify_one();
}

void ThreadPoolIo::run_timers() {
  std::unique_lock lock{mutex_};
  while (!closing_) {
    wheel_.advance(now());
    const Instant next = wheel_.next();
    if (next == Instant::never()) {
      timers_changed_.wait(lock);
    } else {
      timers_changed_.wait_for(lock, std::chrono::nanoseconds{std::max<std::int64_t>((next - now()).ns, 0)});
    }
  }
}

ThreadPoolIo::~ThreadPoolIo() {
  {
    const Guard guard{*this};
    closing_ = true;
    timers_changed_.notify_all();
  }
  if (timer_thread_.joinable()) timer_thread_.join();
}

Stats ThreadPoolIo::stats() const noexcept {
  Stats stats;
  {
    const std::lock_guard guard{mutex_};
    stats = stats_;
  }
  stats.threads = pool_.usage().threads;
  return stats;
}

}  // namespace

Result<std::unique_ptr<Io>> make_thread_pool_io(ThreadPoolOptions options) {
  return std::make_unique<ThreadPoolIo>(options);
}

}  // namespace tablinum::io
#else
namespace tablinum::io {

Result<std::unique_ptr<Io>> make_thread_pool_io(ThreadPoolOptions) { return fail(Code::unsupported, "built without threads"); }

}  // namespace tablinum::io
#endif
