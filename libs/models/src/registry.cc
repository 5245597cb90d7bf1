#include "tablinum/models/registry.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "json_reader.h"
#include "tablinum/base/stream.h"

namespace tablinum::models {
namespace {

constexpr std::uint32_t kMemoryMbMax = std::uint32_t{16} << 20;
constexpr std::string_view kBlank = " \t";

struct Weight {
  std::string_view category, key;
  double weight;
};
// Contract §2. Benchmarks of the file that are not here weigh 1.
constexpr Weight kWeights[] = {{"math", "gsm8k", 1.2},
                               {"math", "math", 1.5},
                               {"code", "humaneval", 1.0},
                               {"code", "mbpp", 0.8},
                               {"reasoning", "arcchallenge", 1.3},
                               {"reasoning", "hellaswag", 1.0},
                               {"reasoning", "mmlu", 1.5},
                               {"reasoning", "winogrande", 1.1},
                               {"reasoning", "truthfulqa", 1.2},
                               {"summarization", "summscreen", 1.0},
                               {"summarization", "govreport", 1.1},
                               {"relational", "spider", 1.3},
                               {"relational", "wikisql", 1.0},
                               {"vector_search", "beir", 1.2},
                               {"vector_search", "msmarco", 1.0},
                               {"vector_search", "mteb", 1.4}};

constexpr std::string_view kLowerIsBetter[] = {"smape", "mae", "rmse",       "mse",  "mape",
                                               "wer",   "cer", "perplexity", "loss", "latency"};

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool is_letter_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

std::string lower_text(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

void skip_blank(std::string_view& text) noexcept { text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size())); }

/// Takes "GB", "GiB", "MB", "MiB" or "TB" off the front; MB in one.
std::optional<double> take_unit(std::string_view& text) {
  struct Unit {
    std::string_view word;
    double mb;
  };
  static constexpr Unit kUnits[] = {{"gib", 1024}, {"gb", 1024}, {"mib", 1}, {"mb", 1}, {"tib", 1048576}, {"tb", 1048576}};
  for (const auto& unit : kUnits) {
    if (text.size() < unit.word.size()) continue;
    if (!std::equal(unit.word.begin(), unit.word.end(), text.begin(), [](char a, char b) { return a == lower(b); })) continue;
    text.remove_prefix(unit.word.size());
    return unit.mb;
  }
  return std::nullopt;
}

/// Takes one "20GB (Q4_K_M)" off the front.
std::optional<MemoryVariant> take_variant(std::string_view& text) {
  skip_blank(text);
  double amount = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount, std::chars_format::fixed);
  if (error != std::errc{} || !(amount > 0)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  skip_blank(text);
  const auto unit = take_unit(text);
  if (!unit || amount * *unit > kMemoryMbMax) return std::nullopt;
  MemoryVariant variant{static_cast<std::uint32_t>(std::ceil(amount * *unit)), {}};
  skip_blank(text);
  if (text.starts_with('(')) {
    const auto close = text.find(')');
    if (close == std::string_view::npos) return std::nullopt;
    variant.label = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
    skip_blank(text);
  }
  return variant;
}

AgentTypes agent_types_of(const std::vector<std::string>& words) {
  AgentTypes set = 0;
  for (const auto& word : words) {
    if (const auto type = agent_type(word)) set = static_cast<AgentTypes>(set | static_cast<AgentTypes>(*type));
  }
  return set;
}

std::vector<BenchmarkScore> scores_of(dom::element model) {
  std::vector<BenchmarkScore> scores;
  const auto benchmarks = member(model, "benchmarks");
  dom::object by_name;
  if (!benchmarks || benchmarks->get(by_name) != simdjson::SUCCESS) return scores;
  for (const auto& [name, value] : by_name) {
    const auto score = number_member(value, "score");
    if (!score || !(*score >= 0 && *score <= 100)) continue;
    scores.push_back({std::string{name}, *score, text_member(value, "date"), text_member(value, "source")});
  }
  return scores;
}

std::optional<std::uint64_t> count_member(dom::element object, std::string_view key) {
  const auto number = number_member(object, key);
  if (!number || !(*number >= 1 && *number <= 1e12)) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

std::vector<std::string> languages_of(dom::element model) {
  auto languages = texts_member(model, "supported_languages");
  if (const auto metadata = member(model, "hf_metadata"); languages.empty() && metadata) {
    languages = texts_member(*metadata, "languages");
  }
  for (auto& language : languages) language = lower_text(language);
  return languages;
}

void read_details(dom::element from, Model& model) {
  if (const auto specifications = member(from, "specifications")) {
    model.parameters = text_member(*specifications, "parameters");
    model.quantization = text_member(*specifications, "quantization");
    model.context_length = count_member(*specifications, "context_length");
  }
  if (const auto metadata = member(from, "hf_metadata")) model.license = text_member(*metadata, "license");
  if (const auto performance = member(from, "performance")) {
    model.latency_ms = number_member(*performance, "latency_ms");
    model.cost_per_million_tokens = number_member(*performance, "cost_per_million_tokens");
  }
}

Result<Model> read_model(dom::element from, std::size_t position) {
  Model model;
  model.name = text_member(from, "name");
  model.hf_repo = text_member(from, "hf_repo");
  model.gpu_memory = text_member(from, "gpu_memory");
  if (model.name.empty() || model.hf_repo.empty() || model.gpu_memory.empty()) {
    return fail(Code::invalid, "model " + std::to_string(position + 1) + (model.name.empty() ? "" : " (" + model.name + ")") +
                                   " lacks " +
                                   (model.name.empty()      ? "name"
                                    : model.hf_repo.empty() ? "hf_repo"
                                                            : "gpu_memory"));
  }
  if (auto variants = parse_memory(model.gpu_memory)) model.variants = std::move(*variants);
  model.categories = texts_member(from, "orchestration_categories");
  model.agent_types = agent_types_of(texts_member(from, "agent_types"));
  model.benchmarks = scores_of(from);
  model.description = text_member(from, "description");
  model.format = text_member(from, "format");
  model.languages = languages_of(from);
  read_details(from, model);
  return model;
}

/// The bound of a range: a number, or the text "inf".
double bound(dom::element element, double otherwise) {
  if (const auto number = number_of(element)) return *number;
  const auto text = models::text_of(element);
  return text && lower_text(*text).starts_with("inf") ? std::numeric_limits<double>::infinity() : otherwise;
}

BenchmarkSpec read_benchmark(dom::element from, std::string_view category) {
  BenchmarkSpec spec;
  spec.name = text_member(from, "name");
  spec.description = text_member(from, "description");
  spec.metric = text_member(from, "metric");
  dom::array range;
  if (const auto found = member(from, "range"); found && found->get(range) == simdjson::SUCCESS && range.size() == 2) {
    spec.low = bound(range.at(0).value_unsafe(), 0);
    spec.high = bound(range.at(1).value_unsafe(), 100);
  }
  const auto metric = lower_text(spec.metric);
  spec.lower_is_better = std::ranges::any_of(kLowerIsBetter, [&](auto word) { return metric.find(word) != std::string::npos; });
  if (const auto direction = text_member(from, "direction"); !direction.empty()) spec.lower_is_better = direction == "lower";
  spec.weight = benchmark_weight(category, benchmark_key(spec.name));
  return spec;
}

Category read_category(std::string_view key, dom::element from) {
  Category category;
  category.key = key;
  category.id = text_member(from, "id");
  category.name = text_member(from, "name");
  category.description = text_member(from, "description");
  category.agent_types = agent_types_of(texts_member(from, "agent_types"));
  category.models = texts_member(from, "models");
  category.example_tasks = texts_member(from, "example_tasks");
  dom::array list;
  if (const auto found = member(from, "benchmarks"); found && found->get(list) == simdjson::SUCCESS) {
    for (const dom::element item : list) category.benchmarks.push_back(read_benchmark(item, key));
  }
  return category;
}

/// Memory of a profile: "14GB", or a number of GB.
std::uint32_t profile_memory(dom::element profile) {
  const auto found = member(profile, "max_model_memory");
  if (!found) return 0;
  if (const auto number = number_of(*found); number && *number > 0 && *number < kMemoryMbMax / 1024) {
    return static_cast<std::uint32_t>(*number * 1024);
  }
  const auto variants = parse_memory(models::text_of(*found).value_or(""));
  return variants ? variants->back().mb : 0;
}

void read_rules(dom::element rules, Catalogue& catalogue) {
  catalogue.default_category = text_member(rules, "default_category");
  catalogue.fallback_model = text_member(rules, "fallback_model");
  dom::object profiles;
  const auto found = member(rules, "gpu_constraints");
  if (!found || found->get(profiles) != simdjson::SUCCESS) return;
  for (const auto& [name, profile] : profiles) {
    catalogue.gpu_profiles.push_back({std::string{name}, profile_memory(profile), texts_member(profile, "recommended_models")});
  }
}

}  // namespace

std::string_view to_string(AgentType type) noexcept {
  switch (type) {
    case AgentType::inference: return "inference";
    case AgentType::tool: return "tool";
    case AgentType::orchestrator: return "orchestrator";
  }
  return "";
}

std::optional<AgentType> agent_type(std::string_view word) noexcept {
  for (const auto type : kAgentTypes) {
    if (word == to_string(type)) return type;
  }
  return std::nullopt;
}

Result<std::vector<MemoryVariant>> parse_memory(std::string_view text) {
  std::vector<MemoryVariant> variants;
  const std::string whole{text};
  while (true) {
    auto variant = take_variant(text);
    if (!variant || (!text.empty() && text.front() != ',')) return fail(Code::invalid, "not an amount of memory: " + whole);
    if (variants.size() == kVariantsMax) return fail(Code::limit, "more than 64 variants");
    variants.push_back(std::move(*variant));
    if (text.empty()) break;
    text.remove_prefix(1);
  }
  std::ranges::sort(variants, {}, [](const MemoryVariant& v) { return std::tie(v.mb, v.label); });
  return variants;
}

std::optional<std::uint32_t> Registry::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(models, name, &Model::name);
  if (found == models.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - models.begin());
}

