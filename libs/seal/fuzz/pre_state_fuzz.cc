// What a proxy remembers: parse and write back.
#include "pre_records.h"

namespace pre = tablinum::seal::pre;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span{data, size});
  const auto state = pre::MemoryProxyState::parse(bytes);
  if (state && !std::ranges::equal((*state)->serialise(), bytes)) std::abort();
  return 0;
}
