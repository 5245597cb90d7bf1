#include "changes.h"

#include "tablinum/tree/edit/editor.h"

namespace tablinum::genealogy_service {

using api::Call;
using api::Reply;
using archive::ChangeProblem;

api::Reply problem_reply(const Call& call, int status, std::string_view code, std::string_view detail, std::string_view more) {
  std::string type = "/problems/" + std::string{code};
  std::ranges::replace(type, '_', '-');
  Writer w;
  w.begin_object();
  w.field("type", type);
  w.field("code", code);
  w.field("title", detail);
  w.field("status", status);
  w.field("detail", detail);
  w.field("message", detail);
  w.field("error", code);
  w.field_if("requestId", call.request_id);
  w.end_object();
  auto body = w.take();
  if (!more.empty()) body.insert(body.size() - 1, "," + std::string{more});
  auto reply = api::json_reply(std::move(body), {}, status);
  reply.content_type = "application/problem+json";
  reply.cache_control = "no-store";
  return reply;
}

archive::ChangeRequest request_of(const Call& call) {
  archive::ChangeRequest request;
  request.key = call.idempotency_key;
  if (request.key.empty()) return request;
  Sha256 hash;
  const auto add = [&](std::string_view part) {
    hash.update(bytes_of(std::to_string(part.size()) + ':'));
    hash.update(bytes_of(part));
  };
  add(call.method);
  add(call.path);
  for (const auto& [name, value] : call.query) add(name), add(value);
  add(call.body);
  request.asked = hash.finish();
  return request;
}

namespace {

std::string id_text(const RecordId& id) { return to_string(id.value()); }

/// "[{id,name}]": people by name, other records by id.
void write_path(Writer& w, Browser& browser, const std::vector<RecordId>& path) {
  w.begin_array();
  for (const auto& id : path) {
    std::string name;
    if (const auto rid = browser.person_rid(id_text(id))) {
      const auto person = browser.person(*rid);
      const auto* preferred = person ? (*person)->view.preferred_name() : nullptr;
      if (preferred != nullptr) name = model::display_name(*preferred);
    }
    w.begin_object();
    w.field("id", id_text(id));
    w.field("name", name);
    w.end_object();
  }
  w.end_array();
}

/// The record as it is, for whoever has to merge.
Result<std::string> current_record(Browser& browser, const RecordId& id, const Call& call) {
  TRY(record, store::find_record(browser.session(), id));
  Writer w;
  if (record.kind == store::RecordKind::person && !record.deleted) {
    CHECK_OK(write_person(w, browser, record.rid, call.language(), false));
    return w.take();
  }
  w.begin_object();
  w.field("id", id_text(id));
  w.field("kind", store::to_string(record.kind));
  w.field("version", record.version);
  w.field("deleted", record.deleted);
  w.key("lines");
  w.begin_array();
  if (!record.deleted) {
    TRY(structure, tree::decode(record.structure));
    for (const auto& difference : tree::edit::differences(tree::Structure{}, structure)) {
      for (const auto& line : difference.after) w.value(line);
    }
  }
  w.end_array();
  w.end_object();
  return w.take();
}

Result<Reply> version_conflict(Context& context, const Call& call, const ChangeProblem& problem) {
  TRY(browser, Browser::open(context.archive));
  TRY(record, store::find_record(browser.session(), problem.record));
  TRY(current, current_record(browser, problem.record, call));
  Writer w;
  w.begin_object();
  w.field("currentEtag", "\"v" + std::to_string(record.version) + '"');
  w.field("recordId", id_text(problem.record));
  if (problem.operation) w.field("operation", *problem.operation);
  w.key("current");
  w.raw(current);
  w.end_object();
  const auto more = w.take();
  const auto detail = "Someone changed this in the meantime: it is version " + std::to_string(record.version) + " now.";
  return problem_reply(call, 412, "version_conflict", detail, std::string_view{more}.substr(1, more.size() - 2));
}

struct Words {
  std::string_view code, detail;
};
Words words_of(ChangeProblem::Kind kind) noexcept {
  switch (kind) {
    case ChangeProblem::Kind::cycle: return {"cycle", "A person would be an own ancestor."};
    case ChangeProblem::Kind::later_changes: return {"later_changes", "This was changed again since; take the later changes back first."};
    case ChangeProblem::Kind::in_use: return {"in_use", "Other records still name this one."};
    case ChangeProblem::Kind::missing: return {"missing_record", "A record is named that is not there any more."};
    default: return {"conflict", "The change conflicts with the tree as it is."};
  }
}

Result<Reply> conflict_reply(Context& context, const Call& call, const ChangeProblem& problem) {
  TRY(browser, Browser::open(context.archive));
  Writer w;
  w.begin_object();
  if (!problem.record.value().is_zero()) w.field("recordId", id_text(problem.record));
  if (problem.operation) w.field("operation", *problem.operation);
  w.key("path");
  write_path(w, browser, problem.path);
  w.key("fields");
  w.begin_array();
  for (const auto field : problem.fields) w.value(model::to_string(field));
  w.end_array();
  w.end_object();
  const auto more = w.take();
  const auto [code, detail] = words_of(problem.kind);
  return problem_reply(call, 409, code, detail, std::string_view{more}.substr(1, more.size() - 2));
}

}  // namespace

Result<Outcome> run_change(Context& context, const Call& call, const Change& change) {
  ChangeProblem problem;
  auto result = change(problem);
  if (result) return Outcome{.done = std::move(*result), .refused = {}};
  auto& error = result.error();
  if (error.code == Code::conflict && problem.kind == ChangeProblem::Kind::version) {
    TRY(reply, version_conflict(context, call, problem));
    return Outcome{.done = {}, .refused = std::move(reply)};
  }
  if (problem.kind == ChangeProblem::Kind::key_reused) {
    constexpr std::string_view kDetail = "Something else was asked under this Idempotency-Key.";
    return Outcome{.done = {}, .refused = problem_reply(call, 422, "idempotency_key_reused", kDetail)};
  }
  if (error.code == Code::conflict && problem.kind != ChangeProblem::Kind::none) {
    TRY(reply, conflict_reply(context, call, problem));
    return Outcome{.done = {}, .refused = std::move(reply)};
  }
  if (error.code == Code::invalid && problem.operation && !api::field_error_of(error))
    return api::invalid_field({"ops/" + std::to_string(*problem.operation), error.detail, "invalid"});
  return std::unexpected(std::move(error));
}

Target target_of(Context& context, const store::TreeInfo& tree) {
  return {tree, [&context, tree](const Uuid& id) -> Result<std::string> {
            const auto pid = place_of(tree, id);
            if (!pid) return fail(Code::not_found, "no place of this tree");
            TRY(reader, context.archive.database().reader());
            TRY(path, store::place_path(reader, *pid));
            std::string text;
            for (auto place = path.rbegin(); place != path.rend(); ++place) text += (text.empty() ? "" : ", ") + place->name;
            return text;
          }};
}

Result<Target> target_of(Context& context, std::string_view tree_id) {
  TRY(browser, Browser::open(context.archive));
  TRY(tree, browser.tree(tree_id));
  return target_of(context, tree);
}

std::string change_json(const archive::ChangeResult& result, const std::vector<std::string>& refs, bool dry_run) {
  Writer w;
  w.begin_object();
  w.field("changeSet", to_string(result.change_set.value()));
  w.field("treeId", to_string(result.tree.value()));
  w.field("dryRun", dry_run);
  w.field("version", result.generation);
  w.key("ids");
  w.begin_object();
  for (std::size_t i = 0; i < std::min(refs.size(), result.created.size()); ++i) {
    if (!refs[i].empty()) w.field(refs[i], id_text(result.created[i]));
  }
  w.end_object();
  w.key("created");
  w.begin_array();
  for (const auto& id : result.created) w.value(id_text(id));
  w.end_array();
  w.key("etags");
  w.begin_object();
  for (const auto& record : result.records) {
    if (!record.deleted) w.field(id_text(record.id), "\"v" + std::to_string(record.version) + '"');
  }
  w.end_object();
  w.key("records");
  w.begin_array();
  for (const auto& record : result.records) {
    w.begin_object();
    w.field("id", id_text(record.id));
    w.field("kind", store::to_string(record.kind));
    w.field("version", record.version);
    w.field("created", record.created);
    w.field("deleted", record.deleted);
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return w.take();
}

Result<Located> locate(Context& context, std::string_view id, std::optional<store::RecordKind> kind) {
  const auto parsed = parse_uuid(id);
  if (!parsed) return fail(Code::not_found, "there is no such record");
  TRY(reader, context.archive.database().reader());
  TRY(record, store::find_record(reader, RecordId{*parsed}));
  TRY(tree, store::find_tree(reader, tree_no_of(record.rid)));
  if (tree.hidden || (kind && record.kind != *kind)) return fail(Code::not_found, "there is no such record");
  return Located{std::move(record), std::move(tree)};
}

Result<std::optional<std::int64_t>> expected_version(const Call& call) {
  if (call.if_match.empty()) return std::optional<std::int64_t>{};
  auto version = parse_version(call.if_match);
  if (!version) return api::invalid_field({"If-Match", "must be the ETag of the record", "format"});
  return std::move(*version);
}

Result<Outcome> run_operations(Context& context, const api::Call& call, const store::TreeInfo& tree,
                               std::vector<archive::Operation> operations, std::string reason) {
  auto request = request_of(call);
  request.operations = std::move(operations);
  request.reason = std::move(reason);
  return run_change(context, call, [&](archive::ChangeProblem& problem) {
    return archive::apply_changes(context.archive, tree.id, request, problem);
  });
}

api::Reply deleted_reply(const archive::ChangeResult& done, std::string_view id) {
  Writer w;
  w.begin_object();
  w.field("message", "deleted");
  w.field("id", id);
  w.field("changeSet", to_string(done.change_set.value()));
  w.end_object();
  return api::json_reply(w.take());
}

}  // namespace tablinum::genealogy_service
