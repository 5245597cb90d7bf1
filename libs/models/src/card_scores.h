#pragma once
/// Benchmark scores in the Markdown of a model card.
#include <string_view>
#include <vector>

#include "tablinum/models/registry.h"

namespace tablinum::models {

/// Canonical name of a benchmark in any spelling; empty for what is none that we know.
std::string_view known_benchmark(std::string_view name);
/// `model`: name without owner, to find the model's own row or column. Each benchmark at most once, by the first that is sure.
std::vector<BenchmarkScore> scores_of_readme(std::string_view readme, std::string_view model);

}  // namespace tablinum::models
