#include <fmt/format.h>

#include <bit>

#include "log.h"
#include "record_rows.h"
#include "tablinum/store/records.h"
#include "tablinum/store/trees.h"

namespace tablinum::store {
namespace {

/// A record as it stands, before it is changed.
struct Stored {
  RecordId id;
  RecordKind kind{};
  bool deleted = false;
  std::int64_t version = 0;
  ledger::Salt salt{};
  Digest root;
  std::string xref;
  Restriction restriction{};
  Bytes structure;
};

Result<Stored> load(Writer& writer, Rid rid) {
  auto rows =
      writer
          .statement("SELECT id, kind, deleted, version, salt, root, xref, restriction, structure FROM record WHERE rid = :1",
                     "i", "biiibbtib")
          .query(rid);
  if (!rows.next()) {
    CHECK_OK(rows.status());
    return fail(Code::not_found, "no such record");
  }
  TRY(id, uuid_from_bytes(rows.bytes(0)));
  TRY(salt, uuid_from_bytes(rows.bytes(4)));
  TRY(root, digest_from_bytes(rows.bytes(5)));
  const ByteView structure = rows.bytes(8);
  return Stored{.id = RecordId{id},
                .kind = static_cast<RecordKind>(rows.integer(1)),
                .deleted = rows.integer(2) != 0,
                .version = rows.integer(3),
                .salt = salt.bytes,
                .root = root,
                .xref = std::string{rows.text(6)},
                .restriction = static_cast<Restriction>(rows.integer(7)),
                .structure = Bytes{structure.begin(), structure.end()}};
}

Result<Stored> load_living(Writer& writer, Rid rid, std::optional<std::int64_t> version) {
  TRY(stored, load(writer, rid));
  if (stored.deleted) return fail(Code::not_found, "the record is deleted");
  if (version && *version != stored.version) return fail(Code::conflict, "the record has another version");
  return std::move(stored);
}

std::int64_t changed_at(const Writer::State& state, const ChangeContext& context) {
  return state.purpose == Purpose::import ? context.time * 1000 : state.now.ms;
}

/// Keeps the state tree's view of a record that this transaction made.
void note_root(TreeState& tree, Rid rid, const Digest& root) {
  if (n_of(rid) >= tree.made_from) tree.made[n_of(rid) - tree.made_from].root = root;
}

/// A change set makes one version of a record, however often it writes it.
bool starts_version(Writer& writer, Rid rid, const ChangeContext& context) {
  const auto [entry, is_new] = writer.state().written.try_emplace(rid.value(), context.change_set);
  if (!is_new && entry->second == context.change_set) return false;
  entry->second = context.change_set;
  return true;
}

Result<void> insert_record(Writer& writer, const ChangeContext& context, const RecordDraft& draft, const ledger::Salt& salt,
                           const Digest& root) {
  return writer
      .statement(
          "INSERT INTO record(rid, id, kind, xref, version, deleted, restriction, changed_at, salt, root, structure) "
          "VALUES(:1, :2, :3, :4, 1, 0, :5, :6, :7, :8, :9)",
          "ibitiibbb")
      .run(draft.rid, draft.id, draft.kind, null_if_empty(draft.xref), draft.restriction, changed_at(writer.state(), context),
           ledger::view(salt), root, draft.structure);
}

/// One change for each field that differs, each from the root that the one before gave.
Result<std::uint32_t> append_field_changes(Writer& writer, TreeState& tree, const ChangeContext& context, NewChange change,
                                           const ledger::Salt& salt, const ledger::FieldValues& old_fields,
                                           const ledger::FieldValues& new_fields) {
  ledger::FieldValues fields = old_fields;
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i] == new_fields[i]) continue;
    fields[i] = new_fields[i];
    change.field = static_cast<std::uint8_t>(i);
    change.new_root = ledger::record_root(salt, fields);
    CHECK_OK(append_change(writer, tree, context, change));
    change.old_root = change.new_root;
    change.before.reset();  // the first of them has it
    ++count;
  }
  return count;
}

