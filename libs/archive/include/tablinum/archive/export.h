#pragma once
/// Taking a tree out again: in the version and with the structures that came in, or converted; all of it, or without what
/// concerns the living.  Design: archive.md §2, §8.
#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/archive/archive.h"
#include "tablinum/tree/convert/convert.h"

namespace tablinum::archive {

enum class ExportVersion : std::uint8_t {
  original,   ///< the one that came in
  gedcom551,  ///< GEDCOM 5.5.1
  gedcom70,   ///< GEDCOM 7.0
};
/// "original", "5.5.1", "7.0"; nothing for another word.
std::string_view to_string(ExportVersion version) noexcept;
std::optional<ExportVersion> export_version(std::string_view name) noexcept;

struct ExportOptions {
  ExportVersion version = ExportVersion::original;
  bool media = false;          ///< an archive of the file and the media files; GEDZIP, where the version is 7.0
  bool redact_living = false;  ///< without what concerns people who must be taken for living (tree/privacy/tree_redaction.h)
};

/// What a conversion did, with the line of the written file at which the record begins.
struct ConversionNote {
  tree::convert::NoteCode code{};
  std::uint64_t line = 0;
  std::string xref, what;
};
inline constexpr std::size_t kConversionNotesMax = 1'000;  ///< kept; the rest is counted

struct ExportReport {
  std::string path;
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;
  std::uint64_t media = 0;          ///< files packed
  std::uint64_t media_missing = 0;  ///< named by records, but never came with the tree
  std::uint64_t hidden = 0;         ///< records left out or emptied of what concerns the living
  std::array<std::uint64_t, tree::convert::kNoteCodeCount> conversion{};  ///< how often, by NoteCode
  std::vector<ConversionNote> notes{};
};
/// Records written and in all; false stops with Code::cancelled.
using ExportProgress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

/// Writes the tree into the file `path`, which appears whole or not at all; a file that is there is replaced.
/// @error not_found: no such tree.  unsupported: records of both dialects in one tree, for ExportVersion::original.  cancelled.
/// no_space, denied, io.
Result<ExportReport> export_tree(Archive& archive, std::int64_t tree_no, const ExportOptions& options, const std::string& path,
                                 const ExportProgress& progress = {});

/// Writes the tree out, reads that again and compares every record with the stored one, byte for byte.
/// @return whether they are all equal.  @error as export_tree().
Result<bool> verify_round_trip(Archive& archive, std::int64_t tree_no, const ExportProgress& progress = {});

}  // namespace tablinum::archive
