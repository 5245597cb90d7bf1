// tablinum models validate
#include <fmt/format.h>

#include "group.h"
#include "tablinum/base/json.h"
#include "tablinum/models/validator.h"

namespace tablinum::app::models_group {
namespace {

struct Options {
  std::string registry, categories, compare;
  bool report = false;
};

Result<int> print_comparison(const Globals& globals, const Options& options, const models::Catalogue* catalogue) {
  TRY(registry, models::load_registry(options.registry));
  const auto rows = models::compare(registry, catalogue, options.compare);
  std::string text = fmt::format("{:<6}{:<44}{:>8}  {}\n", "Rank", "Model", "Score", "Date");
  json::Writer w;
  w.begin_object();
  w.field("ok", !rows.empty());
  w.field("benchmark", options.compare);
  w.key("models");
  w.begin_array();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    text += fmt::format("{:<6}{:<44}{:>8.2f}  {}\n", i + 1, rows[i].model, rows[i].score, rows[i].date);
    w.begin_object();
    w.field("rank", i + 1);
    w.field("model", rows[i].model);
    w.field("score", rows[i].score);
    w.field("date", rows[i].date);
    w.end_object();
  }
  w.end_array();
  w.end_object();
  if (rows.empty()) text = fmt::format("No model has a usable score in {}.\n", options.compare);
  print_result(globals, w.take(), text);
  return rows.empty() ? kExitNo : 0;
}

Result<int> print_summary(const Globals& globals, const Options& options, const models::Catalogue* catalogue) {
  if (catalogue == nullptr) return fail(Code::invalid, "--report needs --categories");
  TRY(registry, models::load_registry(options.registry));
  std::string text = fmt::format("{:<18}{:<18}{:>8}{:>10}{:>10}\n", "Category", "Benchmark", "Models", "Best", "Average");
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  w.key("benchmarks");
  w.begin_array();
  for (const auto& row : models::summarize(registry, *catalogue)) {
    text += row.models == 0 ? fmt::format("{:<18}{:<18}{:>8}{:>10}{:>10}\n", row.category, row.benchmark, 0, "–", "–")
                            : fmt::format("{:<18}{:<18}{:>8}{:>10.2f}{:>10.2f}\n", row.category, row.benchmark, row.models,
                                          row.best, row.mean);
    w.begin_object();
    w.field("category", row.category);
    w.field("benchmark", row.benchmark);
    w.field("models", row.models);
    w.field("best", row.models == 0 ? std::nullopt : std::optional{row.best});
    w.field("average", row.models == 0 ? std::nullopt : std::optional{row.mean});
    w.end_object();
  }
  w.end_array();
  w.end_object();
  print_result(globals, w.take(), text);
  return 0;
}

Result<int> run(const Globals& globals, const Options& options) {
  std::optional<std::string> categories;
  std::optional<models::Catalogue> catalogue;
  if (!options.categories.empty()) {
    TRY(text, models::read_text(options.categories, models::kRegistryBytesMax));
    TRY(parsed, models::parse_categories(text));
    categories = std::move(text);
    catalogue = std::move(parsed);
  }
  if (!options.compare.empty()) return print_comparison(globals, options, catalogue ? &*catalogue : nullptr);
  if (options.report) return print_summary(globals, options, catalogue ? &*catalogue : nullptr);
  TRY(registry, models::read_text(options.registry, models::kRegistryBytesMax));
  TRY(validation, models::validate(registry, categories));
  print_result(globals, models::validation_json(validation), models::validation_text(validation));
  return validation.valid() ? 0 : kExitNo;
}

}  // namespace

void add_validate(CLI::App& group, Commands& commands) {
  auto* command = group.add_subcommand("validate", "Checks a registry: types, duplicates, memory texts, scores, references");
  const auto options = std::make_shared<Options>();
  command->add_option("REGISTRY", options->registry, "Registry of models (JSON)")->required();
  command->add_option("--categories", options->categories, "Catalogue of task categories: check references too");
  auto* compare = command->add_option("--compare", options->compare, "Rank the models by this benchmark (any spelling)");
  command->add_flag("--report", options->report, "For each category and benchmark: models, best, average")->excludes(compare);
  command->footer("Exit code 1: invalid, or nothing to compare.");
  on_chosen(command, commands, options, run);
}

}  // namespace tablinum::app::models_group
