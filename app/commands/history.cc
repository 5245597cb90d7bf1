// Commands about what was changed: history, undo.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "archive_command.h"
#include "tablinum/archive/edit.h"
#include "tablinum/archive/jobs.h"
#include "tablinum/base/json.h"
#include "tablinum/base/time.h"
#include "tablinum/store/records.h"
#include "tablinum/tree/edit/editor.h"

namespace tablinum::app {
namespace {

/// Records of one change set that are shown.
constexpr std::size_t kRecordsShown = 200;

std::string_view word_of(store::ChangeSetKind kind) noexcept {
  switch (kind) {
    case store::ChangeSetKind::import: return "import";
    case store::ChangeSetKind::undo: return "undo";
    case store::ChangeSetKind::merge: return "merge";
    case store::ChangeSetKind::restore: return "revert";
    default: return "edit";
  }
}
std::string_view actor_of(store::ActorNo actor) noexcept { return actor == store::kProgram ? "program" : "owner"; }

void write_set(json::Writer& w, const store::ChangeSet& set) {
  w.field("id", to_string(set.id.value()));
  w.field("kind", word_of(set.kind));
  w.field("time", to_rfc3339(Timestamp{set.time * 1000}));
  w.field("actor", actor_of(set.actor));
  w.field("reason", set.summary);
  w.field("undoes", set.undoes ? std::optional{to_string(set.undoes->value())} : std::nullopt);
}

std::string line_of(const store::ChangeSet& set) {
  return fmt::format("{}  {}  {:<6} {}{}\n", to_string(set.id.value()), to_rfc3339(Timestamp{set.time * 1000}).substr(0, 19),
                     word_of(set.kind), set.summary, set.undoes ? " (undoes " + to_string(set.undoes->value()) + ")" : "");
}

// ---- history

struct HistoryArguments {
  std::string tree, change;
  std::size_t limit = 50;
};

Result<int> list_changes(const Globals& globals, store::Session& session, const HistoryArguments& arguments) {
  TRY(tree, choose_tree(session, arguments.tree));
  TRY(sets, store::list_change_sets(session, tree.tree_no, std::nullopt, arguments.limit + 1));
  const bool more = sets.size() > arguments.limit;
  if (more) sets.pop_back();
  json::Writer w;
  std::string text;
  w.begin_object();
  w.field("ok", true);
  w.field("tree", to_string(tree.id.value()));
  w.key("changes");
  w.begin_array();
  for (const auto& set : sets) {
    w.begin_object();
    write_set(w, set);
    w.end_object();
    text += line_of(set);
  }
  w.end_array();
  w.field("more", more);
  w.end_object();
  if (more) text += fmt::format("There are more; see them with --limit {}.\n", arguments.limit * 2);
  if (!text.empty()) text.pop_back();
  print_result(globals, w.take(), text);
  return 0;
}

/// The structure of a version; empty where the record was deleted in it, or before the first.
Result<tree::Structure> structure_of(store::Session& session, Rid rid, std::int64_t version) {
  if (version < 1) return tree::Structure{};
  TRY(bytes, store::structure_at(session, rid, version));
  return bytes.empty() ? Result<tree::Structure>{tree::Structure{}} : tree::decode(bytes);
}

struct Shown {
  json::Writer json;
  std::string text;
};

Result<void> show_record(store::Session& session, const archive::TouchedRecord& touched, Shown& shown) {
  TRY(record, store::find_record(session, touched.id));
  TRY(before, structure_of(session, record.rid, touched.version - 1));
  TRY(after, structure_of(session, record.rid, touched.version));
  auto& w = shown.json;
  w.begin_object();
  w.field("id", to_string(touched.id.value()));
  w.field("xref", record.xref);
  w.field("kind", store::to_string(touched.kind));
  w.field("version", touched.version);
  w.field("created", touched.created);
  w.field("deleted", touched.deleted);
  w.key("differences");
  w.begin_array();
  shown.text += fmt::format("\n{} {}{}{}", store::to_string(touched.kind), record.xref, touched.created ? ", new" : "",
                            touched.deleted ? ", deleted" : "");
  if (touched.kind == store::RecordKind::person && !record.deleted) shown.text += "  " + person_label(session, record.rid);
  shown.text += '\n';
  for (const auto& difference : tree::edit::differences(before, after)) {
    w.begin_object();
    w.field("field", tree::model::to_string(difference.field));
    for (const auto& [name, mark, lines] : {std::tuple{"before", '-', &difference.before}, std::tuple{"after", '+', &difference.after}}) {
      w.key(name);
      w.begin_array();
      for (const auto& line : *lines) {
        w.value(line);
        shown.text += fmt::format("  {} {}\n", mark, line);
      }
      w.end_array();
    }
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return {};
}

Result<int> show_change(const Globals& globals, store::Session& session, const std::string& id) {
  const auto uuid = parse_uuid(id);
  if (!uuid) return fail(Code::invalid, id + " is no id of a change; tablinum history lists them");
  TRY(set, store::find_change_set(session, store::ChangeSetId{*uuid}));
  Shown shown;
  auto& w = shown.json;
  w.begin_object();
  w.field("ok", true);
  write_set(w, set);
  shown.text = line_of(set);
  w.key("records");
  w.begin_array();
  std::size_t total = 0;
  // An import's records are the tree itself.
  if (set.kind != store::ChangeSetKind::import) {
    TRY(result, archive::result_of(session, set.id));
    total = result.records.size();
    for (std::size_t i = 0; i < std::min(total, kRecordsShown); ++i) CHECK_OK(show_record(session, result.records[i], shown));
    if (total > kRecordsShown) shown.text += fmt::format("\n… and {} more records\n", total - kRecordsShown);
  }
  w.end_array();
  w.field("recordsTotal", total);
  w.end_object();
  shown.text.pop_back();
  print_result(globals, w.take(), shown.text);
  return 0;
}

Result<int> run_history(const Globals& globals, const HistoryArguments& arguments) {
  TRY(archive, open_archive(globals, false));
  TRY(reader, archive->database().reader());
  return arguments.change.empty() ? list_changes(globals, reader, arguments) : show_change(globals, reader, arguments.change);
}

// ---- undo

struct UndoArguments {
  std::string change, reason;
  bool dry_run = false;
};

/// What stands in the way, in words that help.
std::string problem_text(store::Session& session, const archive::ChangeProblem& problem) {
  if (problem.kind != archive::ChangeProblem::Kind::later_changes) return {};
  std::string fields;
  for (const auto field : problem.fields) (fields += fields.empty() ? "" : ", ") += tree::model::to_string(field);
  const auto record = store::find_record(session, problem.record);
  return fmt::format("; {} was changed since ({}): undo those changes first, tablinum history shows them",
                     record && !record->xref.empty() ? record->xref : to_string(problem.record.value()), fields);
}

Result<int> run_undo(const Globals& globals, const UndoArguments& arguments) {
  const auto id = parse_uuid(arguments.change);
  if (!id) return fail(Code::invalid, arguments.change + " is no id of a change; tablinum history lists them");
  TRY(archive, open_archive(globals, true));
  archive::ChangeRequest request;
  request.reason = arguments.reason;
  request.dry_run = arguments.dry_run;
  archive::ChangeProblem problem;
  auto done = archive::undo_changes(*archive, store::ChangeSetId{*id}, request, problem);
  if (!done) {
    TRY(reader, archive->database().reader());
    return fail(done.error().code, done.error().detail + problem_text(reader, problem));
  }
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  w.field("dryRun", arguments.dry_run);
  w.field("change", arguments.dry_run ? std::nullopt : std::optional{to_string(done->change_set.value())});
  w.field("undoes", arguments.change);
  w.field("records", done->records.size());
  w.end_object();
  const auto text = arguments.dry_run ? fmt::format("It can be undone: {} records would get back what they were.", done->records.size())
                                      : fmt::format("Undone: {} records are again what they were. To take this back: tablinum undo {}",
                                                    done->records.size(), to_string(done->change_set.value()));
  print_result(globals, w.take(), text);
  return 0;
}

int finish(const Globals& globals, const Result<int>& result) { return result ? *result : report(globals, result.error()); }

}  // namespace

void add_history_commands(Commands& commands) {
  const auto& globals = commands.globals;
  auto& chosen = commands.chosen;

  auto* history = commands.root.add_subcommand("history", "Lists who changed what and when, or shows one change");
  const auto asked = std::make_shared<HistoryArguments>();
  history->add_option("CHANGE", asked->change, "Id of one change: shows every record before and after");
  history->add_option("--tree", asked->tree, "Name or id of the tree");
  history->add_option("--limit", asked->limit, "Changes shown, the newest first")->check(CLI::Range(1, 10'000))->capture_default_str();
  history->callback([&, asked] { chosen = [&, asked] { return finish(globals, run_history(globals, *asked)); }; });

  auto* undo = commands.root.add_subcommand("undo", "Takes one change back, as a change of its own that can be undone too");
  const auto back = std::make_shared<UndoArguments>();
  undo->add_option("CHANGE", back->change, "Id of the change, as tablinum history shows it")->required();
  undo->add_option("--reason", back->reason, "Why; shown in the history");
  undo->add_flag("--dry-run", back->dry_run, "Only say whether it can be undone");
  undo->callback([&, back] { chosen = [&, back] { return finish(globals, run_undo(globals, *back)); }; });
}

}  // namespace tablinum::app
