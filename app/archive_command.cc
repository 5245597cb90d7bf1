#include "archive_command.h"

#include <fmt/format.h>

#include "tablinum/search/search.h"
#include "tablinum/store/records.h"
#include "tablinum/store/trees.h"

namespace tablinum::app {
namespace {

constexpr std::size_t kCandidatesShown = 5;

}  // namespace

void add_archive_commands(Commands& commands) {
  add_reading_commands(commands);
  add_keeping_commands(commands);
  add_history_commands(commands);
  add_chart_commands(commands);
  add_server_commands(commands);
}

Result<std::unique_ptr<archive::Archive>> open_archive(const Globals& globals, bool writing) {
  auto opened = archive::Archive::open({.folder = globals.data, .read_only = !writing, .holder = "a tablinum command"});
  if (!opened && opened.error().code == Code::not_found && !writing) {
    return fail(Code::not_found,
                "there is no archive in " + globals.data + "; make one with: tablinum import FILE --data " + globals.data);
  }
  if (!opened && opened.error().code == Code::busy) {
    return fail(Code::busy, globals.data + " is in use: " + opened.error().detail + ". Stop it, or use its pages or API.");
  }
  return opened;
}

Result<store::TreeInfo> choose_tree(store::Session& session, std::string_view name) {
  if (!name.empty()) {
    if (const auto id = parse_uuid(name)) return store::find_tree(session, TreeId{*id});
    auto found = store::find_tree_by_name(session, name);
    if (!found) return fail(Code::not_found, fmt::format("there is no tree named {}", name));
    return found;
  }
  TRY(trees, store::list_trees(session));
  if (trees.empty()) return fail(Code::not_found, "the archive has no tree yet; make one with: tablinum import FILE");
  if (trees.size() == 1) return trees.front();
  std::string names;
  for (const auto& tree : trees) names += (names.empty() ? "" : ", ") + tree.name;
  return fail(Code::invalid, "which tree? Say --tree NAME, one of: " + names);
}

std::string person_label(store::Session& session, Rid person) {
  const auto row = store::person_of(session, person);
  std::string label = row && !row->label.empty() ? row->label : "?";
  const auto names = store::names_of(session, person);
  if (names && !names->empty()) label = names->front().full_text.empty() ? label : names->front().full_text;
  return label;
}

Result<Rid> choose_person(archive::Archive& archive, store::Session& session, const store::TreeInfo& tree,
                          const std::string& who) {
  if (const auto id = parse_uuid(who)) return store::rid_of(session, RecordId{*id});
  std::string xref = who;
  std::erase(xref, '@');
  if (const auto rid = store::rid_of_xref(session, tree.tree_no, xref)) {
    if (store::person_of(session, *rid)) return *rid;
  }
  TRY(index, archive.index(tree.tree_no));
  TRY(query, search::parse_query(who));
  query.kinds = {search::Kind::person};
  search::DocumentIndex documents{session};
  TRY(found, search::search(*index, {documents, tree.generation}, query, {.circle = search::Circle::owners, .visible = {}},
                            {.limit = kCandidatesShown, .facets = false, .highlights = false}));
  if (found.hits.empty()) return fail(Code::not_found, "nobody is called " + who);
  if (found.total == 1) return make_rid(tree.tree_no, found.hits.front().n);
  std::string list;
  for (const auto& hit : found.hits) {
    const Rid rid = make_rid(tree.tree_no, hit.n);
    const auto record = store::find_record(session, rid);
    list += fmt::format("\n  {:<8} {}", record ? record->xref : "", person_label(session, rid));
  }
  return fail(Code::invalid, fmt::format("{} people match {}; say which by its identifier:{}", found.total, who, list));
}

}  // namespace tablinum::app
