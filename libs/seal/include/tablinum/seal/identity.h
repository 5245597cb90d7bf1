#pragma once
/// A person's secret keys, all of them derived from 24 words. Derivation and file format: docs/format/identity.md.
#include <optional>
#include <string>
#include <vector>

#include "tablinum/base/parallel.h"
#include "tablinum/base/secret.h"
#include "tablinum/seal/contact_card.h"
#include "tablinum/seal/mnemonic.h"
#include "tablinum/seal/primitives.h"

namespace tablinum::seal {

/// Limits of what an identity file may ask of the machine that opens it.
inline constexpr std::uint32_t kArgonPassesMax = 16;
inline constexpr std::uint32_t kArgonMemoryKibMax = 1U << 20;
inline constexpr std::size_t kIdentityFileBytesMax = 8 << 20;
inline constexpr std::size_t kLegacyBytesMax = 4 << 20;
inline constexpr std::uint32_t kGenerationMax = 1000;

/// How hard a passphrase is to guess: Argon2id, by default libsodium's "moderate" (0.7 s, 256 MiB).
struct PassphraseCost {
  std::uint32_t passes = 3;
  std::uint32_t memory_kib = 256 << 10;
};

/// The secret half of ExchangePublicKey.
class ExchangeSecretKey {
 public:
  ExchangeSecretKey(const Secret<32>& x25519, const Secret<kKemSeedBytes>& ml_kem_seed);
  const ExchangePublicKey& public_key() const noexcept { return public_; }
  const Secret<32>& x25519() const noexcept { return x25519_; }
  const KemSecretKey& ml_kem() const noexcept { return ml_kem_; }

 private:
  Secret<32> x25519_;
  KemSecretKey ml_kem_;
  ExchangePublicKey public_;
};

/// The two halves of a key pair of pre.h come from seeds of their own.
struct SeedPair {
  Secret<32> lattice, classical;
};
using CollectionIdView = std::span<const std::byte, 16>;

/// Which key rotate() replaces.
enum class KeyKind : std::uint8_t { signing, exchange, receiving };

/// Thread-safe as long as nobody changes it.
class Identity {
 public:
  /// With new words.  @error invalid: the name is empty, over kCardNameBytesMax, not UTF-8 or has control characters.
  static Result<Identity> create(std::string name, std::int64_t now_s);
  static Result<Identity> from_entropy(std::string name, const Secret<kEntropyBytes>& entropy, std::int64_t now_s);

  const std::string& name() const noexcept { return name_; }
  std::int64_t created_at_s() const noexcept { return created_at_s_; }
  SecretText phrase() const { return phrase_from_entropy(phrases_.back().entropy); }
  /// How often rotate_phrase() was called.
  std::uint32_t phrase_number() const noexcept { return static_cast<std::uint32_t>(phrases_.size() - 1); }
  /// Of the current words' keys; 0 at first.
  std::uint32_t generation(KeyKind kind) const noexcept { return phrases_.back().generation[static_cast<std::size_t>(kind)]; }

  // Keys are derived anew by each call (about 0.1 ms): keep what is used often.
  HybridSigner signer() const;
  Fingerprint fingerprint() const { return fingerprint_of(signer().verifier()); }
  ExchangeSecretKey exchange() const;
  /// The exchange keys to which a file may have been sealed, newest first: of the current and every earlier generation, also of
  /// former words. `visit` gives false to stop.
  void for_each_exchange(FunctionRef<bool(const ExchangeSecretKey&)> visit) const;
  /// Seed of the receiving key of a suite of pre.h.  @param generation at most generation(receiving), of the current words.
  SeedPair receiving_seed(std::uint8_t suite, std::uint32_t generation) const;
  /// All receiving seeds of a suite, newest first, also of former words.
  void for_each_receiving_seed(std::uint8_t suite, FunctionRef<bool(const SeedPair&)> visit) const;
  /// Seed of a collection's key pair of pre.h in one epoch; a collection keeps to the words under which it was created.
  /// @error not_found: no such phrase_number.
  Result<SeedPair> collection_seed(std::uint32_t phrase_number, CollectionIdView collection, std::uint32_t epoch,
                                   std::uint8_t suite) const;
  /// Symmetric key of a collection's epoch (stanza W).
  Result<Secret<32>> collection_symmetric_key(std::uint32_t phrase_number, CollectionIdView collection,
                                              std::uint32_t epoch) const;
  /// For randomness that is hedged against a bad generator.
  Secret<32> device_secret() const;
  /// Seed of the ML-DSA-87 key that an exported identity has (migrate.h).
  Secret<32> hd_v1_dsa_seed() const;

  /// Signed by signer(). Its serial number goes up with every rotation.
  /// @error too_large: more or larger receiving keys than a card holds.
  Result<ContactCard> make_card(std::vector<ReceivingKey> receiving, std::int64_t now_s) const;
  /// Goes on to the next generation; the old signing key signs the new one. Old exchange and receiving keys stay usable.
  /// @error limit: kGenerationMax or kCardSuccessionsMax reached.
  Result<void> rotate(KeyKind kind, std::int64_t now_s);
  /// New words for all that comes; the old signing key signs the new one.  @error limit: kCardSuccessionsMax reached.
  Result<void> rotate_phrase(std::int64_t now_s);
  /// After restoring from words alone: how far the keys had got, from the identity's last card.
  /// @error conflict: the card is not of these words.
  Result<void> adopt(const ContactCard& card);

  /// A foreign identity file kept as it came, so that it can be given back; empty: none.
  const SecretBytes& legacy() const noexcept { return legacy_; }
  /// @error too_large: over kLegacyBytesMax.
  Result<void> set_legacy(SecretBytes legacy);

  /// The identity file, a text. Without a passphrase whoever can read the file has the keys.
  /// @error limit: the memory for Argon2id is not to be had.
  Result<SecretText> encode(std::optional<std::string_view> passphrase, const PassphraseCost& cost = {}) const;
  /// Whether a file needs a passphrase.  @error as decode().
  static Result<bool> needs_passphrase(std::string_view file);
  /// @error unauthenticated: a wrong passphrase or an altered file (one answer for both).  corrupt: not an identity file.
  ///        unsupported: a later version.  limit: it asks for more memory or time than is allowed.
  static Result<Identity> decode(std::string_view file, std::string_view passphrase = {});

 private:
  struct Phrase {
    Secret<kEntropyBytes> entropy;
    std::array<std::uint32_t, 3> generation{};
  };
  Identity() = default;
  Result<void> hand_over(const HybridSigner& former, std::int64_t now_s);
  Secret<32> derive(std::size_t phrase, std::string_view label, ByteView rest) const;
  HybridSigner signer_of(std::size_t phrase, std::uint32_t generation) const;
  ExchangeSecretKey exchange_of(std::size_t phrase, std::uint32_t generation) const;
  SeedPair receiving_seed_of(std::size_t phrase, std::uint8_t suite, std::uint32_t generation) const;
  SecretBytes plain() const;
  static Result<Identity> from_plain(ByteView plain);

  std::string name_;
  std::int64_t created_at_s_ = 0;
  std::vector<Phrase> phrases_;  // the last one is in use
  std::vector<Succession> successions_;
  std::uint32_t card_serial_ = 0;
  SecretBytes legacy_;
};

}  // namespace tablinum::seal
