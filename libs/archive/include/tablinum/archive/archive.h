#pragma once
/// An archive in its data folder: the database, the blobs, and what is kept in memory of the trees in use.
/// Combines tree, store and search; one call is one transaction over records, log and index (design: archive.md, "Where the code lives").
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tablinum/base/error.h"
#include "tablinum/search/tree_index.h"
#include "tablinum/store/blobs.h"
#include "tablinum/store/database.h"
#include "tablinum/store/trees.h"
#include "tablinum/tree/kinship/graph.h"

namespace tablinum::archive {

struct ArchiveOptions {
  std::string folder;
  bool read_only = false;             ///< works beside a server that holds the lock
  std::string holder = "tablinum";    ///< what others are told while this process holds the lock
  std::size_t index_bytes_max = std::size_t{512} << 20;  ///< search indexes in memory, all trees together
  std::size_t graphs_max = 16;        ///< kinship graphs in memory
};

/// The people of one tree as a graph, with what charts and lists ask of everybody.
struct TreeGraph {
  store::TreeInfo tree;                    ///< its `generation` is the state that the graph reflects
  tree::kinship::Graph graph;
  std::vector<bool> living;                ///< by n
  tree::kinship::PersonN home = tree::kinship::kNone;  ///< where charts begin: most relatives within two steps, the oldest of them
};

class EditMemory;

/// @note Thread-safe. Outlives the readers and writers of its database.
class Archive {
 public:
  /// Creates the folder if it is missing, and drops what a crash left of imports and of files being written (not read_only).
  /// @error those of store::Database::open().
  static Result<std::unique_ptr<Archive>> open(const ArchiveOptions& options);
  ~Archive();
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  store::Database& database() noexcept { return *database_; }
  store::Blobs& blobs() noexcept { return blobs_; }

  /// The tree's graph as of now; built on first use and after changes.  @error not_found: no such tree.  io, corrupt: the database.
  Result<std::shared_ptr<const TreeGraph>> graph(std::int64_t tree_no);
  /// The same in the state of `session`, which knows the tree as `tree`. Who holds a Reader calls this: there are few, and to wait for
  /// a second one while holding the first is a deadlock as soon as everybody does.
  Result<std::shared_ptr<const TreeGraph>> graph(store::Session& session, const store::TreeInfo& tree);
  /// The tree's search index, likewise.
  Result<std::shared_ptr<search::TreeIndex>> index(std::int64_t tree_no);
  Result<std::shared_ptr<search::TreeIndex>> index(store::Session& session, const store::TreeInfo& tree);
  /// Bytes held by indexes and graphs, for metrics.
  std::size_t cache_bytes() const;

  // For this module's own sources (edits):
  /// Runs at the next commit of the writer that the caller holds, before anybody else may write: what is in memory follows the commit.
  void at_commit(std::function<void(std::int64_t tree_no, std::int64_t generation)> patch) { patch_ = std::move(patch); }
  /// Forgets it, where the writer is dropped.
  void forget_patch() noexcept { patch_ = {}; }
  void put_graph(std::shared_ptr<const TreeGraph> graph);
  std::shared_ptr<search::TreeIndex> loaded_index(std::int64_t tree_no) { return indexes_.loaded(tree_no); }
  /// What edits remember of trees; for whoever holds the writer.
  EditMemory& edit_memory() noexcept { return *edit_memory_; }

 private:
  Archive(std::unique_ptr<store::Database> database, const ArchiveOptions& options);
  Result<void> clear_abandoned();
  Result<std::shared_ptr<search::TreeIndex>> load_index(std::int64_t tree_no);

  struct CachedGraph;
  std::unique_ptr<store::Database> database_;
  store::Blobs blobs_;
  search::TreeIndexPool indexes_;
  const std::size_t graphs_max_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<CachedGraph>> graphs_;  // most recently used last
  std::unique_ptr<EditMemory> edit_memory_;
  std::function<void(std::int64_t, std::int64_t)> patch_;  // belongs to whoever holds the writer
};

}  // namespace tablinum::archive