std::size_t count_differing(const ledger::FieldValues& a, const ledger::FieldValues& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i];
  return count;
}

Result<void> update_root(Writer& writer, TreeState& tree, Rid rid, const Digest& root) {
  note_root(tree, rid, root);
  return writer.statement("UPDATE record SET root = :1 WHERE rid = :2", "bi").run(root, rid);
}

Result<void> update_record(Writer& writer, const ChangeContext& context, const RecordDraft& draft, std::int64_t version) {
  return writer
      .statement(
          "UPDATE record SET xref = :1, version = :2, deleted = 0, restriction = :3, changed_at = :4, structure = :5 WHERE rid "
          "= :6",
          "tiiibi")
      .run(null_if_empty(draft.xref), version, draft.restriction, changed_at(writer.state(), context), draft.structure,
           draft.rid);
}

bool same_content(const Stored& stored, const RecordDraft& draft, std::size_t differing) {
  return differing == 0 && stored.xref == draft.xref && stored.restriction == draft.restriction &&
         std::ranges::equal(stored.structure, draft.structure);
}

Written written(const TreeState& tree, std::int64_t version, std::uint32_t changes) {
  return {.version = version, .changes = changes, .log_size = tree.log.size()};
}

}  // namespace

Result<Rid> next_rid(Writer& writer, std::int64_t tree_no) {
  TRY(tree, tree_state(writer, tree_no));
  if (tree->next_n > kRecordsMax) return fail(Code::limit, "the tree has as many records as it can have");
  return make_rid(tree_no, tree->next_n);
}

Result<Written> create_record(Writer& writer, const ChangeContext& context, const RecordDraft& draft) {
  CHECK_OK(check_draft(draft));
  TRY(expected, next_rid(writer, tree_no_of(draft.rid)));
  if (draft.rid != expected) return fail(Code::invalid, "a new record takes the next rid of its tree");
  TRY(tree, tree_state(writer, tree_no_of(draft.rid)));
  if (!tree->made.empty() && draft.id <= tree->made.back().id) return fail(Code::invalid, "ids of a tree increase");
  CHECK_OK(make_room(writer, *tree, 1));

  const ledger::Salt salt = writer.state().salts.next();
  const Digest root = ledger::record_root(salt, draft.fields);
  CHECK_OK(insert_record(writer, context, draft, salt, root));
  CHECK_OK(insert_rows(writer, draft));
  const bool imported = writer.purpose() == Purpose::import;
  CHECK_OK(append_change(writer, *tree, context,
                         {.rid = draft.rid,
                          .id = draft.id,
                          .kind = imported ? ledger::ChangeKind::import : ledger::ChangeKind::create,
                          .new_root = root}));
  tree->made.push_back({draft.id, root, draft.kind == RecordKind::person});
  ++tree->next_n;
  // An import never writes a record twice in a transaction; a note for each would cost memory for nothing.
  if (!imported) writer.state().written.insert_or_assign(draft.rid.value(), context.change_set);
  return written(*tree, 1, 1);
}

