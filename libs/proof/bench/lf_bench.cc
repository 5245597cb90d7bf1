// The back end `lf` on SHA-256 preimages of N blocks: compile, prove, verify; and its parts.
#include <map>

#include <benchmark/benchmark.h>

#include "circuit/compiler.h"
#include "field/reed_solomon.h"
#include "field/vectors.h"
#include "tablinum/proof/lf.h"

namespace {

using namespace tablinum;
using namespace tablinum::proof;

struct Case {
  Bytes message, program;
  Plan plan;
  CircuitPtr circuit;
};
// Made once for each size: google-benchmark calls a benchmark several times.
const Case& case_of(std::size_t blocks) {
  static std::map<std::size_t, Case> made;
  const auto [at, added] = made.try_emplace(blocks);
  Case& out = at->second;
  if (!added) return out;
  const Work work{{}, inline_executor()};
  out.message.assign(64 * blocks - 9, std::byte{0x61});
  out.program = {std::byte{1}};
  append(out.program, sha256(out.message).view());
  const auto scheme = lf::scheme();
  out.plan = scheme->plan_proof(out.program, out.message, {}).value();
  out.circuit = scheme->compile(out.plan, work).value();
  return out;
}

void compile(benchmark::State& state) {
  const Work work{{}, inline_executor()};
  const Case& c = case_of(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(lf::scheme()->compile(c.plan, work));
  state.counters["circuit_MB"] = static_cast<double>(c.circuit->bytes()) / 1e6;
}
void prove(benchmark::State& state) {
  const auto pool = make_thread_pool(static_cast<unsigned>(state.range(1)));
  const Work work{{}, *pool};
  const Case& c = case_of(static_cast<std::size_t>(state.range(0)));
  std::size_t bytes = 0;
  for (auto _ : state) bytes = lf::scheme()->prove(c.plan, c.circuit, c.program, c.message, work).value().envelope.size();
  state.counters["proof_bytes"] = static_cast<double>(bytes);
}
void verify(benchmark::State& state) {
  const auto pool = make_thread_pool(static_cast<unsigned>(state.range(1)));
  const Work work{{}, *pool};
  const Case& c = case_of(static_cast<std::size_t>(state.range(0)));
  const auto proof = lf::scheme()->prove(c.plan, c.circuit, c.program, c.message, work).value();
  for (auto _ : state)
    if (!lf::scheme()->verify(c.plan, c.circuit, c.program, proof.envelope, work).value()) state.SkipWithError("refused");
}
void blocks(benchmark::internal::Benchmark* b) {
  for (const int n : {1, 2, 4, 8, 16, 32})
    for (const int threads : {1, 2}) b->Args({n, threads});
  b->Unit(benchmark::kMillisecond)->UseRealTime();
}
BENCHMARK(compile)->Arg(1)->Arg(8)->Arg(32)->Unit(benchmark::kMillisecond);
BENCHMARK(prove)->Apply(blocks);
BENCHMARK(verify)->Apply(blocks);

void multiply(benchmark::State& state) {
  std::vector<Elt> a(4096, inj(7)), b(4096, inj(9));
  for (auto _ : state) gf().mul(raw(a.data()), raw(a.data()), raw(b.data()), a.size());
  state.SetItemsProcessed(state.iterations() * 4096);
}
BENCHMARK(multiply);

}  // namespace
