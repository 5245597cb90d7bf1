/// Kinship and charts on a million people, in three shapes: as files are (small families, few cousins' marriages), a village
/// that marries within itself, and one descent that fills the limit of a chart.
#include <benchmark/benchmark.h>

#include <random>

#include "tablinum/base/time.h"
#include "tablinum/tree/charts/chart.h"
#include "tablinum/tree/kinship/coefficient.h"
#include "tablinum/tree/kinship/relationship.h"
#include "tablinum/tree/kinship/walk.h"
#include "tablinum/tree/kinship/words.h"

namespace {

using namespace tablinum::tree;
using kinship::Sex;

struct Input {
  std::vector<Sex> sexes;
  std::vector<kinship::MemberRow> rows;
};

/// `generations` of `width` people; partners from the same generation, at most `reach` places away; two to five children.
Input population(std::size_t generations, std::size_t width, std::size_t reach) {
  Input input;
  std::mt19937_64 random{1};
  std::vector<std::uint32_t> people, next;
  const auto person = [&] {
    input.sexes.push_back(random() % 2 == 0 ? Sex::male : Sex::female);
    return static_cast<std::uint32_t>(input.sexes.size() - 1);
  };
  for (std::size_t i = 0; i < width; ++i) people.push_back(person());
  for (std::size_t generation = 1; generation < generations; ++generation) {
    next.clear();
    while (next.size() < width) {
      const std::size_t a = random() % people.size();
      const std::size_t b = std::min(people.size() - 1, a + 1 + random() % reach);
      if (a == b) continue;
      const auto family = static_cast<std::uint32_t>(input.sexes.size());
      input.sexes.push_back(Sex::absent);
      input.rows.push_back({family, people[a], 0, kinship::Role::partner});
      input.rows.push_back({family, people[b], 1, kinship::Role::partner});
      const auto children = static_cast<std::uint16_t>(2 + random() % 4);
      for (std::uint16_t ord = 0; ord < children; ++ord) {
        next.push_back(person());
        input.rows.push_back({family, next.back(), ord, kinship::Role::child});
      }
    }
    std::ranges::shuffle(next, random);
    people = next;
  }
  return input;
}

/// Unconnected trees would be too kind: eleven generations of 91,000 people, all of whom may meet.
const Input& file_like() {
  static const Input input = population(11, 91'000, 1'000);
  return input;
}
const kinship::Graph& file_graph() {
  static const kinship::Graph graph = kinship::build_graph(file_like().sexes, file_like().rows).value().graph;
  return graph;
}
const kinship::Graph& village() {
  static const Input input = population(40, 250, 250);
  static const kinship::Graph graph = kinship::build_graph(input.sexes, input.rows).value().graph;
  return graph;
}
const kinship::Graph& nation() {
  static const Input input = population(300, 3'333, 3'333);
  static const kinship::Graph graph = kinship::build_graph(input.sexes, input.rows).value().graph;
  return graph;
}

const kinship::Graph& graph_of(std::int64_t number) { return number == 0 ? file_graph() : number == 1 ? village() : nation(); }

/// People of the last generations, where questions are long.
class Pairs {
 public:
  explicit Pairs(const kinship::Graph& graph) : graph_{graph} {}
  std::uint32_t next() {
    for (;;) {
      const std::uint32_t n = graph_.node_count() - 1 - static_cast<std::uint32_t>(random_() % (graph_.node_count() / 8));
      if (graph_.is_person(n)) return n;
    }
  }

