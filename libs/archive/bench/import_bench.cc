/// A whole import, as `tablinum import` does it, of the file that TABLINUM_BENCH_GEDCOM names, into an empty archive.
#include <benchmark/benchmark.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cstdlib>
#include <filesystem>

#include "tablinum/archive/import.h"

namespace tablinum::archive::bench {
namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Result<ImportReport> import_into(const std::string& folder, const char* path) {
  TRY(archive, Archive::open({.folder = folder, .holder = "bench"}));
  ImportOptions options;
  options.path = path;
  options.file_name = "bench.ged";
  options.tree_name = "bench";
  options.alone = true;
  return import_file(*archive, options);
}

void BM_Import(benchmark::State& state) {
  const char* path = std::getenv("TABLINUM_BENCH_GEDCOM");
  if (path == nullptr) return state.SkipWithError("TABLINUM_BENCH_GEDCOM names no file");
  for (auto _ : state) {
    auto folder = (std::filesystem::temp_directory_path() / "tablinum-bench-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) std::abort();
    const double begin = cpu_seconds();
    const auto report = import_into(folder, path);
    state.counters["cpu_s"] = cpu_seconds() - begin;
    std::filesystem::remove_all(folder);
    if (!report) return state.SkipWithError(describe(report.error()).c_str());
    state.counters["records"] = static_cast<double>(report->records);
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  state.counters["peak_MiB"] = static_cast<double>(usage.ru_maxrss) / 1024;
}
BENCHMARK(BM_Import)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tablinum::archive::bench
