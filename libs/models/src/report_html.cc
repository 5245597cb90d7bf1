// The report as one page: no scripts, nothing from elsewhere, charts as inline SVG that follow light and dark.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report_words.h"
#include "tablinum/models/analytics.h"

namespace tablinum::models {
namespace {

constexpr double kChartWidth = 720, kChartHeight = 200, kLeft = 56, kBottom = 24, kTop = 12;
constexpr std::size_t kBarsMax = 20;
constexpr int kBarHeight = 22;

constexpr std::string_view kStyle = R"(<style>
:root{color-scheme:light dark;--ground:#f8faf8;--ink:#16201f;--quiet:#4d5a59;--line:#d5dcda;
 --mark:#0a5f5c;--second:#a2612c;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--ground:#0f1414;--ink:#e9efec;--quiet:#b2bcba;
 --line:#323b3b;--mark:#6fd0c8;--second:#e0a06a;--bad:#f2a19a}}
body{margin:2rem auto;max-width:62rem;padding:0 1rem;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.75rem;margin:0}h2{font-size:1.2rem;margin:2rem 0 .5rem}p.about{color:var(--quiet);margin:.25rem 0 1.5rem}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;margin:0}
dl div{border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem}
dt{color:var(--quiet);font-size:.85rem}dd{margin:0;font-size:1.4rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:right}
th:first-child,td:first-child{text-align:left;overflow-wrap:anywhere}
th{color:var(--quiet);font-weight:600;font-size:.85rem}
.wide{overflow-x:auto}svg{width:100%;height:auto;display:block}svg text{fill:var(--quiet);font-size:11px}
.bar{fill:var(--mark)}.line{fill:none;stroke:var(--mark);stroke-width:2}.line.second{stroke:var(--second)}.grid{stroke:var(--line)}
.change{stroke:var(--bad);stroke-dasharray:4 3}small{color:var(--quiet)}
</style>
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out.push_back(c);
  }
  return out;
}

std::string interval(const std::optional<Interval>& bounds, int digits) {
  return bounds ? fmt::format("<br><small>{:.{}f} – {:.{}f}</small>", bounds->low, digits, bounds->high, digits)
                : std::string{};
}

/// Horizontal bars with a name and a number each.
std::string bars(std::string_view title, const std::vector<std::pair<std::string, double>>& rows, std::string_view unit) {
  const auto count = std::min(rows.size(), kBarsMax);
  double most = 0;
  for (const auto& [name, value] : rows) most = std::max(most, value);
  std::string out = fmt::format("<svg role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {} {}\">", escaped(title), kChartWidth,
                                static_cast<int>(count) * kBarHeight + 4);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [name, value] = rows[i];
    const int y = static_cast<int>(i) * kBarHeight + 2;
    const double width = most > 0 ? 380 * value / most : 0;
    out += fmt::format(
        "<text x=\"230\" y=\"{}\" text-anchor=\"end\">{}</text><rect class=\"bar\" x=\"240\" y=\"{}\" width=\"{:.1f}\" "
        "height=\"{}\" rx=\"3\"/><text x=\"{:.1f}\" y=\"{}\">{:.6g}{}</text>",
        y + 14, escaped(name.size() > 36 ? name.substr(0, 35) + "…" : name), y, std::max(1.0, width), kBarHeight - 6,
        246 + width, y + 14, value, unit);
  }
  return out + "</svg>\n";
}

struct Series {
  std::string_view name, css;
  std::vector<double> values;
};

