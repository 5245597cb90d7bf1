#pragma once
/// Parties of the tests of proxy re-encryption. Their signatures are keyed hashes: what is tested here is who must have signed what,
/// not the algorithms, which have tests of their own.
#include <algorithm>

#include "tablinum/seal/pre.h"

namespace tablinum::seal::pre::testing {

/// Signer and verifier of one identity. "Ed25519" is the first 64 bytes, "ML-DSA-65" the rest.
class Party final : public Signer, public Verifier, public VerifiedContact {
 public:
  explicit Party(std::uint8_t number) : key_(32, std::byte{number}) { id_.bytes.fill(std::byte{number}); }
  IdentityId id() const noexcept override { return id_; }
  Result<Signature> sign(ByteView message) const override { return signature_of(message); }
  bool verify(ByteView message, std::span<const std::byte, kSignatureBytes> signature) const noexcept override {
    return std::ranges::equal(signature, signature_of(message));
  }
  bool lists(const ReceivePublic& key, Timestamp now) const noexcept override {
    return std::ranges::find(card, key.id()) != card.end() && now < card_until;
  }
  std::vector<KeyId> card;
  Timestamp card_until{.ms = 4'000'000'000'000};

 private:
  Signature signature_of(ByteView message) const {
    Signature signature;
    hkdf_sha256(bytes_of("classical"), key_, message, std::span{signature}.first(kEd25519SignatureBytes));
    hkdf_sha256(bytes_of("lattice"), key_, message, std::span{signature}.subspan(kEd25519SignatureBytes));
    return signature;
  }
  IdentityId id_;
  Bytes key_;
};

inline Secret<32> seed(std::uint8_t number) {
  Secret<32> secret;
  std::ranges::fill(secret.mutable_view(), std::byte{number});
  return secret;
}
inline Digest digest(std::uint8_t number) {
  Digest result;
  result.bytes.fill(number);
  return result;
}
inline constexpr Timestamp kNow{.ms = 1'800'000'000'000};
inline constexpr std::uint64_t kLater = 1'900'000'000;

/// Owner, member, proxy and one file's capsule, all in order; tests spoil one thing.
struct World {
  explicit World(Suite of = Suite::kem_2048) : suite{of} { bob.card.push_back(receive.public_key().id()); }

  Bytes stanza_bytes(std::uint8_t file = 7) const { return encapsulate(collection.public_key(), digest(file), file_key, alice).value(); }
  CapsuleStanza stanza(std::uint8_t file = 7) const { return CapsuleStanza::parse(stanza_bytes(file)).value(); }
  Delegation delegate(DelegationTerms terms = {.not_after_s = kLater}) const {
    return Delegation::create(collection, bob, receive.public_key(), terms, alice, kNow).value();
  }
  Result<FileKey> open(const CapsuleStanza& capsule, ByteView transformed, const Ticket& ticket, std::uint8_t file = 7) {
    const auto yes = [](const FileKey&) { return true; };
    return open_transformed(receive,
                            {.stanza = capsule.bytes(), .transformed = transformed, .ticket = ticket, .core_hash = digest(file), .owner = alice,
                             .proxy = proxy.public_key()},
                            budget, yes);
  }

  Suite suite;
  Party alice{1}, bob{2}, carol{3};
  CollectionSecret collection = CollectionSecret::create(suite, CollectionId{}, 5, seed(10), seed(11)).value();
  ReceiveSecret receive = ReceiveSecret::create(suite, seed(20), seed(21)).value();
  FileKey file_key = seed(42);
  MemoryProxyState state;
  Proxy proxy{seed(30), state};
  MemoryFailureBudget budget;
};

}  // namespace tablinum::seal::pre::testing