Result<Registry> parse_registry(std::string_view text) {
  TRY(document, parse_json(text));
  Registry registry;
  dom::array models;
  const auto found = member(document->root, "models");
  if (!found || found->get(models) != simdjson::SUCCESS) return fail(Code::invalid, "the registry has no list \"models\"");
  for (const dom::element item : models) {
    if (registry.models.size() == kModelsMax) return fail(Code::limit, "more than 100,000 models");
    TRY(model, read_model(item, registry.models.size()));
    registry.models.push_back(std::move(model));
  }
  dom::object root;
  if (document->root.get(root) != simdjson::SUCCESS) return fail(Code::invalid, "the registry is not an object");
  for (const auto& [key, value] : root) {
    if (key != "models" && value.is_array()) registry.lists.emplace_back(std::string{key}, texts_of(value));
  }
  return registry;
}

Result<Registry> load_registry(const std::string& path) {
  TRY(text, read_text(path, kRegistryBytesMax));
  auto registry = parse_registry(text);
  if (!registry) return fail(registry.error().code, path + ": " + registry.error().detail);
  return registry;
}

const Category* Catalogue::find(std::string_view key) const noexcept {
  const auto found = std::ranges::find(categories, key, &Category::key);
  return found == categories.end() ? nullptr : &*found;
}

