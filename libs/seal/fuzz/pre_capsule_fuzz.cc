// Body of stanza P: parse and write back; a signature that nobody gave never verifies.
#include "pre_records.h"

namespace pre = tablinum::seal::pre;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto good = pre::fuzzing::Records{}.capsule();
  const auto bytes = pre::fuzzing::record_from(data, size, good);
  pre::fuzzing::check<pre::CapsuleStanza>(bytes);
  const auto stanza = pre::CapsuleStanza::parse(bytes);
  if (stanza && pre::signed_by(*stanza, pre::testing::digest(1), pre::testing::Party{9})) std::abort();
  return 0;
}
