#pragma once
/// The back end `vole`: QuickSilver over GF(2) from VOLE-in-the-head. For small statements: a proof grows with its AND gates.
/// Protocol, bytes and soundness: docs/proof/vole.md.
#include <memory>

#include "tablinum/proof/lf.h"
#include "tablinum/proof/scheme.h"

namespace tablinum::proof::vole {

/// fast: 16 trees of 2^8 leaves.  small: 11 trees of 2^11 leaves and 7 bits of grinding: a third smaller, slower.
enum class Profile : std::uint8_t { fast = 1, small = 2 };

/// Larger statements are `lf`'s: there its proofs are smaller.
inline constexpr unsigned kCompressionsMaxHere = 32;

struct SoundnessTerm {
  std::string what;
  double bits = 0;
};
/// The account of docs/proof/vole.md for a profile: error of each challenge, in bits. The smallest one counts.
/// @error unsupported: no such profile.
Outcome<std::vector<SoundnessTerm>> soundness(std::uint8_t profile);
double soundness_bits(std::uint8_t profile) noexcept;

/// Makes the source of randomness of one proof; the default is lf::system_random.
using RandomMaker = std::function<std::unique_ptr<lf::Random>()>;

/// The statements over this back end.  @param random for tests only: see lf::Random.
std::shared_ptr<const Scheme> scheme(RandomMaker random = {});

}  // namespace tablinum::proof::vole
