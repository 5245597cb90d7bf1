#pragma once
/// Proofs over a Boolean circuit: docs/proof/vole.md.
#include "tablinum/proof/vole.h"
#include "vole/boolean_circuit.h"
#include "vole/layout.h"

namespace tablinum::proof::vole {

/// @return layout.proof_bytes() bytes.
/// @error input: an assertion does not hold.  backend: no randomness.  cancelled.
Outcome<Bytes> prove(const BooleanCircuit& circuit, const Params& params, std::span<const std::uint8_t> publics,
                     std::span<const std::uint8_t> privates, ByteView session, lf::Random& random, const Work& work);

/// What a verification found; everything but `accepted` is a false proof. For tests: the outside learns true or false.
enum class Verdict : std::uint8_t { accepted, wrong_length, spare_bits, grinding, commitment, consistency, constraints };

/// @error cancelled.
Outcome<Verdict> verify(const BooleanCircuit& circuit, const Params& params, std::span<const std::uint8_t> publics, ByteView session,
                        ByteView proof, const Work& work);

}  // namespace tablinum::proof::vole