Result<Written> replace_record(Writer& writer, const ChangeContext& context, const RecordDraft& draft,
                               const ledger::FieldValues& old_fields, std::optional<std::int64_t> version) {
  CHECK_OK(check_draft(draft));
  TRY(stored, load_living(writer, draft.rid, version));
  if (stored.id != draft.id || stored.kind != draft.kind) return fail(Code::invalid, "a record keeps its id and kind");
  if (ledger::record_root(stored.salt, old_fields) != stored.root)
    return fail(Code::corrupt, "the old fields do not give the record's root");
  TRY(tree, tree_state(writer, tree_no_of(draft.rid)));

  const std::size_t differing = count_differing(old_fields, draft.fields);
  const bool same = same_content(stored, draft, differing);
  if (!same) {
    CHECK_OK(make_room(writer, *tree, std::max<std::size_t>(differing, 1)));
    const bool new_version = starts_version(writer, draft.rid, context);
    NewChange change{
        .rid = draft.rid, .id = draft.id, .kind = ledger::ChangeKind::update, .old_root = stored.root, .new_root = stored.root};
    if (new_version) change.before = stored.structure;
    if (differing == 0) {
      // Only the order of nodes across fields differs, or the export name: the whole record changed, and no field's value did.
      CHECK_OK(append_change(writer, *tree, context, change));
    } else {
      CHECK_OK(append_field_changes(writer, *tree, context, change, stored.salt, old_fields, draft.fields));
    }
    stored.version += new_version;
    CHECK_OK(update_root(writer, *tree, draft.rid, ledger::record_root(stored.salt, draft.fields)));
    CHECK_OK(update_record(writer, context, draft, stored.version));
  }
  // Also where nothing was logged: the rows may follow from newer rules than those stored.
  CHECK_OK(delete_rows(writer, draft.rid, draft.kind));
  CHECK_OK(insert_rows(writer, draft));
  touch(*tree);
  return written(*tree, stored.version, same ? 0 : static_cast<std::uint32_t>(std::max<std::size_t>(differing, 1)));
}

Result<Written> derive_fields(Writer& writer, const ChangeContext& context, Rid rid, const ledger::FieldValues& old_fields,
                              const ledger::FieldValues& new_fields) {
  TRY(stored, load_living(writer, rid, std::nullopt));
  if (ledger::record_root(stored.salt, old_fields) != stored.root)
    return fail(Code::corrupt, "the old fields do not give the record's root");
  TRY(tree, tree_state(writer, tree_no_of(rid)));
  const std::size_t differing = count_differing(old_fields, new_fields);
  if (differing == 0) return written(*tree, stored.version, 0);
  CHECK_OK(make_room(writer, *tree, differing));
  TRY(count, append_field_changes(writer, *tree, context,
                                  {.rid = rid, .id = stored.id, .kind = ledger::ChangeKind::derived, .old_root = stored.root},
                                  stored.salt, old_fields, new_fields));
  CHECK_OK(update_root(writer, *tree, rid, ledger::record_root(stored.salt, new_fields)));
  return written(*tree, stored.version, count);
}

Result<void> update_person_row(Writer& writer, Rid rid, const PersonRow& row) {
  TRY(deleted, writer.statement("DELETE FROM person WHERE rid = :1", "i").run_counted(rid));
  if (deleted == 0) return fail(Code::not_found, "no such person");
  CHECK_OK(insert_person(writer, rid, row));
  TRY(tree, tree_state(writer, tree_no_of(rid)));
  touch(*tree);
  return {};
}

Result<void> rewrite_rows(Writer& writer, const RecordDraft& draft) {
  CHECK_OK(check_draft(draft));
  CHECK_OK(writer.statement("UPDATE record SET restriction = :1 WHERE rid = :2 AND restriction <> :3", "iii")
               .run(draft.restriction, draft.rid, draft.restriction));
  CHECK_OK(delete_rows(writer, draft.rid, draft.kind));
  return insert_rows(writer, draft);
}

Result<void> remove_lost_rows(Writer& writer, std::int64_t tree_no) {
  struct Rows {
    std::string_view table, key, also;
  };
  constexpr Rows kRows[] = {{"person", "rid", ""}, {"name", "rid", ""},          {"event", "rid", ""},
                            {"member", "family", ""}, {"link", "rid", " AND kind <> 7"}, {"identifier", "rid", ""}};
  static_assert(static_cast<int>(LinkKind::merged_into) == 7);  // the one row that a deleted record has
  const auto [first, last] = range_of(tree_no);
  for (const auto& rows : kRows) {
    const auto sql = fmt::format(
        "DELETE FROM {0} WHERE {1} BETWEEN :1 AND :2{2} AND NOT EXISTS(SELECT 1 FROM record r WHERE r.rid = {0}.{1} AND r.deleted = 0)",
        rows.table, rows.key, rows.also);
    CHECK_OK(writer.statement(sql, "ii").run(first, last));
  }
  return {};
}

