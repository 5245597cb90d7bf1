#include "pre/keys.h"

#include "pre/bytes_reader.h"

namespace tablinum::seal::pre {
namespace {

constexpr std::string_view kMagic = "SLPK\x01";

std::byte number_of(auto value) { return static_cast<std::byte>(value); }

std::shared_ptr<PublicHalves> complete(PublicHalves halves) {
  halves.lattice_hash = plain_hash(serialise_lattice_public(halves.lattice));
  halves.hash = key_hash(halves.type, halves.suite, halves.collection, halves.epoch, halves.lattice_hash, halves.point);
  return std::make_shared<PublicHalves>(std::move(halves));
}

struct Pair {
  std::shared_ptr<const SecretHalves> secret;
  std::shared_ptr<const PublicHalves> public_key;
};

Result<Pair> make_pair(PublicHalves halves, const Secret<32>& lattice_seed, const Secret<32>& classical_seed) {
  if (lattice_seed == classical_seed) return fail(Code::invalid, "the two halves of a key need two seeds");
  auto lattice = lattice_keys(Ring::of(halves.suite), lattice_seed);
  const auto classical = classical_keys(classical_seed);
  halves.lattice = std::move(lattice.public_key);
  halves.point = classical.public_key;
  auto secret = std::make_shared<SecretHalves>(std::move(lattice.secret), classical.secret, lattice_seed);
  return Pair{std::move(secret), complete(std::move(halves))};
}

PublicHalves named(KeyType type, Suite suite, const CollectionId& collection = {}, std::uint32_t epoch = 0) {
  PublicHalves halves;
  halves.type = type;
  halves.suite = suite;
  halves.collection = collection;
  halves.epoch = epoch;
  return halves;
}

Bytes serialise_public(const PublicHalves& halves) {
  Bytes bytes;
  append(bytes, bytes_of(kMagic));
  bytes.push_back(number_of(halves.type));
  bytes.push_back(number_of(halves.suite));
  if (halves.type == KeyType::collection) {
    append(bytes, halves.collection.bytes);
    append_u32_le(bytes, halves.epoch);
  }
  append(bytes, serialise_lattice_public(halves.lattice));
  append(bytes, halves.point);
  return bytes;
}

Result<std::shared_ptr<const PublicHalves>> parse_public(KeyType type, ByteView bytes) {
  BytesReader reader{bytes};
  if (!reader.skip(kMagic) || reader.number<std::uint8_t>() != static_cast<std::uint8_t>(type))
    return fail(Code::corrupt, "not a public key of this kind");
  TRY(suite, suite_from_number(reader.number<std::uint8_t>()));
  auto halves = named(type, suite);
  if (type == KeyType::collection) {
    halves.collection.bytes = reader.array<16>();
    halves.epoch = reader.number<std::uint32_t>();
  }
  if (reader.left() != lattice_sizes(suite).public_key + 32) return fail(Code::corrupt, "public key of a wrong length");
  const auto lattice_bytes = reader.take(lattice_sizes(suite).public_key);
  halves.point = reader.array<32>();
  if (!is_point(halves.point)) return fail(Code::corrupt, "public key: not a point");
  TRY(lattice, parse_lattice_public(Ring::of(suite), lattice_bytes));
  halves.lattice = std::move(lattice);
  return complete(std::move(halves));
}

}  // namespace

std::array<std::byte, 4> le32(std::uint32_t value) noexcept {
  std::array<std::byte, 4> bytes;
  for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<std::byte>(value >> (8 * i));
  return bytes;
}

std::array<std::byte, 8> le64(std::uint64_t value) noexcept {
  std::array<std::byte, 8> bytes;
  for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::byte>(value >> (8 * i));
  return bytes;
}

Digest plain_hash(ByteView bytes) noexcept { return sha3_256(bytes); }

Digest key_hash(KeyType type, Suite suite, const CollectionId& collection, std::uint32_t epoch, const Digest& lattice_hash,
                const Point& point) noexcept {
  const std::array head{number_of(type), number_of(suite)};
  if (type == KeyType::receive) return hash("seal/v1/pk", {head, lattice_hash.view(), point});
  return hash("seal/v1/pk", {head, collection.bytes, le32(epoch), lattice_hash.view(), point});
}

KeyId key_id(const Digest& key_hash) noexcept {
  KeyId id;
  std::ranges::copy(key_hash.view().first(16), id.bytes.begin());
  return id;
}

Digest capsule_context(const Digest& core_hash, Suite suite, const CollectionId& collection, std::uint32_t epoch,
                       const Digest& lattice_hash, const Point& point) noexcept {
  const auto number = number_of(suite);
  return hash("seal/v1/pctx", {core_hash.view(), collection.bytes, le32(epoch), lattice_hash.view(), plain_hash(point).view(),
                               std::span{&number, 1}});
}

Result<Suite> suite_from_number(std::uint8_t number) {
  if (number != 1 && number != 2) return fail(Code::unsupported, "no such suite of proxy re-encryption");
  return static_cast<Suite>(number);
}

std::string_view to_string(Suite suite) noexcept { return suite == Suite::kem_2048 ? "kem-2048" : "kem-4096"; }

Result<Suite> suite_from_name(std::string_view name) {
  for (const auto suite : {Suite::kem_2048, Suite::kem_4096})
    if (name == to_string(suite)) return suite;
  return fail(Code::unsupported, "no such suite of proxy re-encryption");
}

CollectionId random_collection_id() noexcept {
  CollectionId id;
  fill_random(id.bytes);
  return id;
}

Suite CollectionPublic::suite() const noexcept { return halves_->suite; }
const CollectionId& CollectionPublic::collection() const noexcept { return halves_->collection; }
std::uint32_t CollectionPublic::epoch() const noexcept { return halves_->epoch; }
const Digest& CollectionPublic::hash() const noexcept { return halves_->hash; }
KeyId CollectionPublic::id() const noexcept { return key_id(hash()); }
Bytes CollectionPublic::serialise() const { return serialise_public(*halves_); }

Result<CollectionPublic> CollectionPublic::parse(ByteView bytes) {
  TRY(halves, parse_public(KeyType::collection, bytes));
  return CollectionPublic{std::move(halves)};
}

Result<CollectionSecret> CollectionSecret::create(Suite suite, const CollectionId& collection, std::uint32_t epoch,
                                                  const Secret<32>& lattice_seed, const Secret<32>& classical_seed) {
  TRY(pair, make_pair(named(KeyType::collection, suite, collection, epoch), lattice_seed, classical_seed));
  return CollectionSecret{std::move(pair.secret), CollectionPublic{std::move(pair.public_key)}};
}

Result<CollectionSecret> CollectionSecret::roll(const Secret<32>& lattice_seed, const Secret<32>& classical_seed) const {
  if (public_.epoch() == 0xffffffff) return fail(Code::limit, "a collection has 2^32 epochs");
  TRY(next, create(public_.suite(), public_.collection(), public_.epoch() + 1, lattice_seed, classical_seed));
  if (lattice_seed == halves_->lattice_seed || next.public_.halves().point == public_.halves().point)
    return fail(Code::invalid, "a new epoch needs new seeds");
  return std::move(next);
}

Suite ReceivePublic::suite() const noexcept { return halves_->suite; }
const Digest& ReceivePublic::hash() const noexcept { return halves_->hash; }
KeyId ReceivePublic::id() const noexcept { return key_id(hash()); }
Bytes ReceivePublic::serialise() const { return serialise_public(*halves_); }

Result<ReceivePublic> ReceivePublic::parse(ByteView bytes) {
  TRY(halves, parse_public(KeyType::receive, bytes));
  return ReceivePublic{std::move(halves)};
}

Result<ReceiveSecret> ReceiveSecret::create(Suite suite, const Secret<32>& lattice_seed, const Secret<32>& classical_seed) {
  TRY(pair, make_pair(named(KeyType::receive, suite), lattice_seed, classical_seed));
  return ReceiveSecret{std::move(pair.secret), ReceivePublic{std::move(pair.public_key)}};
}

}  // namespace tablinum::seal::pre
