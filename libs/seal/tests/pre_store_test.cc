// What a proxy and a delegate remember, in files: across restarts, crashes at every byte, full disks, threads and processes.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "pre/proxy_contents.h"
#include "pre_parties.h"
#include "tablinum/base/stream.h"
#include "tablinum/seal/pre_store.h"

namespace tablinum::seal::pre {
namespace {

using testing::digest;
using testing::World;

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tablinum_store_XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string{name}; }

 private:
  std::string path_;
};

Digest numbered(std::uint32_t number) {
  Bytes bytes;
  append_u32_le(bytes, number);
  return sha3_256(bytes);
}
Charge charge(std::uint32_t capsule, std::uint8_t delegation = 1) {
  return {.delegation = {digest(delegation)}, .collection = {}, .epoch = 3, .capsule = numbered(capsule), .delegation_max = 1000, .epoch_max = 1500};
}
Bytes bytes_at(const std::string& path) { return read_all(*open_source(path).value(), 1 << 24).value(); }
void write_to(const std::string& path, ByteView bytes) {
  std::ofstream out{path, std::ios::binary | std::ios::trunc};
  out << text_of(bytes);
}
std::unique_ptr<FileProxyState> opened(const std::string& path) {
  auto state = FileProxyState::open(path);
  EXPECT_TRUE(state) << describe(state.error());
  return std::move(*state);
}
/// How many new capsules a delegation still takes tells how many were counted.
std::uint32_t counted(ProxyState& state, std::uint32_t upto) {
  std::uint32_t known = 0;
  for (std::uint32_t i = 0; i < upto; ++i) {
    auto probe = charge(i);
    probe.delegation_max = 0;  // only what is known already is let through
    known += state.charge(probe).has_value() ? 1 : 0;
  }
  return known;
}

TEST(PreStore, RemembersAcrossRestarts) {
  const Folder folder;
  World world;
  const auto tombstone = Tombstone::create(world.delegate().ticket(), world.alice, testing::kNow).value();
  {
    const auto state = opened(folder / "state");
    for (std::uint32_t i = 0; i < 5; ++i) ASSERT_TRUE(state->charge(charge(i)));
    ASSERT_TRUE(state->charge(charge(3)));  // again: counted once
    ASSERT_TRUE(state->revoke(tombstone));
    ASSERT_TRUE(state->revoke(tombstone));
  }
  const auto size = std::filesystem::file_size(folder / "state");
  const auto state = opened(folder / "state");
  EXPECT_EQ(counted(*state, 10), 5U);
  EXPECT_TRUE(state->is_revoked(tombstone.delegation()).value());
  EXPECT_FALSE(state->is_revoked({digest(9)}).value());
  EXPECT_EQ(std::filesystem::file_size(folder / "state"), size) << "repeated charges and openings write nothing";
  EXPECT_EQ(size, kStateHeadBytes + 13 + 6 * kStateRecordBytes);
}

TEST(PreStore, LimitsHoldAcrossRestarts) {
  const Folder folder;
  for (std::uint32_t i = 0; i < 3; ++i) {
    auto one = charge(i);
    one.delegation_max = 2;
    const auto done = opened(folder / "state")->charge(one);
    EXPECT_EQ(done.has_value(), i < 2);
    if (!done) EXPECT_EQ(done.error().code, Code::limit);
  }
  auto other = charge(0, 2);
  other.epoch_max = 2;  // another delegation of the same epoch
  EXPECT_EQ(opened(folder / "state")->charge(other).error().code, Code::limit);
}

TEST(PreStore, ACrashAtAnyByteLosesOnlyWhatWasNotPromised) {
  const Folder folder;
  for (std::uint32_t i = 0; i < 4; ++i) ASSERT_TRUE(opened(folder / "state")->charge(charge(i)));
  const auto whole = bytes_at(folder / "state");
  const std::size_t log = kStateHeadBytes + 13;
  for (std::size_t cut = log; cut <= whole.size(); cut += 3) {  // 96 is a multiple
    write_to(folder / "cut", ByteView{whole}.first(cut));
    const auto state = opened(folder / "cut");
    EXPECT_EQ(counted(*state, 4), (cut - log) / kStateRecordBytes) << cut;
    ASSERT_TRUE(state->charge(charge(77)));
    EXPECT_EQ((std::filesystem::file_size(folder / "cut") - log) % kStateRecordBytes, 0U) << "the torn part is gone";
  }
  for (std::size_t cut = 0; cut < log; cut += 3) {  // the snapshot was written whole or not at all: this is no crash
    write_to(folder / "cut", ByteView{whole}.first(cut));
    EXPECT_EQ(FileProxyState::open(folder / "cut").error().code, Code::corrupt) << cut;
  }
}

TEST(PreStore, DamageIsNoCrash) {
  const Folder folder;
  {
    const auto state = opened(folder / "state");
    for (std::uint32_t i = 0; i < 100; ++i) ASSERT_TRUE(state->charge(charge(i)));
  }
  const auto whole = bytes_at(folder / "state");
  for (const std::size_t at : {std::size_t{0}, std::size_t{7}, std::size_t{20}, kStateHeadBytes + 2, kStateHeadBytes + 13 + 40}) {
    auto spoiled = whole;
    spoiled[at] ^= std::byte{1};
    write_to(folder / "spoiled", spoiled);
    EXPECT_EQ(FileProxyState::open(folder / "spoiled").error().code, Code::corrupt) << at;
  }
  auto spoiled = whole;  // in the last write: what a crash leaves
  spoiled[whole.size() - 5] ^= std::byte{1};
  write_to(folder / "spoiled", spoiled);
  EXPECT_EQ(counted(*opened(folder / "spoiled"), 100), 99U);
}

