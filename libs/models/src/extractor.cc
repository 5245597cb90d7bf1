#include "tablinum/models/extractor.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "card_scores.h"
#include "json_reader.h"
#include "json_value.h"
#include "tablinum/base/json.h"
#include "tablinum/base/stream.h"

namespace tablinum::models {
namespace {

struct Mapping {
  std::string_view word;
  std::array<std::string_view, 2> categories;
};
// Contract §5: pipeline_tag and tags. Names are searched for fragments of their own.
constexpr Mapping kByTag[] = {{"question-answering", {"reasoning", ""}},
                              {"text-generation", {"code", ""}},
                              {"code", {"code", ""}},
                              {"summarization", {"summarization", ""}},
                              {"document-question-answering", {"ocr_extraction", "reasoning"}},
                              {"translation", {"relational", ""}},
                              {"multilingual", {"relational", ""}},
                              {"time-series", {"time_series", ""}},
                              {"time-series-forecasting", {"time_series", ""}},
                              {"forecasting", {"time_series", ""}},
                              {"feature-extraction", {"vector_search", ""}},
                              {"sentence-similarity", {"vector_search", ""}},
                              {"table-question-answering", {"relational", "graph"}},
                              {"image-to-text", {"ocr_extraction", ""}},
                              {"math", {"math", ""}},
                              {"reasoning", {"reasoning", ""}}};
constexpr Mapping kByName[] = {{"coder", {"code", ""}},          {"code", {"code", ""}},
                               {"math", {"math", ""}},           {"sql", {"relational", ""}},
                               {"translat", {"relational", ""}}, {"embed", {"vector_search", ""}},
                               {"ocr", {"ocr_extraction", ""}},  {"summar", {"summarization", ""}},
                               {"reason", {"reasoning", ""}}};
constexpr std::string_view kToolCategories[] = {"vector_search", "ocr_extraction", "relational", "graph"};
constexpr std::string_view kOrchestratorCategories[] = {"reasoning", "summarization"};
constexpr std::string_view kFormats[] = {"awq", "gptq", "fp8", "int8", "int4", "bf16", "fp16"};
constexpr std::size_t kContextDistanceMax = 40;
constexpr std::uint64_t kContextMin = 256;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
std::string mapped(std::string_view text, char (*to)(char) noexcept) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), to);
  return out;
}

void add_once(std::vector<std::string>& list, std::string_view value) {
  if (!value.empty() && std::ranges::find(list, value) == list.end()) list.emplace_back(value);
}

bool is_repository(std::string_view text) noexcept {
  const auto slash = text.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == text.size()) return false;
  // A name becomes a path of the cards' folder.
  return std::ranges::all_of(text,
                             [](char c) {
                               return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') ||
                                      std::string_view{"-_./"}.find(c) != std::string_view::npos;
                             }) &&
         text.find("..") == std::string_view::npos && text.find('/', slash + 1) == std::string_view::npos;
}

std::string_view name_of(std::string_view repository) noexcept { return repository.substr(repository.find('/') + 1); }

std::vector<std::string_view> tokens_of(std::string_view name) {
  std::vector<std::string_view> tokens;
  while (!name.empty()) {
    const auto end = name.find_first_of("-_ ");
    if (end != 0) tokens.push_back(name.substr(0, end));
    name.remove_prefix(end == std::string_view::npos ? name.size() : end + 1);
  }
  return tokens;
}

/// "7B", "1.2B", "270m", "8x7B".
bool is_size(std::string_view token) noexcept {
  if (token.size() < 2 || !is_digit(token[0])) return false;
  const char unit = lower(token.back());
  return (unit == 'b' || unit == 'm') &&
         token.substr(0, token.size() - 1).find_first_not_of("0123456789.x") == std::string_view::npos;
}

/// "Q4_K_M" wherever it stands in the name, or a format like FP8.
std::string quantization_of(std::string_view name) {
  for (std::size_t i = 0; i + 1 < name.size(); ++i) {
    const bool starts = i == 0 || std::string_view{"-_."}.find(name[i - 1]) != std::string_view::npos;
    if (!starts || lower(name[i]) != 'q' || name[i + 1] < '2' || name[i + 1] > '8') continue;
    const auto end = std::min(name.find_first_of("-. ", i), name.size());
    return mapped(name.substr(i, end - i), upper);
  }
  for (const auto token : tokens_of(name)) {
    if (std::ranges::find(kFormats, std::string_view{mapped(token, lower)}) != std::end(kFormats)) return mapped(token, upper);
  }
  return {};
}

