#pragma once
/// The routing benchmark: how fast, how correct, how even, how well covered, and how good beside simpler rules (contract §4).
/// Errors and fallbacks are counted, never skipped. Docs: docs/user/models.md, "The benchmark".
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tablinum/base/error.h"
#include "tablinum/models/selector.h"

namespace tablinum::models {

inline constexpr std::uint32_t kBenchMemoryMb = 14 * 1024;
inline constexpr std::uint64_t kBenchIterationsMax = 10'000'000;

/// A run that misses one of these has failed.
struct BenchThresholds {
  double p99_ms = 1.0;               ///< of every category
  double consistency_percent = 100;  ///< of every category
  std::uint64_t errors = 0;
  double fallback_percent = 100;      ///< of all selections; below 100 only where categories are populated
  double slower_than_baseline = 2.0;  ///< times the mean of --baseline; means under 2 µs count as 2 µs there
};

struct BenchOptions {
  std::uint64_t iterations = 1'000;  ///< 1 … kBenchIterationsMax
  Method method = Method::multi;
  BenchThresholds thresholds = {};
};

/// Milliseconds.
struct Timing {
  double mean = 0, median = 0, stdev = 0, min = 0, max = 0, p90 = 0, p95 = 0, p99 = 0;
};

struct CategoryBench {
  std::string category;
  Timing timing;
  std::uint64_t errors = 0, fallbacks = 0;
  double consistency_percent = 0;                                 ///< share of the most frequent model; 0 with errors only
  std::vector<std::pair<std::string, std::uint64_t>> selections;  ///< model, times; most frequent first
  std::uint64_t listed = 0, present = 0;                          ///< models of the catalogue's list
  double coverage_percent = 0;                                    ///< 0 for an empty category
};

struct ConstraintCase {
  std::string name, category;
  bool passed = false;  ///< something was selected, it meets every constraint, and it is no fallback
  std::string model;
  double score = 0;
  bool fallback = false;
  std::string problem;
};

/// A rule of choice, over all categories that have a model at all.
struct PolicyResult {
  std::string_view policy;       ///< "selector", "oracle", "random", "smallest", "largest"
  std::uint64_t categories = 0;  ///< in which it chose
  double mean_memory_mb = 0;
  std::uint64_t measured = 0;  ///< choices whose benchmark points are known
  double mean_points = 0;      ///< of those
  std::uint64_t agrees = 0;    ///< with the oracle
};

struct BenchReport {
  std::uint64_t iterations = 0;
  std::string_view method;
  std::vector<CategoryBench> categories;
  std::vector<ConstraintCase> cases;
  std::vector<PolicyResult> policies;
  std::uint64_t errors = 0, fallbacks = 0, selections = 0;
  double selections_per_second = 0;  ///< of the timed loop, clock reading included
  std::vector<std::string> missed;   ///< thresholds, in words; empty: passed
};

/// @error invalid: no category, or iterations out of range.
Result<BenchReport> run_bench(const Registry& registry, const Catalogue& catalogue, const BenchOptions& options);
/// Adds to report.missed what is slower than `baseline`, the JSON of an earlier run.  @error corrupt, invalid: not such a JSON.
Result<void> compare_with_baseline(BenchReport& report, std::string_view baseline, const BenchThresholds& thresholds);

std::string bench_text(const BenchReport& report);
/// docs/schemas/models-bench.schema.json.
std::string bench_json(const BenchReport& report);

}  // namespace tablinum::models
