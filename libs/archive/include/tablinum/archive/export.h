#pragma once
/// Taking a tree out again, in the version and with the structures that came in.  Design: archive.md §2.
#include <functional>
#include <string>

#include "tablinum/archive/archive.h"

namespace tablinum::archive {

enum class ExportFormat : std::uint8_t {
  original,  ///< one GEDCOM file
  gedzip     ///< the same with the media files beside it
};

struct ExportReport {
  std::string path;
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;
  std::uint64_t media = 0;          ///< files packed
  std::uint64_t media_missing = 0;  ///< named by records, but never came with the tree
};
/// Records written and in all; false stops with Code::cancelled.
using ExportProgress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

/// Writes the tree into the file `path`, which appears whole or not at all; a file that is there is replaced.
/// @error not_found: no such tree.  unsupported: records of both dialects in one tree.  cancelled.  no_space, denied, io.
Result<ExportReport> export_tree(Archive& archive, std::int64_t tree_no, ExportFormat format, const std::string& path,
                                 const ExportProgress& progress = {});

/// Writes the tree out, reads that again and compares every record with the stored one, byte for byte.
/// @return whether they are all equal.  @error as export_tree().
Result<bool> verify_round_trip(Archive& archive, std::int64_t tree_no, const ExportProgress& progress = {});

}  // namespace tablinum::archive
