#include "tablinum/models/gpu.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "json_reader.h"
#include "tablinum/base/json.h"

namespace tablinum::models {
namespace {

constexpr std::string_view kLogHeader =
    "timestamp,gpu_id,name,utilization_%,memory_used_mb,memory_free_mb,memory_total_mb,memory_percent,temperature_c,power_w,"
    "power_limit_w,health_status\n";

std::optional<double> memory_percent(const Gpu& gpu) noexcept {
  if (!gpu.memory_total_mb || !gpu.memory_used_mb || *gpu.memory_total_mb == 0) return std::nullopt;
  return 100.0 * static_cast<double>(*gpu.memory_used_mb) / static_cast<double>(*gpu.memory_total_mb);
}

std::optional<std::uint64_t> free_mb(const Gpu& gpu) noexcept {
  if (gpu.memory_free_mb) return gpu.memory_free_mb;
  if (!gpu.memory_total_mb || !gpu.memory_used_mb || *gpu.memory_used_mb > *gpu.memory_total_mb) return std::nullopt;
  return *gpu.memory_total_mb - *gpu.memory_used_mb;
}

std::string one_decimal(const std::optional<double>& value) { return value ? fmt::format("{:.1f}", *value) : "N/A"; }
std::string whole(const std::optional<std::uint64_t>& value) { return value ? std::to_string(*value) : "N/A"; }

std::string csv_name(std::string_view name) {
  if (name.find_first_of(",\"\r\n") == std::string_view::npos) return std::string{name};
  std::string out = "\"";
  for (const char c : name) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

void write_texts(json::Writer& w, std::string_view key, const std::vector<std::string>& texts) {
  w.key(key);
  w.begin_array();
  for (const auto& text : texts) w.value(text);
  w.end_array();
}

void write_gpu(json::Writer& w, const Gpu& gpu) {
  w.begin_object();
  w.field("id", gpu.id);
  w.field("name", gpu.name);
  w.field_if("uuid", gpu.uuid);
  w.field("health", health_status(gpu));
  w.field_if("problem", gpu.problem);
  w.field("load", gpu_load(gpu));
  w.field("utilization_percent", gpu.utilization_percent);
  w.field("memory_used_mb", gpu.memory_used_mb);
  w.field("memory_free_mb", gpu.memory_free_mb);
  w.field("memory_total_mb", gpu.memory_total_mb);
  w.field("temperature_c", gpu.temperature_c);
  w.field("power_w", gpu.power_w);
  w.field("power_limit_w", gpu.power_limit_w);
  w.field_if("clock_graphics_mhz", gpu.clock_graphics_mhz);
  w.field_if("clock_memory_mhz", gpu.clock_memory_mhz);
  w.field_if("ecc_corrected", gpu.ecc_corrected);
  w.field_if("ecc_uncorrected", gpu.ecc_uncorrected);
  w.field_if("mig", gpu.mig);
  write_texts(w, "throttle_reasons", gpu.throttle_reasons);
  w.key("mig_instances");
  w.begin_array();
  for (const auto& instance : gpu.mig_instances) {
    w.begin_object();
    w.field("index", instance.index);
    w.field("name", instance.name);
    w.field("memory_total_mb", instance.memory_total_mb);
    w.field("memory_used_mb", instance.memory_used_mb);
    w.end_object();
  }
  w.end_array();
  w.key("processes");
  w.begin_array();
  for (const auto& process : gpu.processes) {
    w.begin_object();
    w.field("pid", process.pid);
    w.field("name", process.name);
    w.field("memory_mb", process.memory_mb);
    w.end_object();
  }
  w.end_array();
  w.end_object();
}

std::optional<std::uint64_t> count_member(dom::element object, std::string_view key) {
  const auto number = number_member(object, key);
  if (!number || !(*number >= 0 && *number < 1e15)) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

std::uint32_t small_member(dom::element object, std::string_view key) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(count_member(object, key).value_or(0), ~std::uint32_t{0}));
}

template <class Read>
void each_of(dom::element object, std::string_view key, Read&& read) {
  dom::array list;
  if (const auto found = member(object, key); found && found->get(list) == simdjson::SUCCESS) {
    for (const dom::element item : list) read(item);
  }
}

Gpu gpu_of(dom::element from) {
  Gpu gpu;
  gpu.id = small_member(from, "id");
  gpu.name = text_member(from, "name");
  gpu.uuid = text_member(from, "uuid");
  gpu.problem = text_member(from, "problem");
  gpu.utilization_percent = number_member(from, "utilization_percent");
  gpu.memory_used_mb = count_member(from, "memory_used_mb");
  gpu.memory_free_mb = count_member(from, "memory_free_mb");
  gpu.memory_total_mb = count_member(from, "memory_total_mb");
  gpu.temperature_c = number_member(from, "temperature_c");
  gpu.power_w = number_member(from, "power_w");
  gpu.power_limit_w = number_member(from, "power_limit_w");
  gpu.clock_graphics_mhz = count_member(from, "clock_graphics_mhz");
  gpu.clock_memory_mhz = count_member(from, "clock_memory_mhz");
  gpu.ecc_corrected = count_member(from, "ecc_corrected");
  gpu.ecc_uncorrected = count_member(from, "ecc_uncorrected");
  bool mig = false;
  if (const auto found = member(from, "mig"); found && found->get(mig) == simdjson::SUCCESS) gpu.mig = mig;
  gpu.throttle_reasons = texts_member(from, "throttle_reasons");
  each_of(from, "mig_instances", [&](dom::element item) {
    gpu.mig_instances.push_back({small_member(item, "index"), text_member(item, "name"), count_member(item, "memory_total_mb"),
                                 count_member(item, "memory_used_mb")});
  });
  each_of(from, "processes", [&](dom::element item) {
    gpu.processes.push_back({small_member(item, "pid"), text_member(item, "name"), count_member(item, "memory_mb")});
  });
  return gpu;
}

class ReplayReader final : public GpuReader {
 public:
  explicit ReplayReader(std::string text) : text_{std::move(text)} {}
  Result<GpuSnapshot> read() override {
    while (at_ < text_.size()) {
      const auto end = std::min(text_.find('\n', at_), text_.size());
      const auto line = std::string_view{text_}.substr(at_, end - at_);
      at_ = end + 1;
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      TRY(snapshot, parse_snapshot(line));
      snapshot.source = "replay";
      return snapshot;
    }
    return fail(Code::closed, "the trace is over");
  }

