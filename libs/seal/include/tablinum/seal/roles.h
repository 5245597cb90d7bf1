#pragma once
/// Identities and contact cards in the roles that sealed files (recipient.h) and proxy re-encryption (pre_party.h) ask for.
#include <memory>
#include <vector>

#include "tablinum/seal/identity.h"
#include "tablinum/seal/pre.h"
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

/// Stanza P: for everybody to whom the collection's owner delegates. Signs each capsule.
class CollectionRecipient final : public Recipient {
 public:
  CollectionRecipient(pre::CollectionPublic to, const Identity& owner)
      : to_{std::move(to)}, signer_{owner}, device_{owner.device_secret()} {}
  Result<Stanza> wrap(const FileKey& file_key, const Digest& core_hash) const override;

 private:
  pre::CollectionPublic to_;
  PartySigner signer_;
  pre::DeviceSecret device_;
};

/// What a proxy hands to a delegate for one file: its answer, the public part of the delegation, its own key. 7.4 KB.
/// "TBTRANS" ‖ 1 ‖ proxy key (32) ‖ u32 size ‖ ticket ‖ u32 size ‖ T.
struct TransformedFile {
  pre::ProxyPublic proxy;
  pre::Ticket ticket;
  Bytes transformed;
  Bytes bytes() const;
  /// @error corrupt.  unsupported: a later version.
  static Result<TransformedFile> parse(ByteView bytes);
};

/// Opens stanza P with what the proxy made of it. All that it is given must outlive it.
class TransformedOpener final : public Opener {
 public:
  TransformedOpener(const Identity& delegate, const TransformedFile& file, const pre::Verifier& owner,
                    pre::FailureBudget& budget)
      : delegate_{delegate}, file_{file}, owner_{owner}, budget_{budget} {}
  std::optional<FileKey> unwrap(const Stanza& stanza, const Digest& core_hash, Confirm confirm) const override;

 private:
  const Identity& delegate_;
  const TransformedFile& file_;
  const pre::Verifier& owner_;
  pre::FailureBudget& budget_;
};

/// A collection's key in its role as a group's, and who administers it: the counterpart of a contact card for delegate-to-group.
/// "TBGROUP" ‖ 1 ‖ administrator (32) ‖ u32 size ‖ public key ‖ signature of H("seal/v1/group" ‖ all before). 13.7 KB for kem-2048.
class GroupCard {
 public:
  /// @error whatever the signer reports.
  static Result<GroupCard> create(const pre::CollectionPublic& key, const pre::Signer& administrator);
  /// @error corrupt.  unsupported: a later version.
  static Result<GroupCard> parse(ByteView bytes);
  const pre::CollectionPublic& key() const noexcept { return key_; }
  const pre::IdentityId& administrator() const noexcept { return administrator_; }
  const Bytes& bytes() const noexcept { return bytes_; }
  /// To be called before anything is delegated to the group.  @error denied: somebody else's, or not signed by him.
  Result<void> verify(const pre::Verifier& administrator) const;

 private:
  GroupCard(pre::CollectionPublic key, const pre::IdentityId& administrator, Bytes bytes) noexcept
      : key_{std::move(key)}, administrator_{administrator}, bytes_{std::move(bytes)} {}
  pre::CollectionPublic key_;
  pre::IdentityId administrator_;
  Bytes bytes_;
};

/// Opens stanza P with what the proxy made of it for a group, by the group's key. All but the key must outlive it.
class GroupOpener final : public Opener {
 public:
  GroupOpener(pre::GroupSecret group, const TransformedFile& file, const pre::Verifier& owner, pre::FailureBudget& budget)
      : group_{std::move(group)}, file_{file}, owner_{owner}, budget_{budget} {}
  std::optional<FileKey> unwrap(const Stanza& stanza, const Digest& core_hash, Confirm confirm) const override;

 private:
  pre::GroupSecret group_;
  const TransformedFile& file_;
  const pre::Verifier& owner_;
  pre::FailureBudget& budget_;
};

/// An identity's receiving key of its current generation.
pre::ReceiveSecret receiving_key(const Identity& identity, pre::Suite suite);
/// For make_card(): the public half.
ReceivingKey receiving_entry(const Identity& identity, pre::Suite suite, std::int64_t not_after_s = 0);
/// A collection's key in one epoch.  @error not_found: not of this identity's words.
Result<pre::CollectionSecret> collection_key(const Identity& identity, std::uint32_t phrase_number,
                                             const pre::CollectionId& collection, std::uint32_t epoch, pre::Suite suite);

std::unique_ptr<Recipient> card_recipient(const ContactCard& card, bool anonymous = false);

}  // namespace tablinum::seal
