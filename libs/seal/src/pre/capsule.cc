#include "pre/capsule.h"

#include <algorithm>

#include "pre/bytes_reader.h"
#include "tablinum/base/aead.h"

namespace tablinum::seal::pre {
namespace {

constexpr std::size_t kHeadBytes = 1 + 16 + 4 + 16;
constexpr auto kAlone = std::byte{0}, kInBatch = std::byte{1};
constexpr std::array<std::byte, 12> kZeroNonce{};  // each KEK seals once

std::size_t unsigned_bytes(Suite suite) { return kHeadBytes + lattice_sizes(suite).capsule + kClassicalCapsuleBytes + kWrapBytes; }

Bytes wrap_aad(const Digest& context, ByteView lattice_capsule, ByteView classical_capsule) {
  Bytes aad;
  append(aad, context.view());
  append(aad, plain_hash(lattice_capsule).view());
  append(aad, plain_hash(classical_capsule).view());
  return aad;
}

Digest digest_to_sign(const Digest& context, ByteView lattice_capsule, ByteView classical_capsule, ByteView wrap) {
  return hash("seal/v1/capsig",
              {context.view(), plain_hash(lattice_capsule).view(), plain_hash(classical_capsule).view(), wrap});
}

Digest batch_digest(std::uint32_t count, const Digest& root) { return hash("seal/v1/capbatch", {le32(count), root.view()}); }

Digest context_of(const CollectionPublic& key, const Digest& core_hash) {
  const auto& halves = key.halves();
  return capsule_context(core_hash, halves.suite, halves.collection, halves.epoch, halves.lattice_hash, halves.point);
}

CapsuleCoins fresh_coins(const Digest& context, const DeviceSecret* device) {
  return hedged_coins(random_secret<32>(), random_secret<32>(), context, device);
}

void append_alone(Bytes& body, const Signature& signature) {
  body.push_back(kAlone);
  append(body, signature);
}

void append_batched(Bytes& body, std::uint32_t index, std::uint32_t count, const BatchTree& tree, const Signature& signature) {
  body.push_back(kInBatch);
  append_u32_le(body, index);
  append_u32_le(body, count);
  for (const auto& sibling : tree.path(index)) append(body, sibling.view());
  append(body, signature);
}

/// Length of a signature part that starts like this; 0 if none does.
std::size_t signature_part_bytes(ByteView part) {
  BytesReader reader{part};
  const auto kind = reader.number<std::uint8_t>();
  if (kind == static_cast<std::uint8_t>(kAlone)) return 1 + kSignatureBytes;
  const auto index = reader.number<std::uint32_t>(), count = reader.number<std::uint32_t>();
  if (kind != static_cast<std::uint8_t>(kInBatch) || index >= count || count > kBatchMax) return 0;
  return 1 + 8 + 32 * batch_path_length(index, count) + kSignatureBytes;
}

/// Calls use(whether the node is a right child) for every level where node `index` of `count` leaves has a sibling.
template <class Use>
void for_siblings(std::uint64_t index, std::uint64_t count, Use use) {
  for (; count > 1; index /= 2, count = (count + 1) / 2)
    if ((index ^ 1) < count) use(index % 2 == 1);
}

}  // namespace

CapsuleCoins hedged_coins(const Secret<32>& random, const Secret<32>& message, const Digest& context, const DeviceSecret* device) noexcept {
  const DeviceSecret none;
  auto stream = xof(Shake::Strength::bits256, "seal/v1/coins",
                    {random.view(), message.view(), context.view(), (device != nullptr ? *device : none).view()}, 0);
  CapsuleCoins coins{.message = message, .lattice = {}, .r = {}, .v = {}};
  stream.squeeze(coins.lattice.mutable_view());
  stream.squeeze(coins.r.mutable_view());
  stream.squeeze(coins.v.mutable_view());
  return coins;
}

UnsignedCapsule build_capsule(const CollectionPublic& to, const Digest& core_hash, const FileKey& file_key, const CapsuleCoins& coins) {
  const auto& halves = to.halves();
  const auto context = context_of(to, core_hash);
  const Message m(coins.message.view().begin(), coins.message.view().end());
  const auto lattice = encrypt(halves.lattice, m, coins.lattice);
  const auto classical = encapsulate(halves.point, context.view(), coins.r, coins.v);
  const auto classical_bytes = serialise(classical.capsule);
  const auto kek = combine(m, classical.key, lattice, classical_bytes, context, core_hash);
  std::array<std::byte, kWrapBytes> wrap;
  Aead{Cipher::aes256_gcm, kek.view()}.seal(kZeroNonce, wrap_aad(context, lattice, classical_bytes), file_key.view(), wrap);

  Bytes body;
  body.reserve(unsigned_bytes(halves.suite) + 1 + kSignatureBytes);
  body.push_back(static_cast<std::byte>(halves.suite));
  append(body, halves.collection.bytes);
  append_u32_le(body, halves.epoch);
  append(body, to.id().bytes);
  append(body, lattice);
  append(body, classical_bytes);
  append(body, wrap);
  return {.body = std::move(body), .to_sign = digest_to_sign(context, lattice, classical_bytes, wrap)};
}

Secret<32> combine(const Message& m, const Secret<32>& classical_key, ByteView lattice_capsule, ByteView classical_capsule,
                   const Digest& context, const Digest& core_hash) noexcept {
  auto lattice_share = hash("seal/v1/ssL", {m, plain_hash(lattice_capsule).view(), context.view()});
  auto classical_share = hash("seal/v1/ssR", {classical_key.view(), classical_capsule, context.view()});
  Secret<64> input;
  std::ranges::copy(lattice_share.view(), input.mutable_view().begin());
  std::ranges::copy(classical_share.view(), input.mutable_view().begin() + 32);
  wipe(std::as_writable_bytes(std::span{lattice_share.bytes}));
  wipe(std::as_writable_bytes(std::span{classical_share.bytes}));
  Bytes info;
  append(info, bytes_of("seal/v1/pre-kek"));
  append(info, context.view());
  Secret<32> kek;
  hkdf_sha512(core_hash.view(), input.view(), info, kek.mutable_view());
  return kek;
}

bool unwrap(const Secret<32>& kek, const CapsuleStanza& stanza, const Digest& context, FileKey& file_key) noexcept {
  const auto aad = wrap_aad(context, stanza.lattice_capsule(), stanza.classical_capsule());
  return Aead{Cipher::aes256_gcm, kek.view()}.open(kZeroNonce, aad, stanza.wrap(), file_key.mutable_view());
}

Digest capsule_digest(const CapsuleStanza& stanza, const Digest& context) noexcept {
  return digest_to_sign(context, stanza.lattice_capsule(), stanza.classical_capsule(), stanza.wrap());
}

bool signed_by(const CapsuleStanza& stanza, const Digest& context, const Verifier& owner) noexcept {
  const auto to_sign = capsule_digest(stanza, context);
  BytesReader reader{stanza.signature_part()};
  if (reader.take(1)[0] == kAlone) return owner.verify(to_sign.view(), reader.rest().first<kSignatureBytes>());
  const auto index = reader.number<std::uint32_t>(), count = reader.number<std::uint32_t>();
  std::vector<Digest> path(batch_path_length(index, count));
  for (auto& sibling : path) std::ranges::copy(reader.take(32), std::as_writable_bytes(std::span{sibling.bytes}).begin());
  const auto root = root_from_path(batch_leaf(to_sign), index, count, path);
  return owner.verify(batch_digest(count, root).view(), reader.rest().first<kSignatureBytes>());
}

Digest batch_leaf(const Digest& to_sign) noexcept { return hash(std::string_view{"\0", 1}, {to_sign.view()}); }
Digest batch_node(const Digest& left, const Digest& right) noexcept { return hash("\x01", {left.view(), right.view()}); }

BatchTree::BatchTree(std::vector<Digest> leaves) {
  levels_.push_back(std::move(leaves));
  while (levels_.back().size() > 1) {
    const auto& below = levels_.back();
    std::vector<Digest> level;
    for (std::size_t i = 0; i + 1 < below.size(); i += 2) level.push_back(batch_node(below[i], below[i + 1]));
    if (below.size() % 2 == 1) level.push_back(below.back());
    levels_.push_back(std::move(level));
  }
}

std::vector<Digest> BatchTree::path(std::size_t index) const {
  std::vector<Digest> path;
  for (const auto& level : levels_) {
    if ((index ^ 1) < level.size()) path.push_back(level[index ^ 1]);
    index /= 2;
  }
  return path;
}

std::size_t batch_path_length(std::uint64_t index, std::uint64_t count) noexcept {
  std::size_t length = 0;
  for_siblings(index, count, [&](bool) { ++length; });
  return length;
}

Digest root_from_path(Digest leaf, std::uint64_t index, std::uint64_t count, std::span<const Digest> path) noexcept {
  std::size_t level = 0;
  for_siblings(index, count, [&](bool is_right) {
    const auto& sibling = path[level++];
    leaf = is_right ? batch_node(sibling, leaf) : batch_node(leaf, sibling);
  });
  return leaf;
}

Result<CapsuleStanza> CapsuleStanza::parse(ByteView body) {
  if (body.empty()) return fail(Code::corrupt, "empty capsule");
  TRY(suite, suite_from_number(static_cast<std::uint8_t>(body[0])));
  const auto fixed = unsigned_bytes(suite);
  if (body.size() <= fixed || body.size() != fixed + signature_part_bytes(body.subspan(fixed)))
    return fail(Code::corrupt, "capsule of a wrong length");
  CapsuleStanza stanza{Bytes(body.begin(), body.end())};
  if (!well_formed(split_capsule(stanza.classical_capsule()))) return fail(Code::corrupt, "classical capsule: bad encoding");
  if (!parse_capsule(Ring::of(suite), stanza.lattice_capsule())) return fail(Code::corrupt, "lattice capsule: coefficient out of range");
  return stanza;
}

Suite CapsuleStanza::suite() const noexcept { return static_cast<Suite>(bytes_[0]); }
CollectionId CapsuleStanza::collection() const noexcept { return {BytesReader{bytes().subspan(1)}.array<16>()}; }
std::uint32_t CapsuleStanza::epoch() const noexcept { return BytesReader{bytes().subspan(17)}.number<std::uint32_t>(); }
KeyId CapsuleStanza::key() const noexcept { return {BytesReader{bytes().subspan(21)}.array<16>()}; }
ByteView CapsuleStanza::lattice_capsule() const noexcept { return bytes().subspan(kHeadBytes, lattice_sizes(suite()).capsule); }
std::span<const std::byte, kClassicalCapsuleBytes> CapsuleStanza::classical_capsule() const noexcept {
  return bytes().subspan(kHeadBytes + lattice_sizes(suite()).capsule).first<kClassicalCapsuleBytes>();
}
std::span<const std::byte, kWrapBytes> CapsuleStanza::wrap() const noexcept {
  return bytes().subspan(unsigned_bytes(suite()) - kWrapBytes).first<kWrapBytes>();
}
ByteView CapsuleStanza::signature_part() const noexcept { return bytes().subspan(unsigned_bytes(suite())); }
Digest CapsuleStanza::hash() const noexcept { return plain_hash(bytes()); }

Result<Bytes> encapsulate(const CollectionPublic& to, const Digest& core_hash, const FileKey& file_key, const Signer& owner,
                          const DeviceSecret* device) {
  auto capsule = build_capsule(to, core_hash, file_key, fresh_coins(context_of(to, core_hash), device));
  TRY(signature, owner.sign(capsule.to_sign.view()));
  append_alone(capsule.body, signature);
  return std::move(capsule.body);
}

Result<std::vector<Bytes>> encapsulate_batch(const CollectionPublic& to, std::span<const BatchItem> items, const Signer& owner,
                                             Executor& executor, const DeviceSecret* device) {
  if (items.empty()) return fail(Code::invalid, "an empty batch");
  if (items.size() > kBatchMax) return fail(Code::limit, "a batch over its limit");
  std::vector<Bytes> bodies(items.size());
  std::vector<Digest> leaves(items.size());
  executor.for_each(items.size(), [&](std::size_t i) {
    const auto& item = items[i];
    auto capsule = build_capsule(to, item.core_hash, item.file_key, fresh_coins(context_of(to, item.core_hash), device));
    bodies[i] = std::move(capsule.body);
    leaves[i] = batch_leaf(capsule.to_sign);
  });
  const BatchTree tree{std::move(leaves)};
  const auto count = static_cast<std::uint32_t>(items.size());
  TRY(signature, owner.sign(batch_digest(count, tree.root()).view()));
  for (std::uint32_t i = 0; i < count; ++i) append_batched(bodies[i], i, count, tree, signature);
  return bodies;
}

Result<Bytes> rewrap(const CapsuleStanza& old, const CollectionPublic& to, const Digest& core_hash, const FileKey& file_key,
                     const Signer& owner, const DeviceSecret* device) {
  if (old.collection() != to.collection()) return fail(Code::conflict, "a capsule of another collection");
  if (old.epoch() >= to.epoch()) return fail(Code::conflict, "the new epoch is not after the capsule's");
  return encapsulate(to, core_hash, file_key, owner, device);
}

Result<void> verify_capsule(const CapsuleStanza& stanza, const Digest& core_hash, const CollectionPublic& key, const Verifier& owner) {
  if (stanza.suite() != key.suite() || stanza.collection() != key.collection() || stanza.epoch() != key.epoch() || stanza.key() != key.id())
    return fail(Code::conflict, "a capsule for another key");
  const auto context = context_of(key, core_hash);
  if (!signed_by(stanza, context, owner)) return fail(Code::denied, "the owner did not sign this capsule for this file");
  if (!verify(split_capsule(stanza.classical_capsule()), key.halves().point, context.view()))
    return fail(Code::denied, "classical capsule is forged");
  return {};
}

}  // namespace tablinum::seal::pre
