#pragma once
/// What a Survey keeps; shared by the surveyor and the reader.
#include <array>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "gedcom/xref_table.h"
#include "tablinum/tree/gedcom/reader.h"

namespace tablinum::tree::gedcom {

/// The highest number after each capital letter in identifiers and pointers, so that a new identifier meets none of them: not
/// even a pointer to nothing, which would then point to something.
class HighestNumbers {
 public:
  /// @param line  of a file; what stands between its last two @ may be a pointer.
  void take_line(std::string_view line) noexcept;
  void take(std::string_view xref) noexcept;
  std::uint64_t of(char letter) const noexcept { return highest_[static_cast<std::size_t>(letter - 'A')]; }

 private:
  std::array<std::uint64_t, 26> highest_{};
};

struct Survey::State {
  CharsetDetection charset;
  Dialect dialect = Dialect::gedcom551;
  std::string version;
  std::uint64_t bytes = 0;
  std::uint64_t lines = 0;
  std::vector<Tag> tags;  // of each record
  XrefTable xrefs;
  HighestNumbers highest;
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
