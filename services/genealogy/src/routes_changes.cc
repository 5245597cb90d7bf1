// Writing: change sets, single records, trees.  Shapes: docs/api/changes.md.
#include "changes.h"

namespace tablinum::genealogy_service {
namespace {

using api::Call;
using api::Reply;
using archive::ChangeProblem;

Result<bool> flag(const Call& call, std::string_view name) {
  const auto value = call.parameter(name);
  if (!value || *value == "false") return false;
  if (*value == "true") return true;
  return api::invalid_field({std::string{name}, "must be true or false", "format"});
}

// ---- Change sets

api::Function apply(const Shared& context) {
  return [context](const Call& call) -> Result<Reply> {
    TRY(target, target_of(*context, call.segment("tree")));
    TRY(dry_run, flag(call, "dryRun"));
    TRY(parsed, parse_changes(call.body, target.place_text));
    auto request = request_of(call);
    request.reason = parsed.reason;
    request.operations = std::move(parsed.operations);
    request.dry_run = dry_run;
    TRY(outcome, run_change(*context, call, [&](ChangeProblem& problem) {
          return archive::apply_changes(context->archive, target.tree.id, request, problem);
        }));
    if (!outcome.done) return std::move(outcome.refused);
    return api::json_reply(change_json(*outcome.done, parsed.refs, dry_run));
  };
}

api::Function undo(const Shared& context) {
  return [context](const Call& call) -> Result<Reply> {
    const auto id = parse_uuid(call.segment("id"));
    if (!id) return fail(Code::not_found, "there is no such change set");
    TRY(dry_run, flag(call, "dryRun"));
    auto request = request_of(call);
    request.dry_run = dry_run;
    TRY(reason, parse_reason(call.body));
    request.reason = reason;
    TRY(outcome, run_change(*context, call, [&](ChangeProblem& problem) {
          return archive::undo_changes(context->archive, store::ChangeSetId{*id}, request, problem);
        }));
    if (!outcome.done) return std::move(outcome.refused);
    return api::json_reply(change_json(*outcome.done, {}, dry_run));
  };
}

// ---- Single records: the same change sets, of one operation

/// A record's page after a change: the person as GET shows it, else what the change did.
Result<Reply> changed_record(Context& context, const Call& call, const archive::ChangeResult& done, const RecordId& id, int status) {
  TRY(browser, Browser::open(context.archive));
  TRY(record, store::find_record(browser.session(), id));
  TRY(tree, browser.tree_of(record.rid));
  auto body = change_json(done, {}, false);
  if (record.kind == store::RecordKind::person && !record.deleted) {
    Writer w;
    CHECK_OK(write_person(w, browser, record.rid, call.language(), false));
    body = w.take();
  }
  return api::json_reply(std::move(body), record_etag(record, tree), status);
}

struct Resource {
  std::string_view plural, singular, Singular;
  model::RecordKind kind;
  store::RecordKind stored;
};
constexpr Resource kResources[] = {
    {"persons", "person", "Person", model::RecordKind::person, store::RecordKind::person},
    {"families", "family", "Family", model::RecordKind::family, store::RecordKind::family},
    {"sources", "source", "Source", model::RecordKind::source, store::RecordKind::source},
    {"repositories", "repository", "Repository", model::RecordKind::repository, store::RecordKind::repository},
    {"media", "media record", "Media", model::RecordKind::media, store::RecordKind::media},
    {"notes", "note", "Note", model::RecordKind::note, store::RecordKind::note},
};

api::Function create_record(const Shared& context, const Resource& resource) {
  return [context, resource](const Call& call) -> Result<Reply> {
    TRY(target, target_of(*context, call.segment("tree")));
    TRY(parsed, parse_record(call.body, archive::OperationKind::create, resource.kind, archive::created_id(0), target.place_text));
    TRY(outcome, run_operations(*context, call, target.tree, std::move(parsed.operations), std::move(parsed.reason)));
    if (!outcome.done) return std::move(outcome.refused);
    const auto id = outcome.done->created.front();
    TRY(reply, changed_record(*context, call, *outcome.done, id, 201));
    reply.location = "/api/v1/" + std::string{resource.plural} + '/' + to_string(id.value());
    return std::move(reply);
  };
}

Reply precondition_required(const Call& call) {
  constexpr std::string_view kDetail = "Say which version you change: If-Match with the record's ETag, or If-Match: *.";
  return problem_reply(call, 428, "precondition_required", kDetail);
}

api::Function patch_record(const Shared& context, const Resource& resource) {
  return [context, resource](const Call& call) -> Result<Reply> {
    TRY(located, locate(*context, call.segment("id"), resource.stored));
    if (call.if_match.empty()) return precondition_required(call);
    TRY(version, expected_version(call));
    const auto target = target_of(*context, located.tree);
    TRY(parsed, parse_record(call.body, archive::OperationKind::patch, resource.kind, located.record.id, target.place_text));
    parsed.operations.front().version = version;
    TRY(outcome, run_operations(*context, call, located.tree, std::move(parsed.operations), std::move(parsed.reason)));
    if (!outcome.done) return std::move(outcome.refused);
    return changed_record(*context, call, *outcome.done, located.record.id, 200);
  };
}

api::Function delete_record(const Shared& context, const Resource& resource) {
  return [context, resource](const Call& call) -> Result<Reply> {
    TRY(located, locate(*context, call.segment("id"), resource.stored));
    if (call.if_match.empty()) return precondition_required(call);
    archive::Operation operation;
    operation.kind = archive::OperationKind::remove_record;
    operation.record = located.record.id;
    TRY(version, expected_version(call));
    operation.version = version;
    TRY(everywhere, flag(call, "everywhere"));
    operation.everywhere = everywhere;
    TRY(outcome, run_operations(*context, call, located.tree, {std::move(operation)}, {}));
    if (!outcome.done) return std::move(outcome.refused);
    return deleted_reply(*outcome.done, call.segment("id"));
  };
}

const api::Parameter kIfMatch{.name = "If-Match",
                              .description = "ETag of the version that is changed, or *. 412 brings the record as it is now.",
                              .in = api::In::header};
const api::Parameter kKey{.name = "Idempotency-Key",
                          .description = "Asked again under the same key, the first answer comes again. Remembered for 24 hours.",
                          .in = api::In::header};
const api::Parameter kDryRun{.name = "dryRun", .type = "bool", .description = "All checks and the answer, but nothing is kept."};

/// Texts that live as long as the program, for declarations made in a loop.
std::string_view kept(std::string text) {
  static std::deque<std::string> texts;
  return texts.emplace_back(std::move(text));
}

void add_resource(api::Description& description, const Shared& context, const Resource& resource) {
  auto& routes = description.routes;
  const auto one = kept("/api/v1/" + std::string{resource.plural} + "/{id}");
  const bool person = resource.kind == model::RecordKind::person;
  const std::string_view answer = person ? "Person" : "ChangeResult";
  routes.push_back({.method = "POST",
                    .path = kept("/api/v1/trees/{tree}/" + std::string{resource.plural}),
                    .id = kept("create" + std::string{resource.Singular}),
                    .tag = "changes",
                    .summary = kept("Makes a " + std::string{resource.singular}),
                    .parameters = {kTreeParameter, kKey},
                    .body = "RecordFields",
                    .answer = answer,
                    .status = 201,
                    .errors = {404, 409, 413, 415, 422},
                    .function = create_record(context, resource)});
  routes.push_back({.method = "PATCH",
                    .path = one,
                    .id = kept("change" + std::string{resource.Singular}),
                    .tag = "changes",
                    .summary = kept("Changes a " + std::string{resource.singular} + ": members that are given; lists as a whole"),
                    .parameters = {kIdParameter, kIfMatch, kKey},
                    .body = "RecordFields",
                    .answer = answer,
                    .errors = {404, 409, 412, 413, 415, 422, 428},
                    .function = patch_record(context, resource)});
  routes.push_back({.method = "DELETE",
                    .path = one,
                    .id = kept("delete" + std::string{resource.Singular}),
                    .tag = "changes",
                    .summary = kept("Deletes a " + std::string{resource.singular}),
                    .parameters = {kIdParameter,
                                   {.name = "everywhere",
                                    .type = "bool",
                                    .description = "Other records stop naming it; else it must not be in use."},
                                   kIfMatch,
                                   kKey},
                    .answer = "Deleted",
                    .errors = {404, 409, 412, 422, 428},
                    .function = delete_record(context, resource)});
}

// ---- Types

void add_types_of_changes(api::Description& description) {
  auto& types = description.types;
  types.push_back({.name = "ChangedRecord",
                   .description = {},
                   .members = {{.name = "id", .type = "uuid"},
                               {.name = "kind", .type = "string"},
                               {.name = "version", .type = "int"},
                               {.name = "created", .type = "bool"},
                               {.name = "deleted", .type = "bool"}}});
  types.push_back({.name = "ChangeIds", .description = "By the `ref` of each `create`.", .members = {}});
  types.push_back({.name = "ChangeEtags", .description = "By record id: what If-Match takes.", .members = {}});
  types.push_back({.name = "ChangeResult",
                   .description = {},
                   .members = {{.name = "changeSet", .type = "uuid", .description = "What undo takes."},
                               {.name = "treeId", .type = "uuid"},
                               {.name = "dryRun", .type = "bool"},
                               {.name = "version", .type = "int", .description = "Of the tree, afterwards."},
                               {.name = "ids", .type = "ChangeIds"},
                               {.name = "created", .type = "uuid[]", .description = "In the order of the `create` operations."},
                               {.name = "etags", .type = "ChangeEtags"},
                               {.name = "records", .type = "ChangedRecord[]"}}});
  types.push_back({.name = "ChangeOperation",
                   .description = "One operation; which members it has depends on `op` (docs/api/changes.md).",
                   .members = {{.name = "op",
                                .type = "'create'|'patch'|'delete'|'addName'|'addFact'|'addNote'|'addCitation'|'addMedia'|'setName'|"
                                        "'setFact'|'setNote'|'setCitation'|'remove'|'prefer'|'link'|'unlink'|'order'"}}});
  types.push_back({.name = "ChangeSet",
                   .description = {},
                   .members = {{.name = "reason", .type = "string", .description = "Shown in the history.", .optional = true},
                               {.name = "ops", .type = "ChangeOperation[]", .description = "1 to 1,000; applied in order, all or none."}}});
  types.push_back({.name = "RecordFields",
                   .description = "Members of a record, as docs/api/changes.md lists them by kind. null takes one away.",
                   .members = {{.name = "reason", .type = "string", .optional = true},
                               {.name = "sex", .type = "string?", .optional = true},
                               {.name = "living", .type = "bool?", .optional = true}}});
  types.push_back({.name = "Reason", .description = {}, .members = {{.name = "reason", .type = "string", .optional = true}}});
  types.push_back({.name = "Deleted",
                   .description = {},
                   .members = {{.name = "message", .type = "string"},
                               {.name = "id", .type = "string"},
                               {.name = "changeSet", .type = "uuid"}}});
}

}  // namespace

void add_change_routes(api::Description& description, const Shared& context) {
  add_types_of_changes(description);
  auto& routes = description.routes;
  routes.push_back({.method = "POST",
                    .path = "/api/v1/trees/{tree}/changes",
                    .id = "changeTree",
                    .tag = "changes",
                    .summary = "Applies operations as one change set: all or none, one undo",
                    .parameters = {kTreeParameter, kDryRun, kKey},
                    .body = "ChangeSet",
                    .answer = "ChangeResult",
                    .errors = {404, 409, 412, 413, 415, 422, 429},
                    .function = apply(context)});
  routes.push_back({.method = "POST",
                    .path = "/api/v1/changesets/{id}/revert",
                    .id = "undoChangeSet",
                    .tag = "changes",
                    .summary = "Takes a change set back, as a change set of its own",
                    .parameters = {kIdParameter, kDryRun, kKey},
                    .body = "Reason",
                    .answer = "ChangeResult",
                    .errors = {404, 409, 415, 422},
                    .function = undo(context),
                    .body_optional = true});
  for (const auto& resource : kResources) add_resource(description, context, resource);
}

}  // namespace tablinum::genealogy_service
