#pragma once
/// Who signs and who receives, as proxy re-encryption sees them: three small interfaces that the identities implement.
/// Tests and other owners of keys may implement them too. Source: design "seal" §8; docs/format/proxy-re-encryption.md.
#include <array>
#include <cstddef>
#include <cstdint>

#include "tablinum/base/bytes.h"
#include "tablinum/base/error.h"
#include "tablinum/base/time.h"

namespace tablinum::seal::pre {

/// The fingerprint of an identity: 32 bytes that name its Ed25519 and ML-DSA-65 keys together.
struct IdentityId {
  std::array<std::byte, 32> bytes{};
  friend constexpr auto operator<=>(const IdentityId&, const IdentityId&) = default;
};

inline constexpr std::size_t kEd25519SignatureBytes = 64;
inline constexpr std::size_t kMlDsa65SignatureBytes = 3309;
inline constexpr std::size_t kSignatureBytes = kEd25519SignatureBytes + kMlDsa65SignatureBytes;
/// Ed25519 signature ‖ ML-DSA-65 signature, both over the same message.
using Signature = std::array<std::byte, kSignatureBytes>;

/// Signs for one identity with both algorithms.
class Signer {
 public:
  virtual ~Signer() = default;
  virtual IdentityId id() const noexcept = 0;
  /// @param message 32 … 256 bytes that start with nothing secret.  @error io: no randomness; unavailable: the key is locked.
  virtual Result<Signature> sign(ByteView message) const = 0;
};

/// Verifies for one identity. The caller has authenticated it (a contact card whose fingerprint was compared).
class Verifier {
 public:
  virtual ~Verifier() = default;
  virtual IdentityId id() const noexcept = 0;
  /// True only if both signatures are good.
  virtual bool verify(ByteView message, std::span<const std::byte, kSignatureBytes> signature) const noexcept = 0;
};

class ReceivePublic;

/// A contact whose card's signature was verified and whose fingerprint was compared out of band.
class VerifiedContact {
 public:
  virtual ~VerifiedContact() = default;
  virtual IdentityId id() const noexcept = 0;
  /// True if the card lists this receiving key and it is not expired at `now`.
  virtual bool lists(const ReceivePublic& key, Timestamp now) const noexcept = 0;
};

}  // namespace tablinum::seal::pre
