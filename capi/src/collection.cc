#include "handles.h"
#include "tablinum/base/stream.h"
#include "tablinum/seal/pre_store.h"
#include "tablinum/seal/sealed_file.h"

struct tablinum_collection {
  tablinum::seal::Identity owner;
  std::uint32_t phrase_number;
  tablinum::seal::pre::CollectionSecret of;
};
struct tablinum_groups {
  tablinum::seal::pre::DelegationGraph of;
};
struct tablinum_delegation {
  tablinum::seal::pre::Delegation of;
};
struct tablinum_proxy {
  std::unique_ptr<tablinum::seal::pre::ProxyState> state;
  tablinum::seal::pre::Proxy of;
};
struct tablinum_budget {
  std::shared_ptr<tablinum::seal::pre::FailureBudget> of;
};

namespace tablinum::capi {

namespace pre = seal::pre;

namespace {

constexpr std::string_view kCollectionMagic = "SLCN\x01";
constexpr std::size_t kCollectionBytes = 5 + 1 + 16 + 4 + 4;

Result<pre::Suite> suite_of(int number) {
  if (number < 0 || number > 255) return fail(Code::unsupported, "no such suite");
  return pre::suite_from_number(static_cast<std::uint8_t>(number));
}

Result<tablinum_collection*> new_collection(const seal::Identity& owner, std::uint32_t phrase_number, const pre::CollectionId& id,
                                            std::uint32_t epoch, pre::Suite suite) {
  TRY(key, seal::collection_key(owner, phrase_number, id, epoch, suite));
  return new tablinum_collection{owner, phrase_number, std::move(key)};
}

std::uint32_t u32_at(ByteView bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value |= std::to_integer<std::uint32_t>(bytes[at + i]) << 8 * i;
  return value;
}

/// The signing keys of whoever signed: the card's present or a former pair.
Result<seal::PartyVerifier> verifier_of(const seal::ContactCard& card, const pre::IdentityId& id) {
  if (seal::party_id(card.fingerprint()) == id) return seal::PartyVerifier{card.signer()};
  for (const auto& each : card.successions())
    if (seal::party_id(seal::fingerprint_of(each.former)) == id) return seal::PartyVerifier{each.former};
  return fail(Code::denied, "signed by somebody else than the owner of this card");
}

Result<pre::ReceivePublic> receiving_key_of(const seal::ContactCard& card, pre::Suite suite) {
  for (const auto& each : card.receiving()) {
    TRY(key, pre::ReceivePublic::parse(each.public_key));
    if (key.suite() == suite) return std::move(key);
  }
  return fail(Code::not_found, "the card has no receiving key of this collection's suite");
}

Result<pre::DelegationTerms> terms_of(int64_t not_after, uint32_t transforms_max) {
  if (not_after <= 0) return fail(Code::invalid, "a delegation ends at some time");
  return pre::DelegationTerms{static_cast<std::uint64_t>(not_after), transforms_max};
}

Result<pre::CapsuleStanza> stanza_for(const seal::Header& header, const pre::DelegationFacts& facts) {
  for (const auto& stanza : header.stanzas) {
    if (stanza.type != seal::StanzaType::collection) continue;
    auto capsule = pre::CapsuleStanza::parse(stanza.body);
    if (capsule && capsule->collection() == facts.collection && capsule->epoch() == facts.epoch) return std::move(*capsule);
  }
  return fail(Code::not_found, "the file is not of the delegation's collection and epoch");
}

/// What an opener of transformed files must keep; the opener itself points into it.
struct Received {
  seal::TransformedFile file;
  seal::PartyVerifier owner;
  std::shared_ptr<pre::FailureBudget> budget;
};

Result<std::unique_ptr<Received>> receive(const tablinum_budget& budget, const tablinum_card& owner, const uint8_t* proxy_key,
                                          const uint8_t* transformed, size_t size) {
  TRY(view, bytes_from(transformed, size));
  TRY(file, seal::TransformedFile::parse(view));
  if (proxy_key != nullptr && !std::ranges::equal(std::as_bytes(std::span{proxy_key, 32}), file.proxy.bytes))
    return fail(Code::denied, "made by another proxy");
  TRY(verifier, verifier_of(owner.of, file.ticket.facts().owner));
  return std::make_unique<Received>(std::move(file), std::move(verifier), budget.of);
}

class MemberOpener final : public seal::Opener {
 public:
  MemberOpener(const seal::Identity& identity, std::unique_ptr<Received> received)
      : identity_{identity}, received_{std::move(received)},
        opener_{identity_, received_->file, received_->owner, *received_->budget} {}
  std::optional<seal::FileKey> unwrap(const seal::Stanza& stanza, const Digest& core_hash, seal::Confirm confirm) const override {
    return opener_.unwrap(stanza, core_hash, confirm);
  }

