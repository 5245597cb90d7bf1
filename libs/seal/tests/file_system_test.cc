/// Sealed files on the disk: many at once, a full disk, a closed pipe, memory.
#include <csignal>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "file_harness.h"

namespace tablinum::seal {
namespace {

using testing::content_of;
using testing::Pair;

class FileSystem : public ::testing::Test {
 protected:
  FileSystem() {
    std::string name = ::testing::TempDir() + "sealed_files_XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~FileSystem() override { std::filesystem::remove_all(folder_); }
  std::string at(const std::string& name) const { return folder_ + "/" + name; }
  static Bytes bytes_at(const std::string& path) { return read_all(*open_source(path).value(), std::size_t{1} << 30).value(); }
  void put(const std::string& name, ByteView bytes) {
    auto sink = create_sink(at(name)).value();
    ASSERT_TRUE(sink->write(bytes));
    ASSERT_TRUE(sink->finish());
  }
  std::set<std::string> names() const {
    std::set<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator{folder_}) all.insert(entry.path().filename());
    return all;
  }
  std::string folder_;
};

TEST_F(FileSystem, ManyFilesSmallAndLarge) {
  const auto pool = make_thread_pool(3);
  std::vector<FileJob> seal_jobs;
  std::vector<FileJob> open_jobs;
  std::vector<std::size_t> sizes(60);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    sizes[i] = i % 20 == 7 ? (std::size_t{1} << 20) + i - 27 : i * 1000;
    const std::string name = std::to_string(i);
    put(name, content_of(sizes[i]));
    seal_jobs.push_back({at(name), at(name + ".sealed")});
    open_jobs.push_back({at(name + ".sealed"), at(name + ".opened")});
  }
  std::set<std::size_t> done;
  const auto note = [&](std::size_t job, const Result<std::uint64_t>& bytes) {
    EXPECT_TRUE(done.insert(job).second);
    EXPECT_EQ(bytes.value_or(0), sizes[job]);
    return true;
  };
  const Pair pair;
  seal_files(seal_jobs, pair.recipients(), {}, {}, *pool, note);
  EXPECT_EQ(done.size(), sizes.size());
  done.clear();
  open_files(open_jobs, pair.openers(), {}, {}, *pool, note);
  EXPECT_EQ(done.size(), sizes.size());
  for (std::size_t i = 0; i < sizes.size(); ++i) EXPECT_EQ(bytes_at(open_jobs[i].out), content_of(sizes[i]));
}

TEST_F(FileSystem, OneBadFileOfManyLeavesNothingAndTheOthersAreDone) {
  const auto pool = make_thread_pool(2);
  const Pair pair;
  for (const auto* name : {"a", "b", "c"}) put(name, testing::sealed_of(content_of(5000)));
  Bytes bad = testing::sealed_of(content_of(5000));
  bad.back() ^= std::byte{1};
  put("bad", bad);
  put("there", {});
  const std::vector<FileJob> jobs{{at("a"), at("a.out")}, {at("bad"), at("bad.out")}, {at("b"), at("there")}, {at("no"), at("no.out")},
                                  {at("c"), at("c.out")}};
  std::vector<std::optional<Code>> codes(jobs.size());
  open_files(jobs, pair.openers(), {}, {}, *pool, [&](std::size_t job, const Result<std::uint64_t>& bytes) {
    if (!bytes) codes[job] = bytes.error().code;
    return true;
  });
  EXPECT_EQ(codes, (std::vector<std::optional<Code>>{std::nullopt, Code::corrupt, Code::exists, Code::not_found, std::nullopt}));
  EXPECT_EQ(names(), (std::set<std::string>{"a", "a.out", "b", "bad", "c", "c.out", "there"}));
}

TEST_F(FileSystem, ManyStopWhenAsked) {
  put("in", content_of(10));
  const Pair pair;
  std::vector<FileJob> jobs;
  for (int i = 0; i < 50; ++i) jobs.push_back({at("in"), at("out" + std::to_string(i))});
  std::size_t fine = 0;
  std::size_t cancelled = 0;
  seal_files(jobs, pair.recipients(), {}, {}, inline_executor(), [&](std::size_t, const Result<std::uint64_t>& bytes) {
    (bytes ? fine : cancelled) += 1;
    return fine < 5;
  });
  EXPECT_EQ(fine, 5U);
  EXPECT_EQ(cancelled, 45U);
}

/// Runs `body` in a process of its own, whose limits may then be set.  @return its exit status.
int in_child(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST_F(FileSystem, AFullDiskIsReportedAndLeavesNothing) {
  const Bytes content = content_of(3'000'000);
  put("sealed", testing::sealed_of(content));
  const auto code_under_limit = [&](const std::function<Result<void>(Sink&)>& work) {
    return in_child([&] {
      std::signal(SIGXFSZ, SIG_IGN);
      const rlimit limit{1'000'000, 1'000'000};
      setrlimit(RLIMIT_FSIZE, &limit);
      auto sink = create_sink(at("out")).value();
      const auto done = work(*sink);
      sink.reset();
      return done ? 0 : static_cast<int>(done.error().code);
    });
  };
  EXPECT_EQ(code_under_limit([&](Sink& out) -> Result<void> {
              MemorySource in{content};
              CHECK_OK(seal(in, out, Pair{}.recipients()));
              return {};
            }),
            static_cast<int>(Code::no_space));
  EXPECT_EQ(code_under_limit([&](Sink& out) -> Result<void> {
              auto in = open_source(at("sealed")).value();
              CHECK_OK(open(*in, out, Pair{}.openers()));
              return {};
            }),
            static_cast<int>(Code::no_space));
  EXPECT_EQ(names(), std::set<std::string>{"sealed"});
}

TEST_F(FileSystem, AClosedPipeIsReported) {
  EXPECT_EQ(in_child([] {
              std::signal(SIGPIPE, SIG_IGN);
              int ends[2];
              if (pipe(ends) != 0) return -1;
              close(ends[0]);
              dup2(ends[1], STDOUT_FILENO);
              const Bytes content = content_of(1'000'000);
              MemorySource in{content};
              auto out = create_sink("-").value();
              const auto done = seal(in, *out, Pair{}.recipients());
              return done ? 0 : static_cast<int>(done.error().code);
            }),
            static_cast<int>(Code::closed));
}

/// Zeros without end, of which `left` are given.
class Zeros final : public Source {
 public:
  explicit Zeros(std::uint64_t bytes) : left_{bytes} {}
  Result<std::size_t> read(MutableBytes into) override {
    const auto count = std::min<std::uint64_t>(into.size(), left_);
    std::ranges::fill(into.first(count), std::byte{});
    left_ -= count;
    return count;
  }

 private:
  std::uint64_t left_;
};

/// A pipe between two threads.
class PipeEnd final : public Source, public Sink {
 public:
  explicit PipeEnd(int fd) : fd_{fd} {}
  ~PipeEnd() override { close(fd_); }
  Result<std::size_t> read(MutableBytes into) override {
    const ssize_t got = ::read(fd_, into.data(), into.size());
    if (got < 0) return fail(Code::io, "read");
    return static_cast<std::size_t>(got);
  }
  Result<void> write(ByteView bytes) override {
    while (!bytes.empty()) {
      const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
      if (put < 0) return fail(Code::closed, "write");
      bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return {};
  }

 private:
  int fd_;
};

class Counter final : public Sink {
 public:
  Result<void> write(ByteView written) override {
    bytes += written.size();
    return {};
  }
  std::uint64_t bytes = 0;
};

/// What this process has ever had in memory.
long memory_kib_max() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// The buffers, and some for threads: leaves 24 of the 64 MiB to the rest of a program. (The processes of this test begin with what
/// the other tests hold.)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)  // they keep what was freed, and memory beside each byte
constexpr long kGrowthKibMax = 400 << 10;
#else
constexpr long kGrowthKibMax = 40 << 10;
#endif

/// Seals in one process and opens in another, through a pipe.  @return whether both did and stayed small.
bool both_stay_small(std::uint64_t bytes, unsigned chunk_log2) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    Zeros in{bytes};
    PipeEnd out{ends[1]};
    const auto pool = make_thread_pool(4);
    const long before = memory_kib_max();
    const auto sealed = seal(in, out, Pair{}.recipients(), {.chunk_log2 = chunk_log2}, {.executor = pool.get()});
    _exit(sealed && memory_kib_max() - before <= kGrowthKibMax ? 0 : 1);
  }
  close(ends[1]);
  const int opened_status = in_child([&] {
    PipeEnd in{ends[0]};
    Counter out;
    const auto pool = make_thread_pool(4);
    const long before = memory_kib_max();
    const auto opened = open(in, out, Pair{}.openers(), {}, {.executor = pool.get()});
    return opened && out.bytes == bytes && memory_kib_max() - before <= kGrowthKibMax ? 0 : 1;
  });
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return opened_status == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(FileMemory, StaysBelow64MibWhateverTheSizeOfFileAndChunks) {
  const bool thorough = std::getenv("TABLINUM_LONG_TESTS") != nullptr;
  const std::uint64_t bytes = thorough ? std::uint64_t{2} << 30 : std::uint64_t{100} << 20;
  for (const unsigned chunk_log2 : {12u, 16u, 20u, 24u}) EXPECT_TRUE(both_stay_small(bytes, chunk_log2)) << chunk_log2;
}

}  // namespace
}  // namespace tablinum::seal
