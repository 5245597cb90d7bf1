#include "tablinum/models/extractor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace tablinum::models {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// All cards are written for these tests; no model has these figures.
std::map<std::string, double> scores(const std::string& readme, const std::string& repository = "o/Own-7B") {
  std::map<std::string, double> found;
  const auto extracted = extract(repository, {readme, ""});
  EXPECT_TRUE(extracted) << extracted.error().detail;
  for (const auto& score : extracted->benchmarks) found[score.name] = score.score;
  return found;
}
using Scores = std::map<std::string, double>;

TEST(Card, ShotsAreNoScores) {
  EXPECT_EQ(scores("GSM8K 5-shot\n"), Scores{});
  EXPECT_EQ(scores("MMLU (5-shot): 56.3\n"), (Scores{{"MMLU", 56.3}}));
  EXPECT_EQ(scores("HumanEval: 0-shot\nMBPP 3 shot\n"), Scores{});
  EXPECT_EQ(scores("GSM8K accuracy of 57.2%.\n"), (Scores{{"GSM8K", 57.2}}));
}

TEST(Card, OtherBenchmarksAreNotTaken) {
  EXPECT_EQ(scores("MMLU-Pro: 40.1\nHumanEval+: 60\nMATH-500: 70\nmath: 7\nMMLU: 7B\nMMLU: 2024-01\n"), Scores{});
  EXPECT_EQ(scores("MATH: 12.5\n"), (Scores{{"MATH", 12.5}}));
}

TEST(Card, TablesByRow) {
  EXPECT_EQ(scores("| Benchmark | Setting | Score |\n|---|---|---|\n| MMLU | 5-shot | 56.3 |\n| **GSM8K** (8-shot) | CoT | 57.0 |\n"),
            (Scores{{"MMLU", 56.3}, {"GSM8K", 57.0}}));
  EXPECT_EQ(scores("| Benchmark | n-shot | Value |\n|---|---|---|\n| MMLU | 5 | 56.3 |\n"), (Scores{{"MMLU", 56.3}})) << "the header says shots";
}

TEST(Card, TablesOfSeveralModelsCountByTheModelsName) {
  const std::string table = "| | Other-7B | Own-7B |\n|---|---|---|\n| MMLU | 60 | 50 |\n| ARC-c | 70 | 40.5 |\n";
  EXPECT_EQ(scores(table), (Scores{{"MMLU", 50}, {"ARC-Challenge", 40.5}}));
  EXPECT_EQ(scores(table, "o/Unnamed-7B"), Scores{}) << "whose scores they are is not known";
  EXPECT_EQ(scores("| Model | MMLU | HellaSwag |\n|:--|--:|--:|\n| Other-7B | 60 | 61 |\n| Own-7B | 50 | 51 |\n"), (Scores{{"MMLU", 50}, {"HellaSwag", 51}}));
}

