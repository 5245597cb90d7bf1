#pragma once
/// What the commands of the group `models` share.
#include <CLI/CLI.hpp>

#include <memory>
#include <string>

#include "console.h"
#include "tablinum/base/error.h"

namespace tablinum::app::models_group {

inline constexpr std::string_view kDefaultRegistry = "MODEL_REGISTRY.json", kDefaultCategories = "task_categories.json";

/// Lets `command` run `work`, which gives the exit code; an error is reported.
template <class Options, class Work>
void on_chosen(CLI::App* command, Commands& commands, std::shared_ptr<Options> options, Work work) {
  const auto& globals = commands.globals;
  auto& chosen = commands.chosen;
  command->callback([&globals, &chosen, options, work] {
    chosen = [&globals, options, work] {
      const Result<int> done = work(globals, *options);
      return done ? *done : report(globals, done.error());
    };
  });
}

/// Prints to standard output as it is, with no newline added.
void print_text(std::string_view text);

void add_analytics(CLI::App& group, Commands& commands);

}  // namespace tablinum::app::models_group
