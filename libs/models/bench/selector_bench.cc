// Selection, and reading what nvidia-smi and NVML say.
#include <benchmark/benchmark.h>

#include "tablinum/models/gpu.h"
#include "tablinum/models/selector.h"

namespace {

using namespace tablinum::models;

/// `count` models in one category, each of another size and score.
std::pair<Registry, Catalogue> many(std::size_t count) {
  Registry registry;
  Category category;
  category.key = "code";
  BenchmarkSpec spec;
  spec.name = "HumanEval";
  category.benchmarks = {spec};
  for (std::size_t i = 0; i < count; ++i) {
    Model model;
    model.name = "model-" + std::to_string(i);
    model.variants = {{static_cast<std::uint32_t>(1024 + i * 7919 % 80'000), ""}};
    model.categories = {"code"};
    model.agent_types = 1;
    model.benchmarks = {{"HumanEval", static_cast<double>(i * 104'729 % 1000) / 10, "", ""}};
    category.models.push_back(model.name);
    registry.models.push_back(std::move(model));
  }
  Catalogue catalogue;
  catalogue.categories = {category};
  return {std::move(registry), std::move(catalogue)};
}

void select(benchmark::State& state, std::uint32_t mb_max) {
  const auto [registry, catalogue] = many(static_cast<std::size_t>(state.range(0)));
  const Selector selector{registry, catalogue};
  Constraints constraints;
  constraints.gpu_memory_mb_max = mb_max;
  for (auto _ : state) benchmark::DoNotOptimize(selector.select("code", Method::multi, constraints));
  state.SetItemsProcessed(state.iterations());
}
void BM_Select(benchmark::State& state) { select(state, 14 * 1024); }
BENCHMARK(BM_Select)->Arg(7)->Arg(10'000);
/// Nothing fits, so every candidate and then every model is looked at.
void BM_SelectNothingFits(benchmark::State& state) { select(state, 1); }
BENCHMARK(BM_SelectNothingFits)->Arg(7)->Arg(10'000);

void BM_ParseSmi(benchmark::State& state) {
  std::string answer;
  for (int i = 0; i < 8; ++i) answer += std::to_string(i) + ", NVIDIA H100 80GB HBM3, 81559, 12000, 69559, 41, 37, 212.55, 700.00\n";
  for (auto _ : state) benchmark::DoNotOptimize(parse_nvidia_smi(answer));
}
BENCHMARK(BM_ParseSmi);

}  // namespace
