#include "tablinum/models/validator.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "json_reader.h"
#include "tablinum/base/json.h"

namespace tablinum::models {
namespace {

// Contract §5, and `math`, which its documentation claims. All from 0 to 100.
constexpr std::string_view kKnownBenchmarks[] = {"gsm8k",        "humaneval",  "mbpp",       "mmlu", "hellaswag",
                                                 "arcchallenge", "truthfulqa", "winogrande", "math"};
constexpr std::string_view kTextFields[] = {"description", "size", "format", "source", "original_repo", "prompt_template"};
constexpr std::string_view kListFields[] = {"orchestration_categories", "agent_types", "supported_languages"};

class Validator {
 public:
  Validation result;

  void add(Severity severity, std::string code, std::string where, std::string model, std::string message) {
    ++(severity == Severity::error ? result.errors : result.warnings);
    if (result.findings.size() < kFindingsMax) {
      result.findings.push_back({severity, std::move(code), std::move(where), std::move(model), std::move(message)});
    }
  }
  void error(std::string code, std::string where, std::string model, std::string message) {
    add(Severity::error, std::move(code), std::move(where), std::move(model), std::move(message));
  }
  void warn(std::string code, std::string where, std::string model, std::string message) {
    add(Severity::warning, std::move(code), std::move(where), std::move(model), std::move(message));
  }

  void registry(dom::element root, const Catalogue* catalogue) {
    if (catalogue != nullptr) {
      for (const auto& category : catalogue->categories) {
        for (const auto& spec : category.benchmarks) specs_.emplace(benchmark_key(spec.name), &spec);
      }
    }
    dom::array models;
    const auto found = member(root, "models");
    if (!found || found->get(models) != simdjson::SUCCESS) return error("missing", "models", "", "there is no list of models");
    std::size_t position = 0;
    for (const dom::element item : models) model(item, fmt::format("models[{}]", position++), catalogue);
    dom::object members;
    if (root.get(members) != simdjson::SUCCESS) return;
    for (const auto& [key, value] : members) {
      if (key != "models" && value.is_array()) references(texts_of(value), std::string{key});
    }
  }

  void catalogue(const Catalogue& catalogue, const Registry* registry) {
    std::uint64_t benchmarks = 0;
    for (const auto& category : catalogue.categories) {
      const auto where = "categories." + category.key;
      benchmarks += category.benchmarks.size();
      references(category.models, where + ".models");
      for (const auto& name : category.models) {
        const auto position = registry != nullptr ? registry->find(name) : std::nullopt;
        if (position && std::ranges::find(registry->models[*position].categories, category.key) ==
                            registry->models[*position].categories.end()) {
          warn("disagreement", where + ".models", name, "the registry does not list the category for this model");
        }
      }
      if (category.models.empty()) warn("empty", where + ".models", "", "no model does this; selections fall back");
    }
    rules(catalogue);
    total(catalogue, "total_categories", catalogue.categories.size());
    total(catalogue, "total_benchmarks", benchmarks);
  }

 private:
  void rules(const Catalogue& catalogue) {
    if (!catalogue.fallback_model.empty()) references({catalogue.fallback_model}, "routing_rules.fallback_model");
    if (!catalogue.default_category.empty() && catalogue.find(catalogue.default_category) == nullptr) {
      error("reference", "routing_rules.default_category", "", "there is no category " + catalogue.default_category);
    }
    for (const auto& profile : catalogue.gpu_profiles) {
      const auto where = "routing_rules.gpu_constraints." + profile.name;
      if (profile.memory_mb_max == 0) error("memory", where + ".max_model_memory", "", "not an amount of memory");
      references(profile.recommended, where + ".recommended_models");
    }
  }

  void total(const Catalogue& catalogue, std::string_view key, std::uint64_t counted) {
    for (const auto& [name, claimed] : catalogue.totals) {
      if (name == key && claimed != counted) {
        warn("total", "metadata." + name, "", fmt::format("the file says {}, there are {}", claimed, counted));
      }
    }
  }

  void references(const std::vector<std::string>& names, const std::string& where) {
    for (const auto& name : names) {
      if (!names_.contains(name)) error("reference", where, name, "there is no model of this name");
    }
  }

