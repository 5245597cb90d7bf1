#pragma once
/// What the routes that write share: running a change, answering with it, and saying why it was refused.
#include <functional>

#include "change_parser.h"
#include "reference.h"
#include "tablinum/archive/edit.h"

namespace tablinum::genealogy_service {

/// A refusal with members that help (RFC 9457), as the wire's own problems look.
api::Reply problem_reply(const api::Call& call, int status, std::string_view code, std::string_view detail, std::string_view more = {});

/// In whose name, and under which Idempotency-Key; what was asked is method, path, query and body.
archive::ChangeRequest request_of(const api::Call& call);

/// Does it; a conflict that has more to say comes back as a reply of its own (409, 412), a bad operation as 422 with its number.
struct Outcome {
  std::optional<archive::ChangeResult> done;
  api::Reply refused;  ///< where not done
};
using Change = std::function<Result<archive::ChangeResult>(archive::ChangeProblem&)>;
Result<Outcome> run_change(Context& context, const api::Call& call, const Change& change);
/// Operations as one change set of a tree.
Result<Outcome> run_operations(Context& context, const api::Call& call, const store::TreeInfo& tree,
                               std::vector<archive::Operation> operations, std::string reason);
/// {message, id, changeSet}
api::Reply deleted_reply(const archive::ChangeResult& done, std::string_view id);

/// The tree that a path names, and how places are told by id.
struct Target {
  store::TreeInfo tree;
  PlaceText place_text;
};
Result<Target> target_of(Context& context, std::string_view tree_id);
Target target_of(Context& context, const store::TreeInfo& tree);

/// {changeSet, ids, records, …}
std::string change_json(const archive::ChangeResult& result, const std::vector<std::string>& refs, bool dry_run);

/// The record of an id in a path, with its tree.  @error not_found.
struct Located {
  store::Record record;
  store::TreeInfo tree;
};
Result<Located> locate(Context& context, std::string_view id, std::optional<store::RecordKind> kind = {});

/// `value` of If-Match for a route that needs one.  @return nothing where there is none (428).
Result<std::optional<std::int64_t>> expected_version(const api::Call& call);

void add_change_routes(api::Description& description, const Shared& context);
void add_check_routes(api::Description& description, const Shared& context);
void add_history_routes(api::Description& description, const Shared& context);
void add_reference_write_routes(api::Description& description, const Shared& context);

}  // namespace tablinum::genealogy_service
