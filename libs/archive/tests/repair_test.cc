// One damage of every kind that repair() claims to mend, on an archive that is whole otherwise.
#include <filesystem>

#include "derived_fixture.h"
#include "tablinum/archive/repair.h"

namespace tablinum::archive {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

class Repair : public DerivedTest {
 protected:
  std::vector<std::string> faults() {
    auto reader = must(archive_->database().reader());
    const auto tree = must(store::list_trees(reader)).front();
    const auto verified = must(store::verify_tree(reader, tree.tree_no));
    EXPECT_THAT(verified.faults, IsEmpty()) << "the records themselves stay whole";
    auto all = verified.row_faults;
    for (auto& fault : must(document_faults(reader, tree.tree_no))) all.push_back(fault);
    return all;
  }
};

struct Damage {
  const char* name;
  const char* sql;
};
class RepairDamage : public Repair, public ::testing::WithParamInterface<Damage> {};

TEST_P(RepairDamage, IsNoticedAndMended) {
  import_text(family());
  const auto before = derived();
  const auto log_size = trees().front().log_size;
  EXPECT_THAT(faults(), IsEmpty());
  change({GetParam().sql});
  ASSERT_NE(derived(), before) << "the damage is one";
  EXPECT_THAT(faults(), Not(IsEmpty()));
  const auto report = must(repair(*archive_));
  EXPECT_THAT(report.damaged, ElementsAre("tree"));
  EXPECT_EQ(report.rebuilt.trees, 1);
  EXPECT_THAT(faults(), IsEmpty());
  EXPECT_EQ(derived(), before);
  EXPECT_TRUE(index_agrees());
  EXPECT_EQ(trees().front().log_size, log_size);
  const auto again = must(repair(*archive_));
  EXPECT_THAT(again.damaged, IsEmpty());
  EXPECT_EQ(again.rebuilt.trees, 0);
}

// 99 lies behind the last record of the tree.
INSTANTIATE_TEST_SUITE_P(
    Kinds, RepairDamage,
    ::testing::Values(
        Damage{"person_row_missing", "DELETE FROM person WHERE rid IN (SELECT min(rid) FROM person)"},
        Damage{"person_row_of_nobody", "INSERT INTO person(rid, sex, living) SELECT max(rid) + 99, 0, 1 FROM record"},
        Damage{"names_missing", "DELETE FROM name WHERE rid IN (SELECT min(rid) FROM name)"},
        Damage{"name_of_nobody", "INSERT INTO name(rid, ord, kind, variant, full_text, tree_no, sort_key) SELECT max(rid) + 99, 1, 0, 0, "
                                 "'x', rid >> 32, 'x' FROM record"},
        Damage{"event_of_nothing", "INSERT INTO event(rid, ord, kind, precision, tree_no) SELECT max(rid) + 99, 1, 1, 0, rid >> 32 FROM record"},
        Damage{"member_of_nothing", "INSERT INTO member(family, role, ord, person, pedigree, state) SELECT max(rid) + 99, 1, 0, min(rid), 0, 0 "
                                    "FROM record"},
        Damage{"link_of_nothing", "INSERT INTO link(rid, ord, kind, target, field) SELECT max(rid) + 99, 1, 1, min(rid), 0 FROM record"},
        Damage{"identifier_of_nothing", "INSERT INTO identifier(rid, ord, scheme, value) SELECT max(rid) + 99, 1, 's', 'v' FROM record"},
        Damage{"document_missing", "DELETE FROM document WHERE rid IN (SELECT min(rid) FROM person)"},
        Damage{"document_of_nothing", "INSERT INTO document(rid, name) SELECT max(rid) + 99, 'x' FROM record"},
        Damage{"place_document_missing", "DELETE FROM document WHERE rid IN (SELECT max(rid) FROM document)"},
        Damage{"document_of_no_place", "INSERT INTO document(rid, name) SELECT max(rid) + 99, 'x' FROM document"},
        Damage{"place_missing", "DELETE FROM place WHERE name = 'Harare'"}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST_F(Repair, AnIndexThatDoesNotAgreeWithTheDocuments) {
  import_text(family());
  const auto before = derived();
  ASSERT_TRUE(index_agrees());
  // Out of the index, and into it what no document says.
  change({"INSERT INTO document_index(document_index, rowid, name, alt, body) SELECT 'delete', rid, name, alt, body FROM document WHERE rid "
          "IN (SELECT min(rid) FROM person)",
          "INSERT INTO document_index(rowid, name, alt, body) SELECT max(rid), 'phantom', '', '' FROM person"});
  EXPECT_FALSE(index_agrees());
  const auto report = must(repair(*archive_));
  EXPECT_TRUE(report.index_rebuilt);
  EXPECT_EQ(report.rebuilt.trees, 0);
  EXPECT_TRUE(index_agrees());
  EXPECT_EQ(derived(), before);
  EXPECT_EQ(find("tindo"), std::vector<std::string>{"person Tendai Moyo"});
  EXPECT_THAT(find("phantom"), IsEmpty());
  EXPECT_FALSE(must(repair(*archive_)).index_rebuilt);
}

TEST_F(Repair, RowsOfOlderRules) {
  import_text(family());
  const auto before = derived();
  change({"UPDATE setting SET value = '1'", "UPDATE name SET sort_key = 'x'"});
  const auto report = must(repair(*archive_));
  EXPECT_THAT(report.damaged, IsEmpty());
  EXPECT_EQ(report.rebuilt.trees, 1);
  EXPECT_EQ(derived(), before);
}

TEST_F(Repair, FilesThatNothingNames) {
  import_text(family());
  const auto lost = must(archive_->blobs().put_file(write("lost", "nobody's")));
  EXPECT_EQ(must(repair(*archive_)).files.removed, 0u) << "it is too young to tell";
  EXPECT_EQ(must(repair(*archive_, {}, Duration{})).files.removed, 1u);
  EXPECT_EQ(archive_->blobs().size(lost).error().code, Code::not_found);
  EXPECT_TRUE(must(verify_round_trip(*archive_, tree_no_of(report_.tree))));
}

TEST_F(Repair, WhatIsWrongWithTheRecordsStaysForABackup) {
  import_text(family());
  change({"UPDATE record SET root = zeroblob(32) WHERE rid IN (SELECT min(rid) FROM record)"});
  must(repair(*archive_));
  auto reader = must(archive_->database().reader());
  EXPECT_THAT(must(store::verify_tree(reader, trees().front().tree_no)).faults, Not(IsEmpty()));
}

}  // namespace
}  // namespace tablinum::archive
