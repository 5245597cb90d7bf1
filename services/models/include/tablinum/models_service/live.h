#pragma once
/// What the dashboard shows, kept up to date by one thread: the GPUs' state, the newest selections, alerts.
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tablinum/models/analytics.h"
#include "tablinum/models/gpu.h"
#include "tablinum/models/selector.h"

namespace tablinum::models_service {

inline constexpr std::size_t kSelectionsKept = 200, kAlertsKept = 100;
/// Of the metrics file that is there at the start, this much of the end is shown.
inline constexpr std::uint64_t kTailBytesMax = 64 << 10;
/// Alerts look at this many of the newest selections; the same alert comes again after the cool-down (contract §6).
inline constexpr std::size_t kAlertSelections = 100;
inline constexpr Duration kAlertCooldown = Duration::seconds(300);

struct LiveOptions {
  std::string metrics;  ///< metrics file that is watched and appended to; empty: none
  models::GpuSources gpus;
  Duration gpu_interval = Duration::seconds(5);
  std::string gpu_log;  ///< appended to; empty: none
};

/// What happened, for those who listen: name "gpu", "selection" or "alert", data as JSON.
struct LiveEvent {
  std::string name, data;
};

/// @note Thread-safe.
class Live {
 public:
  explicit Live(LiveOptions options);
  ~Live();
  Live(const Live&) = delete;

  /// Starts the thread. Without GPUs it goes on and says so.
  void start();
  void stop();

  using Listener = std::function<void(const LiveEvent&)>;
  std::uint64_t listen(Listener listener);
  void unlisten(std::uint64_t id);

  /// The newest state of the GPUs; nothing where there is none, and why.
  std::optional<models::GpuSnapshot> gpus() const;
  std::string gpu_problem() const;
  /// Everything there is, as one JSON object: gpus, selections, alerts.
  std::string state_json() const;
  std::string summary_text() const;
  const std::string& metrics_file() const noexcept { return options_.metrics; }

 private:
  /// @return whether there are any.
  bool read_gpus();
  void read_tail();
  void add_selection(const models::MetricsRow& row);
  void look_for_alerts();
  void alert(std::string_view level, std::string_view kind, std::string message);
  void tell(std::string_view name, std::string data);

  const LiveOptions options_;
  mutable std::mutex mutex_;
  std::optional<models::GpuSnapshot> snapshot_;
  std::string gpu_problem_ = "not asked yet";
  models::GpuHistory history_;
  std::deque<models::MetricsRow> selections_;
  std::deque<std::string> alerts_;  // JSON
  std::map<std::string, Instant> alerted_;
  std::map<std::uint64_t, Listener> listeners_;
  std::uint64_t next_listener_ = 1;
  // Of the thread only.
  std::unique_ptr<models::GpuReader> reader_;
  std::uint64_t tail_at_ = 0;
  std::string tail_rest_;
  bool tail_begun_ = false, tail_has_outcome_ = false;
  std::jthread thread_;
};

}  // namespace tablinum::models_service
