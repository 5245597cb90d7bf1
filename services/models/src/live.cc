#include "tablinum/models_service/live.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>

#include "tablinum/base/json.h"
#include "tablinum/base/log.h"

namespace tablinum::models_service {
namespace {

constexpr Duration kTick = Duration::milliseconds(250);
/// Where there is no GPU, one is looked for this often: a driver may come back, but asking starts a program.
constexpr Duration kAbsentInterval = Duration::seconds(30);
constexpr std::size_t kReadBytes = std::size_t{64} << 10;
constexpr std::size_t kRestBytesMax = std::size_t{1} << 20;

struct Level {
  std::string_view name;
  double p95_ms, success;
};
// Contract §6: the worst that holds counts.
constexpr Level kLevels[] = {{"critical", 2000, 0.80}, {"warning", 1000, 0.90}, {"info", 500, 0.95}};

std::string selection_json(const models::MetricsRow& row) {
  json::Writer w;
  w.begin_object();
  w.field("time", to_rfc3339(Timestamp{row.time_s * 1000}));
  w.field("category", row.category);
  w.field("model", row.model);
  w.field("primary", row.primary);
  w.field("confidence", row.confidence);
  w.field("score", row.score);
  w.field("gpu", row.gpu);
  w.field("duration_ms", row.duration_ms);
  w.field("outcome", row.outcome);
  w.end_object();
  return w.take();
}

}  // namespace

Live::Live(LiveOptions options) : options_{std::move(options)} {}
Live::~Live() { stop(); }

void Live::start() {
  thread_ = std::jthread{[this](const std::stop_token& stop) {
    auto next_gpu = Instant{0};
    std::mutex mutex;
    std::condition_variable_any waiting;
    while (!stop.stop_requested()) {
      if (monotonic_now() >= next_gpu) {
        const bool there = read_gpus();
        next_gpu = monotonic_now() + (there ? options_.gpu_interval : std::max(options_.gpu_interval, kAbsentInterval));
      }
      read_tail();
      std::unique_lock lock{mutex};
      waiting.wait_for(lock, stop, std::chrono::nanoseconds{kTick.ns}, [] { return false; });
    }
  }};
}

void Live::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

std::uint64_t Live::listen(Listener listener) {
  const std::scoped_lock lock{mutex_};
  listeners_.emplace(next_listener_, std::move(listener));
  return next_listener_++;
}

void Live::unlisten(std::uint64_t id) {
  const std::scoped_lock lock{mutex_};
  listeners_.erase(id);
}

void Live::tell(std::string_view name, std::string data) {
  const LiveEvent event{std::string{name}, std::move(data)};
  for (const auto& [id, listener] : listeners_) listener(event);
}

bool Live::read_gpus() {
  Result<models::GpuSnapshot> read = fail(Code::unavailable);
  if (reader_ == nullptr) {
    auto opened = models::open_gpus(options_.gpus);
    if (opened)
      reader_ = std::move(*opened);
    else
      read = std::unexpected(opened.error());
  }
  if (reader_ != nullptr) read = reader_->read();
  if (read && !options_.gpu_log.empty()) {
    if (const auto logged = models::append_gpu_log(options_.gpu_log, *read); !logged)
      log::warn("models", describe(logged.error()));
  }
  const std::scoped_lock lock{mutex_};
  if (!read) {
    // The end of a trace leaves its last state on the screen.
    if (read.error().code == Code::closed) return true;
    snapshot_.reset();
    gpu_problem_ = read.error().detail;
    reader_.reset();  // the driver may come back
    tell("gpu", R"({"ok":false,"gpus":[]})");
    return false;
  }
  gpu_problem_.clear();
  for (const auto& gpu : read->gpus) {
    if (models::is_healthy(gpu)) continue;
    alert(models::health_status(gpu) == "LOST" ? "critical" : "warning", fmt::format("gpu{}", gpu.id),
          fmt::format("GPU {} {} is {}", gpu.id, gpu.name, models::health_status(gpu)));
  }
  history_.add(*read);
  snapshot_ = std::move(*read);
  tell("gpu", models::snapshot_json(*snapshot_));
  return true;
}

void Live::read_tail() {
  if (options_.metrics.empty()) return;
  const int fd = open(options_.metrics.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  struct stat status{};
  const auto size = fstat(fd, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
  std::string block(kReadBytes, '\0');
  if (size < tail_at_) tail_begun_ = false;  // replaced by a shorter one
  if (!tail_begun_ && size != 0) {
    const auto got = pread(fd, block.data(), block.size(), 0);
    const std::string_view head{block.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
    const auto header = head.find('\n');
    tail_has_outcome_ = head.substr(0, header).find(",outcome") != std::string_view::npos;
    tail_at_ = size > kTailBytesMax ? size - kTailBytesMax : header == std::string_view::npos ? 0 : header + 1;
    tail_rest_.clear();
    tail_begun_ = header != std::string_view::npos;
    if (size > kTailBytesMax) tail_rest_ = "\1";  // the first line is a part of one: made unreadable
  }
  while (tail_begun_ && tail_at_ < size) {
    const auto got = pread(fd, block.data(), block.size(), static_cast<off_t>(tail_at_));
    if (got <= 0) break;
    tail_at_ += static_cast<std::uint64_t>(got);
    tail_rest_.append(block, 0, static_cast<std::size_t>(got));
    std::size_t start = 0;
    for (auto end = tail_rest_.find('\n'); end != std::string::npos; end = tail_rest_.find('\n', start)) {
      if (const auto row =
              models::parse_metrics_line(std::string_view{tail_rest_}.substr(start, end - start), tail_has_outcome_)) {
        add_selection(*row);
      }
      start = end + 1;
    }
    tail_rest_.erase(0, start);
    if (tail_rest_.size() > kRestBytesMax) tail_rest_ = "\1";
  }
  close(fd);
}

void Live::add_selection(const models::MetricsRow& row) {
  const std::scoped_lock lock{mutex_};
  selections_.push_back(row);
  if (selections_.size() > kSelectionsKept) selections_.pop_front();
  tell("selection", selection_json(row));
  look_for_alerts();
}

void Live::look_for_alerts() {
  if (selections_.size() < kAlertSelections) return;
  std::vector<std::int64_t> durations;
  std::size_t successes = 0;
  for (auto row = selections_.end() - kAlertSelections; row != selections_.end(); ++row) {
    durations.push_back(row->duration_ms);
    successes += row->outcome == "ok";
  }
  std::ranges::sort(durations);
  const auto p95_ms = static_cast<double>(durations[(kAlertSelections * 95 + 99) / 100 - 1]);
  const double success = static_cast<double>(successes) / kAlertSelections;
  const auto slow = std::ranges::find_if(kLevels, [&](const Level& level) { return p95_ms >= level.p95_ms; });
  if (slow != std::end(kLevels))
    alert(slow->name, "p95", fmt::format("the 95th percentile of selections is {:.0f} ms", p95_ms));
  const auto failing = std::ranges::find_if(kLevels, [&](const Level& level) { return success < level.success; });
  if (failing != std::end(kLevels))
    alert(failing->name, "success", fmt::format("only {:.0f} % of selections succeed", 100 * success));
}

void Live::alert(std::string_view level, std::string_view kind, std::string message) {
  const auto now = monotonic_now();
  const auto key = fmt::format("{} {}", kind, level);
  if (const auto last = alerted_.find(key); last != alerted_.end() && now - last->second < kAlertCooldown) return;
  alerted_[key] = now;
  json::Writer w;
  w.begin_object();
  w.field("time", to_rfc3339(wall_now()));
  w.field("level", level);
  w.field("kind", kind);
  w.field("message", message);
  w.end_object();
  alerts_.push_back(w.take());
  if (alerts_.size() > kAlertsKept) alerts_.pop_front();
  tell("alert", alerts_.back());
}

std::optional<models::GpuSnapshot> Live::gpus() const {
  const std::scoped_lock lock{mutex_};
  return snapshot_;
}

std::string Live::gpu_problem() const {
  const std::scoped_lock lock{mutex_};
  return gpu_problem_;
}

std::string Live::summary_text() const {
  const std::scoped_lock lock{mutex_};
  return history_.text();
}

std::string Live::state_json() const {
  const std::scoped_lock lock{mutex_};
  json::Writer w;
  w.begin_object();
  w.key("gpu");
  if (snapshot_)
    w.raw(models::snapshot_json(*snapshot_));
  else
    w.null();
  w.field("gpu_problem", gpu_problem_);
  w.key("selections");
  w.begin_array();
  for (const auto& row : selections_) w.raw(selection_json(row));
  w.end_array();
  w.key("alerts");
  w.begin_array();
  for (const auto& one : alerts_) w.raw(one);
  w.end_array();
  w.end_object();
  return w.take();
}

}  // namespace tablinum::models_service
