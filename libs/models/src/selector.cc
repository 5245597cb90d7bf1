#include "tablinum/models/selector.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace tablinum::models {
namespace {

constexpr double kBaseScore = 50, kPreferredBonus = 30, kSmallBonus = 20, kMediumBonus = 10, kBenchmarkBonusMax = 50;
constexpr std::uint32_t kSmallMb = 4096, kMediumMb = 8192, kUnknownMb = std::numeric_limits<std::uint32_t>::max();
constexpr double kConfidenceSingle = 0.95, kConfidenceFirst = 0.90, kConfidenceOther = 0.70;

/// A model as a candidate of one category and method: everything about it that no constraint changes.
struct Candidate {
  double score = 0;    ///< without the preferred bonus and the GPU's load
  double points = -1;  ///< of the category's benchmarks; −1: none is known
  double confidence = 0;
  std::uint32_t model = 0;
  std::uint32_t mb = 0;  ///< of the smallest variant
  AgentTypes agent_types = 0;
  bool primary = false;
};

/// Candidates by rank, and where each model stands among them.
struct Ranking {
  std::vector<Candidate> candidates;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> places;  // model, position; sorted

  const Candidate* find(std::uint32_t model) const {
    const auto place = std::ranges::lower_bound(places, model, {}, &std::pair<std::uint32_t, std::uint32_t>::first);
    return place == places.end() || place->first != model ? nullptr : &candidates[place->second];
  }
};

struct CategoryIndex {
  std::string key;
  std::vector<BenchmarkSpec> relevant;
  std::vector<std::string> relevant_keys;
  Ranking basic, multi;
};

struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const noexcept { return std::hash<std::string_view>{}(name); }
};

std::uint32_t smallest_mb(const Model& model) { return model.variants.empty() ? kUnknownMb : model.variants.front().mb; }

double size_bonus(std::uint32_t mb) noexcept { return mb < kSmallMb ? kSmallBonus : mb < kMediumMb ? kMediumBonus : 0; }

double confidence_of(const Model& model, std::string_view category) noexcept {
  if (model.categories.size() == 1) return kConfidenceSingle;
  return !model.categories.empty() && model.categories.front() == category ? kConfidenceFirst : kConfidenceOther;
}

bool contains(const std::vector<std::string>& names, std::string_view name) noexcept {
  return std::ranges::find(names, name) != names.end();
}

struct Points {
  double points = -1;
  std::size_t known = 0;
};

/// Weighted mean of what is known of the category's benchmarks.
Points points_of(const CategoryIndex& category, const Model& model) {
  double sum = 0, weights = 0;
  std::size_t known = 0;
  for (std::size_t i = 0; i < category.relevant.size(); ++i) {
    for (const auto& score : model.benchmarks) {
      if (benchmark_key(score.name) != category.relevant_keys[i]) continue;
      const auto& spec = category.relevant[i];
      sum += spec.weight * benchmark_points(spec, score.score);
      weights += spec.weight;
      ++known;
      break;
    }
  }
  return weights > 0 ? Points{sum / weights, known} : Points{};
}

double bonus_of(double points) noexcept { return points < 0 ? 0 : kBenchmarkBonusMax * points / 100; }

/// Calls `reject` with every reason against a model, until it says that one is enough.
template <class Reject>
void check(const Model& model, const Candidate& candidate, const Constraints& constraints, bool is_candidate, Reject&& reject) {
  const auto say = [&](bool wrong, Rejection why) { return wrong && reject(why); };
  if (say(!is_candidate, Rejection::not_in_category)) return;
  if (constraints.gpu_memory_mb_max) {
    if (say(candidate.mb == kUnknownMb, Rejection::memory_unknown)) return;
    if (say(candidate.mb != kUnknownMb && candidate.mb > *constraints.gpu_memory_mb_max, Rejection::memory)) return;
  }
  if (say(constraints.agent_type && !has(candidate.agent_types, *constraints.agent_type), Rejection::agent_type)) return;
  if (constraints.benchmark_score_min) {
    if (say(candidate.points < 0, Rejection::benchmark_unknown)) return;
    if (say(candidate.points >= 0 && candidate.points < *constraints.benchmark_score_min, Rejection::benchmark)) return;
  }
  if (say(!constraints.excluded.empty() && contains(constraints.excluded, model.name), Rejection::excluded)) return;
  const auto limit = [&](const auto& wanted, const auto& has_it, bool wrong, Rejection why, Rejection unknown) {
    if (!wanted) return false;
    return say(!has_it, unknown) || say(has_it && wrong, why);
  };
  if (limit(constraints.context_length_min, model.context_length, model.context_length < constraints.context_length_min,
            Rejection::context_length, Rejection::context_length_unknown))
    return;
  if (limit(constraints.latency_ms_max, model.latency_ms, model.latency_ms > constraints.latency_ms_max, Rejection::latency,
            Rejection::latency_unknown))
    return;
  if (limit(constraints.cost_per_million_tokens_max, model.cost_per_million_tokens,
            model.cost_per_million_tokens > constraints.cost_per_million_tokens_max, Rejection::cost, Rejection::cost_unknown))
    return;
  if (!constraints.licenses.empty()) {
    if (say(model.license.empty(), Rejection::license_unknown)) return;
    if (say(!model.license.empty() && !contains(constraints.licenses, model.license), Rejection::license)) return;
  }
  const auto speaks = [&](const std::string& language) { return contains(model.languages, language); };
  if (!constraints.languages.empty()) say(!std::ranges::all_of(constraints.languages, speaks), Rejection::language);
}

