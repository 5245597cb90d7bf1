// Who changed what, and what a record was.
#include <ctime>
#include <limits>

#include "changes.h"
#include "tablinum/tree/edit/editor.h"

namespace tablinum::genealogy_service {
namespace {

using api::Call;
using api::Reply;

constexpr std::size_t kVersionsMax = 1'000;  ///< of one record in one answer, the newest

std::string_view word_of(store::ChangeSetKind kind) noexcept {
  switch (kind) {
    case store::ChangeSetKind::import: return "import";
    case store::ChangeSetKind::undo: return "undo";
    case store::ChangeSetKind::merge: return "merge";
    case store::ChangeSetKind::restore: return "revert";
    default: return "edit";
  }
}
std::string_view word_of(store::ChangeKind kind) noexcept {
  switch (kind) {
    case store::ChangeKind::create: return "create";
    case store::ChangeKind::remove: return "delete";
    case store::ChangeKind::restore: return "restore";
    case store::ChangeKind::import: return "import";
    case store::ChangeKind::merge: return "merge";
    default: return "update";
  }
}
std::string_view actor_of(store::ActorNo actor) noexcept { return actor == store::kProgram ? "program" : "owner"; }

void write_set_members(Writer& w, const store::ChangeSet& set) {
  w.field("id", to_string(set.id.value()));
  w.field("kind", word_of(set.kind));
  w.field("time", to_rfc3339(Timestamp{set.time * 1000}));
  w.field("actor", actor_of(set.actor));
  w.field("reason", set.summary);
  w.field("undoes", set.undoes ? std::optional{to_string(set.undoes->value())} : std::nullopt);
}

/// The structure of a version; empty where the record was deleted in it, or before the first.
Result<tree::Structure> structure_of(store::Session& session, Rid rid, std::int64_t version) {
  if (version < 1) return tree::Structure{};
  TRY(bytes, store::structure_at(session, rid, version));
  return bytes.empty() ? Result<tree::Structure>{tree::Structure{}} : tree::decode(bytes);
}

constexpr std::size_t kNameBytesMax = 200;

/// What a record is called: a person's name, a title, the partners of a family.
std::string name_in(store::Session& session, store::RecordKind kind, const tree::Structure& record, bool with_partners = true) {
  if (record.empty()) return {};
  if (kind == store::RecordKind::person) {
    model::PersonView view;
    model::read_person(record, view);
    const auto* name = view.preferred_name();
    return name == nullptr ? std::string{} : model::display_name(*name);
  }
  if (kind == store::RecordKind::family && with_partners) {
    std::string names;
    for (const auto node : record.children(0)) {
      const auto tag = record[node].tag;
      if ((tag != tree::Tag::HUSB && tag != tree::Tag::WIFE) || record[node].kind != tree::PayloadKind::record) continue;
      const auto rid = store::rid_of(session, record[node].target);
      const auto partner = rid ? store::find_record(session, *rid) : Result<store::Record>{fail(Code::not_found)};
      const auto structure = partner ? tree::decode(partner->structure) : Result<tree::Structure>{tree::Structure{}};
      const auto name = structure ? name_in(session, store::RecordKind::person, *structure, false) : std::string{};
      if (!name.empty()) names += (names.empty() ? "" : " · ") + name;
    }
    return names;
  }
  for (const auto tag : {tree::Tag::TITL, tree::Tag::ABBR, tree::Tag::NAME}) {
    if (const auto text = record.child_text(0, tag); !text.empty()) return std::string{text.substr(0, kNameBytesMax)};
  }
  return {};
}

constexpr std::size_t kNamedMax = 3;  ///< records that an entry of the history names

/// The first records of a change set by name; an import's are the tree itself.
Result<void> write_named_records(Writer& w, Browser& browser, const store::ChangeSet& set) {
  std::size_t total = 0;
  w.key("records");
  w.begin_array();
  if (set.kind != store::ChangeSetKind::import) {
    TRY(result, archive::result_of(browser.session(), set.id));
    total = result.records.size();
    for (std::size_t i = 0; i < std::min(total, kNamedMax); ++i) {
      const auto& record = result.records[i];
      TRY(rid, store::rid_of(browser.session(), record.id));
      TRY(structure, structure_of(browser.session(), rid, record.deleted ? record.version - 1 : record.version));
      w.begin_object();
      w.field("id", to_string(record.id.value()));
      w.field("kind", store::to_string(record.kind));
      w.field("name", name_in(browser.session(), record.kind, structure));
      w.field("created", record.created);
      w.field("deleted", record.deleted);
      w.end_object();
    }
  }
  w.end_array();
  w.field("recordsTotal", total);
  return {};
}

/// Sets read for one page: a rare kind is looked for over several pages.
constexpr std::size_t kSetsScanned = 2'000;
/// A change set's id is made when it begins, its time is when it was done. No import takes longer.
constexpr std::int64_t kLongestSeconds = 7 * 24 * 60 * 60;

/// "2026-11-21", the first moment of that day, or "2026-11-21T05:20:00Z" with a fraction or without; Unix seconds.
std::optional<std::int64_t> read_moment(std::string_view text) {
  const bool day = text.size() == 10;
  const std::string own{text.substr(0, 19)};
  std::string_view rest = text.substr(own.size());
  std::tm parts{};
  if (strptime(own.c_str(), day ? "%Y-%m-%d" : "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) return std::nullopt;
  const std::int64_t seconds = timegm(&parts);
  // What strptime() takes for a date is written out otherwise: "2026-1-1", the 31st of February.
  if (!to_rfc3339(Timestamp{seconds * 1000}).starts_with(own)) return std::nullopt;
  if (day) return seconds;
  if (rest.starts_with('.')) rest.remove_prefix(std::min(rest.find_first_not_of("0123456789", 1), rest.size()));
  return rest == "Z" ? std::optional{seconds} : std::nullopt;
}

/// Which entries of a tree's history are asked for.
struct Wanted {
  std::optional<std::string_view> kind{};
  std::optional<std::string_view> actor{};
  std::int64_t from = std::numeric_limits<std::int64_t>::min();  ///< Unix seconds
  std::int64_t until = std::numeric_limits<std::int64_t>::max();  ///< that second included
  std::optional<std::vector<store::ChangeSetId>> of_record{};     ///< newest first

  bool fits(const store::ChangeSet& set) const {
    return (!kind || word_of(set.kind) == *kind) && (!actor || actor_of(set.actor) == *actor) && from <= set.time && set.time <= until;
  }
  /// Whatever follows in the list was done before.
  bool over(const store::ChangeSetId& id) const { return from > kLongestSeconds && begun_at(id) < from - kLongestSeconds; }
  /// Whatever begins later was done later, too.
  std::optional<store::ChangeSetId> first() const {
    if (until < 0 || until >= kLastSecond) return std::nullopt;
    Uuid id;
    for (int i = 0; i < 6; ++i) id.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>((until + 1) * 1000 >> (40 - 8 * i));
    return store::ChangeSetId{id};
  }

 private:
  static constexpr std::int64_t kLastSecond = (std::int64_t{1} << 48) / 1000 - 1;  ///< that a UUIDv7 can say
  static std::int64_t begun_at(const store::ChangeSetId& id) {
    std::int64_t ms = 0;
    for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | id.value().bytes[i];
    return ms / 1000;
  }
};

Result<store::Record> record_of(Browser& browser, std::string_view id);

Result<Wanted> wanted_of(Browser& browser, const store::TreeInfo& tree, const Call& call) {
  Wanted wanted{.kind = call.parameter("filter[kind]"), .actor = call.parameter("filter[actor]")};
  if (const auto time = call.parameter("filter[time]")) {
    const auto dots = time->find("..");
    const auto from = time->substr(0, dots), until = dots == time->npos ? std::string_view{} : time->substr(dots + 2);
    const auto first = read_moment(from), last = read_moment(until);
    if (dots == time->npos || (!from.empty() && !first) || (!until.empty() && !last))
      return api::invalid_field({"filter[time]", "must be FROM..UNTIL, each a day or a moment, or empty", "format"});
    constexpr std::int64_t kDaySeconds = 24 * 60 * 60;
    if (first) wanted.from = *first;
    if (last) wanted.until = until.size() == 10 ? *last + kDaySeconds - 1 : *last;
  }
  if (const auto id = call.parameter("filter[record]")) {
    TRY(record, record_of(browser, *id));
    if (tree_no_of(record.rid) != tree.tree_no) return fail(Code::not_found, "there is no such record");
    TRY(versions, store::versions_of(browser.session(), record.rid));
    auto& sets = wanted.of_record.emplace();
    for (const auto& version : versions) sets.push_back(version.change_set);
    std::ranges::sort(sets, std::ranges::greater{});
    sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
  }
  return wanted;
}

/// The next of the tree's change sets, or of those that touched the record.
Result<std::vector<store::ChangeSet>> next_sets(store::Session& session, const store::TreeInfo& tree, const Wanted& wanted,
                                                const std::optional<store::ChangeSetId>& before, std::size_t most) {
  if (!wanted.of_record) return store::list_change_sets(session, tree.tree_no, before, most);
  std::vector<store::ChangeSet> sets;
  for (const auto& id : *wanted.of_record) {
    if (sets.size() == most) break;
    if (before && id >= *before) continue;
    TRY(set, store::find_change_set(session, id));
    sets.push_back(std::move(set));
  }
  return sets;
}

Result<Reply> tree_history(Context& context, Browser& browser, const Call& call) {
  TRY(tree, browser.tree(call.segment("tree")));
  TRY(limit, call.number("limit", 1, api::kPageLimitMax, api::kPageLimitDefault));
  TRY(wanted, wanted_of(browser, tree, call));
  const auto binding = std::string{call.path} + '?' + binding_of(call);
  auto before = wanted.first();
  if (const auto cursor = call.parameter("cursor")) {
    TRY(fields, context.cursors.open(binding, *cursor));
    const auto id = fields.size() == 1 ? parse_uuid(fields[0]) : Result<Uuid>{fail(Code::invalid)};
    if (id) before = store::ChangeSetId{*id};
  }
  const auto most = static_cast<std::size_t>(limit);
  std::vector<store::ChangeSet> sets;
  bool more = true;
  for (std::size_t scanned = 0; more && sets.size() < most && scanned < kSetsScanned;) {
    TRY(page, next_sets(browser.session(), tree, wanted, before, most + 1));
    more = page.size() > most;
    for (auto& set : page) {
      if (wanted.over(set.id)) {
        more = false;
        break;
      }
      if (sets.size() == most) {
        more = true;
        break;
      }
      before = set.id;
      ++scanned;
      if (wanted.fits(set)) sets.push_back(std::move(set));
    }
  }
  Writer w;
  w.begin_object();
  w.key("items");
  w.begin_array();
  for (const auto& set : sets) {
    w.begin_object();
    write_set_members(w, set);
    CHECK_OK(write_named_records(w, browser, set));
    w.end_object();
  }
  w.end_array();
  w.field("nextCursor", more && before ? std::optional{context.cursors.seal(binding, {to_string(before->value())})} : std::nullopt);
  w.end_object();
  return api::json_reply(w.take(), list_etag(tree));
}

/// "BIRT\n  DATE 1902" lists, before and after.
void write_differences(Writer& w, const tree::Structure& before, const tree::Structure& after) {
  w.begin_array();
  for (const auto& difference : tree::edit::differences(before, after)) {
    w.begin_object();
    w.field("field", model::to_string(difference.field));
    for (const auto& [name, lines] : {std::pair{"before", &difference.before}, std::pair{"after", &difference.after}}) {
      w.key(name);
      w.begin_array();
      for (const auto& line : *lines) w.value(line);
      w.end_array();
    }
    w.end_object();
  }
  w.end_array();
}

constexpr std::size_t kShownMax = 200;  ///< records of a change set with their differences

Result<Reply> one_set(Context&, Browser& browser, const Call& call) {
  const auto id = parse_uuid(call.segment("id"));
  if (!id) return fail(Code::not_found, "there is no such change set");
  TRY(set, store::find_change_set(browser.session(), store::ChangeSetId{*id}));
  TRY(tree, store::find_tree(browser.session(), set.tree_no));
  if (tree.hidden) return fail(Code::not_found, "there is no such change set");
  Writer w;
  w.begin_object();
  write_set_members(w, set);
  w.field("treeId", to_string(tree.id.value()));
  w.key("records");
  w.begin_array();
  std::size_t total = 0;
  // An import's records are the tree itself.
  if (set.kind != store::ChangeSetKind::import) {
    TRY(result, archive::result_of(browser.session(), set.id));
    total = result.records.size();
    for (std::size_t i = 0; i < std::min(total, kShownMax); ++i) {
      const auto& record = result.records[i];
      TRY(rid, store::rid_of(browser.session(), record.id));
      TRY(before, structure_of(browser.session(), rid, record.version - 1));
      TRY(after, structure_of(browser.session(), rid, record.version));
      w.begin_object();
      w.field("id", to_string(record.id.value()));
      w.field("kind", store::to_string(record.kind));
      w.field("name", name_in(browser.session(), record.kind, record.deleted ? before : after));
      w.field("version", record.version);
      w.field("created", record.created);
      w.field("deleted", record.deleted);
      w.key("differences");
      write_differences(w, before, after);
      w.end_object();
    }
  }
  w.end_array();
  w.field("recordsTotal", total);
  w.end_object();
  return api::json_reply(w.take());
}

Result<std::vector<store::Version>> newest_versions(store::Session& session, Rid rid) {
  TRY(versions, store::versions_of(session, rid));
  std::ranges::reverse(versions);
  if (versions.size() > kVersionsMax) versions.resize(kVersionsMax);
  return std::move(versions);
}

void write_version(Writer& w, const store::Version& version) {
  w.field("version", version.version);
  w.field("changeSet", to_string(version.change_set.value()));
  w.field("kind", word_of(version.kind));
  w.field("time", to_rfc3339(Timestamp{version.time * 1000}));
  w.field("actor", actor_of(version.actor));
  w.key("fields");
  w.begin_array();
  for (const auto field : version.fields) w.value(field < model::kFieldCount ? model::to_string(static_cast<model::Field>(field)) : "all");
  w.end_array();
}

Result<store::Record> record_of(Browser& browser, std::string_view id) {
  const auto parsed = parse_uuid(id);
  if (!parsed) return fail(Code::not_found, "there is no such record");
  TRY(record, store::find_record(browser.session(), RecordId{*parsed}));
  TRY(tree, store::find_tree(browser.session(), tree_no_of(record.rid)));
  if (tree.hidden) return fail(Code::not_found, "there is no such record");
  return record;
}

Result<Reply> record_history(Context&, Browser& browser, const Call& call) {
  TRY(record, record_of(browser, call.segment("id")));
  TRY(versions, newest_versions(browser.session(), record.rid));
  Writer w;
  w.begin_object();
  w.field("id", to_string(record.id.value()));
  w.field("version", record.version);
  w.field("deleted", record.deleted);
  w.key("items");
  w.begin_array();
  for (const auto& version : versions) {
    const auto set = store::find_change_set(browser.session(), version.change_set);
    w.begin_object();
    write_version(w, version);
    w.field("reason", set ? std::string_view{set->summary} : std::string_view{});
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return api::json_reply(w.take());
}

/// One version beside another: the one before it, or the one asked for.
Result<Reply> record_version(Context&, Browser& browser, const Call& call) {
  TRY(record, record_of(browser, call.segment("id")));
  std::int64_t version = 0;
  for (const char c : call.segment("version")) {
    if (c < '0' || c > '9' || version > record.version) return fail(Code::not_found, "there is no such version");
    version = version * 10 + (c - '0');
  }
  if (version < 1 || version > record.version) return fail(Code::not_found, "there is no such version");
  TRY(against, call.number("against", 0, record.version, version - 1));
  TRY(after, structure_of(browser.session(), record.rid, version));
  TRY(before, structure_of(browser.session(), record.rid, against));
  Writer w;
  w.begin_object();
  w.field("id", to_string(record.id.value()));
  w.field("kind", store::to_string(record.kind));
  w.field("version", version);
  w.field("against", against);
  w.field("deleted", after.empty());
  w.key("lines");
  w.begin_array();
  for (const auto& difference : tree::edit::differences(tree::Structure{}, after)) {
    for (const auto& line : difference.after) w.value(line);
  }
  w.end_array();
  w.key("differences");
  write_differences(w, before, after);
  w.end_object();
  return api::json_reply(w.take());
}

api::Function revert(const Shared& context) {
  return [context](const Call& call) -> Result<Reply> {
    TRY(located, locate(*context, call.segment("id")));
    TRY(version, parse_revert(call.body));
    TRY(expected, expected_version(call));
    auto request = request_of(call);
    request.reason = version.reason;
    TRY(outcome, run_change(*context, call, [&](archive::ChangeProblem& problem) {
          return archive::revert_record(context->archive, located.record.id, version.version, expected, request, problem);
        }));
    if (!outcome.done) return std::move(outcome.refused);
    return api::json_reply(change_json(*outcome.done, {}, false));
  };
}

/// The reference's pages expect an array, newest first.
Result<Reply> reference_history(Context&, Browser& browser, const Call& call) {
  TRY(rid, browser.person_rid(call.segment("id")));
  TRY(record, store::find_record(browser.session(), rid));
  TRY(versions, newest_versions(browser.session(), rid));
  Writer w;
  w.begin_array();
  for (const auto& version : versions) {
    static constexpr std::pair<store::ChangeKind, std::string_view> kWords[] = {
        {store::ChangeKind::create, "CREATE"}, {store::ChangeKind::import, "CREATE"}, {store::ChangeKind::remove, "DELETE"},
        {store::ChangeKind::restore, "REVERT"}, {store::ChangeKind::merge, "MERGE"}};
    const auto word = std::ranges::find(kWords, version.kind, &std::pair<store::ChangeKind, std::string_view>::first);
    const auto set = store::find_change_set(browser.session(), version.change_set);
    const bool reverted = set && (set->kind == store::ChangeSetKind::undo || set->kind == store::ChangeSetKind::restore);
    const auto id = to_string(record.id.value()) + '~' + std::to_string(version.version);
    w.begin_object();
    w.field("id", id);
    w.field("_id", id);
    w.field("personId", to_string(record.id.value()));
    w.field("version", version.version);
    w.field("changeType", word != std::end(kWords) ? word->second : reverted ? "REVERT" : "UPDATE");
    w.field("changedBy", actor_of(version.actor));
    w.field("createdAt", to_rfc3339(Timestamp{version.time * 1000}));
    w.field("description", set ? std::string_view{set->summary} : std::string_view{});
    w.end_object();
  }
  w.end_array();
  return api::json_reply(w.take());
}

}  // namespace

void add_history_routes(api::Description& description, const Shared& context) {
  auto& types = description.types;
  types.push_back({.name = "Difference",
                   .description = "What stands in one version only: parts of the record as indented lines.",
                   .members = {{.name = "field", .type = "string"},
                               {.name = "before", .type = "string[]"},
                               {.name = "after", .type = "string[]"}}});
  types.push_back({.name = "HistoryEntry",
                   .description = {},
                   .members = {{.name = "id", .type = "uuid"},
                               {.name = "kind", .type = "'edit'|'import'|'undo'|'merge'|'revert'"},
                               {.name = "time", .type = "timestamp"},
                               {.name = "actor", .type = "string"},
                               {.name = "reason", .type = "string"},
                               {.name = "undoes", .type = "uuid?"},
                               {.name = "records", .type = "HistoryRecord[]", .description = "The first three; none of an import."},
                               {.name = "recordsTotal", .type = "int"}}});
  types.push_back({.name = "HistoryRecord",
                   .description = {},
                   .members = {{.name = "id", .type = "uuid"},
                               {.name = "kind", .type = "string"},
                               {.name = "name", .type = "string"},
                               {.name = "created", .type = "bool"},
                               {.name = "deleted", .type = "bool"}}});
  types.push_back({.name = "History",
                   .description = {},
                   .members = {{.name = "items", .type = "HistoryEntry[]", .description = "Newest first."},
                               {.name = "nextCursor", .type = "string?"}}});
  types.push_back({.name = "ChangeSetRecord",
                   .description = {},
                   .members = {{.name = "id", .type = "uuid"},
                               {.name = "kind", .type = "string"},
                               {.name = "name", .type = "string"},
                               {.name = "version", .type = "int"},
                               {.name = "created", .type = "bool"},
                               {.name = "deleted", .type = "bool"},
                               {.name = "differences", .type = "Difference[]"}}});
  types.push_back({.name = "ChangeSetDetail",
                   .description = {},
                   .members = {{.name = "id", .type = "uuid"},
                               {.name = "kind", .type = "string"},
                               {.name = "time", .type = "timestamp"},
                               {.name = "actor", .type = "string"},
                               {.name = "reason", .type = "string"},
                               {.name = "undoes", .type = "uuid?"},
                               {.name = "treeId", .type = "uuid"},
                               {.name = "records", .type = "ChangeSetRecord[]", .description = "The first 200; none of an import."},
                               {.name = "recordsTotal", .type = "int"}}});
  types.push_back({.name = "RecordVersionEntry",
                   .description = {},
                   .members = {{.name = "version", .type = "int"},
                               {.name = "changeSet", .type = "uuid"},
                               {.name = "kind", .type = "string"},
                               {.name = "time", .type = "timestamp"},
                               {.name = "actor", .type = "string"},
                               {.name = "fields", .type = "string[]"},
                               {.name = "reason", .type = "string"}}});
  types.push_back({.name = "RecordHistory",
                   .description = {},
                   .members = {{.name = "id", .type = "uuid"},
                               {.name = "version", .type = "int"},
                               {.name = "deleted", .type = "bool"},
                               {.name = "items", .type = "RecordVersionEntry[]", .description = "Newest first, at most 1,000."}}});
  types.push_back({.name = "RecordVersion",
                   .description = {},
                   .members = {{.name = "id", .type = "uuid"},
                               {.name = "kind", .type = "string"},
                               {.name = "version", .type = "int"},
                               {.name = "against", .type = "int"},
                               {.name = "deleted", .type = "bool"},
                               {.name = "lines", .type = "string[]"},
                               {.name = "differences", .type = "Difference[]"}}});
  types.push_back({.name = "Revert",
                   .description = {},
                   .members = {{.name = "version", .type = "int"}, {.name = "reason", .type = "string", .optional = true}}});
  auto& routes = description.routes;
  routes.push_back({.method = "GET",
                    .path = "/api/v1/trees/{tree}/history",
                    .id = "getTreeHistory",
                    .tag = "history",
                    .summary = "Who changed the tree, and when",
                    .parameters = {kTreeParameter,
                                   {.name = "filter[kind]", .type = "'edit'|'import'|'undo'|'merge'|'revert'"},
                                   {.name = "filter[actor]", .type = "'owner'|'program'"},
                                   {.name = "filter[record]", .type = "uuid", .description = "Changes of this person, family, source, …"},
                                   {.name = "filter[time]",
                                    .description = "FROM..UNTIL, each a day (2026-11-21, in UTC), a moment "
                                                   "(2026-11-21T05:20:00Z) or empty."},
                                   kLimitParameter,
                                   kCursorParameter},
                    .answer = "History",
                    .errors = {404, 422},
                    .function = reading(context, tree_history)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/changesets/{id}",
                    .id = "getChangeSet",
                    .tag = "history",
                    .summary = "What one change set did, record by record",
                    .parameters = {kIdParameter},
                    .answer = "ChangeSetDetail",
                    .errors = {404},
                    .function = reading(context, one_set)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/records/{id}/history",
                    .id = "getRecordHistory",
                    .tag = "history",
                    .summary = "The versions of a record of any kind",
                    .parameters = {kIdParameter},
                    .answer = "RecordHistory",
                    .errors = {404},
                    .function = reading(context, record_history)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/records/{id}/versions/{version}",
                    .id = "getRecordVersion",
                    .tag = "history",
                    .summary = "One version, compared with another",
                    .parameters = {kIdParameter,
                                   {.name = "version", .type = "int", .in = api::In::path},
                                   {.name = "against",
                                    .type = "int",
                                    .description = "The version before it if not given; 0 is nothing.",
                                    .minimum = 0}},
                    .answer = "RecordVersion",
                    .errors = {404, 422},
                    .function = reading(context, record_version)});
  routes.push_back({.method = "POST",
                    .path = "/api/v1/records/{id}/revert",
                    .id = "revertRecord",
                    .tag = "history",
                    .summary = "Gives a record the content of one of its versions; whom it is related to stays",
                    .parameters = {kIdParameter, {.name = "If-Match", .in = api::In::header}},
                    .body = "Revert",
                    .answer = "ChangeResult",
                    .errors = {404, 409, 412, 415, 422},
                    .function = revert(context)});
  routes.push_back(alias("POST",
                         {"/api/v1/persons/{id}/revert", "/api/genealogy/persons/{id}/revert", "/api/v1/genealogy/persons/{id}/revert",
                          "/v1/persons/{id}/revert", "/api/persons/{id}/revert"},
                         revert(context), "Revert"));
  routes.push_back(alias("GET",
                         {"/api/v1/persons/{id}/history", "/api/genealogy/persons/{id}/history", "/api/v1/genealogy/persons/{id}/history",
                          "/v1/persons/{id}/history", "/api/persons/{id}/history"},
                         reading(context, reference_history)));
}

}  // namespace tablinum::genealogy_service
