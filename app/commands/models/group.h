#pragma once
/// What the commands of the group `models` share.
#include <CLI/CLI.hpp>

#include <memory>
#include <string>

#include "console.h"
#include "tablinum/base/error.h"
#include "tablinum/models/extractor.h"
#include "tablinum/models/gpu.h"

namespace tablinum::app::models_group {

/// Registry and catalogue of a command.
struct Files {
  std::string registry = "MODEL_REGISTRY.json";
  std::string categories = "task_categories.json";
  void add_to(CLI::App* command);
};

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

/// Where the state of the GPUs comes from.
struct GpuFiles {
  models::GpuSources sources;
  void add_to(CLI::App* command);
  Result<std::unique_ptr<models::GpuReader>> open() const { return models::open_gpus(sources); }
};

/// GET below `address` (http://HOST[:PORT]).  @error invalid: another form. Of the function: as net::Client; not_found: 404.
Result<models::Fetch> http_fetch(const std::string& address);

/// Prints to standard output as it is, with no newline added.
void print_text(std::string_view text);

void add_analytics(CLI::App& group, Commands& commands);
void add_bench(CLI::App& group, Commands& commands);
void add_extract(CLI::App& group, Commands& commands);
void add_gpu(CLI::App& group, Commands& commands);
void add_select(CLI::App& group, Commands& commands);
void add_serve(CLI::App& group, Commands& commands);
void add_validate(CLI::App& group, Commands& commands);

}  // namespace tablinum::app::models_group
