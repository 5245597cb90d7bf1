// Record D, its ticket, and tombstones: parse and write back.
#include "pre_records.h"

namespace pre = tablinum::seal::pre;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto good = pre::fuzzing::Records{}.delegation();
  static const auto ticket = pre::Delegation::parse(good)->ticket().serialise();
  const auto bytes = pre::fuzzing::record_from(data, size, good);
  pre::fuzzing::check<pre::Delegation>(bytes);
  const auto small = pre::fuzzing::record_from(data, size, ticket);
  pre::fuzzing::check<pre::Ticket>(small);
  pre::fuzzing::check<pre::Tombstone>(small);
  return 0;
}
