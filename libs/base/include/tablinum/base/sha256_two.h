#pragma once
/// SHA-256 of two messages at a time: with the processor's instructions for it nearly twice as fast as one after the other, because
/// the rounds of one fill the gaps that the latency of the other's leaves.  Source: FIPS 180-4 §6.2.2.
#include <array>
#include <cstddef>
#include <cstdint>

namespace tablinum {

/// The state between two blocks: 8 words, host order.
using Sha256State = std::array<std::uint32_t, 8>;
/// FIPS 180-4 §5.3.3.
inline constexpr Sha256State kSha256Initial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                               0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/// Absorbs `blocks` blocks of 64 bytes into each state.
/// @note On any processor; where it has no such instructions, one message after the other.
void sha256_compress_two(Sha256State& state0, Sha256State& state1, const std::uint8_t* data0, const std::uint8_t* data1,
                         std::size_t blocks) noexcept;

}  // namespace tablinum
