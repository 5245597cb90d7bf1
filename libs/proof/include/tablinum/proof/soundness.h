#pragma once
/// How sure a proof of the back end `lf` is.  Source: Ligero (Ames et al. 2017) and the account in docs/proof/lf.md.
#include <cstdint>
#include <string>
#include <vector>

#include "tablinum/proof/fault.h"

namespace tablinum::proof::lf {

/// Parameters of the commitment: everything else follows (layout.h). Never read from a proof.
struct Params {
  std::uint32_t rate_inverse = 0;
  std::uint32_t queries = 0;    ///< opened columns
  std::uint32_t block_enc = 0;  ///< length of a row, blinding included
  friend bool operator==(const Params&, const Params&) = default;
};

/// The profiles of the design, by number.
enum class Profile : std::uint8_t { p115 = 1, lf140 = 2, lf132 = 3, lf128 = 4 };

/// One line of the account: what could go wrong and how likely, in bits (−log2).
struct SoundnessTerm {
  std::string what;
  double bits = 0;
};
struct Soundness {
  double bits = 0;  ///< the smallest term
  std::vector<SoundnessTerm> terms;
};
/// Error of each round, for a prover who may try once; with T hash calls subtract log2(T).
/// @return 0 bits and no terms for parameters that no commitment has (no queries, rows too short for them, or over 2^16 − 1).
/// @param log_outputs ⌈log2⌉ of the circuit's outputs.
Soundness soundness(const Params& params, unsigned log_outputs = 8);

/// The row length that a profile takes for a circuit with this many compressions.
/// @error unsupported: no such profile, or below its floor (LF128 always).
Outcome<Params> params_for(std::uint8_t profile, unsigned compressions);
/// soundness().bits of those parameters, computed once; 0 for no such profile.
double profile_bits(std::uint8_t profile, unsigned compressions);
/// Bits below which a profile is refused.
double floor_bits(std::uint8_t profile);
std::string profile_name(std::uint8_t profile);

}  // namespace tablinum::proof::lf
