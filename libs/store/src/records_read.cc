#include <charconv>

#include "record_rows.h"
#include "tablinum/store/records.h"
#include "tablinum/store/trees.h"

namespace tablinum::store {
namespace {

constexpr std::string_view kRecord =
    "SELECT rid, id, kind, restriction, deleted, version, changed_at, xref, root, structure FROM record ";
constexpr std::string_view kRecordTypes = "ibiiiiitbb";
constexpr std::string_view kName =
    "SELECT rid, ord, kind, variant, lang, full_text, given, surname_prefix, surname, nickname, sort_key FROM name ";
constexpr std::string_view kNameTypes = "iiiittttttt";
constexpr std::string_view kEvent = "SELECT rid, ord, kind, label, jdn_min, jdn_max, precision, place FROM event ";
constexpr std::string_view kEventTypes = "iiitiiii";
constexpr std::string_view kMember = "SELECT family, role, ord, person, pedigree, state FROM member ";
constexpr std::string_view kMemberTypes = "iiiiii";
constexpr std::string_view kLink = "SELECT rid, ord, kind, target, quality, field FROM link ";
constexpr std::string_view kLinkTypes = "iiiiii";
constexpr std::string_view kPerson =
    "SELECT rid, sex, living, living_until, birth_min, birth_max, death_min, death_max, label FROM person ";
constexpr std::string_view kPersonTypes = "iiiiiiiit";

constexpr std::int64_t kXrefNear = 2'000;

/// The number that an xref ends with, if it could be that of a record.
std::optional<std::int64_t> number_in(std::string_view xref) {
  const auto digits = xref.find_last_not_of("0123456789") + 1;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(xref.data() + digits, xref.data() + xref.size(), number);
  return error == std::errc{} && end == xref.data() + xref.size() && number <= kRecordsMax ? std::optional{number} : std::nullopt;
}

std::string sql(std::string_view columns, std::string_view rest) { return std::string{columns}.append(rest); }

Result<void> read_record(const Rows& rows, Record& record) {
  record.rid = Rid{rows.integer(0)};
  TRY(id, uuid_from_bytes(rows.bytes(1)));
  TRY(root, digest_from_bytes(rows.bytes(8)));
  record.id = RecordId{id};
  record.kind = static_cast<RecordKind>(rows.integer(2));
  record.restriction = static_cast<Restriction>(rows.integer(3));
  record.deleted = rows.integer(4) != 0;
  record.version = rows.integer(5);
  record.changed_at = Timestamp{rows.integer(6)};
  record.xref = rows.text(7);
  record.root = root;
  const ByteView structure = rows.bytes(9);
  record.structure.assign(structure.begin(), structure.end());
  return {};
}

Name read_name(const Rows& rows) {
  return {.rid = Rid{rows.integer(0)},
          .ord = static_cast<NodeNumber>(rows.integer(1)),
          .kind = static_cast<std::uint8_t>(rows.integer(2)),
          .variant = static_cast<std::uint8_t>(rows.integer(3)),
          .lang = std::string{rows.text(4)},
          .full_text = std::string{rows.text(5)},
          .given = std::string{rows.text(6)},
          .surname_prefix = std::string{rows.text(7)},
          .surname = std::string{rows.text(8)},
          .nickname = std::string{rows.text(9)},
          .sort_key = std::string{rows.text(10)}};
}

Event read_event(const Rows& rows) {
  Event event{.rid = Rid{rows.integer(0)},
              .ord = static_cast<NodeNumber>(rows.integer(1)),
              .kind = static_cast<std::int16_t>(rows.integer(2)),
              .label = std::string{rows.text(3)},
              .jdn_min = rows.optional_integer<std::int32_t>(4),
              .jdn_max = rows.optional_integer<std::int32_t>(5),
              .precision = static_cast<std::uint8_t>(rows.integer(6))};
  if (!rows.is_null(7)) event.place = Pid{rows.integer(7)};
  return event;
}

Member read_member(const Rows& rows) {
  return {.family = Rid{rows.integer(0)},
          .role = static_cast<MemberRole>(rows.integer(1)),
          .ord = static_cast<std::uint16_t>(rows.integer(2)),
          .person = Rid{rows.integer(3)},
          .pedigree = static_cast<Pedigree>(rows.integer(4)),
          .state = static_cast<MemberState>(rows.integer(5) & ~kPrimaryMember),
          .primary = (rows.integer(5) & kPrimaryMember) != 0};
}

Link read_link(const Rows& rows) {
  return {.rid = Rid{rows.integer(0)},
          .ord = static_cast<NodeNumber>(rows.integer(1)),
          .kind = static_cast<LinkKind>(rows.integer(2)),
          .target = Rid{rows.integer(3)},
          .quality = rows.optional_integer<std::uint8_t>(4),
          .field = static_cast<std::uint8_t>(rows.integer(5))};
}

Person read_person(const Rows& rows) {
  return {.rid = Rid{rows.integer(0)},
          .sex = static_cast<std::uint8_t>(rows.integer(1)),
          .living = rows.integer(2) != 0,
          .living_until = rows.optional_integer<std::int32_t>(3),
          .birth_min = rows.optional_integer<std::int32_t>(4),
          .birth_max = rows.optional_integer<std::int32_t>(5),
          .death_min = rows.optional_integer<std::int32_t>(6),
          .death_max = rows.optional_integer<std::int32_t>(7),
          .label = std::string{rows.text(8)}};
}

template <class T>
Result<std::vector<T>> all(Rows rows, T (*read)(const Rows&)) {
  std::vector<T> out;
  while (rows.next()) out.push_back(read(rows));
  CHECK_OK(rows.status());
  return out;
}

template <class T>
Result<void> each(Rows rows, T (*read)(const Rows&), const std::function<void(const T&)>& visit) {
  while (rows.next()) visit(read(rows));
  return rows.status();
}

Result<Rid> one_rid(Rows rows) {
  if (rows.next()) return Rid{rows.integer(0)};
  CHECK_OK(rows.status());
  return fail(Code::not_found, "no such record");
}

Rid read_rid(const Rows& rows) { return Rid{rows.integer(0)}; }

Result<std::uint64_t> count(Rows rows) {
  const auto value = rows.next() ? static_cast<std::uint64_t>(rows.integer(0)) : 0;
  CHECK_OK(rows.status());
  return value;
}

Result<Record> one_record(Rows rows) {
  if (!rows.next()) {
    CHECK_OK(rows.status());
    return fail(Code::not_found, "no such record");
  }
  Record record;
  CHECK_OK(read_record(rows, record));
  return record;
}

/// Records of a deleted tree are not found, though they are there until it is purged.
constexpr std::string_view kInLivingTree =
    " AND EXISTS(SELECT 1 FROM tree WHERE tree_no = rid >> 32 AND (deleted_at IS NULL OR deleted_at = 0))";

Result<PersonEntry> read_entry(const Rows& rows) {
  PersonEntry entry{.person = read_person(rows), .version = rows.integer(10)};
  TRY(id, uuid_from_bytes(rows.bytes(9)));
  entry.id = RecordId{id};
  entry.full_text = rows.text(11);
  entry.sort_key = rows.text(12);
  return entry;
}

}  // namespace

Result<Record> find_record(Session& session, const RecordId& id) {
  return one_record(session.statement(sql(kRecord, "WHERE id = :1").append(kInLivingTree), "b", kRecordTypes).query(id));
}

Result<Record> find_record(Session& session, Rid rid) {
  return one_record(session.statement(sql(kRecord, "WHERE rid = :1").append(kInLivingTree), "i", kRecordTypes).query(rid));
}

Result<Rid> rid_of(Session& session, const RecordId& id) {
  return one_rid(session.statement("SELECT rid FROM record WHERE id = :1", "b", "i").query(id));
}

Result<RecordId> id_of(Session& session, Rid rid) {
  auto rows = session.statement("SELECT id FROM record WHERE rid = :1", "i", "b").query(rid);
  if (!rows.next()) {
    CHECK_OK(rows.status());
    return fail(Code::not_found, "no such record");
  }
  TRY(id, uuid_from_bytes(rows.bytes(0)));
  return RecordId{id};
}

Result<Rid> rid_of_xref(Session& session, std::int64_t tree_no, std::string_view xref) {
  const auto [first, last] = range_of(tree_no);
  auto& scan = session.statement(
      "SELECT rid FROM record WHERE rid BETWEEN :1 AND :2 AND xref = :3 AND deleted = 0 ORDER BY rid LIMIT 1", "iit", "i");
  // An index would cost every import for the sake of a command. Most programs number their people and write them in that order, so
  // I4711 is looked for near the record 4,711 first; two records of one tree never share an xref.
  if (const auto number = number_in(xref)) {
    const auto near = first + *number;
    auto found = one_rid(scan.query(std::max(first, near - kXrefNear), std::min(last, near + kXrefNear), xref));
    if (found || found.error().code != Code::not_found) return found;
  }
  return one_rid(scan.query(first, last, xref));
}

Result<std::optional<Rid>> merged_into(Session& session, Rid rid) {
  auto found = one_rid(
      session.statement("SELECT target FROM link WHERE rid = :1 AND kind = :2", "ii", "i").query(rid, LinkKind::merged_into));
  if (found) return std::optional{*found};
  if (found.error().code == Code::not_found) return std::optional<Rid>{};
  return std::unexpected(found.error());
}

namespace {

Result<void> visit_records(Rows rows, const std::function<Result<void>(const Record&)>& visit) {
  Record record;
  while (rows.next()) {
    CHECK_OK(read_record(rows, record));
    CHECK_OK(visit(record));
  }
  return rows.status();
}

/// Persons are most records, found by the key's range; the others by their index, which leaves persons out.
std::string_view by_kind(RecordKind kind) noexcept { return kind == RecordKind::person ? "" : "AND kind <> 1 "; }

}  // namespace

Result<void> for_each_record(Session& session, std::int64_t tree_no, std::uint32_t from,
                             const std::function<Result<void>(const Record&)>& visit, std::uint32_t to) {
  return visit_records(
      session.statement(sql(kRecord, "WHERE rid BETWEEN :1 AND :2 AND deleted = 0 ORDER BY rid"), "ii", kRecordTypes)
          .query(make_rid(tree_no, from), make_rid(tree_no, to)),
      visit);
}

Result<void> for_each_record_of(Session& session, std::int64_t tree_no, RecordKind kind,
                                const std::function<Result<void>(const Record&)>& visit) {
  const auto [first, last] = range_of(tree_no);
  const auto where = sql("WHERE kind = :1 AND deleted = 0 ", by_kind(kind)) + "AND rid BETWEEN :2 AND :3 ORDER BY rid";
  return visit_records(session.statement(sql(kRecord, where), "iii", kRecordTypes).query(kind, first, last), visit);
}

Result<std::vector<RecordId>> record_ids(Session& session, std::int64_t tree_no) {
  const auto [first, last] = range_of(tree_no);
  auto rows = session.statement("SELECT id FROM record WHERE rid BETWEEN :1 AND :2 ORDER BY rid", "ii", "b").query(first, last);
  std::vector<RecordId> ids;
  while (rows.next()) {
    TRY(id, uuid_from_bytes(rows.bytes(0)));
    ids.emplace_back(id);
  }
  CHECK_OK(rows.status());
  return ids;
}

Result<std::vector<RecordHead>> list_records(Session& session, std::int64_t tree_no, RecordKind kind, Rid after,
                                             std::size_t limit) {
  constexpr std::string_view kHead =
      "SELECT rid, id, kind, restriction, version, xref FROM record WHERE kind = :1 AND deleted = 0 ";
  const auto text = sql(kHead, by_kind(kind)) + "AND rid > :2 AND rid <= :3 ORDER BY rid LIMIT :4";
  const auto [first, last] = range_of(tree_no);
  auto rows = session.statement(text, "iiii", "ibiiit").query(kind, std::max(after.value(), first - 1), last, limit);
  std::vector<RecordHead> heads;
  while (rows.next()) {
    TRY(id, uuid_from_bytes(rows.bytes(1)));
    heads.push_back({.rid = Rid{rows.integer(0)},
                     .id = RecordId{id},
                     .kind = static_cast<RecordKind>(rows.integer(2)),
                     .restriction = static_cast<Restriction>(rows.integer(3)),
                     .version = rows.integer(4),
                     .xref = std::string{rows.text(5)}});
  }
  CHECK_OK(rows.status());
  return heads;
}

Result<std::vector<Name>> names_of(Session& session, Rid rid) {
  return all(session.statement(sql(kName, "WHERE rid = :1 ORDER BY ord"), "i", kNameTypes).query(rid), read_name);
}

Result<std::vector<Event>> events_of(Session& session, Rid rid) {
  return all(session.statement(sql(kEvent, "WHERE rid = :1 ORDER BY ord"), "i", kEventTypes).query(rid), read_event);
}

Result<std::vector<Link>> links_of(Session& session, Rid rid) {
  return all(session.statement(sql(kLink, "WHERE rid = :1 ORDER BY ord"), "i", kLinkTypes).query(rid), read_link);
}

Result<std::vector<Identifier>> identifiers_of(Session& session, Rid rid) {
  return all<Identifier>(
      session.statement("SELECT rid, ord, scheme, value FROM identifier WHERE rid = :1 ORDER BY ord", "i", "iitt").query(rid),
      [](const Rows& rows) {
        return Identifier{Rid{rows.integer(0)}, static_cast<NodeNumber>(rows.integer(1)), std::string{rows.text(2)},
                          std::string{rows.text(3)}};
      });
}

Result<Person> person_of(Session& session, Rid rid) {
  TRY(found, all(session.statement(sql(kPerson, "WHERE rid = :1"), "i", kPersonTypes).query(rid), read_person));
  if (found.empty()) return fail(Code::not_found, "no such person");
  return std::move(found.front());
}

Result<std::vector<Member>> members_of(Session& session, Rid family) {
  return all(session.statement(sql(kMember, "WHERE family = :1 ORDER BY role, ord"), "i", kMemberTypes).query(family),
             read_member);
}

Result<std::vector<Member>> memberships_of(Session& session, Rid person) {
  return all(session.statement(sql(kMember, "WHERE person = :1 ORDER BY role, family, ord"), "i", kMemberTypes).query(person),
             read_member);
}

Result<std::vector<Link>> links_to(Session& session, Rid target, std::optional<LinkKind> kind, Rid after, std::size_t limit) {
  if (kind) {
    return all(session
                   .statement(sql(kLink, "WHERE target = :1 AND kind = :2 AND rid > :3 ORDER BY rid, ord LIMIT :4"), "iiii",
                              kLinkTypes)
                   .query(target, *kind, after, limit),
               read_link);
  }
  return all(session.statement(sql(kLink, "WHERE target = :1 AND rid > :2 ORDER BY rid, ord LIMIT :3"), "iii", kLinkTypes)
                 .query(target, after, limit),
             read_link);
}

Result<std::uint64_t> count_links_to(Session& session, Rid target, std::optional<LinkKind> kind) {
  if (kind)
    return count(
        session.statement("SELECT count(*) FROM link WHERE target = :1 AND kind = :2", "ii", "i").query(target, *kind));
  return count(session.statement("SELECT count(*) FROM link WHERE target = :1", "i", "i").query(target));
}

Result<void> for_each_link_target(Session& session, std::int64_t tree_no, LinkKind kind,
                                  const std::function<void(Rid target, std::uint64_t count)>& visit) {
  const auto [first, last] = range_of(tree_no);
  constexpr std::string_view kCounts =
      "SELECT target, count(*) FROM link WHERE kind = :1 AND target BETWEEN :2 AND :3 GROUP BY target ORDER BY target";
  auto rows = session.statement(kCounts, "iii", "ii").query(kind, first, last);
  while (rows.next()) visit(Rid{rows.integer(0)}, static_cast<std::uint64_t>(rows.integer(1)));
  return rows.status();
}

Result<std::vector<Rid>> rids_of_identifier(Session& session, std::int64_t tree_no, std::string_view scheme,
                                            std::string_view value) {
  const auto [first, last] = range_of(tree_no);
  return all(
      session
          .statement(
              "SELECT DISTINCT rid FROM identifier WHERE scheme = :1 AND value = :2 AND rid BETWEEN :3 AND :4 ORDER BY rid",
              "ttii", "i")
          .query(scheme, value, first, last),
      read_rid);
}

Result<std::vector<PersonEntry>> list_persons(Session& session, std::int64_t tree_no, const std::optional<PersonCursor>& after,
                                              std::size_t offset, std::size_t limit) {
  if (limit > kPageMax) return fail(Code::limit, "a page has at most 1,000 entries");
  // Every name has a row here; only the preferred one, the first of its person, stands for the person.
  constexpr std::string_view kEntry =
      "SELECT p.rid, p.sex, p.living, p.living_until, p.birth_min, p.birth_max, p.death_min, p.death_max, p.label, r.id, "
      "r.version, "
      "n.full_text, n.sort_key FROM name n JOIN person p ON p.rid = n.rid JOIN record r ON r.rid = n.rid WHERE n.tree_no = :1 "
      "AND "
      "NOT EXISTS(SELECT 1 FROM name f WHERE f.rid = n.rid AND f.ord < n.ord) ";
  constexpr std::string_view kEntryTypes = "iiiiiiiitbitt";
  auto rows =
      after ? session
                  .statement(sql(kEntry, "AND (n.sort_key, n.rid) > (:2, :3) ORDER BY n.sort_key, n.rid LIMIT :4 OFFSET :5"),
                             "itiii", kEntryTypes)
                  .query(tree_no, after->sort_key, after->rid, limit, offset)
            : session.statement(sql(kEntry, "ORDER BY n.sort_key, n.rid LIMIT :2 OFFSET :3"), "iii", kEntryTypes)
                  .query(tree_no, limit, offset);
  std::vector<PersonEntry> entries;
  while (rows.next()) {
    TRY(entry, read_entry(rows));
    entries.push_back(std::move(entry));
  }
  CHECK_OK(rows.status());
  return entries;
}

Result<std::uint64_t> count_records(Session& session, std::int64_t tree_no, RecordKind kind) {
  const auto [first, last] = range_of(tree_no);
  if (kind == RecordKind::person) {
    return count(session.statement("SELECT count(*) FROM person WHERE rid BETWEEN :1 AND :2", "ii", "i").query(first, last));
  }
  return count(
      session
          .statement("SELECT count(*) FROM record WHERE kind = :1 AND kind <> 1 AND deleted = 0 AND rid BETWEEN :2 AND :3",
                     "iii", "i")
          .query(kind, first, last));
}

Result<std::vector<Event>> events_at(Session& session, Pid place, Rid after, std::size_t limit) {
  return all(session.statement(sql(kEvent, "WHERE place = :1 AND rid > :2 ORDER BY rid, ord LIMIT :3"), "iii", kEventTypes)
                 .query(place, after, limit),
             read_event);
}

Result<void> for_each_person(Session& session, std::int64_t tree_no, const std::function<void(const Person&)>& visit) {
  const auto [first, last] = range_of(tree_no);
  return each(
      session.statement(sql(kPerson, "WHERE rid BETWEEN :1 AND :2 ORDER BY rid"), "ii", kPersonTypes).query(first, last),
      read_person, visit);
}

Result<void> for_each_member(Session& session, std::int64_t tree_no, const std::function<void(const Member&)>& visit) {
  const auto [first, last] = range_of(tree_no);
  return each(session.statement(sql(kMember, "WHERE family BETWEEN :1 AND :2 ORDER BY family, role, ord"), "ii", kMemberTypes)
                  .query(first, last),
              read_member, visit);
}

Result<void> for_each_name(Session& session, std::int64_t tree_no, const std::function<void(const Name&)>& visit) {
  const auto [first, last] = range_of(tree_no);
  return each(
      session.statement(sql(kName, "WHERE rid BETWEEN :1 AND :2 ORDER BY rid, ord"), "ii", kNameTypes).query(first, last),
      read_name, visit);
}

Result<void> for_each_event(Session& session, std::int64_t tree_no, const std::function<void(const Event&)>& visit) {
  const auto [first, last] = range_of(tree_no);
  return each(
      session.statement(sql(kEvent, "WHERE rid BETWEEN :1 AND :2 ORDER BY rid, ord"), "ii", kEventTypes).query(first, last),
      read_event, visit);
}

std::string_view to_string(RecordKind kind) noexcept {
  constexpr std::string_view names[] = {"person",    "family",     "source", "repository", "media", "note",
                                        "submitter", "submission", "place",  "story",      "other"};
  const auto index = static_cast<std::size_t>(kind) - 1;
  return index < std::size(names) ? names[index] : "unknown";
}

}  // namespace tablinum::store
