#include "tablinum/base/parallel.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace tablinum {
namespace {

class Inline final : public Executor {
 public:
  unsigned threads() const noexcept override { return 1; }
  void for_each(std::size_t count, FunctionRef<void(std::size_t)> body) override {
    for (std::size_t i = 0; i < count; ++i) body(i);
  }
  void submit(std::move_only_function<void()> job) override { job(); }
};

class Pool final : public Executor {
 public:
  explicit Pool(unsigned threads) : helpers_{threads - 1} {}
  ~Pool() override {
    {
      const std::lock_guard lock{mutex_};
      ending_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  unsigned threads() const noexcept override { return helpers_ + 1; }

  void for_each(std::size_t count, FunctionRef<void(std::size_t)> body) override {
    // Helpers that come too late find the counter at its end; the loop is kept alive until the last of them has looked.
    struct Loop {
      Loop(std::size_t n, FunctionRef<void(std::size_t)> f) : count{n}, body{f} {}
      const std::size_t count;
      const FunctionRef<void(std::size_t)> body;
      std::atomic<std::size_t> next = 0;
      std::atomic<std::size_t> ended = 0;
      void work() {
        for (std::size_t i = 0; (i = next.fetch_add(1)) < count;) {
          body(i);
          if (ended.fetch_add(1) + 1 == count) ended.notify_all();
        }
      }
    };
    const auto loop = std::make_shared<Loop>(count, body);
    for (std::size_t i = 1; i < std::min<std::size_t>(count, threads()); ++i) submit([loop] { loop->work(); });
    loop->work();
    // Only bodies that have begun elsewhere are waited for, so a for_each inside a body cannot wait for itself.
    for (unsigned i = 0; i < kWatchRounds && loop->ended.load() < count; ++i) pause();
    for (std::size_t done = 0; (done = loop->ended.load()) < count;) loop->ended.wait(done);
  }

  void submit(std::move_only_function<void()> job) override {
    if (helpers_ == 0) return job();
    {
      const std::lock_guard lock{mutex_};
      if (threads_.empty()) {
        for (unsigned i = 0; i < helpers_; ++i) threads_.emplace_back([this] { serve(); });
      }
      jobs_.push_back(std::move(job));
      pending_.store(jobs_.size(), std::memory_order_relaxed);
    }
    wake_.notify_one();
  }

 private:
  // Short loops follow each other closely, and waking a thread that sleeps can take longer than its share of one.
  void watch() const noexcept {
    for (unsigned i = 0; i < kWatchRounds && pending_.load(std::memory_order_relaxed) == 0; ++i) pause();
  }
  static void pause() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    std::this_thread::yield();
#endif
  }

  void serve() {
    std::unique_lock lock{mutex_};
    for (;;) {
      if (jobs_.empty() && !ending_) {
        lock.unlock();
        watch();
        lock.lock();
      }
      wake_.wait(lock, [&] { return ending_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      auto job = std::move(jobs_.front());
      jobs_.pop_front();
      pending_.store(jobs_.size(), std::memory_order_relaxed);
      lock.unlock();
      job();
      job = nullptr;
      lock.lock();
    }
  }

  static constexpr unsigned kWatchRounds = 20'000;  // half a millisecond to one: the serial parts between loops are shorter
  const unsigned helpers_;
  std::mutex mutex_;
  std::atomic<std::size_t> pending_ = 0;  // of jobs_, for those who do not hold the mutex
  std::condition_variable wake_;
  std::deque<std::move_only_function<void()>> jobs_;
  std::vector<std::thread> threads_;
  bool ending_ = false;
};

/// The control group's share of processor time ("max 100000" or "150000 100000"), rounded up; 0: no limit known.
unsigned group_processors() noexcept {
  std::FILE* file = std::fopen("/sys/fs/cgroup/cpu.max", "re");
  if (file == nullptr) return 0;
  long long quota = 0;
  long long period = 0;
  const int read = std::fscanf(file, "%lld %lld", &quota, &period);
  std::fclose(file);
  return read == 2 && quota > 0 && period > 0 ? static_cast<unsigned>((quota + period - 1) / period) : 0;
}

}  // namespace

Executor& inline_executor() noexcept {
  static Inline executor;
  return executor;
}

std::unique_ptr<Executor> make_thread_pool(unsigned threads) {
  return std::make_unique<Pool>(threads == 0 ? available_processors() : threads);
}

unsigned available_processors() noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  unsigned processors = sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<unsigned>(CPU_COUNT(&set)) : 1;
  const unsigned share = group_processors();
  if (share != 0) processors = std::min(processors, share);
  return std::max(processors, 1u);
}

}  // namespace tablinum
