#pragma once
/// The registry of models and the catalogue of task categories: two JSON files, read as the contract's tools wrote them.
/// Formats: docs/schemas/models-registry.schema.json and models-categories.schema.json.  Everything here is a value; nothing
/// keeps a reference to the text that it was read from. Thread-safe as values are.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tablinum/base/bytes.h"
#include "tablinum/base/error.h"

namespace tablinum::models {

inline constexpr std::size_t kRegistryBytesMax = std::size_t{64} << 20;
inline constexpr std::size_t kModelsMax = 100'000;
inline constexpr std::size_t kCategoriesMax = 1'000;
inline constexpr unsigned kJsonDepthMax = 64;
/// Of a memory text: "20GB (Q4_K_M), 24GB (Q6_K), …".
inline constexpr std::size_t kVariantsMax = 64;

/// What an agent may be used for. A model has a set of them.
enum class AgentType : std::uint8_t { inference = 1, tool = 2, orchestrator = 4 };
using AgentTypes = std::uint8_t;
inline constexpr std::array kAgentTypes{AgentType::inference, AgentType::tool, AgentType::orchestrator};
std::string_view to_string(AgentType type) noexcept;
/// @return nothing for another word.
std::optional<AgentType> agent_type(std::string_view word) noexcept;
constexpr bool has(AgentTypes set, AgentType type) noexcept { return (set & static_cast<AgentTypes>(type)) != 0; }

/// Memory that one variant of a model needs on a GPU. `label` is what stood in parentheses, often a quantisation.
struct MemoryVariant {
  std::uint32_t mb = 0;
  std::string label;
  friend bool operator==(const MemoryVariant&, const MemoryVariant&) = default;
};

/// Reads "2GB", "1.5 GiB", "20GB (Q4_K_M), 24GB (Q6_K)". A GB is 1024 MB, as in the contract.
/// @return variants, smallest first.  @error invalid: another form, zero, or over 16 TB.  limit: over kVariantsMax.
Result<std::vector<MemoryVariant>> parse_memory(std::string_view text);

/// A usable score: `{score, date?, source?}` with a score from 0 to 100.
struct BenchmarkScore {
  std::string name;
  double score = 0;
  std::string date;
  std::string source;
};

struct Model {
  std::string name;
  std::string hf_repo;
  std::string gpu_memory;               ///< as written
  std::vector<MemoryVariant> variants;  ///< of gpu_memory; empty where that could not be read
  std::vector<std::string> categories;  ///< the first is the primary one
  AgentTypes agent_types = 0;
  std::vector<BenchmarkScore> benchmarks;  ///< usable ones only; the validator names the others
  std::string description, format, quantization, parameters, license;
  std::vector<std::string> languages;             ///< lower-case codes
  std::optional<std::uint64_t> context_length;    ///< tokens
  std::optional<double> latency_ms;               ///< `performance.latency_ms`: a typical request
  std::optional<double> cost_per_million_tokens;  ///< `performance.cost_per_million_tokens`
};

struct Registry {
  std::vector<Model> models;                                            ///< in the file's order
  std::vector<std::pair<std::string, std::vector<std::string>>> lists;  ///< recommended_for_t4 and the other lists of names

  /// Position of the first model of that name.
  std::optional<std::uint32_t> find(std::string_view name) const noexcept;
};

/// @error corrupt: not JSON, or deeper than kJsonDepthMax.  invalid: no `models`, or a model without name, hf_repo or
/// gpu_memory.
///        too_large: over kRegistryBytesMax.  limit: over kModelsMax.
Result<Registry> parse_registry(std::string_view text);
/// @error also as open_source().
Result<Registry> load_registry(const std::string& path);

struct BenchmarkSpec {
  std::string name, description, metric;
  double low = 0;
  double high = 100;             ///< infinity where the file says "inf"
  bool lower_is_better = false;  ///< by `direction`, else by the metric (SMAPE, MAE, RMSE, WER, …)
  double weight = 1.0;           ///< contract: the scorer's table; 1 for what is not in it
};

struct Category {
  std::string key, id, name, description;
  AgentTypes agent_types = 0;
  std::vector<BenchmarkSpec> benchmarks;
  std::vector<std::string> models, example_tasks;
};

struct GpuProfile {
  std::string name;
  std::uint32_t memory_mb_max = 0;
  std::vector<std::string> recommended;
};

struct Catalogue {
  std::string version, last_updated, default_category, fallback_model;
  std::vector<Category> categories;  ///< in the file's order
  std::vector<GpuProfile> gpu_profiles;
  std::vector<std::pair<std::string, std::uint64_t>> totals;  ///< metadata.total_*, as claimed by the file

  const Category* find(std::string_view key) const noexcept;
};

/// @error corrupt, too_large as parse_registry().  invalid: no `categories`.  limit: over kCategoriesMax.
Result<Catalogue> parse_categories(std::string_view text);
Result<Catalogue> load_categories(const std::string& path);

/// Lower-case letters and digits only, so that "ARC-Challenge", "arc_challenge" and "ArcChallenge" are one benchmark.
std::string benchmark_key(std::string_view name);
/// Weight of a benchmark in the scorer, 1 for one that it does not know.
double benchmark_weight(std::string_view category, std::string_view key) noexcept;
/// A score as points from 0 (worst) to 100 (best): up to 1 it counts as a share; where lower is better, the range is turned
/// round (with an open range 100 / (1 + x)).
double benchmark_points(const BenchmarkSpec& spec, double score) noexcept;

/// A whole file as text.  @error as open_source().  too_large.
Result<std::string> read_text(const std::string& path, std::size_t bytes_max);

}  // namespace tablinum::models