 private:
  const seal::Identity identity_;
  const std::unique_ptr<Received> received_;
  const seal::TransformedOpener opener_;
};

class AdministratorOpener final : public seal::Opener {
 public:
  AdministratorOpener(pre::CollectionSecret group, std::unique_ptr<Received> received)
      : received_{std::move(received)},
        opener_{pre::GroupSecret{std::move(group)}, received_->file, received_->owner, *received_->budget} {}
  std::optional<seal::FileKey> unwrap(const seal::Stanza& stanza, const Digest& core_hash, seal::Confirm confirm) const override {
    return opener_.unwrap(stanza, core_hash, confirm);
  }

 private:
  const std::unique_ptr<Received> received_;
  const seal::GroupOpener opener_;
};

template <std::size_t N>
void copy_out(const std::array<std::byte, N>& from, uint8_t* to) {
  std::ranges::copy(from, reinterpret_cast<std::byte*>(to));
}

}  // namespace

// ---- the owner

TABLINUM_API tablinum_code tablinum_identity_receiving_card(const tablinum_identity* identity, int suite, int64_t not_after,
                                                            tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(identity, out));
    TRY(of, suite_of(suite));
    TRY(card, identity->of.make_card({seal::receiving_entry(identity->of, of, not_after)}, wall_now().seconds()));
    *out = new_buffer(bytes_of(card.text()));
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_collection_create(const tablinum_identity* owner, int suite, tablinum_collection** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(owner, out));
    TRY(of, suite_of(suite));
    TRY(made, new_collection(owner->of, owner->of.phrase_number(), pre::random_collection_id(), 0, of));
    *out = made;
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_collection_write(const tablinum_collection* collection, tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(collection, out));
    const auto& key = collection->of.public_key();
    Bytes bytes;
    append(bytes, bytes_of(kCollectionMagic));
    bytes.push_back(static_cast<std::byte>(key.suite()));
    append(bytes, key.collection().bytes);
    append_u32_le(bytes, key.epoch());
    append_u32_le(bytes, collection->phrase_number);
    *out = new_buffer(bytes);
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_collection_read(const tablinum_identity* owner, const uint8_t* bytes, size_t size,
                                                    tablinum_collection** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(owner, out));
    TRY(view, bytes_from(bytes, size));
    if (view.size() != kCollectionBytes || text_of(view.first(5)) != kCollectionMagic) return fail(Code::corrupt, "not a collection");
    TRY(suite, pre::suite_from_number(std::to_integer<std::uint8_t>(view[5])));
    pre::CollectionId id;
    std::ranges::copy(view.subspan(6, 16), id.bytes.begin());
    TRY(made, new_collection(owner->of, u32_at(view, 26), id, u32_at(view, 22), suite));
    *out = made;
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_collection_roll(const tablinum_collection* collection, tablinum_collection** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(collection, out));
    const auto& key = collection->of.public_key();
    if (key.epoch() == 0xffffffffU) return fail(Code::limit, "no epochs are left");
    // From here on with keys of the words in use.
    TRY(made, new_collection(collection->owner, collection->owner.phrase_number(), key.collection(), key.epoch() + 1, key.suite()));
    *out = made;
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_collection_id(const tablinum_collection* collection, uint8_t id[16]) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(collection, id));
    copy_out(collection->of.public_key().collection().bytes, id);
    return {};
  });
}
TABLINUM_API uint32_t tablinum_collection_epoch(const tablinum_collection* collection) {
  return collection == nullptr ? 0 : collection->of.public_key().epoch();
}