std::string parameters_text(double count) {
  return count >= 1e9 ? fmt::format("{:.3g}B", count / 1e9) : fmt::format("{:.3g}M", count / 1e6);
}

/// "32K tokens", "131,072", "128k" after the word context.
std::optional<std::uint64_t> context_of_readme(std::string_view readme) {
  const auto text = mapped(readme, lower);
  for (const std::string_view phrase : {"context length", "context window", "context size"}) {
    for (auto at = text.find(phrase); at != std::string::npos; at = text.find(phrase, at + 1)) {
      auto digit = text.find_first_of("0123456789\n", at + phrase.size());
      if (digit == std::string::npos || text[digit] == '\n' || digit - at - phrase.size() > kContextDistanceMax) continue;
      std::uint64_t value = 0;
      for (; digit < text.size() && (is_digit(text[digit]) || text[digit] == ',') && value < 1'000'000'000; ++digit) {
        if (text[digit] != ',') value = value * 10 + static_cast<std::uint64_t>(text[digit] - '0');
      }
      if (digit < text.size() && text[digit] == 'k') value *= 1024;
      if (value >= kContextMin) return value;
    }
  }
  return std::nullopt;
}

/// Top level of the front matter, as far as it is "key: value", "key: [a, b]" or "key:" with "- item" lines.
using FrontMatter = std::map<std::string, std::vector<std::string>, std::less<>>;
std::string_view unquoted(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t\r\"'");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\"'") + 1 - first);
}

void add_values(std::vector<std::string>& values, std::string_view text) {
  text = unquoted(text);
  if (!text.starts_with('[')) return add_once(values, text);
  text = text.substr(1, text.find(']') - 1);
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    add_once(values, unquoted(text.substr(0, comma)));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
}

FrontMatter front_matter(std::string_view& readme) {
  FrontMatter matter;
  if (!readme.starts_with("---\n") && !readme.starts_with("---\r\n")) return matter;
  auto rest = readme.substr(readme.find('\n') + 1);
  std::string key;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.starts_with("---")) {
      readme = rest;
      return matter;
    }
    const auto first = line.find_first_not_of(' ');
    if (first == std::string_view::npos) continue;
    if (line.substr(first).starts_with("- ")) {
      if (!key.empty()) add_values(matter[key], line.substr(first + 2));
    } else if (const auto colon = line.find(':'); first == 0 && colon != std::string_view::npos) {
      key = line.substr(0, colon);
      add_values(matter[key], line.substr(colon + 1));
    }
  }
  return {};  // never closed: it was a rule, not front matter
}

bool is_language(std::string_view tag) noexcept {
  return (tag.size() == 2 || tag.size() == 3) && std::ranges::all_of(tag, [](char c) { return c >= 'a' && c <= 'z'; });
}

void read_model_index(dom::element card, std::string_view repository, Extracted& out) {
  dom::array indexes, results, metrics;
  const auto index = member(card, "model-index");
  if (!index || index->get(indexes) != simdjson::SUCCESS) return;
  for (const dom::element one : indexes) {
    const auto list = member(one, "results");
    if (!list || list->get(results) != simdjson::SUCCESS) continue;
    for (const dom::element result : results) {
      const auto dataset = member(result, "dataset");
      const auto measured = member(result, "metrics");
      if (!dataset || !measured || measured->get(metrics) != simdjson::SUCCESS || metrics.size() == 0) continue;
      auto label = text_member(*dataset, "name");
      auto name = known_benchmark(label.substr(0, label.find_first_of("([")));
      if (name.empty()) name = known_benchmark(text_member(*dataset, "type"));
      const auto value = number_member(metrics.at(0).value_unsafe(), "value");
      if (name.empty() || !value || !(*value >= 0 && *value <= 100)) continue;
      if (std::ranges::find(out.benchmarks, name, &BenchmarkScore::name) != out.benchmarks.end()) continue;
      out.benchmarks.push_back({std::string{name}, *value, {}, fmt::format("model-index of {}", repository)});
    }
  }
}

