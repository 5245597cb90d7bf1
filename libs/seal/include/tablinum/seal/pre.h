#pragma once
/// Hybrid proxy re-encryption of file keys: a ring-LWE half and a ristretto255 half side by side; both must break.
///
///   owner      CollectionSecret (one per collection and epoch) → CollectionPublic; encapsulate() → body of stanza P
///   owner      Delegation::create(): lets one receiving key read one collection epoch; goes to the proxy
///   proxy      Proxy::transform(P, D) → T, for capsules that the owner signed, within expiry, counters and tombstones
///   delegate   ReceiveSecret, Ticket (what is public of D): open_transformed(P, T) → file key
///
/// The owner never opens P: a file's owner reads through a stanza of another type. Every key type is a class of its own and none
/// converts to another. Format, domain strings and test vectors: docs/format/proxy-re-encryption.md. Source: design "seal" §1–5, 8.
/// Threads: all classes are immutable after they are made, unless their description says otherwise, and may be shared.
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "tablinum/base/crypto.h"
#include "tablinum/base/parallel.h"
#include "tablinum/base/secret.h"
#include "tablinum/base/time.h"
#include "tablinum/seal/pre_party.h"

namespace tablinum::seal::pre {

/// The lattice half's parameters; the numbers stand in the format. kem_2048 is the default.
enum class Suite : std::uint8_t { kem_2048 = 1, kem_4096 = 2 };
/// @error unsupported: no such suite.
Result<Suite> suite_from_number(std::uint8_t number);
/// "kem-2048" or "kem-4096", and back.  @error unsupported: another name.
std::string_view to_string(Suite suite) noexcept;
Result<Suite> suite_from_name(std::string_view name);

/// Bytes of the lattice objects of a suite.
struct LatticeSizes {
  std::size_t public_key;
  std::size_t capsule;
  std::size_t rekey;
  std::size_t transformed;
};
constexpr LatticeSizes lattice_sizes(Suite suite) noexcept {
  return suite == Suite::kem_2048 ? LatticeSizes{10'272, 10'624, 40'960, 3'328} : LatticeSizes{30'752, 31'104, 122'880, 6'400};
}
inline constexpr std::size_t kClassicalCapsuleBytes = 96;
inline constexpr std::size_t kClassicalFragmentBytes = 192;
inline constexpr std::size_t kWrapBytes = 48;

/// Transforms that one collection epoch may see, over all its delegations; roll the epoch before (design §3).
inline constexpr std::uint32_t kTransformsPerEpochMax = 1U << 20;
/// Failures after which a receiving key opens nothing any more (design §3): publish a new one.
inline constexpr std::uint32_t kFailuresMax = 32;
inline constexpr std::uint32_t kBatchMax = 1U << 20;
inline constexpr std::size_t kGraphEdgesMax = 1U << 20;

using FileKey = Secret<32>;
struct CollectionId {
  std::array<std::byte, 16> bytes{};
  friend constexpr auto operator<=>(const CollectionId&, const CollectionId&) = default;
};
/// 16 random bytes: never derived from a name.
CollectionId random_collection_id() noexcept;
/// First half of a public key's hash; stands in stanza P.
struct KeyId {
  std::array<std::byte, 16> bytes{};
  friend constexpr auto operator<=>(const KeyId&, const KeyId&) = default;
};

// keys

struct PublicHalves;  // src/: expanded lattice key and ristretto point
struct SecretHalves;

/// Public key of one collection epoch.
class CollectionPublic {
 public:
  Suite suite() const noexcept;
  const CollectionId& collection() const noexcept;
  std::uint32_t epoch() const noexcept;
  /// H over type, suite, collection, epoch and both halves.
  const Digest& hash() const noexcept;
  KeyId id() const noexcept;
  /// Canonical: parse(serialise()) gives an equal key, and only these bytes parse to it.
  Bytes serialise() const;
  /// @error corrupt: wrong length, magic or type, a coefficient ≥ q, a non-canonical or neutral point.
  static Result<CollectionPublic> parse(ByteView bytes);
  const PublicHalves& halves() const noexcept { return *halves_; }