TABLINUM_API tablinum_code tablinum_collection_group(const tablinum_collection* collection, tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(collection, out));
    TRY(card, seal::GroupCard::create(collection->of.public_key(), seal::PartySigner{collection->owner}));
    *out = new_buffer(card.bytes());
    return {};
  });
}

TABLINUM_API void tablinum_collection_free(tablinum_collection* collection) { delete collection; }

TABLINUM_API tablinum_code tablinum_sealer_add_collection(tablinum_sealer* sealer, const tablinum_collection* collection) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(sealer, collection));
    sealer->recipients.push_back(std::make_unique<seal::CollectionRecipient>(collection->of.public_key(), collection->owner));
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_delegate(const tablinum_collection* collection, const tablinum_card* card, int64_t not_after,
                                             uint32_t transforms_max, tablinum_delegation** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(collection, card, out));
    TRY(terms, terms_of(not_after, transforms_max));
    TRY(key, receiving_key_of(card->of, collection->of.public_key().suite()));
    TRY(made, pre::Delegation::create(collection->of, seal::CardContact{card->of}, key, terms, seal::PartySigner{collection->owner},
                                      wall_now()));
    *out = new tablinum_delegation{std::move(made)};
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_groups_new(tablinum_groups** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(out));
    *out = new tablinum_groups;
    return {};
  });
}
TABLINUM_API void tablinum_groups_free(tablinum_groups* groups) { delete groups; }

TABLINUM_API tablinum_code tablinum_delegate_group(const tablinum_collection* collection, const uint8_t* group, size_t size,
                                                   const tablinum_card* card, tablinum_groups* groups, int64_t not_after,
                                                   uint32_t transforms_max, tablinum_delegation** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(collection, card, groups, out));
    TRY(terms, terms_of(not_after, transforms_max));
    TRY(view, bytes_from(group, size));
    TRY(parsed, seal::GroupCard::parse(view));
    TRY(administrator, verifier_of(card->of, parsed.administrator()));
    CHECK_OK(parsed.verify(administrator));
    TRY(made, pre::Delegation::create(pre::AllowGroup{}, collection->of, parsed.administrator(), parsed.key(), groups->of, terms,
                                      seal::PartySigner{collection->owner}, wall_now()));
    *out = new tablinum_delegation{std::move(made)};
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_delegation_write(const tablinum_delegation* delegation, tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(delegation, out));
    *out = new_buffer(delegation->of.serialise());
    return {};
  });
}
TABLINUM_API tablinum_code tablinum_delegation_read(const uint8_t* bytes, size_t size, tablinum_delegation** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(out));
    TRY(view, bytes_from(bytes, size));
    TRY(parsed, pre::Delegation::parse(view));
    *out = new tablinum_delegation{std::move(parsed)};
    return {};
  });
}
TABLINUM_API tablinum_code tablinum_delegation_id(const tablinum_delegation* delegation, uint8_t id[32]) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(delegation, id));
    std::ranges::copy(delegation->of.id().value.view(), reinterpret_cast<std::byte*>(id));
    return {};
  });
}
TABLINUM_API tablinum_code tablinum_delegation_ticket(const tablinum_delegation* delegation, tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(delegation, out));
    *out = new_buffer(delegation->of.ticket().serialise());
    return {};
  });
}
TABLINUM_API void tablinum_delegation_free(tablinum_delegation* delegation) { delete delegation; }

TABLINUM_API tablinum_code tablinum_revoke(const tablinum_identity* owner, const uint8_t* ticket, size_t size, tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(owner, out));
    TRY(view, bytes_from(ticket, size));
    TRY(parsed, pre::Ticket::parse(view));
    TRY(tombstone, pre::Tombstone::create(parsed, seal::PartySigner{owner->of}, wall_now()));
    *out = new_buffer(tombstone.serialise());
    return {};
  });
}

// ---- the proxy

