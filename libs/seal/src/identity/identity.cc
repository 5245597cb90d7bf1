#include "tablinum/seal/identity.h"

#include <algorithm>

#include "identity/armor.h"
#include "identity/box.h"
#include "identity/card.h"
#include "identity/fields.h"
#include "tablinum/base/crypto.h"

namespace tablinum::seal {
namespace {

constexpr std::string_view kMagic = "TBIDENT\x01";
constexpr std::string_view kLabel = "IDENTITY";
constexpr std::size_t kPhrasesMax = kCardSuccessionsMax + 1;

std::unexpected<Error> refuse_plain() { return fail(Code::corrupt, "an identity file whose contents make no sense"); }

Bytes little_endian(std::uint32_t number) {
  Bytes bytes;
  append_u32_le(bytes, number);
  return bytes;
}

Bytes suite_and(std::uint8_t suite, ByteView rest) {
  Bytes bytes{static_cast<std::byte>(suite)};
  append(bytes, rest);
  return bytes;
}

Secret<64> joined(const Secret<32>& a, const Secret<32>& b) {
  Secret<64> both;
  std::ranges::copy(a.view(), both.mutable_view().begin());
  std::ranges::copy(b.view(), both.mutable_view().begin() + 32);
  return both;
}

Result<SecretBytes> box_of(std::string_view file) {
  if (file.size() > kIdentityFileBytesMax) return fail(Code::too_large, "too large for an identity file");
  if (has_armor("CARD", file)) return fail(Code::corrupt, "this is a contact card, not an identity file");
  return from_armor(kLabel, file);
}

}  // namespace

ExchangeSecretKey::ExchangeSecretKey(const Secret<32>& x25519, const Secret<kKemSeedBytes>& ml_kem_seed)
    : x25519_{x25519},
      ml_kem_{KemSecretKey::from_seed(KemLevel::ml_kem_768, ml_kem_seed.view())},
      public_{x25519_public(x25519), ml_kem_.public_key()} {}

Result<Identity> Identity::create(std::string name, std::int64_t now_s) {
  return from_entropy(std::move(name), random_secret<kEntropyBytes>(), now_s);
}

Result<Identity> Identity::from_entropy(std::string name, const Secret<kEntropyBytes>& entropy, std::int64_t now_s) {
  if (!is_good_name(name))
    return fail(Code::invalid,
                "a name has 1 to " + std::to_string(kCardNameBytesMax) + " bytes of text without control characters");
  Identity identity;
  identity.name_ = std::move(name);
  identity.created_at_s_ = now_s;
  identity.phrases_.push_back({entropy, {}});
  return identity;
}

// ---- derivation: docs/format/identity.md

Secret<32> Identity::derive(std::size_t phrase, std::string_view label, ByteView rest) const {
  Bytes info;
  append(info, bytes_of("seal/v1/id/"));
  append(info, bytes_of(label));
  append(info, rest);
  Secret<32> key;
  hkdf_sha512(bytes_of("seal/v1/identity"), phrases_[phrase].entropy.view(), info, key.mutable_view());
  return key;
}

HybridSigner Identity::signer_of(std::size_t phrase, std::uint32_t generation) const {
  const Bytes rest = little_endian(generation);
  return {derive(phrase, "ed25519", rest), derive(phrase, "ml-dsa-65", rest)};
}

ExchangeSecretKey Identity::exchange_of(std::size_t phrase, std::uint32_t generation) const {
  const Bytes rest = little_endian(generation);
  return {derive(phrase, "x25519", rest), joined(derive(phrase, "ml-kem-768/d", rest), derive(phrase, "ml-kem-768/z", rest))};
}

SeedPair Identity::receiving_seed_of(std::size_t phrase, std::uint8_t suite, std::uint32_t generation) const {
  const Bytes rest = suite_and(suite, little_endian(generation));
  return {derive(phrase, "receiving/lattice", rest), derive(phrase, "receiving/classical", rest)};
}

HybridSigner Identity::signer() const { return signer_of(phrase_number(), generation(KeyKind::signing)); }
ExchangeSecretKey Identity::exchange() const { return exchange_of(phrase_number(), generation(KeyKind::exchange)); }
SeedPair Identity::receiving_seed(std::uint8_t suite, std::uint32_t generation) const {
  return receiving_seed_of(phrase_number(), suite, generation);
}

void Identity::for_each_exchange(FunctionRef<bool(const ExchangeSecretKey&)> visit) const {
  for (std::size_t phrase = phrases_.size(); phrase-- > 0;)
    for (std::uint32_t left = phrases_[phrase].generation[static_cast<std::size_t>(KeyKind::exchange)] + 1; left-- > 0;)
      if (!visit(exchange_of(phrase, left))) return;
}

void Identity::for_each_receiving_seed(std::uint8_t suite, FunctionRef<bool(const SeedPair&)> visit) const {
  for (std::size_t phrase = phrases_.size(); phrase-- > 0;)
    for (std::uint32_t left = phrases_[phrase].generation[static_cast<std::size_t>(KeyKind::receiving)] + 1; left-- > 0;)
      if (!visit(receiving_seed_of(phrase, suite, left))) return;
}

Result<SeedPair> Identity::collection_seed(std::uint32_t phrase_number, CollectionIdView collection, std::uint32_t epoch,
                                           std::uint8_t suite) const {
  if (phrase_number >= phrases_.size()) return fail(Code::not_found, "this identity has no such words");
  Bytes rest = suite_and(suite, collection);
  append_u32_le(rest, epoch);
  return SeedPair{derive(phrase_number, "collection/lattice", rest), derive(phrase_number, "collection/classical", rest)};
}

Result<Secret<32>> Identity::collection_symmetric_key(std::uint32_t phrase_number, CollectionIdView collection,
                                                      std::uint32_t epoch) const {
  if (phrase_number >= phrases_.size()) return fail(Code::not_found, "this identity has no such words");
  Bytes rest{collection.begin(), collection.end()};
  append_u32_le(rest, epoch);
  return derive(phrase_number, "collection/symmetric", rest);
}

Secret<32> Identity::device_secret() const { return derive(phrase_number(), "device", {}); }
Secret<32> Identity::hd_v1_dsa_seed() const { return derive(phrase_number(), "hd_v1/ml-dsa-87", {}); }

// ---- cards and rotation

Result<ContactCard> Identity::make_card(std::vector<ReceivingKey> receiving, std::int64_t now_s) const {
  const auto fits = [](const ReceivingKey& key) {
    return !key.public_key.empty() && key.public_key.size() <= kReceivingKeyBytesMax;
  };
  if (receiving.size() > kCardReceivingKeysMax || !std::ranges::all_of(receiving, fits))
    return fail(Code::too_large, "more receiving keys than a card holds");
  const HybridSigner keys = signer();
  ContactCard card{keys.verifier(), exchange().public_key()};
  card.name_ = name_;
  card.serial_ = card_serial_;
  card.issued_at_s_ = now_s;
  card.generations_ = phrases_.back().generation;
  card.receiving_ = std::move(receiving);
  card.successions_ = successions_;
  card.bytes_ = card.signed_part();
  Bytes message;
  append(message, bytes_of(kCardDomain));
  append(message, card.bytes_);
  append(card.bytes_, keys.sign(message));
  return card;
}

Result<void> Identity::hand_over(const HybridSigner& former, std::int64_t now_s) {
  Bytes signature = former.sign(succession_message(former.verifier(), signer().verifier(), now_s));
  successions_.push_back({former.verifier(), now_s, std::move(signature)});
  return {};
}

Result<void> Identity::rotate(KeyKind kind, std::int64_t now_s) {
  if (generation(kind) >= kGenerationMax || (kind == KeyKind::signing && successions_.size() >= kCardSuccessionsMax))
    return fail(Code::limit, "this key was replaced as often as is possible: make a new identity");
  const HybridSigner former = signer();
  ++phrases_.back().generation[static_cast<std::size_t>(kind)];
  ++card_serial_;
  return kind == KeyKind::signing ? hand_over(former, now_s) : Result<void>{};
}

Result<void> Identity::rotate_phrase(std::int64_t now_s) {
  if (successions_.size() >= kCardSuccessionsMax)
    return fail(Code::limit, "this identity changed its words as often as is possible");
  const HybridSigner former = signer();
  phrases_.push_back({random_secret<kEntropyBytes>(), {}});
  ++card_serial_;
  return hand_over(former, now_s);
}

Result<void> Identity::adopt(const ContactCard& card) {
  const auto& generations = card.generations();
  if (std::ranges::max(generations) > kGenerationMax) return fail(Code::conflict, "the card is not of these words");
  const auto [signing, exchange, receiving] = generations;
  if (signer_of(phrase_number(), signing).verifier() != card.signer() ||
      exchange_of(phrase_number(), exchange).public_key() != card.exchange())
    return fail(Code::conflict, "the card is not of these words");
  phrases_.back().generation = generations;
  successions_ = card.successions();
  card_serial_ = card.serial();
  return {};
}

Result<void> Identity::set_legacy(SecretBytes legacy) {
  if (legacy.size() > kLegacyBytesMax) return fail(Code::too_large, "the other program's identity file is too large");
  legacy_ = std::move(legacy);
  return {};
}

// ---- the file

SecretBytes Identity::plain() const {
  SecretBytes bytes;
  FieldWriter out{bytes};
  out.sized<std::uint8_t>(bytes_of(name_));
  out.number(static_cast<std::uint64_t>(created_at_s_));
  out.number(card_serial_);
  out.number(static_cast<std::uint8_t>(phrases_.size()));
  for (const auto& phrase : phrases_) {
    out.raw(phrase.entropy.view());
    for (const std::uint32_t generation : phrase.generation) out.number(generation);
  }
  write_successions(out, successions_);
  out.sized<std::uint32_t>(legacy_);
  return bytes;
}

Result<Identity> Identity::from_plain(ByteView plain) {
  FieldReader in{plain};
  Identity identity;
  identity.name_ = text_of(in.sized<std::uint8_t>(kCardNameBytesMax));
  identity.created_at_s_ = static_cast<std::int64_t>(in.number<std::uint64_t>());
  identity.card_serial_ = in.number<std::uint32_t>();
  const std::size_t phrases = in.number<std::uint8_t>();
  if (!in.ok() || !is_good_name(identity.name_) || phrases == 0 || phrases > kPhrasesMax) return refuse_plain();
  for (std::size_t i = 0; i < phrases && in.ok(); ++i) {
    Phrase phrase;
    std::ranges::copy(in.raw(kEntropyBytes), phrase.entropy.mutable_view().begin());
    for (auto& generation : phrase.generation) generation = in.number<std::uint32_t>();
    if (std::ranges::max(phrase.generation) > kGenerationMax) return refuse_plain();
    identity.phrases_.push_back(phrase);
  }
  if (!in.ok()) return refuse_plain();
  TRY(successions, read_successions(in, identity.signer().verifier()));
  identity.successions_ = std::move(successions);
  const ByteView legacy = in.sized<std::uint32_t>(kLegacyBytesMax);
  identity.legacy_.assign(legacy.begin(), legacy.end());
  if (!in.at_end()) return refuse_plain();
  return identity;
}

Result<SecretText> Identity::encode(std::optional<std::string_view> passphrase, const PassphraseCost& cost) const {
  TRY(box, close_box(kMagic, plain(), passphrase, cost));
  SecretText text = armored(kLabel, box);
  wipe(box);
  return text;
}

Result<bool> Identity::needs_passphrase(std::string_view file) {
  TRY(box, box_of(file));
  return box_is_encrypted(kMagic, box);
}

Result<Identity> Identity::decode(std::string_view file, std::string_view passphrase) {
  TRY(box, box_of(file));
  TRY(plain, open_box(kMagic, box, passphrase));
  return from_plain(plain);
}

}  // namespace tablinum::seal
