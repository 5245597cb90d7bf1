#include "tablinum/models/selector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <rapidcheck/gtest.h>

namespace tablinum::models {
namespace {

using testing::Contains;
using testing::HasSubstr;

// Normalised, since a fresh checkout has no tests/data here.
const std::string kSamples = std::filesystem::path{TABLINUM_TEST_DATA "/../../../../samples/models/"}.lexically_normal().string();

struct Sample {
  Registry registry = load_registry(kSamples + "MODEL_REGISTRY.json").value();
  Catalogue catalogue = load_categories(kSamples + "task_categories.json").value();
  std::string chosen(std::string_view category, Method method, const Constraints& constraints, std::span<const GpuLoad> gpus = {}) const {
    const Selector selector{registry, catalogue};
    const auto selection = selector.select(category, method, constraints, gpus);
    return selection ? std::string{selector.name(selection->model)} + (selection->fallback ? " (fallback)" : "") : "-";
  }
};

Constraints memory(std::uint32_t mb) {
  Constraints constraints;
  constraints.gpu_memory_mb_max = mb;
  return constraints;
}

void give_score(Registry& registry, std::string_view name, std::string_view benchmark, double score) {
  registry.models[registry.find(name).value()].benchmarks.push_back({std::string{benchmark}, score, "", "test"});
}

TEST(Selector, BasicMethodGivesTheContractsPoints) {
  const Sample sample;
  const Selector selector{sample.registry, sample.catalogue};
  const auto selection = selector.select("code", Method::basic, memory(14 * 1024)).value();
  EXPECT_EQ(selector.name(selection.model), "google-gemma-3-270m-it");
  EXPECT_DOUBLE_EQ(selection.score, 70);  // 50 + 20 for less than 4096 MB
  Constraints preferred;
  preferred.preferred = {"microsoft-phi-2"};
  const auto phi = selector.select("code", Method::basic, preferred).value();
  EXPECT_EQ(selector.name(phi.model), "microsoft-phi-2");
  EXPECT_DOUBLE_EQ(phi.score, 90);  // 50 + 10 + 30
  EXPECT_TRUE(phi.primary);
}

TEST(Selector, BenchmarksDecide) {
  Sample sample;
  give_score(sample.registry, "deepseek-coder-33b-instruct-q4_k_m", "humaneval", 0.78);
  give_score(sample.registry, "deepseek-coder-33b-instruct-q4_k_m", "MBPP", 70);
  const Selector selector{sample.registry, sample.catalogue};
  const auto selection = selector.select("code", Method::multi, {}).value();
  EXPECT_EQ(selector.name(selection.model), "deepseek-coder-33b-instruct-q4_k_m");
  const double points = (1.0 * 78 + 0.8 * 70) / 1.8;
  EXPECT_DOUBLE_EQ(selection.score, (50 + points / 2) * 0.95);
  EXPECT_DOUBLE_EQ(selection.confidence, 0.95);
}

TEST(Selector, MultiMethodTiesGoToTheSmallestThenTheName) {
  const Sample sample;
  EXPECT_EQ(sample.chosen("code", Method::multi, {}), "google-gemma-3-270m-it");
  auto twins = sample;
  for (auto& model : twins.registry.models) model.variants = {{4096, ""}};
  EXPECT_EQ(twins.chosen("code", Method::multi, {}), "deepseek-coder-33b-instruct-q4_k_m");
  const Selector selector{sample.registry, sample.catalogue};
  const auto relational = selector.select("relational", Method::multi, memory(16 * 1024)).value();
  EXPECT_EQ(selector.name(relational.model), "HY-MT1.5-7B");
  EXPECT_DOUBLE_EQ(relational.score, 47.5);
  // translategemma: relational stands second of its two.
  Constraints only;
  only.excluded = {"HY-MT1.5-7B"};
  const auto other = selector.select("relational", Method::multi, only).value();
  EXPECT_DOUBLE_EQ(other.score, 35);
  EXPECT_DOUBLE_EQ(other.confidence, 0.70);
  EXPECT_FALSE(other.primary);
}

TEST(Selector, VariantsAreMemoryTooAndTheLargestThatFitsIsTaken) {
  const Sample sample;
  Constraints constraints = memory(25 * 1024);
  constraints.excluded = {"HY-MT1.5-7B"};
  const Selector selector{sample.registry, sample.catalogue};
  const auto selection = selector.select("relational", Method::multi, constraints).value();
  EXPECT_EQ(selector.model(selection.model).variants[selection.variant].label, "Q6_K");
  constraints.gpu_memory_mb_max = 20 * 1024 - 1;
  EXPECT_TRUE(selector.select("relational", Method::multi, constraints)->fallback);
}

TEST(Selector, AnEmptyCategoryFallsBackAndSaysSo) {
  const Sample sample;
  const Selector selector{sample.registry, sample.catalogue};
  for (const auto method : {Method::basic, Method::multi}) {
    const auto selection = selector.select("math", method, memory(14 * 1024)).value();
    EXPECT_TRUE(selection.fallback);
    EXPECT_DOUBLE_EQ(selection.score, kFallbackScore);
    EXPECT_EQ(selector.name(selection.model), "google-gemma-3-270m-it");
  }
  EXPECT_EQ(selector.select("no such", Method::basic, {}).error().code, Code::not_found);
  EXPECT_EQ(selector.select("math", Method::basic, memory(1)).error().code, Code::not_found);
  Constraints orchestrator;
  orchestrator.agent_type = AgentType::orchestrator;
  EXPECT_EQ(selector.select("math", Method::basic, orchestrator).error().code, Code::not_found);
}

TEST(Selector, GpuMethodTakesTheLeastLoadedThatHasRoom) {
  const Sample sample;
  const Selector selector{sample.registry, sample.catalogue};
  const std::vector<GpuLoad> gpus{{0, 3'000, 0.1, true}, {1, 40'000, 0.5, true}, {2, 40'000, 0.0, false}, {3, 40'000, 0.5, true}};
  const auto small = selector.select("code", Method::gpu, {}, gpus).value();
  EXPECT_EQ(small.gpu, 0u);
  EXPECT_DOUBLE_EQ(small.score, 47.5 * 0.9);
  const auto large = selector.select("relational", Method::gpu, {}, gpus).value();
  EXPECT_EQ(large.gpu, 1u) << "equal load: the lower number";
  EXPECT_DOUBLE_EQ(large.score, 47.5 * 0.5);
  EXPECT_EQ(selector.select("code", Method::gpu, {}, {}).error().code, Code::not_found);
  const std::vector<GpuLoad> full{{0, 100, 0.1, true}};
  EXPECT_EQ(selector.select("code", Method::gpu, {}, full).error().code, Code::not_found);
}

struct RejectionCase {
  const char* name;
  std::function<void(Model&, Constraints&)> set;
  Rejection want;
};
class Rejections : public testing::TestWithParam<RejectionCase> {};
TEST_P(Rejections, EveryConstraintIsEnforcedAndExplained) {
  Sample sample;
  Constraints constraints;
  const auto position = sample.registry.find("microsoft-phi-2").value();
  GetParam().set(sample.registry.models[position], constraints);
  const Selector selector{sample.registry, sample.catalogue};
  const auto explained = selector.explain("code", Method::basic, constraints);
  const auto verdict = std::ranges::find(explained.verdicts, position, &Verdict::model);
  ASSERT_NE(verdict, explained.verdicts.end());
  EXPECT_THAT(verdict->rejections, Contains(GetParam().want)) << verdict->words;
  EXPECT_FALSE(verdict->eligible);
  EXPECT_FALSE(verdict->words.empty());
  if (explained.selection) EXPECT_NE(explained.selection->model, position);
}
INSTANTIATE_TEST_SUITE_P(
    Cases, Rejections,
    testing::Values(
        RejectionCase{"category", [](Model& m, Constraints&) { m.name = "other"; }, Rejection::not_in_category},
        RejectionCase{"excluded", [](Model& m, Constraints& c) { c.excluded = {m.name}; }, Rejection::excluded},
        RejectionCase{"memory", [](Model&, Constraints& c) { c.gpu_memory_mb_max = 6'143; }, Rejection::memory},
        RejectionCase{"memory_unknown", [](Model& m, Constraints& c) { m.variants.clear(), c.gpu_memory_mb_max = 1 << 20; }, Rejection::memory_unknown},
        RejectionCase{"agent", [](Model&, Constraints& c) { c.agent_type = AgentType::tool; }, Rejection::agent_type},
        RejectionCase{"benchmark", [](Model& m, Constraints& c) { m.benchmarks = {{"HumanEval", 40, "", ""}}, c.benchmark_score_min = 40.1; }, Rejection::benchmark},
        RejectionCase{"benchmark_unknown", [](Model&, Constraints& c) { c.benchmark_score_min = 1; }, Rejection::benchmark_unknown},
        RejectionCase{"context", [](Model& m, Constraints& c) { m.context_length = 2'048, c.context_length_min = 2'049; }, Rejection::context_length},
        RejectionCase{"context_unknown", [](Model& m, Constraints& c) { m.context_length.reset(), c.context_length_min = 1; }, Rejection::context_length_unknown},
        RejectionCase{"license", [](Model& m, Constraints& c) { m.license = "mit", c.licenses = {"apache-2.0"}; }, Rejection::license},
        RejectionCase{"license_unknown", [](Model& m, Constraints& c) { m.license.clear(), c.licenses = {"mit"}; }, Rejection::license_unknown},
        RejectionCase{"language", [](Model& m, Constraints& c) { m.languages = {"en"}, c.languages = {"en", "sn"}; }, Rejection::language},
        RejectionCase{"latency", [](Model& m, Constraints& c) { m.latency_ms = 101, c.latency_ms_max = 100; }, Rejection::latency},
        RejectionCase{"latency_unknown", [](Model&, Constraints& c) { c.latency_ms_max = 100; }, Rejection::latency_unknown},
        RejectionCase{"cost", [](Model& m, Constraints& c) { m.cost_per_million_tokens = 2, c.cost_per_million_tokens_max = 1; }, Rejection::cost},
        RejectionCase{"cost_unknown", [](Model&, Constraints& c) { c.cost_per_million_tokens_max = 1; }, Rejection::cost_unknown}),
    [](const auto& param) { return std::string{param.param.name}; });

TEST(Selector, LimitsThemselvesAreMet) {
  Sample sample;
  auto& phi = sample.registry.models[sample.registry.find("microsoft-phi-2").value()];
  phi.latency_ms = 100;
  phi.context_length = 2'048;
  phi.license = "mit";
  phi.languages = {"en"};
  phi.cost_per_million_tokens = 1;
  phi.benchmarks = {{"HumanEval", 40, "", ""}};
  Constraints c = memory(6'144);
  c.latency_ms_max = 100;
  c.cost_per_million_tokens_max = 1;
  c.benchmark_score_min = 40;
  c.context_length_min = 2'048;
  c.licenses = {"apache-2.0", "mit"};
  c.languages = {"en"};
  EXPECT_EQ(sample.chosen("code", Method::multi, c), "microsoft-phi-2");
}

TEST(Selector, ExplainsInWords) {
  const Sample sample;
  const Selector selector{sample.registry, sample.catalogue};
  const auto explained = selector.explain("code", Method::basic, memory(7 * 1024));
  ASSERT_EQ(explained.verdicts.size(), 7u);
  EXPECT_TRUE(explained.verdicts[0].taken);
  EXPECT_THAT(explained.verdicts[0].words, HasSubstr("70.00 = 50 base"));
  const auto big = std::ranges::find(explained.verdicts, sample.registry.find("deepseek-coder-33b-instruct-q4_k_m").value(), &Verdict::model);
  EXPECT_THAT(big->words, HasSubstr("needs 22528 MB, 7168 MB allowed"));
}

/// Registry and catalogue of some models in one category, and constraints.
struct Case {
  Registry registry;
  Catalogue catalogue;
  Constraints constraints;
  std::vector<GpuLoad> gpus;
};
Case some_case() {
  Case c;
  Category category;
  category.key = "code";
  BenchmarkSpec spec;
  spec.name = "HumanEval";
  category.benchmarks = {spec};
  const auto count = *rc::gen::inRange(0, 12);
  for (int i = 0; i < count; ++i) {
    Model model;
    model.name = "m" + std::to_string(i);
    if (*rc::gen::inRange(0, 8) != 0) model.variants = {{static_cast<std::uint32_t>(*rc::gen::inRange(1, 6)) * 2048, ""}};
    model.agent_types = static_cast<AgentTypes>(*rc::gen::inRange(0, 8));
    if (*rc::gen::arbitrary<bool>()) model.categories = {"code"};
    if (*rc::gen::arbitrary<bool>()) model.categories.push_back("other");
    if (*rc::gen::arbitrary<bool>()) model.benchmarks = {{"humaneval", static_cast<double>(*rc::gen::inRange(0, 4)) * 25, "", ""}};
    if (*rc::gen::arbitrary<bool>()) category.models.push_back(model.name);
    if (*rc::gen::inRange(0, 5) == 0) c.constraints.excluded.push_back(model.name);
    if (*rc::gen::inRange(0, 5) == 0) c.constraints.preferred.push_back(model.name);
    c.registry.models.push_back(std::move(model));
  }
  c.catalogue.categories = {category};
  if (*rc::gen::arbitrary<bool>()) c.constraints.gpu_memory_mb_max = static_cast<std::uint32_t>(*rc::gen::inRange(0, 14'000));
  if (*rc::gen::inRange(0, 3) == 0) c.constraints.agent_type = AgentType::tool;
  for (std::uint32_t i = 0; i < 3; ++i) {
    c.gpus.push_back({i, static_cast<std::uint32_t>(*rc::gen::inRange(0, 14'000)), *rc::gen::inRange(0, 11) / 10.0, *rc::gen::arbitrary<bool>()});
  }
  return c;
}

// select() stops early and looks up; explain() scores every model by the formula. They must agree, ties included.
RC_GTEST_PROP(SelectorProperty, TheFastChoiceIsTheBestOfAllVerdicts, ()) {
  const auto c = some_case();
  const Selector selector{c.registry, c.catalogue};
  for (const auto method : {Method::basic, Method::multi, Method::gpu}) {
    const auto explained = selector.explain("code", method, c.constraints, c.gpus);
    RC_ASSERT(explained.verdicts.size() == c.registry.models.size());
    if (!explained.verdicts.empty() && explained.verdicts[0].eligible) {
      RC_ASSERT(explained.selection.has_value());
      RC_ASSERT(!explained.selection->fallback);
      RC_ASSERT(explained.selection->score == explained.verdicts[0].score);
      RC_ASSERT(explained.selection->model == explained.verdicts[0].model);
    } else {
      RC_ASSERT((!explained.selection || explained.selection->fallback));
    }
  }
}

RC_GTEST_PROP(SelectorProperty, TheOrderOfTheRegistryDoesNotMatter, ()) {
  auto c = some_case();
  const Selector selector{c.registry, c.catalogue};
  auto other = c;
  std::ranges::reverse(other.registry.models);
  std::ranges::reverse(other.catalogue.categories[0].models);
  const Selector reversed{other.registry, other.catalogue};
  for (const auto method : {Method::basic, Method::multi, Method::gpu}) {
    const auto a = selector.select("code", method, c.constraints, c.gpus), b = reversed.select("code", method, c.constraints, c.gpus);
    RC_ASSERT(a.has_value() == b.has_value());
    if (a && !a->fallback) RC_ASSERT(selector.name(a->model) == reversed.name(b->model));
  }
}

}  // namespace
}  // namespace tablinum::models