 private:
  const kinship::Graph& graph_;
  std::mt19937_64 random_{2};
};

double milliseconds_of(auto&& work) {
  const tablinum::Instant begin = tablinum::monotonic_now();
  work();
  return static_cast<double>((tablinum::monotonic_now() - begin).ns) / 1e6;
}

/// Runs a query on pairs and reports its p50, p99 and worst time in milliseconds.
void measure(benchmark::State& state, auto&& query) {
  const kinship::Graph& graph = graph_of(state.range(0));
  Pairs pairs{graph};
  std::vector<double> times;
  for (auto _ : state) {
    const std::uint32_t a = pairs.next(), b = pairs.next();
    times.push_back(milliseconds_of([&] { query(graph, a, b); }));
  }
  std::ranges::sort(times);
  state.counters["p50_ms"] = times[times.size() / 2];
  state.counters["p99_ms"] = times[times.size() * 99 / 100];
  state.counters["max_ms"] = times.back();
}

void BM_Build(benchmark::State& state) {
  const Input& input = file_like();
  for (auto _ : state) benchmark::DoNotOptimize(kinship::build_graph(input.sexes, input.rows));
  const auto& graph = file_graph();
  state.counters["people"] = graph.person_count();
  state.counters["MB"] = static_cast<double>(graph.memory_bytes()) / 1e6;
}
void BM_TopologicalOrder(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(kinship::topological_order(file_graph()));
}
void BM_Components(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(kinship::components(file_graph()));
}
void BM_Edit(benchmark::State& state) {
  kinship::Graph graph = file_graph();
  Pairs pairs{graph};
  for (auto _ : state) graph = graph.with({}, std::array{kinship::PersonChange{pairs.next(), Sex::other}}).value();
}
void BM_Ancestors(benchmark::State& state) {
  measure(state, [](auto& graph, auto a, auto) { benchmark::DoNotOptimize(kinship::ancestors(graph, a)); });
}
void BM_Descendants(benchmark::State& state) {
  measure(state, [](auto& graph, auto a, auto) { benchmark::DoNotOptimize(kinship::descendants(graph, a)); });
}
void BM_CommonAncestors(benchmark::State& state) {
  measure(state, [](auto& graph, auto a, auto b) { benchmark::DoNotOptimize(kinship::common_ancestors(graph, a, b)); });
}
void BM_ShortestPath(benchmark::State& state) {
  measure(state, [](auto& graph, auto a, auto b) { benchmark::DoNotOptimize(kinship::shortest_path(graph, a, b)); });
}
void BM_Coefficient(benchmark::State& state) {
  measure(state, [](auto& graph, auto a, auto b) { benchmark::DoNotOptimize(kinship::coefficient(graph, a, b)); });
}
void BM_RelationInWords(benchmark::State& state) {
  measure(state, [](auto& graph, auto a, auto b) {
    benchmark::DoNotOptimize(kinship::relation_word(graph, a, kinship::relation(graph, a, b).value(), "en"));
  });
}

/// One couple's descent of about as many boxes as asked.
void BM_Layout(benchmark::State& state) {
  static const Input input = [] {
    Input tree;
    tree.sexes.push_back(Sex::male);
    for (std::uint32_t parent = 0; tree.sexes.size() < 400'000; ++parent) {
      if (tree.sexes[parent] != Sex::male) continue;
      const auto family = static_cast<std::uint32_t>(tree.sexes.size());
      tree.sexes.push_back(Sex::absent);
      tree.sexes.push_back(Sex::female);
      tree.rows.push_back({family, parent, 0, kinship::Role::partner});
      tree.rows.push_back({family, family + 1, 1, kinship::Role::partner});
      for (std::uint16_t ord = 0; ord < 1 + parent % 4; ++ord) {
        tree.rows.push_back({family, static_cast<std::uint32_t>(tree.sexes.size()), ord, kinship::Role::child});
        tree.sexes.push_back(Sex::male);
      }
    }
    return tree;
  }();
  static const kinship::Graph graph = kinship::build_graph(input.sexes, input.rows).value().graph;
  charts::Options options{.down = charts::kGenerationsMax, .boxes_max = static_cast<std::uint32_t>(state.range(0))};
  std::size_t boxes = 0;
  for (auto _ : state) boxes = charts::layout(graph, charts::Kind::descendants, 0, options).value().boxes.size();
  state.counters["boxes"] = static_cast<double>(boxes);
}

BENCHMARK(BM_Build)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_TopologicalOrder)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Components)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Edit)->Unit(benchmark::kMicrosecond)->Iterations(2'000);
BENCHMARK(BM_Ancestors)->Arg(0)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Descendants)->Arg(0)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_CommonAncestors)->Arg(0)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ShortestPath)->Arg(0)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->Iterations(200);
BENCHMARK(BM_Coefficient)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond)->Iterations(200);
BENCHMARK(BM_Coefficient)->Arg(2)->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(BM_RelationInWords)->Arg(0)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->Iterations(200);
BENCHMARK(BM_Layout)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
