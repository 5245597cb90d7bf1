// tablinum models analytics
#include "tablinum/models/analytics.h"
#include "group.h"
#include "tablinum/base/time.h"

namespace tablinum::app::models_group {
namespace {

constexpr std::uint64_t kParallelBytesMin = std::uint64_t{1} << 20;

struct Options {
  std::vector<std::string> files;
  std::string format = "console", since, until, by;
  bool report = false, strict = false;
  unsigned threads = 0;
  int bootstrap = -1;
};

Result<std::optional<std::int64_t>> time_of(const std::string& text, std::string_view flag) {
  if (text.empty()) return std::optional<std::int64_t>{};
  const auto time_s = models::parse_time(text);
  if (!time_s) return fail(Code::invalid, std::string{flag} + ": not a time like 2026-01-23 08:00:00: " + text);
  return time_s;
}

std::string names_of(const std::vector<std::string>& files) {
  std::string names;
  for (const auto& file : files) names += (names.empty() ? "" : ", ") + (file == "-" ? "standard input" : file);
  return names;
}

Result<models::Aggregate> read(const Options& options, const models::AnalyticsOptions& wanted) {
  std::vector<models::AnalyticsInput> inputs;
  std::uint64_t bytes = 0;
  for (const auto& file : options.files) {
    inputs.push_back({file});
    const auto known = file == "-" ? Result<std::unique_ptr<RandomAccess>>{fail(Code::invalid)} : open_random_access(file);
    bytes += known ? (*known)->size() : kParallelBytesMin;
  }
  const StopRequest stop;
  auto stopped = [&] { return stop.made(); };
  // Threads are not worth starting for a small file.
  if (options.threads == 1 || bytes < kParallelBytesMin) return read_metrics(inputs, wanted, inline_executor(), stopped);
  const auto pool = make_thread_pool(options.threads);
  return read_metrics(inputs, wanted, *pool, stopped);
}

Result<int> run(const Globals& globals, const Options& options) {
  models::AnalyticsOptions wanted;
  TRY(since, time_of(options.since, "--since"));
  TRY(until, time_of(options.until, "--until"));
  wanted.since_s = since;
  wanted.until_s = until;
  wanted.strict = options.strict;
  wanted.window = options.by == "hour"  ? models::Window::hour
                  : options.by == "day" ? models::Window::day
                                        : models::Window::none;
  TRY(aggregate, read(options, wanted));
  const std::string format = globals.json                                    ? "json"
                             : options.report && options.format == "console" ? "markdown"
                                                                             : options.format;
  models::ReportOptions how;
  how.bootstrap = options.bootstrap >= 0 ? static_cast<unsigned>(options.bootstrap)
                  : format == "console"  ? 0
                                         : models::kBootstrapDefault;
  const auto report = models::report(aggregate, how);
  const auto now_s = wall_now().seconds();
  if (format == "json") print_text(models::json_text(report) + "\n");
  if (format == "html") print_text(models::html_text(report, names_of(options.files), now_s));
  if (format == "console" || format == "markdown") print_text(models::console_text(report));
  if (format == "markdown") print_text("\n" + models::markdown_text(report, names_of(options.files), now_s));
  return 0;
}

}  // namespace

void add_analytics(CLI::App& group, Commands& commands) {
  auto* command = group.add_subcommand("analytics", "Statistics of selections from metrics files (CSV)");
  const auto options = std::make_shared<Options>();
  command->add_option("FILE", options->files, "Metrics files, plain or gzip or zstd; - for standard input")->required();
  command->add_flag("--report", options->report, "Print the Markdown report after the summary");
  command->add_option("--format", options->format, "console, markdown (summary and report), json or html")
      ->check(CLI::IsMember({"console", "markdown", "json", "html"}))
      ->capture_default_str();
  command->add_option("--since", options->since, "Leave out rows before this time (UTC unless it has a zone)");
  command->add_option("--until", options->until, "Leave out rows from this time on");
  command->add_option("--by", options->by, "Figures for each hour or day, with trends and changes")
      ->check(CLI::IsMember({"hour", "day"}));
  command->add_flag("--strict", options->strict, "Refuse a file with a malformed line instead of leaving the line out");
  command
      ->add_option("--bootstrap", options->bootstrap,
                   "Samples for confidence intervals; 0: none. 200 in reports, 0 on the console")
      ->check(CLI::Range(0, static_cast<int>(models::kBootstrapMax)));
  command->add_option("--threads", options->threads, "Threads; 0: one for each processor")->check(CLI::Range(0u, 256u));
  on_chosen(command, commands, options, run);
}

}  // namespace tablinum::app::models_group