TABLINUM_API tablinum_code tablinum_proxy_open(const uint8_t seed[32], const char* state, tablinum_proxy** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(seed, out));
    std::unique_ptr<pre::ProxyState> kept;
    if (state == nullptr) {
      kept = std::make_unique<pre::MemoryProxyState>();
    } else {
      TRY(opened, pre::FileProxyState::open(state));
      kept = std::move(opened);
    }
    auto& view = *kept;
    const Secret<32> secret{std::as_bytes(std::span<const uint8_t, 32>{seed, 32})};
    *out = new tablinum_proxy{std::move(kept), pre::Proxy{secret, view}};
    return {};
  });
}
TABLINUM_API tablinum_code tablinum_proxy_key(const tablinum_proxy* proxy, uint8_t key[32]) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(proxy, key));
    copy_out(proxy->of.public_key().bytes, key);
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_proxy_transform(tablinum_proxy* proxy, const tablinum_delegation* delegation,
                                                    const tablinum_card* owner, const uint8_t* sealed, size_t size,
                                                    tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(proxy, delegation, owner, out));
    TRY(view, bytes_from(sealed, size));
    MemorySource source{view};
    TRY(header, seal::read_header(source));
    const auto& facts = delegation->of.facts();
    TRY(stanza, stanza_for(header, facts));
    TRY(verifier, verifier_of(owner->of, facts.owner));
    TRY(transformed, proxy->of.transform(stanza, core_hash(header), delegation->of, verifier, wall_now()));
    const seal::TransformedFile file{proxy->of.public_key(), delegation->of.ticket(), std::move(transformed)};
    *out = new_buffer(file.bytes());
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_proxy_revoke(tablinum_proxy* proxy, const uint8_t* tombstone, size_t size,
                                                 const tablinum_card* owner) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(proxy, owner));
    TRY(view, bytes_from(tombstone, size));
    TRY(parsed, pre::Tombstone::parse(view));
    TRY(verifier, verifier_of(owner->of, parsed.owner()));
    return proxy->of.revoke(parsed, verifier);
  });
}

TABLINUM_API tablinum_code tablinum_proxy_store(const tablinum_proxy* proxy, const tablinum_delegation* delegation,
                                                tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(proxy, delegation, out));
    *out = new_buffer(proxy->of.seal_for_storage(delegation->of));
    return {};
  });
}
TABLINUM_API tablinum_code tablinum_proxy_load(const tablinum_proxy* proxy, const uint8_t* bytes, size_t size,
                                               tablinum_delegation** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(proxy, out));
    TRY(view, bytes_from(bytes, size));
    TRY(opened, proxy->of.open_from_storage(view));
    *out = new tablinum_delegation{std::move(opened)};
    return {};
  });
}
TABLINUM_API void tablinum_proxy_free(tablinum_proxy* proxy) { delete proxy; }

// ---- the reader

TABLINUM_API tablinum_code tablinum_budget_open(const char* folder, tablinum_budget** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(out));
    if (folder == nullptr)
      *out = new tablinum_budget{std::make_shared<pre::MemoryFailureBudget>()};
    else
      *out = new tablinum_budget{std::make_shared<pre::FolderFailureBudget>(folder)};
    return {};
  });
}
TABLINUM_API void tablinum_budget_free(tablinum_budget* budget) { delete budget; }

TABLINUM_API tablinum_code tablinum_opener_add_transformed(tablinum_opener* opener, const tablinum_identity* identity,
                                                           const tablinum_budget* budget, const tablinum_card* owner,
                                                           const uint8_t proxy_key[32], const uint8_t* transformed, size_t size) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(opener, identity, budget, owner));
    TRY(received, receive(*budget, *owner, proxy_key, transformed, size));
    opener->keys.push_back(std::make_unique<MemberOpener>(identity->of, std::move(received)));
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_opener_add_group_transformed(tablinum_opener* opener, const tablinum_collection* group,
                                                                 const tablinum_budget* budget, const tablinum_card* owner,
                                                                 const uint8_t proxy_key[32], const uint8_t* transformed,
                                                                 size_t size) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(opener, group, budget, owner));
    TRY(received, receive(*budget, *owner, proxy_key, transformed, size));
    opener->keys.push_back(std::make_unique<AdministratorOpener>(group->of, std::move(received)));
    return {};
  });
}

}  // namespace tablinum::capi
