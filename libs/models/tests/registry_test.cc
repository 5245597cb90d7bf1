#include "tablinum/models/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

namespace tablinum::models {
namespace {

// Normalised, since a fresh checkout has no tests/data here.
const std::string kSamples = std::filesystem::path{TABLINUM_TEST_DATA "/../../../../samples/models/"}.lexically_normal().string();

TEST(Registry, TheSampleHasTheContractsSevenModels) {
  const auto registry = load_registry(kSamples + "MODEL_REGISTRY.json");
  ASSERT_TRUE(registry) << registry.error().detail;
  ASSERT_EQ(registry->models.size(), 7u);
  const auto memory = [&](std::string_view name) { return registry->models.at(registry->find(name).value()).variants; };
  EXPECT_EQ(memory("google-gemma-3-270m-it"), (std::vector<MemoryVariant>{{2048, ""}}));
  EXPECT_EQ(memory("Llama-3.3-70B-Instruct-Q4_K_M"), (std::vector<MemoryVariant>{{49'152, ""}}));
  EXPECT_EQ(memory("translategemma-27b-it-GGUF"),
            (std::vector<MemoryVariant>{{20'480, "Q4_K_M"}, {24'576, "Q6_K"}, {32'768, "Q8_0"}}));
  EXPECT_EQ(registry->models[2].agent_types, 3);
  EXPECT_EQ(registry->lists.size(), 4u);
  EXPECT_EQ(registry->find("none"), std::nullopt);
}

TEST(Registry, TheSampleCatalogueIsTheContracts) {
  const auto catalogue = load_categories(kSamples + "task_categories.json");
  ASSERT_TRUE(catalogue) << catalogue.error().detail;
  EXPECT_EQ(catalogue->categories.size(), 9u);
  EXPECT_EQ(catalogue->default_category, "code");
  EXPECT_EQ(catalogue->fallback_model, "google-gemma-3-270m-it");
  ASSERT_EQ(catalogue->gpu_profiles.size(), 3u);
  EXPECT_EQ(catalogue->gpu_profiles[0].memory_mb_max, 14u * 1024);
  const auto* series = catalogue->find("time_series");
  ASSERT_NE(series, nullptr);
  EXPECT_TRUE(series->benchmarks[0].lower_is_better);
  EXPECT_TRUE(series->benchmarks[1].lower_is_better);
  EXPECT_EQ(series->benchmarks[1].high, std::numeric_limits<double>::infinity());
  EXPECT_FALSE(catalogue->find("math")->benchmarks[0].lower_is_better);
  EXPECT_DOUBLE_EQ(catalogue->find("math")->benchmarks[1].weight, 1.5);
  EXPECT_DOUBLE_EQ(catalogue->find("reasoning")->benchmarks[0].weight, 1.3);
}

struct MemoryCase {
  const char* text;
  std::vector<std::uint32_t> mb;  // empty: refused
};
class Memory : public testing::TestWithParam<MemoryCase> {};
TEST_P(Memory, IsReadOrRefused) {
  const auto variants = parse_memory(GetParam().text);
  std::vector<std::uint32_t> mb;
  if (variants) {
    for (const auto& variant : *variants) mb.push_back(variant.mb);
  } else {
    EXPECT_EQ(variants.error().code, Code::invalid);
  }
  EXPECT_EQ(mb, GetParam().mb) << GetParam().text;
}
INSTANTIATE_TEST_SUITE_P(
    Cases, Memory,
    testing::Values(MemoryCase{"2GB", {2048}}, MemoryCase{" 2 GB ", {2048}}, MemoryCase{"1.5GiB", {1536}}, MemoryCase{"512MB", {512}},
                    MemoryCase{"0.5 mb", {1}}, MemoryCase{"16TB", {16u << 20}}, MemoryCase{"24GB (b), 20GB (a)", {20480, 24576}},
                    MemoryCase{"20GB(Q4),24GB", {20480, 24576}}, MemoryCase{"", {}}, MemoryCase{"GB", {}}, MemoryCase{"2", {}}, MemoryCase{"-2GB", {}},
                    MemoryCase{"0GB", {}}, MemoryCase{"17TB", {}}, MemoryCase{"2GB,", {}}, MemoryCase{"2GB (open", {}}, MemoryCase{"2GB x", {}},
                    MemoryCase{"nanGB", {}}, MemoryCase{"infGB", {}}, MemoryCase{"N/A", {}}));

TEST(MemoryText, AsManyVariantsAsTheLimitAndNoMore) {
  std::string text = "1GB";
  for (std::size_t i = 1; i < kVariantsMax; ++i) text += ",1GB";
  EXPECT_EQ(parse_memory(text)->size(), kVariantsMax);
  EXPECT_EQ(parse_memory(text + ",1GB").error().code, Code::limit);
}

TEST(Registry, ErrorsAreTheDocumentedOnes) {
  EXPECT_EQ(parse_registry("{").error().code, Code::corrupt);
  EXPECT_EQ(parse_registry("").error().code, Code::corrupt);
  EXPECT_EQ(parse_registry("[]").error().code, Code::invalid);
  EXPECT_EQ(parse_registry("{}").error().code, Code::invalid);
  EXPECT_EQ(parse_registry(R"({"models":[{"name":"a","hf_repo":"b"}]})").error().code, Code::invalid);
  EXPECT_THAT(parse_registry(R"({"models":[{"name":"a","hf_repo":"b"}]})").error().detail, testing::HasSubstr("gpu_memory"));
  EXPECT_EQ(parse_registry(std::string(1000, '[')).error().code, Code::corrupt);
  EXPECT_EQ(load_registry("/nowhere.json").error().code, Code::not_found);
  EXPECT_EQ(parse_categories("{}").error().code, Code::invalid);
  EXPECT_EQ(parse_registry(std::string(kRegistryBytesMax + 1, ' ')).error().code, Code::too_large);
}

TEST(Registry, AnUnreadableMemoryTextDoesNotStopLoading) {
  const auto registry = parse_registry(R"({"models":[{"name":"a","hf_repo":"b","gpu_memory":"much"}]})");
  ASSERT_TRUE(registry);
  EXPECT_TRUE(registry->models[0].variants.empty());
}

TEST(Registry, OnlyUsableScoresAreTaken) {
  const auto registry = parse_registry(R"({"models":[{"name":"a","hf_repo":"b","gpu_memory":"1GB","benchmarks":{
    "MMLU":{"score":56.3,"date":"2026","source":"card"},"x":12,"y":"good","z":{"score":101},"w":{"score":-1},"v":{"accuracy":3}}}]})");
  ASSERT_TRUE(registry);
  ASSERT_EQ(registry->models[0].benchmarks.size(), 1u);
  EXPECT_EQ(registry->models[0].benchmarks[0].source, "card");
}

TEST(Benchmarks, BothSpellingsAreOneAndDirectionCounts) {
  EXPECT_EQ(benchmark_key("ARC-Challenge"), benchmark_key("arc_challenge"));
  EXPECT_EQ(benchmark_key("BEIR"), "beir");
  BenchmarkSpec higher, lower, open;
  EXPECT_DOUBLE_EQ(benchmark_points(higher, 0.5), 50);
  EXPECT_DOUBLE_EQ(benchmark_points(higher, 1), 100);
  EXPECT_DOUBLE_EQ(benchmark_points(higher, 1.5), 1.5);
  lower.lower_is_better = open.lower_is_better = true;
  lower.high = 200;
  open.high = std::numeric_limits<double>::infinity();
  EXPECT_DOUBLE_EQ(benchmark_points(lower, 50), 75);
  EXPECT_DOUBLE_EQ(benchmark_points(lower, 250), 0);
  EXPECT_DOUBLE_EQ(benchmark_points(open, 0), 100);
  EXPECT_DOUBLE_EQ(benchmark_points(open, 3), 25);
}

}  // namespace
}  // namespace tablinum::models
