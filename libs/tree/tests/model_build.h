#pragma once
/// Builds a structure from GEDCOM lines, without the reader: for tests of the typed view.
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/tree/structure.h"

namespace tablinum::tree::model {

/// "@I1@" → a record id made of the xref's letters; "@VOID@" → zero.
inline RecordId id_of(std::string_view xref) {
  Uuid id;
  if (xref != "VOID")
    for (std::size_t i = 0; i < xref.size() && i < id.bytes.size(); ++i) id.bytes[i] = static_cast<std::uint8_t>(xref[i]);
  return RecordId{id};
}

/// Lines "LEVEL TAG[ PAYLOAD]", one a line, the first at level 0. A payload @X@ is a record pointer, @?X@ a dangling one.
inline Structure build(std::string_view lines, Dialect dialect = Dialect::gedcom551) {
  Structure record{dialect};
  std::vector<std::uint32_t> path;
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    auto line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.empty()) continue;
    const auto level = static_cast<std::size_t>(std::atoi(std::string{line}.c_str()));
    line.remove_prefix(line.find(' ') + 1);
    const auto space = line.find(' ');
    const auto tag = line.substr(0, space);
    path.resize(level);
    const auto parent = level == 0 ? kNoNode : path.back();
    if (space == std::string_view::npos) {
      path.push_back(record.append(parent, tag));
      continue;
    }
    const auto payload = line.substr(space + 1);
    if (payload.size() > 2 && payload.starts_with("@") && payload.ends_with("@") && !payload.starts_with("@#")) {
      const auto xref = payload.substr(1, payload.size() - 2);
      const bool dangling = xref.starts_with("?");
      path.push_back(dangling ? record.append(parent, tag, PayloadKind::dangling, xref.substr(1))
                              : record.append(parent, tag, PayloadKind::record, {}, id_of(xref)));
    } else {
      path.push_back(record.append(parent, tag, PayloadKind::text, payload));
    }
  }
  record.number_nodes();
  return record;
}

}  // namespace tablinum::tree::model
