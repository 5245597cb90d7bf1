#include "tablinum/seal/roles.h"

#include <algorithm>

#include "identity/fields.h"
#include "tablinum/seal/pre.h"

namespace tablinum::seal {
namespace {
constexpr std::string_view kTransformedMagic = "TBTRANS\x01";
constexpr std::string_view kGroupMagic = "TBGROUP\x01";

Digest group_to_sign(ByteView before) {
  Sha3_256 hash;
  return hash.update("seal/v1/group").update(before).finish();
}
}

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

Result<Stanza> CollectionRecipient::wrap(const FileKey& file_key, const Digest& core_hash) const {
  TRY(body, pre::encapsulate(to_, core_hash, file_key, signer_, &device_));
  return Stanza{StanzaType::collection, 0, std::move(body)};
}

Bytes TransformedFile::bytes() const {
  Bytes all;
  FieldWriter out{all};
  out.raw(bytes_of(kTransformedMagic));
  out.raw(proxy.bytes);
  out.sized<std::uint32_t>(ticket.serialise());
  out.sized<std::uint32_t>(transformed);
  return all;
}

Result<TransformedFile> TransformedFile::parse(ByteView bytes) {
  constexpr std::size_t kPartMax = 1 << 20;
  FieldReader in{bytes};
  const std::string_view magic = text_of(in.raw(kTransformedMagic.size()));
  if (!in.ok() || !magic.starts_with(kTransformedMagic.substr(0, kTransformedMagic.size() - 1)))
    return fail(Code::corrupt, "not what `tablinum transform` writes");
  if (magic != kTransformedMagic) return fail(Code::unsupported, "of a later version of this program");
  const ByteView proxy = in.raw(32), ticket_bytes = in.sized<std::uint32_t>(kPartMax),
                 transformed = in.sized<std::uint32_t>(kPartMax);
  if (!in.at_end()) return fail(Code::corrupt, "it is cut off or altered");
  TRY(ticket, pre::Ticket::parse(ticket_bytes));
  if (const auto parsed = pre::Transformed::parse(transformed); !parsed) return std::unexpected(parsed.error());
  TransformedFile file{{}, std::move(ticket), {transformed.begin(), transformed.end()}};
  std::ranges::copy(proxy, file.proxy.bytes.begin());
  return file;
}

std::optional<FileKey> TransformedOpener::unwrap(const Stanza& stanza, const Digest& core_hash, Confirm confirm) const {
  if (stanza.type != StanzaType::collection) return std::nullopt;
  const auto& facts = file_.ticket.facts();
  std::optional<FileKey> found;
  delegate_.for_each_receiving_seed(static_cast<std::uint8_t>(facts.suite), [&](const SeedPair& seeds) {
    const auto key = pre::ReceiveSecret::create(facts.suite, seeds.lattice, seeds.classical);
    // The ticket names its key, so no other one is tried: each trial could cost a unit of that key's budget.
    if (!key || key->public_key().hash() != facts.delegate_key) return true;
    const pre::OpenRequest request{stanza.body, file_.transformed, file_.ticket, core_hash, owner_, file_.proxy};
    if (auto opened = pre::open_transformed(*key, request, budget_, confirm)) found = std::move(*opened);
    return false;
  });
  return found;
}

Result<GroupCard> GroupCard::create(const pre::CollectionPublic& key, const pre::Signer& administrator) {
  Bytes all;
  FieldWriter out{all};
  out.raw(bytes_of(kGroupMagic));
  out.raw(administrator.id().bytes);
  out.sized<std::uint32_t>(key.serialise());
  TRY(signature, administrator.sign(group_to_sign(all).view()));
  out.raw(signature);
  return GroupCard{key, administrator.id(), std::move(all)};
}

Result<GroupCard> GroupCard::parse(ByteView bytes) {
  constexpr std::size_t kKeyMax = 64 << 10;
  FieldReader in{bytes};
  const std::string_view magic = text_of(in.raw(kGroupMagic.size()));
  if (!in.ok() || !magic.starts_with(kGroupMagic.substr(0, kGroupMagic.size() - 1))) return fail(Code::corrupt, "not a group's key");
  if (magic != kGroupMagic) return fail(Code::unsupported, "of a later version of this program");
  const ByteView administrator = in.raw(32), key_bytes = in.sized<std::uint32_t>(kKeyMax);
  (void)in.raw(pre::kSignatureBytes);
  if (!in.at_end()) return fail(Code::corrupt, "it is cut off or altered");
  TRY(key, pre::CollectionPublic::parse(key_bytes));
  pre::IdentityId id;
  std::ranges::copy(administrator, id.bytes.begin());
  return GroupCard{std::move(key), id, {bytes.begin(), bytes.end()}};
}

Result<void> GroupCard::verify(const pre::Verifier& administrator) const {
  const ByteView all{bytes_};
  const auto message = group_to_sign(all.first(all.size() - pre::kSignatureBytes));
  if (administrator.id() != administrator_ || !administrator.verify(message.view(), all.last<pre::kSignatureBytes>()))
    return fail(Code::denied, "this group's key is not signed by the person on the card");
  return {};
}

std::optional<FileKey> GroupOpener::unwrap(const Stanza& stanza, const Digest& core_hash, Confirm confirm) const {
  if (stanza.type != StanzaType::collection || group_.key().public_key().hash() != file_.ticket.facts().delegate_key) return std::nullopt;
  const pre::OpenRequest request{stanza.body, file_.transformed, file_.ticket, core_hash, owner_, file_.proxy};
  auto opened = pre::open_transformed(group_, request, budget_, confirm);
  if (!opened) return std::nullopt;
  return std::move(*opened);
}

pre::ReceiveSecret receiving_key(const Identity& identity, pre::Suite suite) {
  const auto seeds = identity.receiving_seed(static_cast<std::uint8_t>(suite), identity.generation(KeyKind::receiving));
  return pre::ReceiveSecret::create(suite, seeds.lattice, seeds.classical).value();  // refuses equal seeds only
}

ReceivingKey receiving_entry(const Identity& identity, pre::Suite suite, std::int64_t not_after_s) {
  return {not_after_s, receiving_key(identity, suite).public_key().serialise()};
}

Result<pre::CollectionSecret> collection_key(const Identity& identity, std::uint32_t phrase_number,
                                             const pre::CollectionId& collection, std::uint32_t epoch, pre::Suite suite) {
  TRY(seeds, identity.collection_seed(phrase_number, collection.bytes, epoch, static_cast<std::uint8_t>(suite)));
  return pre::CollectionSecret::create(suite, collection, epoch, seeds.lattice, seeds.classical);
}

std::unique_ptr<Recipient> card_recipient(const ContactCard& card, bool anonymous) {
  return make_identity_recipient(card.exchange(), anonymous);
}

}  // namespace tablinum::seal
