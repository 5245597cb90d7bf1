#pragma once
/// Reads a whole file into memory and writes it back: what the tests of the reader and the writer need again and again.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <unordered_map>
#include <vector>

#include "tablinum/tree/gedcom/reader.h"
#include "tablinum/tree/gedcom/writer.h"

namespace tablinum::tree::gedcom {

struct Item {
  RecordId id;
  std::string xref;
  std::uint64_t line = 0;
  Structure structure;
};

struct Loaded {
  CharsetDetection charset;
  Dialect dialect = Dialect::gedcom551;
  std::string version;
  std::uint64_t lines = 0;
  std::uint32_t survey_records = 0;
  Structure header;  // empty if the file has none
  bool has_trailer = false;
  std::vector<Item> records;
  Findings findings;
};

inline RecordId test_id(std::uint32_t n) {
  Uuid id;
  for (int i = 0; i < 4; ++i) id.bytes[12 + i] = static_cast<std::uint8_t>((n + 1) >> (24 - 8 * i));
  return RecordId{id};
}

/// Chunks of `bytes` as large as `chunk_bytes`.
inline ForEachChunk in_chunks(std::string_view bytes, std::size_t chunk_bytes) {
  return [bytes, chunk_bytes](const std::function<Result<void>(ByteView)>& take) -> Result<void> {
    for (std::size_t at = 0; at < bytes.size(); at += chunk_bytes) {
      // A copy of its own, so that a sanitizer sees any view that outlives its chunk.
      const std::string chunk{bytes.substr(at, chunk_bytes)};
      CHECK_OK(take(bytes_of(chunk)));
    }
    return {};
  };
}

/// @param ids  of the records that the file has; by default test_id(ordinal).
inline Result<Loaded> load(std::string_view bytes, std::vector<RecordId> ids = {},
                           std::size_t chunk_bytes = std::size_t{1} << 20, std::optional<CharsetId> charset = {}) {
  const auto file = in_chunks(bytes, chunk_bytes);
  TRY(survey, survey_file(file, {}, charset));
  Loaded loaded;
  loaded.charset = survey.charset();
  loaded.dialect = survey.dialect();
  loaded.version = survey.version();
  loaded.lines = survey.lines();
  loaded.survey_records = survey.records();
  for (auto n = static_cast<std::uint32_t>(ids.size()); n < survey.records(); ++n) ids.push_back(test_id(n));
  ids.resize(survey.records());
  const auto keep = [&](Record& record) -> Result<void> {
    switch (record.kind) {
      case Record::Kind::header: loaded.header = record.structure.clone(); break;
      case Record::Kind::trailer: loaded.has_trailer = true; break;
      case Record::Kind::record:
        loaded.records.push_back({record.id, std::string{record.xref}, record.line, record.structure.clone()});
    }
    return {};
  };
  CHECK_OK(read_file(file, survey, ids, keep, loaded.findings));
  return loaded;
}

inline std::string store(const Loaded& loaded) {
  std::unordered_map<RecordId, std::string_view> xrefs;
  for (const auto& item : loaded.records) xrefs[item.id] = item.xref;
  std::string out;
  Writer writer{loaded.dialect, [&](const RecordId& id) { return xrefs[id]; },
                [&](std::string_view text) -> Result<void> { return out += text, Result<void>{}; }};
  (void)writer.header(loaded.header);
  for (const auto& item : loaded.records) (void)writer.record(item.xref, item.structure);
  (void)writer.finish();
  return out;
}

inline std::vector<RecordId> ids_of(const Loaded& loaded) {
  std::vector<RecordId> ids;
  for (const auto& item : loaded.records) ids.push_back(item.id);
  return ids;
}

/// "level_skipped 2, tag_unknown 1", for comparisons and messages.
inline std::string summary(const Findings& findings, Severity least = Severity::info) {
  std::string out;
  for (std::size_t i = 0; i < kFindingCodeCount; ++i) {
    const auto code = static_cast<FindingCode>(i);
    if (findings.count(code) == 0 || severity_of(code) < least) continue;
    out += (out.empty() ? "" : ", ") + std::string{to_string(code)} + " " + std::to_string(findings.count(code));
  }
  return out;
}

inline std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The one law of reading and writing: what was read comes back equal from what is written of it, and needs no repair then.
/// @return what is wrong; empty if nothing.
inline std::string law_broken_by(const Loaded& first) {
  const auto text = store(first);
  const auto second = load(text, ids_of(first));
  if (!second) return "written file cannot be read: " + describe(second.error());
  if (const auto repairs = summary(second->findings, Severity::repaired); !repairs.empty())
    return "needs repair again: " + repairs;
  if (second->dialect != first.dialect) return "dialect changed";
  if (second->records.size() != first.records.size()) return "number of records changed";
  for (std::size_t i = 0; i < first.records.size(); ++i) {
    if (second->records[i].xref != first.records[i].xref) return "xref changed: " + first.records[i].xref;
    if (second->records[i].structure != first.records[i].structure) return "record changed: " + first.records[i].xref;
  }
  if (store(*second) != text) return "writing is no fixpoint";
  return {};
}

}  // namespace tablinum::tree::gedcom
