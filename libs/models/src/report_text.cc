// The report on the console, as Markdown, as JSON.
#include <fmt/format.h>

#include <algorithm>

#include "report_words.h"
#include "tablinum/base/json.h"
#include "tablinum/models/analytics.h"

namespace tablinum::models {
namespace {

constexpr std::size_t kTopModels = 5;
constexpr std::size_t kMalformedShown = 5;

/// What Markdown would take for markup, or for the end of a table's cell.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '\\' || c == '`' || c == '*' || c == '<') out.push_back('\\');
    out.push_back(c == '\n' || c == '\r' ? ' ' : c);
  }
  return out;
}

std::vector<const ModelRow*> by_usage(const AnalyticsReport& report) {
  std::vector<const ModelRow*> rows;
  for (const auto& row : report.models) rows.push_back(&row);
  std::ranges::sort(rows, [](const ModelRow* a, const ModelRow* b) {
    return std::tie(b->figures.requests, a->model) < std::tie(a->figures.requests, b->model);
  });
  return rows;
}

std::string interval(const std::optional<Interval>& interval, int digits) {
  return interval ? fmt::format("{:.{}f} – {:.{}f}", interval->low, digits, interval->high, digits) : std::string{};
}

void add_overall(std::string& out, const AnalyticsReport& report) {
  out += "\n## Overall Effectiveness\n\n";
  out += fmt::format("- **Unique Models:** {}\n", report.unique_models);
  out += fmt::format("- **Multi-Category Models:** {}\n", report.multi_category_models);
  out += fmt::format("- **Secondary Category Usage:** {} ({:.1f}%)\n", report.all.secondary, secondary_percent(report));
  out += fmt::format("- **Average Secondary Confidence:** {:.2f}\n", report.all.mean_secondary_confidence);
  out += fmt::format("- **Average Selection Duration:** {:.1f}ms\n", report.all.mean_duration_ms);
  out += "\n### GPU Distribution\n\n";
  for (const auto& gpu : report.gpus) out += fmt::format("- GPU {}: {} requests ({:.1f}%)\n", gpu.gpu, gpu.requests, gpu.share);
}

void add_categories(std::string& out, const AnalyticsReport& report) {
  out += "\n## Performance by Category\n\n| Category | Requests | Models Used | Avg Score | Avg Confidence | Avg Duration |\n";
  out += "|----------|----------|-------------|-----------|----------------|--------------|\n";
  for (const auto& [name, models, f] : report.categories) {
    out += fmt::format("| {} | {} | {} | {:.2f} | {:.2f} | {:.1f}ms |\n", cell(name), f.requests, models, f.mean_score,
                       f.mean_confidence, f.mean_duration_ms);
  }
}

void add_models(std::string& out, const AnalyticsReport& report) {
  out += "\n## Multi-Category Model Utilization\n\n| Model | Total Requests | Categories | Primary | Secondary | Avg Score |\n";
  out += "|-------|----------------|------------|---------|-----------|-----------|\n";
  for (const auto& [name, categories, f] : report.models) {
    if (categories < 2) continue;
    out += fmt::format("| {} | {} | {} | {} | {} | {:.2f} |\n", cell(name), f.requests, categories, f.primary, f.secondary,
                       f.mean_score);
  }
}

void add_duration_row(std::string& out, std::string_view name, const Figures& f) {
  out += fmt::format("| {} | {} | {} | {} | {} | {} | {:.1f}% | {:.1f}% | {} | {} |\n", cell(name), f.requests, f.p50_ms,
                     f.p90_ms, f.p95_ms, f.p99_ms, 100 * f.success_rate, 100 * f.fallback_rate, interval(f.score_interval, 2),
                     interval(f.duration_interval, 1));
}

void add_durations(std::string& out, const AnalyticsReport& report) {
  out +=
      "\n## Durations and Outcomes\n\n| | Requests | p50 ms | p90 ms | p95 ms | p99 ms | Success | Fallback | Mean score, 95% "
      "| Mean ms, 95% |\n";
  out += "|---|---|---|---|---|---|---|---|---|---|\n";
  add_duration_row(out, "all", report.all);
  for (const auto& row : report.categories) add_duration_row(out, row.category, row.figures);
  for (const auto& row : report.models) add_duration_row(out, row.model, row.figures);
}

