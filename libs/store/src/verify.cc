#include <fmt/format.h>

#include "log.h"
#include "record_rows.h"
#include "tablinum/store/history.h"
#include "tablinum/store/trees.h"

namespace tablinum::store {
namespace {

/// A record as the log tells it.
struct Replayed {
  RecordId id;
  Digest root;
  bool made = false;
};

class Verifier {
 public:
  Verifier(Session& session, const TreeInfo& tree) : session_{session}, tree_{tree}, records_(tree.next_n) {}

  Result<VerifyReport> run() {
    CHECK_OK(replay_log());
    CHECK_OK(check_records());
    CHECK_OK(check_state());
    CHECK_OK(check_rows());
    return std::move(report_);
  }

 private:
  template <class... Args>
  void fault(fmt::format_string<Args...> text, Args&&... args) {
    if (report_.faults.size() < kFaultsMax) report_.faults.push_back(fmt::format(text, std::forward<Args>(args)...));
  }

  // ---- The log and its blocks
  // ----------------------------------------------------------------------------------------------------

  Result<void> replay_log() {
    CHECK_OK(next_block());
    auto rows = session_.statement("SELECT seq, rid, canonical FROM change WHERE tree_no = :1 ORDER BY seq", "i", "iib")
                    .query(tree_.tree_no);
    while (rows.next()) CHECK_OK(replay(static_cast<std::uint64_t>(rows.integer(0)), Rid{rows.integer(1)}, rows.bytes(2)));
    CHECK_OK(rows.status());
    if (log_.size() != tree_.log_size) fault("the log has {} changes, its head says {}", log_.size(), tree_.log_size);
    TRY(head, log_root(session_, tree_.tree_no));
    if (head != log_.root()) fault("the log's stored edge does not give its root");
    if (block_) fault("block {} ends after the log", block_->height);
    if (static_cast<std::int64_t>(report_.blocks) != tree_.sealed_height + 1)
      fault("there are {} blocks, the tree says {}", report_.blocks, tree_.sealed_height + 1);
    return {};
  }

  Result<void> replay(std::uint64_t seq, Rid rid, ByteView canonical) {
    if (seq != log_.size()) fault("change {} is missing", log_.size());
    const auto change = ledger::decode_change(canonical);
    if (!change) {
      fault("change {} is not canonical", seq);
      return {};
    }
    ++report_.changes;
    const Digest leaf = ledger::leaf(sha256(canonical).view());
    log_.append(leaf, [&](unsigned level, std::uint64_t position, const Digest& hash) { note_tile(level, position, hash); });
    block_log_.append(leaf);
    replay_record(seq, rid, *change);
    return block_ && block_->last_seq == seq ? end_block() : Result<void>{};
  }

  void replay_record(std::uint64_t seq, Rid rid, const ledger::Change& change) {
    if (change.log_id != tree_.id) fault("change {} belongs to another log", seq);
    if (n_of(rid) >= records_.size()) {
      fault("change {} is about a record that the tree does not have", seq);
      return;
    }
    Replayed& record = records_[n_of(rid)];
    if (record.made && record.id != change.record_id) fault("change {} names another record than the one before it", seq);
    if (record.root != change.old_root) fault("change {} does not begin where the record's last change ended", seq);
    record = {change.record_id, change.new_root, true};
  }

  void note_tile(unsigned level, std::uint64_t position, const Digest& hash) {
    if (level % kLogTileLevel != 0) return;
    auto rows = session_.statement("SELECT hash FROM log_node WHERE tree_no = :1 AND level = :2 AND pos = :3", "iii", "b")
                    .query(tree_.tree_no, level, position);
    if (!rows.next() || !std::ranges::equal(rows.bytes(0), hash.view()))
      fault("the log's node {}/{} is wrong", level, position);
  }

  Result<void> next_block() {
    const auto height = static_cast<std::int64_t>(report_.blocks);
    auto found = find_block(session_, tree_.tree_no, height);
    if (!found && found.error().code != Code::not_found) return std::unexpected(found.error());
    block_ = found ? std::optional{std::move(*found)} : std::nullopt;
    return {};
  }

