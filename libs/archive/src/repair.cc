#include "tablinum/archive/repair.h"

#include "tablinum/search/index.h"
#include "tablinum/store/erase.h"
#include "tablinum/store/history.h"
#include "tablinum/store/records.h"

namespace tablinum::archive {
namespace {

Result<std::vector<store::TreeInfo>> damaged_trees(Archive& archive) {
  TRY(reader, archive.database().reader());
  TRY(trees, store::list_trees(reader));
  std::vector<store::TreeInfo> damaged;
  for (const auto& tree : trees) {
    TRY(verified, store::verify_tree(reader, tree.tree_no));
    TRY(documents, document_faults(reader, tree.tree_no));
    if (!verified.row_faults.empty() || !documents.empty()) damaged.push_back(tree);
  }
  return damaged;
}

/// One transaction a tree. The index is made anew in the end: until then it holds words of what was taken out of it.
Result<std::size_t> erase_deleted_trees(Archive& archive) {
  std::vector<std::int64_t> deleted;
  {
    TRY(reader, archive.database().reader());
    TRY(numbers, store::deleted_trees(reader));
    deleted = std::move(numbers);
  }
  for (const auto tree_no : deleted) {
    TRY(writer, archive.database().writer(store::Purpose::import));
    CHECK_OK(store::erase_tree(writer, tree_no));
    CHECK_OK(writer.commit());
  }
  if (deleted.empty()) return 0;
  TRY(writer, archive.database().writer(store::Purpose::import));
  CHECK_OK(search::DocumentIndex{writer}.rebuild());
  CHECK_OK(writer.commit());
  return deleted.size();
}

/// A rebuild of a tree's rows makes the index anew too; this is for an index that is wrong by itself.
Result<bool> rebuild_index_if_wrong(Archive& archive) {
  TRY(writer, archive.database().writer(store::Purpose::import));
  search::DocumentIndex documents{writer};
  TRY(agrees, documents.agrees());
  if (agrees) return false;
  CHECK_OK(documents.rebuild());
  TRY(trees, store::list_trees(writer));
  for (const auto& tree : trees) CHECK_OK(store::touch_tree(writer, tree.tree_no));  // what is in memory follows from the old one
  CHECK_OK(writer.commit());
  return true;
}

}  // namespace

Result<RepairReport> repair(Archive& archive, const RebuildProgress& progress, Duration unused_for) {
  RepairReport report;
  TRY(erased, erase_deleted_trees(archive));
  report.erased = erased;
  TRY(files, remove_unused_blobs(archive, unused_for));
  report.files = files;
  TRY(damaged, damaged_trees(archive));
  if (!damaged.empty()) {
    TRY(writer, archive.database().writer());
    for (const auto& tree : damaged) {
      report.damaged.push_back(tree.name);
      CHECK_OK(distrust_rows(writer, tree.tree_no));
    }
    CHECK_OK(writer.commit());
  }
  TRY(rebuilt, rebuild_derived(archive, progress));
  report.rebuilt = rebuilt;
  TRY(index_rebuilt, rebuild_index_if_wrong(archive));
  report.index_rebuilt = index_rebuilt;
  return report;
}

}  // namespace tablinum::archive