void add_windows(std::string& out, const AnalyticsReport& report) {
  if (report.windows.empty()) return;
  out += fmt::format("\n## By {}\n\n| From (UTC) | Requests | Avg Score | Avg Duration | p95 ms | Success |\n",
                     window_word(report.window));
  out += "|---|---|---|---|---|---|\n";
  for (const auto& [start, f] : report.windows) {
    out += fmt::format("| {} | {} | {:.2f} | {:.1f}ms | {} | {:.1f}% |\n", utc_text(start), f.requests, f.mean_score,
                       f.mean_duration_ms, f.p95_ms, 100 * f.success_rate);
  }
  for (const auto& trend : report.trends) out += fmt::format("\n- {}", trend_words(trend, report.window));
  if (!report.trends.empty()) out += '\n';
}

void add_malformed(std::string& out, const AnalyticsReport& report) {
  if (report.malformed_lines == 0) return;
  out += fmt::format("\n## Malformed Lines\n\n{} lines were left out.\n\n", report.malformed_lines);
  for (const auto& line : report.malformed) {
    out += fmt::format("- file {}, line {}: {}\n", line.file + 1, line.line, line.reason);
  }
}

void write_interval(json::Writer& w, std::string_view name, const std::optional<Interval>& interval) {
  if (!interval) return;
  w.key(name);
  w.begin_array();
  w.value(interval->low);
  w.value(interval->high);
  w.end_array();
}

void write_figures(json::Writer& w, const Figures& f) {
  w.field("requests", f.requests);
  w.field("primary_requests", f.primary);
  w.field("secondary_requests", f.secondary);
  w.field("fallback_requests", f.fallbacks);
  w.field("error_requests", f.errors);
  w.field("success_rate", f.success_rate);
  w.field("fallback_rate", f.fallback_rate);
  w.field("mean_score", f.mean_score);
  write_interval(w, "mean_score_interval", f.score_interval);
  w.field("mean_confidence", f.mean_confidence);
  w.field("mean_secondary_confidence", f.mean_secondary_confidence);
  w.field("mean_duration_ms", f.mean_duration_ms);
  write_interval(w, "mean_duration_interval", f.duration_interval);
  w.field("min_ms", f.min_ms);
  w.field("p50_ms", f.p50_ms);
  w.field("p90_ms", f.p90_ms);
  w.field("p95_ms", f.p95_ms);
  w.field("p99_ms", f.p99_ms);
  w.field("max_ms", f.max_ms);
}

void write_rows(json::Writer& w, const AnalyticsReport& report) {
  w.key("categories");
  w.begin_array();
  for (const auto& row : report.categories) {
    w.begin_object();
    w.field("category", row.category);
    w.field("models", row.models);
    write_figures(w, row.figures);
    w.end_object();
  }
  w.end_array();
  w.key("models");
  w.begin_array();
  for (const auto& row : report.models) {
    w.begin_object();
    w.field("model", row.model);
    w.field("categories", row.categories);
    write_figures(w, row.figures);
    w.end_object();
  }
  w.end_array();
  w.key("gpus");
  w.begin_array();
  for (const auto& row : report.gpus) {
    w.begin_object();
    w.field("gpu", row.gpu);
    w.field("requests", row.requests);
    w.field("percent", row.share);
    w.end_object();
  }
  w.end_array();
}

void write_trend(json::Writer& w, const Trend& trend) {
  w.begin_object();
  w.field("figure", trend.figure);
  w.field("direction", to_string(trend.direction));
  w.field("slope_per_window", trend.slope);
  w.field("p_value", trend.p_value);
  w.field("change_p_value", trend.change_p_value);
  if (trend.change_at_s) {
    w.field("change_at", utc_text(*trend.change_at_s));
    w.field("mean_before", trend.before);
    w.field("mean_after", trend.after);
  }
  w.end_object();
}

void write_windows(json::Writer& w, const AnalyticsReport& report) {
  if (report.window == Window::none) return;
  w.field("window", window_word(report.window));
  w.key("windows");
  w.begin_array();
  for (const auto& row : report.windows) {
    w.begin_object();
    w.field("start", utc_text(row.start_s));
    write_figures(w, row.figures);
    w.end_object();
  }
  w.end_array();
  w.key("trends");
  w.begin_array();
  for (const auto& trend : report.trends) write_trend(w, trend);
  w.end_array();
}

