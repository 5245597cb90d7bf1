#pragma once
/// Whole files through a Conversion, in memory.
#include <unordered_map>

#include <cstdlib>

#include "gedcom_util.h"
#include "tablinum/tree/convert/convert.h"

namespace tablinum::tree::convert {

struct Converted {
  std::string text;
  std::unordered_map<std::string, std::uint64_t> reports;  // by code
};

/// Writes a loaded file in the other dialect.
inline Converted converted(const gedcom::Loaded& loaded, Dialect to) {
  Converted result;
  Conversion conversion{to, [&](NoteCode code, std::string_view, std::string_view) {
                          ++result.reports[std::string{to_string(code)}];
                        }};
  conversion.look_at_header(loaded.header);
  for (const auto& item : loaded.records) conversion.look_at(item.id, item.xref, item.structure);
  conversion.prepare();
  std::vector<std::pair<std::string, Structure>> records;
  const auto take = [&](std::string_view xref, const Structure& record) -> Result<void> {
    records.emplace_back(xref, record.clone());
    return {};
  };
  for (const auto& item : loaded.records) (void)conversion.convert(item.id, item.structure, take);
  (void)conversion.finish(take);
  gedcom::Writer writer{to, [&](const RecordId& id) { return conversion.xref_of(id); },
                        [&](std::string_view text) -> Result<void> { return result.text += text, Result<void>{}; }};
  (void)writer.header(conversion.header());
  for (const auto& [xref, record] : records) (void)writer.record(xref, record);
  (void)writer.finish();
  return result;
}

inline Converted converted(std::string_view text, Dialect to) {
  const auto loaded = gedcom::load(text);
  return loaded ? converted(*loaded, to) : Converted{};
}

inline Dialect other_dialect(Dialect dialect) {
  return dialect == Dialect::gedcom551 ? Dialect::gedcom70 : Dialect::gedcom551;
}

/// The promise of conversion: there and back gives the same file, and nothing on the way needs a repair.
/// @return what is wrong; empty if nothing
inline std::string promise_broken_by(const gedcom::Loaded& original) {
  const auto there = converted(original, other_dialect(original.dialect));
  const auto read = gedcom::load(there.text);
  if (!read) return "the converted file cannot be read: " + describe(read.error());
  if (read->dialect == original.dialect) return "the converted file is of the same version";
  if (const auto repairs = gedcom::summary(read->findings, gedcom::Severity::repaired); !repairs.empty())
    return "the converted file needs repair: " + repairs + "\n" + there.text;
  const auto back = converted(*read, original.dialect);
  const auto again = gedcom::load(back.text);
  if (!again) return "the file converted back cannot be read: " + describe(again.error());
  const auto before = gedcom::store(original), after = gedcom::store(*again);
  if (before == after) return {};
  if (const char* folder = std::getenv("TABLINUM_CONVERT_DUMP")) {  // to look at what went wrong
    std::ofstream{std::string{folder} + "/before.ged"} << before;
    std::ofstream{std::string{folder} + "/there.ged"} << there.text;
    std::ofstream{std::string{folder} + "/after.ged"} << after;
  }
  std::size_t at = 0, line = 1;
  while (at < before.size() && at < after.size() && before[at] == after[at]) line += before[at++] == '\n';
  const auto from = before.rfind('\n', at == 0 ? 0 : at - 1);
  const auto start = from == std::string::npos ? 0 : from + 1;
  return "line " + std::to_string(line) + " differs:\n" + before.substr(start, 200) + "\n--- instead:\n" +
         after.substr(std::min(start, after.size()), 300);
}

}  // namespace tablinum::tree::convert
