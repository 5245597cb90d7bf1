// Rows that older rules wrote are written anew: all of them, once, and going on where it stopped.
#include "derived_fixture.h"
#include "tablinum/archive/jobs.h"
#include "tablinum/store/settings.h"

namespace tablinum::archive {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST_F(DerivedTest, PlacesAreResultsOfTheirOwn) {
  import_text(family());
  EXPECT_THAT(find("harare"), Contains("place Harare"));
  EXPECT_EQ(find("harare").front(), "place Harare");
  EXPECT_THAT(find("type:place"), UnorderedElementsAre("place Harare", "place Bulawayo", "place Zimbabwe", "place Selby", "place York",
                                                       "place England", "place Mutare"));
  EXPECT_THAT(find("type:place zimbabwe"), Contains("place Bulawayo")) << "a place is found by what is around it, too";
  EXPECT_THAT(find("type:place umtali"), ElementsAre("place Mutare")) << "the place's own record is found instead of the place";
  EXPECT_THAT(find("type:place place:england"), UnorderedElementsAre("place England", "place York", "place Selby"));
  EXPECT_THAT(find("type:place slby"), ElementsAre("place Selby")) << "with a mistake";
}

TEST_F(DerivedTest, PlacesGoWithTheirTree) {
  import_text(family());
  must(try_import(write("other.ged", gedcom("0 @I1@ INDI\n1 NAME A /B/\n1 BIRT\n2 PLAC Ulundi\n"))));
  ASSERT_THAT(trees(), SizeIs(2));
  EXPECT_THAT(find("ulundi"), IsEmpty()) << "another tree's place";
  Jobs jobs{*archive_};
  must(jobs.submit_undo(report_.id));
  must(jobs.run_all());
  ASSERT_THAT(trees(), SizeIs(1));
  EXPECT_THAT(find("harare"), IsEmpty());
  EXPECT_THAT(find("ulundi"), UnorderedElementsAre("place Ulundi", "person A B"));
  EXPECT_TRUE(index_agrees());
  EXPECT_EQ(count("SELECT count(*) FROM setting"), 1) << "what was noted of the tree went with it";
}

TEST_F(DerivedTest, RowsOfOlderRulesAreWrittenAnew) {
  import_text(family());
  const auto before = derived();
  const auto tree = trees().front();
  EXPECT_EQ(outdated(), 0u);
  change({"UPDATE setting SET value = '1'", "UPDATE name SET sort_key = 'x', full_text = 'y'", "DELETE FROM event WHERE rid & 1 = 0",
          "UPDATE person SET living = 1 - living, birth_min = 7, label = NULL", "UPDATE place SET folded = 'old', lat = 1, lon = NULL, rid = NULL",
          "UPDATE document SET name = 'junk'", "DELETE FROM member", "UPDATE link SET kind = 3", "UPDATE record SET restriction = 0",
          "INSERT INTO place(pid, parent, name, folded) SELECT max(pid) + 1, min(parent), 'Nowhere', 'nowhere' FROM place",
          "INSERT INTO place(pid, parent, name, folded) SELECT max(pid) + 1, max(pid), 'Inner nowhere', 'x' FROM place"});
  EXPECT_NE(derived(), before);
  EXPECT_EQ(outdated(), 1u);
  const auto report = must(rebuild_derived(*archive_));
  EXPECT_EQ(report.trees, 1);
  EXPECT_EQ(report.records, tree.next_n);
  EXPECT_EQ(derived(), before);
  EXPECT_EQ(outdated(), 0u);
  EXPECT_TRUE(index_agrees());
  EXPECT_EQ(find("tindo"), std::vector<std::string>{"person Tendai Moyo"});
  EXPECT_EQ(trees().front().log_size, tree.log_size) << "nothing is logged";
  EXPECT_GT(trees().front().generation, tree.generation) << "what is in memory follows";
  expect_whole();
  EXPECT_EQ(must(rebuild_derived(*archive_)).trees, 0);
}

TEST_F(DerivedTest, ATreeWithoutANumberIsOutdatedAndAnEmptyOneIsNot) {
  import_text(family());
  change({"DELETE FROM setting"});
  EXPECT_EQ(outdated(), 1u);
  {
    auto writer = must(archive_->database().writer());
    must(store::create_tree(writer, {.name = "empty"}));
    must(writer.commit());
  }
  EXPECT_EQ(outdated(), 1u);
}

TEST_F(DerivedTest, RowsOfNewerRulesAreRefusedWithTheProgramsName) {
  import_text(family());
  const auto newer = std::to_string(kDerivedVersion + 1);
  change({"UPDATE setting SET value = '" + newer + " 7.8.9'"});
  for (const bool read_only : {false, true}) {
    const auto opened = reopen(read_only);
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().code, Code::unsupported);
    EXPECT_THAT(opened.error().detail, ::testing::HasSubstr("Tablinum 7.8.9 wrote"));
    EXPECT_THAT(opened.error().detail, ::testing::HasSubstr("open the archive with that program or a newer one"));
  }
}

TEST_F(DerivedTest, WhatANewerProgramBeganToWriteIsRefusedToo) {
  import_text(family());
  change({"INSERT INTO setting(name, value) SELECT 'derived-progress/' || tree_no, '" + std::to_string(kDerivedVersion + 1) +
          " 2048' FROM tree"});
  const auto opened = reopen(false);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Code::unsupported);
  EXPECT_THAT(opened.error().detail, ::testing::HasSubstr("Tablinum of a newer version wrote"));
}

