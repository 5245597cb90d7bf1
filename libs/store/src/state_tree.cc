#include <bit>

#include "log.h"
#include "person_index.h"

namespace tablinum::store {
namespace {

constexpr std::uint64_t kGroup = std::uint64_t{1} << kGroupBits;
/// Persons of one group of the zk tree usually stand side by side: then one range is read instead of 16 rows.
constexpr std::uint32_t kSpanMax = 64;

struct PlacedNode {
  std::uint64_t position;
  Digest hash;
};

/// One of the two trees over the tree's entries: which leaves there are, how nodes combine, and where it ends.
struct Shape {
  unsigned level_offset;
  std::uint64_t leaf_count;
  std::function<Result<std::vector<Digest>>(std::uint64_t first, std::uint64_t count)> leaves;
  Digest (*combine)(std::span<const Digest> nodes, unsigned level);
  std::function<bool(unsigned level, std::uint64_t node_count)> ends_at;
};

std::uint64_t groups_in(std::uint64_t count) noexcept { return (count + kGroup - 1) / kGroup; }

Result<std::vector<Digest>> load_row(Writer& writer, std::int64_t tree_no, unsigned level, std::uint64_t position) {
  auto rows = writer.statement("SELECT hashes FROM state_node WHERE tree_no = :1 AND level = :2 AND pos = :3", "iii", "b")
                  .query(tree_no, level, position);
  std::vector<Digest> nodes;
  if (rows.next()) {
    const ByteView bytes = rows.bytes(0);
    nodes.resize(bytes.size() / 32);
    std::memcpy(nodes.data(), bytes.data(), nodes.size() * 32);
  }
  CHECK_OK(rows.status());
  return nodes;
}

Result<void> store_row(Writer& writer, std::int64_t tree_no, unsigned level, std::uint64_t position, bool is_new,
                       std::span<const Digest> nodes) {
  const ByteView bytes = std::as_bytes(nodes);
  if (is_new) {
    return writer.statement("INSERT INTO state_node(tree_no, level, pos, hashes) VALUES(:1, :2, :3, :4)", "iiib", {})
        .run(tree_no, level, position, bytes);
  }
  return writer.statement("UPDATE state_node SET hashes = :1 WHERE tree_no = :2 AND level = :3 AND pos = :4", "biii", {})
      .run(bytes, tree_no, level, position);
}

/// Puts changed nodes of one level into their rows, and gives the nodes above.
Result<std::vector<PlacedNode>> update_level(Writer& writer, std::int64_t tree_no, const Shape& shape, unsigned level,
                                             std::uint64_t node_count, std::span<const PlacedNode> changed,
                                             std::vector<Digest>& last_row) {
  std::vector<PlacedNode> above;
  for (std::size_t at = 0; at < changed.size();) {
    const std::uint64_t row = changed[at].position / kGroup;
    const auto size = static_cast<std::size_t>(std::min(kGroup, node_count - row * kGroup));
    TRY(nodes, load_row(writer, tree_no, level + shape.level_offset, row));
    const std::size_t known = nodes.size();
    nodes.resize(size);
    std::size_t filled = known;
    for (; at < changed.size() && changed[at].position / kGroup == row; ++at) {
      const auto in_row = static_cast<std::size_t>(changed[at].position % kGroup);
      if (in_row > filled) return fail(Code::corrupt, "stored nodes of the state tree are missing");
      filled = std::max(filled, in_row + 1);
      nodes[in_row] = changed[at].hash;
    }
    if (filled != size) return fail(Code::corrupt, "stored nodes of the state tree are missing");
    CHECK_OK(store_row(writer, tree_no, level + shape.level_offset, row, known == 0, nodes));
    above.push_back({row, shape.combine(nodes, level)});
    last_row = std::move(nodes);
  }
  return above;
}

/// Gives the nodes of the row where the tree ends, after these leaves (positions, increasing) changed.
Result<std::vector<Digest>> update_tree(Writer& writer, std::int64_t tree_no, const Shape& shape,
                                        std::span<const std::uint64_t> changed) {
  std::vector<PlacedNode> nodes;
  for (std::size_t at = 0; at < changed.size();) {
    const std::uint64_t group = changed[at] / kGroup;
    while (at < changed.size() && changed[at] / kGroup == group) ++at;
    TRY(leaves, shape.leaves(group * kGroup, std::min(kGroup, shape.leaf_count - group * kGroup)));
    nodes.push_back({group, shape.combine(leaves, 0)});
  }
  std::vector<Digest> row;
  std::uint64_t node_count = groups_in(shape.leaf_count);
  for (unsigned level = kGroupBits;; level += kGroupBits) {
    TRY(above, update_level(writer, tree_no, shape, level, node_count, nodes, row));
    if (shape.ends_at(level, node_count)) return row;
    nodes = std::move(above);
    node_count = groups_in(node_count);
  }
}

/// Entries of records n in [first, first + count): from the transaction's memory, or read.
Result<std::vector<StateEntry>> entries(Writer& writer, const TreeState& tree, std::uint32_t first, std::uint32_t count) {
  std::vector<StateEntry> out;
  out.reserve(count);
  const std::uint32_t end = first + count;
  if (first < tree.made_from) {
    const std::uint32_t stored_end = std::min(end, tree.made_from);
    auto rows = writer.statement("SELECT id, root, kind FROM record WHERE rid BETWEEN :1 AND :2 ORDER BY rid", "ii", "bbi")
                    .query(make_rid(tree.tree_no, first), make_rid(tree.tree_no, stored_end - 1));
    while (rows.next()) {
      TRY(id, uuid_from_bytes(rows.bytes(0)));
      TRY(root, digest_from_bytes(rows.bytes(1)));
      out.push_back({RecordId{id}, root, rows.integer(2) == static_cast<int>(RecordKind::person)});
    }
    CHECK_OK(rows.status());
    if (out.size() != stored_end - first) return fail(Code::corrupt, "records of the tree are missing");
  }
  for (std::uint32_t n = std::max(first, tree.made_from); n < end; ++n) out.push_back(tree.made[n - tree.made_from]);
  return out;
}

/// Entries of persons number [first, first + count).
Result<std::vector<StateEntry>> person_entries(Writer& writer, const TreeState& tree, const PersonIndex& persons,
                                               std::uint64_t first, std::uint64_t count) {
  std::vector<StateEntry> out;
  const std::uint32_t begin = persons.n_of(first), end = persons.n_of(first + count - 1) + 1;
  if (end - begin <= kSpanMax) {
    TRY(all, entries(writer, tree, begin, end - begin));
    for (auto& entry : all) {
      if (entry.person) out.push_back(entry);
    }
    return out;
  }
  for (std::uint64_t number = first; number < first + count; ++number) {
    TRY(one, entries(writer, tree, persons.n_of(number), 1));
    out.push_back(one.front());
  }
  return out;
}

Result<Digest> update_state_root(Writer& writer, const TreeState& tree, std::span<const std::uint32_t> changed) {
  const Shape shape{
      .level_offset = 0,
      .leaf_count = tree.next_n,
      .leaves = [&](std::uint64_t first, std::uint64_t count) -> Result<std::vector<Digest>> {
        TRY(all, entries(writer, tree, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(count)));
        std::vector<Digest> leaves;
        for (const auto& entry : all) leaves.push_back(ledger::state_leaf(entry.id, entry.root));
        return leaves;
      },
      .combine = [](std::span<const Digest> nodes, unsigned) { return ledger::tree_root(nodes); },
      .ends_at = [](unsigned, std::uint64_t node_count) { return node_count == 1; },
  };
  TRY(top, update_tree(writer, tree.tree_no, shape, std::vector<std::uint64_t>(changed.begin(), changed.end())));
  return top.front();
}

Digest combine_zk(std::span<const Digest> nodes, unsigned level) { return ledger::zk_subtree(nodes, level, kGroupBits); }

Digest zk_root_of(std::span<const Digest> top, std::uint64_t persons) {
  if (top.empty()) return ledger::zk_state_root(ledger::kZkDepth, ledger::zk_empty(ledger::kZkDepth));
  const unsigned depth = ledger::zk_depth(persons);
  return ledger::zk_state_root(depth, depth == ledger::kZkDepth ? top.front() : combine_zk(top, ledger::kZkDepth));
}

Result<Digest> update_zk_root(Writer& writer, const TreeState& tree, const PersonIndex& persons,
                              std::span<const std::uint32_t> changed) {
  if (persons.count() > ledger::kZkPersonsMax) return fail(Code::limit, "a tree may have 16,777,216 persons");
  std::vector<std::uint64_t> numbers;
  for (const auto n : changed) {
    if (persons.is_person(n)) numbers.push_back(persons.number_of(n));
  }
  if (numbers.empty()) {
    TRY(top, load_row(writer, tree.tree_no, ledger::kZkDepth + kZkLevelOffset, 0));
    return zk_root_of(top, persons.count());
  }
  const Shape shape{
      .level_offset = kZkLevelOffset,
      .leaf_count = persons.count(),
      .leaves = [&](std::uint64_t first, std::uint64_t count) -> Result<std::vector<Digest>> {
        TRY(all, person_entries(writer, tree, persons, first, count));
        std::vector<Digest> leaves;
        for (const auto& entry : all) leaves.push_back(ledger::zk_leaf(entry.id, entry.root));
        return leaves;
      },
      .combine = combine_zk,
      .ends_at = [](unsigned level, std::uint64_t) { return level == ledger::kZkDepth; },
  };
  TRY(top, update_tree(writer, tree.tree_no, shape, numbers));
  return zk_root_of(top, persons.count());
}

}  // namespace

Result<StateRoots> update_state(Writer& writer, TreeState& tree, std::span<const std::uint32_t> changed) {
  TRY(persons, PersonIndex::load(writer, tree.tree_no));
  if (persons.records() < tree.next_n) {
    TRY(added, entries(writer, tree, persons.records(), tree.next_n - persons.records()));
    for (const auto& entry : added) persons.append(entry.person);
    CHECK_OK(persons.store(writer, tree.tree_no));
  }
  TRY(state, update_state_root(writer, tree, changed));
  TRY(zk_state, update_zk_root(writer, tree, persons, changed));
  return StateRoots{state, zk_state};
}

}  // namespace tablinum::store