bool fits(const Model& model, const Candidate& candidate, const Constraints& constraints) {
  bool good = true;
  check(model, candidate, constraints, true, [&](Rejection) {
    good = false;
    return true;
  });
  return good;
}

const GpuLoad* gpu_for(std::uint32_t mb, std::span<const GpuLoad> gpus) noexcept {
  const GpuLoad* best = nullptr;
  for (const auto& gpu : gpus) {
    if (!gpu.healthy || mb == kUnknownMb || gpu.memory_free_mb < mb) continue;
    if (best == nullptr || gpu.load < best->load || (gpu.load == best->load && gpu.id < best->id)) best = &gpu;
  }
  return best;
}

/// The largest variant that fits: it loses least to quantisation.
std::uint32_t variant_for(const Model& model, std::uint32_t mb_max) noexcept {
  std::uint32_t best = 0;
  for (std::uint32_t i = 0; i < model.variants.size(); ++i) {
    if (model.variants[i].mb <= mb_max) best = i;
  }
  return best;
}

}  // namespace

struct Selector::Parts {
  std::vector<Model> models;
  std::vector<CategoryIndex> categories;
  std::unordered_map<std::string, std::uint32_t, NameHash, std::equal_to<>> by_name;
  std::string fallback_model;
  std::vector<Candidate> facts;  // of every model what no category changes: a look at 10,000 models must not touch their texts

  bool better(const Candidate& a, double score_a, const Candidate& b, double score_b) const {
    if (score_a != score_b) return score_a > score_b;
    if (a.mb != b.mb) return a.mb < b.mb;
    if (models[a.model].name != models[b.model].name) return models[a.model].name < models[b.model].name;
    return a.model < b.model;
  }

  void rank(Ranking& ranking) const {
    std::ranges::sort(ranking.candidates,
                      [&](const Candidate& a, const Candidate& b) { return better(a, a.score, b, b.score); });
    for (std::uint32_t i = 0; i < ranking.candidates.size(); ++i) ranking.places.emplace_back(ranking.candidates[i].model, i);
    std::ranges::sort(ranking.places);
  }

  Candidate candidate(const CategoryIndex& category, std::uint32_t position, Method method) const {
    const auto& model = models[position];
    Candidate result;
    result.model = position;
    result.mb = smallest_mb(model);
    result.agent_types = model.agent_types;
    result.points = points_of(category, model).points;
    result.confidence = confidence_of(model, category.key);
    result.primary = !model.categories.empty() && model.categories.front() == category.key;
    const double bonus = bonus_of(result.points);
    result.score =
        method == Method::basic ? kBaseScore + size_bonus(result.mb) + bonus : (kBaseScore + bonus) * result.confidence;
    return result;
  }

  void add_category(const Category& category) {
    CategoryIndex index;
    index.key = category.key;
    index.relevant = category.benchmarks;
    // The contract's scorer knows this one for reasoning, although the catalogue does not list it.
    const auto is_truthful = [](const BenchmarkSpec& spec) { return benchmark_key(spec.name) == "truthfulqa"; };
    if (category.key == "reasoning" && std::ranges::none_of(index.relevant, is_truthful)) {
      BenchmarkSpec truthful;
      truthful.name = "TruthfulQA";
      truthful.weight = benchmark_weight("reasoning", "truthfulqa");
      index.relevant.push_back(std::move(truthful));
    }
    for (const auto& spec : index.relevant) index.relevant_keys.push_back(benchmark_key(spec.name));
    std::vector<bool> seen(models.size());
    for (const auto& name : category.models) {
      const auto found = by_name.find(name);
      if (found == by_name.end() || seen[found->second]) continue;
      seen[found->second] = true;
      index.basic.candidates.push_back(candidate(index, found->second, Method::basic));
    }
    for (std::uint32_t i = 0; i < models.size(); ++i) {
      if (contains(models[i].categories, category.key)) index.multi.candidates.push_back(candidate(index, i, Method::multi));
    }
    rank(index.basic);
    rank(index.multi);
    categories.push_back(std::move(index));
  }

