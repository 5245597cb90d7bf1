#pragma once
/// Post-quantum and classical primitives, each key a type of its own: ML-KEM (FIPS 203), ML-DSA (FIPS 204), X25519 (RFC 7748),
/// Ed25519 (RFC 8032), secp256k1 ECDSA, and the pair Ed25519 + ML-DSA-65 that signs everything of this module.
///
/// Keys are immutable, copyable and thread-safe; secret ones are wiped when they go. Nothing here depends on time or on the
/// values of secrets, except that signing with ML-DSA repeats a random number of times.
#include <array>
#include <memory>

#include "tablinum/base/bytes.h"
#include "tablinum/base/error.h"
#include "tablinum/base/secret.h"

namespace tablinum::seal {

// ---- ML-KEM

enum class KemLevel : std::uint16_t { ml_kem_512 = 512, ml_kem_768 = 768, ml_kem_1024 = 1024 };

struct KemSizes {
  std::size_t public_key, secret_key, ciphertext;
};
constexpr KemSizes sizes(KemLevel level) noexcept {
  return level == KemLevel::ml_kem_512   ? KemSizes{800, 1632, 768}
         : level == KemLevel::ml_kem_768 ? KemSizes{1184, 2400, 1088}
                                         : KemSizes{1568, 3168, 1568};
}
inline constexpr std::size_t kKemSeedBytes = 64;  ///< d ‖ z of FIPS 203 §7.1
inline constexpr std::size_t kKemSharedBytes = 32;

struct Encapsulation {
  Bytes ciphertext;
  Secret<kKemSharedBytes> shared;
};

class KemPublicKey {
 public:
  /// @error corrupt: not as long as the level's key, or a coefficient is not below q (the check of FIPS 203 §7.2).
  static Result<KemPublicKey> parse(KemLevel level, ByteView bytes);
  KemLevel level() const noexcept { return level_; }
  ByteView bytes() const noexcept { return bytes_; }
  /// Fresh randomness each time.
  Encapsulation encapsulate() const;
  /// With the 32 bytes m of FIPS 203 §6.2 given: for known-answer tests only.
  Encapsulation encapsulate_with(std::span<const std::byte, 32> coins) const;
  friend bool operator==(const KemPublicKey&, const KemPublicKey&) = default;

 private:
  KemPublicKey(KemLevel level, Bytes bytes) : level_{level}, bytes_{std::move(bytes)} {}
  friend class KemSecretKey;
  KemLevel level_;
  Bytes bytes_;
};

class KemSecretKey {
 public:
  /// The key pair of FIPS 203 §6.1, always the same for one seed.
  static KemSecretKey from_seed(KemLevel level, std::span<const std::byte, kKemSeedBytes> seed);
  /// The expanded form of FIPS 203 §7.3.  @error corrupt: wrong length, or the hash of the public key inside does not fit.
  static Result<KemSecretKey> from_expanded(KemLevel level, ByteView bytes);
  KemLevel level() const noexcept { return public_key_.level(); }
  const KemPublicKey& public_key() const noexcept { return public_key_; }
  ByteView expanded() const noexcept { return bytes_; }
  /// A ciphertext of right length always gives a secret, a useless one if it was altered (implicit rejection).
  /// @error corrupt: wrong length.
  Result<Secret<kKemSharedBytes>> decapsulate(ByteView ciphertext) const;

 private:
  KemSecretKey(KemPublicKey public_key, SecretBytes bytes) : public_key_{std::move(public_key)}, bytes_{std::move(bytes)} {}
  KemPublicKey public_key_;
  SecretBytes bytes_;
};

// ---- ML-DSA, the pure variant

enum class DsaLevel : std::uint8_t { ml_dsa_44 = 44, ml_dsa_65 = 65, ml_dsa_87 = 87 };

struct DsaSizes {
  std::size_t public_key, secret_key, signature;
};
constexpr DsaSizes sizes(DsaLevel level) noexcept {
  return level == DsaLevel::ml_dsa_44   ? DsaSizes{1312, 2560, 2420}
         : level == DsaLevel::ml_dsa_65 ? DsaSizes{1952, 4032, 3309}
                                        : DsaSizes{2592, 4896, 4627};
}
inline constexpr std::size_t kDsaSeedBytes = 32;  ///< ξ of FIPS 204 §6.1
inline constexpr std::size_t kDsaContextBytesMax = 255;

class DsaVerifier {
 public:
  /// @error corrupt: not as long as the level's key.
  static Result<DsaVerifier> parse(DsaLevel level, ByteView bytes);
  DsaLevel level() const noexcept { return level_; }
  ByteView bytes() const noexcept { return bytes_; }
  /// False for anything that is not a signature, also for a context over kDsaContextBytesMax.
  [[nodiscard]] bool verify(ByteView message, ByteView signature, ByteView context = {}) const;
  friend bool operator==(const DsaVerifier& a, const DsaVerifier& b) { return a.level_ == b.level_ && a.bytes_ == b.bytes_; }