  Result<void> end_block() {
    const auto& header = block_->header;
    const auto height = block_->height;
    if (header.log_id != tree_.id) fault("block {} belongs to another log", height);
    if (header.number != static_cast<std::uint64_t>(height)) fault("block {} has the number {}", height, header.number);
    if (header.parent != last_.hash) fault("block {} does not follow the one before it", height);
    if (header.time < last_.header.time) fault("block {} is older than the one before it", height);
    if (block_->hash != ledger::block_hash(ledger::encode(header))) fault("block {} has another hash", height);
    if (header.log_root != log_.root()) fault("block {} has another log root", height);
    if (header.changes_root != block_log_.root()) fault("block {} has another root over its changes", height);
    if (header.change_count != block_log_.size())
      fault("block {} has {} changes, its header says {}", height, block_log_.size(), header.change_count);
    last_ = *block_;
    block_log_ = {};
    sealed_.assign(records_.begin(), std::ranges::find(records_, false, &Replayed::made));
    ++report_.blocks;
    return next_block();
  }

  // ---- Records
  // -------------------------------------------------------------------------------------------------------------------

  Result<void> check_records() {
    const auto [first, last] = range_of(tree_.tree_no);
    auto rows =
        session_
            .statement(
                "SELECT rid, id, root, kind, deleted, structure IS NULL FROM record WHERE rid BETWEEN :1 AND :2 ORDER BY rid",
                "ii", "ibbiii")
            .query(first, last);
    while (rows.next()) check_record(rows);
    CHECK_OK(rows.status());
    if (report_.records != records_.size()) fault("there are {} records, the tree says {}", report_.records, records_.size());
    return {};
  }

  void check_record(const Rows& rows) {
    const auto n = n_of(Rid{rows.integer(0)});
    if (n != report_.records++) fault("a record before {} is missing", n);
    if (n >= records_.size()) return;
    const Replayed& replayed = records_[n];
    if (!replayed.made) fault("record {} is not in the log", n);
    if (!std::ranges::equal(rows.bytes(1), replayed.id.value().view())) fault("record {} has another id than in the log", n);
    if (!std::ranges::equal(rows.bytes(2), replayed.root.view()))
      fault("record {} has another root than its last change gave", n);
    if (n > 0 && replayed.id <= records_[n - 1].id) fault("record {} has a lower id than the one before it", n);
    if ((rows.integer(4) != 0) != (rows.integer(5) != 0)) fault("record {} is deleted but has a structure, or the reverse", n);
    persons_.push_back(rows.integer(3) == static_cast<int>(RecordKind::person));
  }

  // ---- State
  // ---------------------------------------------------------------------------------------------------------------------

  Result<void> check_state() {
    if (report_.blocks == 0) return {};
    std::vector<Digest> leaves, persons;
    for (std::size_t n = 0; n < sealed_.size(); ++n) {
      leaves.push_back(ledger::state_leaf(sealed_[n].id, sealed_[n].root));
      if (n < persons_.size() && persons_[n]) persons.push_back(ledger::zk_leaf(sealed_[n].id, sealed_[n].root));
    }
    if (last_.header.state_root != ledger::tree_root(leaves)) fault("block {} has another state root", last_.height);
    const unsigned depth = ledger::zk_depth(persons.size());
    if (last_.header.extra != ledger::zk_state_root(depth, ledger::zk_subtree(persons, 0, depth))) {
      fault("block {} has another zk state root", last_.height);
    }
    CHECK_OK(
        check_groups(0, std::move(leaves), [](std::span<const Digest> nodes, unsigned) { return ledger::tree_root(nodes); }));
    return check_groups(kZkLevelOffset, std::move(persons), [](std::span<const Digest> nodes, unsigned level) {
      return ledger::zk_subtree(nodes, level, kGroupBits);
    });
  }

  /// The stored rows of one state tree against the leaves.
  Result<void> check_groups(unsigned level_offset, std::vector<Digest> nodes,
                            Digest (*combine)(std::span<const Digest>, unsigned)) {
    constexpr std::size_t kGroup = std::size_t{1} << kGroupBits;
    for (unsigned level = 0; nodes.size() > 1 || level == 0; level += kGroupBits) {
      std::vector<Digest> above;
      for (std::size_t at = 0; at < nodes.size(); at += kGroup) {
        const auto group = std::span{nodes}.subspan(at, std::min(kGroup, nodes.size() - at));
        if (level > 0) CHECK_OK(check_group(level + level_offset, at / kGroup, group));
        above.push_back(combine(group, level));
      }
      nodes = std::move(above);
    }
    return {};
  }

