#include "pre/delegation.h"

#include <algorithm>
#include <map>
#include <set>

#include "pre/bytes_reader.h"

namespace tablinum::seal::pre {
namespace {

// Public part of D: magic, version, suite, flags, hops, then the facts in their order.
constexpr std::string_view kMagic = "SLPD\x01";
constexpr std::string_view kTicketMagic = "SLPT\x01";
constexpr std::string_view kTombstoneMagic = "SLPX\x01";
constexpr std::uint8_t kGroupFlag = 1, kOneHop = 1;
constexpr std::size_t kFactsBytes = 3 + 16 + 4 + 32 + 32 + 32 + 32 + 32 + 8 + 4 + 32 + 32;
constexpr std::size_t kTicketBytes = 5 + kFactsBytes + 32 + kSignatureBytes;
constexpr std::size_t kTombstoneBytes = 5 + 32 + 32 + 8 + kSignatureBytes;

Bytes facts_bytes(const DelegationFacts& facts) {
  Bytes bytes;
  bytes.push_back(static_cast<std::byte>(facts.suite));
  bytes.push_back(static_cast<std::byte>(facts.group ? kGroupFlag : 0));
  bytes.push_back(static_cast<std::byte>(kOneHop));
  append(bytes, facts.collection.bytes);
  append_u32_le(bytes, facts.epoch);
  append(bytes, facts.owner.bytes);
  append(bytes, facts.delegate.bytes);
  append(bytes, facts.collection_lattice_hash.view());
  append(bytes, facts.collection_point);
  append(bytes, facts.delegate_key.view());
  append_u64_le(bytes, facts.not_after_s);
  append_u32_le(bytes, facts.transforms_max);
  append(bytes, facts.x);
  append(bytes, facts.r);
  return bytes;
}

Digest digest_of(ByteView bytes) {
  Digest digest;
  std::ranges::copy(bytes, std::as_writable_bytes(std::span{digest.bytes}).begin());
  return digest;
}

Digest read_digest(BytesReader& reader) { return digest_of(reader.array<32>()); }

Result<DelegationFacts> read_facts(BytesReader& reader) {
  DelegationFacts facts;
  TRY(suite, suite_from_number(reader.number<std::uint8_t>()));
  const auto flags = reader.number<std::uint8_t>(), hops = reader.number<std::uint8_t>();
  facts.suite = suite;
  facts.group = flags == kGroupFlag;
  facts.collection.bytes = reader.array<16>();
  facts.epoch = reader.number<std::uint32_t>();
  facts.owner.bytes = reader.array<32>();
  facts.delegate.bytes = reader.array<32>();
  facts.collection_lattice_hash = read_digest(reader);
  facts.collection_point = reader.array<32>();
  facts.delegate_key = read_digest(reader);
  facts.not_after_s = reader.number<std::uint64_t>();
  facts.transforms_max = reader.number<std::uint32_t>();
  facts.x = reader.array<32>();
  facts.r = reader.array<32>();
  if (flags > kGroupFlag || hops != kOneHop) return fail(Code::unsupported, "delegation: unknown flags or more than one hop");
  if (facts.transforms_max == 0 || facts.transforms_max > kTransformsPerEpochMax) return fail(Code::corrupt, "delegation: bad count");
  if (!is_point(facts.collection_point) || !is_point(facts.x) || !is_point(facts.r)) return fail(Code::corrupt, "delegation: not a point");
  return facts;
}

Digest secret_part_hash(ByteView scalar, ByteView lattice) { return hash("seal/v1/rk-secret", {scalar, lattice}); }
Digest message_to_sign(ByteView facts, const Digest& secret_hash) { return hash("seal/v1/deleg", {facts, secret_hash.view()}); }
DelegationId id_of(ByteView facts, const Digest& secret_hash) { return {hash("seal/v1/rkid", {facts, secret_hash.view()})}; }
Digest tombstone_to_sign(ByteView fields) { return hash("seal/v1/tombstone", {fields}); }

Result<void> check_terms(const DelegationTerms& terms, Timestamp now) {
  if (terms.transforms_max == 0 || terms.transforms_max > kTransformsPerEpochMax)
    return fail(Code::invalid, "a delegation allows 1 to 1048576 transforms");
  if (static_cast<std::int64_t>(terms.not_after_s) <= now.seconds()) return fail(Code::invalid, "a delegation that is over already");
  return {};
}

/// Coins of a rekey: fresh, and hedged with the owner's own secret.
Secret<96> rekey_coins(const Secret<32>& random, const SecretHalves& from, const Digest& info) {
  auto stream = xof(Shake::Strength::bits256, "seal/v1/rk-coins",
                    {random.view(), from.lattice_seed.view(), from.scalar.view(), info.view()}, 0);
  Secret<96> coins;
  stream.squeeze(coins.mutable_view());
  return coins;
}

}  // namespace

DelegationFacts facts_for(const CollectionSecret& from, const IdentityId& owner, const IdentityId& delegate, const Digest& delegate_key,
                          bool group, const DelegationTerms& terms) {
  const auto& halves = from.public_key().halves();
  return {.suite = halves.suite, .group = group, .collection = halves.collection, .epoch = halves.epoch, .owner = owner,
          .delegate = delegate, .collection_lattice_hash = halves.lattice_hash, .collection_point = halves.point,
          .delegate_key = delegate_key, .not_after_s = terms.not_after_s, .transforms_max = terms.transforms_max, .x = {}, .r = {}};
}

Result<DelegationParts> build_delegation(DelegationFacts facts, const CollectionSecret& from, const PublicHalves& to, const Signer& owner,
                                         const Secret<32>& random) {
  const auto& own = from.public_key().halves();
  if (to.suite != own.suite) return fail(Code::conflict, "the receiving key is of another suite than the collection");
  if (to.lattice.b == own.lattice.b) return fail(Code::conflict, "delegation to the collection's own key");
  const auto info = delegation_info(facts);
  const auto coins = rekey_coins(random, from.halves(), info);
  TRY(classical, make_rekey(from.halves().scalar, own.point, to.point, info.view(), WideSeed{coins.view().first<64>()}));
  auto lattice = make_rekey(from.halves().lattice, to.lattice, Seed{coins.view().last<32>()});
  facts.x = classical.x;
  facts.r = classical.r;
  const auto fields = facts_bytes(facts);
  const auto secret_hash = secret_part_hash(classical.rk.view(), serialise_rekey(lattice));
  TRY(signature, owner.sign(message_to_sign(fields, secret_hash).view()));
  Bytes ticket;
  append(ticket, bytes_of(kTicketMagic));
  append(ticket, fields);
  append(ticket, secret_hash.view());
  append(ticket, signature);
  auto rekey = std::make_shared<Delegation::Rekey>(classical, std::move(lattice));
  return DelegationParts{.facts = facts, .rekey = std::move(rekey), .ticket = std::move(ticket)};
}

Digest delegation_info(const DelegationFacts& facts) noexcept {
  return hash("seal/v1/info", {facts.collection.bytes, le32(facts.epoch), facts.owner.bytes, facts.delegate.bytes,
                               facts.delegate_key.view(), le64(facts.not_after_s)});
}

Digest collection_key_hash(const DelegationFacts& facts) noexcept {
  return key_hash(KeyType::collection, facts.suite, facts.collection, facts.epoch, facts.collection_lattice_hash, facts.collection_point);
}

Digest capsule_context(const Digest& core_hash, const DelegationFacts& facts) noexcept {
  return capsule_context(core_hash, facts.suite, facts.collection, facts.epoch, facts.collection_lattice_hash, facts.collection_point);
}

bool belongs(const CapsuleStanza& stanza, const DelegationFacts& facts) noexcept {
  return stanza.suite() == facts.suite && stanza.collection() == facts.collection && stanza.epoch() == facts.epoch &&
         stanza.key() == key_id(collection_key_hash(facts));
}

Result<Ticket> Ticket::parse(ByteView bytes) {
  if (bytes.size() != kTicketBytes) return fail(Code::corrupt, "ticket of a wrong length");
  BytesReader reader{bytes};
  if (!reader.skip(kTicketMagic)) return fail(Code::corrupt, "not a ticket");
  TRY(facts, read_facts(reader));
  const auto secret_hash = read_digest(reader);
  return Ticket{Bytes(bytes.begin(), bytes.end()), facts, id_of(bytes.subspan(5, kFactsBytes), secret_hash)};
}

Result<void> Ticket::verify(const Verifier& owner) const {
  if (owner.id() != facts_.owner) return fail(Code::denied, "the delegation is another owner's");
  const ByteView bytes{bytes_};
  const auto message = message_to_sign(bytes.subspan(5, kFactsBytes), digest_of(bytes.subspan(5 + kFactsBytes, 32)));
  if (!owner.verify(message.view(), bytes.last<kSignatureBytes>())) return fail(Code::denied, "the owner did not sign this delegation");
  return {};
}

struct DelegationGraph::Edges {
  std::map<CollectionId, std::set<CollectionId>> to;
  std::size_t count = 0;

