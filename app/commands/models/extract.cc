// tablinum models extract
#include <fmt/format.h>

#include "group.h"
#include "tablinum/base/json.h"
#include "tablinum/base/stream.h"
#include "tablinum/models/extractor.h"

namespace tablinum::app::models_group {
namespace {

struct Options {
  std::string registry, cards, endpoint, test;
  bool in_place = false, verbose = false;
};

Result<models::Card> card_of(const Options& options, const std::string& repository) {
  if (!options.cards.empty()) return models::read_card(options.cards, repository);
  TRY(fetch, http_fetch(options.endpoint));
  return models::fetch_card(fetch, repository);
}

Result<int> run_test(const Globals& globals, const Options& options) {
  TRY(card, card_of(options, options.test));
  if (card.empty()) return fail(Code::not_found, "there is no card of " + options.test);
  TRY(extracted, models::extract(options.test, card));
  print_result(globals, models::extracted_json(options.test, extracted), models::extracted_text(options.test, extracted));
  return 0;
}

Result<void> replace_file(const std::string& path, std::string_view text) {
  TRY(sink, create_sink(path, {.existing = Existing::replace, .mode = 0666, .durable = true}));
  CHECK_OK(sink->write(bytes_of(text)));
  return sink->finish();
}

Result<int> run(const Globals& globals, const Options& options) {
  if (options.cards.empty() == options.endpoint.empty())
    return fail(Code::invalid, "say either --cards FOLDER or --endpoint URL");
  if (!options.test.empty()) return run_test(globals, options);
  TRY(text, models::read_text(options.registry, models::kRegistryBytesMax));
  TRY(registry, models::parse_registry(text));
  std::vector<std::optional<models::Extracted>> found;
  std::vector<std::string> absent;
  std::size_t scores = 0;
  const StopRequest stop;
  ProgressBar bar{globals};
  for (const auto& model : registry.models) {
    if (stop.made()) return fail(Code::cancelled, "stopped");
    bar.show("extract", found.size(), registry.models.size());
    TRY(card, card_of(options, model.hf_repo));
    found.emplace_back();
    if (card.empty()) {
      absent.push_back(model.hf_repo);
      continue;
    }
    TRY(extracted, models::extract(model.hf_repo, card));
    scores += extracted.benchmarks.size();
    if (options.verbose && !globals.json) print_text(models::extracted_text(model.hf_repo, extracted));
    found.back() = std::move(extracted);
  }
  TRY(enriched, models::enrich(text, found));
  if (options.in_place)
    CHECK_OK(replace_file(options.registry, enriched));
  else if (!globals.json)
    print_text(enriched);
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  w.field("models", found.size());
  w.field("cards", found.size() - absent.size());
  w.field("scores", scores);
  w.field("written", options.in_place);
  w.key("absent");
  w.begin_array();
  for (const auto& repository : absent) w.value(repository);
  w.end_array();
  w.end_object();
  print_result(globals, w.take(),
               options.in_place ? fmt::format("{} models, {} cards found, {} scores; {} rewritten", found.size(),
                                              found.size() - absent.size(), scores, options.registry)
                                : std::string{});
  return 0;
}

}  // namespace

void add_extract(CLI::App& group, Commands& commands) {
  auto* command =
      group.add_subcommand("extract", "Enriches a registry from model cards: categories, scores, context, licence, languages");
  const auto options = std::make_shared<Options>();
  command->add_option("REGISTRY", options->registry, "Registry of models (JSON)")->required();
  command->add_option("--cards", options->cards, "Folder with OWNER/NAME/README.md and api.json, or OWNER__NAME.md and .json");
  command->add_option("--endpoint", options->endpoint, "Address of a model hub or mirror, https://HOST[:PORT]");
  command->add_flag("--in-place", options->in_place, "Rewrite the registry (else the result goes to standard output)");
  command->add_option("--test", options->test, "Only show what is found for this OWNER/NAME");
  command->add_flag("-v,--verbose", options->verbose, "Show what is found for each model");
  on_chosen(command, commands, options, run);
}

}  // namespace tablinum::app::models_group
