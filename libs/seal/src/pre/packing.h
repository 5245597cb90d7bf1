#pragma once
/// Coefficients as bytes: `bits` each, least significant bit first, no gaps.
#include "pre/ring.h"

namespace tablinum::seal::pre {

constexpr std::size_t packed_bytes(std::size_t count, unsigned bits) noexcept { return count * bits / 8; }
/// @param bits 8, 12, 40 or 60.  @param out exactly packed_bytes(count, bits) bytes; count·bits is a multiple of 8.
void pack(std::span<const std::uint64_t> values, unsigned bits, MutableBytes out) noexcept;
void unpack(ByteView in, unsigned bits, std::span<std::uint64_t> values) noexcept;
/// Without giving away which coefficient it was.
bool all_below(std::span<const std::uint64_t> values, std::uint64_t bound) noexcept;

/// For q = 2^k − δ with δ·2^bits < q and bits ≤ 12. Every x < q becomes ⌊2^bits·x/q⌉ mod 2^bits, in constant time; and ⌊x·q/2^bits⌉ back.
void round_to_bits(std::span<std::uint64_t> values, unsigned bits, std::uint64_t q) noexcept;
void expand_from_bits(std::span<std::uint64_t> values, unsigned bits, std::uint64_t q) noexcept;

}  // namespace tablinum::seal::pre
