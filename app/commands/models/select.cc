// tablinum models select
#include "group.h"
#include "tablinum/base/time.h"
#include "tablinum/models/analytics.h"
#include "tablinum/models/gpu.h"
#include "tablinum/models/selector.h"

namespace tablinum::app::models_group {
namespace {

struct Options {
  Files files;
  GpuFiles gpu;
  std::string category, method = "multi", gpu_memory, agent, metrics;
  std::optional<double> benchmark_min, latency_ms_max, cost_max;
  std::optional<std::uint64_t> context_min;
  std::vector<std::string> licenses, languages, preferred, excluded;
  bool explain = false;
};

/// "14GB", or MB as a plain number.
Result<std::optional<std::uint32_t>> memory_of(const std::string& text) {
  if (text.empty()) return std::optional<std::uint32_t>{};
  const bool plain = text.find_first_not_of("0123456789") == std::string::npos;
  TRY(variants, models::parse_memory(plain ? text + "MB" : text));
  return std::optional{variants.back().mb};
}

Result<models::Constraints> constraints_of(const Options& options) {
  models::Constraints constraints;
  TRY(memory, memory_of(options.gpu_memory));
  constraints.gpu_memory_mb_max = memory;
  if (!options.agent.empty()) constraints.agent_type = models::agent_type(options.agent);
  constraints.benchmark_score_min = options.benchmark_min;
  constraints.context_length_min = options.context_min;
  constraints.latency_ms_max = options.latency_ms_max;
  constraints.cost_per_million_tokens_max = options.cost_max;
  constraints.licenses = options.licenses;
  constraints.languages = options.languages;
  constraints.preferred = options.preferred;
  constraints.excluded = options.excluded;
  return constraints;
}

Result<void> log_selection(const Options& options, const models::Selector& selector, const models::Selection& chosen,
                           Duration took) {
  if (options.metrics.empty()) return {};
  return models::append_metrics(options.metrics, models::metrics_row(selector, options.category, chosen, wall_now(), took));
}

Result<int> run(const Globals& globals, const Options& options) {
  TRY(registry, models::load_registry(options.files.registry));
  TRY(catalogue, models::load_categories(options.files.categories));
  TRY(constraints, constraints_of(options));
  const auto method = *models::method_of(options.method);
  std::vector<models::GpuLoad> gpus;
  if (method == models::Method::gpu) {
    TRY(reader, options.gpu.open());
    TRY(state, reader->read());
    gpus = models::loads(state);
  }
  const models::Selector selector{registry, catalogue};
  const auto begin = monotonic_now();
  models::Explanation explained;
  if (options.explain)
    explained = selector.explain(options.category, method, constraints, gpus);
  else
    explained.selection = selector.select(options.category, method, constraints, gpus);
  const auto took = monotonic_now() - begin;
  if (catalogue.find(options.category) == nullptr) return std::unexpected(explained.selection.error());
  if (explained.selection) CHECK_OK(log_selection(options, selector, *explained.selection, took));
  print_result(globals, models::selection_json(selector, options.category, method, explained, options.explain),
               models::selection_text(selector, explained, options.explain));
  return explained.selection ? 0 : kExitNo;
}

}  // namespace

void add_select(CLI::App& group, Commands& commands) {
  auto* command = group.add_subcommand("select", "Chooses the model for a task, and says why");
  const auto options = std::make_shared<Options>();
  command->add_option("--category", options->category, "Kind of task, a key of the catalogue")->required();
  options->files.add_to(command);
  command->add_option("--method", options->method, "basic, multi (by confidence) or gpu (by load of this machine's GPUs)")
      ->check(CLI::IsMember({"basic", "multi", "gpu"}))
      ->capture_default_str();
  command->add_option("--max-gpu-memory", options->gpu_memory, "Memory a model may need: 14GB, or MB as a plain number");
  command->add_option("--agent-type", options->agent, "inference, tool or orchestrator")
      ->check(CLI::IsMember({"inference", "tool", "orchestrator"}));
  command->add_option("--min-benchmark", options->benchmark_min, "Points (0 to 100) in the category's benchmarks")
      ->check(CLI::Range(0.0, 100.0));
  command->add_option("--min-context", options->context_min, "Tokens that the model must be able to read");
  command->add_option("--max-latency-ms", options->latency_ms_max, "Typical time of a request");
  command->add_option("--max-cost", options->cost_max, "Cost of a million tokens");
  command->add_option("--license", options->licenses, "One of these licences; may be repeated");
  command->add_option("--language", options->languages, "All of these languages (codes); may be repeated");
  command->add_option("--prefer", options->preferred, "Preferred model; 30 points with the basic method; may be repeated");
  command->add_option("--exclude", options->excluded, "Model that is not to be taken; may be repeated");
  command->add_flag("--explain", options->explain, "Say for every model why it was taken or rejected");
  command->add_option("--metrics", options->metrics, "Append one row about this selection to a metrics file (CSV)");
  options->gpu.add_to(command);
  command->footer("Exit code 1: no model meets the constraints.");
  on_chosen(command, commands, options, run);
}

}  // namespace tablinum::app::models_group
