// Imports that end in every way: well, badly, stopped, killed, and begun again.
#include "fixture.h"
#include "tablinum/store/jobs.h"

namespace tablinum::archive {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class ImportTest : public ArchiveTest {
 protected:
  TreeId empty_tree() {
    auto writer = must(archive_->database().writer());
    const auto tree = must(store::create_tree(writer, {.name = "mine"}));
    must(writer.commit());
    return tree.id;
  }
};

constexpr std::string_view kTwo = "0 @I1@ INDI\n1 NAME A /B/\n1 FAMS @F1@\n0 @F1@ FAM\n1 HUSB @I1@\n";

TEST_F(ImportTest, ReportsWhatCameIn) {
  import_text(gedcom(kTwo));
  EXPECT_EQ(report_.records, 2);
  EXPECT_EQ(report_.version, "5.5.1");
  EXPECT_EQ(report_.dialect, "5.5.1");
  EXPECT_EQ(report_.product, "Test program");
  EXPECT_EQ(report_.counts.at("INDI"), 1);
  EXPECT_EQ(report_.counts.at("named_individuals"), 1);
  EXPECT_FALSE(report_.gedzip);
  expect_whole();
}

TEST_F(ImportTest, IntoAnEmptyTreeKeepsItsId) {
  const auto id = empty_tree();
  const auto report = must(try_import(write("a.ged", gedcom(kTwo)), [&](ImportOptions& o) { o.into = id; }));
  EXPECT_EQ(report.tree, id);
  ASSERT_THAT(trees(), SizeIs(1));
  EXPECT_EQ(trees().front().next_n, 2);
  const auto again = try_import(write("a.ged", gedcom(kTwo)), [&](ImportOptions& o) { o.into = id; });
  EXPECT_EQ(again.error().code, Code::conflict);
  EXPECT_EQ(trees().front().next_n, 2);
}

TEST_F(ImportTest, AFailureIntoAnEmptyTreeLeavesItEmpty) {
  const auto id = empty_tree();
  bool storing = false;
  const auto result = try_import(write("a.ged", gedcom(kTwo)), [&](ImportOptions& o) {
    o.into = id;
    o.progress = [&](const ImportProgress& p) { return !(storing = p.phase == ImportPhase::store); };
  });
  EXPECT_TRUE(storing);
  EXPECT_EQ(result.error().code, Code::cancelled);
  ASSERT_THAT(trees(), SizeIs(1));
  EXPECT_EQ(trees().front().id, id);
  EXPECT_EQ(trees().front().name, "mine");
  EXPECT_EQ(trees().front().next_n, 0);
  EXPECT_EQ(must(try_import(write("a.ged", gedcom(kTwo)), [&](ImportOptions& o) { o.into = id; })).tree, id);
}

TEST_F(ImportTest, StoppedAtAnyStepNothingStays) {
  const auto file = write("a.ged", gedcom(kTwo));
  int steps = 0;
  must(try_import(file, [&](ImportOptions& o) {
    o.verify = false;
    o.progress = [&](const ImportProgress&) { return ++steps, true; };
  }));
  ASSERT_GE(steps, 4);
  for (int stop_at = 1; stop_at <= steps; ++stop_at) {
    std::filesystem::remove_all(path("other"));
    archive_ = must(Archive::open({.folder = path("other")}));
    int step = 0;
    const auto result = try_import(file, [&](ImportOptions& o) { o.progress = [&](const ImportProgress&) { return ++step < stop_at; }; });
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, Code::cancelled);
    expect_empty();
    EXPECT_TRUE(std::filesystem::is_empty(path("other/tmp")));
  }
}

TEST_F(ImportTest, RefusesWhatIsNoGedcom) {
  EXPECT_EQ(try_import(path("nothing")).error().code, Code::not_found);
  EXPECT_EQ(try_import(folder_).error().code, Code::invalid);
  EXPECT_EQ(try_import("/dev/null").error().code, Code::invalid);
  EXPECT_EQ(try_import(write("empty", "")).error().code, Code::corrupt);
  EXPECT_EQ(try_import(write("garbage", std::string("\x7f" "ELF\x02\x01\x00\x00\xff\xfe\x80", 11))).error().code, Code::corrupt);
  EXPECT_EQ(try_import(write("zip", "PK\x03\x04 no zip")).error().code, Code::corrupt);
  EXPECT_EQ(try_import(write("a.ged", gedcom(kTwo)), [](ImportOptions& o) { o.charset = "no-such"; }).error().code, Code::invalid);
  expect_empty();
}

