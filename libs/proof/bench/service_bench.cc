// What the service adds and saves: a fresh proof, a repeated request, a circuit compiled and reused, a batch on one and two slots.
// Ratios in one run: fresh / repeated ≥ 100, compiled / reused ≥ 10, batch of 64 on one slot / on two ≥ 1.9 (two idle processors).
#include <benchmark/benchmark.h>

#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"
#include "tablinum/proof/lf.h"
#include "tablinum/proof/registry.h"
#include "tablinum/proof/vole.h"

namespace tablinum::proof {
namespace {

Bytes message_of(std::size_t blocks, std::uint8_t number) { return Bytes(64 * blocks - 9, std::byte{number}); }

Bytes program_for(ByteView message) {
  Bytes program{std::byte{1}};
  append(program, sha256(message).view());
  return program;
}

Options options(unsigned at_once) {
  Options chosen;
  chosen.threads = 1;
  chosen.max_concurrent = at_once;
  chosen.memory_limit = std::size_t{4} << 30;
  return chosen;
}

const char* name_of(std::int64_t backend) { return backend == 1 ? "lf" : "vole"; }

/// Argument 0: back end (1 lf, 2 vole), 1: blocks.
void prove(benchmark::State& state, bool repeated) {
  const auto io = io::make_blocking_io().value();
  Registry registry{options(1)};
  const auto backend = registry.backend(name_of(state.range(0))).value();
  const Bytes message = message_of(static_cast<std::size_t>(state.range(1)), 'a');
  const Bytes program = program_for(message);
  ZkConfig config;
  config.use_cache = repeated;
  for (unsigned warm = 0; warm < 2; ++warm) {
    if (!io::run(*io, backend->prove(program, message, config))) return state.SkipWithError("no proof");
  }
  std::size_t bytes = 0;
  for (auto _ : state) bytes = io::run(*io, backend->prove(program, message, config))->bytes.size();
  state.counters["proof_bytes"] = static_cast<double>(bytes);
}
void BM_Fresh(benchmark::State& state) { prove(state, false); }
void BM_Repeated(benchmark::State& state) { prove(state, true); }
BENCHMARK(BM_Fresh)->ArgsProduct({{1, 2}, {1, 8}})->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Repeated)->ArgsProduct({{1, 2}, {1, 8}})->UseRealTime()->Unit(benchmark::kMicrosecond);

/// The circuit of a message: compiled, and from the cache; the latter through a whole verification that fails early would hide the
/// difference, so the cache itself is asked.
void BM_CircuitCompiled(benchmark::State& state) {
  const auto scheme = state.range(0) == 1 ? lf::scheme() : vole::scheme();
  const Bytes message = message_of(static_cast<std::size_t>(state.range(1)), 'a');
  const Plan plan = scheme->plan_proof(program_for(message), message, {}).value();
  for (auto _ : state) benchmark::DoNotOptimize(scheme->compile(plan, Work{{}, inline_executor()}));
}
void BM_CircuitReused(benchmark::State& state) {
  const auto scheme = state.range(0) == 1 ? lf::scheme() : vole::scheme();
  const Bytes message = message_of(static_cast<std::size_t>(state.range(1)), 'a');
  const Plan plan = scheme->plan_proof(program_for(message), message, {}).value();
  LruCache<CircuitPtr> cache{{10, std::size_t{1} << 30, Duration::seconds(3600)}, monotonic_now};
  const auto circuit = scheme->compile(plan, Work{{}, inline_executor()}).value();
  cache.put(sha256(plan.circuit_key), circuit, circuit->bytes());
  for (auto _ : state) benchmark::DoNotOptimize(*cache.find(sha256(plan.circuit_key)));
}
BENCHMARK(BM_CircuitCompiled)->ArgsProduct({{1, 2}, {1, 32}})->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_CircuitReused)->ArgsProduct({{1, 2}, {1, 32}})->UseRealTime()->Unit(benchmark::kMicrosecond);

/// Argument 0: back end, 1: requests at the same time.
void BM_Batch64(benchmark::State& state) {
  const auto io = io::make_stackless_io().value();
  Registry registry{options(static_cast<unsigned>(state.range(1)))};
  const auto backend = registry.backend(name_of(state.range(0))).value();
  std::vector<Bytes> messages;
  std::vector<Bytes> programs;
  for (std::uint8_t i = 0; i < 64; ++i) {
    messages.push_back(message_of(1, i));
    programs.push_back(program_for(messages.back()));
  }
  std::vector<ProveJob> jobs;
  for (std::size_t i = 0; i < 64; ++i) jobs.push_back({programs[i], messages[i]});
  ZkConfig config;
  config.use_cache = false;
  for (auto _ : state) {
    for (const auto& outcome : io::run(*io, backend->batch_prove(jobs, BatchMode::each, config))) {
      if (!outcome) state.SkipWithError("no proof");
    }
  }
}
BENCHMARK(BM_Batch64)->ArgsProduct({{1, 2}, {1, 2}})->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
}  // namespace tablinum::proof
