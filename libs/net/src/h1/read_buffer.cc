#include "h1/read_buffer.h"

#include <algorithm>
#include <cstring>

namespace tablinum::net::h1 {

MutableBytes ReadBuffer::room(std::size_t bytes) {
  const std::size_t used = end_ - begin_;
  if (capacity_ - used < bytes) {
    const std::size_t capacity = std::max({used + bytes, capacity_ * 2, kIdleBufferBytes});
    auto block = std::make_unique_for_overwrite<char[]>(capacity);
    if (used > 0) std::memcpy(block.get(), block_.get() + begin_, used);
    block_ = std::move(block);
    capacity_ = capacity;
  } else if (capacity_ - end_ < bytes) {
    std::memmove(block_.get(), block_.get() + begin_, used);
  } else {
    return std::as_writable_bytes(std::span{block_.get() + end_, capacity_ - end_});
  }
  begin_ = 0;
  end_ = used;
  return std::as_writable_bytes(std::span{block_.get() + end_, capacity_ - end_});
}

void ReadBuffer::shrink() noexcept {
  if (!empty()) return;
  begin_ = end_ = 0;
  if (capacity_ <= 4 * kIdleBufferBytes) return;
  block_.reset();
  capacity_ = 0;
}

}  // namespace tablinum::net::h1
