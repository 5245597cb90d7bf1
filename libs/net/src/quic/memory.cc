#include "quic/memory.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "tablinum/io/task.h"

namespace tablinum::net::quic {
namespace {

MemoryMeter& meter(void* user_data) noexcept { return *static_cast<MemoryMeter*>(user_data); }

/// Before each block: its size with this. From the thread's pool of frames, since a request takes and gives back some thirty blocks.
struct alignas(16) Head {
  std::size_t bytes;
};

void* allocate(std::size_t size, void* user_data) noexcept {
  if (size > SIZE_MAX - sizeof(Head)) return nullptr;
  const std::size_t bytes = size + sizeof(Head);
  try {
    auto* head = ::new (io::detail::allocate_frame(bytes)) Head{bytes};
    meter(user_data).add(static_cast<std::int64_t>(bytes));
    return head + 1;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void* allocate_zeros(std::size_t count, std::size_t size, void* user_data) noexcept {
  if (size != 0 && count > SIZE_MAX / size) return nullptr;
  void* block = allocate(count * size, user_data);
  return block == nullptr ? nullptr : std::memset(block, 0, count * size);
}
void release(void* block, void* user_data) noexcept {
  if (block == nullptr) return;
  Head* head = static_cast<Head*>(block) - 1;
  const std::size_t bytes = head->bytes;
  meter(user_data).add(-static_cast<std::int64_t>(bytes));
  io::detail::free_frame(head, bytes);
}
void* resize(void* block, std::size_t size, void* user_data) noexcept {
  void* moved = allocate(size, user_data);
  if (moved == nullptr) return nullptr;  // the old block is still there
  if (block != nullptr) std::memcpy(moved, block, std::min(size, (static_cast<Head*>(block) - 1)->bytes - sizeof(Head)));
  release(block, user_data);
  return moved;
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
