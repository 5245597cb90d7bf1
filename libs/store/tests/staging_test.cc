#include "tablinum/store/staging.h"

#include <gmock/gmock.h>

#include "fixture.h"
#include "tablinum/store/places.h"

namespace tablinum::store {
namespace {

using testing::IsEmpty;

class Staging : public StoreTest {
 protected:
  ImportStart start(std::uint64_t bytes_total) {
    return {.id = JobId{database->ids().next()},
            .source = sha256(bytes_of("file")),
            .bytes_total = bytes_total,
            .tree_name = "Moyo",
            .time = 1'600'000'000,
            .summary = "moyo.ged"};
  }
  void add(Import& import, std::uint32_t from, std::uint32_t count) {
    for (std::uint32_t n = from; n < from + count; ++n) {
      must(import.add(
          TestRecord{import.rid(n), RecordId{database->ids().next()}, RecordKind::person, "p" + std::to_string(n)}.draft));
    }
  }
  std::vector<std::string> indexes() {
    auto reader = read();
    auto rows =
        reader.statement("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name", {}, "t")
            .query();
    std::vector<std::string> all;
    while (rows.next()) all.emplace_back(rows.text(0));
    return all;
  }
  /// "delete": written directly; "wal": through the log.
  static std::string journal(Session& session) {
    auto rows = session.statement("PRAGMA journal_mode", {}, "t").query();
    return rows.next() ? std::string{rows.text(0)} : std::string{};
  }
  ImportStart start_alone() {
    auto alone = start(kSingleTransactionBytes + 1);
    alone.alone = true;
    return alone;
  }
  std::vector<TreeInfo> visible() {
    auto reader = read();
    return must(list_trees(reader));
  }
};

constexpr std::uint64_t kInBatches = kSingleTransactionBytes + 1;

TEST_F(Staging, ATreeAppearsWhenItIsPublished) {
  auto import = must(Import::begin(*database, start(1000)));
  add(*import, 0, 100);
  must(import->add_finding({.line = 7, .code = 3, .detail = "odd"}));
  import->set_header(bytes_of("HEAD"));
  import->set_bytes_done(1000);
  EXPECT_THAT(visible(), IsEmpty());
  must(import->publish());
  ASSERT_EQ(visible().size(), 1u);
  EXPECT_EQ(visible()[0].name, "Moyo");
  EXPECT_EQ(visible()[0].next_n, 100u);
  EXPECT_EQ(visible()[0].log_size, 100u);

  auto reader = read();
  const auto job = must(find_import(reader, import->job().id));
  EXPECT_EQ(job.state, ImportState::published);
  EXPECT_EQ(job.records, 100u);
  EXPECT_EQ(job.bytes_done, 1000u);
  EXPECT_EQ(text_of(job.header), "HEAD");
  EXPECT_EQ(must(findings_of(reader, job.id, 0, 10)).at(0).detail, "odd");
  EXPECT_EQ(must(list_imports(reader, 10)).size(), 1u);
  const auto set = must(find_change_set(reader, job.change_set));
  EXPECT_EQ(set.kind, ChangeSetKind::import);
  EXPECT_EQ(text_of(set.extra), "HEAD");
  EXPECT_EQ(must(changes_of_set(reader, set.id, 90, 100)).size(), 10u);
  const auto change = must(changes_of_tree(reader, job.tree_no, 0, 1)).at(0).change;
  EXPECT_EQ(change.kind, ledger::ChangeKind::import);
  EXPECT_EQ(change.time, 1'600'000'000u);
  const auto blocks = must(list_blocks(reader, job.tree_no, {}, 10));
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks[0].header.change_limit, ledger::kChangeLimitImport);
  EXPECT_THAT(faults(job.tree_no), IsEmpty());
}

TEST_F(Staging, ResumesAfterTheLastBatch) {
  JobId id;
  std::int64_t tree_no = 0;
  {
    auto import = must(Import::begin(*database, start(kInBatches)));
    id = import->job().id;
    tree_no = import->job().tree_no;
    const PlaceLevel place[] = {{"Harare", "harare"}};
    must(ensure_place(*must(import->writer()), tree_no, place));
    add(*import, 0, kBatchRecords + 5);  // the last five are not committed
    EXPECT_EQ(import->job().records, kBatchRecords);
  }
  reopen();
  EXPECT_THAT(faults(tree_no), IsEmpty());
  auto import = must(Import::resume(*database, id));
  EXPECT_EQ(import->job().records, kBatchRecords);
  const PlaceLevel place[] = {{"Harare", "harare"}};
  EXPECT_EQ(must(ensure_place(*must(import->writer()), tree_no, place)), Pid{(tree_no << 32) + 1});
  add(*import, kBatchRecords, 5);
  must(import->publish());
  EXPECT_EQ(visible().at(0).next_n, kBatchRecords + 5);
  EXPECT_THAT(faults(tree_no), IsEmpty());
  EXPECT_EQ(Import::resume(*database, id).error().code, Code::conflict);
  EXPECT_EQ(Import::resume(*database, JobId{}).error().code, Code::not_found);
}

TEST_F(Staging, ADroppedImportLeavesOnlyItsJob) {
  auto import = must(Import::begin(*database, start(kInBatches)));
  const auto tree_no = import->job().tree_no;
  add(*import, 0, kBatchRecords + 5);
  std::int64_t hooked = 0;
  database->add_drop_hook([&](Writer&, std::int64_t tree) -> Result<void> {
    hooked = tree;
    return {};
  });
  must(import->drop("the file is cut"));
  EXPECT_EQ(hooked, tree_no);
  EXPECT_THAT(visible(), IsEmpty());
  auto reader = read();
  EXPECT_EQ(find_tree(reader, tree_no).error().code, Code::not_found);
  EXPECT_THAT(must(changes_of_tree(reader, tree_no, 0, 1)), IsEmpty());
  EXPECT_EQ(find_record(reader, make_rid(tree_no, 0)).error().code, Code::not_found);
  const auto job = must(find_import(reader, import->job().id));
  EXPECT_EQ(job.state, ImportState::failed);
  EXPECT_EQ(job.error, "the file is cut");
}

TEST_F(Staging, AnErrorTakesBackWhatWasNotCommitted) {
  auto import = must(Import::begin(*database, start(kInBatches)));
  add(*import, 0, 3);
  EXPECT_EQ(
      import->add(TestRecord{import->rid(7), RecordId{database->ids().next()}, RecordKind::person, "gap"}.draft).error().code,
      Code::invalid);
  EXPECT_EQ(import->job().records, 0u);
  add(*import, 0, 4);
  must(import->publish());
  EXPECT_EQ(visible().at(0).next_n, 4u);
  EXPECT_THAT(faults(import->job().tree_no), IsEmpty());
}

TEST_F(Staging, OthersWriteBetweenBatchesAndIndexesAreThereAgain) {
  const auto before = indexes();
  const auto other = make_tree("other");
  auto import = must(Import::begin(*database, start(kInBatches)));
  add(*import, 0, kBatchRecords);
  create(other, "meanwhile");
  add(*import, kBatchRecords, 1);
  must(import->publish());
  auto second = must(Import::begin(*database, start(kSingleTransactionBytes)));  // drops indexes and builds them again
  add(*second, 0, 10);
  must(second->publish());
  auto reader = read();
  EXPECT_EQ(indexes(), before);
  EXPECT_EQ(must(list_persons(reader, second->job().tree_no, {}, 0, 100)).size(), 10u);
  EXPECT_THAT(faults(other), IsEmpty());
  EXPECT_THAT(faults(import->job().tree_no), IsEmpty());
  EXPECT_THAT(faults(second->job().tree_no), IsEmpty());
}

TEST_F(Staging, AnArchiveFilledAloneIsWrittenDirectlyAndHasItsLogAgain) {
  const auto before = indexes();  // this reader's idle connection is no obstacle
  auto import = must(Import::begin(*database, start_alone()));
  EXPECT_EQ(journal(*must(import->writer())), "delete");
  add(*import, 0, kBatchRecords + 1);
  EXPECT_EQ(import->job().records, 0u) << "one transaction, however large";
  must(import->publish());
  auto reader = read();
  EXPECT_EQ(journal(reader), "wal");
  EXPECT_EQ(indexes(), before);
  EXPECT_EQ(must(find_tree(reader, import->job().tree_no)).next_n, kBatchRecords + 1);
  EXPECT_THAT(faults(import->job().tree_no), IsEmpty());

  auto second = must(Import::begin(*database, start_alone()));
  EXPECT_EQ(journal(*must(second->writer())), "wal") << "the archive is no longer empty";
}

TEST_F(Staging, AnArchiveSomebodyReadsIsFilledThroughTheLog) {
  const auto reader = read();
  auto import = must(Import::begin(*database, start_alone()));
  EXPECT_EQ(journal(*must(import->writer())), "wal");
  add(*import, 0, 3);
  must(import->publish());
  EXPECT_EQ(visible().size(), 1u);
}

TEST_F(Staging, AFillingThatIsDroppedOrForgottenLeavesTheLogOn) {
  for (const bool forgotten : {false, true}) {
    auto import = must(Import::begin(*database, start_alone()));
    add(*import, 0, 3);
    if (!forgotten) must(import->drop("the file is cut"));
    import.reset();
    auto reader = read();
    EXPECT_EQ(journal(reader), "wal");
    EXPECT_THAT(visible(), IsEmpty());
  }
}

TEST_F(Staging, PlacesAreMadeOnceAndFoundAsATree) {
  const auto tree = make_tree();
  const PlaceLevel harare[] = {{"Zimbabwe", "zimbabwe"}, {"Harare", "harare"}},
                   bulawayo[] = {{"Zimbabwe", "zimbabwe"}, {"Bulawayo", "bulawayo"}};
  Pid first, again;
  {
    auto writer = must(database->writer());
    first = must(ensure_place(writer, tree, harare));
    must(ensure_place(writer, tree, bulawayo));
    must(update_place(writer, first, -17.8, 31.0, {}));
    EXPECT_EQ(update_place(writer, Pid{1}, {}, {}, {}).error().code, Code::not_found);
    EXPECT_EQ(ensure_place(writer, tree, {}).error().code, Code::invalid);
    std::vector<PlaceLevel> deep(kPlaceLevelsMax + 1, {"x", "x"});
    EXPECT_EQ(ensure_place(writer, tree, deep).error().code, Code::too_large);
    deep.pop_back();
    EXPECT_EQ(must(place_path(writer, must(ensure_place(writer, tree, deep)))).size(), kPlaceLevelsMax);
    must(writer.commit());
  }
  {
    auto writer = must(database->writer());
    again = must(ensure_place(writer, tree, harare));
  }
  EXPECT_EQ(first, again);
  auto reader = read();
  const auto countries = must(places_in(reader, root_place(tree), "", 10));
  ASSERT_EQ(countries.size(), 2u);
  EXPECT_EQ(countries[0].name, "Zimbabwe");
  const auto towns = must(places_in(reader, countries[0].pid, "", 10));
  ASSERT_EQ(towns.size(), 2u);
  EXPECT_EQ(towns[0].name, "Bulawayo");
  EXPECT_EQ(must(places_in(reader, countries[0].pid, "Bulawayo", 10)).at(0).name, "Harare");
  EXPECT_EQ(must(place_path(reader, first)).at(0).name, "Zimbabwe");
  EXPECT_DOUBLE_EQ(must(find_place(reader, first)).lat.value(), -17.8);
  EXPECT_FALSE(must(find_place(reader, again)).rid.has_value());
  EXPECT_EQ(find_place(reader, Pid{1}).error().code, Code::not_found);
}

}  // namespace
}  // namespace tablinum::store
