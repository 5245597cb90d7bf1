#pragma once
/// The part of NVML's ABI that is used (nvml.h, NVML API reference; stable since 2011). Declared here because the header is not
/// free to ship.
#include <cstdint>

namespace tablinum::models::nvml {

using Device = struct nvmlDevice_st*;
using Return = int;

enum : Return {
  kSuccess = 0,
  kUninitialized = 1,
  kInvalidArgument = 2,
  kNotSupported = 3,
  kNoPermission = 4,
  kNotFound = 6,
  kInsufficientSize = 7,
  kDriverNotLoaded = 9,
  kTimeout = 10,
  kFunctionNotFound = 13,
  kGpuIsLost = 15,
  kResetRequired = 16,
  kUnknown = 999
};

struct Memory {
  unsigned long long total, free, used;  // bytes
};
struct Utilization {
  unsigned gpu, memory;  // percent
};
struct ProcessInfo {  // nvmlProcessInfo_v2_t, of nvmlDeviceGetComputeRunningProcesses_v3
  unsigned pid;
  unsigned long long used_memory;  // bytes; all ones: not available
  unsigned gpu_instance, compute_instance;
};

inline constexpr int kTemperatureGpu = 0, kClockGraphics = 0, kClockMemory = 2, kEccCorrected = 0, kEccUncorrected = 1,
                     kEccVolatile = 0;
inline constexpr unsigned long long kMemoryUnknown = ~0ull;
inline constexpr unsigned kNameBytes = 96;

}  // namespace tablinum::models::nvml
