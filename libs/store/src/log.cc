#include "log.h"

#include "tablinum/store/history.h"

namespace tablinum::store {
namespace {

struct OpenChanges {
  std::vector<Digest> leaves;
  std::vector<std::uint32_t> changed;  // n, increasing, each once
};

/// The changes since the last block: those of earlier transactions are read, this one's are in memory.
Result<OpenChanges> open_changes(Writer& writer, const TreeState& tree) {
  OpenChanges open;
  if (tree.sealed_size < tree.leaves_from) {
    auto rows = writer
                    .statement("SELECT canonical, rid FROM change WHERE tree_no = :1 AND seq >= :2 AND seq < :3 ORDER BY seq",
                               "iii", "bi")
                    .query(tree.tree_no, tree.sealed_size, tree.leaves_from);
    while (rows.next()) {
      open.leaves.push_back(ledger::leaf(sha256(rows.bytes(0)).view()));
      open.changed.push_back(n_of(Rid{rows.integer(1)}));
    }
    CHECK_OK(rows.status());
    if (open.leaves.size() != tree.leaves_from - tree.sealed_size) return fail(Code::corrupt, "changes of the log are missing");
  }
  open.leaves.insert(open.leaves.end(), tree.leaves.begin(), tree.leaves.end());
  open.changed.insert(open.changed.end(), tree.changed.begin(), tree.changed.end());
  std::ranges::sort(open.changed);
  const auto repeated = std::ranges::unique(open.changed);
  open.changed.erase(repeated.begin(), repeated.end());
  return open;
}

/// Changes are appended one at a time, so a completed tile is stored as soon as it is complete.
Result<void> store_tile(Writer& writer, std::int64_t tree_no, unsigned level, std::uint64_t position, const Digest& hash) {
  return writer.statement("INSERT INTO log_node(tree_no, level, pos, hash) VALUES(:1, :2, :3, :4)", "iiib", {})
      .run(tree_no, level, position, hash);
}

Result<Block> previous_block(Writer& writer, const TreeState& tree) {
  if (tree.sealed_height < 0) return Block{.height = -1};
  return find_block(writer, tree.tree_no, tree.sealed_height);
}

}  // namespace

Result<void> make_room(Writer& writer, TreeState& tree, std::size_t count) {
  const std::uint64_t open = tree.log.size() - tree.sealed_size;
  if (open == 0 || open + count <= writer.state().change_limit()) return {};
  return seal(writer, tree.tree_no);
}

Result<void> append_change(Writer& writer, TreeState& tree, const ChangeContext& context, const NewChange& change) {
  const auto canonical = ledger::encode(ledger::Change{.log_id = tree.id,
                                                       .record_id = change.id,
                                                       .kind = change.kind,
                                                       .field = change.field,
                                                       .time = static_cast<std::uint64_t>(context.time),
                                                       .old_root = change.old_root,
                                                       .new_root = change.new_root,
                                                       .author_tag = context.author_tag,
                                                       .salt = writer.state().salts.next()});
  CHECK_OK(
      writer
          .statement(
              "INSERT INTO change(tree_no, seq, rid, change_set, actor, canonical, before) VALUES(:1, :2, :3, :4, :5, :6, :7)",
              "iiibibb")
          .run(tree.tree_no, tree.log.size(), change.rid, context.change_set, context.actor, ledger::view(canonical),
               change.before));
  const Digest leaf = ledger::change_leaf(canonical);
  Result<void> stored;
  tree.log.append(leaf, [&](unsigned level, std::uint64_t position, const Digest& hash) {
    if (stored && level % kLogTileLevel == 0) stored = store_tile(writer, tree.tree_no, level, position, hash);
  });
  tree.leaves.push_back(leaf);
  tree.changed.push_back(n_of(change.rid));
  touch(tree);
  return stored;
}

Result<void> seal(Writer& writer, std::int64_t tree_no) {
  TRY(tree_ptr, tree_state(writer, tree_no));
  TreeState& tree = *tree_ptr;
  if (tree.log.size() == tree.sealed_size) return {};
  TRY(open, open_changes(writer, tree));
  TRY(previous, previous_block(writer, tree));
  TRY(roots, update_state(writer, tree, open.changed));
  const ledger::BlockHeader header{
      .log_id = tree.id,
      .parent = previous.hash,
      .log_root = tree.log.root(),
      .state_root = roots.state,
      .changes_root = ledger::tree_root(open.leaves),
      .number = static_cast<std::uint64_t>(tree.sealed_height + 1),
      .time = std::max(static_cast<std::uint64_t>(writer.state().now.seconds()), previous.header.time),
      .change_count = open.leaves.size(),
      .change_limit = open.leaves.size() <= ledger::kChangeLimit ? ledger::kChangeLimit : ledger::kChangeLimitImport,
      .extra = roots.zk_state};
  const auto canonical = ledger::encode(header);
  CHECK_OK(
      writer.statement("INSERT INTO block(tree_no, height, header, hash, last_seq) VALUES(:1, :2, :3, :4, :5)", "iibbi", {})
          .run(tree_no, tree.sealed_height + 1, ledger::view(canonical), ledger::block_hash(canonical), tree.log.size() - 1));
  ++tree.sealed_height;
  tree.sealed_size = tree.leaves_from = tree.log.size();
  tree.leaves.clear();
  tree.changed.clear();
  tree.made_from = tree.next_n;
  tree.made.clear();
  tree.head_changed = true;
  return {};
}

}  // namespace tablinum::store
