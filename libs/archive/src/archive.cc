#include "tablinum/archive/archive.h"

#include "graph.h"
#include "tablinum/search/index.h"

namespace tablinum::archive {

/// One tree's graph. The mutex lets one thread read it while others wait for the result.
struct Archive::CachedGraph {
  explicit CachedGraph(std::int64_t number) : tree_no{number} {}
  const std::int64_t tree_no;
  std::mutex mutex;
  std::shared_ptr<const TreeGraph> graph;
};

Result<std::unique_ptr<Archive>> Archive::open(const ArchiveOptions& options) {
  TRY(database, store::Database::open({.folder = options.folder,
                                       .access = options.read_only ? store::Access::read_only : store::Access::read_write,
                                       .holder = options.holder}));
  database->add_drop_hook([](store::Writer& writer, std::int64_t tree_no) { return search::DocumentIndex{writer}.remove_tree(tree_no); });
  return std::unique_ptr<Archive>(new Archive(std::move(database), options));
}

Archive::Archive(std::unique_ptr<store::Database> database, const ArchiveOptions& options)
    : database_{std::move(database)},
      blobs_{options.folder},
      indexes_{options.index_bytes_max, [this](std::int64_t tree_no) { return load_index(tree_no); }},
      graphs_max_{options.graphs_max} {}

Archive::~Archive() = default;

Result<std::shared_ptr<search::TreeIndex>> Archive::load_index(std::int64_t tree_no) {
  TRY(reader, database_->reader());
  return read_index(reader, tree_no);
}

Result<std::shared_ptr<const TreeGraph>> Archive::graph(std::int64_t tree_no) {
  std::shared_ptr<CachedGraph> slot;
  {
    const std::lock_guard lock{mutex_};
    const auto found = std::ranges::find(graphs_, tree_no, [](const auto& cached) { return cached->tree_no; });
    slot = found == graphs_.end() ? std::make_shared<CachedGraph>(tree_no) : *found;
    if (found != graphs_.end()) graphs_.erase(found);
    graphs_.push_back(slot);
    if (graphs_.size() > graphs_max_) graphs_.erase(graphs_.begin());
  }
  const std::lock_guard lock{slot->mutex};
  TRY(reader, database_->reader());
  TRY(tree, store::find_tree(reader, tree_no));
  if (slot->graph && slot->graph->tree.generation == tree.generation) return slot->graph;
  TRY(fresh, read_graph(reader, tree_no));
  return slot->graph = fresh;
}

Result<std::shared_ptr<search::TreeIndex>> Archive::index(std::int64_t tree_no) {
  std::int64_t generation = 0;
  {
    TRY(reader, database_->reader());
    TRY(tree, store::find_tree(reader, tree_no));
    generation = tree.generation;
  }
  return indexes_.get(tree_no, generation);
}

std::size_t Archive::cache_bytes() const {
  std::size_t total = indexes_.bytes();
  const std::lock_guard lock{mutex_};
  for (const auto& cached : graphs_) {
    if (const auto& graph = cached->graph) total += graph->graph.memory_bytes();
  }
  return total;
}

}  // namespace tablinum::archive
