#include "tablinum/seal/roles.h"

#include <algorithm>

#include "tablinum/seal/pre.h"

namespace tablinum::seal {

SignerId signer_id(const Fingerprint& fingerprint) noexcept {
  SignerId id;
  std::ranges::copy(fingerprint.view(), id.begin());
  return id;
}

pre::IdentityId party_id(const Fingerprint& fingerprint) noexcept { return {signer_id(fingerprint)}; }

std::vector<FileVerifier> file_verifiers(const ContactCard& card) {
  std::vector<FileVerifier> verifiers;
  verifiers.emplace_back(card.signer());
  for (const auto& each : card.successions()) verifiers.emplace_back(each.former);
  return verifiers;
}

Result<pre::Signature> PartySigner::sign(ByteView message) const {
  pre::Signature signature;
  std::ranges::copy(keys_.sign(message), signature.begin());
  return signature;
}

bool CardContact::lists(const pre::ReceivePublic& key, Timestamp now) const noexcept {
  const Bytes bytes = key.serialise();
  return std::ranges::any_of(card_.receiving(), [&](const ReceivingKey& each) {
    return each.public_key == bytes && (each.not_after_s == 0 || now.seconds() <= each.not_after_s);
  });
}

IdentityOpener::IdentityOpener(const Identity& identity) {
  identity.for_each_exchange([&](const ExchangeSecretKey& key) {
    generations_.push_back(make_identity_opener(key));
    return true;
  });
}

std::optional<FileKey> IdentityOpener::unwrap(const Stanza& stanza, const Digest& core_hash, Confirm confirm) const {
  for (const auto& opener : generations_)
    if (auto key = opener->unwrap(stanza, core_hash, confirm)) return key;
  return std::nullopt;
}

std::unique_ptr<Recipient> card_recipient(const ContactCard& card, bool anonymous) {
  return make_identity_recipient(card.exchange(), anonymous);
}

}  // namespace tablinum::seal
