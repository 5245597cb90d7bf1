#include "service/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "tablinum/base/parallel.h"

namespace tablinum::proof {
namespace {

constexpr Duration kSampleMin = Duration::milliseconds(10);

Duration of(const timeval& time) noexcept { return Duration::seconds(time.tv_sec) + Duration::microseconds(time.tv_usec); }

Duration processor_time() noexcept {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return of(usage.ru_utime) + of(usage.ru_stime);
}

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

}  // namespace

std::size_t resident_bytes() noexcept {
  const std::unique_ptr<std::FILE, CloseFile> file{std::fopen("/proc/self/statm", "re")};
  unsigned long total = 0;
  unsigned long resident = 0;
  if (!file || std::fscanf(file.get(), "%lu %lu", &total, &resident) != 2) return 0;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

CpuMeter::CpuMeter() noexcept : wall_{monotonic_now()}, cpu_{processor_time()} {}

double CpuMeter::sample() noexcept {
  const std::lock_guard lock{mutex_};
  const Instant wall = monotonic_now();
  if (wall - wall_ < kSampleMin) return last_;
  const Duration cpu = processor_time();
  const double available = (wall - wall_).seconds() * available_processors();
  last_ = std::clamp(100 * (cpu - cpu_).seconds() / available, 0.0, 100.0);
  wall_ = wall;
  cpu_ = cpu;
  return last_;
}

}  // namespace tablinum::proof
