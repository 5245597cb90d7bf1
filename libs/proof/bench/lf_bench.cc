// The back end `lf` on SHA-256 preimages of N blocks: compile, prove, verify; and its parts.
#include <ctime>

#include <algorithm>
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
  // Not the first one of the process, which touches its memory for the first time.
  std::size_t bytes = lf::scheme()->prove(c.plan, c.circuit, c.program, c.message, work).value().envelope.size();
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
// What two free processors would take, from one busy one: runs everything on the caller's thread, and counts the processor time of
// each loop's bodies as two threads would share them out. Leaves out what waking a thread costs.
class ModelOfTwo final : public Executor {
 public:
  unsigned threads() const noexcept override { return 2; }
  void for_each(std::size_t count, FunctionRef<void(std::size_t)> body) override {
    if (inside_) return inline_executor().for_each(count, body);
    inside_ = true;
    std::array<double, 2> busy{};
    for (std::size_t i = 0; i < count; ++i) {
      const double before = now();
      body(i);
      const double took = now() - before;
      saved_ += took;
      *std::ranges::min_element(busy) += took;
    }
    saved_ -= std::ranges::max(busy);
    loops_ += count > 1 ? 1 : 0;
    inside_ = false;
  }
  void submit(std::move_only_function<void()> job) override { job(); }

  static double now() noexcept {
    timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
  }
  double saved() const noexcept { return saved_; }
  std::size_t loops() const noexcept { return loops_; }

 private:
  double saved_ = 0;
  std::size_t loops_ = 0;
  bool inside_ = false;
};
void model_two(benchmark::State& state) {
  const Case& c = case_of(static_cast<std::size_t>(state.range(0)));
  ModelOfTwo two;
  const Work work{{}, two};
  benchmark::DoNotOptimize(lf::scheme()->prove(c.plan, c.circuit, c.program, c.message, work));  // touches its memory
  const std::size_t loops = two.loops();
  double prove = 0, verify = 0;
  std::size_t runs = 0;
  for (auto _ : state) {
    const double begin = ModelOfTwo::now(), saved = two.saved();
    const auto proof = lf::scheme()->prove(c.plan, c.circuit, c.program, c.message, work).value();
    const double middle = ModelOfTwo::now(), after = two.saved();
    if (!lf::scheme()->verify(c.plan, c.circuit, c.program, proof.envelope, work).value()) state.SkipWithError("refused");
    prove += middle - begin - (after - saved);
    verify += ModelOfTwo::now() - middle - (two.saved() - after);
    ++runs;
  }
  state.counters["prove_ms"] = 1e3 * prove / static_cast<double>(runs);
  state.counters["verify_ms"] = 1e3 * verify / static_cast<double>(runs);
  state.counters["loops"] = static_cast<double>(two.loops() - loops) / static_cast<double>(runs);
}

void blocks(benchmark::internal::Benchmark* b) {
  for (const int n : {1, 2, 4, 8, 16, 32})
    for (const int threads : {1, 2}) b->Args({n, threads});
  b->Unit(benchmark::kMillisecond)->UseRealTime();
}
BENCHMARK(compile)->Arg(1)->Arg(8)->Arg(32)->Unit(benchmark::kMillisecond);
BENCHMARK(model_two)->RangeMultiplier(2)->Range(1, 32)->Unit(benchmark::kMillisecond);
BENCHMARK(prove)->Apply(blocks);
BENCHMARK(verify)->Apply(blocks);

void multiply(benchmark::State& state) {
  std::vector<Elt> a(4096, inj(7)), b(4096, inj(9));
  for (auto _ : state) gf().mul(raw(a.data()), raw(a.data()), raw(b.data()), a.size());
  state.SetItemsProcessed(state.iterations() * 4096);
}
BENCHMARK(multiply);

}  // namespace
