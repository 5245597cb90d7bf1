#pragma once
/// Removing files that no record, import or export needs any more.
#include "tablinum/archive/archive.h"

namespace tablinum::archive {

/// A blob is written before the database names it (an import's media minutes before), and an export's file is fetched after its job is
/// done: for so long nothing is taken for unused.
inline constexpr Duration kBlobUnusedFor = Duration::seconds(24 * 3600);

struct TidyReport {
  std::uint64_t kept = 0, removed = 0, removed_bytes = 0;
};

/// Removes the blobs that nothing names: media of no tree, source files of imports whose tree is gone, exports. May be stopped at any
/// moment, and run beside imports.  @error io, corrupt: the database or the folder; what was removed by then stays removed.
Result<TidyReport> remove_unused_blobs(Archive& archive, Duration unused_for = kBlobUnusedFor);

}  // namespace tablinum::archive
