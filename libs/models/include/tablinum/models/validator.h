#pragma once
/// Checks a registry, alone or against its catalogue of categories (contract §5, and what it did not check: types, duplicates,
/// memory texts, cross-references).
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/base/error.h"
#include "tablinum/models/registry.h"

namespace tablinum::models {

inline constexpr std::size_t kFindingsMax = 10'000;

enum class Severity : std::uint8_t { warning, error };

struct Finding {
  Severity severity{};
  std::string code;   ///< stable word: "missing", "type", "duplicate", "memory", "range", "unknown_benchmark", "reference", …
  std::string where;  ///< "models[2].gpu_memory" or "categories.code.models"
  std::string model;  ///< name, where the finding is about one
  std::string message;
};

struct Validation {
  std::vector<Finding> findings;  ///< at most kFindingsMax, in the file's order
  std::uint64_t models = 0, models_with_benchmarks = 0, benchmarks = 0, errors = 0, warnings = 0;
  std::vector<std::string> names;  ///< of the models, in order
  bool valid() const noexcept { return errors == 0; }
};

/// @error corrupt, too_large: as parse_registry(); what is wrong in content is a finding.
Result<Validation> validate(std::string_view registry, std::optional<std::string_view> categories);

std::string validation_text(const Validation& validation);
/// docs/schemas/models-validation.schema.json.
std::string validation_json(const Validation& validation);

struct Ranked {
  std::string model;
  double score = 0;
  std::string date;
};
/// All scores in one benchmark, the best first (lowest first where the catalogue says so), then by name. Any spelling of the
/// name.
std::vector<Ranked> compare(const Registry& registry, const Catalogue* catalogue, std::string_view benchmark);

struct BenchmarkSummary {
  std::string category, benchmark;
  std::uint64_t models = 0;
  double best = 0, mean = 0;
};
/// One row for every benchmark of every category.
std::vector<BenchmarkSummary> summarize(const Registry& registry, const Catalogue& catalogue);

}  // namespace tablinum::models
