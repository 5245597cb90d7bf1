#include "tablinum/io/diagnose.h"

#include "core/dump.h"
#include "model/reactor.h"
#include "tablinum/io/signal.h"

#if TABLINUM_IO_THREADS
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>
#endif

namespace tablinum::io {

std::string describe_tasks(const Io& io) {
  std::string out;
  if (io.root() != nullptr) dump_tasks(*io.root(), out);
  return out;
}

Task<Result<void>> dump_on_signal(Io& io, int signal, std::function<void(std::string)> report) {
  const std::array<int, 1> signals{signal};
  CO_TRY(stream, SignalStream::open(io, signals));
  for (;;) {
    CO_CHECK_OK(co_await stream.next());
    report(describe_tasks(io));
  }
}

#if TABLINUM_IO_THREADS
struct Watchdog::State {
  struct Watched {
    Reactor* io;
    std::uint64_t passes;
    const char* task;
    Instant since;
    bool reported;
  };

  void look() {
    const Instant now = monotonic_now();
    for (Watched& each : watched) {
      const std::uint64_t passes = each.io->passes();
      const char* task = each.io->running();
      if (task == nullptr || passes != each.passes || task != each.task) {
        each = {each.io, passes, task, now, false};
        continue;
      }
      if (each.reported || now - each.since <= limit) continue;
      each.reported = true;
      report(task, now - each.since);
    }
  }
  void run() {
    std::unique_lock lock{mutex};
    while (!stopping) {
      look();
      changed.wait_for(lock, std::chrono::nanoseconds{limit.ns / 4});
    }
  }

  Report report;
  Duration limit;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Watched> watched;
  bool stopping = false;
  std::thread thread;
};

Watchdog::Watchdog(Report report, Duration limit) : state_{std::make_unique<State>()} {
  state_->report = std::move(report);
  state_->limit = limit;
  state_->thread = std::thread{[state = state_.get()] { state->run(); }};
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock{state_->mutex};
    state_->stopping = true;
    state_->changed.notify_all();
  }
  state_->thread.join();
}

bool Watchdog::watch(Io& io) {
  auto* reactor = dynamic_cast<Reactor*>(&io);
  if (reactor == nullptr) return false;
  const std::lock_guard lock{state_->mutex};
  state_->watched.push_back({reactor, reactor->passes(), nullptr, monotonic_now(), false});
  return true;
}

void Watchdog::unwatch(Io& io) {
  const std::lock_guard lock{state_->mutex};
  std::erase_if(state_->watched, [&](const State::Watched& each) { return each.io == &io; });
}
#else
struct Watchdog::State {};
Watchdog::Watchdog(Report, Duration) {}
Watchdog::~Watchdog() = default;
bool Watchdog::watch(Io&) { return false; }
void Watchdog::unwatch(Io&) {}
#endif

}  // namespace tablinum::io
