#include "tablinum/store/jobs.h"

#include "writer_state.h"

namespace tablinum::store {
namespace {

constexpr std::string_view kColumns =
    "SELECT id, kind, state, tree_no, actor, arguments, progress, result, error, attempt, run_at, lease_until, created_at, "
    "finished_at FROM job ";
constexpr std::string_view kColumnTypes = "btiiittttiiiii";

Result<Job> read_job(const Rows& rows) {
  TRY(id, uuid_from_bytes(rows.bytes(0)));
  Job job{.id = JobId{id},
          .kind = std::string{rows.text(1)},
          .state = static_cast<JobState>(rows.integer(2)),
          .tree_no = rows.optional_integer(3),
          .actor = rows.integer(4),
          .arguments = std::string{rows.text(5)},
          .progress = std::string{rows.text(6)},
          .result = std::string{rows.text(7)},
          .error = std::string{rows.text(8)},
          .attempt = static_cast<std::int32_t>(rows.integer(9)),
          .run_at = Timestamp{rows.integer(10)},
          .created_at = Timestamp{rows.integer(12)}};
  if (!rows.is_null(11)) job.lease_until = Timestamp{rows.integer(11)};
  if (!rows.is_null(13)) job.finished_at = Timestamp{rows.integer(13)};
  return job;
}

std::string select(std::string_view rest) { return std::string{kColumns}.append(rest); }

Result<std::vector<Job>> all(Rows rows) {
  std::vector<Job> jobs;
  while (rows.next()) {
    TRY(job, read_job(rows));
    jobs.push_back(std::move(job));
  }
  CHECK_OK(rows.status());
  return jobs;
}

Result<void> check_text(std::string_view text) {
  if (text.size() > kJobTextBytesMax) return fail(Code::too_large, "a job's text");
  return {};
}

/// The job, if this attempt still holds it.
Result<Job> held(Writer& writer, const JobId& id, std::int32_t attempt) {
  TRY(job, find_job(writer, id));
  const bool at_work = job.state == JobState::running || job.state == JobState::cancelling;
  if (!at_work || job.attempt != attempt) return fail(Code::conflict, "the job's lease was lost");
  return std::move(job);
}

Result<void> end(Writer& writer, const JobId& id, JobState state, std::string_view result, std::string_view error,
                 Timestamp now) {
  return writer
      .statement("UPDATE job SET state = :1, result = :2, error = :3, lease_until = NULL, finished_at = :4 WHERE id = :5",
                 "ittib")
      .run(state, null_if_empty(result), null_if_empty(error), now.ms, id);
}

/// Jobs whose worker is gone: their lease ran out while they were asked to stop.
Result<void> end_abandoned_cancellations(Writer& writer, Timestamp now) {
  return writer
      .statement("UPDATE job SET state = :1, lease_until = NULL, finished_at = :2 WHERE state = :3 AND lease_until <= :4",
                 "iiii")
      .run(JobState::cancelled, now.ms, JobState::cancelling, now.ms);
}

bool is_wanted(std::span<const std::string> kinds, const Job& job) { return std::ranges::find(kinds, job.kind) != kinds.end(); }

}  // namespace

std::string_view to_string(JobState state) noexcept {
  constexpr std::string_view names[] = {"queued", "running", "cancelling", "succeeded", "failed", "cancelled"};
  const auto index = static_cast<std::size_t>(state) - 1;
  return index < std::size(names) ? names[index] : "unknown";
}

Result<JobId> enqueue(Writer& writer, const JobDraft& draft, Timestamp now) {
  CHECK_OK(check_text(draft.arguments));
  const JobId id{writer.database().ids().next()};
  CHECK_OK(writer
               .statement("INSERT INTO job(id, kind, state, tree_no, actor, arguments, attempt, run_at, created_at) "
                          "VALUES(:1, :2, :3, :4, :5, :6, 0, :7, :8)",
                          "btiiitii")
               .run(id, draft.kind, JobState::queued, draft.tree_no, draft.actor, draft.arguments,
                    draft.run_at.value_or(now).ms, now.ms));
  return id;
}

Result<void> add_finished_job(Writer& writer, const JobId& id, const JobDraft& draft, std::string_view result, Timestamp now) {
  CHECK_OK(check_text(draft.arguments));
  CHECK_OK(check_text(result));
  return writer
      .statement("INSERT INTO job(id, kind, state, tree_no, actor, arguments, result, attempt, run_at, created_at, finished_at) "
                 "VALUES(:1, :2, :3, :4, :5, :6, :7, 0, :8, :9, :10)",
                 "btiiittiii")
      .run(id, draft.kind, JobState::succeeded, draft.tree_no, draft.actor, draft.arguments, result,
           draft.run_at.value_or(now).ms, draft.run_at.value_or(now).ms, now.ms);
}

Result<std::optional<Job>> lease_job(Writer& writer, std::span<const std::string> kinds, Duration lease, Timestamp now) {
  CHECK_OK(end_abandoned_cancellations(writer, now));
  auto rows =
      writer
          .statement(select("WHERE (state = :1 AND run_at <= :2) OR (state = :3 AND lease_until <= :4) ORDER BY run_at, id"),
                     "iiii", kColumnTypes)
          .query(JobState::queued, now.ms, JobState::running, now.ms);
  std::optional<Job> due;
  while (!due && rows.next()) {
    TRY(job, read_job(rows));
    if (is_wanted(kinds, job)) due = std::move(job);
  }
  CHECK_OK(rows.status());
  if (!due) return due;
  due->state = JobState::running;
  ++due->attempt;
  due->lease_until = Timestamp{now.ms + lease.milliseconds()};
  CHECK_OK(writer.statement("UPDATE job SET state = :1, attempt = :2, lease_until = :3 WHERE id = :4", "iiib")
               .run(due->state, due->attempt, due->lease_until->ms, due->id));
  return due;
}

Result<void> expire_leases(Writer& writer, Timestamp now) {
  return writer.statement("UPDATE job SET lease_until = :1 WHERE lease_until > :1", "i").run(now.ms);
}

Result<bool> heartbeat(Writer& writer, const JobId& id, std::int32_t attempt, Duration lease, std::string_view progress,
                       Timestamp now) {
  CHECK_OK(check_text(progress));
  TRY(job, held(writer, id, attempt));
  CHECK_OK(writer.statement("UPDATE job SET lease_until = :1, progress = coalesce(:2, progress) WHERE id = :3", "itb")
               .run(now.ms + lease.milliseconds(), null_if_empty(progress), id));
  return job.state == JobState::running;
}

Result<void> finish_job(Writer& writer, const JobId& id, std::int32_t attempt, std::string_view result, Timestamp now) {
  CHECK_OK(check_text(result));
  TRY(job, held(writer, id, attempt));
  return end(writer, job.id, JobState::succeeded, result, {}, now);
}

Result<void> fail_job(Writer& writer, const JobId& id, std::int32_t attempt, std::string_view error,
                      std::optional<Duration> retry_after, Timestamp now) {
  error = error.substr(0, kJobTextBytesMax);
  TRY(job, held(writer, id, attempt));
  if (job.state == JobState::cancelling) return end(writer, id, JobState::cancelled, {}, error, now);
  if (!retry_after) return end(writer, id, JobState::failed, {}, error, now);
  return writer.statement("UPDATE job SET state = :1, error = :2, lease_until = NULL, run_at = :3 WHERE id = :4", "itib")
      .run(JobState::queued, error, now.ms + retry_after->milliseconds(), id);
}

Result<void> cancel_finished(Writer& writer, const JobId& id, std::int32_t attempt, Timestamp now) {
  TRY(job, held(writer, id, attempt));
  return end(writer, job.id, JobState::cancelled, {}, {}, now);
}

Result<void> cancel_job(Writer& writer, const JobId& id, Timestamp now) {
  TRY(job, find_job(writer, id));
  if (is_final(job.state)) return fail(Code::conflict, "the job is over");
  if (job.state == JobState::queued) return end(writer, id, JobState::cancelled, {}, {}, now);
  return writer.statement("UPDATE job SET state = :1 WHERE id = :2", "ib").run(JobState::cancelling, id);
}

Result<Job> find_job(Session& session, const JobId& id) {
  TRY(found, all(session.statement(select("WHERE id = :1"), "b", kColumnTypes).query(id)));
  if (found.empty()) return fail(Code::not_found, "no such job");
  return std::move(found.front());
}

Result<std::vector<Job>> list_jobs(Session& session, std::optional<std::int64_t> tree_no, const std::optional<JobId>& before,
                                   std::size_t limit) {
  // No id is above this one.
  constexpr Uuid kHighest{{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}};
  const Uuid below = before ? before->value() : kHighest;
  if (tree_no) {
    return all(session.statement(select("WHERE tree_no = :1 AND id < :2 ORDER BY id DESC LIMIT :3"), "ibi", kColumnTypes)
                   .query(*tree_no, below, limit));
  }
  return all(session.statement(select("WHERE id < :1 ORDER BY id DESC LIMIT :2"), "bi", kColumnTypes).query(below, limit));
}

}  // namespace tablinum::store