  Result<void> check_group(unsigned level, std::uint64_t position, std::span<const Digest> nodes) {
    auto rows = session_.statement("SELECT hashes FROM state_node WHERE tree_no = :1 AND level = :2 AND pos = :3", "iii", "b")
                    .query(tree_.tree_no, level, position);
    if (!rows.next() || !std::ranges::equal(rows.bytes(0), std::as_bytes(nodes)))
      fault("the state's row {}/{} is wrong", level, position);
    return rows.status();
  }

  // ---- Typed rows
  // ----------------------------------------------------------------------------------------------------------------

  Result<void> check_rows() {
    CHECK_OK(expect_none(
        "person rows without a person",
        "SELECT count(*) FROM person p WHERE p.rid BETWEEN :1 AND :2 AND NOT EXISTS(SELECT 1 FROM record r WHERE r.rid = p.rid "
        "AND r.deleted = 0 AND r.kind = 1)"));
    CHECK_OK(expect_none(
        "persons without a person row or a name",
        "SELECT count(*) FROM record r WHERE r.rid BETWEEN :1 AND :2 AND r.kind = 1 AND r.deleted = 0 AND NOT (EXISTS(SELECT 1 "
        "FROM person p WHERE p.rid = r.rid) AND EXISTS(SELECT 1 FROM name n WHERE n.rid = r.rid))"));
    CHECK_OK(expect_none("names without a person",
                         "SELECT count(*) FROM name t WHERE t.rid BETWEEN :1 AND :2 AND NOT EXISTS(SELECT 1 FROM record r "
                         "WHERE r.rid = t.rid AND "
                         "r.deleted = 0)"));
    CHECK_OK(expect_none("events without a record",
                         "SELECT count(*) FROM event t WHERE t.rid BETWEEN :1 AND :2 AND NOT EXISTS(SELECT 1 FROM record r "
                         "WHERE r.rid = t.rid AND "
                         "r.deleted = 0)"));
    CHECK_OK(expect_none(
        "members without a family",
        "SELECT count(*) FROM member t WHERE t.family BETWEEN :1 AND :2 AND NOT EXISTS(SELECT 1 FROM record r WHERE r.rid = "
        "t.family AND r.deleted = 0)"));
    CHECK_OK(expect_none(
        "links without a record",
        "SELECT count(*) FROM link t WHERE t.rid BETWEEN :1 AND :2 AND t.kind <> 7 AND NOT EXISTS(SELECT 1 FROM record r WHERE "
        "r.rid = t.rid AND r.deleted = 0)"));
    return expect_none("identifiers without a record",
                       "SELECT count(*) FROM identifier t WHERE t.rid BETWEEN :1 AND :2 AND NOT EXISTS(SELECT 1 FROM record r "
                       "WHERE r.rid = t.rid "
                       "AND r.deleted = 0)");
  }

  Result<void> expect_none(std::string_view what, std::string_view sql) {
    const auto [first, last] = range_of(tree_.tree_no);
    auto rows = session_.statement(sql, "ii", "i").query(first, last);
    if (rows.next() && rows.integer(0) != 0) report_.row_faults.push_back(fmt::format("{} {}", rows.integer(0), what));
    return rows.status();
  }

  Session& session_;
  TreeInfo tree_;
  VerifyReport report_;
  std::vector<Replayed> records_;  // by n, as of the change replayed last
  std::vector<Replayed> sealed_;   // as of the last block
  std::vector<bool> persons_;
  ledger::LogEdge log_, block_log_;
  std::optional<Block> block_;  // the one that is being replayed
  Block last_;
};

}  // namespace

Result<VerifyReport> verify_tree(Session& session, std::int64_t tree_no) {
  TRY(tree, find_tree(session, tree_no));
  return Verifier{session, tree}.run();
}

}  // namespace tablinum::store
