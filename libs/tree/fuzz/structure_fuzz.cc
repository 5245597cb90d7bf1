// Law: decode accepts exactly what encode writes, so bytes that decode encode to themselves.
#include <cstdlib>

#include "tablinum/tree/structure.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tablinum;
  const auto bytes = std::as_bytes(std::span{data, size});
  const auto structure = tree::decode(bytes);
  if (!structure) return 0;
  Bytes again;
  tree::encode(*structure, again);
  if (!std::ranges::equal(again, bytes)) std::abort();
  if (!(tree::decode(again).value() == *structure)) std::abort();
  return 0;
}