void write_malformed(json::Writer& w, const AnalyticsReport& report) {
  w.key("malformed");
  w.begin_array();
  for (const auto& line : report.malformed) {
    w.begin_object();
    w.field("file", line.file + 1);
    w.field("line", line.line);
    w.field("reason", line.reason);
    w.end_object();
  }
  w.end_array();
}

}  // namespace

std::string console_text(const AnalyticsReport& report) {
  constexpr std::string_view kTitle = "MULTI-CATEGORY ROUTING SUMMARY";
  std::string out = fmt::format("{0:═<60}\n{1:^60}\n{0:═<60}\n\n", "", kTitle);
  out += fmt::format("Total Requests: {}\n", report.all.requests);
  out += fmt::format("Unique Models: {}\n", report.unique_models);
  out += fmt::format("Multi-Category Models: {}\n", report.multi_category_models);
  out += fmt::format("Secondary Category Usage: {} ({:.1f}%)\n", report.all.secondary, secondary_percent(report));
  out += fmt::format("Average Secondary Confidence: {:.2f}\n", report.all.mean_secondary_confidence);
  out += fmt::format("Average Selection Duration: {:.1f}ms\n", report.all.mean_duration_ms);
  out += fmt::format("Duration p50/p90/p95/p99: {}/{}/{}/{} ms\n", report.all.p50_ms, report.all.p90_ms, report.all.p95_ms,
                     report.all.p99_ms);
  out += fmt::format("Success / Fallback: {:.1f}% / {:.1f}%\n", 100 * report.all.success_rate, 100 * report.all.fallback_rate);
  out += "\nTop Models by Usage:\n";
  const auto rows = by_usage(report);
  for (std::size_t i = 0; i < std::min(rows.size(), kTopModels); ++i) {
    out += fmt::format("  {}: {} requests, {} categories\n", rows[i]->model, rows[i]->figures.requests, rows[i]->categories);
  }
  for (const auto& trend : report.trends) out += fmt::format("\n{}", trend_words(trend, report.window));
  if (!report.trends.empty()) out += '\n';
  if (report.malformed_lines != 0) out += fmt::format("\nMalformed lines left out: {}\n", report.malformed_lines);
  for (std::size_t i = 0; i < std::min(report.malformed.size(), kMalformedShown); ++i) {
    const auto& line = report.malformed[i];
    out += fmt::format("  file {}, line {}: {}\n", line.file + 1, line.line, line.reason);
  }
  return out;
}

std::string markdown_text(const AnalyticsReport& report, std::string_view files, std::int64_t generated_s) {
  std::string out = "# Multi-Category Routing Analytics Report\n\n";
  out +=
      fmt::format("**Generated:** {}\n**Metrics File:** {}\n**Total Requests:** {}\n", generated_s, files, report.all.requests);
  add_overall(out, report);
  add_categories(out, report);
  add_models(out, report);
  add_durations(out, report);
  add_windows(out, report);
  add_malformed(out, report);
  out += "\n## Recommendations\n\n";
  for (const auto& line : recommendation_words(report)) out += fmt::format("- {}\n", line);
  return out;
}

std::string json_text(const AnalyticsReport& report) {
  const auto advice = recommendations(report);
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  w.field("total_requests", report.all.requests);
  w.field("secondary_requests", report.all.secondary);
  w.field("secondary_percent", secondary_percent(report));
  w.field("unique_models", report.unique_models);
  w.field("multi_category_models", report.multi_category_models);
  w.field("malformed_lines", report.malformed_lines);
  w.field("rows_without_time", report.rows_without_time);
  w.field("rows_outside_time", report.rows_outside_time);
  w.field("outcome_from", report.outcome_column ? "column" : "score");
  w.field("mean_duration_ms", report.all.mean_duration_ms);
  w.key("all");
  w.begin_object();
  write_figures(w, report.all);
  w.end_object();
  write_rows(w, report);
  write_windows(w, report);
  write_malformed(w, report);
  w.key("recommendations");
  w.begin_object();
  w.field("multi_category_utilization", advice.good_utilization ? "good" : "low");
  w.field("secondary_confidence", advice.good_confidence ? "good" : "low");
  w.end_object();
  w.end_object();
  return w.take();
}

}  // namespace tablinum::models
