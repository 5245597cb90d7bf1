#pragma once
/// Reads a tree's graph and search index from the database.
#include "tablinum/archive/archive.h"

namespace tablinum::archive {

Result<std::shared_ptr<const TreeGraph>> read_graph(store::Session& session, std::int64_t tree_no);
Result<std::shared_ptr<search::TreeIndex>> read_index(store::Session& session, std::int64_t tree_no);

}  // namespace tablinum::archive