  void model(dom::element item, const std::string& where, const Catalogue* catalogue) {
    ++result.models;
    dom::object as_object;
    if (item.get(as_object) != simdjson::SUCCESS) {
      result.names.emplace_back(where);
      return error("type", where, "", "a model is an object");
    }
    const auto name = text_member(item, "name");
    result.names.push_back(name.empty() ? where : name);
    for (const std::string_view key : {"name", "hf_repo", "gpu_memory"}) {
      const auto found = member(item, key);
      if (!found)
        error("missing", fmt::format("{}.{}", where, key), name, fmt::format("{} is missing", key));
      else if (text_of(*found).value_or("").empty())
        error("type", fmt::format("{}.{}", where, key), name, fmt::format("{} is not a text", key));
    }
    if (!name.empty() && !names_.insert(name).second) error("duplicate", where + ".name", name, "another model has this name");
    types(item, where, name);
    memory(item, where, name);
    lists(item, where, name, catalogue);
    benchmarks(item, where, name);
  }

  void types(dom::element item, const std::string& where, const std::string& name) {
    for (const auto key : kTextFields) {
      const auto found = member(item, key);
      if (found && !found->is_string() && !found->is_null())
        error("type", fmt::format("{}.{}", where, key), name, fmt::format("{} is not a text", key));
    }
    for (const auto key : kListFields) {
      const auto found = member(item, key);
      if (found && !found->is_array())
        error("type", fmt::format("{}.{}", where, key), name, fmt::format("{} is not a list", key));
    }
    const auto repository = text_member(item, "hf_repo");
    if (!repository.empty() &&
        (std::ranges::count(repository, '/') != 1 || repository.starts_with('/') || repository.ends_with('/'))) {
      warn("repository", where + ".hf_repo", name, "not of the form OWNER/NAME");
    }
    if (const auto format = text_member(item, "format"); !format.empty() && format != "gguf" && format != "safetensors") {
      warn("format", where + ".format", name, "neither gguf nor safetensors");
    }
  }

  void memory(dom::element item, const std::string& where, const std::string& name) {
    const auto text = text_member(item, "gpu_memory");
    if (text.empty()) return;
    if (const auto variants = parse_memory(text); !variants)
      error("memory", where + ".gpu_memory", name, variants.error().detail);
  }

  void lists(dom::element item, const std::string& where, const std::string& name, const Catalogue* catalogue) {
    for (const auto& word : texts_member(item, "agent_types")) {
      if (!agent_type(word)) error("agent_type", where + ".agent_types", name, "unknown agent type " + word);
    }
    if (catalogue == nullptr) return;
    for (const auto& key : texts_member(item, "orchestration_categories")) {
      const auto* category = catalogue->find(key);
      if (category == nullptr) {
        warn("reference", where + ".orchestration_categories", name, "the catalogue has no category " + key);
      } else if (std::ranges::find(category->models, name) == category->models.end()) {
        warn("disagreement", where + ".orchestration_categories", name, "the catalogue does not list this model for " + key);
      }
    }
  }

  void benchmarks(dom::element item, const std::string& where, const std::string& name) {
    dom::object by_name;
    const auto found = member(item, "benchmarks");
    if (found && found->get(by_name) != simdjson::SUCCESS)
      return error("type", where + ".benchmarks", name, "benchmarks is not an object");
    if (!found || by_name.size() == 0) return warn("no_benchmarks", where + ".benchmarks", name, "no benchmark scores");
    ++result.models_with_benchmarks;
    std::set<std::string> keys;
    for (const auto& [benchmark, value] : by_name) {
      ++result.benchmarks;
      score(std::string{benchmark}, value, fmt::format("{}.benchmarks.{}", where, benchmark), name);
      if (!keys.insert(benchmark_key(benchmark)).second) {
        error("duplicate", where + ".benchmarks", name, fmt::format("{} is there twice, in two spellings", benchmark));
      }
    }
  }

  void score(const std::string& benchmark, dom::element value, const std::string& where, const std::string& model) {
    const auto key = benchmark_key(benchmark);
    const auto spec = specs_.find(key);
    if (spec == specs_.end() && std::ranges::find(kKnownBenchmarks, std::string_view{key}) == std::end(kKnownBenchmarks)) {
      warn("unknown_benchmark", where, model, "unknown benchmark " + benchmark);
    }
    const auto number = number_member(value, "score");
    if (!number) return warn("no_score", where, model, "not of the form {\"score\": number}");
    const double low = spec == specs_.end() ? 0 : spec->second->low, high = spec == specs_.end() ? 100 : spec->second->high;
    if (!(*number >= low && *number <= high))
      error("range", where, model, fmt::format("{} is outside {} to {}", *number, low, high));
    if (text_member(value, "source").empty()) warn("no_source", where, model, "the score does not say where it comes from");
  }