TEST_F(DerivedTest, ANewerProgramBesideThisOneIsNoticedWhenATreeIsLoaded) {
  import_text(family());
  const auto tree_no = trees().front().tree_no;
  open();
  change({"UPDATE setting SET value = '" + std::to_string(kDerivedVersion + 1) + " 7.8.9'"});
  EXPECT_EQ(archive_->graph(tree_no).error().code, Code::unsupported);
  EXPECT_EQ(archive_->index(tree_no).error().code, Code::unsupported);
}

TEST_F(DerivedTest, RowsOfTheseRulesSayWhichProgramWroteThemAndOlderOnesAreOpened) {
  import_text(family());
  EXPECT_EQ(count("SELECT count(*) FROM setting WHERE name LIKE 'derived/%' AND value LIKE '" + std::to_string(kDerivedVersion) + " %.%'"), 1);
  EXPECT_TRUE(reopen(true).has_value());
  open();
  for (const auto& older : {std::to_string(kDerivedVersion), std::to_string(kDerivedVersion - 1), std::string{"1 0.0.1"}}) {
    change({"UPDATE setting SET value = '" + older + "'"});
    open();
    EXPECT_EQ(outdated(), older == std::to_string(kDerivedVersion) ? 0u : 1u) << older;
  }
  must(rebuild_derived(*archive_));
  EXPECT_EQ(outdated(), 0u);
}

/// More records than a batch has.
std::string many() {
  std::string text;
  for (int i = 1; i <= 5000; ++i) {
    const auto number = std::to_string(i);
    text += "0 @I" + number + "@ INDI\n1 NAME Given" + number + " /Sur" + std::to_string(i % 97) + "/\n1 BIRT\n2 DATE " +
            std::to_string(1700 + i % 200) + "\n2 PLAC Village " + std::to_string(i % 13) + ", Country\n";
  }
  return gedcom(text);
}

TEST_F(DerivedTest, AnInterruptedRebuildGoesOn) {
  import_text(many());
  const auto before = derived();
  change({"UPDATE setting SET value = '1'", "UPDATE name SET sort_key = 'x'", "UPDATE event SET label = 'old'", "DELETE FROM document"});
  std::uint64_t first = 0;
  const auto stopped = rebuild_derived(*archive_, [&](std::uint64_t done, std::uint64_t) { return first = done, false; });
  ASSERT_FALSE(stopped.has_value());
  EXPECT_EQ(stopped.error().code, Code::cancelled);
  EXPECT_GT(first, 0u);
  EXPECT_LT(first, 5000u);
  EXPECT_EQ(count("SELECT count(*) FROM name WHERE sort_key = 'x'"), static_cast<std::int64_t>(5000 - first));
  EXPECT_EQ(outdated(), 1u);
  open();  // as after a crash
  EXPECT_EQ(outdated(), 1u);
  const auto report = must(rebuild_derived(*archive_));
  EXPECT_EQ(report.records, 5000 - first) << "what was done is not done again";
  EXPECT_EQ(derived(), before);
  EXPECT_TRUE(index_agrees());
  EXPECT_EQ(outdated(), 0u);
}

TEST_F(DerivedTest, ProgressOfAnotherVersionIsNotGoneOnWith) {
  import_text(many());
  const auto before = derived();
  change({"UPDATE setting SET value = '1'", "UPDATE name SET sort_key = 'x'"});
  {
    auto writer = must(archive_->database().writer());
    const auto tree = must(store::list_trees(writer)).front();
    must(store::put_setting(writer, "derived-progress/" + std::to_string(tree.tree_no), "1 4096"));
    must(writer.commit());
  }
  EXPECT_EQ(must(rebuild_derived(*archive_)).records, 5000u);
  EXPECT_EQ(derived(), before);
}

TEST_F(DerivedTest, AServerAsksForItWhenItStarts) {
  import_text(family());
  const auto before = derived();
  const auto rebuilds = [&] {
    auto reader = must(archive_->database().reader());
    std::vector<store::Job> found;
    for (const auto& job : must(store::list_jobs(reader, {}, {}, 100))) {
      if (job.kind == kRebuildJob) found.push_back(job);
    }
    return found;
  };
  {
    Jobs jobs{*archive_};
    jobs.start(0);
    EXPECT_THAT(rebuilds(), IsEmpty()) << "nothing is due";
  }
  change({"UPDATE setting SET value = '1'", "UPDATE name SET sort_key = 'x'"});
  Jobs{*archive_}.start(0);
  ASSERT_THAT(rebuilds(), SizeIs(1));
  Jobs jobs{*archive_};
  std::vector<std::string> heard;
  jobs.listen([&](const store::Job& job) { heard.push_back(job.progress); });
  jobs.start(0);
  ASSERT_THAT(rebuilds(), SizeIs(1)) << "the one that waits is enough";
  must(jobs.run_all());
  EXPECT_EQ(rebuilds().front().state, store::JobState::succeeded) << rebuilds().front().error;
  EXPECT_THAT(heard, Contains(::testing::HasSubstr("\"phase\":\"rebuild\"")));
  EXPECT_EQ(derived(), before);
  auto reader = must(archive_->database().reader());
  EXPECT_THAT(must(job_json(reader, rebuilds().front())), ::testing::HasSubstr("\"kind\":\"rebuild\""));
}

}  // namespace
}  // namespace tablinum::archive
