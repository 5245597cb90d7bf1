#pragma once
/// SLH-DSA (FIPS 205), the pure variant: signatures that rest on nothing but hash functions. liboqs 0.13 has only its forerunner SPHINCS+,
/// which gives other bytes. Names below are the standard's; sizes in bytes.
#include <string_view>

#include "tablinum/base/bytes.h"
#include "tablinum/base/secret.h"

namespace tablinum::seal::slh {

struct Parameters {
  std::string_view name;  ///< "SLH-DSA-SHA2-128s"
  bool shake;             ///< else SHA-2
  unsigned n;             ///< of a hash
  unsigned h, d;          ///< height of the hypertree, and its layers
  unsigned a, k;          ///< FORS: k trees of height a
  unsigned m;             ///< of the message's digest
  unsigned level;         ///< NIST's security category

  constexpr unsigned tree_height() const { return h / d; }
  constexpr unsigned chains() const { return 2 * n + 3; }  ///< of WOTS+ with w = 16
  constexpr std::size_t public_key_bytes() const { return 2 * n; }
  constexpr std::size_t secret_key_bytes() const { return 4 * n; }
  constexpr std::size_t signature_bytes() const { return (1 + k * (1 + a) + h + d * chains()) * n; }
};
/// The twelve sets of FIPS 205 §11, table 2.
std::span<const Parameters> parameter_sets() noexcept;

/// SK.seed ‖ SK.prf ‖ PK.seed ‖ PK.root; its second half is the public key.
/// @param seeds 3n bytes: SK.seed, SK.prf, PK.seed.
SecretBytes make_secret_key(const Parameters& of, ByteView seeds);
/// @param randomness n bytes; empty: the deterministic variant.  @param context at most 255 bytes.  Sizes are asserted.
Bytes sign(const Parameters& of, ByteView secret_key, ByteView message, ByteView context, ByteView randomness);
bool verify(const Parameters& of, ByteView public_key, ByteView message, ByteView context, ByteView signature);

}  // namespace tablinum::seal::slh
