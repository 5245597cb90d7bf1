#pragma once
/// SHA-256 of two messages at a time: the rounds of one fill the gaps that the latency of the other's leaves.
/// Source: FIPS 180-4 §6.2.2; Intel SHA extensions.
#include <cstddef>
#include <cstdint>

namespace tablinum::kernels {

/// Absorbs `blocks` blocks of 64 bytes into each state (8 words, host order). Needs the processor's SHA instructions.
void sha256_two_sha(std::uint32_t* state0, std::uint32_t* state1, const std::uint8_t* data0, const std::uint8_t* data1,
                     std::size_t blocks);

}  // namespace tablinum::kernels