/// Lines over the windows, with a mark where a change point is.
std::string lines(std::string_view title, const std::vector<WindowRow>& windows, const std::vector<Series>& series,
                  std::optional<std::int64_t> change_at_s) {
  double high = 0;
  for (const auto& one : series) high = std::max(high, std::ranges::max(one.values));
  if (!(high > 0)) high = 1;
  const double width = kChartWidth - kLeft - 8, height = kChartHeight - kTop - kBottom;
  const auto x = [&](std::size_t i) {
    return kLeft + (windows.size() < 2 ? width / 2 : width * static_cast<double>(i) / static_cast<double>(windows.size() - 1));
  };
  const auto y = [&](double value) { return kTop + height * (1 - std::max(0.0, value) / high); };
  std::string out =
      fmt::format("<svg role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {} {}\">", escaped(title), kChartWidth, kChartHeight);
  for (const double part : {0.0, 0.5, 1.0}) {
    out += fmt::format(
        "<line class=\"grid\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/><text x=\"{3}\" y=\"{4:.1f}\" "
        "text-anchor=\"end\">{5:.4g}</text>",
        kLeft, kChartWidth - 8, y(high * part), kLeft - 6, y(high * part) + 4, high * part);
  }
  for (const auto& one : series) {
    out += fmt::format("<polyline class=\"line {}\" points=\"", one.css);
    for (std::size_t i = 0; i < one.values.size(); ++i) out += fmt::format("{:.1f},{:.1f} ", x(i), y(one.values[i]));
    out += fmt::format("\"><title>{}</title></polyline>", escaped(one.name));
  }
  for (std::size_t i = 0; change_at_s && i < windows.size(); ++i) {
    if (windows[i].start_s != *change_at_s) continue;
    out += fmt::format("<line class=\"change\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/>", x(i), kTop,
                       kChartHeight - kBottom);
  }
  const auto label = [&](std::size_t i, std::string_view anchor) {
    out += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"{}\">{}</text>", x(i), kChartHeight - 6, anchor,
                       utc_text(windows[i].start_s));
  };
  label(0, windows.size() < 2 ? "middle" : "start");
  if (windows.size() > 1) label(windows.size() - 1, "end");
  return out + "</svg>\n";
}

template <class Value>
std::vector<double> values_of(const std::vector<WindowRow>& windows, Value&& value) {
  std::vector<double> values;
  for (const auto& row : windows) values.push_back(value(row.figures));
  return values;
}

std::optional<std::int64_t> change_of(const AnalyticsReport& report, std::string_view figure) {
  const auto found = std::ranges::find(report.trends, figure, &Trend::figure);
  return found == report.trends.end() ? std::nullopt : found->change_at_s;
}

void add_windows(std::string& out, const AnalyticsReport& report) {
  if (report.windows.empty()) return;
  const auto& windows = report.windows;
  out += fmt::format("<h2>Requests by {}</h2>\n", window_word(report.window));
  out += lines("Requests over time", windows,
               {{"requests", "", values_of(windows, [](const Figures& f) { return static_cast<double>(f.requests); })}},
               change_of(report, "requests"));
  out += "<h2>Duration over time (ms): mean, and 95th percentile</h2>\n";
  out += lines("Duration over time", windows,
               {{"mean", "", values_of(windows, [](const Figures& f) { return f.mean_duration_ms; })},
                {"p95", "second", values_of(windows, [](const Figures& f) { return static_cast<double>(f.p95_ms); })}},
               change_of(report, "mean_duration_ms"));
  out += "<h2>Mean score over time</h2>\n";
  out +=
      lines("Mean score over time", windows, {{"score", "", values_of(windows, [](const Figures& f) { return f.mean_score; })}},
            change_of(report, "mean_score"));
  if (report.trends.empty()) return;
  out += "<ul>\n";
  for (const auto& trend : report.trends) out += fmt::format("<li>{}</li>\n", escaped(trend_words(trend, report.window)));
  out += "</ul>\n";
}

void add_row(std::string& out, std::string_view name, std::uint64_t others, const Figures& f) {
  out += fmt::format(
      "<tr><td>{}</td><td>{}</td><td>{}</td><td>{:.2f}{}</td><td>{:.2f}</td><td>{:.1f}{}</td><td>{}</td><td>{}</td><td>{}"
      "</td><td>{}</td><td>{:.1f} %</td><td>{:.1f} %</td></tr>\n",
      escaped(name), f.requests, others, f.mean_score, interval(f.score_interval, 2), f.mean_confidence, f.mean_duration_ms,
      interval(f.duration_interval, 1), f.p50_ms, f.p90_ms, f.p95_ms, f.p99_ms, 100 * f.success_rate, 100 * f.fallback_rate);
}

