// A stand-in for libnvidia-ml.so.1. FAKE_NVML_FAIL=FUNCTION:CODE makes that function return that code.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "nvml_api.h"

using namespace tablinum::models::nvml;

namespace {

/// The code that `function` is to return, kSuccess where it is to work.
Return injected(const char* function) {
  const char* fail = std::getenv("FAKE_NVML_FAIL");
  if (fail == nullptr) return kSuccess;
  const auto length = std::strlen(function);
  return std::strncmp(fail, function, length) == 0 && fail[length] == ':' ? std::atoi(fail + length + 1) : kSuccess;
}

std::uintptr_t number(Device device) { return reinterpret_cast<std::uintptr_t>(device); }
bool is_part(Device device) { return number(device) >= 100; }

}  // namespace

#define INJECT(function) \
  if (const Return code = injected(function); code != kSuccess) return code

extern "C" {
Return nvmlInit_v2() { INJECT("init"); return kSuccess; }
Return nvmlShutdown() { return kSuccess; }
const char* nvmlErrorString(Return code) {
  static char text[32];
  std::snprintf(text, sizeof text, "fake error %d", code);
  return text;
}
Return nvmlDeviceGetCount_v2(unsigned* count) { INJECT("count"); *count = 2; return kSuccess; }
Return nvmlDeviceGetHandleByIndex_v2(unsigned index, Device* device) {
  if (index == 1) INJECT("handle");
  *device = reinterpret_cast<Device>(std::uintptr_t{index} + 1);
  return kSuccess;
}
Return nvmlDeviceGetName(Device device, char* name, unsigned size) {
  INJECT("name");
  std::snprintf(name, size, is_part(device) ? "MIG 1g.10gb" : "Fake GPU %d", static_cast<int>(number(device) - 1));
  return kSuccess;
}
Return nvmlDeviceGetUUID(Device device, char* uuid, unsigned size) { INJECT("uuid"); std::snprintf(uuid, size, "GPU-%d", static_cast<int>(number(device))); return kSuccess; }
Return nvmlDeviceGetMemoryInfo(Device device, Memory* memory) {
  INJECT("memory");
  *memory = is_part(device) ? Memory{10ull << 30, 9ull << 30, 1ull << 30} : Memory{80ull << 30, 60ull << 30, 20ull << 30};
  return kSuccess;
}
Return nvmlDeviceGetTemperature(Device, int, unsigned* value) { INJECT("temperature"); *value = 51; return kSuccess; }
Return nvmlDeviceGetUtilizationRates(Device, Utilization* value) { INJECT("utilization"); *value = {40, 10}; return kSuccess; }
Return nvmlDeviceGetPowerUsage(Device, unsigned* value) { INJECT("power"); *value = 123'400; return kSuccess; }
Return nvmlDeviceGetEnforcedPowerLimit(Device, unsigned* value) { INJECT("limit"); *value = 700'000; return kSuccess; }
Return nvmlDeviceGetClockInfo(Device, int type, unsigned* value) { INJECT("clock"); *value = type == kClockMemory ? 2619 : 1755; return kSuccess; }
Return nvmlDeviceGetCurrentClocksThrottleReasons(Device, unsigned long long* value) { INJECT("throttle"); *value = 0x4 | 0x40; return kSuccess; }
Return nvmlDeviceGetTotalEccErrors(Device, int type, int, unsigned long long* value) { INJECT("ecc"); *value = type == kEccCorrected ? 3 : 0; return kSuccess; }
Return nvmlDeviceGetMigMode(Device device, unsigned* now, unsigned* pending) { INJECT("mig"); *now = *pending = number(device) == 2; return kSuccess; }
Return nvmlDeviceGetMaxMigDeviceCount(Device, unsigned* count) { INJECT("migcount"); *count = 7; return kSuccess; }
Return nvmlDeviceGetMigDeviceHandleByIndex(Device, unsigned index, Device* part) {
  INJECT("migdevice");
  if (index > 1) return kNotFound;
  *part = reinterpret_cast<Device>(std::uintptr_t{100} + index);
  return kSuccess;
}
Return nvmlDeviceGetComputeRunningProcesses_v3(Device, unsigned* count, ProcessInfo* infos) {
  INJECT("processes");
  constexpr unsigned kThere = 20;  // more than is asked for first
  if (*count < kThere) {
    *count = kThere;
    return kInsufficientSize;
  }
  *count = kThere;
  for (unsigned i = 0; i < kThere; ++i) infos[i] = {i == 0 ? 1u : 4'000'000u + i, i == 1 ? kMemoryUnknown : 5ull << 30, 0, 0};
  return kSuccess;
}
}
