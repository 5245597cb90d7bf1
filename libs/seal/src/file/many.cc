#include <algorithm>
#include <atomic>
#include <mutex>

#include "file/keys.h"
#include "file/writer.h"

namespace tablinum::seal {
namespace {

/// Files up to this size are read whole, so that sealing them needs no pipeline.
constexpr std::size_t kSmallBytes = std::size_t{1} << 20;

/// What has been read already, then the rest.
class ContinuedSource final : public Source {
 public:
  ContinuedSource(ByteView begin, Source& rest) noexcept : begin_{begin}, rest_{rest} {}
  Result<std::size_t> read(MutableBytes into) override {
    if (begin_.empty()) return rest_.read(into);
    const std::size_t count = std::min(into.size(), begin_.size());
    std::copy_n(begin_.begin(), count, into.begin());
    begin_ = begin_.subspan(count);
    return count;
  }

 private:
  ByteView begin_;
  Source& rest_;
};

/// The buffers of one thread, used for one file after the other.
class Worker {
 public:
  Worker() : in_(kSmallBytes) {}
  ~Worker() {
    wipe(in_);
    wipe(out_);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// @param small called with the whole input and the buffer for the output.  @param large called with streams.
  /// Both give the bytes of content.
  Result<std::uint64_t> run(const FileJob& job, const SinkOptions& options, FunctionRef<Result<std::uint64_t>(ByteView, Bytes&)> small,
                            FunctionRef<Result<std::uint64_t>(Source&, Sink&)> large) {
    TRY(source, open_source(job.in));
    TRY(sink, create_sink(job.out, options));
    TRY(got, read_full(*source, in_));
    if (got == in_.size()) {
      ContinuedSource whole{in_, *source};
      return large(whole, *sink);
    }
    TRY(content, small(ByteView{in_}.first(got), out_));
    CHECK_OK(sink->write(out_));
    CHECK_OK(sink->finish());
    return content;
  }

 private:
  Bytes in_, out_;
};

template <class Report>
Result<std::uint64_t> content_of(Result<Report> report) {
  if (!report) return std::unexpected(std::move(report).error());
  return report->content_bytes;
}

using OneJob = FunctionRef<Result<std::uint64_t>(Worker&, const FileJob&)>;

Result<std::uint64_t> fail_stopped() { return fail(Code::cancelled, "stopped"); }

void for_each_job(std::span<const FileJob> jobs, Executor& executor, OneJob one, JobDone done) {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> stopped = false;
  std::mutex telling;
  executor.for_each(std::min<std::size_t>(executor.threads(), jobs.size()), [&](std::size_t) {
    Worker worker;
    for (std::size_t job = 0; (job = next.fetch_add(1)) < jobs.size();) {
      const auto result = stopped ? fail_stopped() : one(worker, jobs[job]);
      const std::lock_guard lock{telling};
      if (!done(job, result)) stopped = true;
    }
  });
}

}  // namespace

void seal_files(std::span<const FileJob> jobs, Recipients recipients, const SealOptions& options, const SinkOptions& sink,
                Executor& executor, JobDone done) {
  const Run run{.executor = jobs.size() == 1 ? &executor : nullptr, .progress = {}};
  const auto small = [&](ByteView plain, Bytes& out) { return content_of(seal(plain, out, recipients, options, run)); };
  const auto large = [&](Source& in, Sink& out) { return content_of(seal(in, out, recipients, options, run)); };
  for_each_job(jobs, executor, [&](Worker& worker, const FileJob& job) { return worker.run(job, sink, small, large); }, done);
}

void open_files(std::span<const FileJob> jobs, Openers keys, const OpenOptions& options, const SinkOptions& sink, Executor& executor,
                JobDone done) {
  const Run run{.executor = jobs.size() == 1 ? &executor : nullptr, .progress = {}};
  const auto small = [&](ByteView sealed, Bytes& out) { return content_of(open(sealed, out, keys, options, run)); };
  const auto large = [&](Source& in, Sink& out) { return content_of(open(in, out, keys, options, run)); };
  for_each_job(jobs, executor, [&](Worker& worker, const FileJob& job) { return worker.run(job, sink, small, large); }, done);
}

}  // namespace tablinum::seal
