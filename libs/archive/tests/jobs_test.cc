// Import, export and taking back as jobs, run on this thread.
#include "tablinum/archive/jobs.h"

#include <latch>
#include <thread>

#include "fixture.h"

namespace tablinum::archive {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class JobsTest : public ArchiveTest {
 protected:
  JobsTest() { restart(); }
  ~JobsTest() override { jobs_.reset(); }
  void restart(unsigned threads = 0) {
    jobs_.reset();
    open();
    jobs_ = std::make_unique<Jobs>(*archive_);
    jobs_->start(threads);
  }
  std::string upload(std::string_view text, std::string_view name = "upload") {
    std::ofstream{path("data/uploads/" + std::string{name}), std::ios::binary} << text;
    return archive_->database().path("uploads") + '/' + std::string{name};
  }
  store::Job job(const store::JobId& id) {
    auto reader = must(archive_->database().reader());
    return must(store::find_job(reader, id));
  }
  store::Job run(const store::JobId& id) {
    must(jobs_->run_all());
    return job(id);
  }
  std::string json(const store::JobId& id) {
    auto reader = must(archive_->database().reader());
    return must(job_json(reader, must(store::find_job(reader, id))));
  }
  store::JobId import(std::string_view text = gedcom("0 @I1@ INDI\n")) {
    return must(jobs_->submit_import({.upload = upload(text), .file_name = "family", .tree_name = "Family", .into = {}}));
  }
  void sql(const std::string& text) {
    auto writer = must(archive_->database().writer());
    must(writer.execute(text));
    must(writer.commit());
  }
  std::unique_ptr<Jobs> jobs_;
};

TEST_F(JobsTest, ImportTellsItsListenersAndRemovesTheUpload) {
  std::vector<store::JobState> states;
  const auto number = jobs_->listen([&](const store::Job& job) { states.push_back(job.state); });
  const auto id = import();
  EXPECT_THAT(json(id), HasSubstr("\"queued\""));
  EXPECT_EQ(run(id).state, store::JobState::succeeded);
  jobs_->unlisten(number);
  EXPECT_EQ(states.back(), store::JobState::succeeded);
  EXPECT_FALSE(std::filesystem::exists(path("data/uploads/upload")));
  const auto report = must(import_report_from_json(job(id).result));
  EXPECT_EQ(report.id, id);
  EXPECT_EQ(report.lossless, true);
  EXPECT_THAT(json(id), HasSubstr(to_string(report.tree.value())));
  EXPECT_EQ(file_name_of_import(job(id)), "family");
}

TEST_F(JobsTest, ABadFileFailsWithItsReasonAndTheUploadGoes) {
  const auto id = import("no gedcom at all");
  EXPECT_EQ(run(id).state, store::JobState::failed);
  EXPECT_THAT(json(id), HasSubstr("\"corrupt\""));
  EXPECT_FALSE(std::filesystem::exists(path("data/uploads/upload")));
  expect_empty();
}

TEST_F(JobsTest, ExportAndTakingBack) {
  const auto imported = import();
  run(imported);
  const auto tree = trees().front();
  for (const auto& options : {ExportOptions{}, ExportOptions{.media = true}, ExportOptions{.version = ExportVersion::gedcom70},
                              ExportOptions{.version = ExportVersion::gedcom551, .redact_living = true}}) {
    const auto id = must(jobs_->submit_export(tree, options));
    EXPECT_EQ(run(id).state, store::JobState::succeeded) << job(id).error;
    EXPECT_THAT(json(id), HasSubstr(options.media ? "Family.gdz" : "Family.ged"));
    EXPECT_TRUE(std::filesystem::is_empty(path("data/tmp")));
  }
  const auto undo = must(jobs_->submit_undo(imported));
  EXPECT_EQ(run(undo).state, store::JobState::succeeded);
  expect_empty();
  EXPECT_EQ(jobs_->submit_undo(imported).error().code, Code::not_found);
}

TEST_F(JobsTest, AnImportWithoutAJobIsListedAndCanBeTakenBack) {
  const auto report = must(try_import(write("moyo.ged", gedcom("0 @I1@ INDI\n1 NAME Rudo /Moyo/\n"))));
  const auto found = job(report.id);
  EXPECT_EQ(found.kind, kImportJob);
  EXPECT_EQ(found.state, store::JobState::succeeded);
  EXPECT_EQ(file_name_of_import(found), "moyo.ged");
  const auto kept = must(import_report_from_json(found.result));
  EXPECT_EQ(kept.counts.at("INDI"), 1U);
  EXPECT_EQ(kept.lossless, true);
  EXPECT_THAT(json(report.id), HasSubstr(to_string(report.tree.value())));
  restart();
  EXPECT_EQ(job(report.id).state, store::JobState::succeeded) << "nothing runs it again";
  EXPECT_EQ(run(must(jobs_->submit_undo(report.id))).state, store::JobState::succeeded);
  EXPECT_THAT(trees(), IsEmpty());
}

TEST_F(JobsTest, AProblemHasTheStatusOfItsError) {
  const auto id = import("not a family tree");
  ASSERT_EQ(run(id).state, store::JobState::failed);
  EXPECT_THAT(json(id), HasSubstr("\"code\":\"corrupt\",\"title\":\"The job failed\",\"status\":422"));
  const auto undone = must(try_import(write("a.ged", gedcom("0 @I1@ INDI\n"))));
  auto hex = to_string(undone.id.value());
  std::erase(hex, '-');
  sql("UPDATE job SET state = 5, error = 'no_space: the disk' WHERE id = x'" + hex + "'");
  EXPECT_THAT(json(undone.id), HasSubstr("\"status\":507"));
}

TEST_F(JobsTest, TakingBackAgainAfterACrashIsNoFailure) {
  const auto imported = import();
  run(imported);
  const auto first = must(jobs_->submit_undo(imported));
  const auto second = must(jobs_->submit_undo(imported));
  EXPECT_EQ(run(first).state, store::JobState::succeeded);
  EXPECT_EQ(job(second).state, store::JobState::succeeded);
}

TEST_F(JobsTest, AJobWhoseProgramWasKilledGoesOnAtTheNextStart) {
  const auto id = import();
  // As a kill leaves it: running, its lease run out, its import begun.
  sql("UPDATE job SET state = 2, attempt = 1, lease_until = 9000000000000000");
  { auto import = must(store::Import::begin(archive_->database(), {.id = id, .tree_name = "half"})); }
  restart();
  EXPECT_THAT(trees(), IsEmpty());
  EXPECT_EQ(run(id).state, store::JobState::succeeded) << job(id).error;
  EXPECT_THAT(trees(), SizeIs(1));
}

TEST_F(JobsTest, AnImportThatKeepsEndingTheProgramIsGivenUp) {
  constexpr int kAttemptsMax = 10;
  const auto last = import();
  sql("UPDATE job SET state = 2, attempt = " + std::to_string(kAttemptsMax - 1) + ", lease_until = 1");
  EXPECT_EQ(run(last).state, store::JobState::succeeded);
  const auto over = import();
  sql("UPDATE job SET state = 2, attempt = " + std::to_string(kAttemptsMax) + ", lease_until = 1 WHERE finished_at IS NULL");
  EXPECT_EQ(run(over).state, store::JobState::failed);
  EXPECT_FALSE(std::filesystem::exists(path("data/uploads/upload")));
}

TEST_F(JobsTest, AJobKilledBetweenPublishingAndSayingSoSucceeds) {
  const auto id = import();
  const auto text = read(path("data/uploads/upload"));
  run(id);
  const auto result = job(id).result;
  upload(text);
  sql("UPDATE job SET state = 2, result = NULL, lease_until = 1");
  restart();
  EXPECT_EQ(run(id).state, store::JobState::succeeded) << job(id).error;
  EXPECT_THAT(trees(), SizeIs(1));
  EXPECT_EQ(must(import_report_from_json(job(id).result)).tree, must(import_report_from_json(result)).tree);
}

TEST_F(JobsTest, UploadsThatNobodyWaitsForGoAtTheStart) {
  const auto id = import();
  upload("of a request that broke off", "lost");
  restart();
  EXPECT_FALSE(std::filesystem::exists(path("data/uploads/lost")));
  EXPECT_TRUE(std::filesystem::exists(path("data/uploads/upload")));
  EXPECT_EQ(run(id).state, store::JobState::succeeded);
}

TEST_F(JobsTest, TheDataFolderMayMoveBeforeAJobRuns) {
  const auto id = import();
  jobs_.reset();
  archive_.reset();
  std::filesystem::rename(path("data"), path("moved"));
  archive_ = must(Archive::open({.folder = path("moved")}));
  jobs_ = std::make_unique<Jobs>(*archive_);
  jobs_->start(0);
  EXPECT_EQ(run(id).state, store::JobState::succeeded) << job(id).error;
}

TEST_F(JobsTest, AShutdownKeepsTheUploadOfAnImportThatGoesOn) {
  restart(1);
  std::latch running{1};
  jobs_->listen([&](const store::Job& now) {
    if (now.state != store::JobState::running || running.try_wait()) return;
    running.count_down();
    std::this_thread::sleep_for(std::chrono::milliseconds{300});  // the handler begins after stop()
  });
  const auto id = import();
  running.wait();
  jobs_->stop();
  EXPECT_EQ(job(id).state, store::JobState::queued);
  EXPECT_TRUE(std::filesystem::exists(path("data/uploads/upload")));
  restart();
  EXPECT_EQ(run(id).state, store::JobState::succeeded) << job(id).error;
}

TEST_F(JobsTest, ACancelledJobLeavesNothing) {
  const auto id = import();
  must(jobs_->cancel(id));
  EXPECT_EQ(run(id).state, store::JobState::cancelled);
  EXPECT_EQ(jobs_->cancel(id).error().code, Code::conflict);
  expect_empty();
  restart();
  EXPECT_TRUE(std::filesystem::is_empty(path("data/uploads")));
}

}  // namespace
}  // namespace tablinum::archive
