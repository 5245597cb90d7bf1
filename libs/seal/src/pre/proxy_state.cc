#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "pre/bytes_reader.h"
#include "tablinum/seal/pre.h"

namespace tablinum::seal::pre {
namespace {

constexpr std::string_view kMagic = "SLPC\x01";

struct EpochOf {
  CollectionId collection;
  std::uint32_t epoch = 0;
  friend auto operator<=>(const EpochOf&, const EpochOf&) = default;
};

struct Counted {
  EpochOf of;
  std::set<Digest> capsules;
};

Digest read_digest(BytesReader& reader) {
  Digest digest;
  std::ranges::copy(reader.take(32), std::as_writable_bytes(std::span{digest.bytes}).begin());
  return digest;
}

}  // namespace

struct MemoryProxyState::Contents {
  mutable std::mutex mutex;
  std::set<DelegationId> revoked;
  std::map<DelegationId, Counted> counted;
  std::map<EpochOf, std::uint32_t> per_epoch;

  bool read(BytesReader& reader);
  bool read_counted(BytesReader& reader);
};

MemoryProxyState::MemoryProxyState() : contents_{std::make_unique<Contents>()} {}
MemoryProxyState::~MemoryProxyState() = default;

Result<bool> MemoryProxyState::is_revoked(const DelegationId& delegation) {
  const std::lock_guard lock{contents_->mutex};
  return contents_->revoked.contains(delegation);
}

Result<void> MemoryProxyState::revoke(const Tombstone& tombstone) {
  const std::lock_guard lock{contents_->mutex};
  contents_->revoked.insert(tombstone.delegation());
  return {};
}

Result<void> MemoryProxyState::charge(const Charge& charge) {
  const std::lock_guard lock{contents_->mutex};
  const EpochOf of{.collection = charge.collection, .epoch = charge.epoch};
  auto& counted = contents_->counted[charge.delegation];
  counted.of = of;
  if (counted.capsules.contains(charge.capsule)) return {};
  auto& in_epoch = contents_->per_epoch[of];
  if (counted.capsules.size() >= charge.delegation_max) return fail(Code::limit, "the delegation's transforms are used up");
  if (in_epoch >= charge.epoch_max) return fail(Code::limit, "the collection's epoch has seen all its transforms: roll it");
  counted.capsules.insert(charge.capsule);
  ++in_epoch;
  return {};
}

Bytes MemoryProxyState::serialise() const {
  const std::lock_guard lock{contents_->mutex};
  Bytes bytes;
  append(bytes, bytes_of(kMagic));
  append_u32_le(bytes, static_cast<std::uint32_t>(contents_->revoked.size()));
  for (const auto& id : contents_->revoked) append(bytes, id.value.view());
  append_u32_le(bytes, static_cast<std::uint32_t>(contents_->counted.size()));
  for (const auto& [id, counted] : contents_->counted) {
    append(bytes, id.value.view());
    append(bytes, counted.of.collection.bytes);
    append_u32_le(bytes, counted.of.epoch);
    append_u32_le(bytes, static_cast<std::uint32_t>(counted.capsules.size()));
    for (const auto& capsule : counted.capsules) append(bytes, capsule.view());
  }
  return bytes;
}

bool MemoryProxyState::Contents::read_counted(BytesReader& reader) {
  const DelegationId id{read_digest(reader)};
  Counted entry{.of = {.collection = {reader.array<16>()}, .epoch = reader.number<std::uint32_t>()}, .capsules = {}};
  for (auto left = reader.number<std::uint32_t>(); left > 0; --left) {
    if (reader.left() < 32) return false;
    const auto capsule = read_digest(reader);
    if (!entry.capsules.empty() && capsule <= *entry.capsules.rbegin()) return false;  // one order, no doubles
    entry.capsules.insert(entry.capsules.end(), capsule);
  }
  per_epoch[entry.of] += static_cast<std::uint32_t>(entry.capsules.size());
  if (!counted.empty() && id <= counted.rbegin()->first) return false;
  counted.emplace_hint(counted.end(), id, std::move(entry));
  return true;
}

bool MemoryProxyState::Contents::read(BytesReader& reader) {
  if (!reader.skip(kMagic)) return false;
  for (auto left = reader.number<std::uint32_t>(); left > 0; --left) {
    if (reader.left() < 32) return false;
    const DelegationId id{read_digest(reader)};
    if (!revoked.empty() && id <= *revoked.rbegin()) return false;
    revoked.insert(revoked.end(), id);
  }
  for (auto left = reader.number<std::uint32_t>(); left > 0; --left)
    if (reader.left() < 56 || !read_counted(reader)) return false;
  return reader.ended();
}

Result<std::unique_ptr<MemoryProxyState>> MemoryProxyState::parse(ByteView bytes) {
  auto state = std::make_unique<MemoryProxyState>();
  BytesReader reader{bytes};
  if (!state->contents_->read(reader)) return fail(Code::corrupt, "not the state of a proxy");
  return state;
}

}  // namespace tablinum::seal::pre
