#pragma once
/// Signature algorithms that this program does not use itself: SLH-DSA (FIPS 205, every build), and in builds with TABLINUM_OQS those of
/// liboqs (Falcon, SPHINCS+, Dilithium, MAYO, CROSS, UOV) under its names. The older exchange lets an account carry such keys, and
/// identities taken over from it may have them.
///
/// Most of liboqs's schemes are younger and less examined than ML-DSA; nothing here makes one a default. Constant time is what liboqs
/// promises for each, not what this program checked. Thread-safe; keys are immutable, secret ones are wiped when they go.
/// Source: FIPS 205; liboqs, docs/algorithms/sig.
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/base/bytes.h"
#include "tablinum/base/error.h"
#include "tablinum/base/secret.h"

namespace tablinum::seal {

struct FurtherSignature {
  std::string name;     ///< as the standard, or liboqs and the older exchange, spell it: "SLH-DSA-SHA2-128s", "Falcon-512"
  std::string version;  ///< "FIPS 205", or of liboqs; schemes that are no standard change from one to the next
  std::size_t public_key_bytes = 0, secret_key_bytes = 0;
  std::size_t signature_bytes_max = 0;  ///< Falcon's are shorter, each time by another length; all others are just as long
  unsigned nist_level = 0;              ///< 1 … 5, as its authors claim
};

/// SLH-DSA first, then liboqs's in its order; the memory is the program's.
std::span<const FurtherSignature> further_signatures();
/// Nothing where this build has no such algorithm.
const FurtherSignature* find_further_signature(std::string_view name);

/// False for anything that is not a signature of `message` by `public_key`, also where the name is unknown or the key is none.
[[nodiscard]] bool verify_further(std::string_view name, ByteView public_key, ByteView message, ByteView signature);

class FurtherSigner {
 public:
  /// Fresh keys.  @error unsupported: no such algorithm in this build.  internal: the library failed.
  static Result<FurtherSigner> generate(std::string_view name);
  /// Keys that another program made. Whether the halves belong together is tried out on a message.
  /// @error unsupported: no such algorithm in this build.  corrupt: not keys of that algorithm, or of two pairs.
  static Result<FurtherSigner> from_keys(std::string_view name, ByteView public_key, ByteView secret_key);

  const FurtherSignature& algorithm() const noexcept { return *algorithm_; }
  ByteView public_key() const noexcept { return public_key_; }
  ByteView secret_key() const noexcept { return secret_key_; }
  /// At most algorithm().signature_bytes_max bytes.  @error internal: the library failed, as it does for a secret key that is none.
  Result<Bytes> sign(ByteView message) const;

 private:
  FurtherSigner(const FurtherSignature& algorithm, Bytes public_key, SecretBytes secret_key)
      : algorithm_{&algorithm}, public_key_{std::move(public_key)}, secret_key_{std::move(secret_key)} {}
  const FurtherSignature* algorithm_;
  Bytes public_key_;
  SecretBytes secret_key_;
};

}  // namespace tablinum::seal
