#pragma once
/// The ring-LWE half (design §2). Notation: ^ marks transform order; s_C the collection's secret, s_B the delegate's.
///   capsule      c0 + c1·s = ⌈q/2⌉·m + noise; c1 whole, of c0 only μ coefficients, rounded to 12 bits
///   rekey        rows (β_i, θ_i) = (b_B·u_i + e0_i + B^i·s_C, a_B·u_i + e1_i): encryptions of B^i·s_C under b_B
///   transform    c1' = Σ d_i·θ_i, c0' = c0 + Σ d_i·β_i + flood, with Σ d_i·B^i = c1
#include "pre/sampling.h"

namespace tablinum::seal::pre {

inline constexpr unsigned kCapsuleBits = 12;       ///< of a coefficient of c0 as stored
inline constexpr unsigned kTransformedC1Bits = 12;
inline constexpr unsigned kTransformedC0Bits = 8;
using Message = SecretBytes;                       ///< μ bits, least significant first

struct LatticePublic {
  const Ring* ring = nullptr;
  std::array<std::byte, 32> rho{};
  Poly a, b;  ///< â, b̂
};
struct LatticeSecret {
  const Ring* ring = nullptr;
  SecretPoly s;  ///< ŝ
};
struct LatticeKeys {
  LatticePublic public_key;
  LatticeSecret secret;
};
/// ℓ rows of (β̂_i, θ̂_i).
struct LatticeRekey {
  const Ring* ring = nullptr;
  std::vector<SecretPoly> beta, theta;
};
/// A capsule with whole words: what a transform takes and (but for the last hop's rounding) gives.
struct Words {
  Poly c1;  ///< n
  Poly c0;  ///< μ
};

LatticeKeys lattice_keys(const Ring& ring, const Seed& seed);
Bytes serialise_lattice_public(const LatticePublic& key);
/// @error corrupt: a coefficient ≥ q.  @param bytes exactly 32 + packed n coefficients (asserted by the caller).
Result<LatticePublic> parse_lattice_public(const Ring& ring, ByteView bytes);

std::size_t capsule_bytes(const Ring& ring) noexcept;
std::size_t rekey_bytes(const Ring& ring) noexcept;
std::size_t transformed_bytes(const Ring& ring) noexcept;

Bytes encrypt(const LatticePublic& key, const Message& m, const Seed& coins);
/// @error corrupt: a coefficient of c1 ≥ q.
Result<Words> parse_capsule(const Ring& ring, ByteView capsule);

LatticeRekey make_rekey(const LatticeSecret& from, const LatticePublic& to, const Seed& coins);
SecretBytes serialise_rekey(const LatticeRekey& rekey);
/// @error corrupt: a coefficient ≥ q.
Result<LatticeRekey> parse_rekey(const Ring& ring, ByteView bytes);

/// Where the flood's words come from: proxy's key, delegation's name, hash of the capsule.
struct FloodSeed {
  ByteView key, delegation, capsule;
};
/// One hop. @param flood_bits w; 0 leaves the flood out (regression tests of the attack that this invites).
Words transform(const LatticeRekey& rekey, const Words& capsule, unsigned flood_bits, const FloodSeed& seed);
/// Last hop: rounded.
Bytes serialise_transformed(const Ring& ring, const Words& words);
Words parse_transformed(const Ring& ring, ByteView bytes);
/// v = c0 + (c1·s)[0..μ), before it is decided which bits these are; secret.
SecretPoly phase(const LatticeSecret& key, const Words& words);
Message decide(const Ring& ring, const SecretPoly& phase);
Message decrypt(const LatticeSecret& key, const Words& words);

}  // namespace tablinum::seal::pre
