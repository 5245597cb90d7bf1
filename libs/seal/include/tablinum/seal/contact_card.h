#pragma once
/// What others need of an identity: its public keys, signed by itself. Format: docs/format/identity.md.
#include <cstdint>
#include <string>
#include <vector>

#include "tablinum/base/crypto.h"
#include "tablinum/seal/primitives.h"

namespace tablinum::seal {

inline constexpr std::size_t kCardBytesMax = 512 << 10;
inline constexpr std::size_t kCardNameBytesMax = 200;
inline constexpr std::size_t kCardReceivingKeysMax = 8;
inline constexpr std::size_t kCardSuccessionsMax = 16;
inline constexpr std::size_t kReceivingKeyBytesMax = 40'000;

/// Whose keys: SHA3-256("seal/v1/fingerprint" ‖ signing keys). Two people compare it outside the program.
using Fingerprint = Digest;
/// Eight groups of four letters and digits (160 bits, RFC 4648 base32): "K7QM-…".
std::string fingerprint_text(const Fingerprint& fingerprint);
Fingerprint fingerprint_of(const HybridVerifier& keys);

/// The public keys to which a file key is wrapped (stanza X of a sealed file).
struct ExchangePublicKey {
  X25519Public x25519{};
  KemPublicKey ml_kem;  // ML-KEM-768
  /// X25519 key ‖ ML-KEM-768 key, 1216 bytes.
  Bytes bytes() const;
  static constexpr std::size_t kBytes = 32 + 1184;
  /// @error corrupt: wrong length or not a key.
  static Result<ExchangePublicKey> parse(ByteView bytes);
  friend bool operator==(const ExchangePublicKey&, const ExchangePublicKey&) = default;
};

/// A key that receives what a proxy transformed. What its bytes mean is pre.h's business (ReceivePublic); here they are signed.
struct ReceivingKey {
  std::int64_t not_after_s = 0;  ///< Unix seconds; 0: no end
  Bytes public_key;              ///< 1 … kReceivingKeyBytesMax
  friend bool operator==(const ReceivingKey&, const ReceivingKey&) = default;
};

/// An identity's former signing keys say who comes after them.
struct Succession {
  HybridVerifier former;
  std::int64_t at_s = 0;  ///< Unix seconds
  Bytes signature;        ///< by `former` over "seal/v1/succession" ‖ former keys ‖ next keys ‖ at_s (LE, 8 bytes)
  friend bool operator==(const Succession&, const Succession&) = default;
};

/// A card that was verified: there is no way to hold one whose signatures are wrong.
class ContactCard {
 public:
  /// @error corrupt: not a card, altered, or signed by other keys than it names.  too_large.  unsupported: a later version.
  static Result<ContactCard> parse(ByteView bytes);
  /// The text form, "-----BEGIN TABLINUM CARD-----" …; text around it is not allowed, white space at the end is.
  static Result<ContactCard> parse_text(std::string_view text);

  const Bytes& bytes() const noexcept { return bytes_; }
  std::string text() const;

  const std::string& name() const noexcept { return name_; }  ///< what its owner calls himself; proves nothing
  std::uint32_t serial() const noexcept { return serial_; }   ///< a later card of the same identity has a higher one
  std::int64_t issued_at_s() const noexcept { return issued_at_s_; }
  const HybridVerifier& signer() const noexcept { return signer_; }
  const ExchangePublicKey& exchange() const noexcept { return exchange_; }
  /// How often the signing, exchange and receiving keys were replaced under the words in use.
  const std::array<std::uint32_t, 3>& generations() const noexcept { return generations_; }
  const std::vector<ReceivingKey>& receiving() const noexcept { return receiving_; }
  /// Oldest first; each link was verified up to signer().
  const std::vector<Succession>& successions() const noexcept { return successions_; }
  Fingerprint fingerprint() const { return fingerprint_of(signer_); }
  /// Whether the keys of `earlier` handed over to this card's, at once or in steps, or are the same.
  bool succeeds(const Fingerprint& earlier) const;

 private:
  friend class Identity;
  Bytes signed_part() const;
  ContactCard(HybridVerifier signer, ExchangePublicKey exchange) : signer_{std::move(signer)}, exchange_{std::move(exchange)} {}
  Bytes bytes_;
  std::string name_;
  std::uint32_t serial_ = 0;
  std::int64_t issued_at_s_ = 0;
  HybridVerifier signer_;
  ExchangePublicKey exchange_;
  std::array<std::uint32_t, 3> generations_{};
  std::vector<ReceivingKey> receiving_;
  std::vector<Succession> successions_;
};

}  // namespace tablinum::seal