Result<Catalogue> parse_categories(std::string_view text) {
  TRY(document, parse_json(text));
  Catalogue catalogue;
  catalogue.version = text_member(document->root, "version");
  catalogue.last_updated = text_member(document->root, "last_updated");
  dom::object categories;
  const auto found = member(document->root, "categories");
  if (!found || found->get(categories) != simdjson::SUCCESS) return fail(Code::invalid, "the catalogue has no \"categories\"");
  if (categories.size() > kCategoriesMax) return fail(Code::limit, "more than 1,000 categories");
  for (const auto& [key, value] : categories) catalogue.categories.push_back(read_category(key, value));
  if (const auto rules = member(document->root, "routing_rules")) read_rules(*rules, catalogue);
  dom::object metadata;
  if (const auto claimed = member(document->root, "metadata"); claimed && claimed->get(metadata) == simdjson::SUCCESS) {
    for (const auto& [key, value] : metadata) {
      const auto number = number_of(value);
      if (key.starts_with("total_") && number && *number >= 0 && *number < 1e9) {
        catalogue.totals.emplace_back(std::string{key}, static_cast<std::uint64_t>(*number));
      }
    }
  }
  return catalogue;
}

Result<Catalogue> load_categories(const std::string& path) {
  TRY(text, read_text(path, kRegistryBytesMax));
  auto catalogue = parse_categories(text);
  if (!catalogue) return fail(catalogue.error().code, path + ": " + catalogue.error().detail);
  return catalogue;
}

std::string benchmark_key(std::string_view name) {
  std::string key;
  for (const char c : name) {
    if (is_letter_or_digit(lower(c))) key.push_back(lower(c));
  }
  return key;
}

double benchmark_weight(std::string_view category, std::string_view key) noexcept {
  for (const auto& row : kWeights) {
    if (row.category == category && row.key == key) return row.weight;
  }
  return 1.0;
}

double benchmark_points(const BenchmarkSpec& spec, double score) noexcept {
  if (spec.lower_is_better) {
    if (!std::isfinite(spec.high) || !(spec.high > spec.low)) return 100.0 / (1.0 + std::max(0.0, score - spec.low));
    return std::clamp(100.0 * (spec.high - score) / (spec.high - spec.low), 0.0, 100.0);
  }
  return std::clamp(score <= 1.0 ? score * 100.0 : score, 0.0, 100.0);
}

Result<std::string> read_text(const std::string& path, std::size_t bytes_max) {
  TRY(source, open_source(path));
  TRY(bytes, read_all(*source, bytes_max));
  return std::string{tablinum::text_of(bytes)};
}

}  // namespace tablinum::models
