#include "record_rows.h"

#include "writer_state.h"

namespace tablinum::store {
namespace {

Result<void> insert_name(Writer& writer, Rid rid, const NameRow& row) {
  return writer
      .statement(
          "INSERT INTO name(rid, ord, kind, variant, lang, full_text, given, surname_prefix, surname, nickname, tree_no, "
          "sort_key) "
          "VALUES(:1, :2, :3, :4, :5, :6, :7, :8, :9, :10, :11, :12)",
          "iiiittttttit")
      .run(rid, row.ord, row.kind, row.variant, null_if_empty(row.lang), row.full_text, null_if_empty(row.given),
           null_if_empty(row.surname_prefix), null_if_empty(row.surname), null_if_empty(row.nickname), tree_no_of(rid),
           row.sort_key);
}

Result<void> insert_names(Writer& writer, const RecordDraft& draft) {
  if (draft.kind == RecordKind::person && draft.names.empty())
    return insert_name(writer, draft.rid, {.sort_key = kNamelessSortKey});
  for (const auto& row : draft.names) CHECK_OK(insert_name(writer, draft.rid, row));
  return {};
}

Result<void> insert_events(Writer& writer, const RecordDraft& draft) {
  if (draft.events.empty()) return {};
  auto& insert = writer.statement(
      "INSERT INTO event(rid, ord, kind, label, jdn_min, jdn_max, precision, place, tree_no) VALUES(:1, :2, :3, :4, :5, :6, "
      ":7, :8, :9)",
      "iiitiiiii");
  for (const auto& row : draft.events) {
    CHECK_OK(insert.run(draft.rid, row.ord, row.kind, null_if_empty(row.label), row.jdn_min, row.jdn_max, row.precision,
                        row.place, tree_no_of(draft.rid)));
  }
  return {};
}

Result<void> insert_links(Writer& writer, const RecordDraft& draft) {
  if (draft.links.empty()) return {};
  auto& insert =
      writer.statement("INSERT INTO link(rid, ord, kind, target, quality, field) VALUES(:1, :2, :3, :4, :5, :6)", "iiiiii");
  for (const auto& row : draft.links) CHECK_OK(insert.run(draft.rid, row.ord, row.kind, row.target, row.quality, row.field));
  return {};
}

Result<void> insert_identifiers(Writer& writer, const RecordDraft& draft) {
  if (draft.identifiers.empty()) return {};
  auto& insert = writer.statement("INSERT INTO identifier(rid, ord, scheme, value) VALUES(:1, :2, :3, :4)", "iitt");
  for (const auto& row : draft.identifiers) CHECK_OK(insert.run(draft.rid, row.ord, row.scheme, row.value));
  return {};
}

/// Notes where the record is, since nothing may be there once its rows are gone.
Result<void> note_places(Writer& writer, Rid rid, RecordKind kind) {
  auto& left = writer.state().left_places;
  const auto note = [&](Rows rows) -> Result<void> {
    while (rows.next()) left.insert(rows.integer(0));
    return rows.status();
  };
  CHECK_OK(note(writer.statement("SELECT place FROM event WHERE rid = :1 AND place IS NOT NULL", "i", "i").query(rid)));
  if (kind != RecordKind::place) return {};
  const auto [first, last] = range_of(tree_no_of(rid));
  return note(writer.statement("SELECT pid FROM place WHERE rid = :1 AND pid BETWEEN :2 AND :3", "iii", "i").query(rid, first, last));
}

}  // namespace

Result<void> check_draft(const RecordDraft& draft) {
  const bool is_person = draft.kind == RecordKind::person;
  if (draft.structure.empty()) return fail(Code::invalid, "a record needs a structure");
  if (draft.structure.size() > kStructureBytesMax) return fail(Code::too_large, "a record's structure");
  if (is_person != (draft.person != nullptr)) return fail(Code::invalid, "a person row comes exactly with a person");
  if (!is_person && !draft.names.empty()) return fail(Code::invalid, "only persons have names");
  if (draft.kind != RecordKind::family && !draft.members.empty()) return fail(Code::invalid, "only families have members");
  return {};
}

Result<void> insert_person(Writer& writer, Rid rid, const PersonRow& row) {
  return writer
      .statement(
          "INSERT INTO person(rid, sex, living, living_until, birth_min, birth_max, death_min, death_max, label) "
          "VALUES(:1, :2, :3, :4, :5, :6, :7, :8, :9)",
          "iiiiiiiit")
      .run(rid, row.sex, row.living, row.living_until, row.birth_min, row.birth_max, row.death_min, row.death_max,
           null_if_empty(row.label));
}

Result<void> insert_members(Writer& writer, Rid family, std::span<const MemberRow> members) {
  if (members.empty()) return {};
  auto& insert = writer.statement(
      "INSERT INTO member(family, role, ord, person, pedigree, state) VALUES(:1, :2, :3, :4, :5, :6)", "iiiiii");
  for (const auto& row : members) {
    const auto state = static_cast<std::int64_t>(row.state) | (row.primary ? kPrimaryMember : 0);
    CHECK_OK(insert.run(family, row.role, row.ord, row.person, row.pedigree, state));
  }
  return {};
}

Result<void> insert_rows(Writer& writer, const RecordDraft& draft) {
  if (draft.person != nullptr) CHECK_OK(insert_person(writer, draft.rid, *draft.person));
  CHECK_OK(insert_names(writer, draft));
  CHECK_OK(insert_events(writer, draft));
  CHECK_OK(insert_members(writer, draft.rid, draft.members));
  CHECK_OK(insert_links(writer, draft));
  return insert_identifiers(writer, draft);
}

Result<void> delete_rows(Writer& writer, Rid rid, RecordKind kind) {
  CHECK_OK(note_places(writer, rid, kind));
  if (kind == RecordKind::person) {
    CHECK_OK(writer.statement("DELETE FROM person WHERE rid = :1", "i").run(rid));
    CHECK_OK(writer.statement("DELETE FROM name WHERE rid = :1", "i").run(rid));
  }
  if (kind == RecordKind::family) CHECK_OK(writer.statement("DELETE FROM member WHERE family = :1", "i").run(rid));
  CHECK_OK(writer.statement("DELETE FROM event WHERE rid = :1", "i").run(rid));
  CHECK_OK(writer.statement("DELETE FROM link WHERE rid = :1", "i").run(rid));
  return writer.statement("DELETE FROM identifier WHERE rid = :1", "i").run(rid);
}

}  // namespace tablinum::store
