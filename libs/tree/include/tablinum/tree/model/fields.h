#pragma once
/// The 16 fields of a record: what a change touches and what a proof opens.  Design: archive.md §6.1, proof.md §11.
#include <array>
#include <cstdint>
#include <vector>

#include "tablinum/base/crypto.h"
#include "tablinum/base/id.h"
#include "tablinum/tree/model/date.h"
#include "tablinum/tree/structure.h"

namespace tablinum::tree::model {

/// Part of canonical changes and of proofs: frozen.
enum class Field : std::uint8_t {
  identity = 0, names, sex, birth, death, parents, further_parents, residence, events, families, notes, sources, media, restrictions,
  subject_key, rest,
};
inline constexpr std::size_t kFieldCount = 16;
std::string_view to_string(Field field) noexcept;

/// The field to which a level-1 node belongs, by the record's tag and its own. Every node belongs to exactly one; identity, parents,
/// further_parents and subject_key have none: they come from outside the structure.
Field field_of(Tag record, Tag tag) noexcept;
/// The same for a node of a record.  @pre `node` is a child of the record
Field field_of(const Structure& record, std::uint32_t node) noexcept;

/// A father's and a mother's record id (the places HUSB and WIFE of the family); zero: unknown.
struct ParentIds {
  RecordId husband, wife;
};

/// What the fields need that does not stand in the record.
struct FieldInputs {
  TreeId tree;
  RecordId merged_into;          ///< zero unless the record is a merge's tombstone
  ParentIds parents;             ///< of the primary parent family
  ParentIds further_parents;     ///< of the next one
  Digest subject_key;            ///< zero: none
};

using FieldValue = Digest;
using FieldValues = std::array<FieldValue, kFieldCount>;

/// The values that the field leaves are made of:
///   identity                    SHA-256(record kind u8 ‖ tree[16] ‖ merged_into[16])
///   birth, death                latest day u32BE ‖ earliest day u32BE ‖ first 24 bytes of SHA-256(E); without an event of that kind
///                               FFFFFFFF ‖ 00000000 ‖ 24 zero bytes. An open latest day is FFFFFFFF, so that "born before" fails; an open
///                               earliest day is 0. The days are those of the first event of the kind.
///   parents, further_parents    the two record ids
///   subject_key                 the given value
///   every other                 SHA-256(E), or 32 zero bytes if it has no node
/// E = encode_subtrees() of the field's nodes in file order. The record's own payload (a NOTE record's text) comes before the notes'
/// nodes, for other records before the rest's: payload kind u8 ‖ length u32BE ‖ text or 16-byte id ‖ E.
FieldValues field_values(const Structure& record, const FieldInputs& inputs);

/// As above with buffers reused from call to call; for imports.
class FieldHasher {
 public:
  FieldValues operator()(const Structure& record, const FieldInputs& inputs);

 private:
  std::array<std::vector<std::uint32_t>, kFieldCount> nodes_;
  Bytes encoded_;
};

/// The values of a record with no node at all in tree zero: what a deleted record's entry is made of, identity included.
FieldValues empty_field_values();

/// The fields in which two versions of a record differ, in order. One change is appended for each.
std::vector<Field> changed_fields(const FieldValues& before, const FieldValues& after);

/// The first 8 bytes of a birth or death value.
std::array<std::uint8_t, 8> encode_days(const DateBounds& days) noexcept;

}  // namespace tablinum::tree::model
