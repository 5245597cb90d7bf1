// Public keys: parse and write back; no bytes are a key of both kinds.
#include "pre_records.h"

namespace pre = tablinum::seal::pre;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto collection = pre::fuzzing::Records{}.collection.public_key().serialise();
  static const auto receive = pre::fuzzing::Records{}.receive.public_key().serialise();
  const auto bytes = pre::fuzzing::record_from(data, size, size > 0 && data[0] % 4 == 0 ? collection : receive);
  pre::fuzzing::check<pre::CollectionPublic>(bytes);
  pre::fuzzing::check<pre::ReceivePublic>(bytes);
  if (pre::CollectionPublic::parse(bytes) && pre::ReceivePublic::parse(bytes)) std::abort();
  return 0;
}
