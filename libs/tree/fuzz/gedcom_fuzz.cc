// Law: whatever is read can be written, and reading that gives the same records without a repair; so writing is a fixpoint.
// And the lines do not depend on how the bytes are cut into chunks.
#include <cstdio>
#include <cstdlib>
#include <unordered_map>
#include <vector>

#include "tablinum/tree/gedcom/reader.h"
#include "tablinum/tree/gedcom/writer.h"

namespace {

using namespace tablinum;
using namespace tablinum::tree;
using namespace tablinum::tree::gedcom;

struct File {
  Dialect dialect{};
  Structure header;
  std::vector<std::pair<std::string, Structure>> records;
  std::vector<RecordId> ids;
  Findings findings;
};

RecordId numbered(std::uint32_t n) {
  Uuid id;
  for (int i = 0; i < 4; ++i) id.bytes[12 + i] = static_cast<std::uint8_t>((n + 1) >> (24 - 8 * i));
  return RecordId{id};
}

void check(bool holds, const char* law) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", law);
  std::abort();
}

ForEachChunk in_chunks(ByteView bytes, std::size_t chunk_bytes) {
  return [=](const std::function<Result<void>(ByteView)>& take) -> Result<void> {
    for (std::size_t at = 0; at < bytes.size(); at += chunk_bytes) {
      CHECK_OK(take(bytes.subspan(at, std::min(chunk_bytes, bytes.size() - at))));
    }
    return {};
  };
}

Result<File> read(ByteView bytes, std::size_t chunk_bytes, std::vector<RecordId> ids) {
  const auto chunks = in_chunks(bytes, chunk_bytes);
  TRY(survey, survey_file(chunks));
  File file;
  file.dialect = survey.dialect();
  for (auto n = static_cast<std::uint32_t>(ids.size()); n < survey.records(); ++n) ids.push_back(numbered(n));
  check(ids.size() == survey.records(), "as many records as were written");
  const auto keep = [&](Record& record) -> Result<void> {
    Bytes bytes_of_record;
    encode(record.structure, bytes_of_record);
    const auto decoded = decode(bytes_of_record);
    check(decoded && *decoded == record.structure, "every record can be stored");
    if (record.kind == Record::Kind::header) file.header = record.structure.clone();
    if (record.kind != Record::Kind::record) return {};
    file.records.emplace_back(record.xref, record.structure.clone());
    file.ids.push_back(record.id);
    return {};
  };
  CHECK_OK(read_file(chunks, survey, ids, keep, file.findings));
  return file;
}

std::string written(const File& file) {
  std::unordered_map<RecordId, std::string_view> xrefs;
  for (std::size_t i = 0; i < file.records.size(); ++i) xrefs[file.ids[i]] = file.records[i].first;
  std::string out;
  Writer writer{file.dialect, [&](const RecordId& id) { return xrefs[id]; },
                [&](std::string_view text) -> Result<void> { return out += text, Result<void>{}; }};
  check(writer.header(file.header).has_value(), "headers can be written");
  for (const auto& [xref, structure] : file.records)
    check(writer.record(xref, structure).has_value(), "records can be written");
  check(writer.finish().has_value(), "files can be ended");
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span{data, size});
  const auto first = read(bytes, std::max<std::size_t>(size, 1), {});
  if (!first) return 0;
  const auto text = written(*first);
  const auto second = read(bytes_of(text), text.size(), first->ids);
  check(second.has_value(), "what was written can be read");
  check(second->findings.count(Severity::repaired) + second->findings.count(Severity::lost) == 0, "and needs no repair");
  check(second->records == first->records, "and is the same");
  check(written(*second) == text, "writing is a fixpoint");
  const auto pieces = read(bytes, 5, {});
  check(pieces && pieces->records == first->records && pieces->findings.total() == first->findings.total(),
        "chunks do not matter");
  return 0;
}
