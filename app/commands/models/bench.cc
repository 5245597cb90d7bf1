// tablinum models bench
#include "tablinum/models/bench.h"
#include "group.h"

namespace tablinum::app::models_group {
namespace {

struct Options {
  Files files;
  models::BenchOptions bench;
  std::string method = "multi", baseline;
};

Result<int> run(const Globals& globals, const Options& options) {
  TRY(registry, models::load_registry(options.files.registry));
  TRY(catalogue, models::load_categories(options.files.categories));
  auto bench = options.bench;
  bench.method = *models::method_of(options.method);
  TRY(report, models::run_bench(registry, catalogue, bench));
  if (!options.baseline.empty()) {
    TRY(earlier, models::read_text(options.baseline, models::kRegistryBytesMax));
    CHECK_OK(models::compare_with_baseline(report, earlier, bench.thresholds));
  }
  print_result(globals, models::bench_json(report), models::bench_text(report));
  return report.missed.empty() ? 0 : kExitNo;
}

}  // namespace

void add_bench(CLI::App& group, Commands& commands) {
  auto* command = group.add_subcommand(
      "bench", "Measures selection: time, constraints, consistency, coverage, and simpler rules beside it");
  const auto options = std::make_shared<Options>();
  auto& thresholds = options->bench.thresholds;
  command->add_option("ITERATIONS", options->bench.iterations, "Selections for each category")
      ->check(CLI::Range(std::uint64_t{1}, models::kBenchIterationsMax))
      ->capture_default_str();
  options->files.add_to(command);
  command->add_option("--method", options->method, "basic, multi or gpu")
      ->check(CLI::IsMember({"basic", "multi", "gpu"}))
      ->capture_default_str();
  command->add_option("--baseline", options->baseline, "JSON of an earlier run; much slower than that is a miss");
  command->add_option("--p99-ms", thresholds.p99_ms, "Slowest allowed 99th percentile of a category")->capture_default_str();
  command->add_option("--fallbacks", thresholds.fallback_percent, "Allowed share of fallbacks, percent")->capture_default_str();
  command->add_option("--consistency", thresholds.consistency_percent, "Wanted consistency, percent")->capture_default_str();
  command->add_option("--slower", thresholds.slower_than_baseline, "Allowed factor over the baseline's mean")
      ->capture_default_str();
  command->footer("Exit code 1: a threshold was missed.");
  on_chosen(command, commands, options, run);
}

}  // namespace tablinum::app::models_group
