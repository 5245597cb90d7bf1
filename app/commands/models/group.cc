// tablinum models …: registry, selector, analytics, GPU monitor, benchmark, validator, extractor, live dashboard.
#include "group.h"

#include <cstdio>

namespace tablinum::app {
namespace models_group {

void print_text(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void Files::add_to(CLI::App* command) {
  command->add_option("--registry", registry, "Registry of models (JSON)")->capture_default_str();
  command->add_option("--categories", categories, "Catalogue of task categories (JSON)")->capture_default_str();
}

void GpuFiles::add_to(CLI::App* command) {
  command->add_option("--replay", sources.replay, "Recorded trace (lines of gpu --json) instead of this machine's GPUs");
  command->add_option("--nvml", sources.nvml, "NVML's library")->capture_default_str();
  command->add_option("--nvidia-smi", sources.nvidia_smi, "Program to ask where there is no NVML")->capture_default_str();
}

}  // namespace models_group

void add_models_commands(Commands& commands) {
  auto* group =
      commands.root.add_subcommand("models", "Which local AI model does which task, on which GPU, and how well it did");
  group->require_subcommand(1);
  group->fallthrough();
  models_group::add_analytics(*group, commands);
  models_group::add_bench(*group, commands);
  models_group::add_extract(*group, commands);
  models_group::add_gpu(*group, commands);
  models_group::add_select(*group, commands);
  models_group::add_serve(*group, commands);
  models_group::add_validate(*group, commands);
}

}  // namespace tablinum::app
