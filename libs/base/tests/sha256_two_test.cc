#include "tablinum/base/sha256_two.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tablinum/base/crypto.h"

namespace tablinum {
namespace {

using Bytes64 = std::array<std::uint8_t, 64>;

/// One message after the other, by the function whose results the published vectors check.
Sha256State one_by_one(Sha256State state, std::span<const std::uint8_t> data) {
  for (; !data.empty(); data = data.subspan(64)) sha256_compress(state, data.first<64>());
  return state;
}

RC_GTEST_PROP(Sha256Two, IsTwiceOne, ()) {
  const auto blocks = *rc::gen::inRange<std::size_t>(0, 5);
  const auto bytes = rc::gen::container<std::vector<std::uint8_t>>(64 * blocks, rc::gen::arbitrary<std::uint8_t>());
  const auto states = rc::gen::container<Sha256State>(rc::gen::arbitrary<std::uint32_t>());
  const auto first = *bytes, second = *bytes;
  const auto from_first = *states, from_second = *states;
  auto state0 = from_first, state1 = from_second;
  sha256_compress_two(state0, state1, first.data(), second.data(), blocks);
  RC_ASSERT(state0 == one_by_one(from_first, first));
  RC_ASSERT(state1 == one_by_one(from_second, second));
}

TEST(Sha256Two, OfThePublishedMessageAbc) {  // FIPS 180-4's example
  Bytes64 block{'a', 'b', 'c', 0x80};
  block[63] = 24;
  constexpr Sha256State kHash = {0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223, 0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad};
  auto state0 = kSha256Initial, state1 = kSha256Initial;
  sha256_compress_two(state0, state1, block.data(), block.data(), 1);
  EXPECT_EQ(state0, kHash);
  EXPECT_EQ(state1, kHash);
}

}  // namespace
}  // namespace tablinum
