/// Headers and stanzas: what parses, serialises to the bytes that it was read from; opening never does more than refuse.
#include <cstdlib>

#include "tablinum/seal/sealed_file.h"

using namespace tablinum;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input = std::as_bytes(std::span{data, size});
  MemorySource source{input};
  const auto header = seal::read_header(source);
  if (!header) return 0;
  const Bytes again = seal::serialize(*header);
  if (again.size() > size || !std::ranges::equal(again, input.first(again.size()))) std::abort();
  if (seal::signed_message(*header).size() != 11 + 32) std::abort();
  const auto known = seal::verify_signature(*header, {});
  if ((known == seal::SignatureState::none) != header->signature.empty()) std::abort();
  return 0;
}
