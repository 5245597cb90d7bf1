// GPUs through NVML, loaded while the program runs.
#include <dlfcn.h>

#include <cstdio>

#include "nvml_api.h"
#include "tablinum/models/gpu.h"

namespace tablinum::models {
namespace nvml {
namespace {

constexpr std::uint64_t kMb = std::uint64_t{1} << 20;

struct ThrottleReason {
  unsigned long long bit;
  std::string_view name;
};
constexpr ThrottleReason kThrottleReasons[] = {{0x1, "gpu_idle"},    {0x2, "applications_clocks"}, {0x4, "sw_power_cap"},
                                               {0x8, "hw_slowdown"}, {0x10, "sync_boost"},         {0x20, "sw_thermal"},
                                               {0x40, "hw_thermal"}, {0x80, "hw_power_brake"},     {0x100, "display_clocks"}};

/// NVML's functions. Those that a driver may lack are null then.
struct Library {
  void* handle = nullptr;
  Return (*init)() = nullptr;
  Return (*shutdown)() = nullptr;
  const char* (*error_string)(Return) = nullptr;
  Return (*count)(unsigned*) = nullptr;
  Return (*by_index)(unsigned, Device*) = nullptr;
  Return (*name)(Device, char*, unsigned) = nullptr;
  Return (*uuid)(Device, char*, unsigned) = nullptr;
  Return (*memory)(Device, Memory*) = nullptr;
  Return (*temperature)(Device, int, unsigned*) = nullptr;
  Return (*utilization)(Device, Utilization*) = nullptr;
  Return (*power)(Device, unsigned*) = nullptr;
  Return (*power_limit)(Device, unsigned*) = nullptr;
  Return (*clock)(Device, int, unsigned*) = nullptr;
  Return (*throttle)(Device, unsigned long long*) = nullptr;
  Return (*ecc)(Device, int, int, unsigned long long*) = nullptr;
  Return (*mig_mode)(Device, unsigned*, unsigned*) = nullptr;
  Return (*mig_count)(Device, unsigned*) = nullptr;
  Return (*mig_device)(Device, unsigned, Device*) = nullptr;
  Return (*processes)(Device, unsigned*, ProcessInfo*) = nullptr;