Result<void> touch_tree(Writer& writer, std::int64_t tree_no) {
  TRY(tree, tree_state(writer, tree_no));
  touch(*tree);
  return {};
}

Result<void> replace_members(Writer& writer, Rid family, std::span<const MemberRow> members) {
  CHECK_OK(writer.statement("DELETE FROM member WHERE family = :1", "i").run(family));
  CHECK_OK(insert_members(writer, family, members));
  TRY(tree, tree_state(writer, tree_no_of(family)));
  touch(*tree);
  return {};
}

Result<Written> delete_record(Writer& writer, const ChangeContext& context, Rid rid, const ledger::FieldValues& empty_fields,
                              std::optional<std::int64_t> version, std::optional<Rid> merged_into) {
  TRY(stored, load_living(writer, rid, version));
  TRY(tree, tree_state(writer, tree_no_of(rid)));
  CHECK_OK(make_room(writer, *tree, 1));
  // The entry stays in the state with the root of an empty record, under a salt of its own: it says nothing of what was there.
  const ledger::Salt salt = writer.state().salts.next();
  const Digest root = ledger::record_root(salt, empty_fields);
  const bool new_version = starts_version(writer, rid, context);
  NewChange change{.rid = rid,
                   .id = stored.id,
                   .kind = merged_into ? ledger::ChangeKind::merge : ledger::ChangeKind::remove,
                   .old_root = stored.root,
                   .new_root = root};
  if (new_version) change.before = stored.structure;
  CHECK_OK(append_change(writer, *tree, context, change));
  note_root(*tree, rid, root);
  stored.version += new_version;
  CHECK_OK(writer
               .statement("UPDATE record SET version = :1, deleted = 1, changed_at = :2, salt = :3, root = :4, structure = "
                          "NULL WHERE rid = :5",
                          "iibbi")
               .run(stored.version, changed_at(writer.state(), context), ledger::view(salt), root, rid));
  CHECK_OK(delete_rows(writer, rid, stored.kind));
  if (merged_into) {
    CHECK_OK(writer.statement("INSERT INTO link(rid, ord, kind, target, quality, field) VALUES(:1, 1, :2, :3, NULL, 0)", "iii")
                 .run(rid, LinkKind::merged_into, *merged_into));
  }
  return written(*tree, stored.version, 1);
}

Result<Written> restore_record(Writer& writer, const ChangeContext& context, const RecordDraft& draft) {
  CHECK_OK(check_draft(draft));
  TRY(stored, load(writer, draft.rid));
  if (!stored.deleted) return fail(Code::conflict, "the record is not deleted");
  if (stored.id != draft.id || stored.kind != draft.kind) return fail(Code::invalid, "a record keeps its id and kind");
  TRY(tree, tree_state(writer, tree_no_of(draft.rid)));
  CHECK_OK(make_room(writer, *tree, 1));
  const Digest root = ledger::record_root(stored.salt, draft.fields);
  stored.version += starts_version(writer, draft.rid, context);
  CHECK_OK(append_change(
      writer, *tree, context,
      {.rid = draft.rid, .id = draft.id, .kind = ledger::ChangeKind::restore, .old_root = stored.root, .new_root = root}));
  CHECK_OK(update_root(writer, *tree, draft.rid, root));
  CHECK_OK(update_record(writer, context, draft, stored.version));
  CHECK_OK(delete_rows(writer, draft.rid, draft.kind));  // the link of a merge
  CHECK_OK(insert_rows(writer, draft));
  return written(*tree, stored.version, 1);
}

}  // namespace tablinum::store