void begin_table(std::string& out, std::string_view what, std::string_view others) {
  out += fmt::format(
      "<div class=\"wide\"><table><thead><tr><th>{}</th><th>Requests</th><th>{}</th><th>Score</th><th>Confidence</th><th>"
      "Duration ms</th><th>p50</th><th>p90</th><th>p95</th><th>p99</th><th>Success</th><th>Fallback</th></tr></thead><tbody>\n",
      what, others);
}

void add_tile(std::string& out, std::string_view name, std::string_view value) {
  out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, value);
}

void add_tiles(std::string& out, const AnalyticsReport& report) {
  out += "<dl>\n";
  add_tile(out, "Requests", fmt::format("{}", report.all.requests));
  add_tile(out, "Models", fmt::format("{}", report.unique_models));
  add_tile(out, "In several categories", fmt::format("{}", report.multi_category_models));
  add_tile(out, "Secondary", fmt::format("{:.1f} %", secondary_percent(report)));
  add_tile(out, "Success", fmt::format("{:.1f} %", 100 * report.all.success_rate));
  add_tile(out, "Fallbacks", fmt::format("{:.1f} %", 100 * report.all.fallback_rate));
  add_tile(out, "Mean duration", fmt::format("{:.1f} ms", report.all.mean_duration_ms));
  add_tile(out, "95th percentile", fmt::format("{} ms", report.all.p95_ms));
  out += "</dl>\n";
}

void add_bars(std::string& out, const AnalyticsReport& report) {
  std::vector<std::pair<std::string, double>> models, gpus;
  for (const auto& row : report.models) models.emplace_back(row.model, static_cast<double>(row.figures.requests));
  std::ranges::sort(models,
                    [](const auto& a, const auto& b) { return std::tie(b.second, a.first) < std::tie(a.second, b.first); });
  for (const auto& row : report.gpus) gpus.emplace_back(fmt::format("GPU {}", row.gpu), std::round(row.share * 10) / 10);
  out += "<h2>Requests by model</h2>\n" + bars("Requests by model", models, "");
  out += "<h2>Share by GPU</h2>\n" + bars("Share by GPU", gpus, " %");
}

void add_malformed(std::string& out, const AnalyticsReport& report) {
  if (report.malformed_lines == 0) return;
  out += fmt::format("<h2>{} malformed lines were left out</h2>\n<ul>\n", report.malformed_lines);
  for (const auto& line : report.malformed) {
    out += fmt::format("<li>file {}, line {}: {}</li>\n", line.file + 1, line.line, escaped(line.reason));
  }
  out += "</ul>\n";
}

}  // namespace

std::string html_text(const AnalyticsReport& report, std::string_view files, std::int64_t generated_s) {
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Routing analytics</title>\n";
  out += kStyle;
  out += "</head>\n<body>\n<h1>Routing analytics</h1>\n";
  out += fmt::format("<p class=\"about\">{} · made {}</p>\n", escaped(files), utc_text(generated_s));
  add_tiles(out, report);
  if (report.all.requests != 0) add_bars(out, report);
  add_windows(out, report);
  out += "<h2>By category</h2>\n";
  begin_table(out, "Category", "Models");
  for (const auto& row : report.categories) add_row(out, row.category, row.models, row.figures);
  out += "</tbody></table></div>\n<h2>By model</h2>\n";
  begin_table(out, "Model", "Categories");
  for (const auto& row : report.models) add_row(out, row.model, row.categories, row.figures);
  out += "</tbody></table></div>\n";
  if (report.all.score_interval) out += "<p><small>Below a mean: the middle 95 % of bootstrap samples.</small></p>\n";
  out += "<h2>Recommendations</h2>\n<ul>\n";
  for (const auto& line : recommendation_words(report)) out += fmt::format("<li>{}</li>\n", escaped(line));
  out += "</ul>\n";
  add_malformed(out, report);
  return out + "</body>\n</html>\n";
}

}  // namespace tablinum::models
