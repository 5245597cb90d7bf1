#pragma once
/// The reference's JSON forms of 0x02 and 0x03: an exact spelling whose parts have public lengths, so that the verifier knows
/// what stands at every byte: a given character, or one of a class.  Format: docs/proof/statements.md.
#include "statement/kinds.h"

namespace tablinum::proof::legacy {

inline constexpr unsigned kTransactionBlocks = 4, kHeaderBlocks = 16;
inline constexpr std::size_t kTransactionBytesMax = 64 * kTransactionBlocks - 9, kHeaderBytesMax = 64 * kHeaderBlocks - 9;
/// H ‖ lengths of from, to and value (u8 each).
inline constexpr std::size_t kTransactionOutputs = 32 + 3;
/// H ‖ number ‖ timestamp ‖ gas_used ‖ gas_limit (u64LE each) ‖ how many digits each has (u8) ‖ length of extra_data's text u16LE.
inline constexpr std::size_t kHeaderOutputs = 32 + 4 * 8 + 4 + 2;

Outcome<Witness> transaction_witness(const Statement& statement, ByteView input);
std::vector<std::uint8_t> transaction_publics(const Statement& statement, ByteView outputs);
Outcome<Witness> header_witness(const Statement& statement, ByteView input);
std::vector<std::uint8_t> header_publics(const Statement& statement, ByteView outputs);
void build(unsigned blocks, Gates& gates);

}  // namespace tablinum::proof::legacy
