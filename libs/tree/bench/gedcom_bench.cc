// Reading and writing GEDCOM. The file is TABLINUM_BENCH_GEDCOM, or else a synthetic one of the same shape.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tablinum/tree/gedcom/reader.h"
#include "tablinum/tree/gedcom/writer.h"

namespace tablinum::tree::gedcom {
namespace {

constexpr int kSyntheticPeople = 100'000;

std::string synthetic() {
  std::string out = "0 HEAD\n1 GEDC\n2 VERS 5.5.1\n2 FORM LINEAGE-LINKED\n1 CHAR UTF-8\n";
  for (int i = 1; i <= kSyntheticPeople; ++i) {
    const auto n = std::to_string(i), family = std::to_string(i / 3 + 1), source = std::to_string(i % 500 + 1);
    out += "0 @I" + n +
           "@ INDI\n1 NAME Tendai /Moyo/\n2 GIVN Tendai\n2 SURN Moyo\n1 SEX M\n1 BIRT\n2 DATE ABT 1850\n"
           "2 PLAC Gweru, Midlands, Zimbabwe\n2 SOUR @S" +
           source +
           "@\n3 PAGE fol. 12, no. 7\n3 QUAY 2\n1 DEAT\n"
           "2 DATE BET 1901 AND 1903\n1 FAMS @F" +
           family + "@\n";
  }
  for (int i = 1; i <= kSyntheticPeople / 3 + 1; ++i) {
    out += "0 @F" + std::to_string(i) + "@ FAM\n1 HUSB @I" + std::to_string(3 * i - 2) + "@\n1 MARR\n2 DATE 1 JAN 1875\n";
  }
  for (int i = 1; i <= 500; ++i) out += "0 @S" + std::to_string(i) + "@ SOUR\n1 TITL Parish register\n";
  return out + "0 TRLR\n";
}

const std::string& input() {
  static const std::string text = [] {
    const char* const path = std::getenv("TABLINUM_BENCH_GEDCOM");
    if (path == nullptr) return synthetic();
    std::ifstream file(path, std::ios::binary);
    return std::string{std::istreambuf_iterator<char>(file), {}};
  }();
  return text;
}

void count_bytes(benchmark::State& state) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(input().size()));
}

void BM_Lines(benchmark::State& state) {
  for (auto _ : state) {
    LineReader reader;
    std::uint64_t levels = 0;
    reader.feed(input());
    reader.finish();
    for (Line line; reader.next(line);) levels += fields_of(line.text).level;
    benchmark::DoNotOptimize(levels);
  }
  count_bytes(state);
}

void BM_Detect(benchmark::State& state) {
  for (auto _ : state) {
    CharsetDetector detector;
    detector.feed(bytes_of(input()));
    benchmark::DoNotOptimize(detector.finish());
  }
  count_bytes(state);
}

void BM_Survey(benchmark::State& state) {
  for (auto _ : state) {
    Surveyor surveyor{CharsetDetection{}};
    (void)surveyor.feed(bytes_of(input()));
    benchmark::DoNotOptimize(surveyor.finish());
  }
  count_bytes(state);
}

/// The figure of the design: bytes to structures, pointers resolved, nodes numbered.
void BM_Structures(benchmark::State& state) {
  const auto survey = survey_file(chunks_of(bytes_of(input()))).value();
  const std::vector<RecordId> ids(survey.records());
  for (auto _ : state) {
    Findings findings;
    std::size_t nodes = 0;
    const auto read = read_file(
        chunks_of(bytes_of(input())), survey, ids,
        [&](Record& record) -> Result<void> {
          nodes += record.structure.nodes().size();
          return {};
        },
        findings);
    benchmark::DoNotOptimize(read);
    benchmark::DoNotOptimize(nodes);
  }
  count_bytes(state);
}

void BM_StructuresEncoded(benchmark::State& state) {
  const auto survey = survey_file(chunks_of(bytes_of(input()))).value();
  const std::vector<RecordId> ids(survey.records());
  for (auto _ : state) {
    Findings findings;
    Bytes out;
    const auto read = read_file(
        chunks_of(bytes_of(input())), survey, ids,
        [&](Record& record) -> Result<void> {
          out.clear();
          encode(record.structure, out);
          return {};
        },
        findings);
    benchmark::DoNotOptimize(read);
  }
  count_bytes(state);
}

void BM_Decode(benchmark::State& state) {
  const auto survey = survey_file(chunks_of(bytes_of(input()))).value();
  const std::vector<RecordId> ids(survey.records());
  std::vector<Bytes> records;
  Findings findings;
  (void)read_file(
      chunks_of(bytes_of(input())), survey, ids,
      [&](Record& record) -> Result<void> {
        encode(record.structure, records.emplace_back());
        return {};
      },
      findings);
  for (auto _ : state) {
    for (const auto& bytes : records) benchmark::DoNotOptimize(decode(bytes));
  }
  count_bytes(state);
}

void BM_Write(benchmark::State& state) {
  const auto survey = survey_file(chunks_of(bytes_of(input()))).value();
  const std::vector<RecordId> ids(survey.records());
  std::vector<std::pair<std::string, Structure>> records;
  Findings findings;
  (void)read_file(
      chunks_of(bytes_of(input())), survey, ids,
      [&](Record& record) -> Result<void> {
        if (record.kind == Record::Kind::record) records.emplace_back(record.xref, record.structure.clone());
        return {};
      },
      findings);
  for (auto _ : state) {
    std::size_t bytes = 0;
    Writer writer{survey.dialect(), [](const RecordId&) { return std::string_view{"I1"}; },
                  [&](std::string_view text) -> Result<void> { return bytes += text.size(), Result<void>{}; }};
    for (const auto& [xref, structure] : records) (void)writer.record(xref, structure);
    (void)writer.finish();
    benchmark::DoNotOptimize(bytes);
  }
  count_bytes(state);
}

BENCHMARK(BM_Lines)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Detect)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Survey)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Structures)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_StructuresEncoded)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Decode)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Write)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tablinum::tree::gedcom