 private:
  friend class CollectionSecret;
  explicit CollectionPublic(std::shared_ptr<const PublicHalves> halves) noexcept : halves_{std::move(halves)} {}
  std::shared_ptr<const PublicHalves> halves_;
};

/// Secret key of one collection epoch. It makes delegations; it opens nothing (see GroupSecret).
class CollectionSecret {
 public:
  /// From two independent 32-byte seeds (random, or derived from the owner's phrase for this collection and epoch).
  /// About 0.2 ms.  @error invalid: the two seeds are equal.
  static Result<CollectionSecret> create(Suite suite, const CollectionId& collection, std::uint32_t epoch, const Secret<32>& lattice_seed,
                                         const Secret<32>& classical_seed);
  /// The next epoch of the same collection, under new seeds.  @error limit: epoch 2^32 − 1.  invalid: the old seeds again.
  Result<CollectionSecret> roll(const Secret<32>& lattice_seed, const Secret<32>& classical_seed) const;
  const CollectionPublic& public_key() const noexcept { return public_; }
  const SecretHalves& halves() const noexcept { return *halves_; }

 private:
  CollectionSecret(std::shared_ptr<const SecretHalves> halves, CollectionPublic public_key) noexcept
      : halves_{std::move(halves)}, public_{std::move(public_key)} {}
  std::shared_ptr<const SecretHalves> halves_;
  CollectionPublic public_;
};

/// Public receiving key of a delegate, listed in a signed contact card.
class ReceivePublic {
 public:
  Suite suite() const noexcept;
  const Digest& hash() const noexcept;
  KeyId id() const noexcept;
  Bytes serialise() const;
  /// @error corrupt: as for CollectionPublic.
  static Result<ReceivePublic> parse(ByteView bytes);
  const PublicHalves& halves() const noexcept { return *halves_; }

 private:
  friend class ReceiveSecret;
  explicit ReceivePublic(std::shared_ptr<const PublicHalves> halves) noexcept : halves_{std::move(halves)} {}
  std::shared_ptr<const PublicHalves> halves_;
};

/// Secret receiving key of a delegate. Never signs, never delegates onward. Rotate it like a prekey: one a collection where possible.
class ReceiveSecret {
 public:
  /// @error invalid: the two seeds are equal.
  static Result<ReceiveSecret> create(Suite suite, const Secret<32>& lattice_seed, const Secret<32>& classical_seed);
  const ReceivePublic& public_key() const noexcept { return public_; }
  const SecretHalves& halves() const noexcept { return *halves_; }

 private:
  ReceiveSecret(std::shared_ptr<const SecretHalves> halves, ReceivePublic public_key) noexcept
      : halves_{std::move(halves)}, public_{std::move(public_key)} {}
  std::shared_ptr<const SecretHalves> halves_;
  ReceivePublic public_;
};

// stanza P

/// Body of stanza P: suite ‖ collection ‖ epoch ‖ key id ‖ both capsules ‖ wrap ‖ the owner's signature (alone, or as leaf of a batch).
class CapsuleStanza {
 public:
  /// Exact length, canonical points, coefficients < q.  @error corrupt: not that.  unsupported: another suite.
  static Result<CapsuleStanza> parse(ByteView body);
  Bytes serialise() const { return bytes_; }
  ByteView bytes() const noexcept { return bytes_; }
  Suite suite() const noexcept;
  CollectionId collection() const noexcept;
  std::uint32_t epoch() const noexcept;
  KeyId key() const noexcept;
  ByteView lattice_capsule() const noexcept;
  std::span<const std::byte, kClassicalCapsuleBytes> classical_capsule() const noexcept;
  std::span<const std::byte, kWrapBytes> wrap() const noexcept;
  ByteView signature_part() const noexcept;
  /// H over the whole body; names the stanza in T.
  Digest hash() const noexcept;

