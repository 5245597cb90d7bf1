#include "tablinum/archive/archive.h"

#include <atomic>
#include <filesystem>

#include "derived_check.h"
#include "edit_memory.h"
#include "graph.h"
#include "tablinum/archive/derived.h"
#include "tablinum/base/log.h"
#include "tablinum/search/index.h"
#include "tablinum/store/staging.h"

namespace tablinum::archive {
namespace {

/// An import that a crash left unfinished is among the newest.
constexpr std::size_t kImportsSearched = 10'000;

}  // namespace

/// One tree's graph. The mutex lets one thread read it while others wait for the result.
struct Archive::CachedGraph {
  explicit CachedGraph(std::int64_t number) : tree_no{number} {}
  const std::int64_t tree_no;
  std::mutex mutex;
  std::shared_ptr<const TreeGraph> graph;
  std::atomic<std::size_t> bytes = 0;  // of `graph`, for those who do not hold the mutex
};

Result<std::unique_ptr<Archive>> Archive::open(const ArchiveOptions& options) {
  TRY(database, store::Database::open({.folder = options.folder,
                                       .access = options.read_only ? store::Access::read_only : store::Access::read_write,
                                       .holder = options.holder}));
  {
    TRY(reader, database->reader());
    CHECK_OK(check_derived_known(reader));
  }
  database->add_drop_hook([](store::Writer& writer, std::int64_t tree_no) -> Result<void> {
    CHECK_OK(forget_derived_version(writer, tree_no));
    return search::DocumentIndex{writer}.remove_tree(tree_no);
  });
  std::unique_ptr<Archive> archive{new Archive(std::move(database), options)};
  archive->database_->add_commit_hook([opened = archive.get()](std::int64_t tree_no, std::int64_t generation) {
    if (auto patch = std::exchange(opened->patch_, {})) patch(tree_no, generation);
  });
  if (!options.read_only) CHECK_OK(archive->clear_abandoned());
  return archive;
}

Archive::Archive(std::unique_ptr<store::Database> database, const ArchiveOptions& options)
    : database_{std::move(database)},
      blobs_{options.folder},
      indexes_{options.index_bytes_max, [this](std::int64_t tree_no) { return load_index(tree_no); }},
      graphs_max_{options.graphs_max},
      edit_memory_{std::make_unique<EditMemory>()} {}

Archive::~Archive() = default;

/// The lock is ours, so nobody is at work on what is found here. A job's import begins anew when the job is leased again.
Result<void> Archive::clear_abandoned() {
  std::vector<store::ImportJob> imports;
  {
    TRY(reader, database_->reader());
    TRY(found, store::list_imports(reader, kImportsSearched));
    imports = std::move(found);
  }
  for (const auto& job : imports) {
    if (job.state != store::ImportState::staging) continue;
    TRY(import, store::Import::resume(*database_, job.id));
    CHECK_OK(import->drop("the program ended during this import"));
    log::warn("archive", "an unfinished import was dropped", {{"import", to_string(job.id.value())}});
  }
  std::error_code ignored;  // what cannot be removed is only in the way
  for (const auto& entry : std::filesystem::directory_iterator{database_->path("tmp"), ignored}) {
    std::filesystem::remove_all(entry.path(), ignored);
  }
  return {};
}

Result<std::shared_ptr<search::TreeIndex>> Archive::load_index(std::int64_t tree_no) {
  TRY(reader, database_->reader());
  return read_index(reader, tree_no);
}

Result<std::shared_ptr<const TreeGraph>> Archive::graph(std::int64_t tree_no) {
  TRY(reader, database_->reader());
  TRY(tree, store::find_tree(reader, tree_no));
  return graph(reader, tree);
}

Result<std::shared_ptr<const TreeGraph>> Archive::graph(store::Session& session, const store::TreeInfo& tree) {
  const auto tree_no = tree.tree_no;
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
  if (slot->graph && slot->graph->tree.generation == tree.generation) return slot->graph;
  TRY(fresh, read_graph(session, tree_no));
  // A reader that began before the last change sees its own state, but does not take the newer one from others.
  if (slot->graph && slot->graph->tree.generation > tree.generation) return fresh;
  slot->bytes = fresh->graph.memory_bytes();
  return slot->graph = fresh;
}

void Archive::put_graph(std::shared_ptr<const TreeGraph> graph) {
  std::shared_ptr<CachedGraph> slot;
  {
    const std::lock_guard lock{mutex_};
    const auto found = std::ranges::find(graphs_, graph->tree.tree_no, [](const auto& cached) { return cached->tree_no; });
    if (found == graphs_.end()) return;
    slot = *found;
  }
  const std::lock_guard lock{slot->mutex};
  if (slot->graph && slot->graph->tree.generation > graph->tree.generation) return;
  slot->bytes = graph->graph.memory_bytes();
  slot->graph = std::move(graph);
}

Result<std::shared_ptr<search::TreeIndex>> Archive::index(std::int64_t tree_no) {
  TRY(reader, database_->reader());
  TRY(tree, store::find_tree(reader, tree_no));
  return index(reader, tree);
}

Result<std::shared_ptr<search::TreeIndex>> Archive::index(store::Session& session, const store::TreeInfo& tree) {
  return indexes_.get(tree.tree_no, tree.generation, [&](std::int64_t tree_no) { return read_index(session, tree_no); });
}

std::size_t Archive::cache_bytes() const {
  std::size_t total = indexes_.bytes();
  const std::lock_guard lock{mutex_};
  for (const auto& cached : graphs_) total += cached->bytes;
  return total;
}

}  // namespace tablinum::archive
