// Reading a circuit's image from the disk cache: what is read is written as the same bytes, and its terms lie in range.
#include <algorithm>
#include <cstdlib>

#include "circuit/image.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tablinum;
  const auto bytes = std::as_bytes(std::span{data, size});
  const auto read = proof::lf::read_image(bytes);
  if (!read) return 0;
  if (!std::ranges::equal(proof::lf::write_image(*read), bytes)) std::abort();
  std::size_t outputs = read->circuit.outputs;
  for (const auto& layer : read->circuit.layers) {
    for (const auto& term : layer.quads)
      if (term.g >= outputs || term.h0 > term.h1 || term.h1 >= layer.wires || term.constant >= read->circuit.constants.size()) std::abort();
    outputs = layer.wires;
  }
  return 0;
}
