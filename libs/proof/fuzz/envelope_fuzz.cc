// An envelope that is read encodes to the same bytes.
#include <algorithm>
#include <cstdlib>

#include "tablinum/proof/statement.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tablinum;
  const ByteView bytes = std::as_bytes(std::span{data, size});
  const auto envelope = proof::read_envelope(bytes);
  if (envelope && !std::ranges::equal(envelope->encode(), bytes)) std::abort();
  return 0;
}
