#pragma once
/// The reference application's identity file (`hd_v1`: JSON with the phrase and the keys in plain text), in and out.
/// What becomes of each of its keys: docs/migrate/dcypher.md.
#include <optional>

#include "tablinum/seal/further_signatures.h"
#include "tablinum/seal/identity.h"

namespace tablinum::seal {

inline constexpr std::size_t kHdV1BytesMax = kLegacyBytesMax;

/// What of a foreign identity can be used here. Its PRE keys are another library's objects: they are kept and given back, not
/// used.
struct LegacyKeys {
  std::optional<Secp256k1Signer> classic;
  struct Dsa {
    std::string algorithm;  ///< as the file names it: "ML-DSA-87"
    DsaSigner signer;
  };
  std::vector<Dsa> dsa;
  std::vector<FurtherSigner> further;  ///< of other algorithms, in builds that have them (further_signatures.h)
  std::vector<std::string> kept_only;  ///< names of keys that this build cannot use
  bool phrase_gives_classic = false;   ///< the classic key is the one that the phrase gives by the reference's derivation
};

/// An identity with the phrase of an hd_v1 file; all of its new keys come from that phrase. The file itself is kept in it.
/// @error corrupt: not such a file, or a phrase that is none.  unsupported: another version.  invalid: a bad name.  too_large.
Result<Identity> import_hd_v1(std::string_view json, std::string name, std::int64_t now_s);
/// The keys of the file that import_hd_v1() kept.  @error not_found: none was kept.  corrupt: one of its keys is damaged.
Result<LegacyKeys> legacy_keys(const Identity& identity);

/// The way back: the file as it came; for an identity that was made here, a new one with its phrase, the classic key derived as
/// the reference derives it, and an ML-DSA-87 key; without PRE keys, which the reference makes anew.
Result<SecretText> export_hd_v1(const Identity& identity);

/// The reference's classic key number `index` of a phrase: PBKDF2-HMAC-SHA-256 of the BIP-39 seed, 100,000 rounds (contract
/// §2).
Result<Secp256k1Signer> hd_v1_classic_key(std::string_view phrase, std::uint32_t index);

}  // namespace tablinum::seal