 private:
  const std::string text_;
  std::size_t at_ = 0;
};

/// A reader that was asked once already; the answer is not thrown away.
class FirstThenReader final : public GpuReader {
 public:
  FirstThenReader(GpuSnapshot first, std::unique_ptr<GpuReader> rest) : first_{std::move(first)}, rest_{std::move(rest)} {}
  Result<GpuSnapshot> read() override {
    if (!first_) return rest_->read();
    auto snapshot = std::move(*first_);
    first_.reset();
    return snapshot;
  }

 private:
  std::optional<GpuSnapshot> first_;
  std::unique_ptr<GpuReader> rest_;
};

std::unexpected<Error> failed(const std::string& path) {
  return fail(errno == EACCES ? Code::denied : errno == ENOSPC ? Code::no_space : Code::io, path + ": " + std::strerror(errno));
}

void metric(std::string& out, const GpuSnapshot& snapshot, std::string_view name, std::string_view help, auto&& value) {
  out += fmt::format("# HELP tablinum_models_gpu_{0} {1}\n# TYPE tablinum_models_gpu_{0} gauge\n", name, help);
  for (const auto& gpu : snapshot.gpus) {
    const std::optional<double> reading = value(gpu);
    if (!reading) continue;
    std::string label;
    for (const char c : gpu.name)
      label += c == '"' || c == '\\' ? std::string{'\\', c} : c == '\n' ? std::string{"\\n"} : std::string{c};
    out += fmt::format("tablinum_models_gpu_{}{{gpu=\"{}\",name=\"{}\"}} {}\n", name, gpu.id, label, *reading);
  }
}

std::optional<double> number(const std::optional<std::uint64_t>& value) {
  return value ? std::optional{static_cast<double>(*value)} : std::nullopt;
}

}  // namespace

std::string_view health_status(const Gpu& gpu) noexcept {
  if (!gpu.problem.empty()) return "LOST";
  if (gpu.temperature_c && *gpu.temperature_c >= kHotC) return "HOT";
  if (gpu.utilization_percent && *gpu.utilization_percent >= kOverloadedPercent) return "OVERLOADED";
  if (gpu.power_w && gpu.power_limit_w && *gpu.power_w >= kHighPowerShare * *gpu.power_limit_w) return "HIGH_POWER";
  return "HEALTHY";
}

bool is_near_limit(const Gpu& gpu) noexcept {
  if (!is_healthy(gpu)) return false;
  return gpu.temperature_c.value_or(0) >= kWarnShare * kHotC ||
         gpu.utilization_percent.value_or(0) >= kWarnShare * kOverloadedPercent ||
         (gpu.power_w && gpu.power_limit_w && *gpu.power_w >= kWarnShare * kHighPowerShare * *gpu.power_limit_w);
}

double gpu_load(const Gpu& gpu) noexcept {
  const double load = 0.5 * memory_percent(gpu).value_or(0) / 100 + 0.3 * gpu.utilization_percent.value_or(0) / 100 +
                      0.2 * gpu.temperature_c.value_or(0) / kHotC;
  return std::clamp(load, 0.0, 1.0);
}

std::vector<GpuLoad> loads(const GpuSnapshot& snapshot) {
  std::vector<GpuLoad> result;
  for (const auto& gpu : snapshot.gpus) {
    const auto free = std::min<std::uint64_t>(free_mb(gpu).value_or(0), ~std::uint32_t{0} - 1);
    result.push_back({gpu.id, static_cast<std::uint32_t>(free), gpu_load(gpu), is_healthy(gpu)});
  }
  return result;
}

Result<std::unique_ptr<GpuReader>> open_replay(const std::string& path) {
  TRY(text, read_text(path, kTraceBytesMax));
  return std::make_unique<ReplayReader>(std::move(text));
}

Result<std::unique_ptr<GpuReader>> open_gpus(const GpuSources& sources) {
  if (!sources.replay.empty()) return open_replay(sources.replay);
  auto nvml = open_nvml(sources.nvml);
  if (nvml) return nvml;
  auto smi = open_nvidia_smi(sources.nvidia_smi);
  auto first = smi->read();
  if (first) return std::make_unique<FirstThenReader>(std::move(*first), std::move(smi));
  return fail(Code::unavailable, nvml.error().detail + "; " + first.error().detail);
}

std::string snapshot_json(const GpuSnapshot& snapshot) {
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  w.field("time", to_rfc3339(snapshot.time));
  w.field("time_ms", snapshot.time.ms);
  w.field("source", snapshot.source);
  w.key("gpus");
  w.begin_array();
  for (const auto& gpu : snapshot.gpus) write_gpu(w, gpu);
  w.end_array();
  w.end_object();
  return w.take();
}

Result<GpuSnapshot> parse_snapshot(std::string_view text) {
  TRY(document, parse_json(text));
  GpuSnapshot snapshot;
  dom::array gpus;
  const auto found = member(document->root, "gpus");
  if (!found || found->get(gpus) != simdjson::SUCCESS) return fail(Code::invalid, "no list of GPUs");
  if (gpus.size() > kGpusReadMax) return fail(Code::invalid, "more than 256 GPUs");
  for (const dom::element item : gpus) snapshot.gpus.push_back(gpu_of(item));
  snapshot.time.ms = static_cast<std::int64_t>(count_member(document->root, "time_ms").value_or(0));
  snapshot.source = text_member(document->root, "source");
  return snapshot;
}

std::string_view gpu_log_header() noexcept { return kLogHeader; }

std::string gpu_log_lines(const GpuSnapshot& snapshot) {
  std::string out;
  for (const auto& gpu : snapshot.gpus) {
    out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", snapshot.time.seconds(), gpu.id, csv_name(gpu.name),
                       one_decimal(gpu.utilization_percent), whole(gpu.memory_used_mb), whole(free_mb(gpu)),
                       whole(gpu.memory_total_mb), one_decimal(memory_percent(gpu)), one_decimal(gpu.temperature_c),
                       one_decimal(gpu.power_w), one_decimal(gpu.power_limit_w), health_status(gpu));
  }
  return out;
}

