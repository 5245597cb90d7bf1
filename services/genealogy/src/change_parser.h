#pragma once
/// The JSON of a change set (docs/api/changes.md) as operations of archive/edit.h. Untrusted input: every member is checked, unknown
/// ones are refused with their path.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/archive/edit.h"

namespace tablinum::genealogy_service {

struct ParsedChanges {
  std::string reason;
  std::vector<archive::Operation> operations;
  std::vector<std::string> refs;  ///< the caller's names of created records, by created_number()
};

/// The text of a place that is named by its id.
using PlaceText = std::function<Result<std::string>(const Uuid& place)>;

/// {"reason": …, "ops": […]}
/// @error invalid: not JSON, or a member that is wrong (api::field_error_of() says which).  limit: over archive::kOperationsMax.
Result<ParsedChanges> parse_changes(std::string_view json, const PlaceText& place_text);

/// One record's fields as a whole ("create") or as a merge patch ("patch"): the body of POST and PATCH of a record.
Result<ParsedChanges> parse_record(std::string_view json, archive::OperationKind kind, tree::model::RecordKind record_kind,
                                   const RecordId& record, const PlaceText& place_text);

/// {"reason": …}, or nothing at all.
Result<std::string> parse_reason(std::string_view json);

/// {"version": n, "reason": …}
struct ParsedRevert {
  std::int64_t version = 0;
  std::string reason;
};
Result<ParsedRevert> parse_revert(std::string_view json);

/// "v17" of an If-Match, with or without quotes, W/ and what stands behind a hyphen; nothing for "*".
/// @error invalid.
Result<std::optional<std::int64_t>> parse_version(std::string_view etag);

/// "<record>~<number>"; the number may be missing (0).  @error invalid.
struct NodeId {
  RecordId record{};
  std::uint16_t number = 0;
};
Result<NodeId> parse_node_id(std::string_view text);

}  // namespace tablinum::genealogy_service
