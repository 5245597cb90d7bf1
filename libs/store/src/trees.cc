#include "tablinum/store/trees.h"

#include "record_rows.h"
#include "writer_state.h"

namespace tablinum::store {
namespace {

// A hidden tree has been "deleted" since for ever; one that was visible, since the day it was deleted.
constexpr std::int64_t kHidden = 0;

constexpr std::string_view kColumns =
    "SELECT tree_no, id, name, owner, privacy, settings, next_n, log_size, sealed_height, generation, deleted_at FROM tree ";
constexpr std::string_view kColumnTypes = "ibtbitiiiii";

Result<TreeInfo> read_tree(const Rows& rows) {
  TRY(id, uuid_from_bytes(rows.bytes(1)));
  TRY(owner, uuid_from_bytes(rows.bytes(3)));
  return TreeInfo{.tree_no = rows.integer(0),
                  .id = TreeId{id},
                  .name = std::string{rows.text(2)},
                  .owner = owner,
                  .privacy = static_cast<TreePrivacy>(rows.integer(4)),
                  .settings = std::string{rows.text(5)},
                  .next_n = static_cast<std::uint32_t>(rows.integer(6)),
                  .log_size = static_cast<std::uint64_t>(rows.integer(7)),
                  .sealed_height = rows.integer(8),
                  .generation = rows.integer(9),
                  .hidden = !rows.is_null(10)};
}

Result<TreeInfo> one_tree(Rows rows) {
  if (!rows.next()) {
    CHECK_OK(rows.status());
    return fail(Code::not_found, "no such tree");
  }
  return read_tree(rows);
}

std::string select(std::string_view where) { return std::string{kColumns} + std::string{where}; }

Result<void> changed_one(const Result<std::int64_t>& count) {
  if (!count) return std::unexpected(count.error());
  if (*count == 0) return fail(Code::not_found, "no such tree");
  return {};
}

Result<std::vector<TreeStatistics::KindCount>> counts(Rows rows) {
  std::vector<TreeStatistics::KindCount> out;
  while (rows.next()) out.push_back({rows.integer(0), static_cast<std::uint64_t>(rows.integer(1))});
  CHECK_OK(rows.status());
  return out;
}

Result<std::uint64_t> count(Rows rows) {
  const std::int64_t value = rows.next() ? rows.integer(0) : 0;
  CHECK_OK(rows.status());
  return static_cast<std::uint64_t>(value);
}

}  // namespace

Result<TreeInfo> create_tree(Writer& writer, const TreeDraft& draft) {
  TRY(highest, count(writer
                         .statement("SELECT coalesce(max(n), 0) FROM (SELECT max(tree_no) AS n FROM tree UNION ALL "
                                    "SELECT max(tree_no) AS n FROM import_job) AS numbers",
                                    {}, "i")
                         .query()));
  if (static_cast<std::int64_t>(highest) >= kTreesMax) return fail(Code::limit, "there are as many trees as there can be");
  const auto tree_no = static_cast<std::int64_t>(highest) + 1;
  CHECK_OK(
      writer
          .statement("INSERT INTO tree(tree_no, id, name, owner, privacy, settings, next_n, log_size, log_edge, sealed_height, "
                     "generation, deleted_at) VALUES(:1, :2, :3, :4, :5, :6, 0, 0, :7, -1, 1, :8)",
                     "ibtbitbi")
          .run(tree_no, draft.id ? draft.id->value() : writer.database().ids().next(), draft.name, draft.owner, draft.privacy,
               draft.settings, Bytes{}, draft.hidden ? std::optional{kHidden} : std::nullopt));
  return find_tree(writer, tree_no);
}

Result<void> update_tree(Writer& writer, std::int64_t tree_no, std::string_view name, TreePrivacy privacy,
                         std::string_view settings) {
  CHECK_OK(changed_one(writer
                           .statement("UPDATE tree SET name = :1, privacy = :2, settings = :3 WHERE tree_no = :4 AND "
                                      "(deleted_at IS NULL OR deleted_at = 0)",
                                      "titi")
                           .run_counted(name, privacy, settings, tree_no)));
  TRY(tree, tree_state(writer, tree_no));
  touch(*tree);
  return {};
}

Result<void> delete_tree(Writer& writer, std::int64_t tree_no) {
  CHECK_OK(changed_one(writer.statement("UPDATE tree SET deleted_at = :1 WHERE tree_no = :2 AND deleted_at IS NULL", "ii")
                           .run_counted(writer.state().now.ms, tree_no)));
  TRY(tree, tree_state(writer, tree_no));
  touch(*tree);
  return {};
}

Result<void> purge_tree(Writer& writer, std::int64_t tree_no) {
  auto rows = writer.statement("SELECT deleted_at FROM tree WHERE tree_no = :1", "i", "i").query(tree_no);
  if (!rows.next()) {
    CHECK_OK(rows.status());
    return fail(Code::not_found, "no such tree");
  }
  if (rows.is_null(0)) return fail(Code::conflict, "only a deleted or hidden tree can be removed");
  for (const auto& hook : writer.database().drop_hooks()) CHECK_OK(hook(writer, tree_no));

  const auto [first, last] = range_of(tree_no);
  for (const std::string_view sql :
       {"DELETE FROM record WHERE rid BETWEEN :1 AND :2", "DELETE FROM person WHERE rid BETWEEN :1 AND :2",
        "DELETE FROM name WHERE rid BETWEEN :1 AND :2", "DELETE FROM event WHERE rid BETWEEN :1 AND :2",
        "DELETE FROM member WHERE family BETWEEN :1 AND :2", "DELETE FROM link WHERE rid BETWEEN :1 AND :2",
        "DELETE FROM identifier WHERE rid BETWEEN :1 AND :2", "DELETE FROM place WHERE pid BETWEEN :1 AND :2",
        "DELETE FROM import_xref WHERE rid BETWEEN :1 AND :2", "DELETE FROM pair WHERE a BETWEEN :1 AND :2"}) {
    CHECK_OK(writer.statement(sql, "ii").run(first, last));
  }
  for (const std::string_view sql : {"DELETE FROM change WHERE tree_no = :1", "DELETE FROM change_set WHERE tree_no = :1",
                                     "DELETE FROM log_node WHERE tree_no = :1", "DELETE FROM state_node WHERE tree_no = :1",
                                     "DELETE FROM block WHERE tree_no = :1", "DELETE FROM access WHERE tree_no = :1",
                                     "DELETE FROM tree WHERE tree_no = :1"}) {
    CHECK_OK(writer.statement(sql, "i").run(tree_no));
  }
  writer.state().trees.erase(tree_no);
  return {};
}

Result<std::vector<TreeInfo>> list_trees(Session& session) {
  auto rows = session.statement(select("WHERE deleted_at IS NULL ORDER BY tree_no"), {}, kColumnTypes).query();
  std::vector<TreeInfo> trees;
  while (rows.next()) {
    TRY(tree, read_tree(rows));
    trees.push_back(std::move(tree));
  }
  CHECK_OK(rows.status());
  return trees;
}

Result<TreeInfo> find_tree(Session& session, const TreeId& id) {
  return one_tree(
      session.statement(select("WHERE id = :1 AND (deleted_at IS NULL OR deleted_at = 0)"), "b", kColumnTypes).query(id));
}

Result<TreeInfo> find_tree(Session& session, std::int64_t tree_no) {
  return one_tree(session.statement(select("WHERE tree_no = :1 AND (deleted_at IS NULL OR deleted_at = 0)"), "i", kColumnTypes)
                      .query(tree_no));
}

Result<TreeInfo> find_tree_by_name(Session& session, std::string_view name) {
  return one_tree(
      session.statement(select("WHERE name = :1 AND deleted_at IS NULL ORDER BY tree_no LIMIT 1"), "t", kColumnTypes)
          .query(name));
}

Result<TreeStatistics> tree_statistics(Session& session, std::int64_t tree_no) {
  const auto [first, last] = range_of(tree_no);
  TreeStatistics statistics;
  TRY(persons,
      count(session.statement("SELECT count(*) FROM person WHERE rid BETWEEN :1 AND :2", "ii", "i").query(first, last)));
  if (persons > 0) statistics.records.push_back({static_cast<int>(RecordKind::person), persons});
  for (const RecordKind kind : kRecordKinds) {
    if (kind == RecordKind::person) continue;
    TRY(found,
        count(session
                  .statement(
                      "SELECT count(*) FROM record WHERE kind = :1 AND kind <> 1 AND deleted = 0 AND rid BETWEEN :2 AND :3",
                      "iii", "i")
                  .query(kind, first, last)));
    if (found > 0) statistics.records.push_back({static_cast<int>(kind), found});
  }
  TRY(events, counts(session
                         .statement("SELECT kind, count(*) FROM event WHERE rid BETWEEN :1 AND :2 GROUP BY kind ORDER BY kind",
                                    "ii", "ii")
                         .query(first, last)));
  statistics.events = std::move(events);
  TRY(named,
      count(session.statement("SELECT count(DISTINCT rid) FROM name WHERE full_text <> '' AND rid BETWEEN :1 AND :2", "ii", "i")
                .query(first, last)));
  TRY(living, count(session.statement("SELECT count(*) FROM person WHERE living <> 0 AND rid BETWEEN :1 AND :2", "ii", "i")
                        .query(first, last)));
  TRY(places, count(session.statement("SELECT count(*) FROM place WHERE pid BETWEEN :1 AND :2", "ii", "i").query(first, last)));
  statistics.named_persons = named;
  statistics.living_persons = living;
  statistics.places = places;
  return statistics;
}

}  // namespace tablinum::store
