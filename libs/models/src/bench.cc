#include "tablinum/models/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "json_reader.h"
#include "tablinum/base/json.h"
#include "tablinum/base/time.h"

namespace tablinum::models {
namespace {

constexpr std::uint64_t kWarmUpMax = 100;
constexpr double kBaselineFloorMs = 0.002;
constexpr double kNsInMs = 1e6;

Constraints memory_limit(std::uint32_t mb) {
  Constraints constraints;
  constraints.gpu_memory_mb_max = mb;
  return constraints;
}

/// One idle GPU as large as the limit, for the third method.
GpuLoad idle_gpu(std::uint32_t mb) { return {0, mb, 0, true}; }

/// Value of rank ceil(q · n).
double percentile(const std::vector<std::int64_t>& sorted, double q) {
  const auto rank = static_cast<std::size_t>(std::max(1.0, std::ceil(q * static_cast<double>(sorted.size()) - 1e-9)));
  return static_cast<double>(sorted[rank - 1]) / kNsInMs;
}

Timing timing_of(std::vector<std::int64_t> ns) {
  Timing timing;
  if (ns.empty()) return timing;
  std::ranges::sort(ns);
  const auto n = static_cast<double>(ns.size());
  const auto middle = ns.size() / 2;
  timing.mean = std::accumulate(ns.begin(), ns.end(), 0.0) / n / kNsInMs;
  timing.median = static_cast<double>(ns.size() % 2 == 1 ? ns[middle] : (ns[middle - 1] + ns[middle]) / 2) / kNsInMs;
  double squares = 0;
  for (const auto one : ns) squares += std::pow(static_cast<double>(one) / kNsInMs - timing.mean, 2);
  timing.stdev = ns.size() > 1 ? std::sqrt(squares / (n - 1)) : 0;
  timing.min = static_cast<double>(ns.front()) / kNsInMs;
  timing.max = static_cast<double>(ns.back()) / kNsInMs;
  timing.p90 = percentile(ns, 0.90);
  timing.p95 = percentile(ns, 0.95);
  timing.p99 = percentile(ns, 0.99);
  return timing;
}

struct Bench {
  const Registry& registry;
  const Catalogue& catalogue;
  const BenchOptions& options;
  Selector selector{registry, catalogue};

  CategoryBench category(const Category& category, std::int64_t& spent_ns) const {
    CategoryBench result;
    result.category = category.key;
    const auto constraints = memory_limit(kBenchMemoryMb);
    const auto gpu = idle_gpu(kBenchMemoryMb);
    const std::span<const GpuLoad> gpus{&gpu, 1};
    for (std::uint64_t i = 0; i < std::min(options.iterations, kWarmUpMax); ++i) {
      (void)selector.select(category.key, options.method, constraints, gpus);
    }
    std::vector<std::int64_t> ns(options.iterations);
    std::map<std::uint32_t, std::uint64_t> times;
    for (auto& one : ns) {
      const auto begin = monotonic_now();
      const auto selection = selector.select(category.key, options.method, constraints, gpus);
      one = (monotonic_now() - begin).ns;
      if (!selection) {
        ++result.errors;
        continue;
      }
      result.fallbacks += selection->fallback;
      ++times[selection->model];
    }
    spent_ns += std::accumulate(ns.begin(), ns.end(), std::int64_t{0});
    result.timing = timing_of(std::move(ns));
    for (const auto& [model, count] : times) result.selections.emplace_back(registry.models[model].name, count);
    std::ranges::sort(result.selections,
                      [](const auto& a, const auto& b) { return std::tie(b.second, a.first) < std::tie(a.second, b.first); });
    if (!result.selections.empty()) {
      result.consistency_percent =
          100.0 * static_cast<double>(result.selections[0].second) / static_cast<double>(options.iterations);
    }
    result.listed = category.models.size();
    result.present = static_cast<std::uint64_t>(
        std::ranges::count_if(category.models, [&](const std::string& name) { return registry.find(name).has_value(); }));
    if (result.listed != 0)
      result.coverage_percent = 100.0 * static_cast<double>(result.present) / static_cast<double>(result.listed);
    return result;
  }