  std::set<std::string> names_;
  std::map<std::string, const BenchmarkSpec*> specs_;
};

const BenchmarkSpec* spec_of(const Catalogue* catalogue, const std::string& key) {
  if (catalogue == nullptr) return nullptr;
  for (const auto& category : catalogue->categories) {
    for (const auto& spec : category.benchmarks) {
      if (benchmark_key(spec.name) == key) return &spec;
    }
  }
  return nullptr;
}

}  // namespace

Result<Validation> validate(std::string_view registry, std::optional<std::string_view> categories) {
  std::optional<Catalogue> catalogue;
  if (categories) {
    TRY(parsed, parse_categories(*categories));
    catalogue = std::move(parsed);
  }
  TRY(document, parse_json(registry));
  Validator validator;
  validator.registry(document->root, catalogue ? &*catalogue : nullptr);
  if (catalogue) {
    const auto whole = parse_registry(registry);  // fails where findings say so already
    validator.catalogue(*catalogue, whole ? &*whole : nullptr);
  }
  return std::move(validator.result);
}

std::string validation_text(const Validation& validation) {
  std::string out;
  const auto line = [&](const Finding& finding) {
    out += fmt::format("    {}: {} ({})\n", finding.severity == Severity::error ? "error" : "warning", finding.message,
                       finding.where);
  };
  std::vector<bool> shown(validation.findings.size());
  for (std::size_t i = 0; i < validation.names.size(); ++i) {
    const auto prefix = fmt::format("models[{}]", i);
    const auto is_about = [&](const Finding& f) { return f.where == prefix || f.where.starts_with(prefix + "."); };
    const bool wrong = std::ranges::any_of(validation.findings,
                                           [&](const Finding& f) { return f.severity == Severity::error && is_about(f); });
    out += fmt::format("{} {}\n", wrong ? "✗" : "✓", validation.names[i]);
    for (std::size_t k = 0; k < validation.findings.size(); ++k) {
      if (!is_about(validation.findings[k])) continue;
      line(validation.findings[k]);
      shown[k] = true;
    }
  }
  if (std::ranges::find(shown, false) != shown.end()) out += "lists and categories\n";
  for (std::size_t k = 0; k < validation.findings.size(); ++k) {
    if (!shown[k]) line(validation.findings[k]);
  }
  return out + fmt::format("\n{} models, {} with benchmarks, {} benchmarks, {} errors, {} warnings: {}\n", validation.models,
                           validation.models_with_benchmarks, validation.benchmarks, validation.errors, validation.warnings,
                           validation.valid() ? "valid" : "invalid");
}

std::string validation_json(const Validation& validation) {
  json::Writer w;
  w.begin_object();
  w.field("ok", validation.valid());
  w.field("models", validation.models);
  w.field("models_with_benchmarks", validation.models_with_benchmarks);
  w.field("benchmarks", validation.benchmarks);
  w.field("errors", validation.errors);
  w.field("warnings", validation.warnings);
  w.key("findings");
  w.begin_array();
  for (const auto& finding : validation.findings) {
    w.begin_object();
    w.field("severity", finding.severity == Severity::error ? "error" : "warning");
    w.field("code", finding.code);
    w.field("where", finding.where);
    w.field_if("model", finding.model);
    w.field("message", finding.message);
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return w.take();
}

std::vector<Ranked> compare(const Registry& registry, const Catalogue* catalogue, std::string_view benchmark) {
  std::vector<Ranked> rows;
  const auto key = benchmark_key(benchmark);
  for (const auto& model : registry.models) {
    for (const auto& score : model.benchmarks) {
      if (benchmark_key(score.name) == key) rows.push_back({model.name, score.score, score.date});
    }
  }
  const auto* spec = spec_of(catalogue, key);
  const bool lower = spec != nullptr && spec->lower_is_better;
  std::ranges::sort(rows, [&](const Ranked& a, const Ranked& b) {
    if (a.score != b.score) return lower ? a.score < b.score : a.score > b.score;
    return a.model < b.model;
  });
  return rows;
}

std::vector<BenchmarkSummary> summarize(const Registry& registry, const Catalogue& catalogue) {
  std::vector<BenchmarkSummary> rows;
  for (const auto& category : catalogue.categories) {
    for (const auto& spec : category.benchmarks) {
      const auto ranked = compare(registry, &catalogue, spec.name);
      BenchmarkSummary row{category.key, spec.name, ranked.size(), 0, 0};
      for (const auto& one : ranked) row.mean += one.score / static_cast<double>(ranked.size());
      if (!ranked.empty()) row.best = ranked.front().score;
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

}  // namespace tablinum::models
