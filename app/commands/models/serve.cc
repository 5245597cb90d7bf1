// tablinum models serve
#include "group.h"
#include "serving.h"
#include "tablinum/api/adapter.h"
#include "tablinum/models_service/service.h"

namespace tablinum::app::models_group {
namespace {

struct Options {
  Files files;
  GpuFiles gpu;
  std::string listen = "127.0.0.1:8090", metrics = "logs/metrics.csv", gpu_log;
  double interval_s = 5;
};

Result<int> run(const Globals& globals, const Options& options) {
  TRY(catalogues, models_service::Catalogues::load(options.files.registry, options.files.categories));
  models_service::LiveOptions watched;
  watched.metrics = options.metrics;
  watched.gpus = options.gpu.sources;
  watched.gpu_interval = Duration::milliseconds(static_cast<std::int64_t>(options.interval_s * 1000));
  watched.gpu_log = options.gpu_log;
  models_service::Live live{watched};
  api::Description description;
  models_service::describe(description, *catalogues, live);
  auto router = std::make_shared<net::Router>();
  CHECK_OK(api::mount(*router, description.routes));
  CHECK_OK(models_service::mount(*router, live, true));
  CHECK_OK(serve_until_signal(globals, router, options.listen, live));
  if (!globals.quiet && !globals.json) print_text("Stopped.\n");
  return 0;
}

}  // namespace

void add_serve(CLI::App& group, Commands& commands) {
  auto* command = group.add_subcommand("serve", "Serves the live dashboard and the models' API until Ctrl-C");
  const auto options = std::make_shared<Options>();
  options->files.add_to(command);
  command->add_option("--listen", options->listen, "Address on this machine")->capture_default_str();
  command->add_option("--metrics", options->metrics, "Metrics file that is watched, and appended to by POST select")
      ->capture_default_str();
  command->add_option("--interval", options->interval_s, "Seconds between two looks at the GPUs")
      ->check(CLI::Range(0.1, 86'400.0))
      ->capture_default_str();
  command->add_option("--gpu-log", options->gpu_log, "Append the GPUs' state to this log too");
  options->gpu.add_to(command);
  on_chosen(command, commands, options, run);
}

}  // namespace tablinum::app::models_group