 private:
  explicit CapsuleStanza(Bytes bytes) noexcept : bytes_{std::move(bytes)} {}
  Bytes bytes_;
};

/// What encapsulation may mix into its coins so that a broken system generator alone breaks nothing: a secret kept on this device.
using DeviceSecret = Secret<32>;

/// Wraps `file_key` for whoever the owner of `to` delegates to, and signs the capsule.
/// @param core_hash SHA3-256 of the file's immutable header part.  @return body of stanza P (about 14 KB for kem-2048).
/// @error whatever the signer reports.  @note Coins are always fresh; the same arguments give another body each time.
Result<Bytes> encapsulate(const CollectionPublic& to, const Digest& core_hash, const FileKey& file_key, const Signer& owner,
                          const DeviceSecret* device = nullptr);

/// Many at once with one signature: a Merkle tree over the capsules of an upload, whose root is signed.
struct BatchItem {
  Digest core_hash;
  FileKey file_key;
};
/// @return one body for each item, in their order.  @error invalid: no item.  limit: more than kBatchMax.
Result<std::vector<Bytes>> encapsulate_batch(const CollectionPublic& to, std::span<const BatchItem> items, const Signer& owner,
                                             Executor& executor, const DeviceSecret* device = nullptr);

/// The same file key under the collection's next epoch (after a revocation): the payload stays as it is.
/// @error conflict: `old` is of another collection, or its epoch is not before that of `to`.
Result<Bytes> rewrap(const CapsuleStanza& old, const CollectionPublic& to, const Digest& core_hash, const FileKey& file_key,
                     const Signer& owner, const DeviceSecret* device = nullptr);

/// Whether the owner signed this capsule for this file and this collection key. No secret is needed.
/// @error conflict: other collection, epoch or key.  denied: the signature is not the owner's, or the classical capsule is forged.
Result<void> verify_capsule(const CapsuleStanza& stanza, const Digest& core_hash, const CollectionPublic& key, const Verifier& owner);

// delegation

/// Names a delegation record everywhere: H over its public part and the hash of its secret part.
struct DelegationId {
  Digest value;
  friend constexpr auto operator<=>(const DelegationId&, const DelegationId&) = default;
};

/// What everybody may know of a delegation.
struct DelegationFacts {
  Suite suite{};
  bool group = false;  ///< the delegate is a group's key (GroupSecret opens), not a member's
  CollectionId collection;
  std::uint32_t epoch = 0;
  IdentityId owner;
  IdentityId delegate;
  Digest collection_lattice_hash;                     ///< H of the collection key's lattice half
  std::array<std::byte, 32> collection_point{};       ///< the collection key's ristretto half
  Digest delegate_key;                                ///< hash() of the receiving (or group) key
  std::uint64_t not_after_s = 0;                      ///< Unix seconds; transforms are refused later
  std::uint32_t transforms_max = 0;                   ///< 1 … kTransformsPerEpochMax distinct capsules
  std::array<std::byte, 32> x{}, r{};                 ///< public points of the classical rekey
};

/// The public part of a delegation with the owner's signature: the delegate keeps it to check what the proxy does. 3.7 KB.
class Ticket {
 public:
  /// @error corrupt: wrong length, magic or field, non-canonical point.
  static Result<Ticket> parse(ByteView bytes);
  Bytes serialise() const { return bytes_; }
  const DelegationFacts& facts() const noexcept { return facts_; }
  const DelegationId& id() const noexcept { return id_; }
  /// @error denied: `owner` is another identity, or one of the two signatures is not good.
  Result<void> verify(const Verifier& owner) const;

 private:
  friend class Delegation;
  Ticket(Bytes bytes, DelegationFacts facts, DelegationId id) noexcept : bytes_{std::move(bytes)}, facts_{facts}, id_{id} {}
  Bytes bytes_;
  DelegationFacts facts_;
  DelegationId id_;
};

/// Delegations from collection to group must have no cycle, or security would need an assumption that nobody makes.
/// Not thread-safe.
class DelegationGraph {
 public:
  DelegationGraph();
  ~DelegationGraph();
  DelegationGraph(DelegationGraph&&) noexcept;
  DelegationGraph& operator=(DelegationGraph&&) noexcept;
  /// @error conflict: the edge would close a cycle (or is one by itself).  limit: kGraphEdgesMax edges.
  Result<void> add(const CollectionId& from, const CollectionId& to);

 private:
  struct Edges;
  std::unique_ptr<Edges> edges_;
};

/// Said aloud where a collection's key is delegated to another collection's key.
struct AllowGroup {
  explicit AllowGroup() = default;
};

struct DelegationTerms {
  std::uint64_t not_after_s = 0;                          ///< Unix seconds
  std::uint32_t transforms_max = kTransformsPerEpochMax;  ///< 1 … kTransformsPerEpochMax
};

/// Record D: what the proxy needs to transform one collection epoch for one receiving key. Secret for all but the proxy: together
/// with the delegate's key it is the collection's key.
class Delegation {
 public:
  /// About 1 ms.
  /// @error denied: the contact's card does not list `key` (or lists it as expired).  conflict: another suite, or the owner's own key.
  ///        invalid: terms that are over already or out of range.
  static Result<Delegation> create(const CollectionSecret& from, const VerifiedContact& to, const ReceivePublic& key,
                                   const DelegationTerms& terms, const Signer& owner, Timestamp now);
  /// To a group: a collection key whose secret its members' administrator holds as GroupSecret. One hop: a group's key is not
  /// delegated onward by the proxy, its administrator issues more delegations.  @error also conflict: a cycle in `graph`.
  static Result<Delegation> create(AllowGroup, const CollectionSecret& from, const IdentityId& administrator, const CollectionPublic& group,
                                   DelegationGraph& graph, const DelegationTerms& terms, const Signer& owner, Timestamp now);
  /// @error corrupt: wrong length or magic, coefficient ≥ q, point or scalar not canonical, scalar 0.
  static Result<Delegation> parse(ByteView bytes);
  /// 44.7 KB for kem-2048. Secret: SecretBytes wipes itself.
  SecretBytes serialise() const;
  const DelegationFacts& facts() const noexcept { return ticket_.facts(); }
  const DelegationId& id() const noexcept { return ticket_.id(); }
  const Ticket& ticket() const noexcept { return ticket_; }
  /// @error as Ticket::verify
  Result<void> verify(const Verifier& owner) const { return ticket_.verify(owner); }