  const CategoryIndex* find(std::string_view key) const {
    const auto found = std::ranges::find(categories, key, &CategoryIndex::key);
    return found == categories.end() ? nullptr : &*found;
  }

  Selection selection(const Candidate& candidate, double score, const Constraints& constraints, const GpuLoad* gpu) const {
    Selection result;
    result.model = candidate.model;
    auto mb_max = constraints.gpu_memory_mb_max.value_or(kUnknownMb);
    if (gpu != nullptr) mb_max = std::min(mb_max, gpu->memory_free_mb);
    result.variant = variant_for(models[candidate.model], mb_max);
    result.score = score;
    result.confidence = candidate.confidence;
    result.primary = candidate.primary;
    if (gpu != nullptr) result.gpu = gpu->id;
    return result;
  }

  std::optional<Selection> best_ranked(const Ranking& ranking, const Constraints& constraints, double preferred_bonus) const {
    const Candidate* best = nullptr;
    double best_score = 0;
    // Memory rejects most, and stands in the candidate itself: asked first.
    const auto mb_max = constraints.gpu_memory_mb_max.value_or(kUnknownMb);
    for (const auto& candidate : ranking.candidates) {
      if (candidate.mb > mb_max || !fits(models[candidate.model], candidate, constraints)) continue;
      best = &candidate;
      best_score = candidate.score;
      break;
    }
    if (best == nullptr) return std::nullopt;
    for (const auto& name : constraints.preferred) {
      if (preferred_bonus == 0) break;
      const auto known = by_name.find(name);
      const auto* candidate = known == by_name.end() ? nullptr : ranking.find(known->second);
      if (candidate == nullptr || !fits(models[candidate->model], *candidate, constraints)) continue;
      const double score = candidate->score + preferred_bonus;
      if (better(*candidate, score, *best, best_score)) {
        best = candidate;
        best_score = score;
      }
    }
    return selection(*best, best_score, constraints, nullptr);
  }

  std::optional<Selection> best_placed(const Ranking& ranking, const Constraints& constraints,
                                       std::span<const GpuLoad> gpus) const {
    double least_load = 1;
    for (const auto& gpu : gpus) least_load = gpu.healthy ? std::min(least_load, gpu.load) : least_load;
    const Candidate* best = nullptr;
    const GpuLoad* place = nullptr;
    double best_score = 0;
    for (const auto& candidate : ranking.candidates) {
      // Ranked by score, so nothing that follows can win either.
      if (best != nullptr && candidate.score * (1 - least_load) < best_score) break;
      const auto* gpu = gpu_for(candidate.mb, gpus);
      if (gpu == nullptr || !fits(models[candidate.model], candidate, constraints)) continue;
      const double score = candidate.score * (1 - gpu->load);
      if (best != nullptr && !better(candidate, score, *best, best_score)) continue;
      best = &candidate;
      best_score = score;
      place = gpu;
    }
    if (best == nullptr) return std::nullopt;
    return selection(*best, best_score, constraints, place);
  }

  std::optional<Selection> fallback_if_fit(const CategoryIndex& category, std::uint32_t position, Method method,
                                           const Constraints& constraints, std::span<const GpuLoad> gpus) const {
    Candidate candidate = facts[position];
    if (constraints.benchmark_score_min) candidate.points = points_of(category, models[position]).points;
    if (!fits(models[position], candidate, constraints)) return std::nullopt;
    const auto* gpu = method == Method::gpu ? gpu_for(candidate.mb, gpus) : nullptr;
    if (method == Method::gpu && gpu == nullptr) return std::nullopt;
    auto result = selection(candidate, kFallbackScore, constraints, gpu);
    result.fallback = true;
    return result;
  }