TEST(PreStore, ASnapshotOfEarlierVersionsIsTakenOver) {
  const Folder folder;
  MemoryProxyState before;
  for (std::uint32_t i = 0; i < 7; ++i) ASSERT_TRUE(before.charge(charge(i)));
  write_to(folder / "state", before.serialise());
  EXPECT_EQ(counted(*opened(folder / "state"), 9), 7U);
  EXPECT_EQ(counted(*opened(folder / "state"), 9), 7U) << "in the new form";
}

TEST(PreStore, TheLogIsFolded) {
  const Folder folder;
  {
    const auto state = FileProxyState::open(folder / "state", 10 * kStateRecordBytes).value();
    for (std::uint32_t i = 0; i < 500; ++i) ASSERT_TRUE(state->charge(charge(i)));
    EXPECT_GE(state->compactions(), 3U);
    EXPECT_LE(state->compactions(), 40U) << "each folding doubles what the next one waits for";
  }
  EXPECT_LT(std::filesystem::file_size(folder / "state"), 500 * kStateRecordBytes);
  EXPECT_EQ(counted(*opened(folder / "state"), 600), 500U);
}

TEST(PreStore, ThreadsShareWrites) {
  const Folder folder;
  {
    const auto state = FileProxyState::open(folder / "state", 20 * kStateRecordBytes).value();
    std::vector<std::thread> threads;
    for (std::uint32_t t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        for (std::uint32_t i = 0; i < 60; ++i) EXPECT_TRUE(state->charge(charge(i * 4 + t / 2)));  // each pair by two threads
      });
    for (auto& thread : threads) thread.join();
  }
  EXPECT_EQ(counted(*opened(folder / "state"), 300), 240U);
}

TEST(PreStore, OneProcessAtATime) {
  const Folder folder;
  const auto state = opened(folder / "state");
  EXPECT_EQ(FileProxyState::open(folder / "state").error().code, Code::busy);
  EXPECT_EQ(FileProxyState::open(folder / "missing/state").error().code, Code::not_found);
}

// What a killed process had promised is there.
TEST(PreStore, AKilledProcessKeepsItsPromises) {
  const Folder folder;
  for (int round = 0; round < 5; ++round) {
    int promised[2];
    ASSERT_EQ(pipe(promised), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto state = FileProxyState::open(folder / "state", 8 * kStateRecordBytes);
      for (std::uint32_t i = 0; state && i < 900; ++i)
        if (!(*state)->charge(charge(i)) || write(promised[1], "x", 1) != 1) _exit(1);
      _exit(0);
    }
    close(promised[1]);
    char byte;
    std::uint32_t done = 0;
    while (done < 150U + 40U * static_cast<std::uint32_t>(round) && read(promised[0], &byte, 1) == 1) ++done;
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    while (read(promised[0], &byte, 1) == 1) ++done;
    close(promised[0]);
    EXPECT_GE(counted(*opened(folder / "state"), 900), done);
  }
}

// In a child, since the limit of file sizes is a process's.
TEST(PreStore, AFullDiskStopsEverything) {
  const Folder folder;
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    (void)signal(SIGXFSZ, SIG_IGN);
    const auto state = FileProxyState::open(folder / "state");
    const rlimit limit{kStateHeadBytes + 13 + 2 * kStateRecordBytes + 50, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &limit);
    bool good = state && (*state)->charge(charge(0)).has_value() && (*state)->charge(charge(1)).has_value();
    const auto full = (*state)->charge(charge(2));
    good = good && !full && full.error().code == Code::no_space;
    const auto after = (*state)->charge(charge(0));  // known, and yet: nobody knows what the disk has
    _exit(good && !after ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(counted(*opened(folder / "state"), 5), 2U);
}

TEST(PreStore, FailuresAreCountedInFiles) {
  const Folder folder;
  const KeyId key{{std::byte{1}}}, other{{std::byte{2}}};
  for (std::uint32_t i = 0; i < kFailuresMax; ++i) ASSERT_TRUE(FolderFailureBudget{folder / "budget"}.take(key));
  FolderFailureBudget budget{folder / "budget"};
  EXPECT_FALSE(budget.used_up());
  EXPECT_EQ(budget.take(key).error().code, Code::limit);
  EXPECT_TRUE(budget.used_up());
  EXPECT_TRUE(budget.take(other));
  EXPECT_TRUE(budget.give_back(key));
  EXPECT_TRUE(budget.take(key));
  EXPECT_TRUE(budget.give_back({{std::byte{3}}})) << "nothing to give back";
  write_to(folder / "budget/" + to_hex(other.bytes), bytes_of("many"));
  EXPECT_EQ(budget.take(other).error().code, Code::corrupt) << "a key whose failures are unknown is not used";
}

}  // namespace
}  // namespace tablinum::seal::pre
