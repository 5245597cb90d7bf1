#pragma once
/// Bringing a GEDCOM or GEDZIP file into a tree.  Design: archive.md §2, §3, §5.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tablinum/archive/archive.h"
#include "tablinum/store/types.h"

namespace tablinum::archive {

/// What an import is doing; the API's words.
enum class ImportPhase : std::uint8_t { read, store, index, verify };
std::string_view to_string(ImportPhase phase) noexcept;

struct ImportProgress {
  ImportPhase phase{};
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  std::string_view unit = "bytes";  ///< or "records"
};

struct ImportOptions {
  std::string path;                        ///< the file to read
  std::string file_name;                   ///< what its owner calls it
  std::string tree_name;
  std::optional<TreeId> into;              ///< an empty tree; else a new one is made
  std::optional<store::JobId> job;         ///< its row in the job queue; else a new id
  std::optional<std::string> charset;      ///< what a person chose instead of what was detected
  store::ActorNo actor = store::kLocalOwner;
  bool alone = false;                      ///< nobody reads the archive meanwhile: an empty one is filled faster
  bool verify = false;                     ///< write the tree out again and compare (twice the time)
  /// Called often, cheaply; false stops the import.
  std::function<bool(const ImportProgress&)> progress;
};

/// How often one kind of finding was made.
struct FindingCount {
  std::string code;
  std::string severity;
  std::uint64_t count = 0;
};

/// What came in. Stored as the job's result.
struct ImportReport {
  store::JobId id;
  TreeId tree;
  std::string file_name;
  std::uint64_t bytes = 0;
  std::uint64_t lines = 0;
  std::uint64_t records = 0;
  std::string version;       ///< HEAD.GEDC.VERS as written
  std::string dialect;       ///< "5.5.1" or "7.0"
  std::string encoding;
  bool gedzip = false;
  std::string product;       ///< HEAD.SOUR.NAME or HEAD.SOUR
  std::string language;
  /// Level-0 records by tag, and BIRT, DEAT, MARR, named_individuals: the keys of `tablinum import --json`.
  std::map<std::string, std::uint64_t> counts;
  std::uint64_t events = 0;  ///< events and attributes of people and families
  std::vector<FindingCount> findings;
  std::optional<bool> lossless;  ///< none: not compared
};

/// @error not_found, denied, io: the file.  corrupt: no GEDCOM in it, or a damaged zip.  too_large, limit: over a limit (nothing is
///        written then).  conflict: `into` is not empty.  cancelled: progress said so.  no_space. After an error no record stays, and a new
///        tree is gone again; files may stay among the blobs.
/// A `job` whose import is published already gives that import's report again: the program ended before it could be handed over.
Result<ImportReport> import_file(Archive& archive, const ImportOptions& options);

/// As JSON, one object; and back.  @error corrupt: not such an object.
std::string to_json(const ImportReport& report);
Result<ImportReport> import_report_from_json(std::string_view json);

}  // namespace tablinum::archive
