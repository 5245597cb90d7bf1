#pragma once
/// The change log's hashing and canonical bytes: RFC 9162 Merkle trees, the one-compression `cnode` trees, record roots,
/// changes, block headers and state roots.  Format: docs/format/ledger.md.  Source: RFC 9162 §2.1. Notation: ‖ joins bytes, 00
/// … are hexadecimal bytes, u64BE an unsigned integer in 8 bytes, most significant first.
/// @note Pure functions on values: thread-safe, no allocation except where a vector or function is named.
#include <array>
#include <bit>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "tablinum/base/crypto.h"
#include "tablinum/base/id.h"

namespace tablinum::ledger {

/// Canonical bytes, salts and ids as what is hashed and stored.
inline ByteView view(std::span<const std::uint8_t> bytes) noexcept { return std::as_bytes(bytes); }

// ---- Hashes ----------------------------------------------------------------------------------------------------------------

/// SHA-256(00 ‖ data): a leaf of an RFC 9162 tree.
Digest leaf(ByteView data) noexcept;
/// SHA-256(01 ‖ a ‖ b): an inner node of an RFC 9162 tree. Two compressions.
Digest node(const Digest& a, const Digest& b) noexcept;
/// The state of SHA-256 after the block "tablinum/cnode/v1" (zero filled to 64 bytes) and the block a ‖ b, without padding:
/// one compression. Sound only where lengths and depths are fixed: records and the zk state tree.
Digest cnode(const Digest& a, const Digest& b) noexcept;

/// Root of an RFC 9162 tree over leaf hashes: SHA-256 of nothing for none; else split at the largest power of two below the
/// count. Also the root over the aligned subtrees of one size, where only the last may be incomplete.
Digest tree_root(std::span<const Digest> leaves);

// ---- Log -------------------------------------------------------------------------------------------------------------------

inline constexpr unsigned kLogLevelsMax = 63;

/// The right edge of a log: the roots of its complete subtrees, largest first, one for each bit of the size.
class LogEdge {
 public:
  LogEdge() = default;
  /// @error corrupt: not one hash of 32 bytes for each bit set in `size`.
  static Result<LogEdge> decode(std::uint64_t size, ByteView hashes);
  /// The hashes, largest subtree first: 32 bytes each, nothing for an empty log.
  Bytes encode() const;

  std::uint64_t size() const noexcept { return size_; }
  /// Tree head: the root over all leaves.
  Digest root() const noexcept;
  /// Appends a leaf hash. Calls completed(level, position, hash) for every subtree of 2^level leaves that it completes, level >
  /// 0.
  template <class Completed>
  void append(const Digest& leaf_hash, Completed&& completed);
  void append(const Digest& leaf_hash) {
    append(leaf_hash, [](unsigned, std::uint64_t, const Digest&) {});
  }

