// tablinum models gpu
#include "tablinum/models/gpu.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

#include "group.h"
#include "serving.h"
#include "tablinum/models_service/service.h"

namespace tablinum::app::models_group {
namespace {

struct Options {
  GpuFiles gpu;
  double interval_s = 5;
  std::string log = "logs/gpu_monitor.log", listen;
  bool once = false;
};

void sleep_unless(const StopRequest& stop, double seconds) {
  const auto end = monotonic_now() + Duration::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
  while (!stop.made() && monotonic_now() < end) {
    const auto left = std::min<std::int64_t>((end - monotonic_now()).ns, 100'000'000);
    timespec pause{0, static_cast<long>(std::max<std::int64_t>(left, 1))};
    nanosleep(&pause, nullptr);
  }
}

bool is_terminal() { return isatty(STDOUT_FILENO) == 1; }

void show(const Globals& globals, const Options& options, const models::GpuSnapshot& snapshot) {
  if (globals.json) {
    print_text(models::snapshot_json(snapshot) + "\n");
  } else {
    const bool screen = is_terminal() && !options.once;
    print_text((screen ? "\x1b[2J\x1b[H" : "") + models::gpu_screen(snapshot, is_terminal()));
  }
  std::fflush(stdout);
}

Result<int> run_once(const Globals& globals, const Options& options) {
  TRY(reader, options.gpu.open());
  TRY(snapshot, reader->read());
  show(globals, options, snapshot);
  return 0;
}

Result<int> run_with_metrics(const Globals& globals, const Options& options) {
  models_service::LiveOptions watched;
  watched.gpus = options.gpu.sources;
  watched.gpu_interval = Duration::milliseconds(static_cast<std::int64_t>(options.interval_s * 1000));
  watched.gpu_log = options.log;
  models_service::Live live{watched};
  auto router = std::make_shared<net::Router>();
  CHECK_OK(models_service::mount_metrics(*router, live));
  CHECK_OK(serve_until_signal(globals, router, options.listen, live));
  if (!globals.json) print_text(live.summary_text());
  return 0;
}

Result<int> monitor(const Globals& globals, const Options& options) {
  TRY(reader, options.gpu.open());
  const StopRequest stop;
  models::GpuHistory history;
  if (!globals.json && !globals.quiet) {
    print_text(fmt::format("GPU monitor: every {} s, log {}, Ctrl+C to stop\n", options.interval_s, options.log));
  }
  while (!stop.made()) {
    auto snapshot = reader->read();
    if (!snapshot && snapshot.error().code == Code::closed) break;
    if (!snapshot && history.samples() == 0) return std::unexpected(snapshot.error());
    if (snapshot) {
      history.add(*snapshot);
      CHECK_OK(models::append_gpu_log(options.log, *snapshot));
      show(globals, options, *snapshot);
    } else {
      fmt::print(stderr, "{}{}{}\n", is_terminal() ? "\x1b[31m" : "", snapshot.error().detail, is_terminal() ? "\x1b[0m" : "");
    }
    sleep_unless(stop, options.interval_s);
  }
  if (!globals.json) print_text("\n" + history.text());
  return 0;
}

Result<int> run(const Globals& globals, const Options& options) {
  if (options.once) return run_once(globals, options);
  return options.listen.empty() ? monitor(globals, options) : run_with_metrics(globals, options);
}

}  // namespace

void add_gpu(CLI::App& group, Commands& commands) {
  auto* command = group.add_subcommand("gpu", "Watches the GPUs of this machine: screen, log, JSON, Prometheus metrics");
  const auto options = std::make_shared<Options>();
  command->add_option("INTERVAL", options->interval_s, "Seconds between two looks")
      ->check(CLI::Range(0.01, 86'400.0))
      ->capture_default_str();
  command->add_option("LOG", options->log, "Log file (CSV), appended to")->capture_default_str();
  command->add_flag("--once", options->once, "Look once, print, write no log");
  command->add_option("--listen", options->listen, "Serve /metrics for Prometheus on this address of this machine");
  options->gpu.add_to(command);
  command->footer("With --json a line of JSON for every look; such lines are a trace for --replay.");
  on_chosen(command, commands, options, run);
}

}  // namespace tablinum::app::models_group
