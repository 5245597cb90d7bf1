// T: parse and write back; and opening rubbish fails without using the key.
#include "pre_records.h"

namespace pre = tablinum::seal::pre;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static pre::testing::World world;
  static const auto stanza = world.stanza_bytes();
  static const auto delegation = world.delegate();
  static const auto good = world.proxy.transform(*pre::CapsuleStanza::parse(stanza), pre::testing::digest(7), delegation, world.alice,
                                                 pre::testing::kNow).value();
  const auto bytes = pre::fuzzing::record_from(data, size, good);
  pre::fuzzing::check<pre::Transformed>(bytes);
  const auto opened = world.open(*pre::CapsuleStanza::parse(stanza), bytes, delegation.ticket());
  if (opened && bytes != good) std::abort();
  if (world.budget.taken(world.receive.public_key().id()) != 0) std::abort();
  return 0;
}
