#include "writer_state.h"

namespace tablinum::store {

ledger::Salt SaltSource::next() {
  if (used_ == pool_.size()) {
    fill_random(std::as_writable_bytes(std::span{pool_}));
    used_ = 0;
  }
  return pool_[used_++];
}

Result<TreeState*> tree_state(Writer& writer, std::int64_t tree_no) {
  auto& trees = writer.state().trees;
  if (const auto found = trees.find(tree_no); found != trees.end()) return &found->second;

  auto rows = writer
                  .statement(
                      "SELECT t.id, t.next_n, t.log_size, t.log_edge, t.sealed_height, t.generation, b.last_seq FROM tree t "
                      "LEFT JOIN block b ON b.tree_no = t.tree_no AND b.height = t.sealed_height WHERE t.tree_no = :1",
                      "i", "biibiii")
                  .query(tree_no);
  if (!rows.next()) {
    CHECK_OK(rows.status());
    return fail(Code::not_found, "no such tree");
  }
  TRY(id, uuid_from_bytes(rows.bytes(0)));
  const auto log_size = static_cast<std::uint64_t>(rows.integer(2));
  TRY(log, ledger::LogEdge::decode(log_size, rows.bytes(3)));
  TreeState state{.tree_no = tree_no, .id = TreeId{id}, .next_n = static_cast<std::uint32_t>(rows.integer(1)), .log = log};
  state.sealed_height = rows.integer(4);
  state.generation = rows.integer(5);
  state.sealed_size = rows.is_null(6) ? 0 : static_cast<std::uint64_t>(rows.integer(6)) + 1;
  state.leaves_from = log_size;
  state.made_from = state.next_n;
  return &trees.emplace(tree_no, std::move(state)).first->second;
}

Result<void> flush_trees(Writer& writer) {
  auto& update = writer.statement(
      "UPDATE tree SET next_n = :1, log_size = :2, log_edge = :3, sealed_height = :4, generation = :5 "
      "WHERE tree_no = :6",
      "iibiii");
  for (auto& [tree_no, tree] : writer.state().trees) {
    if (!tree.head_changed) continue;
    if (tree.content_changed) ++tree.generation;
    CHECK_OK(update.run(tree.next_n, tree.log.size(), tree.log.encode(), tree.sealed_height, tree.generation, tree_no));
  }
  return {};
}

}  // namespace tablinum::store