Result<void> append_gpu_log(const std::string& path, const GpuSnapshot& snapshot) {
  if (const auto folder = std::filesystem::path{path}.parent_path(); !folder.empty()) {
    std::error_code ignored;  // opening the file says what is wrong
    std::filesystem::create_directories(folder, ignored);
  }
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fd < 0) return failed(path);
  struct stat status{};
  const bool known = fstat(fd, &status) == 0;
  const auto text = (known && status.st_size == 0 ? std::string{kLogHeader} : std::string{}) + gpu_log_lines(snapshot);
  const auto written = ::write(fd, text.data(), text.size());
  Result<void> result;
  if (written < 0)
    result = failed(path);
  else if (static_cast<std::size_t>(written) != text.size())
    result = fail(Code::no_space, path + ": a row was cut off");
  close(fd);
  return result;
}

void GpuHistory::Seen::Range::add(double value) {
  sum += value;
  max = count == 0 ? value : std::max(max, value);
  ++count;
}

void GpuHistory::add(const GpuSnapshot& snapshot) {
  ++samples_;
  for (const auto& gpu : snapshot.gpus) {
    auto seen = std::ranges::find(seen_, gpu.id, &Seen::id);
    if (seen == seen_.end()) {
      if (seen_.size() == kGpusReadMax) continue;
      seen_.push_back({});
      seen = seen_.end() - 1;
      seen->id = gpu.id;
    }
    seen->name = gpu.name;
    ++seen->samples;
    seen->unhealthy += !is_healthy(gpu);
    if (gpu.utilization_percent) seen->utilization.add(*gpu.utilization_percent);
    if (const auto memory = memory_percent(gpu)) seen->memory_percent.add(*memory);
    if (gpu.temperature_c) seen->temperature.add(*gpu.temperature_c);
    if (gpu.power_w) seen->power.add(*gpu.power_w);
  }
}

