#pragma once
/// The bytes a connection received and has not used: one block, compacted when room is needed, small while idle.
#include <cstddef>
#include <memory>
#include <string_view>

#include "tablinum/base/bytes.h"

namespace tablinum::net::h1 {

inline constexpr std::size_t kIdleBufferBytes = std::size_t{4} << 10;
inline constexpr std::size_t kBodyReadBytes = std::size_t{64} << 10;

class ReadBuffer {
 public:
  std::string_view view() const noexcept { return {block_.get() + begin_, end_ - begin_}; }
  bool empty() const noexcept { return begin_ == end_; }
  /// At least `bytes` of room after view(). Moves the block: views taken before are void.
  MutableBytes room(std::size_t bytes);
  /// So many bytes were written into room().
  void received(std::size_t bytes) noexcept { end_ += bytes; }
  void consume(std::size_t bytes) noexcept { begin_ += bytes; }
  /// Gives a large block back if nothing is in it.
  void shrink() noexcept;

 private:
  std::unique_ptr<char[]> block_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace tablinum::net::h1