  struct Rekey;  // src/
  const Rekey& rekey() const noexcept { return *rekey_; }

 private:
  Delegation(Ticket ticket, std::shared_ptr<const Rekey> rekey) noexcept : ticket_{std::move(ticket)}, rekey_{std::move(rekey)} {}
  Ticket ticket_;
  std::shared_ptr<const Rekey> rekey_;
};

/// The owner's word that a delegation is over.
class Tombstone {
 public:
  /// @error whatever the signer reports.  denied: `owner` did not make this delegation.
  static Result<Tombstone> create(const Ticket& delegation, const Signer& owner, Timestamp now);
  static Result<Tombstone> parse(ByteView bytes);
  Bytes serialise() const { return bytes_; }
  DelegationId delegation() const noexcept;
  IdentityId owner() const noexcept;
  std::uint64_t revoked_at_s() const noexcept;
  /// @error denied: not this owner's signature.
  Result<void> verify(const Verifier& owner) const;

 private:
  explicit Tombstone(Bytes bytes) noexcept : bytes_{std::move(bytes)} {}
  Bytes bytes_;
};

// proxy

/// One transform about to happen; `capsule` and `delegation` together are counted once, however often they come.
struct Charge {
  DelegationId delegation;
  CollectionId collection;
  std::uint32_t epoch = 0;
  Digest capsule;                       ///< H(lattice capsule)
  std::uint32_t delegation_max = 0;
  std::uint32_t epoch_max = kTransformsPerEpochMax;
};

/// What a proxy must remember between requests. Implementations are thread-safe and durable before they return.
class ProxyState {
 public:
  virtual ~ProxyState() = default;
  virtual Result<bool> is_revoked(const DelegationId& delegation) = 0;
  /// Idempotent.
  virtual Result<void> revoke(const Tombstone& tombstone) = 0;
  /// Counts a new (delegation, capsule) pair, both on the delegation and on (collection, epoch).
  /// @error limit: delegation_max or epoch_max is reached and the pair is new.
  virtual Result<void> charge(const Charge& charge) = 0;
};

/// ProxyState in memory, with its contents as bytes for whoever stores it (one file beside the delegations, say). Thread-safe.
class MemoryProxyState final : public ProxyState {
 public:
  MemoryProxyState();
  ~MemoryProxyState() override;
  Result<bool> is_revoked(const DelegationId& delegation) override;
  Result<void> revoke(const Tombstone& tombstone) override;
  Result<void> charge(const Charge& charge) override;
  Bytes serialise() const;
  /// @error corrupt: not what serialise() gives.
  static Result<std::unique_ptr<MemoryProxyState>> parse(ByteView bytes);

 private:
  struct Contents;
  std::unique_ptr<Contents> contents_;
};

/// Ed25519 key that signs transform responses, so that a bad one is evidence.
struct ProxyPublic {
  std::array<std::byte, 32> bytes{};
  friend constexpr auto operator<=>(const ProxyPublic&, const ProxyPublic&) = default;
};

/// The untrusted-but-obliged server's side. Thread-safe if its state is.
class Proxy {
 public:
  /// @param seed 32 secret bytes; the flood key, the response key and the storage key come from it. If it leaks to a delegate, that
  ///        is as if the proxy conspired with the delegate.
  Proxy(const Secret<32>& seed, ProxyState& state);
  ~Proxy();
  const ProxyPublic& public_key() const noexcept;

