#pragma once
/// Taking deleted trees out of the file, so that nobody can read them there any more.
#include "tablinum/store/trees.h"

namespace tablinum::store {

/// purge_tree(), and what its imports and jobs remember of it. What is freed is overwritten on the disk, from this call on and as long as
/// the database is open; a full-text index overwrites what it held when it is rebuilt.  @error As purge_tree().
Result<void> erase_tree(Writer& writer, std::int64_t tree_no);
/// Numbers of the trees that were deleted and not purged, in order.
Result<std::vector<std::int64_t>> deleted_trees(Session& session);

}  // namespace tablinum::store
