#include "statement/record.h"

#include <algorithm>

#include "statement/kinds.h"

namespace tablinum::proof {

ByteList cnode_root(Gates& gates, ByteList leaf, const BitList& position, const ByteList& siblings) {
  for (std::size_t i = 0; i < position.size(); ++i) {
    const ByteList sibling = slice(siblings, kHashSize * i, kHashSize);
    const ByteList left = select(gates, position[i], sibling, leaf), right = select(gates, position[i], leaf, sibling);
    leaf = cnode_gates(gates, left, right);
  }
  return leaf;
}
ByteList tagged(Gates& gates, std::uint8_t tag, const ByteList& data) {
  return sha256_gates(gates, join({constant_byte(gates, tag), data}));
}
ByteList field_leaf_gates(Gates& gates, const ByteList& index, const ByteList& salt, const ByteList& value) {
  return tagged(gates, tag::kField, join({index, salt, value}));
}

Digest cnode_root(const Digest& leaf, std::uint64_t position, ByteView siblings) noexcept {
  Digest node = leaf;
  for (std::size_t i = 0; kHashSize * i < siblings.size(); ++i) {
    const Digest sibling = digest_at(siblings, kHashSize * i);
    node = position >> i & 1 ? ledger::cnode(sibling, node) : ledger::cnode(node, sibling);
  }
  return node;
}
Digest tagged(std::uint8_t tag, ByteView data) noexcept { return Sha256{}.update_byte(tag).update(data).finish(); }
Digest digest_at(ByteView bytes, std::size_t at) noexcept {
  Digest out;
  std::ranges::copy(bytes.subspan(at, kHashSize), std::as_writable_bytes(std::span{out.bytes}).begin());
  return out;
}

FieldOpening FieldOpening::read(Gates& gates) {
  FieldOpening out;
  out.salt = private_bytes(gates, kSaltBytes);
  out.value = private_bytes(gates, kHashSize);
  out.siblings = private_bytes(gates, kFieldLevels * kHashSize);
  return out;
}
ByteList FieldOpening::root(Gates& gates, const ByteList& index) const {
  return cnode_root(gates, field_leaf_gates(gates, index, salt, value), {index[0].begin(), index[0].begin() + kFieldLevels}, siblings);
}
Digest field_root(ByteView opening, std::uint8_t index) noexcept {
  Cutter cut{opening};
  const ByteView salted = cut.take(kSaltBytes + kHashSize);
  const Digest leaf = Sha256{}.update_byte(tag::kField).update_byte(index).update(salted).finish();
  return cnode_root(leaf, index, cut.take(kFieldLevels * kHashSize));
}

PersonPath PersonPath::read(Gates& gates, unsigned depth) {
  PersonPath out;
  out.id = private_bytes(gates, kIdBytes);
  out.position = private_bytes(gates, 4);
  out.siblings = private_bytes(gates, depth * kHashSize);
  return out;
}
ByteList PersonPath::root(Gates& gates, unsigned depth, const ByteList& record_root) const {
  BitList where = bits_of_le(position);
  for (std::size_t i = depth; i < where.size(); ++i) gates.assert_zero(where[i]);
  where.resize(depth);
  const ByteList tree = cnode_root(gates, tagged(gates, tag::kEntry, join({id, record_root})), where, siblings);
  return tagged(gates, tag::kState, join({constant_byte(gates, static_cast<std::uint8_t>(depth)), tree}));
}
Digest person_root(ByteView path, unsigned depth, const Digest& record_root) noexcept {
  Cutter cut{path};
  const ByteView id = cut.take(kIdBytes);
  const std::uint64_t position = number_le(cut.take(4));
  const Digest leaf = Sha256{}.update_byte(tag::kEntry).update(id).update(record_root.view()).finish();
  const Digest tree = cnode_root(leaf, position, cut.take(depth * kHashSize));
  return ledger::zk_state_root(depth, tree);
}
bool position_fits(ByteView path, unsigned depth) noexcept { return number_le(path.subspan(kIdBytes, 4)) >> depth == 0; }

}  // namespace tablinum::proof
