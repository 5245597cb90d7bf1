#pragma once
/// Caps the size of a piece of input, so that a whole file given as one chunk is not decoded as one.
#include <algorithm>

#include "tablinum/base/bytes.h"

namespace tablinum::tree::gedcom {

inline constexpr std::size_t kSliceBytes = std::size_t{1} << 20;

template <class F>
Result<void> for_each_slice(ByteView chunk, F f) {
  while (!chunk.empty()) {
    const auto slice = chunk.first(std::min(kSliceBytes, chunk.size()));
    CHECK_OK(f(slice));
    chunk = chunk.subspan(slice.size());
  }
  return {};
}

}  // namespace tablinum::tree::gedcom