  /// The catalogue's fallback model, else the first of the registry.
  Result<Selection> fallback(const CategoryIndex& category, Method method, const Constraints& constraints,
                             std::span<const GpuLoad> gpus) const {
    if (const auto named = by_name.find(fallback_model); named != by_name.end()) {
      if (auto taken = fallback_if_fit(category, named->second, method, constraints, gpus)) return *taken;
    }
    const auto mb_max = constraints.gpu_memory_mb_max.value_or(kUnknownMb);
    for (std::uint32_t i = 0; i < models.size(); ++i) {
      if (facts[i].mb > mb_max) continue;
      if (auto taken = fallback_if_fit(category, i, method, constraints, gpus)) return *taken;
    }
    return fail(Code::not_found, "no model meets the constraints");
  }

  Verdict verdict(const CategoryIndex& category, std::uint32_t position, Method method, const Constraints& constraints,
                  std::span<const GpuLoad> gpus) const;
  std::string words(const Verdict& verdict, const Candidate& candidate, const Constraints& constraints, Method method) const;
};

namespace {

std::string reason(Rejection why, const Model& model, const Candidate& candidate, const Constraints& constraints) {
  switch (why) {
    case Rejection::memory: return fmt::format("needs {} MB, {} MB allowed", candidate.mb, *constraints.gpu_memory_mb_max);
    case Rejection::agent_type: return fmt::format("is no {} model", to_string(*constraints.agent_type));
    case Rejection::benchmark:
      return fmt::format("has {:.1f} benchmark points, {:.1f} wanted", candidate.points, *constraints.benchmark_score_min);
    case Rejection::context_length:
      return fmt::format("reads {} tokens, {} wanted", *model.context_length, *constraints.context_length_min);
    case Rejection::license: return fmt::format("has the licence {}", model.license);
    case Rejection::latency:
      return fmt::format("takes {:.0f} ms, {:.0f} allowed", *model.latency_ms, *constraints.latency_ms_max);
    case Rejection::cost:
      return fmt::format("costs {:.2f} a million tokens, {:.2f} allowed", *model.cost_per_million_tokens,
                         *constraints.cost_per_million_tokens_max);
    case Rejection::not_in_category: return "is not of this category";
    case Rejection::excluded: return "is excluded";
    case Rejection::memory_unknown: return fmt::format("does not say how much memory it needs ({})", model.gpu_memory);
    case Rejection::benchmark_unknown: return "has no score in any benchmark of the category";
    case Rejection::context_length_unknown: return "does not say how many tokens it reads";
    case Rejection::license_unknown: return "does not say its licence";
    case Rejection::language: return "does not list every language that is wanted";
    case Rejection::latency_unknown: return "has no known latency";
    case Rejection::cost_unknown: return "has no known cost";
    case Rejection::no_gpu: return "fits no healthy GPU";
  }
  return {};
}

}  // namespace

std::string Selector::Parts::words(const Verdict& verdict, const Candidate& candidate, const Constraints& constraints,
                                   Method method) const {
  const auto& model = models[verdict.model];
  std::string text;
  for (const auto why : verdict.rejections) text += (text.empty() ? "" : "; ") + reason(why, model, candidate, constraints);
  if (!verdict.eligible) return text;
  text = fmt::format("{:.2f} = ", verdict.score);
  if (method == Method::basic) {
    text += fmt::format("{:.0f} base + {:.0f} preferred + {:.0f} size + {:.2f} benchmarks", kBaseScore, verdict.preferred_bonus,
                        verdict.size_bonus, verdict.benchmark_bonus);
  } else {
    text += fmt::format("({:.0f} base + {:.2f} benchmarks) × {:.2f} confidence", kBaseScore, verdict.benchmark_bonus,
                        verdict.confidence);
    if (method == Method::gpu) text += " × (1 − load of the GPU)";
  }
  return text + fmt::format("; {} of {} benchmarks known", verdict.benchmarks_known, verdict.benchmarks_relevant);
}

Verdict Selector::Parts::verdict(const CategoryIndex& category, std::uint32_t position, Method method,
                                 const Constraints& constraints, std::span<const GpuLoad> gpus) const {
  const auto& model = models[position];
  const auto& ranking = method == Method::basic ? category.basic : category.multi;
  const auto* listed = ranking.find(position);
  const Candidate candidate = listed != nullptr ? *listed : this->candidate(category, position, method);
  Verdict verdict;
  verdict.model = position;
  check(model, candidate, constraints, listed != nullptr, [&](Rejection why) {
    verdict.rejections.push_back(why);
    return false;
  });
  const auto* gpu = method == Method::gpu ? gpu_for(candidate.mb, gpus) : nullptr;
  if (method == Method::gpu && gpu == nullptr) verdict.rejections.push_back(Rejection::no_gpu);
  verdict.eligible = verdict.rejections.empty();
  verdict.benchmarks_known = points_of(category, model).known;
  verdict.benchmarks_relevant = category.relevant.size();
  if (candidate.points >= 0) verdict.benchmark_points = candidate.points;
  verdict.benchmark_bonus = bonus_of(candidate.points);
  verdict.confidence = candidate.confidence;
  if (method == Method::basic) {
    verdict.size_bonus = size_bonus(candidate.mb);
    verdict.preferred_bonus = contains(constraints.preferred, model.name) ? kPreferredBonus : 0;
  }
  if (verdict.eligible) verdict.score = (candidate.score + verdict.preferred_bonus) * (gpu != nullptr ? 1 - gpu->load : 1);
  verdict.words = words(verdict, candidate, constraints, method);
  return verdict;
}

