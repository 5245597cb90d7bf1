#pragma once
/// Records: written with their typed rows, their changes and the log in the caller's transaction; read back by id.
#include <optional>
#include <string>
#include <vector>

#include "tablinum/store/database.h"
#include "tablinum/store/history.h"

namespace tablinum::store {

// ---- Writing ---------------------------------------------------------------------------------------------------------------

/// The rid for the next new record of a tree. Each create_record() takes one.  @error not_found: no such tree.  limit:
/// kRecordsMax.
Result<Rid> next_rid(Writer& writer, std::int64_t tree_no);

struct Written {
  std::int64_t version = 0;    ///< the record's version now
  std::uint32_t changes = 0;   ///< appended to the log; 0 where nothing differed
  std::uint64_t log_size = 0;  ///< of the tree, afterwards
};

/// Adds a record: one change of kind create, or import under Purpose::import.
/// @error invalid: rid is not next_rid(), or the draft contradicts itself.  exists: the id is taken.  too_large: the structure.
Result<Written> create_record(Writer& writer, const ChangeContext& context, const RecordDraft& draft);

/// Replaces structure and typed rows: one change for every field whose value differs. `old_fields` are the values of the stored
/// structure; they are checked against its root. If `version` is given, it must be the stored one (If-Match).
/// Within one change set a record gets one new version, however often it is replaced.
/// @error not_found: no such record, or deleted.  conflict: another version.  corrupt: old_fields do not give the stored root.
///        invalid: id or kind differ from the stored ones, or the draft contradicts itself.  too_large: the structure.
Result<Written> replace_record(Writer& writer, const ChangeContext& context, const RecordDraft& draft,
                               const ledger::FieldValues& old_fields, std::optional<std::int64_t> version = {});

/// New values of fields that follow from other records (parents): changes of kind derived; structure and version stay.
/// @error As replace_record().
Result<Written> derive_fields(Writer& writer, const ChangeContext& context, Rid rid, const ledger::FieldValues& old_fields,
                              const ledger::FieldValues& new_fields);

/// Rows that depend on other records (living, bounds) without a change of the record's content: not logged.
Result<void> update_person_row(Writer& writer, Rid rid, const PersonRow& row);
/// All typed rows and the restriction of a stored record anew, by newer rules, from the structure that it has: not logged, and its tree's
/// generation stays (touch_tree() when all are done).  @error invalid: the draft contradicts itself.
Result<void> rewrite_rows(Writer& writer, const RecordDraft& draft);
Result<void> touch_tree(Writer& writer, std::int64_t tree_no);
/// Removes typed rows that belong to no record, or to a deleted one.
Result<void> remove_lost_rows(Writer& writer, std::int64_t tree_no);
/// One family's membership rows, likewise.
Result<void> replace_members(Writer& writer, Rid family, std::span<const MemberRow> members);

/// Deletes: typed rows go, the entry in the state stays with the root of an empty record, the structure stays in the history.
/// `empty_fields`: what an empty record's fields are, so that its entry proves nothing (tree's empty_field_values(), ADR 7).
/// With `merged_into` the change is of kind merge and old links can be followed by merged_into().
/// @error not_found, conflict: as replace_record().
Result<Written> delete_record(Writer& writer, const ChangeContext& context, Rid rid, const ledger::FieldValues& empty_fields,
                              std::optional<std::int64_t> version = {}, std::optional<Rid> merged_into = {});
/// Brings a deleted record back with this content: one change of kind restore.
/// @error not_found: no such record.  conflict: it is not deleted.  invalid, too_large: as replace_record().
Result<Written> restore_record(Writer& writer, const ChangeContext& context, const RecordDraft& draft);

// ---- Reading: one record
// -----------------------------------------------------------------------------------------------------

struct Record {
  Rid rid{};
  RecordId id{};
  RecordKind kind{};
  Restriction restriction{};
  bool deleted = false;
  std::int64_t version = 0;
  Timestamp changed_at{};
  std::string xref{};
  Digest root{};
  Bytes structure{};  ///< empty where deleted
};

/// @error not_found: never existed, or in a deleted tree. A deleted record is found, with `deleted` set.
Result<Record> find_record(Session& session, const RecordId& id);
Result<Record> find_record(Session& session, Rid rid);
/// Without reading the structure.  @error not_found.
Result<Rid> rid_of(Session& session, const RecordId& id);
Result<RecordId> id_of(Session& session, Rid rid);
/// By export name; the oldest where several have it.  @error not_found.
Result<Rid> rid_of_xref(Session& session, std::int64_t tree_no, std::string_view xref);
/// The record that took this one's place, if it was merged.
Result<std::optional<Rid>> merged_into(Session& session, Rid rid);

/// Calls visit for every record of a tree from n `from` to n `to` that is not deleted, in rid order; for exports and rebuilds.
/// The record is reused between calls. Stops at the first error of visit.
Result<void> for_each_record(Session& session, std::int64_t tree_no, std::uint32_t from,
                             const std::function<Result<void>(const Record&)>& visit, std::uint32_t to = 0xFFFF'FFFF);
/// The same for the records of one kind.
Result<void> for_each_record_of(Session& session, std::int64_t tree_no, RecordKind kind,
                                const std::function<Result<void>(const Record&)>& visit);
/// By n, the deleted ones too.
Result<std::vector<RecordId>> record_ids(Session& session, std::int64_t tree_no);
/// The records of one kind in rid order, keyset paging: those with rid > after.
struct RecordHead {
  Rid rid{};
  RecordId id{};
  RecordKind kind{};
  Restriction restriction{};
  std::int64_t version = 0;
  std::string xref{};
};
Result<std::vector<RecordHead>> list_records(Session& session, std::int64_t tree_no, RecordKind kind, Rid after,
                                             std::size_t limit);

// ---- Reading: typed rows
// ----------------------------------------------------------------------------------------------------- Rows as stored; texts
// are owned by the result.

struct Name {
  Rid rid{};
  NodeNumber ord = 0;
  std::uint8_t kind = 0, variant = 0;
  std::string lang{}, full_text{}, given{}, surname_prefix{}, surname{}, nickname{}, sort_key{};
};
struct Event {
  Rid rid{};
  NodeNumber ord = 0;
  std::int16_t kind = 0;
  std::string label{};
  std::optional<std::int32_t> jdn_min{}, jdn_max{};
  std::uint8_t precision = 0;
  std::optional<Pid> place{};
};
struct Member {
  Rid family{};
  MemberRole role{};
  std::uint16_t ord = 0;
  Rid person{};
  Pedigree pedigree{};
  MemberState state{};
  bool primary = false;
};
struct Link {
  Rid rid{};
  NodeNumber ord = 0;
  LinkKind kind{};
  Rid target{};
  std::optional<std::uint8_t> quality{};
  std::uint8_t field = 0;
};
struct Identifier {
  Rid rid{};
  NodeNumber ord = 0;
  std::string scheme{}, value{};
};
struct Person {
  Rid rid{};
  std::uint8_t sex = 0;
  bool living = true;
  std::optional<std::int32_t> living_until{}, birth_min{}, birth_max{}, death_min{}, death_max{};
  std::string label{};
};

Result<std::vector<Name>> names_of(Session& session, Rid rid);
Result<std::vector<Event>> events_of(Session& session, Rid rid);
Result<std::vector<Link>> links_of(Session& session, Rid rid);
Result<std::vector<Identifier>> identifiers_of(Session& session, Rid rid);
/// @error not_found: not a person.
Result<Person> person_of(Session& session, Rid rid);
/// The members of a family, and the families of a person.
Result<std::vector<Member>> members_of(Session& session, Rid family);
Result<std::vector<Member>> memberships_of(Session& session, Rid person);
/// Who points here (who cites this source, which records show this picture), in rid order, those with rid > after.
Result<std::vector<Link>> links_to(Session& session, Rid target, std::optional<LinkKind> kind, Rid after, std::size_t limit);
Result<std::uint64_t> count_links_to(Session& session, Rid target, std::optional<LinkKind> kind);
/// Calls visit for every record of a tree that links of that kind point to, with how many do, in rid order.
Result<void> for_each_link_target(Session& session, std::int64_t tree_no, LinkKind kind,
                                  const std::function<void(Rid target, std::uint64_t count)>& visit);
/// Records with this identifier, in rid order.
Result<std::vector<Rid>> rids_of_identifier(Session& session, std::int64_t tree_no, std::string_view scheme,
                                            std::string_view value);

// ---- Reading: lists
// ----------------------------------------------------------------------------------------------------------

struct PersonEntry {
  Person person{};
  RecordId id{};
  std::int64_t version = 0;
  std::string full_text{}, sort_key{};  ///< of the preferred name; a person without a name sorts last
};
/// Where a page ended: the next one begins after it.
struct PersonCursor {
  std::string sort_key{};
  Rid rid{};
};
inline constexpr std::size_t kPageMax = 1000;
/// Persons of a tree by the preferred name's sort_key, then rid; after the cursor, or skipping `offset`.
/// @error limit: over kPageMax.
Result<std::vector<PersonEntry>> list_persons(Session& session, std::int64_t tree_no, const std::optional<PersonCursor>& after,
                                              std::size_t offset, std::size_t limit);
Result<std::uint64_t> count_records(Session& session, std::int64_t tree_no, RecordKind kind);

/// Events at this place itself, in rid order.
Result<std::vector<Event>> events_at(Session& session, Pid place, Rid after, std::size_t limit);

/// Column scans for the graph and the search columns: every row of a tree, in key order.
Result<void> for_each_person(Session& session, std::int64_t tree_no, const std::function<void(const Person&)>& visit);
Result<void> for_each_member(Session& session, std::int64_t tree_no, const std::function<void(const Member&)>& visit);
Result<void> for_each_name(Session& session, std::int64_t tree_no, const std::function<void(const Name&)>& visit);
Result<void> for_each_event(Session& session, std::int64_t tree_no, const std::function<void(const Event&)>& visit);

}  // namespace tablinum::store
