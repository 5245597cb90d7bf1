#include "tablinum/store/history.h"

#include <gmock/gmock.h>

#include "fixture.h"
#include "tablinum/store/staging.h"

namespace tablinum::store {
namespace {

using testing::IsEmpty;
using testing::Not;

class History : public StoreTest {
 protected:
  /// `count` notes in one transaction, sealed by make_room() where an edit's block is full.
  std::int64_t tree_with(std::uint32_t count) {
    const auto tree = make_tree();
    auto writer = must(database->writer());
    const auto context = begin_set(writer, tree);
    for (std::uint32_t i = 0; i < count; ++i) {
      must(create_record(
          writer, context,
          TestRecord{must(next_rid(writer, tree)), RecordId{database->ids().next()}, RecordKind::note, std::to_string(i)}
              .draft));
    }
    must(writer.commit());
    return tree;
  }
  std::int64_t imported_tree(std::uint32_t count) {
    auto import = must(Import::begin(*database, {.id = JobId{database->ids().next()}, .tree_name = "imported"}));
    for (std::uint32_t n = 0; n < count; ++n) {
      const auto kind = n % 3 == 0 ? RecordKind::person : RecordKind::note;
      must(import->add(TestRecord{import->rid(n), RecordId{database->ids().next()}, kind, "r" + std::to_string(n)}.draft));
    }
    must(import->publish());
    return import->job().tree_no;
  }
  std::vector<Digest> leaves(std::int64_t tree) {
    auto reader = read();
    std::vector<Digest> all;
    for (const auto& logged : must(changes_of_tree(reader, tree, 0, 1'000'000)))
      all.push_back(ledger::change_leaf(ledger::encode(logged.change)));
    return all;
  }
};

TEST_F(History, ABlockOfEditsHasAtMost32Changes) {
  const auto tree = tree_with(32);
  auto reader = read();
  EXPECT_THAT(must(list_blocks(reader, tree, {}, 10)), IsEmpty());
  const auto full = tree_with(33);
  const auto blocks = [&] {
    auto later = read();
    return must(list_blocks(later, full, {}, 10));
  }();
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks[0].header.change_count, 32u);
  EXPECT_EQ(blocks[0].header.change_limit, 32u);
  EXPECT_EQ(blocks[0].last_seq, 31u);
}

TEST_F(History, BlocksAreChainedAndListedNewestFirst) {
  const auto tree = tree_with(100);
  seal_tree(tree);
  seal_tree(tree);  // nothing to seal
  auto reader = read();
  const auto blocks = must(list_blocks(reader, tree, {}, 10));
  ASSERT_EQ(blocks.size(), 4u);
  EXPECT_EQ(blocks[0].header.change_count, 4u);
  for (std::size_t i = 0; i + 1 < blocks.size(); ++i) EXPECT_EQ(blocks[i].header.parent, blocks[i + 1].hash);
  EXPECT_EQ(blocks[3].header.parent, Digest{});
  EXPECT_EQ(must(list_blocks(reader, tree, 2, 10)).front().height, 1);
  EXPECT_EQ(must(find_block(reader, tree, 0)).last_seq, 31u);
  EXPECT_EQ(find_block(reader, tree, 4).error().code, Code::not_found);
  EXPECT_THAT(faults(tree), IsEmpty());
}

// 300 leaves: more than one stored tile of 256, so proofs cross it.
TEST_F(History, ProofsFromStoredTilesVerify) {
  const auto tree = imported_tree(300);
  const auto all = leaves(tree);
  ASSERT_EQ(all.size(), 300u);
  auto reader = read();
  for (const std::uint64_t size : {1u, 2u, 255u, 256u, 257u, 300u}) {
    const Digest root = must(log_root(reader, tree, size));
    EXPECT_EQ(root, ledger::tree_root(std::span{all}.first(size)));
    for (const std::uint64_t seq : {std::uint64_t{0}, size / 2, size - 1}) {
      EXPECT_TRUE(ledger::verify_inclusion(all[seq], seq, size, must(log_inclusion(reader, tree, seq, size)), root));
    }
    EXPECT_TRUE(ledger::verify_consistency(size, root, 300, must(log_root(reader, tree)),
                                           must(log_consistency(reader, tree, size, 300))));
  }
  EXPECT_EQ(log_root(reader, tree, 301).error().code, Code::invalid);
  EXPECT_EQ(log_inclusion(reader, tree, 300, 300).error().code, Code::invalid);
  EXPECT_EQ(log_inclusion(reader, tree, 0, 301).error().code, Code::invalid);
  EXPECT_EQ(log_consistency(reader, tree, 300, 301).error().code, Code::invalid);
  EXPECT_EQ(log_root(reader, 99).error().code, Code::not_found);
}

TEST_F(History, StateTreesGrowThroughTheirGroups) {
  // Sizes around 16, 256 and 4,096, where rows and levels begin.
  for (const std::uint32_t count : {1u, 15u, 16u, 17u, 255u, 256u, 257u, 4095u, 4096u, 4097u}) {
    const auto tree = imported_tree(count);
    EXPECT_THAT(faults(tree), IsEmpty()) << count;
    // One edit and one new record: the rows are brought up to date, not built anew.
    must(replace(make_rid(tree, count / 2), "changed"));
    create(tree, "new");
    seal_tree(tree);
    EXPECT_THAT(faults(tree), IsEmpty()) << count;
  }
}

TEST_F(History, PersonsFarApartShareAGroupOfTheZkTree) {
  const auto tree = imported_tree(2);
  for (int i = 0; i < 3; ++i) {
    for (int other = 0; other < 40; ++other) create(tree, "note", RecordKind::note);
    create(tree, "person");
  }
  seal_tree(tree);
  must(replace(make_rid(tree, 0), "first person changed"));
  seal_tree(tree);
  EXPECT_THAT(faults(tree), IsEmpty());
}

TEST_F(History, ChangeSetsAreListedNewestFirst) {
  const auto tree = make_tree();
  create(tree, "a");
  create(tree, "b");
  auto reader = read();
  const auto sets = must(list_change_sets(reader, tree, {}, 10));
  ASSERT_EQ(sets.size(), 2u);
  EXPECT_GT(sets[0].id, sets[1].id);
  EXPECT_EQ(sets[0].first_seq, 1u);
  EXPECT_EQ(must(list_change_sets(reader, tree, sets[0].id, 10)).size(), 1u);
  EXPECT_EQ(must(changes_of_set(reader, sets[1].id, 0, 10)).size(), 1u);
  EXPECT_EQ(find_change_set(reader, ChangeSetId{}).error().code, Code::not_found);
  auto writer = must(database->writer());
  EXPECT_EQ(add_change_set(writer, sets[0]).error().code, Code::exists);
}

struct Tampering {
  const char* name;
  std::string_view sql;
};
class Tampered : public History, public testing::WithParamInterface<Tampering> {};

TEST_P(Tampered, IsNoticed) {
  const auto tree = imported_tree(300);
  must(replace(make_rid(tree, 5), "edited"));
  must(remove(make_rid(tree, 6)));
  seal_tree(tree);
  ASSERT_THAT(faults(tree), IsEmpty());
  {
    auto writer = must(database->writer());
    must(writer.execute("DROP TRIGGER change_is_final"));
    must(writer.execute("DROP TRIGGER change_is_kept"));
    must(writer.execute(GetParam().sql));
    must(writer.commit());
  }
  EXPECT_THAT(faults(tree), Not(IsEmpty()));
}
INSTANTIATE_TEST_SUITE_P(
    Cases, Tampered,
    testing::Values(Tampering{"change_bytes", "UPDATE change SET canonical = zeroblob(156) WHERE seq = 7"},
                    Tampering{"change_of_another",
                              "UPDATE change SET canonical = (SELECT canonical FROM change WHERE seq = 8) WHERE seq = 7"},
                    Tampering{"change_gone", "DELETE FROM change WHERE seq = 7"},
                    Tampering{"last_change_gone", "DELETE FROM change WHERE seq = 301"},
                    Tampering{"change_moved", "UPDATE change SET rid = rid + 1 WHERE seq = 7"},
                    Tampering{"record_root", "UPDATE record SET root = zeroblob(32) WHERE xref IS NULL AND rid % 50 = 3"},
                    Tampering{"record_gone", "DELETE FROM record WHERE rid % 4294967296 = 9"},
                    Tampering{"record_resurrected", "UPDATE record SET structure = x'01' WHERE deleted = 1"},
                    Tampering{"log_edge", "UPDATE tree SET log_edge = zeroblob(length(log_edge))"},
                    Tampering{"log_tile", "UPDATE log_node SET hash = zeroblob(32)"},
                    Tampering{"log_size", "UPDATE tree SET sealed_height = sealed_height + 1"},
                    Tampering{"block_hash", "UPDATE block SET hash = zeroblob(32) WHERE height = 0"},
                    Tampering{"block_gone", "DELETE FROM block WHERE height = 1"},
                    Tampering{"block_moved", "UPDATE block SET last_seq = 298 WHERE height = 0"},
                    Tampering{"state_row",
                              "UPDATE state_node SET hashes = zeroblob(length(hashes)) WHERE level = 4 AND pos = 0"},
                    Tampering{"zk_row", "UPDATE state_node SET hashes = zeroblob(length(hashes)) WHERE level = 36 AND pos = 0"},
                    Tampering{"person_row_gone", "DELETE FROM person WHERE rid % 4294967296 = 9"},
                    Tampering{"name_gone", "DELETE FROM name WHERE rid % 4294967296 = 9"},
                    Tampering{"name_of_the_deleted",
                              "INSERT INTO name(rid, ord, kind, variant, full_text, tree_no, sort_key) "
                              "SELECT (tree_no << 32) + 6, 9, 0, 0, '', tree_no, '' FROM tree"}),
    [](const auto& row) { return std::string{row.param.name}; });

}  // namespace
}  // namespace tablinum::store