 private:
  struct Key;
  DsaVerifier(DsaLevel level, Bytes bytes, std::shared_ptr<const Key> key);
  friend class DsaSigner;
  DsaLevel level_;
  Bytes bytes_;
  std::shared_ptr<const Key> key_;
};

class DsaSigner {
 public:
  static DsaSigner from_seed(DsaLevel level, std::span<const std::byte, kDsaSeedBytes> seed);
  /// The expanded form of FIPS 204 §7.2, as other programs store it.  @error corrupt: not a key of this level.
  static Result<DsaSigner> from_expanded(DsaLevel level, ByteView bytes);
  DsaLevel level() const noexcept { return verifier_.level(); }
  const DsaVerifier& verifier() const noexcept { return verifier_; }
  SecretBytes expanded() const;
  /// Hedged (FIPS 204 §3.4): two signatures of one message differ.  @param context at most kDsaContextBytesMax (asserted).
  Bytes sign(ByteView message, ByteView context = {}) const;

 private:
  DsaSigner(DsaVerifier verifier) : verifier_{std::move(verifier)} {}
  DsaVerifier verifier_;  // its key has the secret half, too
};

// ---- X25519

using X25519Public = std::array<std::byte, 32>;
X25519Public x25519_public(const Secret<32>& secret) noexcept;
/// @error corrupt: the result is all zero, so `peer` is a point of small order.
Result<Secret<32>> x25519(const Secret<32>& secret, const X25519Public& peer);

// ---- Ed25519

using Ed25519Public = std::array<std::byte, 32>;
using Ed25519Signature = std::array<std::byte, 64>;

class Ed25519Signer {
 public:
  explicit Ed25519Signer(const Secret<32>& seed) noexcept;
  const Ed25519Public& public_key() const noexcept { return public_; }
  Ed25519Signature sign(ByteView message) const noexcept;

 private:
  Secret<64> key_;
  Ed25519Public public_;
};
/// False for anything but a 64-byte signature by that key, s below the group's order.
[[nodiscard]] bool ed25519_verify(const Ed25519Public& key, ByteView message, ByteView signature) noexcept;

// ---- secp256k1 ECDSA over SHA-256, for the reference's accounts (contract: signatures are r ‖ s, 64 bytes)

using Secp256k1Public = std::array<std::byte, 65>;  ///< 04 ‖ x ‖ y
using Secp256k1Signature = std::array<std::byte, 64>;

class Secp256k1Signer {
 public:
  /// @error invalid: zero, or not below the group's order.
  static Result<Secp256k1Signer> from_scalar(const Secret<32>& scalar);
  static Secp256k1Signer random();
  const Secp256k1Public& public_key() const noexcept { return public_; }
  const Secret<32>& scalar() const noexcept { return scalar_; }
  Secp256k1Signature sign(ByteView message) const;

 private:
  Secp256k1Signer(const Secret<32>& scalar, const Secp256k1Public& key) : scalar_{scalar}, public_{key} {}
  Secret<32> scalar_;
  Secp256k1Public public_;
};
/// False for anything but a signature by that key, also where the key is no point of the curve.
[[nodiscard]] bool secp256k1_verify(const Secp256k1Public& key, ByteView message, ByteView signature);

// ---- Ed25519 and ML-DSA-65 together: valid only if both are

inline constexpr std::size_t kHybridPublicBytes = 32 + 1952;
inline constexpr std::size_t kHybridSignatureBytes = 64 + 3309;

class HybridVerifier {
 public:
  /// @param bytes Ed25519 key ‖ ML-DSA-65 key.  @error corrupt: wrong length.
  static Result<HybridVerifier> parse(ByteView bytes);
  Bytes bytes() const;
  /// @param signature Ed25519 signature ‖ ML-DSA-65 signature, both over `message`. Messages begin with a domain string.
  [[nodiscard]] bool verify(ByteView message, ByteView signature) const;
  friend bool operator==(const HybridVerifier&, const HybridVerifier&) = default;

 private:
  HybridVerifier(const Ed25519Public& ed25519, DsaVerifier ml_dsa) : ed25519_{ed25519}, ml_dsa_{std::move(ml_dsa)} {}
  friend class HybridSigner;
  Ed25519Public ed25519_;
  DsaVerifier ml_dsa_;
};

class HybridSigner {
 public:
  HybridSigner(const Secret<32>& ed25519_seed, const Secret<kDsaSeedBytes>& ml_dsa_seed);
  const HybridVerifier& verifier() const noexcept { return verifier_; }
  /// kHybridSignatureBytes bytes.
  Bytes sign(ByteView message) const;

 private:
  Ed25519Signer ed25519_;
  DsaSigner ml_dsa_;
  HybridVerifier verifier_;
};

// ---- What there is

struct Algorithm {
  const char* name;  ///< "ML-DSA-65"
  const char* kind;  ///< "signature", "key encapsulation", "key agreement", "proxy re-encryption", "encryption", "password hash"
  const char* source;  ///< "FIPS 204"
};
/// Every algorithm of this build, in the order in which it is shown; further_signatures() are the last. The memory is the program's.
std::span<const Algorithm> algorithms();

}  // namespace tablinum::seal
