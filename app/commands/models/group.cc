// tablinum models …: registry, selector, analytics, GPU monitor, benchmark, validator, extractor, live dashboard.
#include "group.h"

#include <cstdio>

namespace tablinum::app {
namespace models_group {

void print_text(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace models_group

void add_models_commands(Commands& commands) {
  auto* group =
      commands.root.add_subcommand("models", "Which local AI model does which task, on which GPU, and how well it did");
  group->require_subcommand(1);
  group->fallthrough();
  models_group::add_analytics(*group, commands);
}

}  // namespace tablinum::app