TEST_F(ImportTest, ATruncatedFileComesInWithAFinding) {
  auto text = gedcom(kTwo);
  text.resize(text.size() - 12);
  const auto report = must(try_import(write("a.ged", text)));
  EXPECT_THAT(report.findings, Not(IsEmpty()));
  EXPECT_EQ(report.counts.at("INDI"), 1);
}

TEST_F(ImportTest, DepthIsBounded) {
  std::string text = "0 @I1@ INDI\n";
  for (int level = 1; level <= 10'000; ++level) text += std::to_string(level) + " _X deep\n";
  const auto report = must(try_import(write("deep.ged", gedcom(text))));
  EXPECT_EQ(report.counts.at("INDI"), 1);
  EXPECT_EQ(report.lossless, true);
}

TEST_F(ImportTest, ACrashLeavesAStagingTreeThatTheNextStartDrops) {
  const auto job = store::JobId{archive_->database().ids().next()};
  {
    auto import = must(store::Import::begin(archive_->database(), {.id = job, .tree_name = "half", .summary = "x"}));
    must(import->flush());
  }
  EXPECT_EQ(count("SELECT count(*) FROM tree"), 1);
  open();
  expect_empty();
  auto reader = must(archive_->database().reader());
  EXPECT_EQ(must(store::find_import(reader, job)).state, store::ImportState::failed);
}

TEST_F(ImportTest, ACrashOfAnImportIntoAnEmptyTreeLeavesItEmpty) {
  const auto id = empty_tree();
  {
    auto import = must(store::Import::begin(archive_->database(), {.id = store::JobId{archive_->database().ids().next()}, .into = id}));
    must(import->flush());
  }
  open();
  ASSERT_THAT(trees(), SizeIs(1));
  EXPECT_EQ(trees().front().id, id);
  EXPECT_EQ(trees().front().next_n, 0);
}

TEST_F(ImportTest, AJobBeginsAgainAfterACrashAndAfterAFailure) {
  const auto job = store::JobId{archive_->database().ids().next()};
  { auto import = must(store::Import::begin(archive_->database(), {.id = job, .tree_name = "half"})); }
  open();
  const auto with_job = [&](ImportOptions& o) { o.job = job; };
  const auto stopped = try_import(write("a.ged", gedcom(kTwo)), [&](ImportOptions& o) {
    o.job = job;
    o.progress = [](const ImportProgress& p) { return p.phase != ImportPhase::store; };
  });
  EXPECT_EQ(stopped.error().code, Code::cancelled);
  EXPECT_EQ(must(try_import(path("a.ged"), with_job)).id, job);
  EXPECT_THAT(trees(), SizeIs(1));
}

TEST_F(ImportTest, AJobThatWasPublishedReportsAgainAndImportsNothing) {
  const auto job = store::JobId{archive_->database().ids().next()};
  const auto with_job = [&](ImportOptions& o) { o.job = job; };
  // A blank line is a finding, so that the reports have some.
  const auto first = must(try_import(write("a.ged", gedcom(std::string{kTwo} + "1 CHIL @NOBODY@\n")), with_job));
  auto second = must(try_import(path("a.ged"), with_job));
  EXPECT_THAT(trees(), SizeIs(1));
  EXPECT_THAT(first.findings, Not(IsEmpty()));
  second.lossless = first.lossless;
  EXPECT_EQ(to_json(first), to_json(second));
}

TEST_F(ImportTest, WhatACrashLeftInTheTemporaryFolderGoes) {
  std::ofstream{path("data/tmp/rest")} << "x";
  open();
  EXPECT_TRUE(std::filesystem::is_empty(path("data/tmp")));
}

TEST_F(ImportTest, TheReportComesBackFromJson) {
  import_text(gedcom(kTwo));
  report_.findings = {{"dangling", "info", 3}};
  EXPECT_EQ(to_json(must(import_report_from_json(to_json(report_)))), to_json(report_));
  report_.lossless.reset();
  EXPECT_EQ(to_json(must(import_report_from_json(to_json(report_)))), to_json(report_));
  for (const char* bad : {"", "[]", "{}", "{\"importId\":1}", "nonsense"}) EXPECT_FALSE(import_report_from_json(bad).has_value()) << bad;
}

}  // namespace
}  // namespace tablinum::archive