  template <class Function>
  void find(Function& function, const char* symbol) {
    function = reinterpret_cast<Function>(dlsym(handle, symbol));
  }
  void find_all() {
    find(init, "nvmlInit_v2");
    find(shutdown, "nvmlShutdown");
    find(error_string, "nvmlErrorString");
    find(count, "nvmlDeviceGetCount_v2");
    find(by_index, "nvmlDeviceGetHandleByIndex_v2");
    find(name, "nvmlDeviceGetName");
    find(uuid, "nvmlDeviceGetUUID");
    find(memory, "nvmlDeviceGetMemoryInfo");
    find(temperature, "nvmlDeviceGetTemperature");
    find(utilization, "nvmlDeviceGetUtilizationRates");
    find(power, "nvmlDeviceGetPowerUsage");
    find(power_limit, "nvmlDeviceGetEnforcedPowerLimit");
    find(clock, "nvmlDeviceGetClockInfo");
    find(throttle, "nvmlDeviceGetCurrentClocksThrottleReasons");
    find(ecc, "nvmlDeviceGetTotalEccErrors");
    find(mig_mode, "nvmlDeviceGetMigMode");
    find(mig_count, "nvmlDeviceGetMaxMigDeviceCount");
    find(mig_device, "nvmlDeviceGetMigDeviceHandleByIndex");
    find(processes, "nvmlDeviceGetComputeRunningProcesses_v3");
  }
  bool usable() const { return init && shutdown && count && by_index; }
};

Code code_of(Return state) noexcept {
  switch (state) {
    case kNoPermission: return Code::denied;
    case kTimeout: return Code::timeout;
    default: return Code::unavailable;
  }
}

/// Name of the program that runs as `pid`; empty where /proc does not say.
std::string process_name(std::uint32_t pid) {
  const auto path = "/proc/" + std::to_string(pid) + "/comm";
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return {};
  char name[64] = {};
  const bool read = std::fgets(name, sizeof name, file) != nullptr;
  std::fclose(file);
  std::string text{read ? name : ""};
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

class NvmlReader final : public GpuReader {
 public:
  ~NvmlReader() override {
    if (initialised_) lib_.shutdown();
    if (lib_.handle != nullptr) dlclose(lib_.handle);
  }
  NvmlReader() = default;
  NvmlReader(const NvmlReader&) = delete;

  Result<void> open(const std::string& library) {
    lib_.handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (lib_.handle == nullptr) return fail(Code::not_found, "no NVML: " + std::string{dlerror()});
    lib_.find_all();
    if (!lib_.usable()) return fail(Code::not_found, library + " has not NVML's functions");
    CHECK_OK(checked(lib_.init()));
    initialised_ = true;
    return {};
  }

  Result<GpuSnapshot> read() override {
    GpuSnapshot snapshot{wall_now(), "nvml", {}};
    unsigned count = 0;
    CHECK_OK(checked(lib_.count(&count)));
    for (unsigned i = 0; i < std::min<unsigned>(count, kGpusReadMax); ++i) {
      Gpu gpu;
      gpu.id = i;
      Device device = nullptr;
      if (const auto state = lib_.by_index(i, &device); state != kSuccess)
        gpu.problem = words(state);
      else
        read_gpu(device, gpu);
      snapshot.gpus.push_back(std::move(gpu));
    }
    return snapshot;
  }

 private:
  std::string words(Return state) const {
    const char* text = lib_.error_string == nullptr ? nullptr : lib_.error_string(state);
    return text != nullptr ? text : "NVML error " + std::to_string(state);
  }
  Result<void> checked(Return state) const {
    if (state == kSuccess) return {};
    return fail(code_of(state), "NVML: " + words(state));
  }
  /// Whether the reading is there. A lost GPU is remembered; anything else that fails is a reading that is missing.
  bool got(Return state, Gpu& gpu) const {
    if (state == kGpuIsLost || state == kResetRequired) gpu.problem = words(state);
    return state == kSuccess;
  }

  void read_gpu(Device device, Gpu& gpu) const {
    char text[kNameBytes] = {};
    if (lib_.name && got(lib_.name(device, text, sizeof text - 1), gpu)) gpu.name = text;
    if (lib_.uuid && got(lib_.uuid(device, text, sizeof text - 1), gpu)) gpu.uuid = text;
    Memory memory{};
    if (lib_.memory && got(lib_.memory(device, &memory), gpu)) {
      gpu.memory_total_mb = memory.total / kMb;
      gpu.memory_used_mb = memory.used / kMb;
      gpu.memory_free_mb = memory.free / kMb;
    }
    Utilization utilization{};
    if (lib_.utilization && got(lib_.utilization(device, &utilization), gpu)) gpu.utilization_percent = utilization.gpu;
    unsigned number = 0;
    if (lib_.temperature && got(lib_.temperature(device, kTemperatureGpu, &number), gpu)) gpu.temperature_c = number;
    if (lib_.power && got(lib_.power(device, &number), gpu)) gpu.power_w = number / 1000.0;
    if (lib_.power_limit && got(lib_.power_limit(device, &number), gpu)) gpu.power_limit_w = number / 1000.0;
    if (lib_.clock && got(lib_.clock(device, kClockGraphics, &number), gpu)) gpu.clock_graphics_mhz = number;
    if (lib_.clock && got(lib_.clock(device, kClockMemory, &number), gpu)) gpu.clock_memory_mhz = number;
    read_errors(device, gpu);
    read_mig(device, gpu);
    read_processes(device, gpu);
  }

  void read_errors(Device device, Gpu& gpu) const {
    unsigned long long number = 0;
    if (lib_.throttle && got(lib_.throttle(device, &number), gpu)) {
      for (const auto& reason : kThrottleReasons) {
        if ((number & reason.bit) != 0) gpu.throttle_reasons.emplace_back(reason.name);
      }
    }
    if (lib_.ecc && got(lib_.ecc(device, kEccCorrected, kEccVolatile, &number), gpu)) gpu.ecc_corrected = number;
    if (lib_.ecc && got(lib_.ecc(device, kEccUncorrected, kEccVolatile, &number), gpu)) gpu.ecc_uncorrected = number;
  }

  void read_mig(Device device, Gpu& gpu) const {
    unsigned now = 0, pending = 0, count = 0;
    if (!lib_.mig_mode || !got(lib_.mig_mode(device, &now, &pending), gpu)) return;
    gpu.mig = now == 1;
    if (now != 1 || !lib_.mig_count || !lib_.mig_device || !got(lib_.mig_count(device, &count), gpu)) return;
    for (unsigned i = 0; i < std::min<unsigned>(count, kGpusReadMax); ++i) {
      Device part = nullptr;
      if (lib_.mig_device(device, i, &part) != kSuccess) continue;  // a slot without an instance
      MigInstance instance;
      instance.index = i;
      char text[kNameBytes] = {};
      if (lib_.name && lib_.name(part, text, sizeof text - 1) == kSuccess) instance.name = text;
      Memory memory{};
      if (lib_.memory && lib_.memory(part, &memory) == kSuccess) {
        instance.memory_total_mb = memory.total / kMb;
        instance.memory_used_mb = memory.used / kMb;
      }
      gpu.mig_instances.push_back(std::move(instance));
    }
  }

  void read_processes(Device device, Gpu& gpu) const {
    if (!lib_.processes) return;
    std::vector<ProcessInfo> infos(16);
    auto count = static_cast<unsigned>(infos.size());
    auto state = lib_.processes(device, &count, infos.data());
    if (state == kInsufficientSize && count <= kGpuProcessesMax) {  // `count` says how many there are
      infos.resize(count + 8u);
      count = static_cast<unsigned>(infos.size());
      state = lib_.processes(device, &count, infos.data());
    }
    if (!got(state, gpu)) return;
    for (unsigned i = 0; i < std::min<std::size_t>(count, infos.size()); ++i) {
      GpuProcess process;
      process.pid = infos[i].pid;
      process.name = process_name(process.pid);
      if (infos[i].used_memory != kMemoryUnknown) process.memory_mb = infos[i].used_memory / kMb;
      gpu.processes.push_back(std::move(process));
    }
  }

  Library lib_;
  bool initialised_ = false;
};

}  // namespace
}  // namespace nvml

Result<std::unique_ptr<GpuReader>> open_nvml(const std::string& library) {
  auto reader = std::make_unique<nvml::NvmlReader>();
  CHECK_OK(reader->open(library));
  return reader;
}

}  // namespace tablinum::models
