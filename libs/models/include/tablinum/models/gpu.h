#pragma once
/// The state of NVIDIA GPUs: through NVML, loaded while the program runs; else by asking nvidia-smi; else from a recorded
/// trace. Every reading may be missing ("[N/A]"): a card that does not measure its power is still a card. Source: NVML API
/// reference (nvml.h, stable ABI); nvidia-smi's --query-gpu. Thresholds and log: contract §3.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/base/error.h"
#include "tablinum/base/time.h"
#include "tablinum/models/selector.h"

namespace tablinum::models {

inline constexpr std::size_t kGpusReadMax = 256;
inline constexpr std::size_t kGpuProcessesMax = 1'024;  ///< of one GPU; the rest is left out
inline constexpr std::size_t kSmiAnswerBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kTraceBytesMax = std::size_t{256} << 20;
inline constexpr double kHotC = 85, kOverloadedPercent = 95, kHighPowerShare = 0.95;
inline constexpr double kWarnShare = 0.9;  ///< of a threshold: yellow

struct GpuProcess {
  std::uint32_t pid = 0;
  std::string name;
  std::optional<std::uint64_t> memory_mb;
};

struct MigInstance {
  std::uint32_t index = 0;
  std::string name;
  std::optional<std::uint64_t> memory_total_mb, memory_used_mb;
};

struct Gpu {
  std::uint32_t id = 0;
  std::string name, uuid;
  std::optional<std::uint64_t> memory_total_mb, memory_used_mb, memory_free_mb;
  std::optional<double> temperature_c, utilization_percent, power_w, power_limit_w;
  std::optional<std::uint64_t> clock_graphics_mhz, clock_memory_mhz, ecc_corrected, ecc_uncorrected;
  std::vector<std::string> throttle_reasons;
  std::optional<bool> mig;
  std::vector<MigInstance> mig_instances;
  std::vector<GpuProcess> processes;
  std::string problem;  ///< "GPU is lost": nothing else is known then
};

struct GpuSnapshot {
  Timestamp time;
  std::string source;  ///< "nvml", "nvidia-smi", "replay"
  std::vector<Gpu> gpus;
};

/// HEALTHY, or the first that holds of HOT (85 °C and more), OVERLOADED (95 % and more), HIGH_POWER (95 % of the limit and
/// more); LOST where the driver says so. What is not known does not count.
std::string_view health_status(const Gpu& gpu) noexcept;
inline bool is_healthy(const Gpu& gpu) noexcept { return health_status(gpu) == "HEALTHY"; }
/// Healthy, but within a tenth of a threshold.
bool is_near_limit(const Gpu& gpu) noexcept;
/// 0.5 · used / total + 0.3 · utilization / 100 + 0.2 · temperature / 85, cut to 0–1.
double gpu_load(const Gpu& gpu) noexcept;
/// For the selector. A GPU that does not tell its free memory has none.
std::vector<GpuLoad> loads(const GpuSnapshot& snapshot);

/// One way to the GPUs. One thread at a time.
class GpuReader {
 public:
  virtual ~GpuReader() = default;
  /// @error unavailable: the driver does not answer.  denied.  timeout: nvidia-smi hangs.  corrupt: its answer makes no sense.
  ///        closed: a trace is over.
  virtual Result<GpuSnapshot> read() = 0;
};

/// @param library file name or path.  @error not_found: no such library, or one without the functions.  unavailable: no driver.
/// denied.
Result<std::unique_ptr<GpuReader>> open_nvml(const std::string& library = "libnvidia-ml.so.1");
/// @param program name or path.  Nothing is started before read().
std::unique_ptr<GpuReader> open_nvidia_smi(std::string program = "nvidia-smi", Duration limit = Duration::seconds(5));
/// Plays the lines of `gpu --json` back, one a read().  @error not_found, denied, io.  too_large: over kTraceBytesMax.
Result<std::unique_ptr<GpuReader>> open_replay(const std::string& path);

struct GpuSources {
  std::string nvml = "libnvidia-ml.so.1";
  std::string nvidia_smi = "nvidia-smi";
  std::string replay;  ///< where given, nothing else is asked
};
/// The trace, else NVML, else nvidia-smi (asked once to see that it answers).
/// @error unavailable: neither; the detail says why each failed.
Result<std::unique_ptr<GpuReader>> open_gpus(const GpuSources& sources);

/// Answer of `nvidia-smi --query-gpu=… --format=csv,noheader,nounits` with the contract's nine columns.
/// @error corrupt: a line with fewer columns, or without a number where the index stands.  limit: over kGpusReadMax.
Result<std::vector<Gpu>> parse_nvidia_smi(std::string_view answer);
std::string_view nvidia_smi_query() noexcept;

/// One JSON object without a newline: docs/schemas/models-gpu.schema.json.
std::string snapshot_json(const GpuSnapshot& snapshot);
/// @error corrupt, invalid: not such an object.
Result<GpuSnapshot> parse_snapshot(std::string_view json);

/// The log's header, and a line for every GPU.
std::string_view gpu_log_header() noexcept;
std::string gpu_log_lines(const GpuSnapshot& snapshot);
/// Makes the folder, writes the header into a new or empty file, and appends; never touches what is there.  @error denied,
/// no_space, io.
Result<void> append_gpu_log(const std::string& path, const GpuSnapshot& snapshot);

/// What a monitor has seen, for the summary at its end.
class GpuHistory {
 public:
  void add(const GpuSnapshot& snapshot);
  std::string text() const;
  std::uint64_t samples() const noexcept { return samples_; }

 private:
  struct Seen {
    std::uint32_t id = 0;
    std::string name;
    std::uint64_t samples = 0, unhealthy = 0;
    struct Range {
      double sum = 0, max = 0;
      std::uint64_t count = 0;
      void add(double value);
    } utilization, memory_percent, temperature, power;
  };
  std::vector<Seen> seen_;
  std::uint64_t samples_ = 0;
};

/// A screen: one line for each GPU, green, yellow or red where `colours`.
std::string gpu_screen(const GpuSnapshot& snapshot, bool colours);
/// Prometheus' text format, tablinum_models_gpu_….
std::string gpu_metrics(const GpuSnapshot& snapshot);

}  // namespace tablinum::models
