#pragma once
/// The typed rows of a record.
#include "tablinum/store/database.h"

namespace tablinum::store {

/// A person without a name gets one empty name row that sorts last, so that lists have everybody.
inline constexpr std::string_view kNamelessSortKey = "\xF4\x8F\xBF\xBF";  // U+10FFFF

/// In the column member.state, beside the state's number.
inline constexpr std::int64_t kPrimaryMember = 4;

/// First and last key of a tree's range in every table that is keyed by rid or pid.
struct KeyRange {
  std::int64_t first, last;
};
constexpr KeyRange range_of(std::int64_t tree_no) noexcept { return {tree_no << 32, tree_no << 32 | 0xFFFF'FFFF}; }

/// @error invalid: rows of another kind of record, or a structure or person row is missing.  too_large: the structure.
Result<void> check_draft(const RecordDraft& draft);
Result<void> insert_rows(Writer& writer, const RecordDraft& draft);
Result<void> insert_person(Writer& writer, Rid rid, const PersonRow& row);
Result<void> insert_members(Writer& writer, Rid family, std::span<const MemberRow> members);
Result<void> delete_rows(Writer& writer, Rid rid, RecordKind kind);

}  // namespace tablinum::store