  /// T for one stanza under one delegation: the same bytes every time, so it may be cached (and must be dropped on revocation).
  /// @param core_hash of the file the stanza came from.  @param owner the identity named in the delegation.
  /// @error denied: D or the capsule is not signed by the owner, D expired or revoked, or the classical capsule is forged.
  ///        conflict: stanza and D differ in suite, collection, epoch or key.  limit: counters.  Also what the state reports.
  Result<Bytes> transform(const CapsuleStanza& stanza, const Digest& core_hash, const Delegation& delegation, const Verifier& owner,
                          Timestamp now) const;
  /// @error denied: the tombstone is not the owner's.
  Result<void> revoke(const Tombstone& tombstone, const Verifier& owner) const;

  /// D as it may lie on the proxy's disk (XChaCha20-Poly1305 under the storage key), and back.
  /// @error corrupt: not authentic, or not a delegation.
  Bytes seal_for_storage(const Delegation& delegation) const;
  Result<Delegation> open_from_storage(ByteView bytes) const;

 private:
  struct Keys;
  std::unique_ptr<const Keys> keys_;
  ProxyState* state_;
};

/// T by its parts, for showing; opening takes the bytes.
class Transformed {
 public:
  /// Exact length, canonical points and scalars.  @error corrupt: not that.
  static Result<Transformed> parse(ByteView bytes);
  Bytes serialise() const { return bytes_; }
  ByteView bytes() const noexcept { return bytes_; }
  Suite suite() const noexcept;
  DelegationId delegation() const noexcept;
  Digest stanza() const noexcept;
  ByteView lattice_capsule() const noexcept;
  std::span<const std::byte, kClassicalFragmentBytes> fragment() const noexcept;
  /// @error denied: not signed by `proxy`.
  Result<void> verify(const ProxyPublic& proxy) const;

 private:
  explicit Transformed(Bytes bytes) noexcept : bytes_{std::move(bytes)} {}
  Bytes bytes_;
};

// delegate

/// Counts failures of a receiving key across programs' runs, because each failure may tell a malicious proxy one bit of the key.
/// Implementations are thread-safe and durable: a unit is taken before the key is used and given back only when opening succeeded.
class FailureBudget {
 public:
  virtual ~FailureBudget() = default;
  /// @error limit: kFailuresMax units are taken.
  virtual Result<void> take(const KeyId& key) = 0;
  virtual Result<void> give_back(const KeyId& key) = 0;
};

class MemoryFailureBudget final : public FailureBudget {
 public:
  MemoryFailureBudget();
  ~MemoryFailureBudget() override;
  Result<void> take(const KeyId& key) override;
  Result<void> give_back(const KeyId& key) override;
  std::uint32_t taken(const KeyId& key) const;

 private:
  struct Contents;
  std::unique_ptr<Contents> contents_;
};

/// Everything that comes from outside for one opening; views must outlive the call.
struct OpenRequest {
  ByteView stanza;             ///< body of stanza P
  ByteView transformed;        ///< T
  const Ticket& ticket;        ///< of the delegation, from the owner or the proxy
  const Digest& core_hash;     ///< of the file at hand
  const Verifier& owner;       ///< the collection's owner, authenticated
  const ProxyPublic& proxy;    ///< who must have signed T
};

/// Opens T as a member.
/// @param confirm is given the file key and says whether the file's header MAC is right under it (the wrap alone does not commit).
/// @error corrupt: anything at all is wrong; always the same text, so that nobody learns which check failed.
///        limit: the failure budget is used up; rotate the receiving key.
/// @note Failures of what needs no secret (signatures, ids, proof) take no unit: anybody on the way could cause those.
Result<FileKey> open_transformed(const ReceiveSecret& key, const OpenRequest& request, FailureBudget& budget,
                                 FunctionRef<bool(const FileKey&)> confirm);

/// A collection key in its role as a group's key; made from the same seeds. Only this type opens what was delegated to a group.
class GroupSecret {
 public:
  explicit GroupSecret(CollectionSecret key) noexcept : key_{std::move(key)} {}
  const CollectionSecret& key() const noexcept { return key_; }

 private:
  CollectionSecret key_;
};
Result<FileKey> open_transformed(const GroupSecret& key, const OpenRequest& request, FailureBudget& budget,
                                 FunctionRef<bool(const FileKey&)> confirm);

/// The one error of opening.
std::unexpected<Error> err_open();
inline constexpr std::string_view kErrOpenText = "this cannot be opened with this key";

/// Round trip of the transforms, a known answer and a whole exchange on fresh keys, in every implementation this processor has.
/// @error internal: the processor or the build computes wrongly; use nothing of this module then.
Result<void> self_test();

}  // namespace tablinum::seal::pre
