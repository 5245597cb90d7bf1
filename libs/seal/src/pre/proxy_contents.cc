#include "pre/proxy_contents.h"

#include <algorithm>

namespace tablinum::seal::pre {
namespace {

constexpr std::string_view kMagic = "SLPC\x01";
constexpr std::string_view kFileMagic = "SLPL\x01";
constexpr std::size_t kCheckBytes = 8;
enum class RecordKind : std::uint8_t { charge = 1, revoke = 2 };

Digest read_digest(BytesReader& reader) {
  Digest digest;
  std::ranges::copy(reader.take(32), std::as_writable_bytes(std::span{digest.bytes}).begin());
  return digest;
}

/// First bytes of a hash: against torn writes and rot, not against people, who could write the file anew.
Digest check_of(ByteView record) {
  Sha3_256 hash;
  hash.update(bytes_of("seal/v1/proxy-log"));
  hash.update(record);
  return hash.finish();
}

Bytes record_of(RecordKind kind, const Charge& charge) {
  Bytes record{std::byte{static_cast<std::uint8_t>(kind)}, std::byte{0}, std::byte{0}, std::byte{0}};
  record.reserve(kStateRecordBytes);
  append(record, charge.delegation.value.view());
  append(record, charge.collection.bytes);
  append_u32_le(record, charge.epoch);
  append(record, charge.capsule.view());
  append(record, check_of(record).view().first(kCheckBytes));
  return record;
}

/// The record that `log` begins with. False where it is not whole, or of no kind.
bool replay(ByteView log, ProxyContents& into) {
  if (log.size() < kStateRecordBytes) return false;
  const auto body = log.first(kStateRecordBytes - kCheckBytes);
  if (!std::ranges::equal(check_of(body).view().first(kCheckBytes), log.subspan(body.size(), kCheckBytes))) return false;
  BytesReader reader{body};
  const auto kind = reader.number<std::uint32_t>();
  Charge charge{.delegation = {read_digest(reader)}, .collection = {reader.array<16>()}, .epoch = reader.number<std::uint32_t>(),
                .capsule = read_digest(reader), .delegation_max = ~0U, .epoch_max = ~0U};
  if (kind == static_cast<std::uint32_t>(RecordKind::revoke)) return into.revoke(charge.delegation), true;
  return kind == static_cast<std::uint32_t>(RecordKind::charge) && into.charge(charge).has_value();
}

}  // namespace

Result<bool> ProxyContents::charge(const Charge& charge) {
  const EpochOf of{.collection = charge.collection, .epoch = charge.epoch};
  const auto found = counted_.find(charge.delegation);
  if (found != counted_.end() && found->second.capsules.contains(charge.capsule)) return false;
  const std::size_t of_delegation = found == counted_.end() ? 0 : found->second.capsules.size();
  if (of_delegation >= charge.delegation_max) return fail(Code::limit, "the delegation's transforms are used up");
  const auto epoch = per_epoch_.find(of);
  if (epoch != per_epoch_.end() && epoch->second >= charge.epoch_max)
    return fail(Code::limit, "the collection's epoch has seen all its transforms: roll it");
  auto& counted = counted_[charge.delegation];
  counted.of = of;
  counted.capsules.insert(charge.capsule);
  ++per_epoch_[of];
  return true;
}

Bytes ProxyContents::serialise() const {
  Bytes bytes;
  append(bytes, bytes_of(kMagic));
  append_u32_le(bytes, static_cast<std::uint32_t>(revoked_.size()));
  for (const auto& id : revoked_) append(bytes, id.value.view());
  append_u32_le(bytes, static_cast<std::uint32_t>(counted_.size()));
  for (const auto& [id, counted] : counted_) {
    append(bytes, id.value.view());
    append(bytes, counted.of.collection.bytes);
    append_u32_le(bytes, counted.of.epoch);
    append_u32_le(bytes, static_cast<std::uint32_t>(counted.capsules.size()));
    for (const auto& capsule : counted.capsules) append(bytes, capsule.view());
  }
  return bytes;
}

bool ProxyContents::read_counted(BytesReader& reader) {
  const DelegationId id{read_digest(reader)};
  Counted entry{.of = {.collection = {reader.array<16>()}, .epoch = reader.number<std::uint32_t>()}, .capsules = {}};
  for (auto left = reader.number<std::uint32_t>(); left > 0; --left) {
    if (reader.left() < 32) return false;
    const auto capsule = read_digest(reader);
    if (!entry.capsules.empty() && capsule <= *entry.capsules.rbegin()) return false;  // one order, no doubles
    entry.capsules.insert(entry.capsules.end(), capsule);
  }
  per_epoch_[entry.of] += static_cast<std::uint32_t>(entry.capsules.size());
  if (!counted_.empty() && id <= counted_.rbegin()->first) return false;
  counted_.emplace_hint(counted_.end(), id, std::move(entry));
  return true;
}

bool ProxyContents::read(BytesReader& reader) {
  if (!reader.skip(kMagic)) return false;
  for (auto left = reader.number<std::uint32_t>(); left > 0; --left) {
    if (reader.left() < 32) return false;
    const DelegationId id{read_digest(reader)};
    if (!revoked_.empty() && id <= *revoked_.rbegin()) return false;
    revoked_.insert(revoked_.end(), id);
  }
  for (auto left = reader.number<std::uint32_t>(); left > 0; --left)
    if (reader.left() < 56 || !read_counted(reader)) return false;
  return reader.ended();
}

Result<ProxyContents> ProxyContents::parse(ByteView bytes) {
  ProxyContents contents;
  BytesReader reader{bytes};
  if (!contents.read(reader)) return fail(Code::corrupt, "not the state of a proxy");
  return contents;
}

// ---- the file: "SLPL" 01 ‖ u64 snapshot length ‖ H(snapshot) ‖ snapshot ‖ records

Bytes state_head(ByteView snapshot) {
  Bytes head;
  append(head, bytes_of(kFileMagic));
  append_u64_le(head, snapshot.size());
  append(head, sha3_256(snapshot).view());
  return head;
}

Bytes charge_record(const Charge& charge) { return record_of(RecordKind::charge, charge); }
Bytes revoke_record(const DelegationId& delegation) {
  return record_of(RecordKind::revoke, Charge{.delegation = delegation, .collection = {}, .capsule = {}});
}

Result<StateFile> parse_state_file(ByteView bytes) {
  StateFile file;
  BytesReader reader{bytes};
  if (!reader.skip(kFileMagic)) {
    TRY(contents, ProxyContents::parse(bytes));
    return StateFile{std::move(contents), bytes.size(), bytes.size(), true};
  }
  const auto snapshot_bytes = reader.number<std::uint64_t>();
  const auto hash = read_digest(reader);
  if (snapshot_bytes > reader.left()) return fail(Code::corrupt, "the state of a proxy, cut off");
  const auto snapshot = reader.take(static_cast<std::size_t>(snapshot_bytes));
  if (sha3_256(snapshot) != hash) return fail(Code::corrupt, "the state of a proxy, damaged");
  TRY(contents, ProxyContents::parse(snapshot));
  file.contents = std::move(contents);
  file.snapshot_bytes = file.good_bytes = kStateHeadBytes + snapshot_bytes;
  for (auto rest = reader.rest(); !rest.empty(); rest = rest.subspan(kStateRecordBytes)) {
    if (!replay(rest, file.contents)) {
      // A crash tears the last write. Anything more is damage, and what it forgets would be forgotten for good.
      if (rest.size() > kStateGroupBytesMax) return fail(Code::corrupt, "the log of a proxy, damaged");
      break;
    }
    file.good_bytes += kStateRecordBytes;
  }
  return file;
}

}  // namespace tablinum::seal::pre
