#pragma once
/// Rows that follow from the records (names, events, members, links, living or not, places, search documents): which rules wrote them, and
/// writing them anew. Records, the log and its hashes never change by it.
#include <functional>
#include <string>
#include <vector>

#include "tablinum/archive/archive.h"

namespace tablinum::archive {

/// The version of the rules. Raise it with every change of what a projection writes or a search document holds: archives then follow by
/// themselves.  1: without a number. 2: places are documents of their own.
inline constexpr int kDerivedVersion = 2;

/// Notes that the tree's rows follow from the rules of this program.
Result<void> set_derived_version(store::Writer& writer, std::int64_t tree_no);
/// Notes that they do not, whatever they say.
Result<void> distrust_rows(store::Writer& writer, std::int64_t tree_no);
/// Forgets what was noted of a tree that is going.
Result<void> forget_derived_version(store::Writer& writer, std::int64_t tree_no);

/// The visible trees whose rows other rules wrote, or whose rebuilding was interrupted.
Result<std::vector<store::TreeInfo>> outdated_trees(store::Session& session);

/// What is wrong with a tree's search documents, in words; at most a few. Nothing where other rules wrote them: they are due anyway.
Result<std::vector<std::string>> document_faults(store::Session& session, std::int64_t tree_no);

struct RebuildReport {
  std::uint64_t trees = 0, records = 0;
};
/// Records done and in all; false stops with Code::cancelled.
using RebuildProgress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

/// Writes the rows of all outdated trees anew, in batches: readers and other writers come in between. An interrupted rebuild goes on where
/// it was the next time. Searches may miss records until it ends.
/// @error cancelled.  corrupt: a record that cannot be read.  no_space, io: the database.
Result<RebuildReport> rebuild_derived(Archive& archive, const RebuildProgress& progress = {});

}  // namespace tablinum::archive
