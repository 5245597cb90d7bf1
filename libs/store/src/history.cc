#include "tablinum/store/history.h"

#include "log.h"
#include "tablinum/store/records.h"

namespace tablinum::store {
namespace {

constexpr std::string_view kChange = "SELECT seq, rid, change_set, actor, canonical, before IS NOT NULL FROM change ";
constexpr std::string_view kChangeTypes = "iibibi";
constexpr std::string_view kChangeSet =
    "SELECT id, tree_no, kind, actor, time, summary, undoes, extra, first_seq FROM change_set ";
constexpr std::string_view kChangeSetTypes = "biiiitbbi";
constexpr std::string_view kBlock = "SELECT height, header, hash, last_seq FROM block ";
constexpr std::string_view kBlockTypes = "ibbi";

std::string sql(std::string_view columns, std::string_view rest) { return std::string{columns}.append(rest); }

Result<LoggedChange> read_change(const Rows& rows) {
  TRY(change, ledger::decode_change(rows.bytes(4)));
  TRY(set, uuid_from_bytes(rows.bytes(2)));
  return LoggedChange{.seq = static_cast<std::uint64_t>(rows.integer(0)),
                      .rid = Rid{rows.integer(1)},
                      .change_set = ChangeSetId{set},
                      .actor = rows.integer(3),
                      .change = change,
                      .has_before = rows.integer(5) != 0};
}

Result<ChangeSet> read_change_set(const Rows& rows) {
  TRY(id, uuid_from_bytes(rows.bytes(0)));
  ChangeSet set{.id = ChangeSetId{id},
                .tree_no = rows.integer(1),
                .kind = static_cast<ChangeSetKind>(rows.integer(2)),
                .actor = rows.integer(3),
                .time = rows.integer(4),
                .summary = std::string{rows.text(5)},
                .first_seq = static_cast<std::uint64_t>(rows.integer(8))};
  if (!rows.is_null(6)) {
    TRY(undoes, uuid_from_bytes(rows.bytes(6)));
    set.undoes = ChangeSetId{undoes};
  }
  const ByteView extra = rows.bytes(7);
  set.extra.assign(extra.begin(), extra.end());
  return set;
}

Result<Block> read_block(const Rows& rows) {
  TRY(header, ledger::decode_header(rows.bytes(1)));
  TRY(hash, digest_from_bytes(rows.bytes(2)));
  return Block{
      .height = rows.integer(0), .header = header, .hash = hash, .last_seq = static_cast<std::uint64_t>(rows.integer(3))};
}

template <class T>
Result<std::vector<T>> all(Rows rows, Result<T> (*read)(const Rows&)) {
  std::vector<T> out;
  while (rows.next()) {
    TRY(item, read(rows));
    out.push_back(std::move(item));
  }
  CHECK_OK(rows.status());
  return out;
}

template <class T>
Result<T> one(Rows rows, Result<T> (*read)(const Rows&), const char* what) {
  if (rows.next()) return read(rows);
  CHECK_OK(rows.status());
  return fail(Code::not_found, what);
}

/// Hashes of complete subtrees of one level, side by side; level 0 are the changes' leaves.
Result<std::vector<Digest>> stored_nodes(Session& session, std::int64_t tree_no, unsigned level, std::uint64_t first,
                                         std::uint64_t count) {
  auto rows =
      level == 0
          ? session
                .statement("SELECT canonical FROM change WHERE tree_no = :1 AND seq >= :2 AND seq < :3 ORDER BY seq", "iii",
                           "b")
                .query(tree_no, first, first + count)
          : session
                .statement(
                    "SELECT hash FROM log_node WHERE tree_no = :1 AND level = :2 AND pos >= :3 AND pos < :4 ORDER BY pos",
                    "iiii", "b")
                .query(tree_no, level, first, first + count);
  std::vector<Digest> nodes;
  while (rows.next()) {
    if (level == 0) {
      nodes.push_back(ledger::leaf(sha256(rows.bytes(0)).view()));
    } else {
      TRY(hash, digest_from_bytes(rows.bytes(0)));
      nodes.push_back(hash);
    }
  }
  CHECK_OK(rows.status());
  if (nodes.size() != count) return fail(Code::corrupt, "parts of the log are missing");
  return nodes;
}

/// Roots of complete subtrees, each from the stored level at or below its own.
ledger::Subtree subtrees(Session& session, std::int64_t tree_no) {
  return [&session, tree_no](unsigned level, std::uint64_t position) -> Result<Digest> {
    const unsigned below = level % kLogTileLevel;
    TRY(nodes, stored_nodes(session, tree_no, level - below, position << below, std::uint64_t{1} << below));
    return ledger::tree_root(nodes);
  };
}

struct Head {
  std::uint64_t size;
  ledger::LogEdge edge;
};
Result<Head> head_of(Session& session, std::int64_t tree_no) {
  auto rows = session.statement("SELECT log_size, log_edge FROM tree WHERE tree_no = :1", "i", "ib").query(tree_no);
  if (!rows.next()) {
    CHECK_OK(rows.status());
    return fail(Code::not_found, "no such tree");
  }
  const auto size = static_cast<std::uint64_t>(rows.integer(0));
  TRY(edge, ledger::LogEdge::decode(size, rows.bytes(1)));
  return Head{size, edge};
}

Result<void> check_size(Session& session, std::int64_t tree_no, std::uint64_t size) {
  TRY(head, head_of(session, tree_no));
  if (size > head.size) return fail(Code::invalid, "the log is not that long");
  return {};
}

}  // namespace

// ---- Change sets
// -----------------------------------------------------------------------------------------------------------------

Result<void> add_change_set(Writer& writer, const ChangeSet& change_set) {
  TRY(tree, tree_state(writer, change_set.tree_no));
  const std::optional<ByteView> extra = change_set.extra.empty() ? std::nullopt : std::optional<ByteView>{change_set.extra};
  return writer
      .statement(
          "INSERT INTO change_set(id, tree_no, kind, actor, time, summary, undoes, extra, first_seq) "
          "VALUES(:1, :2, :3, :4, :5, :6, :7, :8, :9)",
          "biiiitbbi")
      .run(change_set.id, change_set.tree_no, change_set.kind, change_set.actor, change_set.time,
           null_if_empty(change_set.summary), change_set.undoes, extra, tree->log.size());
}

Result<ChangeSet> find_change_set(Session& session, const ChangeSetId& id) {
  return one(session.statement(sql(kChangeSet, "WHERE id = :1"), "b", kChangeSetTypes).query(id), read_change_set,
             "no such change set");
}

Result<std::vector<ChangeSet>> list_change_sets(Session& session, std::int64_t tree_no,
                                                const std::optional<ChangeSetId>& before, std::size_t limit) {
  if (before) {
    return all(
        session.statement(sql(kChangeSet, "WHERE tree_no = :1 AND id < :2 ORDER BY id DESC LIMIT :3"), "ibi", kChangeSetTypes)
            .query(tree_no, *before, limit),
        read_change_set);
  }
  return all(session.statement(sql(kChangeSet, "WHERE tree_no = :1 ORDER BY id DESC LIMIT :2"), "ii", kChangeSetTypes)
                 .query(tree_no, limit),
             read_change_set);
}

// ---- Changes
// ---------------------------------------------------------------------------------------------------------------------

Result<std::vector<LoggedChange>> changes_of_tree(Session& session, std::int64_t tree_no, std::uint64_t from,
                                                  std::size_t limit) {
  return all(session.statement(sql(kChange, "WHERE tree_no = :1 AND seq >= :2 ORDER BY seq LIMIT :3"), "iii", kChangeTypes)
                 .query(tree_no, from, limit),
             read_change);
}

Result<std::vector<LoggedChange>> changes_of_record(Session& session, Rid rid, std::uint64_t from, std::size_t limit) {
  return all(session.statement(sql(kChange, "WHERE rid = :1 AND seq >= :2 ORDER BY seq LIMIT :3"), "iii", kChangeTypes)
                 .query(rid, from, limit),
             read_change);
}

Result<std::vector<LoggedChange>> changes_of_set(Session& session, const ChangeSetId& id, std::uint64_t from,
                                                 std::size_t limit) {
  TRY(set, find_change_set(session, id));
  TRY(changes, changes_of_tree(session, set.tree_no, std::max(from, set.first_seq), limit));
  const auto other = std::ranges::find_if(changes, [&](const LoggedChange& change) { return change.change_set != id; });
  changes.erase(other, changes.end());
  return std::move(changes);
}

// ---- Versions
// --------------------------------------------------------------------------------------------------------------------

Result<std::vector<Version>> versions_of(Session& session, Rid rid) {
  TRY(changes, changes_of_record(session, rid, 0, static_cast<std::size_t>(INT64_MAX)));
  std::vector<Version> versions;
  for (const auto& logged : changes) {
    if (logged.change.kind == ledger::ChangeKind::derived) continue;
    if (versions.empty() || versions.back().change_set != logged.change_set) {
      versions.push_back({.version = static_cast<std::int64_t>(versions.size()) + 1,
                          .seq = logged.seq,
                          .change_set = logged.change_set,
                          .actor = logged.actor,
                          .time = static_cast<std::int64_t>(logged.change.time),
                          .kind = logged.change.kind});
    }
    versions.back().fields.push_back(logged.change.field);
  }
  return versions;
}

Result<Bytes> structure_at(Session& session, Rid rid, std::int64_t version) {
  TRY(record, find_record(session, rid));
  if (version == record.version) return std::move(record.structure);
  TRY(versions, versions_of(session, rid));
  if (version < 1 || version >= static_cast<std::int64_t>(versions.size())) return fail(Code::not_found, "no such version");
  // The next version's first change has what was there before it.
  const Version& next = versions[static_cast<std::size_t>(version)];
  auto rows = session.statement("SELECT before FROM change WHERE tree_no = :1 AND seq = :2", "ii", "b")
                  .query(tree_no_of(rid), next.seq);
  if (!rows.next()) {
    CHECK_OK(rows.status());
    return fail(Code::corrupt, "a change of the log is missing");
  }
  if (!rows.is_null(0)) return Bytes{rows.bytes(0).begin(), rows.bytes(0).end()};
  if (next.kind == ledger::ChangeKind::restore) return Bytes{};
  return fail(Code::not_found, "this version was erased");
}

// ---- Blocks
// ----------------------------------------------------------------------------------------------------------------------

Result<std::vector<Block>> list_blocks(Session& session, std::int64_t tree_no, std::optional<std::int64_t> before,
                                       std::size_t limit) {
  return all(
      session.statement(sql(kBlock, "WHERE tree_no = :1 AND height < :2 ORDER BY height DESC LIMIT :3"), "iii", kBlockTypes)
          .query(tree_no, before.value_or(INT64_MAX), limit),
      read_block);
}

Result<Block> find_block(Session& session, std::int64_t tree_no, std::int64_t height) {
  return one(session.statement(sql(kBlock, "WHERE tree_no = :1 AND height = :2"), "ii", kBlockTypes).query(tree_no, height),
             read_block, "no such block");
}

// ---- Proofs
// ----------------------------------------------------------------------------------------------------------------------

Result<Digest> log_root(Session& session, std::int64_t tree_no, std::optional<std::uint64_t> size) {
  TRY(head, head_of(session, tree_no));
  if (!size || *size == head.size) return head.edge.root();
  if (*size > head.size) return fail(Code::invalid, "the log is not that long");
  return ledger::root_at(*size, subtrees(session, tree_no));
}

Result<std::vector<Digest>> log_inclusion(Session& session, std::int64_t tree_no, std::uint64_t seq, std::uint64_t size) {
  CHECK_OK(check_size(session, tree_no, size));
  return ledger::inclusion_proof(seq, size, subtrees(session, tree_no));
}

Result<std::vector<Digest>> log_consistency(Session& session, std::int64_t tree_no, std::uint64_t old_size,
                                            std::uint64_t new_size) {
  CHECK_OK(check_size(session, tree_no, new_size));
  return ledger::consistency_proof(old_size, new_size, subtrees(session, tree_no));
}

}  // namespace tablinum::store
