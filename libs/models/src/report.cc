#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "aggregate.h"
#include "statistics.h"

namespace tablinum::models {
namespace {

constexpr double kGoodUtilizationPercent = 30, kGoodConfidence = 0.75;
constexpr double kScoreUnit = 0.1;

/// One division of exact numbers: the nearest double, whatever order the rows came in.
double mean(Totals::Sum sum, std::uint64_t count) noexcept {
  return count == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(count);
}
double mean_of_billionths(Totals::Sum sum, std::uint64_t count) noexcept {
  return count == 0 ? 0 : static_cast<double>(sum) / (static_cast<double>(count) * static_cast<double>(kBillion));
}
double share(std::uint64_t part, std::uint64_t whole) noexcept {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

Figures figures_of(const Totals& totals, unsigned bootstrap) {
  Figures f;
  f.requests = totals.requests;
  f.secondary = totals.secondary;
  f.primary = totals.requests - totals.secondary;
  f.fallbacks = totals.fallbacks;
  f.errors = totals.errors;
  f.mean_score = mean_of_billionths(totals.score, totals.requests);
  f.mean_confidence = mean_of_billionths(totals.confidence, totals.requests);
  f.mean_secondary_confidence = mean_of_billionths(totals.secondary_confidence, totals.secondary);
  f.mean_duration_ms = mean(totals.duration_ms, totals.requests);
  f.success_rate = share(totals.requests - totals.fallbacks - totals.errors, totals.requests);
  f.fallback_rate = share(totals.fallbacks, totals.requests);
  f.p50_ms = totals.durations.quantile(0.50);
  f.p90_ms = totals.durations.quantile(0.90);
  f.p95_ms = totals.durations.quantile(0.95);
  f.p99_ms = totals.durations.quantile(0.99);
  f.min_ms = totals.durations.min();
  f.max_ms = totals.durations.max();
  f.score_interval = bootstrap_mean(totals.scores, kScoreUnit, f.mean_score, bootstrap);
  f.duration_interval = bootstrap_mean(totals.durations, 1, f.mean_duration_ms, bootstrap);
  return f;
}

struct Group {
  Totals totals;
  std::set<std::string_view> others;
};

void add_groups(const std::vector<Pair>& pairs, unsigned bootstrap, AnalyticsReport& report) {
  std::map<std::string_view, Group> categories, models;
  Totals all;
  for (const auto& pair : pairs) {
    all.merge(pair.totals);
    auto& category = categories[pair.category()];
    category.totals.merge(pair.totals);
    category.others.insert(pair.model());
    auto& model = models[pair.model()];
    model.totals.merge(pair.totals);
    model.others.insert(pair.category());
  }
  report.all = figures_of(all, bootstrap);
  for (const auto& [name, group] : categories) {
    report.categories.push_back({std::string{name}, group.others.size(), figures_of(group.totals, bootstrap)});
  }
  for (const auto& [name, group] : models) {
    report.models.push_back({std::string{name}, group.others.size(), figures_of(group.totals, bootstrap)});
  }
  report.unique_models = models.size();
  report.multi_category_models =
      static_cast<std::uint64_t>(std::ranges::count_if(report.models, [](const ModelRow& row) { return row.categories > 1; }));
}

void add_gpus(const Aggregate::Parts& parts, AnalyticsReport& report) {
  const auto add = [&](std::uint32_t gpu, std::uint64_t count) {
    report.gpus.push_back({gpu, count, 100 * share(count, report.all.requests)});
  };
  for (std::uint32_t i = 0; i < parts.low_gpus.size(); ++i) {
    if (parts.low_gpus[i] != 0) add(i, parts.low_gpus[i]);
  }
  for (const auto& [gpu, count] : parts.high_gpus) add(gpu, count);
  std::ranges::sort(report.gpus, {}, &GpuRow::gpu);
}

template <class Value>
void add_trend(std::string_view figure, Value&& value, AnalyticsReport& report) {
  const auto count = std::min(report.windows.size(), kTrendWindowsMax);
  const auto first = report.windows.size() - count;
  std::vector<double> series;
  for (auto i = first; i < report.windows.size(); ++i) series.push_back(value(report.windows[i].figures));
  const auto found = look_at(series);
  Trend trend;
  trend.figure = figure;
  trend.direction = found.direction;
  trend.slope = found.slope;
  trend.p_value = found.p_value;
  trend.change_p_value = found.change_p_value;
  if (found.change) {
    trend.change_at_s = report.windows[first + *found.change].start_s;
    trend.before = found.before;
    trend.after = found.after;
  }
  report.trends.push_back(trend);
}

void add_windows(const Aggregate::Parts& parts, AnalyticsReport& report) {
  for (const auto& [start, totals] : parts.windows) report.windows.push_back({start, figures_of(totals, 0)});
  std::ranges::sort(report.windows, {}, &WindowRow::start_s);
  if (report.windows.size() < kTrendWindowsMin) return;
  add_trend("requests", [](const Figures& f) { return static_cast<double>(f.requests); }, report);
  add_trend("mean_score", [](const Figures& f) { return f.mean_score; }, report);
  add_trend("mean_duration_ms", [](const Figures& f) { return f.mean_duration_ms; }, report);
  add_trend("success_rate", [](const Figures& f) { return f.success_rate; }, report);
}

}  // namespace

std::string_view to_string(Direction direction) noexcept {
  return direction == Direction::rising ? "rising" : direction == Direction::falling ? "falling" : "none";
}

AnalyticsReport report(const Aggregate& aggregate, const ReportOptions& options) {
  const auto& parts = aggregate.parts();
  AnalyticsReport report;
  report.malformed_lines = parts.malformed_lines;
  report.malformed = parts.malformed;
  report.rows_without_time = parts.rows_without_time;
  report.rows_outside_time = parts.rows_outside_time;
  report.outcome_column = parts.outcome_column;
  report.window = parts.options.window;
  add_groups(parts.pairs, std::min(options.bootstrap, kBootstrapMax), report);
  add_gpus(parts, report);
  add_windows(parts, report);
  return report;
}

double secondary_percent(const AnalyticsReport& report) noexcept {
  return 100 * share(report.all.secondary, report.all.requests);
}

Recommendations recommendations(const AnalyticsReport& report) noexcept {
  return {secondary_percent(report) > kGoodUtilizationPercent, report.all.mean_secondary_confidence >= kGoodConfidence};
}

}  // namespace tablinum::models
