#include "tablinum/models/bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tablinum/models/validator.h"

namespace tablinum::models {
namespace {

using testing::Contains;
using testing::HasSubstr;

// Normalised, since a fresh checkout has no tests/data here.
const std::string kSamples = std::filesystem::path{TABLINUM_TEST_DATA "/../../../../samples/models/"}.lexically_normal().string();
Registry sample_registry() { return load_registry(kSamples + "MODEL_REGISTRY.json").value(); }
Catalogue sample_catalogue() { return load_categories(kSamples + "task_categories.json").value(); }

TEST(Bench, CountsFallbacksAndPasses) {
  const auto report = run_bench(sample_registry(), sample_catalogue(), {.iterations = 10});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->selections, 90u);
  EXPECT_EQ(report->fallbacks, 70u) << "seven categories are empty";
  EXPECT_EQ(report->errors, 0u);
  ASSERT_EQ(report->cases.size(), 4u);
  for (const auto& one : report->cases) EXPECT_TRUE(one.passed) << one.name;
  const auto math = std::ranges::find(report->categories, "math", &CategoryBench::category);
  EXPECT_EQ(math->coverage_percent, 0);
  EXPECT_EQ(math->consistency_percent, 100);
  EXPECT_EQ(math->fallbacks, 10u);
  EXPECT_EQ(report->policies.at(3).policy, "smallest");
}

TEST(Bench, FailsOnErrorsAndMissedThresholds) {
  auto registry = sample_registry();
  for (auto& model : registry.models) model.variants = {{1 << 20, ""}};
  const auto report = run_bench(registry, sample_catalogue(), {.iterations = 3});
  EXPECT_EQ(report->errors, 27u);
  EXPECT_THAT(report->missed, Contains(HasSubstr("27 selections failed")));
  BenchOptions strict{.iterations = 3};
  strict.thresholds.fallback_percent = 10;
  strict.thresholds.p99_ms = 0;
  EXPECT_THAT(run_bench(sample_registry(), sample_catalogue(), strict)->missed, Contains(HasSubstr("fallbacks, at most 10.0")));
  EXPECT_EQ(run_bench(sample_registry(), sample_catalogue(), {.iterations = 0}).error().code, Code::invalid);
  EXPECT_EQ(run_bench(sample_registry(), sample_catalogue(), {.iterations = kBenchIterationsMax + 1}).error().code, Code::invalid);
  EXPECT_EQ(run_bench(sample_registry(), {}, {}).error().code, Code::invalid);
}

TEST(Bench, AFasterBaselineIsMissed) {
  auto report = run_bench(sample_registry(), sample_catalogue(), {.iterations = 50}).value();
  const auto itself = bench_json(report);
  ASSERT_TRUE(compare_with_baseline(report, itself, {}));
  EXPECT_TRUE(report.missed.empty());
  report.categories[0].timing.mean = 1;
  ASSERT_TRUE(compare_with_baseline(report, itself, {}));
  EXPECT_EQ(report.missed.size(), 1u);
  EXPECT_EQ(compare_with_baseline(report, "{}", {}).error().code, Code::invalid);
  EXPECT_EQ(compare_with_baseline(report, "{", {}).error().code, Code::corrupt);
}

TEST(Bench, TheOracleIsTheBestByScores) {
  auto registry = sample_registry();
  for (auto& model : registry.models) {
    if (model.name == "microsoft-phi-2") model.benchmarks = {{"HumanEval", 50, "", ""}};
    if (model.name == "google-gemma-3-270m-it") model.benchmarks = {{"HumanEval", 10, "", ""}};
  }
  const auto report = run_bench(registry, sample_catalogue(), {.iterations = 1, .method = Method::multi});
  EXPECT_DOUBLE_EQ(report->policies[1].mean_points, 50);
  EXPECT_DOUBLE_EQ(report->policies[0].mean_points, 50);
  EXPECT_DOUBLE_EQ(report->policies[3].mean_points, 10);
}

std::string model(const std::string& more, const std::string& name = "a") {
  return R"({"models":[{"name":")" + name + R"(","hf_repo":"o/n","gpu_memory":"2GB")" + more + "}]}";
}

struct FindingCase {
  const char* name;
  std::string registry;
  const char* code;
  Severity severity;
};
class Findings : public testing::TestWithParam<FindingCase> {};
TEST_P(Findings, AreFound) {
  const auto validation = validate(GetParam().registry, std::nullopt);
  ASSERT_TRUE(validation) << validation.error().detail;
  const auto found = std::ranges::find(validation->findings, GetParam().code, &Finding::code);
  ASSERT_NE(found, validation->findings.end()) << validation_text(*validation);
  EXPECT_EQ(found->severity, GetParam().severity);
  EXPECT_EQ(validation->valid(), GetParam().severity == Severity::warning) << validation_text(*validation);
}
INSTANTIATE_TEST_SUITE_P(
    Cases, Findings,
    testing::Values(
        FindingCase{"no_models", "{}", "missing", Severity::error}, FindingCase{"no_name", R"({"models":[{"hf_repo":"o/n","gpu_memory":"2GB"}]})", "missing", Severity::error},
        FindingCase{"number_as_name", R"({"models":[{"name":3,"hf_repo":"o/n","gpu_memory":"2GB"}]})", "type", Severity::error},
        FindingCase{"memory", R"({"models":[{"name":"a","hf_repo":"o/n","gpu_memory":"lots"}]})", "memory", Severity::error},
        FindingCase{"no_object", R"({"models":[7]})", "type", Severity::error},
        FindingCase{"duplicate", R"({"models":[{"name":"a","hf_repo":"o/n","gpu_memory":"2GB"},{"name":"a","hf_repo":"o/n","gpu_memory":"2GB"}]})", "duplicate", Severity::error},
        FindingCase{"range", model(R"(,"benchmarks":{"MMLU":{"score":101}})"), "range", Severity::error},
        FindingCase{"below", model(R"(,"benchmarks":{"mmlu":{"score":-1}})"), "range", Severity::error},
        FindingCase{"twice", model(R"(,"benchmarks":{"ARC-Challenge":{"score":1,"source":"s"},"arc_challenge":{"score":1,"source":"s"}})"), "duplicate", Severity::error},
        FindingCase{"bare_number", model(R"(,"benchmarks":{"MMLU":5})"), "no_score", Severity::warning},
        FindingCase{"unknown", model(R"(,"benchmarks":{"Foo":{"score":5,"source":"s"}})"), "unknown_benchmark", Severity::warning},
        FindingCase{"no_source", model(R"(,"benchmarks":{"MMLU":{"score":5}})"), "no_source", Severity::warning},
        FindingCase{"none", model(""), "no_benchmarks", Severity::warning}, FindingCase{"agent", model(R"(,"agent_types":["boss"])"), "agent_type", Severity::error},
        FindingCase{"list", model(R"(,"agent_types":"tool")"), "type", Severity::error},
        FindingCase{"repo", R"({"models":[{"name":"a","hf_repo":"n","gpu_memory":"2GB"}]})", "repository", Severity::warning},
        FindingCase{"reference", R"({"models":[],"testing_models":["b"]})", "reference", Severity::error}),
    [](const auto& param) { return std::string{param.param.name}; });

TEST(Validator, TheSampleIsValidAndItsReferencesAreChecked) {
  const auto registry = read_text(kSamples + "MODEL_REGISTRY.json", kRegistryBytesMax).value();
  auto categories = read_text(kSamples + "task_categories.json", kRegistryBytesMax).value();
  const auto validation = validate(registry, categories);
  EXPECT_TRUE(validation->valid()) << validation_text(*validation);
  EXPECT_EQ(validation->models, 7u);
  const auto has = [](const Validation& v, std::string_view code) { return std::ranges::find(v.findings, code, &Finding::code) != v.findings.end(); };
  EXPECT_TRUE(has(*validation, "reference")) << "translation is no category";
  const auto replace = [&](std::string from, std::string to) {
    auto changed = categories;
    const auto at = changed.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    changed.replace(at, from.size(), to);
    return validate(registry, changed).value();
  };
  EXPECT_FALSE(replace("\"fallback_model\": \"google-gemma-3-270m-it\"", "\"fallback_model\": \"none\"").valid());
  EXPECT_FALSE(replace("\"default_category\": \"code\"", "\"default_category\": \"none\"").valid());
  EXPECT_TRUE(has(replace("\"total_benchmarks\": 22", "\"total_benchmarks\": 19"), "total"));
  EXPECT_EQ(validate("{", std::nullopt).error().code, Code::corrupt);
}

TEST(Validator, RanksInAnySpelling) {
  auto registry = sample_registry();
  registry.models[0].benchmarks = {{"arc_challenge", 40, "2026", ""}, {"M4", 12, "", ""}};
  registry.models[3].benchmarks = {{"ARC-Challenge", 60, "", ""}, {"m4", 10, "", ""}};
  const auto catalogue = sample_catalogue();
  const auto rows = compare(registry, &catalogue, "ArcChallenge");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].model, "microsoft-phi-2");
  EXPECT_DOUBLE_EQ(compare(registry, &catalogue, "M4").at(0).score, 10) << "lower is better";
  const auto summary = summarize(registry, catalogue);
  EXPECT_EQ(summary.size(), 22u);
  const auto arc = std::ranges::find(summary, "ARC-Challenge", &BenchmarkSummary::benchmark);
  EXPECT_EQ(arc->models, 2u);
  EXPECT_DOUBLE_EQ(arc->mean, 50);
  EXPECT_DOUBLE_EQ(arc->best, 60);
}

}  // namespace
}  // namespace tablinum::models
