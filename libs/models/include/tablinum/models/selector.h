#pragma once
/// Chooses the model for a task.  Formulas: docs/user/models.md, "How a model is chosen" (the contract's three methods).
///
/// A Selector is built once from registry and catalogue: candidates of each category lie sorted by score, memory and name, so
/// that a selection is mostly the first candidate that fits.  Thread-safe once made; select() takes no memory where it
/// succeeds.
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/base/error.h"
#include "tablinum/models/registry.h"

namespace tablinum::models {

enum class Method : std::uint8_t { basic, multi, gpu };
std::string_view to_string(Method method) noexcept;
std::optional<Method> method_of(std::string_view word) noexcept;

/// Score of a model that was chosen only because nothing of the category fits.
inline constexpr double kFallbackScore = 25.0;

/// What a model must be. All of it is enforced; a model that does not say what is asked for is rejected.
struct Constraints {
  std::optional<std::uint32_t> gpu_memory_mb_max;
  std::optional<AgentType> agent_type;
  std::optional<double> benchmark_score_min;        ///< weighted points of the category's benchmarks, 0–100
  std::optional<std::uint64_t> context_length_min;  ///< tokens
  std::optional<double> latency_ms_max;
  std::optional<double> cost_per_million_tokens_max;
  std::vector<std::string> licenses;   ///< one of them; empty: any
  std::vector<std::string> languages;  ///< all of them, lower case
  std::vector<std::string> preferred;  ///< names; +30 points in the basic method
  std::vector<std::string> excluded;   ///< names
};

/// A GPU as the third method sees it.
struct GpuLoad {
  std::uint32_t id = 0;
  std::uint32_t memory_free_mb = 0;
  double load = 0;  ///< 0 (idle) to 1: gpu_load() in gpu.h
  bool healthy = true;
};

struct Selection {
  std::uint32_t model = 0;    ///< position in the registry
  std::uint32_t variant = 0;  ///< position in its variants: the largest that fits
  double score = 0;
  double confidence = 0;  ///< 0.95 one category, 0.90 its first, 0.70 another, 0 for a fallback
  bool primary = false;   ///< the category is the model's first
  bool fallback = false;
  std::optional<std::uint32_t> gpu;  ///< of the third method
};

enum class Rejection : std::uint8_t {
  not_in_category,
  excluded,
  memory,
  memory_unknown,
  agent_type,
  benchmark,
  benchmark_unknown,
  context_length,
  context_length_unknown,
  license,
  license_unknown,
  language,
  latency,
  latency_unknown,
  cost,
  cost_unknown,
  no_gpu
};
std::string_view to_string(Rejection rejection) noexcept;

/// Why one model was taken or not. The parts of the score add up as the method's formula says.
struct Verdict {
  std::uint32_t model = 0;
  bool taken = false;
  bool eligible = false;
  double score = 0;  ///< 0 where it is no candidate
  double preferred_bonus = 0, size_bonus = 0, benchmark_bonus = 0, confidence = 0;
  std::optional<double> benchmark_points;  ///< nothing where no benchmark of the category is known
  std::size_t benchmarks_known = 0, benchmarks_relevant = 0;
  std::vector<Rejection> rejections;
  std::string words;  ///< one sentence for a person
};

struct Explanation {
  Result<Selection> selection = fail(Code::not_found);
  std::vector<Verdict> verdicts;  ///< eligible ones by rank, then the others in the registry's order
};

class Selector {
 public:
  /// Keeps references to neither.
  /// @note Unknown names in a category's list are skipped here; the validator reports them.
  explicit Selector(const Registry& registry, const Catalogue& catalogue);
  ~Selector();
  Selector(Selector&&) noexcept;
  Selector& operator=(Selector&&) noexcept;

  /// @error not_found: no such category, or no model at all that meets the constraints.
  Result<Selection> select(std::string_view category, Method method, const Constraints& constraints,
                           std::span<const GpuLoad> gpus = {}) const;
  /// The same choice with a verdict for every model of the registry.
  Explanation explain(std::string_view category, Method method, const Constraints& constraints,
                      std::span<const GpuLoad> gpus = {}) const;

  std::size_t models() const noexcept;
  std::string_view name(std::uint32_t model) const noexcept;
  const Model& model(std::uint32_t position) const noexcept;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// docs/schemas/models-selection.schema.json; with `every_verdict` the list of all models too.
std::string selection_json(const Selector& selector, std::string_view category, Method method, const Explanation& explained,
                           bool every_verdict);
std::string selection_text(const Selector& selector, const Explanation& explained, bool every_verdict);

}  // namespace tablinum::models