std::string GpuHistory::text() const {
  const auto range = [](const Seen::Range& r, std::string_view unit) {
    return r.count == 0 ? std::string{"–"}
                        : fmt::format("{:.1f} / {:.1f} {}", r.sum / static_cast<double>(r.count), r.max, unit);
  };
  std::string out = fmt::format("Summary of {} samples (mean / highest)\n", samples_);
  for (const auto& seen : seen_) {
    out += fmt::format("GPU {} {}: util {}, memory {}, temperature {}, power {}, unhealthy in {} of {}\n", seen.id, seen.name,
                       range(seen.utilization, "%"), range(seen.memory_percent, "%"), range(seen.temperature, "°C"),
                       range(seen.power, "W"), seen.unhealthy, seen.samples);
  }
  return out;
}

std::string gpu_screen(const GpuSnapshot& snapshot, bool colours) {
  std::string out;
  for (const auto& gpu : snapshot.gpus) {
    const std::string_view colour = !colours ? "" : is_near_limit(gpu) ? "\x1b[33m" : is_healthy(gpu) ? "\x1b[32m" : "\x1b[31m";
    out += fmt::format("GPU {}: {}{}{}  Util: {}%  Mem: {}/{} MB ({}%)  Temp: {}°C  Status: {}\n", gpu.id, colour, gpu.name,
                       colours ? "\x1b[0m" : "", one_decimal(gpu.utilization_percent), whole(gpu.memory_used_mb),
                       whole(gpu.memory_total_mb), one_decimal(memory_percent(gpu)), one_decimal(gpu.temperature_c),
                       health_status(gpu));
    if (!gpu.problem.empty()) out += fmt::format("  {}\n", gpu.problem);
    for (const auto& instance : gpu.mig_instances) {
      out += fmt::format("  MIG {}: {}  Mem: {}/{} MB\n", instance.index, instance.name, whole(instance.memory_used_mb),
                         whole(instance.memory_total_mb));
    }
    for (const auto& process : gpu.processes)
      out += fmt::format("  {:>8} {}  {} MB\n", process.pid, process.name, whole(process.memory_mb));
  }
  return out.empty() ? "No GPU.\n" : out;
}

std::string gpu_metrics(const GpuSnapshot& snapshot) {
  std::string out;
  metric(out, snapshot, "healthy", "1 where no threshold is passed.",
         [](const Gpu& gpu) { return std::optional{is_healthy(gpu) ? 1.0 : 0.0}; });
  metric(out, snapshot, "load", "Load as the selector sees it, 0 to 1.",
         [](const Gpu& gpu) { return std::optional{gpu_load(gpu)}; });
  metric(out, snapshot, "utilization_percent", "Time in which a kernel ran.",
         [](const Gpu& gpu) { return gpu.utilization_percent; });
  const auto bytes = [](std::optional<std::uint64_t> mb) { return number(mb ? std::optional{*mb << 20} : mb); };
  metric(out, snapshot, "memory_used_bytes", "Memory in use.", [&](const Gpu& gpu) { return bytes(gpu.memory_used_mb); });
  metric(out, snapshot, "memory_total_bytes", "Memory of the card.",
         [&](const Gpu& gpu) { return bytes(gpu.memory_total_mb); });
  metric(out, snapshot, "temperature_celsius", "Temperature of the chip.", [](const Gpu& gpu) { return gpu.temperature_c; });
  metric(out, snapshot, "power_watts", "Power drawn.", [](const Gpu& gpu) { return gpu.power_w; });
  metric(out, snapshot, "power_limit_watts", "Limit of the power.", [](const Gpu& gpu) { return gpu.power_limit_w; });
  metric(out, snapshot, "clock_graphics_mhz", "Clock of the multiprocessors.",
         [](const Gpu& gpu) { return number(gpu.clock_graphics_mhz); });
  metric(out, snapshot, "ecc_uncorrected", "Uncorrected memory errors since the driver was loaded.",
         [](const Gpu& gpu) { return number(gpu.ecc_uncorrected); });
  metric(out, snapshot, "processes", "Programs that compute.",
         [](const Gpu& gpu) { return std::optional{static_cast<double>(gpu.processes.size())}; });
  return out;
}

}  // namespace tablinum::models
