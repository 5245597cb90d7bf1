#pragma once
/// What a Survey keeps; shared by the surveyor and the reader.
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "gedcom/xref_table.h"
#include "tablinum/tree/gedcom/reader.h"

namespace tablinum::tree::gedcom {

struct Survey::State {
  CharsetDetection charset;
  Dialect dialect = Dialect::gedcom551;
  std::string version;
  std::uint64_t bytes = 0;
  std::uint64_t lines = 0;
  std::vector<Tag> tags;  // of each record
  XrefTable xrefs;
  std::unordered_set<std::uint32_t> repeated;  // first records of identifiers that come again

  /// Identifiers without regard to case and blanks; kAmbiguous where several fold to one. Built when first needed: most files
  /// have no pointer that wants it.
  const XrefTable& folded() const;

 private:
  mutable std::once_flag folded_once_;
  mutable XrefTable folded_;
};

inline constexpr std::uint32_t kAmbiguous = XrefTable::kNone - 1;
std::string folded_xref(std::string_view xref);

}  // namespace tablinum::tree::gedcom
