#pragma once
/// Trees of the archive inside a statement: records, the zk state tree, the log.  Format: docs/format/ledger.md.
#include "statement/gadgets.h"
#include "tablinum/base/ledger.h"

namespace tablinum::proof {

inline constexpr std::size_t kIdBytes = 16, kSaltBytes = 16, kHashSize = 32, kKeyBytes = 32;
inline constexpr unsigned kFieldLevels = 4;
inline constexpr std::uint8_t kSubjectKeyField = 14;

/// Tags of docs/proof/statements.md: the first byte of what is hashed.
namespace tag {
inline constexpr std::uint8_t kField = 0x10, kAuthority = 0x20, kPublicKey = 0x21, kAuthor = 0x22, kEntry = 0x23, kState = 0x24;
}

/// Root of a cnode tree above `leaf`. Bit i of the position says on which side level i's sibling stands (1: on the left).
ByteList cnode_root(Gates& gates, ByteList leaf, const BitList& position, const ByteList& siblings);
/// Leaf of a field: SHA-256(10 ‖ index ‖ salt ‖ value).
ByteList field_leaf_gates(Gates& gates, const ByteList& index, const ByteList& salt, const ByteList& value);
/// SHA-256(tag ‖ data).
ByteList tagged(Gates& gates, std::uint8_t tag, const ByteList& data);

// ---- In the clear ------------------------------------------------------------------------------------------------------------

Digest cnode_root(const Digest& leaf, std::uint64_t position, ByteView siblings) noexcept;
Digest tagged(std::uint8_t tag, ByteView data) noexcept;
Digest digest_at(ByteView bytes, std::size_t at = 0) noexcept;

/// Cuts an input into parts of known length.
class Cutter {
 public:
  explicit Cutter(ByteView input) noexcept : left_{input} {}
  ByteView take(std::size_t n) noexcept {
    const ByteView part = left_.first(n);
    left_ = left_.subspan(n);
    return part;
  }

 private:
  ByteView left_;
};

/// One field of a record, opened to the record's root: salt ‖ value ‖ siblings.
struct FieldOpening {
  static constexpr std::size_t kBytes = kSaltBytes + kHashSize + kFieldLevels * kHashSize;
  ByteList salt, value, siblings;
  static FieldOpening read(Gates& gates);
  ByteList root(Gates& gates, const ByteList& index) const;
};
Digest field_root(ByteView opening, std::uint8_t index) noexcept;
inline ByteView field_value(ByteView opening) noexcept { return opening.subspan(kSaltBytes, kHashSize); }

/// A person's place in the zk state tree: id ‖ position u32LE ‖ siblings.
struct PersonPath {
  static constexpr std::size_t bytes(unsigned depth) { return kIdBytes + 4 + depth * kHashSize; }
  ByteList id, position, siblings;
  static PersonPath read(Gates& gates, unsigned depth);
  /// Root of the tree that holds this person with `record_root`.
  ByteList root(Gates& gates, unsigned depth, const ByteList& record_root) const;
};
Digest person_root(ByteView path, unsigned depth, const Digest& record_root) noexcept;
/// Whether the position is one of a tree of this depth.
bool position_fits(ByteView path, unsigned depth) noexcept;

}  // namespace tablinum::proof