std::string_view to_string(Method method) noexcept {
  return method == Method::basic ? "basic" : method == Method::multi ? "multi" : "gpu";
}

std::optional<Method> method_of(std::string_view word) noexcept {
  for (const auto method : {Method::basic, Method::multi, Method::gpu}) {
    if (word == to_string(method)) return method;
  }
  return std::nullopt;
}

std::string_view to_string(Rejection rejection) noexcept {
  static constexpr std::string_view kNames[] = {"not_in_category",   "excluded",        "memory",
                                                "memory_unknown",    "agent_type",      "benchmark",
                                                "benchmark_unknown", "context_length",  "context_length_unknown",
                                                "license",           "license_unknown", "language",
                                                "latency",           "latency_unknown", "cost",
                                                "cost_unknown",      "no_gpu"};
  return kNames[static_cast<std::size_t>(rejection)];
}

Selector::Selector(const Registry& registry, const Catalogue& catalogue) : parts_{std::make_unique<Parts>()} {
  parts_->models = registry.models;
  parts_->fallback_model = catalogue.fallback_model;
  for (std::uint32_t i = 0; i < registry.models.size(); ++i) parts_->by_name.emplace(registry.models[i].name, i);
  for (std::uint32_t i = 0; i < registry.models.size(); ++i) {
    Candidate fact;
    fact.model = i;
    fact.mb = smallest_mb(registry.models[i]);
    fact.agent_types = registry.models[i].agent_types;
    parts_->facts.push_back(fact);
  }
  for (const auto& category : catalogue.categories) parts_->add_category(category);
}
Selector::~Selector() = default;
Selector::Selector(Selector&&) noexcept = default;
Selector& Selector::operator=(Selector&&) noexcept = default;

Result<Selection> Selector::select(std::string_view category, Method method, const Constraints& constraints,
                                   std::span<const GpuLoad> gpus) const {
  const auto* index = parts_->find(category);
  if (index == nullptr) return fail(Code::not_found, "there is no category " + std::string{category});
  std::optional<Selection> best;
  if (method == Method::basic) best = parts_->best_ranked(index->basic, constraints, kPreferredBonus);
  if (method == Method::multi) best = parts_->best_ranked(index->multi, constraints, 0);
  if (method == Method::gpu) best = parts_->best_placed(index->multi, constraints, gpus);
  if (best) return *best;
  return parts_->fallback(*index, method, constraints, gpus);
}

Explanation Selector::explain(std::string_view category, Method method, const Constraints& constraints,
                              std::span<const GpuLoad> gpus) const {
  Explanation explanation;
  explanation.selection = select(category, method, constraints, gpus);
  const auto* index = parts_->find(category);
  if (index == nullptr) return explanation;
  for (std::uint32_t i = 0; i < parts_->models.size(); ++i) {
    explanation.verdicts.push_back(parts_->verdict(*index, i, method, constraints, gpus));
    explanation.verdicts.back().taken = explanation.selection && explanation.selection->model == i;
  }
  const auto rank = [&](const Verdict& a, const Verdict& b) {
    if (a.eligible != b.eligible) return a.eligible;
    if (!a.eligible) return a.model < b.model;
    Candidate first, second;
    first.model = a.model;
    first.mb = smallest_mb(parts_->models[a.model]);
    second.model = b.model;
    second.mb = smallest_mb(parts_->models[b.model]);
    return parts_->better(first, a.score, second, b.score);
  };
  std::ranges::sort(explanation.verdicts, rank);
  return explanation;
}

std::size_t Selector::models() const noexcept { return parts_->models.size(); }
std::string_view Selector::name(std::uint32_t model) const noexcept { return parts_->models[model].name; }
const Model& Selector::model(std::uint32_t position) const noexcept { return parts_->models[position]; }

}  // namespace tablinum::models
