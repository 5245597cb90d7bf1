#pragma once
/// Stanza P's inside: hybrid capsule, combiner, owner's signature (design §5).
#include "pre/keys.h"

namespace tablinum::seal::pre {

/// Everything random in one encapsulation; derived by hedged_coins(), given by tests.
struct CapsuleCoins {
  Secret<32> message;
  Seed lattice;
  WideSeed r, v;
};
/// Coins that no one can recompute from the message alone (design §3): fresh randomness, message, file and device secret, hashed.
CapsuleCoins hedged_coins(const Secret<32>& random, const Secret<32>& message, const Digest& context, const DeviceSecret* device) noexcept;

/// Stanza without its signature part, and what is to be signed.
struct UnsignedCapsule {
  Bytes body;
  Digest to_sign;
};
UnsignedCapsule build_capsule(const CollectionPublic& to, const Digest& core_hash, const FileKey& file_key, const CapsuleCoins& coins);

/// Design §5, steps 2 and 3.
Secret<32> combine(const Message& m, const Secret<32>& classical_key, ByteView lattice_capsule, ByteView classical_capsule,
                   const Digest& context, const Digest& core_hash) noexcept;
/// Step 4 backwards.  @return false: not authentic.
bool unwrap(const Secret<32>& kek, const CapsuleStanza& stanza, const Digest& context, FileKey& file_key) noexcept;

/// Whether the owner signed: alone or by a batch.
bool signed_by(const CapsuleStanza& stanza, const Digest& context, const Verifier& owner) noexcept;
Digest capsule_digest(const CapsuleStanza& stanza, const Digest& context) noexcept;

/// Binary tree over leaves as in RFC 9162 §2.1, with SHA3-256 and 0x00, 0x01 before leaf and node.
Digest batch_leaf(const Digest& to_sign) noexcept;
Digest batch_node(const Digest& left, const Digest& right) noexcept;
/// All levels at once, leaves first; the last node of a level that has no sibling moves up as it is.
class BatchTree {
 public:
  explicit BatchTree(std::vector<Digest> leaves);
  const Digest& root() const noexcept { return levels_.back()[0]; }
  std::vector<Digest> path(std::size_t index) const;

 private:
  std::vector<std::vector<Digest>> levels_;
};
std::size_t batch_path_length(std::uint64_t index, std::uint64_t count) noexcept;
/// @param path batch_path_length(index, count) nodes; index < count.
Digest root_from_path(Digest leaf, std::uint64_t index, std::uint64_t count, std::span<const Digest> path) noexcept;

}  // namespace tablinum::seal::pre
