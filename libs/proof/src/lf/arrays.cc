#include "lf/arrays.h"

#include <sys/mman.h>

#include <bit>
#include <map>
#include <mutex>

namespace tablinum::proof::lf {
namespace {

// Memory of pages of 2 MiB where the system gives them: a first touch of them costs a fraction of that of 512 small ones.
constexpr std::size_t kLargePage = std::size_t{2} << 20;
void* new_block(std::size_t size) {
  if (size < kLargePage) return ::operator new(size);
  void* const block = ::operator new(size, std::align_val_t{kLargePage});
  ::madvise(block, size, MADV_HUGEPAGE);  // without them it is slower, not wrong
  return block;
}
void free_block(void* block, std::size_t size) noexcept {
  if (size < kLargePage) ::operator delete(block);
  else ::operator delete(block, std::align_val_t{kLargePage});
}

class Blocks {
 public:
  void* take(std::size_t size) {
    const std::lock_guard lock{mutex_};
    // The one that was given back last: more of it is still in a cache.
    auto found = free_.upper_bound(size);
    if (found == free_.begin() || (--found)->first != size) return nullptr;
    void* const block = found->second;
    free_.erase(found);
    kept_ -= size;
    return block;
  }
  void drop() noexcept {
    std::multimap<std::size_t, void*> dropped;
    {
      const std::lock_guard lock{mutex_};
      dropped.swap(free_);
      kept_ = 0;
    }
    for (const auto& [size, block] : dropped) free_block(block, size);
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
  return kept != nullptr ? kept : new_block(size);
}

void give_block(void* block, std::size_t bytes) noexcept {
  if (bytes < kBlockMin) return ::operator delete(block);
  const std::size_t size = block_size(bytes);
  if (!blocks().keep(block, size)) free_block(block, size);
}

void drop_blocks() noexcept { blocks().drop(); }

}  // namespace tablinum::proof::lf