  bool reaches(const CollectionId& from, const CollectionId& goal) const {
    std::vector<CollectionId> pending{from};
    std::set<CollectionId> seen;
    while (!pending.empty()) {
      const auto at = pending.back();
      pending.pop_back();
      if (at == goal) return true;
      if (!seen.insert(at).second) continue;
      if (const auto found = to.find(at); found != to.end()) pending.insert(pending.end(), found->second.begin(), found->second.end());
    }
    return false;
  }
};

DelegationGraph::DelegationGraph() : edges_{std::make_unique<Edges>()} {}
DelegationGraph::~DelegationGraph() = default;
DelegationGraph::DelegationGraph(DelegationGraph&&) noexcept = default;
DelegationGraph& DelegationGraph::operator=(DelegationGraph&&) noexcept = default;

Result<void> DelegationGraph::add(const CollectionId& from, const CollectionId& to) {
  if (edges_->reaches(to, from)) return fail(Code::conflict, "delegations between groups would form a circle");
  if (edges_->count >= kGraphEdgesMax) return fail(Code::limit, "too many delegations between groups");
  if (edges_->to[from].insert(to).second) ++edges_->count;
  return {};
}

Result<Delegation> Delegation::create(const CollectionSecret& from, const VerifiedContact& to, const ReceivePublic& key,
                                      const DelegationTerms& terms, const Signer& owner, Timestamp now) {
  CHECK_OK(check_terms(terms, now));
  if (!to.lists(key, now)) return fail(Code::denied, "the contact's card does not list this receiving key, or it has expired");
  TRY(parts, build_delegation(facts_for(from, owner.id(), to.id(), key.hash(), false, terms), from, key.halves(), owner,
                              random_secret<32>()));
  TRY(ticket, Ticket::parse(parts.ticket));
  return Delegation{std::move(ticket), std::move(parts.rekey)};
}

Result<Delegation> Delegation::create(AllowGroup, const CollectionSecret& from, const IdentityId& administrator,
                                      const CollectionPublic& group, DelegationGraph& graph, const DelegationTerms& terms,
                                      const Signer& owner, Timestamp now) {
  CHECK_OK(check_terms(terms, now));
  TRY(parts, build_delegation(facts_for(from, owner.id(), administrator, group.hash(), true, terms), from, group.halves(),
                              owner, random_secret<32>()));
  CHECK_OK(graph.add(from.public_key().collection(), group.collection()));
  TRY(ticket, Ticket::parse(parts.ticket));
  return Delegation{std::move(ticket), std::move(parts.rekey)};
}

// D = magic ‖ facts ‖ rk ‖ lattice rekey ‖ signature. The ticket has the hash of the middle instead.
SecretBytes serialise_delegation(ByteView ticket, const Delegation::Rekey& rekey) {
  const auto lattice = serialise_rekey(rekey.lattice);
  SecretBytes bytes;
  bytes.reserve(5 + kFactsBytes + 32 + lattice.size() + kSignatureBytes);
  const auto take = [&](ByteView part) { bytes.insert(bytes.end(), part.begin(), part.end()); };
  take(bytes_of(kMagic));
  take(ticket.subspan(5, kFactsBytes));
  take(rekey.classical.rk.view());
  take(lattice);
  take(ticket.last<kSignatureBytes>());
  return bytes;
}

SecretBytes Delegation::serialise() const { return serialise_delegation(ticket_.serialise(), *rekey_); }

Result<Delegation> Delegation::parse(ByteView bytes) {
  BytesReader reader{bytes};
  if (!reader.skip(kMagic)) return fail(Code::corrupt, "not a delegation");
  TRY(facts, read_facts(reader));
  const auto lattice_bytes = lattice_sizes(facts.suite).rekey;
  if (reader.left() != 32 + lattice_bytes + kSignatureBytes) return fail(Code::corrupt, "delegation of a wrong length");
  const auto scalar = reader.take(32), lattice_part = reader.take(lattice_bytes), signature = reader.take(kSignatureBytes);
  if (!is_scalar(scalar) || equal_constant_time(scalar, Scalar{}.view())) return fail(Code::corrupt, "delegation: bad scalar");
  TRY(lattice, parse_rekey(Ring::of(facts.suite), lattice_part));
  Bytes ticket_bytes;
  append(ticket_bytes, bytes_of(kTicketMagic));
  append(ticket_bytes, bytes.subspan(5, kFactsBytes));
  append(ticket_bytes, secret_part_hash(scalar, lattice_part).view());
  append(ticket_bytes, signature);
  TRY(ticket, Ticket::parse(ticket_bytes));
  ClassicalRekey classical{.rk = Scalar{scalar.first<32>()}, .x = facts.x, .r = facts.r};
  return Delegation{std::move(ticket), std::make_shared<Rekey>(std::move(classical), std::move(lattice))};
}

Result<Tombstone> Tombstone::create(const Ticket& delegation, const Signer& owner, Timestamp now) {
  if (owner.id() != delegation.facts().owner) return fail(Code::denied, "only the owner revokes a delegation");
  Bytes bytes;
  append(bytes, bytes_of(kTombstoneMagic));
  append(bytes, delegation.id().value.view());
  append(bytes, owner.id().bytes);
  append_u64_le(bytes, static_cast<std::uint64_t>(now.seconds()));
  TRY(signature, owner.sign(tombstone_to_sign(ByteView{bytes}.subspan(5)).view()));
  append(bytes, signature);
  return Tombstone{std::move(bytes)};
}

Result<Tombstone> Tombstone::parse(ByteView bytes) {
  if (bytes.size() != kTombstoneBytes || !BytesReader{bytes}.skip(kTombstoneMagic)) return fail(Code::corrupt, "not a tombstone");
  return Tombstone{Bytes(bytes.begin(), bytes.end())};
}

DelegationId Tombstone::delegation() const noexcept { return {digest_of(ByteView{bytes_}.subspan(5, 32))}; }
IdentityId Tombstone::owner() const noexcept { return {BytesReader{ByteView{bytes_}.subspan(37)}.array<32>()}; }
std::uint64_t Tombstone::revoked_at_s() const noexcept { return BytesReader{ByteView{bytes_}.subspan(69)}.number<std::uint64_t>(); }

Result<void> Tombstone::verify(const Verifier& owner) const {
  const ByteView bytes{bytes_};
  const auto message = tombstone_to_sign(bytes.subspan(5, 72));
  if (owner.id() != this->owner() || !owner.verify(message.view(), bytes.last<kSignatureBytes>()))
    return fail(Code::denied, "the owner did not sign this revocation");
  return {};
}

}  // namespace tablinum::seal::pre
