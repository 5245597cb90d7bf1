#include "quic/memory.h"

#include <malloc.h>

#include <cstdlib>
#include <utility>

namespace tablinum::net::quic {
namespace {

MemoryMeter& meter(void* user_data) noexcept { return *static_cast<MemoryMeter*>(user_data); }

/// What the allocator has set aside, which is what a limit on memory is about.
void* counted(void* block, void* user_data) noexcept {
  meter(user_data).add(static_cast<std::int64_t>(malloc_usable_size(block)));
  return block;
}
void* allocate(std::size_t size, void* user_data) { return counted(std::malloc(size), user_data); }
void* allocate_zeros(std::size_t count, std::size_t size, void* user_data) { return counted(std::calloc(count, size), user_data); }
void release(void* block, void* user_data) {
  meter(user_data).add(-static_cast<std::int64_t>(malloc_usable_size(block)));
  std::free(block);
}
void* resize(void* block, std::size_t size, void* user_data) {
  const auto before = static_cast<std::int64_t>(malloc_usable_size(block));
  void* moved = std::realloc(block, size);
  if (moved == nullptr) return nullptr;  // the old block is still there
  meter(user_data).add(-before);
  return counted(moved, user_data);
}

}  // namespace

MemoryMeter::MemoryMeter(std::shared_ptr<MemoryBudget> budget) noexcept
    : budget_{std::move(budget)},
      ngtcp2_{this, &allocate, &release, &allocate_zeros, &resize},
      nghttp3_{this, &allocate, &release, &allocate_zeros, &resize} {}

void MemoryMeter::publish() noexcept {
  if (budget_) budget_->used_.fetch_add(std::exchange(pending_, 0), std::memory_order_relaxed);
}

}  // namespace tablinum::net::quic
