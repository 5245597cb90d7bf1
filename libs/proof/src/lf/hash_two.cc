#include "lf/hash_two.h"

#include <algorithm>
#include <cstring>

#include "kernels/sha256_pair.h"
#include "tablinum/base/cpu.h"

namespace tablinum::proof::lf {
namespace {

constexpr std::size_t kBlock = 64;
using State = std::array<std::uint32_t, 8>;
constexpr State kFirst{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

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
Digest digest_of(const State& state) noexcept {
  Digest out;
  for (std::size_t i = 0; i < 32; ++i) out.bytes[i] = static_cast<decltype(out.bytes)::value_type>(state[i / 4] >> (24 - 8 * (i % 4)));
  return out;
}

}  // namespace

std::array<Digest, 2> sha256_two(ByteView a, ByteView b) noexcept {
  if (!cpu().sha) return {sha256(a), sha256(b)};
  State x = kFirst, y = kFirst;
  kernels::sha256_pair_sha(x.data(), y.data(), u8(a), u8(b), a.size() / kBlock);
  const Tail last_a{a}, last_b{b};
  kernels::sha256_pair_sha(x.data(), y.data(), last_a.bytes.data(), last_b.bytes.data(), last_a.blocks);
  return {digest_of(x), digest_of(y)};
}

}  // namespace tablinum::proof::lf