  ConstraintCase constraint_case(std::string name, std::string_view key, std::uint32_t mb,
                                 std::optional<AgentType> agent) const {
    ConstraintCase result;
    result.name = std::move(name);
    result.category = key;
    auto constraints = memory_limit(mb);
    constraints.agent_type = agent;
    const auto gpu = idle_gpu(mb);
    const auto selection = selector.select(key, options.method, constraints, {&gpu, 1});
    if (!selection) {
      result.problem = selection.error().detail;
      return result;
    }
    const auto& model = registry.models[selection->model];
    result.model = model.name;
    result.score = selection->score;
    result.fallback = selection->fallback;
    if (model.variants.empty() || model.variants[selection->variant].mb > mb)
      result.problem = "it needs more memory than is allowed";
    if (agent && !has(model.agent_types, *agent)) result.problem = "it is of the wrong agent type";
    if (selection->fallback) result.problem = "nothing of the category fits; a fallback was taken";
    result.passed = result.problem.empty();
    return result;
  }

  void cases(BenchReport& report) const {
    struct Wanted {
      const char *name, *category;
      std::uint32_t gb;
      std::optional<AgentType> agent;
    };
    const Wanted wanted[] = {{"code, 14 GB, inference", "code", 14, AgentType::inference},
                             {"code, 40 GB, inference", "code", 40, AgentType::inference},
                             {"relational, 16 GB, tool", "relational", 16, AgentType::tool},
                             {"code, 4 GB, any", "code", 4, std::nullopt}};
    for (const auto& one : wanted) {
      if (catalogue.find(one.category) != nullptr) {
        report.cases.push_back(constraint_case(one.name, one.category, one.gb * 1024, one.agent));
      }
    }
  }

