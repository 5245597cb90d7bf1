#pragma once
/// What statements are made of: bytes, sums, comparisons, hashes. Written over Gates, so they serve every back end.
#include <string_view>
#include <vector>

#include "tablinum/base/crypto.h"
#include "tablinum/base/secret.h"
#include "tablinum/proof/circuit.h"

namespace tablinum::proof {

/// Least significant bit first.
using Byte = std::array<Bit, 8>;
using ByteList = std::vector<Byte>;
using BitList = std::vector<Bit>;

ByteList public_bytes(Gates& gates, std::size_t count);
ByteList private_bytes(Gates& gates, std::size_t count);
ByteList constant_bytes(Gates& gates, ByteView bytes);
inline ByteList constant_byte(Gates& gates, std::uint8_t byte) { return constant_bytes(gates, std::as_bytes(std::span{&byte, 1})); }
ByteList join(std::initializer_list<ByteList> parts);
inline ByteList slice(const ByteList& bytes, std::size_t from, std::size_t count) {
  return {bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.begin() + static_cast<std::ptrdiff_t>(from + count)};
}

/// Sum of many bits, in groups so that no sum gets long.
Bit sum(Gates& gates, const BitList& bits);
/// Product of many bits, as a tree.
Bit all_of(Gates& gates, BitList bits);
void assert_equal(Gates& gates, const ByteList& a, const ByteList& b);
ByteList select(Gates& gates, Bit which, const ByteList& if_one, const ByteList& if_zero);
/// Bits of an unsigned number, least significant first.
BitList bits_of_le(const ByteList& bytes);
BitList bits_of_be(const ByteList& bytes);
BitList constant_bits(Gates& gates, std::uint64_t value, unsigned width);
/// a > b and a = b, unsigned, equally many bits.
struct Comparison {
  Bit greater, equal;
};
Comparison compare(Gates& gates, const BitList& a, const BitList& b);
void assert_less(Gates& gates, const BitList& a, const BitList& b);
void assert_at_most(Gates& gates, const BitList& a, const BitList& b);
/// a = b + 1 without overflow.
void assert_successor(Gates& gates, const BitList& a, const BitList& b);

/// SHA-256 of a message whose length is known.
ByteList sha256_gates(Gates& gates, const ByteList& message);
StateWords initial_state(Gates& gates);
BlockWords block_words(const ByteList& block);
ByteList bytes_of_state(const StateWords& state);
/// ledger.h's cnode, leaf and node.
ByteList cnode_gates(Gates& gates, const ByteList& a, const ByteList& b);
ByteList leaf_gates(Gates& gates, const ByteList& data);
ByteList node_gates(Gates& gates, const ByteList& a, const ByteList& b);

// ---- The same in the clear, for witnesses ------------------------------------------------------------------------------------

/// Bits of a string as public_bytes() reads them: last byte first, each least significant bit first.
void append_public(std::vector<std::uint8_t>& bits, ByteView bytes);
/// Bits of a string as private_bytes() reads them: first byte first.
void append_private(SecretVector<std::uint8_t>& bits, ByteView bytes);

}  // namespace tablinum::proof
