#include "tablinum/store/jobs.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>

#include "fixture.h"

namespace tablinum::store {
namespace {

using testing::ElementsAre;

constexpr Timestamp kNow{1'700'000'000'000};
constexpr Duration kLease = Duration::seconds(60);
Timestamp after(std::int64_t seconds) { return {kNow.ms + seconds * 1000}; }

class Jobs : public StoreTest {
 protected:
  template <class Act>
  auto in(Act act) {
    auto writer = must(database->writer());
    auto result = act(writer);
    if (result) must(writer.commit());
    return result;
  }
  JobId add(std::string_view kind, std::optional<Timestamp> run_at = {}) {
    return must(in([&](Writer& w) { return enqueue(w, {.kind = kind, .run_at = run_at}, kNow); }));
  }
  std::optional<Job> lease(Timestamp now, std::vector<std::string> kinds = {"import"}) {
    return must(in([&](Writer& w) { return lease_job(w, kinds, kLease, now); }));
  }
  Job job(const JobId& id) {
    auto reader = read();
    return must(find_job(reader, id));
  }
};

TEST_F(Jobs, AreLeasedInTheirOrderAndFinished) {
  const JobId late = add("import", after(10)), first = add("import"), other = add("export");
  EXPECT_EQ(lease(kNow)->id, first);
  EXPECT_FALSE(lease(kNow).has_value());  // the other kind is not for us, the late one not due
  EXPECT_EQ(lease(after(10))->id, late);
  EXPECT_EQ(lease(kNow, {"export"})->id, other);
  EXPECT_TRUE(must(in([&](Writer& w) { return heartbeat(w, first, 1, kLease, R"({"done":1})", after(30)); })));
  EXPECT_EQ(job(first).progress, R"({"done":1})");
  EXPECT_EQ(job(first).lease_until, after(90));
  must(in([&](Writer& w) { return finish_job(w, first, 1, R"({"tree":1})", after(31)); }));
  EXPECT_EQ(job(first).state, JobState::succeeded);
  EXPECT_EQ(job(first).result, R"({"tree":1})");
  EXPECT_EQ(job(first).finished_at, after(31));
  EXPECT_EQ(in([&](Writer& w) { return finish_job(w, first, 1, "{}", after(31)); }).error().code, Code::conflict);
}

TEST_F(Jobs, ALostLeaseGoesToAnother) {
  const JobId id = add("import");
  EXPECT_EQ(lease(kNow)->attempt, 1);
  EXPECT_FALSE(lease(after(59)).has_value());
  EXPECT_EQ(lease(after(60))->attempt, 2);
  EXPECT_EQ(in([&](Writer& w) { return heartbeat(w, id, 1, kLease, {}, after(61)); }).error().code, Code::conflict);
  EXPECT_EQ(in([&](Writer& w) { return fail_job(w, id, 1, "x", {}, after(61)); }).error().code, Code::conflict);
  must(in([&](Writer& w) { return fail_job(w, id, 2, "try again", Duration::seconds(5), after(62)); }));
  EXPECT_EQ(job(id).state, JobState::queued);
  EXPECT_FALSE(lease(after(66)).has_value());
  EXPECT_EQ(lease(after(67))->attempt, 3);
  must(in([&](Writer& w) { return fail_job(w, id, 3, "no more", {}, after(68)); }));
  EXPECT_EQ(job(id).state, JobState::failed);
  EXPECT_EQ(job(id).error, "no more");
}

TEST_F(Jobs, AreCancelledWaitingOrRunningOrAbandoned) {
  const JobId waiting = add("import");
  must(in([&](Writer& w) { return cancel_job(w, waiting, kNow); }));
  EXPECT_EQ(job(waiting).state, JobState::cancelled);
  EXPECT_EQ(in([&](Writer& w) { return cancel_job(w, waiting, kNow); }).error().code, Code::conflict);
  EXPECT_EQ(in([&](Writer& w) { return cancel_job(w, JobId{}, kNow); }).error().code, Code::not_found);

  const JobId running = add("import");
  lease(kNow);
  must(in([&](Writer& w) { return cancel_job(w, running, kNow); }));
  EXPECT_FALSE(must(in([&](Writer& w) { return heartbeat(w, running, 1, kLease, {}, kNow); })));
  must(in([&](Writer& w) { return cancel_finished(w, running, 1, kNow); }));
  EXPECT_EQ(job(running).state, JobState::cancelled);

  const JobId abandoned = add("import");
  lease(kNow);
  must(in([&](Writer& w) { return cancel_job(w, abandoned, kNow); }));
  EXPECT_FALSE(lease(after(60)).has_value());
  EXPECT_EQ(job(abandoned).state, JobState::cancelled);
}

TEST_F(Jobs, TextsHaveALimit) {
  const std::string fits(kJobTextBytesMax, 'x'), over = fits + "x";
  EXPECT_EQ(in([&](Writer& w) { return enqueue(w, {.kind = "import", .arguments = over}, kNow); }).error().code,
            Code::too_large);
  const JobId id = must(in([&](Writer& w) { return enqueue(w, {.kind = "import", .arguments = fits}, kNow); }));
  lease(kNow);
  EXPECT_EQ(in([&](Writer& w) { return heartbeat(w, id, 1, kLease, over, kNow); }).error().code, Code::too_large);
  EXPECT_EQ(in([&](Writer& w) { return finish_job(w, id, 1, over, kNow); }).error().code, Code::too_large);
  must(in([&](Writer& w) { return finish_job(w, id, 1, fits, kNow); }));
}

TEST_F(Jobs, AreListedNewestFirst) {
  const JobId a = add("import"), b = must(in([&](Writer& w) { return enqueue(w, {.kind = "export", .tree_no = 5}, kNow); }));
  auto reader = read();
  EXPECT_EQ(must(list_jobs(reader, {}, {}, 10)).front().id, b);
  EXPECT_EQ(must(list_jobs(reader, {}, b, 10)).front().id, a);
  EXPECT_EQ(must(list_jobs(reader, 5, {}, 10)).size(), 1u);
  EXPECT_EQ(find_job(reader, JobId{}).error().code, Code::not_found);
}

// ---- The runner
// --------------------------------------------------------------------------------------------------------------------

TEST_F(Jobs, TheRunnerReportsAndStoresOutcomes) {
  JobRunner runner{*database};
  must(runner.add_kind({.name = "good", .handler = [](JobContext& context) -> Result<std::string> {
                          EXPECT_TRUE(context.progress(R"({"half":true})"));
                          return context.job().arguments;
                        }}));
  must(runner.add_kind({.name = "flaky",
                        .handler = [](JobContext&) -> Result<std::string> { return fail(Code::unavailable, "later"); },
                        .attempts_max = 2,
                        .backoff = Duration{}}));
  must(runner.add_kind(
      {.name = "bad", .handler = [](JobContext&) -> Result<std::string> { return fail(Code::corrupt, "no"); }}));
  EXPECT_EQ(runner.add_kind({.name = "bad"}).error().code, Code::exists);
  std::vector<JobState> states;
  runner.on_change([&](const Job& changed) {
    if (changed.kind == "good") states.push_back(changed.state);
  });
  runner.start(0);
  EXPECT_EQ(runner.add_kind({.name = "late"}).error().code, Code::invalid);
  EXPECT_EQ(runner.submit({.kind = "unknown"}).error().code, Code::invalid);
  const JobId good = must(runner.submit({.kind = "good", .arguments = R"({"x":1})"}));
  const JobId flaky = must(runner.submit({.kind = "flaky"})), bad = must(runner.submit({.kind = "bad"}));
  int ran = 0;
  while (must(runner.run_one())) ++ran;
  EXPECT_EQ(ran, 4);
  EXPECT_EQ(job(good).state, JobState::succeeded);
  EXPECT_EQ(job(good).result, R"({"x":1})");
  EXPECT_EQ(job(good).progress, R"({"half":true})");
  EXPECT_THAT(states, ElementsAre(JobState::queued, JobState::running, JobState::running, JobState::succeeded));
  EXPECT_EQ(job(flaky).state, JobState::failed);
  EXPECT_EQ(job(flaky).attempt, 2);
  EXPECT_EQ(job(bad).state, JobState::failed);
  EXPECT_EQ(job(bad).attempt, 1);
}

// A job that writes must not wait for itself when its progress falls due: its listeners hear it, the database learns it later.
TEST_F(Jobs, ProgressDuringTheJobsOwnTransactionWaitsForNobody) {
  JobRunner runner{*database};
  std::vector<std::string> heard;
  runner.on_change([&](const Job& now) { heard.push_back(now.progress); });
  must(runner.add_kind({.name = "writing", .handler = [&](JobContext& context) -> Result<std::string> {
                          {
                            TRY(writer, database->writer());
                            usleep(600'000);  // longer than the time between two writes of progress
                            EXPECT_TRUE(context.progress(R"({"done":1})"));
                            CHECK_OK(writer.commit());
                          }
                          return std::string{"{}"};
                        }}));
  const JobId id = must(runner.submit({.kind = "writing"}));
  EXPECT_TRUE(must(runner.run_one()));
  EXPECT_THAT(heard, testing::Contains(R"({"done":1})"));
  EXPECT_EQ(job(id).progress, R"({"done":1})");
  EXPECT_EQ(job(id).state, JobState::succeeded);
}

TEST_F(Jobs, ARunningJobIsCancelledOrGoesOnAtTheNextStart) {
  std::atomic<int> begun = 0;
  const JobKind patient{.name = "patient", .handler = [&](JobContext& context) -> Result<std::string> {
                          ++begun;
                          while (context.keep_alive()) usleep(1000);
                          return fail(Code::cancelled);
                        }};
  const auto wait_until = [&](int count) {
    const Instant deadline = monotonic_now() + Duration::seconds(20);
    while (begun < count && monotonic_now() < deadline) usleep(1000);
    EXPECT_EQ(begun, count);
  };
  JobId stopped;
  {
    JobRunner runner{*database};
    must(runner.add_kind(patient));
    runner.start(2);
    const JobId cancelled = must(runner.submit({.kind = "patient"}));
    wait_until(1);
    must(runner.cancel(cancelled));
    const Instant deadline = monotonic_now() + Duration::seconds(20);
    while (job(cancelled).state != JobState::cancelled && monotonic_now() < deadline) usleep(1000);
    EXPECT_EQ(job(cancelled).state, JobState::cancelled);
    stopped = must(runner.submit({.kind = "patient"}));
    wait_until(2);
  }
  EXPECT_EQ(job(stopped).state, JobState::queued);
}

}  // namespace
}  // namespace tablinum::store
