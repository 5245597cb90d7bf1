// Taking change sets back, and records back to what they were.
#include "tablinum/archive/edit.h"
#include "workspace.h"

namespace tablinum::archive {
namespace {

namespace model = tree::model;
namespace edit = tree::edit;
using ledger::ChangeKind;

/// The version that a change set made of a record.
struct Made {
  store::Version version;
  bool has_later = false;
};
Result<std::optional<Made>> made_by(store::Session& session, Rid rid, const store::ChangeSetId& set) {
  TRY(versions, store::versions_of(session, rid));
  const auto at = std::ranges::find(versions, set, &store::Version::change_set);
  if (at == versions.end()) return std::optional<Made>{};  // only what followed from other records
  return std::optional{Made{*at, at + 1 != versions.end()}};
}

bool is_whole(const store::Version& version) {
  return std::ranges::find(version.fields, ledger::kWholeRecord) != version.fields.end();
}

/// The records of a change set, in the order in which it wrote them.
Result<std::vector<Rid>> records_of(store::Session& session, const store::ChangeSetId& set) {
  std::vector<Rid> rids;
  std::set<Rid> met;
  for (std::uint64_t from = 0;;) {
    TRY(changes, store::changes_of_set(session, set, from, store::kPageMax));
    for (const auto& change : changes) {
      if (met.insert(change.rid).second) rids.push_back(change.rid);
    }
    if (changes.size() < store::kPageMax) return rids;
    from = changes.back().seq + 1;
  }
}

Result<tree::Structure> version_structure(store::Session& session, Rid rid, std::int64_t version) {
  TRY(bytes, store::structure_at(session, rid, version));
  if (bytes.empty()) return tree::Structure{};
  return tree::decode(bytes);
}

class Undo {
 public:
  Undo(Workspace& space, const store::ChangeSetId& set) : space_{space}, set_{set} {}

  Result<void> run() {
    TRY(rids, records_of(space_.writer(), set_));
    for (const auto rid : rids) CHECK_OK(one(rid));
    return {};
  }

 private:
  Result<void> one(Rid rid) {
    TRY(made, made_by(space_.writer(), rid, set_));
    if (!made) return {};
    TRY(id, store::id_of(space_.writer(), rid));
    TRY(work, space_.find_any(id));
    return made->has_later ? beside_later_changes(*work, *made) : whole(*work, *made);
  }

  /// The record has newer versions: what this change set touched goes back where it is still as the change set left it.
  Result<void> beside_later_changes(Workspace::Work& work, const Made& made) {
    const auto rid = work.stored.rid;
    TRY(left, version_structure(space_.writer(), rid, made.version.version));
    // Changes that were taken back since are none.
    if (left.empty() == work.before.empty() && (left.empty() || left == work.before)) return whole(work, made);
    std::vector<model::Field> fields, changed;
    const bool field_by_field = !is_whole(made.version) && made.version.kind == ChangeKind::update && !work.before.empty();
    if (field_by_field) {
      const auto then = model::field_values(left, {}), now = model::field_values(work.before, {});
      for (const auto number : made.version.fields) {
        fields.push_back(static_cast<model::Field>(number));
        if (then[number] != now[number]) changed.push_back(fields.back());
      }
    }
    if (!field_by_field || !changed.empty()) {
      space_.problem().kind = ChangeProblem::Kind::later_changes;
      space_.problem().record = work.stored.id;
      space_.problem().fields = std::move(changed);
      return fail(Code::conflict, "the record was changed since");
    }
    TRY(before, version_structure(space_.writer(), rid, made.version.version - 1));
    work.whole = edit::with_fields_of(work.before, before, fields);
    return {};
  }

  Result<void> whole(Workspace::Work& work, const Made& made) {
    if (made.version.version == 1) return space_.remove(work), Result<void>{};
    TRY(before, version_structure(space_.writer(), work.stored.rid, made.version.version - 1));
    if (before.empty())
      space_.remove(work);
    else
      work.whole = std::move(before);
    return {};
  }

  Workspace& space_;
  const store::ChangeSetId& set_;
};

Result<TreeId> tree_of_set(Archive& archive, const store::ChangeSetId& id) {
  TRY(reader, archive.database().reader());
  TRY(set, store::find_change_set(reader, id));
  if (set.kind == store::ChangeSetKind::import) return fail(Code::invalid, "an import is taken back as a whole, by its own undo");
  TRY(tree, store::find_tree(reader, set.tree_no));
  return tree.id;
}

Result<TreeId> tree_of_record(Archive& archive, const RecordId& id) {
  TRY(reader, archive.database().reader());
  TRY(rid, store::rid_of(reader, id));
  TRY(tree, store::find_tree(reader, tree_no_of(rid)));
  return tree.id;
}

}  // namespace

Result<ChangeResult> result_of(store::Session& session, const store::ChangeSetId& id) {
  TRY(set, store::find_change_set(session, id));
  TRY(tree, store::find_tree(session, set.tree_no));
  ChangeResult result{.change_set = id, .tree = tree.id, .generation = tree.generation};
  TRY(rids, records_of(session, id));
  for (const auto rid : rids) {
    TRY(made, made_by(session, rid, id));
    if (!made) continue;
    TRY(record, store::find_record(session, rid));
    const auto kind = made->version.kind;
    if (kind == ChangeKind::create) result.created.push_back(record.id);
    result.records.push_back({.id = record.id,
                              .kind = record.kind,
                              .version = made->version.version,
                              .created = kind == ChangeKind::create || kind == ChangeKind::restore,
                              .deleted = kind == ChangeKind::remove || kind == ChangeKind::merge});
  }
  return result;
}

Result<ChangeResult> undo_changes(Archive& archive, const store::ChangeSetId& id, const ChangeRequest& request, ChangeProblem& problem) {
  problem = {};
  if (request.reason.size() > kReasonBytesMax) return fail(Code::too_large, "reason: too long");
  TRY(tree, tree_of_set(archive, id));
  TRY(space, Workspace::open(archive, tree, problem));
  TRY(answered, space->answered(request));
  if (answered) return std::move(*answered);
  CHECK_OK(Undo(*space, id).run());
  return space->finish(request, store::ChangeSetKind::undo, id);
}

Result<ChangeResult> revert_record(Archive& archive, const RecordId& id, std::int64_t version, std::optional<std::int64_t> expected,
                                   const ChangeRequest& request, ChangeProblem& problem) {
  problem = {};
  if (request.reason.size() > kReasonBytesMax) return fail(Code::too_large, "reason: too long");
  TRY(tree, tree_of_record(archive, id));
  TRY(space, Workspace::open(archive, tree, problem));
  TRY(answered, space->answered(request));
  if (answered) return std::move(*answered);
  TRY(work, space->find_any(id));
  CHECK_OK(space->expect(*work, expected));
  TRY(then, version_structure(space->writer(), work->stored.rid, version));
  if (then.empty()) return fail(Code::not_found, "the record was deleted in that version");
  // Relations stand in two records: those of the other side stay, so those of this one do.
  constexpr model::Field kFamilies[] = {model::Field::families};
  tree::Structure bare{then.dialect()};
  const auto& root = then.root();
  bare.append(tree::kNoNode, then.tag_name(0), root.kind, root.text, root.target, root.number);
  work->whole = edit::with_fields_of(then, work->was_there() ? work->before : bare, kFamilies);
  return space->finish(request, store::ChangeSetKind::restore);
}

}  // namespace tablinum::archive
