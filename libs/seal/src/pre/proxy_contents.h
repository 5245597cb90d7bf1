#pragma once
/// What a proxy remembers: tombstones, and which capsules were transformed under which delegation. Not thread-safe.
#include <map>
#include <set>

#include "pre/bytes_reader.h"
#include "tablinum/seal/pre.h"

namespace tablinum::seal::pre {

struct EpochOf {
  CollectionId collection;
  std::uint32_t epoch = 0;
  friend auto operator<=>(const EpochOf&, const EpochOf&) = default;
};

class ProxyContents {
 public:
  bool is_revoked(const DelegationId& delegation) const { return revoked_.contains(delegation); }
  /// Whether it is news.
  bool revoke(const DelegationId& delegation) { return revoked_.insert(delegation).second; }
  /// Whether the pair is new, and counted now.  @error limit.
  Result<bool> charge(const Charge& charge);
  Bytes serialise() const;
  /// @error corrupt: not what serialise() gives.
  static Result<ProxyContents> parse(ByteView bytes);

 private:
  struct Counted {
    EpochOf of;
    std::set<Digest> capsules;
  };
  bool read(BytesReader& reader);
  bool read_counted(BytesReader& reader);
  std::set<DelegationId> revoked_;
  std::map<DelegationId, Counted> counted_;
  std::map<EpochOf, std::uint32_t> per_epoch_;
};

/// The bytes of a state file: magic, snapshot, records.
inline constexpr std::size_t kStateHeadBytes = 5 + 8 + 32;
inline constexpr std::size_t kStateRecordBytes = 96;
/// One write of the log at most: so much a crash can tear.
inline constexpr std::size_t kStateGroupBytesMax = 64 * kStateRecordBytes;

Bytes state_head(ByteView snapshot);
Bytes charge_record(const Charge& charge);
Bytes revoke_record(const DelegationId& delegation);

struct StateFile {
  ProxyContents contents;
  std::uint64_t snapshot_bytes = 0;  ///< with its head
  std::uint64_t good_bytes = 0;      ///< what comes after them was torn by a crash
  bool older = false;                ///< a snapshot alone, as earlier versions wrote it
};
/// @error corrupt: another kind of file, or damage that no crash makes.
Result<StateFile> parse_state_file(ByteView bytes);

}  // namespace tablinum::seal::pre
