#pragma once
/// Who can open a sealed file: the small interfaces between the file format and the kinds of keys, and three of the kinds.
///
/// A sealed file has one random file key. Every recipient adds a stanza to the header that wraps it; whoever holds the matching key
/// unwraps it. Nothing else in the file depends on the recipients, so stanzas come and go without touching the payload.
/// Format of the stanzas: docs/format/sealed-file.md. Kinds here: X (identity), W (symmetric key), S (passphrase); P (collection) is
/// in pre.h's part of the module.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "tablinum/base/bytes.h"
#include "tablinum/base/crypto.h"
#include "tablinum/base/error.h"
#include "tablinum/base/parallel.h"
#include "tablinum/base/secret.h"

namespace tablinum::seal {

struct ExchangePublicKey;  // contact_card.h
class ExchangeSecretKey;   // identity.h
class HybridSigner;        // primitives.h
class HybridVerifier;

inline constexpr std::size_t kFileKeyBytes = 32;
using FileKey = Secret<kFileKeyBytes>;

/// The first byte of a stanza: a letter.
enum class StanzaType : std::uint8_t { collection = 'P', passphrase = 'S', symmetric = 'W', identity = 'X' };

struct Stanza {
  StanzaType type{};       ///< may hold a number that this version does not know
  std::uint8_t flags = 0;   ///< bit 0: critical (who does not know the type must refuse the file); the others are 0
  Bytes body;
  friend bool operator==(const Stanza&, const Stanza&) = default;
};

/// Wraps file keys. Implementations are thread-safe: one recipient may serve many files at the same time.
class Recipient {
 public:
  virtual ~Recipient() = default;
  /// The stanza for this recipient.
  /// @param core_hash SHA3-256 of the file's core, the part of the header that never changes: what a wrap is bound to.
  /// @error invalid: the recipient's key is unusable.  limit: no memory (passphrase).
  virtual Result<Stanza> wrap(const FileKey& file_key, const Digest& core_hash) const = 0;
};

using Confirm = FunctionRef<bool(const FileKey&)>;

/// Unwraps file keys. Implementations are thread-safe.
class Opener {
 public:
  virtual ~Opener() = default;
  /// The file key, or nothing where the stanza is not for this key, or was altered: the caller cannot tell, and shall not.
  /// @param confirm says whether the file's header is authentic under a key: for kinds that count their failures. The caller asks it
  /// again, so others need not.
  virtual std::optional<FileKey> unwrap(const Stanza& stanza, const Digest& core_hash, Confirm confirm) const = 0;
};

// ---- signatures ----

/// Names a signing key pair, by its fingerprint (contact_card.h). For the reader to look a contact up; proves nothing.
using SignerId = std::array<std::byte, 32>;
inline constexpr std::size_t kSignatureBytes = 64 + 3309;  ///< Ed25519 ‖ ML-DSA-65 (FIPS 204, pure, empty context)

class Signer {
 public:
  virtual ~Signer() = default;
  virtual SignerId id() const = 0;
  /// Both signatures of `message`, kSignatureBytes. Thread-safe.
  virtual Result<Bytes> sign(ByteView message) const = 0;
};

class SignatureVerifier {
 public:
  virtual ~SignatureVerifier() = default;
  virtual SignerId id() const = 0;
  /// True if both halves are good. Thread-safe.
  virtual bool verify(ByteView message, ByteView signature) const = 0;
};

std::unique_ptr<Signer> make_signer(const HybridSigner& keys);
std::unique_ptr<SignatureVerifier> make_verifier(const HybridVerifier& keys);

// ---- X: identities, X25519 with ML-KEM-768 ----

/// @param anonymous the stanza does not help to find its reader: every identity must try it.
/// @note wrap(): invalid if the X25519 key is a point of small order.
std::unique_ptr<Recipient> make_identity_recipient(const ExchangePublicKey& key, bool anonymous = false);
std::unique_ptr<Opener> make_identity_opener(const ExchangeSecretKey& key);
/// Whether a stanza X says that it is for this key; an anonymous one never does. No secret is needed.
bool names_reader(const Stanza& stanza, const ExchangePublicKey& key) noexcept;

// ---- W: a symmetric key (the owner's fast path; device and collection keys) ----

/// A recipient and opener at once for 32 bytes of good randomness.
class SymmetricKey final : public Recipient, public Opener {
 public:
  explicit SymmetricKey(const Secret<32>& key) noexcept;
  /// 16 bytes that stand in the stanza: a hash of the key, so all files under one key show the same.
  const std::array<std::byte, 16>& id() const noexcept { return id_; }
  Result<Stanza> wrap(const FileKey& file_key, const Digest& core_hash) const override;
  std::optional<FileKey> unwrap(const Stanza& stanza, const Digest& core_hash, Confirm confirm) const override;

 private:
  Secret<32> key_;
  std::array<std::byte, 16> id_{};
};

// ---- S: a passphrase, by Argon2id. It must be the file's only stanza ----

/// The work of Argon2id. The defaults take about 0.2 s and stay within the 64 MiB that opening any file may use.
struct PassphraseWork {
  std::uint32_t passes = 4;
  std::uint32_t memory_kib = 48 << 10;
};
/// What a file may ask of its reader: more is refused before any work is done.
inline constexpr std::uint32_t kPassesMax = 16;
inline constexpr std::uint32_t kMemoryKibMin = 8;
inline constexpr std::uint32_t kMemoryKibMax = 1 << 20;
inline constexpr std::uint64_t kPassesTimesMemoryMax = std::uint64_t{4} << 20;

/// @param passphrase as typed, UTF-8, not empty; copied and wiped.  @error invalid: empty, or work outside the bounds.
Result<std::unique_ptr<Recipient>> make_passphrase_recipient(ByteView passphrase, const PassphraseWork& work = {});
std::unique_ptr<Opener> make_passphrase_opener(ByteView passphrase);

}  // namespace tablinum::seal
