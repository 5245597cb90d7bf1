#pragma once
/// What the tasks of an Io are doing, and which of them keeps the others waiting.
#include <functional>
#include <memory>
#include <string>

#include "tablinum/io/io.h"

namespace tablinum::io {

inline constexpr Duration kStallLimit = Duration::milliseconds(100);

/// A line for each task that run() and its scopes have started: its name, what it waits for and on which descriptor, its
/// deadline, whether it was cancelled; below it the coroutines that wait in each other, innermost first. On the Io's core.
std::string describe_tasks(const Io& io);

/// Calls `report(describe_tasks(io))` at each `signal`, e.g. SIGUSR2, which block_signals() has blocked in main. Run it beside
/// the server's task; ends when it is cancelled.  @error cancelled.  unsupported: in simulation.
Task<Result<void>> dump_on_signal(Io& io, int signal, std::function<void(std::string)> report);

/// Watches cores from a thread of its own.
class Watchdog {
 public:
  /// `report` is called on the watchdog's thread, once for each time a task of a watched Io occupies its thread for more than
  /// `limit` without waiting, with the task's name ("" for one without) and how long so far.
  using Report = std::function<void(const std::string& task, Duration so_far)>;

  explicit Watchdog(Report report, Duration limit = kStallLimit);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// Any thread. `io` lives until unwatch(io) or the watchdog's end.
  /// @return false: it has no core that could be watched (BlockingIo, ThreadPoolIo, simulation).
  bool watch(Io& io);
  void unwatch(Io& io);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tablinum::io