std::optional<std::uint64_t> whole_member(dom::element object, std::string_view key) {
  const auto number = number_member(object, key);
  if (!number || !(*number >= 0 && *number < 1e15)) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

Result<void> read_api(std::string_view api, std::string_view repository, Extracted& out) {
  if (api.empty()) return {};
  TRY(document, parse_json(api));
  const auto root = document->root;
  out.pipeline_tag = text_member(root, "pipeline_tag");
  out.author = text_member(root, "author");
  out.last_modified = text_member(root, "lastModified");
  out.downloads = whole_member(root, "downloads");
  out.likes = whole_member(root, "likes");
  out.tags = texts_member(root, "tags");
  if (const auto card = member(root, "cardData")) {
    out.license = text_member(*card, "license");
    out.languages = texts_member(*card, "language");
    read_model_index(*card, repository, out);
  }
  if (const auto weights = member(root, "safetensors")) {
    if (const auto total = number_member(*weights, "total"); total && *total > 0) out.parameters = parameters_text(*total);
  }
  for (const auto& [section, key] : {std::pair{"gguf", "context_length"}, {"config", "max_position_embeddings"}}) {
    const auto found = member(root, section);
    if (found && !out.context_length) out.context_length = whole_member(*found, key);
  }
  return {};
}

void read_matter(const FrontMatter& matter, Extracted& out) {
  const auto values = [&](std::string_view key) {
    const auto found = matter.find(key);
    return found == matter.end() ? std::vector<std::string>{} : found->second;
  };
  const auto first = [&](std::string_view key) {
    const auto all = values(key);
    return all.empty() ? std::string{} : all.front();
  };
  if (out.license.empty()) out.license = first("license");
  if (out.pipeline_tag.empty()) out.pipeline_tag = first("pipeline_tag");
  for (const auto& tag : values("tags")) add_once(out.tags, tag);
  for (const auto& language : values("language")) add_once(out.languages, language);
}

void read_tags(Extracted& out) {
  for (const auto& tag : out.tags) {
    if (tag.starts_with("license:") && out.license.empty()) out.license = tag.substr(8);
    if (tag.starts_with("language:"))
      add_once(out.languages, tag.substr(9));
    else if (is_language(tag))
      add_once(out.languages, tag);  // the hub's own tags are the bare code
  }
  for (auto& language : out.languages) language = mapped(language, lower);
}

void add_mapped(std::string_view word, std::vector<std::string>& categories) {
  for (const auto& mapping : kByTag) {
    if (mapping.word != word) continue;
    for (const auto category : mapping.categories) add_once(categories, category);
  }
}

void classify(std::string_view repository, Extracted& out) {
  add_mapped(out.pipeline_tag, out.categories);
  for (const auto& tag : out.tags) add_mapped(mapped(tag, lower), out.categories);
  const auto name = mapped(name_of(repository), lower);
  for (const auto& mapping : kByName) {
    if (name.find(mapping.word) != std::string::npos) add_once(out.categories, mapping.categories[0]);
  }
  if (out.languages.size() > 1) add_mapped("multilingual", out.categories);
  const auto any_of = [&](const auto& list) {
    return std::ranges::any_of(
        list, [&](std::string_view one) { return std::ranges::find(out.categories, one) != out.categories.end(); });
  };
  out.agent_types = {"inference"};
  if (any_of(kToolCategories)) out.agent_types.emplace_back("tool");
  if (any_of(kOrchestratorCategories)) out.agent_types.emplace_back("orchestrator");
}

/// @return the file's text, empty where there is none.
Result<std::string> read_if_there(const std::string& path) {
  auto text = read_text(path, kCardBytesMax);
  if (!text && text.error().code == Code::not_found) return std::string{};
  return text;
}

// ---- Enriching ------------------------------------------------------------------------------------------------------------

void fill(JsonValue& object, std::string_view key, JsonValue value) {
  auto* found = object.find(key);
  if (value.is_empty() || (found != nullptr && !found->is_empty())) return;
  object.set(key, std::move(value));
}

JsonValue& section(JsonValue& model, std::string_view key) {
  auto* found = model.find(key);
  if (found == nullptr || found->kind != JsonValue::Kind::object) model.set(key, JsonValue::object());
  return *model.find(key);
}

void unite(JsonValue& model, std::string_view key, const std::vector<std::string>& more) {
  auto* found = model.find(key);
  if (found == nullptr || found->kind != JsonValue::Kind::array) model.set(key, JsonValue::texts({}));
  found = model.find(key);
  for (const auto& value : more) {
    auto item = JsonValue::text(value);
    if (std::ranges::find(found->items, item.scalar, &JsonValue::scalar) == found->items.end())
      found->items.push_back(std::move(item));
  }
}

bool is_usable(JsonValue& score) {
  const auto* number = score.find("score");
  return number != nullptr && number->kind == JsonValue::Kind::scalar && !number->scalar.empty() && is_digit(number->scalar[0]);
}

void add_scores(JsonValue& model, const std::vector<BenchmarkScore>& scores) {
  if (scores.empty()) return;
  auto& benchmarks = section(model, "benchmarks");
  for (const auto& score : scores) {
    const auto same = [&](const auto& entry) { return benchmark_key(entry.first) == benchmark_key(score.name); };
    const auto known = std::ranges::find_if(benchmarks.members, same);
    if (known != benchmarks.members.end() && is_usable(known->second)) continue;
    auto value = JsonValue::object();
    value.set("score", JsonValue::number(score.score));
    if (!score.date.empty()) value.set("date", JsonValue::text(score.date));
    value.set("source", JsonValue::text(score.source));
    if (known != benchmarks.members.end())
      known->second = std::move(value);
    else
      benchmarks.set(score.name, std::move(value));
  }
}

void enrich_model(JsonValue& model, const Extracted& card) {
  unite(model, "orchestration_categories", card.categories);
  unite(model, "agent_types", card.agent_types);
  fill(model, "supported_languages", JsonValue::texts(card.languages));
  add_scores(model, card.benchmarks);
  auto& specifications = section(model, "specifications");
  fill(specifications, "parameters", JsonValue::text(card.parameters));
  fill(specifications, "quantization", JsonValue::text(card.quantization));
  if (card.context_length) fill(specifications, "context_length", JsonValue::number(*card.context_length));
  auto& metadata = section(model, "hf_metadata");
  fill(metadata, "license", JsonValue::text(card.license));
  fill(metadata, "languages", JsonValue::texts(card.languages));
  fill(metadata, "pipeline_tag", JsonValue::text(card.pipeline_tag));
  fill(metadata, "author", JsonValue::text(card.author));
  fill(metadata, "tags", JsonValue::texts(card.tags));
  // These change from day to day: the newest is right.
  if (card.downloads) metadata.set("downloads", JsonValue::number(*card.downloads));
  if (card.likes) metadata.set("likes", JsonValue::number(*card.likes));
  if (!card.last_modified.empty()) metadata.set("last_modified", JsonValue::text(card.last_modified));
}

void write_texts(json::Writer& w, std::string_view key, const std::vector<std::string>& texts) {
  w.key(key);
  w.begin_array();
  for (const auto& text : texts) w.value(text);
  w.end_array();
}

std::string joined(const std::vector<std::string>& texts) {
  return texts.empty() ? "–" : fmt::format("{}", fmt::join(texts, ", "));
}
std::string or_dash(std::string_view text) { return std::string{text.empty() ? "–" : text}; }

}  // namespace

