#pragma once
/// Takes a record apart from the front; running out is remembered instead of checked at every step.
#include <algorithm>
#include <array>

#include "tablinum/base/bytes.h"

namespace tablinum::seal::pre {

class BytesReader {
 public:
  explicit BytesReader(ByteView bytes) noexcept : rest_{bytes} {}
  /// The next `count` bytes; empty if there are not so many.
  ByteView take(std::size_t count) noexcept {
    if (count > rest_.size()) {
      short_ = true;
      return {};
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  template <std::size_t N>
  std::array<std::byte, N> array() noexcept {
    std::array<std::byte, N> result{};
    std::ranges::copy(take(N), result.begin());
    return result;
  }
  template <class Unsigned>
  Unsigned number() noexcept {
    Unsigned value = 0;
    const auto bytes = array<sizeof(Unsigned)>();
    for (std::size_t i = 0; i < sizeof(Unsigned); ++i) value = static_cast<Unsigned>(value | static_cast<Unsigned>(bytes[i]) << (8 * i));
    return value;
  }
  bool skip(std::string_view expected) noexcept { return std::ranges::equal(take(expected.size()), bytes_of(expected)); }
  std::size_t left() const noexcept { return rest_.size(); }
  ByteView rest() const noexcept { return rest_; }
  /// Everything was there and nothing is left.
  bool ended() const noexcept { return !short_ && rest_.empty(); }

 private:
  ByteView rest_;
  bool short_ = false;
};

}  // namespace tablinum::seal::pre