  /// What each rule takes among the models that fit the category.
  void policies(BenchReport& report) const {
    const std::string_view names[] = {"selector", "oracle", "random", "smallest", "largest"};
    for (const auto name : names) report.policies.push_back({.policy = name});
    std::uint64_t state = 1;
    for (const auto& category : catalogue.categories) {
      const auto gpu = idle_gpu(kBenchMemoryMb);
      const auto explained = selector.explain(category.key, options.method, memory_limit(kBenchMemoryMb), {&gpu, 1});
      std::vector<const Verdict*> fitting;
      for (const auto& verdict : explained.verdicts) {
        if (verdict.eligible) fitting.push_back(&verdict);
      }
      if (fitting.empty()) continue;
      const auto memory = [&](const Verdict* v) {
        const auto& variants = registry.models[v->model].variants;
        return variants.empty() ? 0u : variants.front().mb;
      };
      const auto points = [](const Verdict* v) { return v->benchmark_points.value_or(-1); };
      state = state * 6364136223846793005u + 1442695040888963407u;  // Knuth's MMIX generator: the same choices every time
      const Verdict* taken[] = {fitting.front(), *std::ranges::max_element(fitting, {}, points),
                                fitting[(state >> 33) % fitting.size()], *std::ranges::min_element(fitting, {}, memory),
                                *std::ranges::max_element(fitting, {}, memory)};
      for (std::size_t i = 0; i < std::size(taken); ++i) {
        auto& policy = report.policies[i];
        ++policy.categories;
        policy.mean_memory_mb += memory(taken[i]);
        policy.agrees += taken[i]->model == taken[1]->model;
        if (points(taken[i]) < 0) continue;
        ++policy.measured;
        policy.mean_points += points(taken[i]);
      }
    }
    for (auto& policy : report.policies) {
      if (policy.categories != 0) policy.mean_memory_mb /= static_cast<double>(policy.categories);
      if (policy.measured != 0) policy.mean_points /= static_cast<double>(policy.measured);
    }
  }
};

void check(BenchReport& report, const BenchThresholds& thresholds) {
  for (const auto& one : report.categories) {
    if (one.timing.p99 > thresholds.p99_ms) {
      report.missed.push_back(
          fmt::format("{}: p99 {:.4f} ms, at most {:.4f} allowed", one.category, one.timing.p99, thresholds.p99_ms));
    }
    if (one.errors == 0 && one.consistency_percent < thresholds.consistency_percent) {
      report.missed.push_back(fmt::format("{}: consistency {:.1f} %, {:.1f} wanted", one.category, one.consistency_percent,
                                          thresholds.consistency_percent));
    }
  }
  for (const auto& one : report.cases) {
    if (!one.passed) report.missed.push_back(fmt::format("case {}: {}", one.name, one.problem));
  }
  if (report.errors > thresholds.errors) report.missed.push_back(fmt::format("{} selections failed", report.errors));
  const double fallbacks =
      report.selections == 0 ? 0 : 100.0 * static_cast<double>(report.fallbacks) / static_cast<double>(report.selections);
  if (fallbacks > thresholds.fallback_percent) {
    report.missed.push_back(fmt::format("{:.1f} % fallbacks, at most {:.1f} allowed", fallbacks, thresholds.fallback_percent));
  }
}

void write_timing(json::Writer& w, const Timing& t) {
  w.field("mean_ms", t.mean);
  w.field("median_ms", t.median);
  w.field("stdev_ms", t.stdev);
  w.field("min_ms", t.min);
  w.field("max_ms", t.max);
  w.field("p90_ms", t.p90);
  w.field("p95_ms", t.p95);
  w.field("p99_ms", t.p99);
}

void write_category(json::Writer& w, const CategoryBench& one) {
  w.begin_object();
  w.field("category", one.category);
  write_timing(w, one.timing);
  w.field("errors", one.errors);
  w.field("fallbacks", one.fallbacks);
  w.field("consistency_percent", one.consistency_percent);
  w.field("coverage_percent", one.coverage_percent);
  w.field("listed_models", one.listed);
  w.field("present_models", one.present);
  w.key("selections");
  w.begin_array();
  for (const auto& [model, count] : one.selections) {
    w.begin_object();
    w.field("model", model);
    w.field("count", count);
    w.end_object();
  }
  w.end_array();
  w.end_object();
}

}  // namespace

Result<BenchReport> run_bench(const Registry& registry, const Catalogue& catalogue, const BenchOptions& options) {
  if (catalogue.categories.empty()) return fail(Code::invalid, "the catalogue has no category");
  if (options.iterations == 0 || options.iterations > kBenchIterationsMax)
    return fail(Code::invalid, "iterations: 1 to 10,000,000");
  const Bench bench{registry, catalogue, options};
  BenchReport report;
  report.iterations = options.iterations;
  report.method = to_string(options.method);
  std::int64_t spent_ns = 0;
  for (const auto& category : catalogue.categories) {
    report.categories.push_back(bench.category(category, spent_ns));
    report.errors += report.categories.back().errors;
    report.fallbacks += report.categories.back().fallbacks;
    report.selections += options.iterations;
  }
  report.selections_per_second =
      static_cast<double>(report.selections) / (static_cast<double>(std::max<std::int64_t>(spent_ns, 1)) / 1e9);
  bench.cases(report);
  bench.policies(report);
  check(report, options.thresholds);
  return report;
}

Result<void> compare_with_baseline(BenchReport& report, std::string_view baseline, const BenchThresholds& thresholds) {
  TRY(document, parse_json(baseline));
  dom::array categories;
  const auto found = member(document->root, "categories");
  if (!found || found->get(categories) != simdjson::SUCCESS)
    return fail(Code::invalid, "the baseline is no result of models bench --json");
  for (const dom::element one : categories) {
    const auto name = text_member(one, "category");
    const auto mean = number_member(one, "mean_ms");
    const auto ours = std::ranges::find(report.categories, name, &CategoryBench::category);
    if (!mean || ours == report.categories.end()) continue;
    const double allowed = std::max(*mean, kBaselineFloorMs) * thresholds.slower_than_baseline;
    if (ours->timing.mean > allowed) {
      report.missed.push_back(fmt::format("{}: mean {:.4f} ms, {:.4f} in the baseline", name, ours->timing.mean, *mean));
    }
  }
  return {};
}

std::string bench_text(const BenchReport& report) {
  std::string out = fmt::format("SELECTION TIME (ms; {} iterations a category, {} GB, method {})\n", report.iterations,
                                kBenchMemoryMb / 1024, report.method);
  out += fmt::format("{:<16}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}{:>10}\n", "category", "mean", "median", "stdev",
                     "min", "max", "p90", "p95", "p99", "errors", "fallbacks");
  for (const auto& one : report.categories) {
    const auto& t = one.timing;
    out += fmt::format("{:<16}{:>8.4f}{:>8.4f}{:>8.4f}{:>8.4f}{:>8.4f}{:>8.4f}{:>8.4f}{:>8.4f}{:>8}{:>10}\n", one.category,
                       t.mean, t.median, t.stdev, t.min, t.max, t.p90, t.p95, t.p99, one.errors, one.fallbacks);
  }
  out += fmt::format("{:.0f} selections a second, reading the clock included\n\nCONSTRAINTS\n", report.selections_per_second);
  for (const auto& one : report.cases) {
    out += fmt::format("{} {:<26} {} {:.2f}{}\n", one.passed ? "✓" : "✗", one.name, one.model, one.score,
                       one.problem.empty() ? "" : " – " + one.problem);
  }
  out += "\nCONSISTENCY AND COVERAGE\n";
  for (const auto& one : report.categories) {
    out += fmt::format("{} {:<16} consistency {:5.1f} %   coverage {:5.1f} % ({} of {})  ",
                       one.coverage_percent == 100 ? "✓" : "✗", one.category, one.consistency_percent, one.coverage_percent,
                       one.present, one.listed);
    for (const auto& [model, count] : one.selections) out += fmt::format(" {} × {}", model, count);
    out += one.fallbacks != 0 ? " (fallback)\n" : "\n";
  }
  out += "\nBASELINES (over the categories in which something fits)\n";
  for (const auto& one : report.policies) {
    out += fmt::format("{:<10} {} categories, {:.0f} MB on average, as the oracle in {}, ", one.policy, one.categories,
                       one.mean_memory_mb, one.agrees);
    out += one.measured == 0 ? "no benchmark scores known\n"
                             : fmt::format("{:.1f} points ({} measured)\n", one.mean_points, one.measured);
  }
  out += report.missed.empty() ? "\nEvery threshold was met.\n" : "\nMISSED\n";
  for (const auto& line : report.missed) out += "✗ " + line + "\n";
  return out;
}

std::string bench_json(const BenchReport& report) {
  json::Writer w;
  w.begin_object();
  w.field("ok", report.missed.empty());
  w.field("iterations", report.iterations);
  w.field("method", report.method);
  w.field("selections", report.selections);
  w.field("selections_per_second", report.selections_per_second);
  w.field("errors", report.errors);
  w.field("fallbacks", report.fallbacks);
  w.key("categories");
  w.begin_array();
  for (const auto& one : report.categories) write_category(w, one);
  w.end_array();
  w.key("cases");
  w.begin_array();
  for (const auto& one : report.cases) {
    w.begin_object();
    w.field("name", one.name);
    w.field("category", one.category);
    w.field("passed", one.passed);
    w.field("model", one.model);
    w.field("score", one.score);
    w.field("fallback", one.fallback);
    w.field_if("problem", one.problem);
    w.end_object();
  }
  w.end_array();
  w.key("baselines");
  w.begin_array();
  for (const auto& one : report.policies) {
    w.begin_object();
    w.field("policy", one.policy);
    w.field("categories", one.categories);
    w.field("mean_memory_mb", one.mean_memory_mb);
    w.field("measured", one.measured);
    w.field("mean_points", one.measured == 0 ? std::nullopt : std::optional{one.mean_points});
    w.field("agrees_with_oracle", one.agrees);
    w.end_object();
  }
  w.end_array();
  w.key("missed");
  w.begin_array();
  for (const auto& line : report.missed) w.value(line);
  w.end_array();
  w.end_object();
  return w.take();
}

}  // namespace tablinum::models