Result<Card> read_card(const std::string& folder, std::string_view repository) {
  if (!is_repository(repository)) return fail(Code::invalid, "not of the form OWNER/NAME: " + std::string{repository});
  const std::string path = folder + "/" + std::string{repository};
  auto flat_name = std::string{repository};
  flat_name.replace(flat_name.find('/'), 1, "__");
  const std::string flat = folder + "/" + flat_name;
  Card card;
  for (const auto& [part, nested, beside] :
       {std::tuple{&card.readme, path + "/README.md", flat + ".md"}, {&card.api, path + "/api.json", flat + ".json"}}) {
    TRY(first, read_if_there(nested));
    *part = std::move(first);
    if (!part->empty()) continue;
    TRY(second, read_if_there(beside));
    *part = std::move(second);
  }
  return card;
}

Result<Card> fetch_card(const Fetch& fetch, std::string_view repository) {
  if (!is_repository(repository)) return fail(Code::invalid, "not of the form OWNER/NAME: " + std::string{repository});
  Card card;
  const std::string name{repository};
  for (const auto& [part, path] :
       {std::pair{&card.api, "/api/models/" + name}, {&card.readme, "/" + name + "/raw/main/README.md"}}) {
    auto text = fetch(path);
    if (!text && text.error().code != Code::not_found) return std::unexpected(text.error());
    if (text) *part = std::move(*text);
  }
  return card;
}

