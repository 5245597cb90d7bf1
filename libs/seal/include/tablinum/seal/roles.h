#pragma once
/// Identities and contact cards in the roles that sealed files (recipient.h) and proxy re-encryption (pre_party.h) ask for.
#include <memory>
#include <vector>

#include "tablinum/seal/identity.h"
#include "tablinum/seal/pre_party.h"
#include "tablinum/seal/recipient.h"

namespace tablinum::seal {

SignerId signer_id(const Fingerprint& fingerprint) noexcept;
pre::IdentityId party_id(const Fingerprint& fingerprint) noexcept;

/// Signs sealed files; keeps a copy of the identity's signing keys.
class FileSigner final : public Signer {
 public:
  explicit FileSigner(const Identity& identity) : keys_{identity.signer()} {}
  SignerId id() const override { return signer_id(fingerprint_of(keys_.verifier())); }
  Result<Bytes> sign(ByteView message) const override { return keys_.sign(message); }

 private:
  HybridSigner keys_;
};

/// Verifies sealed files by one pair of keys: a card's current or a former one.
class FileVerifier final : public SignatureVerifier {
 public:
  explicit FileVerifier(HybridVerifier keys) : keys_{std::move(keys)} {}
  SignerId id() const override { return signer_id(fingerprint_of(keys_)); }
  bool verify(ByteView message, ByteView signature) const override { return keys_.verify(message, signature); }

 private:
  HybridVerifier keys_;
};
/// For the card's keys and for the former ones it names: their signatures stay good.
std::vector<FileVerifier> file_verifiers(const ContactCard& card);

/// Signs capsules, delegations and tombstones.
class PartySigner final : public pre::Signer {
 public:
  explicit PartySigner(const Identity& identity) : keys_{identity.signer()} {}
  pre::IdentityId id() const noexcept override { return party_id(fingerprint_of(keys_.verifier())); }
  Result<pre::Signature> sign(ByteView message) const override;

 private:
  HybridSigner keys_;
};

class PartyVerifier final : public pre::Verifier {
 public:
  explicit PartyVerifier(HybridVerifier keys) : keys_{std::move(keys)} {}
  pre::IdentityId id() const noexcept override { return party_id(fingerprint_of(keys_)); }
  bool verify(ByteView message, std::span<const std::byte, pre::kSignatureBytes> signature) const noexcept override {
    return keys_.verify(message, signature);
  }

 private:
  HybridVerifier keys_;
};

/// A card whose fingerprint somebody compared.
class CardContact final : public pre::VerifiedContact {
 public:
  explicit CardContact(const ContactCard& card) : card_{card} {}
  pre::IdentityId id() const noexcept override { return party_id(card_.fingerprint()); }
  bool lists(const pre::ReceivePublic& key, Timestamp now) const noexcept override;

 private:
  ContactCard card_;
};

/// Opens what was sealed to an identity, by its exchange keys of every generation.
class IdentityOpener final : public Opener {
 public:
  explicit IdentityOpener(const Identity& identity);
  std::optional<FileKey> unwrap(const Stanza& stanza, const Digest& core_hash, Confirm confirm) const override;

 private:
  std::vector<std::unique_ptr<Opener>> generations_;
};

std::unique_ptr<Recipient> card_recipient(const ContactCard& card, bool anonymous = false);

}  // namespace tablinum::seal
