#pragma once
/// The loop of a thread over epoll: ready tasks, messages of other threads, timers, descriptors. StacklessIo suspends what has to
/// wait, GreenThreadsIo parks its stack; nothing else differs.
#include <sys/epoll.h>

#include <array>
#include <memory>

#include "core/kernel_io.h"
#include "core/mailbox.h"
#include "os/file_ring.h"
#include "tablinum/io/runtime.h"

namespace tablinum::io {

/// FIFO, intrusive.
class ReadyQueue {
 public:
  void push(Ready& ready) noexcept {
    ready.next = nullptr;
    (last_ != nullptr ? last_->next : first_) = &ready;
    last_ = &ready;
  }
  Ready* pop() noexcept {
    Ready* ready = first_;
    if (ready == nullptr) return nullptr;
    first_ = ready->next;
    if (first_ == nullptr) last_ = nullptr;
    return ready;
  }
  bool empty() const noexcept { return first_ == nullptr; }

 private:
  Ready* first_ = nullptr;
  Ready* last_ = nullptr;
};

/// Sleeps in epoll with nanoseconds where the kernel can (5.11), else rounded up to milliseconds.
class Epoll {
 public:
  explicit Epoll(OwnedFd fd) noexcept : fd_{std::move(fd)} {}
  bool add(int fd, std::uint32_t events, void* data) noexcept;
  /// `limit` negative: without end. How many events there are.
  Size wait(std::span<epoll_event> events, Duration limit) noexcept;

 private:
  int wait_precisely(std::span<epoll_event> events, Duration limit) noexcept;

  OwnedFd fd_;
  bool precise_ = true;
};

/// What a reactor is made of.
struct ReactorParts {
  OwnedFd epoll;
  OwnedFd wake;
  /// @error io, limit.
  static Result<ReactorParts> make();
};

class Reactor : public KernelIo {
 public:
  Reactor(ReactorParts parts, StacklessOptions options) noexcept
      : epoll_{std::move(parts.epoll)}, mailbox_{std::move(parts.wake)}, pools_{options} {}
  ~Reactor() override {
    assert(stats_.tasks_live == 0);
    free_closed();
  }

  Start submit(Operation& operation) noexcept override;
  void post(Ready& message) noexcept override { mailbox_.push(message); }
  void claim(Context&, Context&) noexcept override {}
  void task_ended(Context&) noexcept override { --stats_.tasks_live; }
  void drive_until(const bool& ended) override;
  Result<Descriptor*> attach(int fd, bool stream) override;
  Stats stats() const noexcept override { return stats_; }
  /// Any thread: passes of the loop so far.
  std::uint64_t passes() const noexcept { return passes_.load(std::memory_order_relaxed); }

 protected:
  /// Counts a task in.  @error limit: as many as there may be.
  Result<void> admit() noexcept;
  void enqueue(Ready& ready, Priority priority) noexcept { (priority == Priority::urgent ? urgent_ : ready_).push(ready); }
  /// Nothing is ready: the loop is about to sleep.
  virtual void idle() noexcept {}

  Stats stats_;

 private:
  bool withdraw_offloaded(Operation& operation) noexcept override { return pool_of(operation).withdraw(operation); }
  void discard(Descriptor* descriptor) noexcept override;

  static void run_offloaded(Ready& ready) noexcept;
  static void offload_done(Ready& ready) noexcept;

  bool try_now(Operation& operation) noexcept;
  bool try_socket(Operation& operation) noexcept;
  bool hand_to_ring(Operation& operation) noexcept;
  bool hand_to_pool(Operation& operation) noexcept;
  Start finish(Operation& operation) noexcept;
  OffloadPool& pool_of(const Operation& operation) noexcept;
  OffloadPool& own_pool(OffloadPool* given, std::unique_ptr<OffloadPool>& own);

  void pass();
  Size run_ready(Size most);
  void poll();
  Duration poll_limit() noexcept;
  void handle(const epoll_event& event) noexcept;
  void retry(Operation* operation) noexcept;
  void free_closed() noexcept;

  std::atomic<std::uint64_t> passes_ = 0;
  Epoll epoll_;
  Mailbox mailbox_;
  ReadyQueue urgent_;
  ReadyQueue ready_;
  StacklessOptions pools_;
  const Size tasks_max_ = std::min(pools_.tasks_max, kTasksMax);
  std::unique_ptr<OffloadPool> own_cpu_;
  std::unique_ptr<OffloadPool> own_files_;
  std::unique_ptr<FileRing> ring_;
  bool ring_tried_ = !pools_.ring;
  Descriptor* closed_ = nullptr;  // freed after the batch of events that may still name them
};

}  // namespace tablinum::io