 private:
  std::uint64_t size_ = 0;
  std::array<Digest, kLogLevelsMax + 1> at_level_{};  // valid where the bit of size_ is set
};

/// Gives the root of the complete subtree of leaves [position << level, (position + 1) << level).
using Subtree = std::function<Result<Digest>(unsigned level, std::uint64_t position)>;

/// Root of the first `size` leaves, from complete subtrees.  @error those of `subtree`.
Result<Digest> root_at(std::uint64_t size, const Subtree& subtree);
/// Path from leaf `index` to the root of the first `size` leaves, leaf side first (RFC 9162 §2.1.3.1).
/// @error invalid: index is not below size.  Those of `subtree`.
Result<std::vector<Digest>> inclusion_proof(std::uint64_t index, std::uint64_t size, const Subtree& subtree);
/// Proof that the log of `old_size` is the beginning of the log of `new_size` (RFC 9162 §2.1.4.1); empty where they are equal
/// or the old one is empty.
/// @error invalid: old_size is over new_size.  Those of `subtree`.
Result<std::vector<Digest>> consistency_proof(std::uint64_t old_size, std::uint64_t new_size, const Subtree& subtree);

/// RFC 9162 §2.1.3.2.
bool verify_inclusion(const Digest& leaf_hash, std::uint64_t index, std::uint64_t size, std::span<const Digest> proof,
                      const Digest& root) noexcept;
/// RFC 9162 §2.1.4.2; also true for an empty old log, or equal sizes with equal roots, with an empty proof.
bool verify_consistency(std::uint64_t old_size, const Digest& old_root, std::uint64_t new_size, const Digest& new_root,
                        std::span<const Digest> proof) noexcept;

// ---- Record ----------------------------------------------------------------------------------------------------------------

inline constexpr std::size_t kFieldCount = 16;
/// A change of the record as a whole (create, import, delete, merge) names no single field.
inline constexpr std::uint8_t kWholeRecord = 255;

using Salt = std::array<std::uint8_t, 16>;
/// The value of each field: SHA-256 of a long one, or a short value of 32 bytes; all zero where the record has nothing there.
using FieldValues = std::array<Digest, kFieldCount>;

/// Salt of field i: AES-128 under the record's salt of the block 00×15 ‖ i.
std::array<Salt, kFieldCount> field_salts(const Salt& record_salt) noexcept;
/// SHA-256(10 ‖ index ‖ salt ‖ value).
Digest field_leaf(std::uint8_t index, const Salt& salt, const Digest& value) noexcept;
/// Root of the cnode tree over the 16 field leaves: 31 compressions and 16 AES blocks.
Digest record_root(const Salt& record_salt, const FieldValues& values) noexcept;

// ---- Change ----------------------------------------------------------------------------------------------------------------

enum class ChangeKind : std::uint8_t { create = 1, update, remove, restore, import, merge, derived };

inline constexpr std::size_t kChangeBytes = 156;
using ChangeBytes = std::array<std::uint8_t, kChangeBytes>;

/// One field of one record changed, or the whole record.
struct Change {
  TreeId log_id{};
  RecordId record_id{};
  ChangeKind kind{};
  std::uint8_t field = kWholeRecord;  ///< 0 … 15, or kWholeRecord
  std::uint64_t time = 0;             ///< Unix seconds
  Digest old_root{};                  ///< zero where there was no record
  Digest new_root{};
  Digest author_tag{};  ///< pseudonym of the author in this log; zero while authors have no keys
  Salt salt{};          ///< random
  friend bool operator==(const Change&, const Change&) = default;
};
/// 02 ‖ 01 ‖ log_id ‖ record_id ‖ kind ‖ field ‖ time u64BE ‖ old_root ‖ new_root ‖ author_tag ‖ salt.
ChangeBytes encode(const Change& change) noexcept;
/// @error corrupt: not kChangeBytes, another type or version, an unknown kind or field.
Result<Change> decode_change(ByteView bytes);
/// The log's leaf hash of a canonical change: leaf(SHA-256(change)).
Digest change_leaf(const ChangeBytes& canonical) noexcept;

// ---- Block -----------------------------------------------------------------------------------------------------------------

inline constexpr std::size_t kHeaderBytes = 210;
using HeaderBytes = std::array<std::uint8_t, kHeaderBytes>;
/// Changes of an ordinary block (a proof over all its changes is possible), and of a block of an import.
inline constexpr std::uint64_t kChangeLimit = 32;
inline constexpr std::uint64_t kChangeLimitImport = 65'536;

struct BlockHeader {
  TreeId log_id{};
  Digest parent{};           ///< SHA-256 of the previous header; zero for number 0
  Digest log_root{};         ///< of the whole log up to the block's last change
  Digest state_root{};       ///< RFC 9162 root over the entries of all records, in n order
  Digest changes_root{};     ///< RFC 9162 root over the block's own changes
  std::uint64_t number = 0;  ///< height: 0, 1, 2, …
  std::uint64_t time = 0;    ///< Unix seconds, never below the parent's
  std::uint64_t change_count = 0;
  std::uint64_t change_limit = kChangeLimit;
  Digest extra{};  ///< zk_state_root()
  friend bool operator==(const BlockHeader&, const BlockHeader&) = default;
};
/// 03 ‖ 01 ‖ log_id ‖ parent ‖ log_root ‖ state_root ‖ changes_root ‖ number, time, change_count, change_limit u64LE ‖ extra.
HeaderBytes encode(const BlockHeader& header) noexcept;
/// @error corrupt: not kHeaderBytes, another type or version, change_count over change_limit.
Result<BlockHeader> decode_header(ByteView bytes);
/// SHA-256 of the canonical bytes: what the next block names as its parent.
Digest block_hash(const HeaderBytes& canonical) noexcept;

// ---- State -----------------------------------------------------------------------------------------------------------------

/// entry = record_id ‖ record_root.
/// Leaf of header.state_root: leaf(entry).
Digest state_leaf(const RecordId& id, const Digest& record_root) noexcept;
/// Leaf of the zk state tree (persons only, in the order of their numbers): SHA-256(23 ‖ entry).
Digest zk_leaf(const RecordId& id, const Digest& record_root) noexcept;

/// Depths of the zk state tree: the greater one from the moment that a tree outgrows the smaller.
inline constexpr unsigned kZkDepth = 20;
inline constexpr unsigned kZkDepthLarge = 24;
inline constexpr std::uint64_t kZkPersonsMax = std::uint64_t{1} << kZkDepthLarge;
constexpr unsigned zk_depth(std::uint64_t persons) noexcept {
  return persons <= std::uint64_t{1} << kZkDepth ? kZkDepth : kZkDepthLarge;
}
/// Root of an empty subtree of 2^level leaves; level 0 is the empty leaf, 32 zero bytes. Level at most kZkDepthLarge.
const Digest& zk_empty(unsigned level) noexcept;
/// Root of the subtree of height `height` over nodes of level `level`, filled up with empty ones; at most 2^height nodes.
Digest zk_subtree(std::span<const Digest> nodes, unsigned level, unsigned height);
/// SHA-256(24 ‖ depth ‖ root): what header.extra holds.
Digest zk_state_root(unsigned depth, const Digest& root) noexcept;

// ---- Implementation of the template
// ------------------------------------------------------------------------------------------

template <class Completed>
void LogEdge::append(const Digest& leaf_hash, Completed&& completed) {
  Digest hash = leaf_hash;
  unsigned level = 0;
  for (; size_ >> level & 1; ++level) {
    hash = node(at_level_[level], hash);
    completed(level + 1, size_ >> (level + 1), hash);
  }
  at_level_[level] = hash;
  ++size_;
}

}  // namespace tablinum::ledger