Result<Extracted> extract(std::string_view repository, const Card& card) {
  if (!is_repository(repository)) return fail(Code::invalid, "not of the form OWNER/NAME: " + std::string{repository});
  Extracted out;
  CHECK_OK(read_api(card.api, repository, out));
  std::string_view readme = card.readme;
  read_matter(front_matter(readme), out);
  read_tags(out);
  const auto name = name_of(repository);
  for (const auto token : tokens_of(name)) {
    if (out.parameters.empty() && is_size(token)) out.parameters = mapped(token, upper);
  }
  out.quantization = quantization_of(name);
  if (!out.context_length) out.context_length = context_of_readme(readme);
  for (auto& score : scores_of_readme(readme, name)) {
    if (std::ranges::find(out.benchmarks, score.name, &BenchmarkScore::name) != out.benchmarks.end()) continue;
    score.source = fmt::format("model card of {}", repository);
    out.benchmarks.push_back(std::move(score));
  }
  for (auto& score : out.benchmarks) score.date = out.last_modified.substr(0, 10);
  classify(repository, out);
  return out;
}

std::string extracted_json(std::string_view repository, const Extracted& extracted) {
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  w.field("repository", repository);
  w.field_if("parameters", extracted.parameters);
  w.field_if("quantization", extracted.quantization);
  w.field_if("context_length", extracted.context_length);
  w.field_if("license", extracted.license);
  w.field_if("pipeline_tag", extracted.pipeline_tag);
  w.field_if("author", extracted.author);
  w.field_if("last_modified", extracted.last_modified);
  w.field_if("downloads", extracted.downloads);
  w.field_if("likes", extracted.likes);
  write_texts(w, "languages", extracted.languages);
  write_texts(w, "tags", extracted.tags);
  write_texts(w, "categories", extracted.categories);
  write_texts(w, "agent_types", extracted.agent_types);
  w.key("benchmarks");
  w.begin_array();
  for (const auto& score : extracted.benchmarks) {
    w.begin_object();
    w.field("name", score.name);
    w.field("score", score.score);
    w.field_if("date", score.date);
    w.field("source", score.source);
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return w.take();
}

std::string extracted_text(std::string_view repository, const Extracted& extracted) {
  std::string out =
      fmt::format("{}\n  parameters   {}\n  quantisation {}\n  context      {}\n  licence      {}\n", repository,
                  or_dash(extracted.parameters), or_dash(extracted.quantization),
                  extracted.context_length ? std::to_string(*extracted.context_length) : "–", or_dash(extracted.license));
  out += fmt::format("  languages    {}\n  categories   {}\n  agent types  {}\n", joined(extracted.languages),
                     joined(extracted.categories), joined(extracted.agent_types));
  for (const auto& score : extracted.benchmarks)
    out += fmt::format("  {:<12} {} ({})\n", score.name, score.score, score.source);
  return out;
}

Result<std::string> enrich(std::string_view registry, const std::vector<std::optional<Extracted>>& cards) {
  CHECK_OK(parse_registry(registry));
  TRY(document, parse_json(registry));
  auto root = JsonValue::of(document->root);
  auto* models = root.find("models");
  for (std::size_t i = 0; i < std::min(cards.size(), models->items.size()); ++i) {
    if (cards[i]) enrich_model(models->items[i], *cards[i]);
  }
  std::string out;
  root.write(out);
  return out + "\n";
}

}  // namespace tablinum::models
