#include "lf/arrays.h"

#include <bit>
#include <map>
#include <mutex>

namespace tablinum::proof::lf {
namespace {

class Blocks {
 public:
  void* take(std::size_t size) {
    const std::lock_guard lock{mutex_};
    const auto found = free_.find(size);
    if (found == free_.end()) return nullptr;
    void* const block = found->second;
    free_.erase(found);
    kept_ -= size;
    return block;
  }
  bool keep(void* block, std::size_t size) noexcept {
    const std::lock_guard lock{mutex_};
    if (kept_ + size > kBlocksKept) return false;
    try {
      free_.emplace(size, block);
    } catch (const std::bad_alloc&) {
      return false;
    }
    kept_ += size;
    return true;
  }

 private:
  std::mutex mutex_;
  std::multimap<std::size_t, void*> free_;
  std::size_t kept_ = 0;
};
// Never destroyed: arrays of other threads may end after it would.
Blocks& blocks() {
  static Blocks& instance = *new Blocks;
  return instance;
}

}  // namespace

std::size_t block_size(std::size_t bytes) noexcept {
  const std::size_t quarter = std::bit_ceil(bytes) / 8;
  return (bytes + quarter - 1) / quarter * quarter;
}

void* take_block(std::size_t bytes) {
  if (bytes < kBlockMin) return ::operator new(bytes);
  const std::size_t size = block_size(bytes);
  void* const kept = blocks().take(size);
  return kept != nullptr ? kept : ::operator new(size);
}

void give_block(void* block, std::size_t bytes) noexcept {
  if (bytes < kBlockMin || !blocks().keep(block, block_size(bytes))) ::operator delete(block);
}

}  // namespace tablinum::proof::lf