TEST(Card, FrontMatterAndNames) {
  const auto e = extract("o/Own-Coder-1.5B-Instruct-Q4_K_M.gguf", {"---\nlicense: apache-2.0\nlanguage:\n- en\n- sn\ntags: [code, \"math\"]\npipeline_tag: text-generation\n---\n"
                                                                  "A context length of 32K tokens.\n",
                                                                  ""});
  ASSERT_TRUE(e);
  EXPECT_EQ(e->license, "apache-2.0");
  EXPECT_THAT(e->languages, ElementsAre("en", "sn"));
  EXPECT_EQ(e->parameters, "1.5B");
  EXPECT_EQ(e->quantization, "Q4_K_M");
  EXPECT_EQ(e->context_length, 32'768u);
  EXPECT_THAT(e->categories, ElementsAre("code", "math", "relational"));
  EXPECT_THAT(e->agent_types, ElementsAre("inference", "tool"));
}

TEST(Api, TagsIndexAndConfiguration) {
  const auto e = extract("o/x", {"", R"J({"pipeline_tag":"document-question-answering","downloads":12,"likes":3,"lastModified":"2026-01-02T03:04:05Z",
    "tags":["license:mit","fr","gguf","code"],"safetensors":{"total":7241732096},"config":{"max_position_embeddings":4096},
    "cardData":{"model-index":[{"results":[{"dataset":{"name":"MMLU (5-Shot)","type":"cais/mmlu"},"metrics":[{"type":"acc","value":56.3}]},
      {"dataset":{"name":"Private","type":"p"},"metrics":[{"value":99}]},{"dataset":{"name":"GSM8K"},"metrics":[]}]}]}})J"});
  ASSERT_TRUE(e) << e.error().detail;
  EXPECT_EQ(e->license, "mit");
  EXPECT_THAT(e->languages, ElementsAre("fr"));
  EXPECT_EQ(e->parameters, "7.24B");
  EXPECT_EQ(e->context_length, 4'096u);
  EXPECT_EQ(e->downloads, 12u);
  EXPECT_THAT(e->categories, ElementsAre("ocr_extraction", "reasoning", "code"));
  EXPECT_THAT(e->agent_types, ElementsAre("inference", "tool", "orchestrator"));
  ASSERT_EQ(e->benchmarks.size(), 1u);
  EXPECT_EQ(e->benchmarks[0].score, 56.3);
  EXPECT_EQ(e->benchmarks[0].date, "2026-01-02");
  EXPECT_EQ(e->benchmarks[0].source, "model-index of o/x");
}

TEST(Extractor, HostileInput) {
  EXPECT_EQ(extract("o/x", {"", "{"}).error().code, Code::corrupt);
  for (const auto* name : {"", "x", "/x", "o/", "o/x/y", "../x", "o/..", "o/x y"}) EXPECT_EQ(extract(name, {}).error().code, Code::invalid) << name;
  EXPECT_THAT(extract("o/x", {"---\nlicense: mit\n", ""})->license, IsEmpty()) << "front matter that never closes is a rule";
  EXPECT_TRUE(extract("o/x", {std::string(100'000, '|') + "\n|-|\n|MMLU(|[\n(\n", ""}));
}

TEST(Extractor, ReadsFromFolderAndFetch) {
  const auto folder = testing::TempDir() + "models_cards_" + std::to_string(getpid());
  std::filesystem::create_directories(folder + "/o/x");
  std::ofstream{folder + "/o/x/README.md"} << "MMLU: 12\n";
  std::ofstream{folder + "/o__y.json"} << R"({"likes":4})";
  EXPECT_EQ(read_card(folder, "o/x")->readme, "MMLU: 12\n");
  EXPECT_EQ(read_card(folder, "o/y")->api, R"({"likes":4})");
  EXPECT_TRUE(read_card(folder, "o/z")->empty());
  EXPECT_EQ(read_card(folder, "../x").error().code, Code::invalid);
  const Fetch fetch = [](const std::string& path) -> Result<std::string> {
    if (path == "/api/models/o/x") return std::string{"{}"};
    return fail(Code::not_found);
  };
  EXPECT_EQ(fetch_card(fetch, "o/x")->api, "{}");
  const Fetch broken = [](const std::string&) -> Result<std::string> { return fail(Code::refused); };
  EXPECT_EQ(fetch_card(broken, "o/x").error().code, Code::refused);
  std::filesystem::remove_all(folder);
}

TEST(Enrich, AddsAndLosesNothing) {
  const std::string registry = R"({"unknown":{"kept":[1,2.5,true,null,"ä\n"]},"models":[{"name":"a","hf_repo":"o/a","gpu_memory":"2GB",
    "orchestration_categories":["math"],"benchmarks":{"mmlu":{"score":50},"GSM8K":"good"},"specifications":{"context_length":2048},"own":1},
    {"name":"b","hf_repo":"o/b","gpu_memory":"2GB"}]})";
  const auto card = extract("o/a", {"---\nlicense: mit\n---\nMMLU: 60\nGSM8K: 70\ncontext length 4096\n", R"({"pipeline_tag":"summarization"})"}).value();
  const auto text = enrich(registry, {card, std::nullopt});
  ASSERT_TRUE(text) << text.error().detail;
  const auto parsed = parse_registry(*text).value();
  EXPECT_THAT(parsed.models[0].categories, ElementsAre("math", "summarization"));
  EXPECT_EQ(parsed.models[0].agent_types, 1 | 4);
  EXPECT_EQ(parsed.models[0].license, "mit");
  EXPECT_EQ(parsed.models[0].context_length, 2'048u) << "what was there stays";
  ASSERT_EQ(parsed.models[0].benchmarks.size(), 2u);
  EXPECT_EQ(parsed.models[0].benchmarks[0].score, 50) << "a usable score stays";
  EXPECT_EQ(parsed.models[0].benchmarks[1].score, 70) << "an unusable one is replaced";
  EXPECT_THAT(*text, HasSubstr("\"ä\\n\""));
  EXPECT_THAT(*text, HasSubstr("2.5"));
  EXPECT_EQ(enrich(*text, {card, std::nullopt}).value(), *text) << "again changes nothing";
  EXPECT_EQ(enrich("{}", {}).error().code, Code::invalid);
}

}  // namespace
}  // namespace tablinum::models
