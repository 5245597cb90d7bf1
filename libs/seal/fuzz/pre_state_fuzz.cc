// What a proxy remembers: a snapshot parses and is written back; of a log, what is good parses again to the same.
#include "pre/proxy_contents.h"
#include "pre_records.h"

namespace pre = tablinum::seal::pre;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span{data, size});
  const auto state = pre::MemoryProxyState::parse(bytes);
  if (state && !std::ranges::equal((*state)->serialise(), bytes)) std::abort();
  const auto file = pre::parse_state_file(bytes);
  if (!file) return 0;
  if (file->good_bytes > size || file->snapshot_bytes > file->good_bytes) std::abort();
  const auto again = pre::parse_state_file(bytes.first(file->good_bytes));
  if (!again || again->good_bytes != file->good_bytes || again->contents.serialise() != file->contents.serialise()) std::abort();
  return 0;
}
