#include "tablinum/base/stream.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "tablinum/base/cpu.h"
#include "tablinum/base/parallel.h"

namespace tablinum {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = fs::temp_directory_path() / "tablinum-stream-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string at(const char* name) const { return folder_ / name; }
  std::size_t entries() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator{folder_}, {})); }
  std::string text(const std::string& path) const {
    auto source = open_source(path).value();
    return std::string{text_of(read_all(*source, 1000).value())};
  }

 private:
  fs::path folder_;
};

TEST_F(Files, AppearWholeOrNotAtAll) {
  {
    auto sink = create_sink(at("a")).value();
    ASSERT_TRUE(sink->write(bytes_of("half")));
    EXPECT_FALSE(fs::exists(at("a")));
  }
  EXPECT_EQ(entries(), 0u);
  auto sink = create_sink(at("a"), {.mode = 0600, .durable = true}).value();
  ASSERT_TRUE(sink->write(bytes_of("whole")));
  ASSERT_TRUE(sink->finish());
  EXPECT_EQ(text(at("a")), "whole");
  struct stat status{};
  ASSERT_EQ(stat(at("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
}

TEST_F(Files, AreNotOverwrittenUnlessAsked) {
  std::ofstream{at("a")} << "old";
  EXPECT_EQ(create_sink(at("a")).error().code, Code::exists);
  auto late = create_sink(at("b")).value();
  std::ofstream{at("b")} << "somebody was faster";
  EXPECT_EQ(late->finish().error().code, Code::exists);
  auto sink = create_sink(at("a"), {.existing = Existing::replace}).value();
  ASSERT_TRUE(sink->write(bytes_of("new")));
  EXPECT_EQ(text(at("a")), "old");
  ASSERT_TRUE(sink->finish());
  EXPECT_EQ(text(at("a")), "new");
  EXPECT_EQ(entries(), 2u);
}

TEST_F(Files, SayWhatIsWrong) {
  EXPECT_EQ(open_source(at("none")).error().code, Code::not_found);
  EXPECT_EQ(open_source(at("")).error().code, Code::invalid);
  EXPECT_EQ(create_sink(at("none/a")).error().code, Code::not_found);
  EXPECT_EQ(create_sink(at("")).error().code, Code::invalid);
  EXPECT_EQ(open_random_access("/dev/null").error().code, Code::invalid);
  auto null = create_sink("/dev/null").value();
  EXPECT_TRUE(null->write(bytes_of("x")));
}

TEST_F(Files, AFullDiskIsReported) {
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  auto sink = create_sink(at("a")).value();
  EXPECT_EQ(sink->write(Bytes(200)).error().code, Code::no_space);
  setrlimit(RLIMIT_FSIZE, &before);
}

TEST_F(Files, AreReadAtAnyPlace) {
  std::ofstream{at("a")} << "0123456789";
  const auto file = open_random_access(at("a")).value();
  Bytes three(3);
  EXPECT_EQ(file->size(), 10u);
  ASSERT_TRUE(read_exactly_at(*file, 4, three));
  EXPECT_EQ(text_of(three), "456");
  EXPECT_EQ(read_exactly_at(*file, 8, three).error().code, Code::corrupt);
  EXPECT_EQ(file->read_at(100, three).value(), 0u);
}

TEST(Memory, IsReadUpToTheLimit) {
  const Bytes bytes(100'000, std::byte{1});
  for (const std::size_t limit : {std::size_t{100'000}, std::size_t{99'999}}) {
    MemorySource source{bytes};
    EXPECT_EQ(read_all(source, limit).has_value(), limit == bytes.size());
  }
}

class Executors : public testing::TestWithParam<unsigned> {
 protected:
  std::unique_ptr<Executor> pool_ = make_thread_pool(GetParam());
};

TEST_P(Executors, RunEachBodyOnce) {
  std::vector<std::atomic<int>> seen(10'000);
  pool_->for_each(seen.size(), [&](std::size_t i) { ++seen[i]; });
  EXPECT_TRUE(std::ranges::all_of(seen, [](const auto& n) { return n == 1; }));
  pool_->for_each(0, [](std::size_t) { FAIL(); });
}

TEST_P(Executors, LoopsInsideLoopsEnd) {
  std::atomic<int> count = 0;
  pool_->for_each(20, [&](std::size_t) { pool_->for_each(20, [&](std::size_t) { ++count; }); });
  EXPECT_EQ(count, 400);
}

TEST_P(Executors, RunWhatWasSubmittedBeforeTheyEnd) {
  std::atomic<int> count = 0;
  for (int i = 0; i < 100; ++i) pool_->submit([&] { ++count; });
  pool_.reset();
  EXPECT_EQ(count, 100);
}

INSTANTIATE_TEST_SUITE_P(Threads, Executors, testing::Values(0u, 1u, 2u, 5u));

TEST(Cpu, ALimitOnlyTakesAway) {
  const CpuFeatures all{true, true, true, true, true, true, true, true, true};
  EXPECT_FALSE(limited(all, "portable").ssse3);
  EXPECT_TRUE(limited(all, "pclmul").pclmul);
  EXPECT_FALSE(limited(all, "pclmul").avx2);
  EXPECT_TRUE(limited(all, "avx2").vpclmul);
  EXPECT_FALSE(limited(all, "avx2").avx512);
  EXPECT_TRUE(limited(all, "").avx512_ifma);
  EXPECT_FALSE(limited({}, "avx512").avx512);
}

}  // namespace
}  // namespace tablinum
