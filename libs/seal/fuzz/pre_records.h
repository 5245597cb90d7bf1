#pragma once
/// What the fuzz targets of proxy re-encryption start from: one good record of each kind, always the same.
#include <cstdlib>

#include "../tests/pre_parties.h"
#include "pre/capsule.h"
#include "pre/delegation.h"

namespace tablinum::seal::pre::fuzzing {

struct Records {
  CollectionSecret collection = CollectionSecret::create(Suite::kem_2048, CollectionId{}, 5, testing::seed(10), testing::seed(11)).value();
  ReceiveSecret receive = ReceiveSecret::create(Suite::kem_2048, testing::seed(20), testing::seed(21)).value();
  testing::Party alice{1}, bob{2};

  Bytes capsule() const {
    auto capsule = build_capsule(collection.public_key(), testing::digest(7), testing::seed(42),
                                 hedged_coins(testing::seed(50), testing::seed(51), testing::digest(1), nullptr));
    capsule.body.push_back(std::byte{0});
    append(capsule.body, alice.sign(capsule.to_sign.view()).value());
    return capsule.body;
  }
  SecretBytes delegation() const {
    const auto facts = facts_for(collection, alice.id(), bob.id(), receive.public_key().hash(), false, {.not_after_s = testing::kLater});
    const auto parts = build_delegation(facts, collection, receive.public_key().halves(), alice, testing::seed(60)).value();
    return serialise_delegation(parts.ticket, *parts.rekey);
  }
};

/// Whole records of exact lengths are hard to come by for a fuzzer. An input that starts with an even byte is a patch: offset (u16,
/// little-endian), then bytes laid over `good`; an odd one is the record itself.
inline Bytes record_from(const std::uint8_t* data, std::size_t size, ByteView good) {
  const auto input = std::as_bytes(std::span{data, size});
  if (size < 3 || data[0] % 2 == 1) return Bytes(input.begin() + (size > 0 ? 1 : 0), input.end());
  Bytes record(good.begin(), good.end());
  const std::size_t at = (data[1] | data[2] << 8) % record.size();
  const auto patch = input.subspan(3).first(std::min(size - 3, record.size() - at));
  std::ranges::copy(patch, record.begin() + static_cast<std::ptrdiff_t>(at));
  return record;
}

/// What parses is written as it was read.
template <class Record>
void check(ByteView bytes) {
  const auto parsed = Record::parse(bytes);
  if (parsed && !std::ranges::equal(parsed->serialise(), bytes)) std::abort();
}

}  // namespace tablinum::seal::pre::fuzzing
