#include "kinship/scratch.h"

namespace tablinum::tree::kinship {
namespace {

struct Storage {
  std::vector<std::uint64_t> cells;
  std::uint32_t epoch = 0;
};

/// Queries use at most this many maps at a time; more would be kept for nothing.
constexpr std::size_t kKeptMax = 4;

std::vector<Storage>& kept() {
  static thread_local std::vector<Storage> storages;
  return storages;
}

Storage borrow(std::uint32_t size) {
  Storage storage;
  if (!kept().empty()) {
    storage = std::move(kept().back());
    kept().pop_back();
  }
  if (storage.cells.size() < size) storage.cells.resize(size);
  if (++storage.epoch == 0) {  // after 2^32 queries old stamps would look new
    std::ranges::fill(storage.cells, 0);
    storage.epoch = 1;
  }
  return storage;
}

}  // namespace

ScratchMap::ScratchMap(std::uint32_t size) {
  Storage storage = borrow(size);
  cells_ = std::move(storage.cells);
  epoch_ = storage.epoch;
}

ScratchMap::~ScratchMap() {
  if (!cells_.empty() && kept().size() < kKeptMax) kept().push_back({std::move(cells_), epoch_});
}

}  // namespace tablinum::tree::kinship
