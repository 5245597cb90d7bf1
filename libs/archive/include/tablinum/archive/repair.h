#pragma once
/// Mending what can be mended without a backup: everything that follows from the records and the log. What is wrong with those themselves
/// only a backup brings back, and nothing here touches them.
#include "tablinum/archive/derived.h"
#include "tablinum/archive/tidy.h"

namespace tablinum::archive {

struct RepairReport {
  std::size_t erased = 0;               ///< trees that had been deleted: no row of theirs is left, nor readable on the disk
  TidyReport files;                     ///< blobs that nothing names
  std::vector<std::string> damaged;     ///< trees whose rows or search documents were wrong
  RebuildReport rebuilt;                ///< those, and trees with rows of older rules
  bool index_rebuilt = false;           ///< the search index did not agree with the documents
};

/// Opening the archive for writing has mended two things already: the folder's mode, and imports that a crash left unfinished.
/// May be stopped at any moment and called again.  @error cancelled: progress said so.  no_space, io, corrupt: the database or the folder.
Result<RepairReport> repair(Archive& archive, const RebuildProgress& progress = {}, Duration unused_for = kBlobUnusedFor);

}  // namespace tablinum::archive
