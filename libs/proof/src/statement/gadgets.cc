#include "statement/gadgets.h"

#include <algorithm>

#include "tablinum/base/ledger.h"

namespace tablinum::proof {
namespace {

constexpr std::size_t kGroup = 8;  // terms of one sum before it is a bit of its own
constexpr std::array<std::uint32_t, 8> kInitial{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

StateWords constant_state(Gates& gates, std::span<const std::uint32_t, 8> words) {
  StateWords out;
  for (std::size_t i = 0; i < 8; ++i)
    for (std::size_t k = 0; k < 32; ++k) out[i][k] = gates.constant(words[i] >> k & 1);
  return out;
}

// SHA-256's state after the block "tablinum/cnode/v1".
const std::array<std::uint32_t, 8>& cnode_state() {
  static const auto state = [] {
    constexpr std::string_view kName = "tablinum/cnode/v1";
    std::array<std::uint8_t, 64> block{};
    std::ranges::copy(kName, block.begin());
    auto words = kInitial;
    sha256_compress(words, block);
    return words;
  }();
  return state;
}

}  // namespace

ByteList public_bytes(Gates& gates, std::size_t count) {
  ByteList out(count);
  for (std::size_t i = count; i-- > 0;)
    for (Bit& bit : out[i]) bit = gates.public_bit();
  return out;
}
ByteList private_bytes(Gates& gates, std::size_t count) {
  ByteList out(count);
  for (Byte& byte : out)
    for (Bit& bit : byte) bit = gates.private_bit();
  return out;
}
ByteList constant_bytes(Gates& gates, ByteView bytes) {
  ByteList out(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (std::size_t k = 0; k < 8; ++k) out[i][k] = gates.constant(std::to_integer<unsigned>(bytes[i]) >> k & 1);
  return out;
}
ByteList join(std::initializer_list<ByteList> parts) {
  ByteList out;
  for (const auto& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

Bit sum(Gates& gates, const BitList& bits) {
  BitList now = bits;
  while (now.size() > 1) {
    BitList next;
    for (std::size_t i = 0; i < now.size(); i += kGroup) {
      Bit group = now[i];
      for (std::size_t k = i + 1; k < std::min(now.size(), i + kGroup); ++k) group = gates.exclusive_or(group, now[k]);
      next.push_back(group);
    }
    now = std::move(next);
  }
  return now.empty() ? gates.constant(false) : now[0];
}

Bit all_of(Gates& gates, BitList bits) {
  while (bits.size() > 1) {
    BitList next;
    for (std::size_t i = 0; i + 1 < bits.size(); i += 2) next.push_back(gates.both(bits[i], bits[i + 1]));
    if (bits.size() % 2 != 0) next.push_back(bits.back());
    bits = std::move(next);
  }
  return bits.empty() ? gates.constant(true) : bits[0];
}

void assert_equal(Gates& gates, const ByteList& a, const ByteList& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t k = 0; k < 8; ++k) gates.assert_equal(a[i][k], b[i][k]);
}
ByteList select(Gates& gates, Bit which, const ByteList& if_one, const ByteList& if_zero) {
  ByteList out(if_one.size());
  for (std::size_t i = 0; i < out.size(); ++i)
    for (std::size_t k = 0; k < 8; ++k) out[i][k] = gates.select(which, if_one[i][k], if_zero[i][k]);
  return out;
}
BitList bits_of_le(const ByteList& bytes) {
  BitList out;
  for (const Byte& byte : bytes) out.insert(out.end(), byte.begin(), byte.end());
  return out;
}
BitList bits_of_be(const ByteList& bytes) { return bits_of_le({bytes.rbegin(), bytes.rend()}); }
BitList constant_bits(Gates& gates, std::uint64_t value, unsigned width) {
  BitList out;
  for (unsigned i = 0; i < width; ++i) out.push_back(gates.constant(value >> i & 1));
  return out;
}

// A tree, the upper half deciding where it differs: depth is the logarithm of the width.
Comparison compare(Gates& gates, const BitList& a, const BitList& b) {
  std::vector<Comparison> now;
  for (std::size_t i = 0; i < a.size(); ++i)
    now.push_back({gates.both(a[i], gates.negate(b[i])), gates.negate(gates.exclusive_or(a[i], b[i]))});
  while (now.size() > 1) {
    std::vector<Comparison> next;
    for (std::size_t i = 0; i + 1 < now.size(); i += 2) {
      const auto& [low, high] = std::pair{now[i], now[i + 1]};
      next.push_back({gates.exclusive_or(high.greater, gates.both(high.equal, low.greater)), gates.both(high.equal, low.equal)});
    }
    if (now.size() % 2 != 0) next.push_back(now.back());
    now = std::move(next);
  }
  return now[0];
}
void assert_less(Gates& gates, const BitList& a, const BitList& b) { gates.assert_one(compare(gates, b, a).greater); }
void assert_at_most(Gates& gates, const BitList& a, const BitList& b) { gates.assert_zero(compare(gates, a, b).greater); }

// Bit i flips exactly when all bits below are 1; all of them must not be.
void assert_successor(Gates& gates, const BitList& a, const BitList& b) {
  Bit carry = gates.constant(true);
  for (std::size_t i = 0; i < a.size(); ++i) {
    gates.assert_zero(gates.exclusive_or(gates.exclusive_or(a[i], b[i]), carry));
    carry = gates.fresh(gates.both(carry, b[i]));
  }
  gates.assert_zero(carry);
}

StateWords initial_state(Gates& gates) { return constant_state(gates, kInitial); }

BlockWords block_words(const ByteList& block) {
  BlockWords out;
  for (std::size_t i = 0; i < 16; ++i)
    for (std::size_t k = 0; k < 32; ++k) out[i][k] = block[4 * i + 3 - k / 8][k % 8];
  return out;
}
ByteList bytes_of_state(const StateWords& state) {
  ByteList out(32);
  for (std::size_t i = 0; i < 8; ++i)
    for (std::size_t k = 0; k < 32; ++k) out[4 * i + 3 - k / 8][k % 8] = state[i][k];
  return out;
}

ByteList sha256_gates(Gates& gates, const ByteList& message) {
  ByteList padded = message;
  const std::uint64_t bits = 8 * std::uint64_t{message.size()};
  const ByteList end = constant_byte(gates, 0x80), zero = constant_byte(gates, 0);
  padded.push_back(end[0]);
  while (padded.size() % 64 != 56) padded.push_back(zero[0]);
  for (int shift = 56; shift >= 0; shift -= 8) padded.push_back(constant_byte(gates, static_cast<std::uint8_t>(bits >> shift))[0]);
  StateWords state = initial_state(gates);
  for (std::size_t at = 0; at < padded.size(); at += 64) state = gates.compress(state, block_words(slice(padded, at, 64)));
  return bytes_of_state(state);
}

ByteList cnode_gates(Gates& gates, const ByteList& a, const ByteList& b) {
  return bytes_of_state(gates.compress(constant_state(gates, cnode_state()), block_words(join({a, b}))));
}
ByteList leaf_gates(Gates& gates, const ByteList& data) { return sha256_gates(gates, join({constant_byte(gates, 0), data})); }
ByteList node_gates(Gates& gates, const ByteList& a, const ByteList& b) {
  return sha256_gates(gates, join({constant_byte(gates, 1), a, b}));
}

void append_public(std::vector<std::uint8_t>& bits, ByteView bytes) {
  for (std::size_t i = bytes.size(); i-- > 0;)
    for (unsigned k = 0; k < 8; ++k) bits.push_back(std::to_integer<unsigned>(bytes[i]) >> k & 1);
}
void append_private(SecretVector<std::uint8_t>& bits, ByteView bytes) {
  for (const std::byte byte : bytes)
    for (unsigned k = 0; k < 8; ++k) bits.push_back(std::to_integer<unsigned>(byte) >> k & 1);
}

}  // namespace tablinum::proof
