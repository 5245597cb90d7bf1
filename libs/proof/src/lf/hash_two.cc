#include "lf/hash_two.h"

#include <algorithm>
#include <cstring>

#include "tablinum/base/sha256_two.h"

namespace tablinum::proof::lf {
namespace {

constexpr std::size_t kBlock = 64;

const std::uint8_t* u8(ByteView bytes) noexcept { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }

// The message's last bytes with its padding.
struct Tail {
  std::array<std::uint8_t, 2 * kBlock> bytes{};
  std::size_t blocks;
  explicit Tail(ByteView message) noexcept {
    const std::size_t rest = message.size() % kBlock;
    blocks = rest < kBlock - 8 ? 1 : 2;
    if (rest > 0) std::memcpy(bytes.data(), u8(message) + message.size() - rest, rest);
    bytes[rest] = 0x80;
    const std::uint64_t bits = 8 * std::uint64_t{message.size()};
    for (std::size_t i = 0; i < 8; ++i) bytes[blocks * kBlock - 1 - i] = static_cast<std::uint8_t>(bits >> (8 * i));
  }
};
Digest digest_of(const Sha256State& state) noexcept {
  Digest out;
  for (std::size_t i = 0; i < 32; ++i) out.bytes[i] = static_cast<decltype(out.bytes)::value_type>(state[i / 4] >> (24 - 8 * (i % 4)));
  return out;
}

}  // namespace

std::array<Digest, 2> sha256_two(ByteView a, ByteView b) noexcept {
  Sha256State x = kSha256Initial, y = kSha256Initial;
  sha256_compress_two(x, y, u8(a), u8(b), a.size() / kBlock);
  const Tail last_a{a}, last_b{b};
  sha256_compress_two(x, y, last_a.bytes.data(), last_b.bytes.data(), last_a.blocks);
  return {digest_of(x), digest_of(y)};
}

}  // namespace tablinum::proof::lf
