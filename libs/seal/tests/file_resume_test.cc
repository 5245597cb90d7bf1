#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "file_harness.h"

namespace tablinum::seal {
namespace {

using testing::content_of;
using testing::opened_of;
using testing::other_key;
using testing::own_key;
using testing::Pair;
using testing::sealed_of;

class FileResume : public ::testing::Test {
 protected:
  FileResume() {
    std::string name = ::testing::TempDir() + "sealed_resume_XXXXXX";
    folder_ = mkdtemp(name.data());
    path_ = folder_ + "/out";
  }
  ~FileResume() override { std::filesystem::remove_all(folder_); }

  static Bytes bytes_at(const std::string& path) { return read_all(*open_source(path).value(), std::size_t{1} << 30).value(); }
  void leave_partial(ByteView bytes) {
    std::ofstream file{path_ + ".partial", std::ios::binary | std::ios::trunc};
    file.write(text_of(bytes).data(), static_cast<std::streamsize>(bytes.size()));
  }
  Result<SealReport> resume_seal(ByteView content, const SealOptions& options = {}, const Pair& pair = {}, const seal::Run& run = {}) {
    TRY(out, open_partial(path_));
    const auto again = [&]() -> Result<std::unique_ptr<Source>> { return std::make_unique<MemorySource>(content); };
    return seal_resumed(again, *out, pair.recipients(), pair.openers(), options, run);
  }
  Result<OpenReport> resume_open(ByteView sealed, const seal::Run& run = {}) {
    TRY(out, open_partial(path_));
    MemorySource source{sealed};
    return open_resumed(source, *out, Pair{}.openers(), {}, run);
  }
  /// Whether the file was gone on with: the same salt, so the same file key.
  static bool same_file(ByteView a, ByteView b) { return std::ranges::equal(a.subspan(12, 32), b.subspan(12, 32)); }

  std::string folder_, path_;
  const Bytes content_ = content_of(900'000);
};

TEST_F(FileResume, SealingFromNothing) {
  const auto report = resume_seal(content_);
  ASSERT_TRUE(report);
  EXPECT_EQ(opened_of(bytes_at(path_)).value(), content_);
  EXPECT_EQ(report->sealed_bytes, bytes_at(path_).size());
  EXPECT_FALSE(std::filesystem::exists(path_ + ".partial"));
}

TEST_F(FileResume, SealingGoesOnFromEveryKindOfPlace) {
  const Bytes sealed = sealed_of(content_);
  const std::size_t header = testing::header_bytes(sealed);
  for (const std::size_t kept : {std::size_t{0}, std::size_t{1}, header - 1, header, header + 1, header + 65552, header + 65553, header + 262'208,
                                 std::size_t{500'000}, sealed.size() - 1, sealed.size()}) {
    std::filesystem::remove(path_);
    leave_partial(ByteView{sealed}.first(kept));
    ASSERT_TRUE(resume_seal(content_)) << kept;
    const Bytes done = bytes_at(path_);
    EXPECT_EQ(opened_of(done).value(), content_) << kept;
    EXPECT_EQ(same_file(done, sealed), kept >= header) << kept;
    if (kept >= header) EXPECT_EQ(Bytes(done.begin() + static_cast<std::ptrdiff_t>(header), done.end()),
                                  Bytes(sealed.begin() + static_cast<std::ptrdiff_t>(header), sealed.end()));
  }
}

TEST_F(FileResume, ChangedContentGetsANewFileKey) {
  const Bytes sealed = sealed_of(content_);
  Bytes changed = content_;
  changed[100'000] ^= std::byte{1};
  for (const std::size_t kept : {std::size_t{400'000}, sealed.size()}) {
    std::filesystem::remove(path_);
    leave_partial(ByteView{sealed}.first(kept));
    ASSERT_TRUE(resume_seal(changed));
    EXPECT_EQ(opened_of(bytes_at(path_)).value(), changed);
    EXPECT_FALSE(same_file(bytes_at(path_), sealed));
  }
}

TEST_F(FileResume, ShorterOrLongerContentGetsANewFileKey) {
  const Bytes sealed = sealed_of(content_);
  for (const std::size_t length : {std::size_t{0}, std::size_t{300'000}, content_.size() - 1}) {
    std::filesystem::remove(path_);
    leave_partial(sealed);
    const Bytes shorter = content_of(length);
    ASSERT_TRUE(resume_seal(shorter));
    EXPECT_EQ(opened_of(bytes_at(path_)).value(), shorter);
    EXPECT_FALSE(same_file(bytes_at(path_), sealed));
  }
  std::filesystem::remove(path_);
  leave_partial(sealed);
  const Bytes longer = content_of(1'000'000);
  ASSERT_TRUE(resume_seal(longer));
  EXPECT_EQ(opened_of(bytes_at(path_)).value(), longer);
  EXPECT_FALSE(same_file(bytes_at(path_), sealed));
}

TEST_F(FileResume, AHoleThatACrashLeftIsFound) {
  Bytes sealed = sealed_of(content_);
  std::fill_n(sealed.begin() + 200'000, 4096, std::byte{});
  leave_partial(ByteView{sealed}.first(600'000));
  ASSERT_TRUE(resume_seal(content_));
  EXPECT_EQ(opened_of(bytes_at(path_)).value(), content_);
}

TEST_F(FileResume, WithoutAKeyOrWithOtherOptionsItBeginsAnew) {
  const Bytes sealed = sealed_of(content_);
  const Pair other{&other_key(), &other_key()};
  leave_partial(ByteView{sealed}.first(500'000));
  ASSERT_TRUE(resume_seal(content_, {}, other));
  EXPECT_EQ(opened_of(bytes_at(path_), other).value(), content_);
  EXPECT_FALSE(same_file(bytes_at(path_), sealed));
  for (const SealOptions& options : {SealOptions{.chunk_log2 = 12}, SealOptions{.cipher = Cipher::xchacha20_poly1305},
                                     SealOptions{.padding = Padding::padme}, SealOptions{.meta = {{1, {}}}}}) {
    std::filesystem::remove(path_);
    leave_partial(ByteView{sealed}.first(500'000));
    ASSERT_TRUE(resume_seal(content_, options));
    EXPECT_EQ(opened_of(bytes_at(path_)).value(), content_);
    EXPECT_FALSE(same_file(bytes_at(path_), sealed));
  }
}

TEST_F(FileResume, TheRecipientsAreThoseOfTheSecondRun) {
  const SymmetricKey third{testing::secret_of(3)};
  const std::array<const Recipient*, 2> first_run{&own_key(), &other_key()};
  const std::array<const Recipient*, 2> second_run{&own_key(), &third};
  Bytes sealed;
  ASSERT_TRUE(seal(content_, sealed, first_run));
  leave_partial(ByteView{sealed}.first(500'000));
  auto out = open_partial(path_).value();
  const auto again = [&]() -> Result<std::unique_ptr<Source>> { return std::make_unique<MemorySource>(content_); };
  const Opener* key = &own_key();
  ASSERT_TRUE(seal_resumed(again, *out, second_run, {&key, 1}));
  const Bytes done = bytes_at(path_);
  EXPECT_TRUE(same_file(done, sealed));
  EXPECT_TRUE(opened_of(done));
  EXPECT_TRUE(opened_of(done, {.opener = &third}));
  EXPECT_FALSE(opened_of(done, {.opener = &other_key()}));
}

TEST_F(FileResume, OpeningGoesOnFromAnyPlaceAndMendsWhatIsWrong) {
  const Bytes sealed = sealed_of(content_);
  Bytes spoiled = content_;
  spoiled[300'000] ^= std::byte{1};
  Bytes longer = content_;
  longer.resize(1'200'000);
  const std::array<Bytes, 6> kept{Bytes{}, content_of(1), content_of(500'000), content_, spoiled, longer};
  for (const auto& there : kept) {
    std::filesystem::remove(path_);
    leave_partial(there);
    const auto report = resume_open(sealed);
    ASSERT_TRUE(report) << there.size();
    EXPECT_EQ(report->content_bytes, content_.size());
    EXPECT_EQ(bytes_at(path_), content_);
  }
}

TEST_F(FileResume, AStopLeavesAPartialFileThatGoesOn) {
  const auto pool = make_thread_pool(2);
  const seal::Run stopping{.executor = pool.get(), .progress = [](std::uint64_t bytes) { return bytes < 400'000; }};
  EXPECT_EQ(resume_seal(content_, {}, {}, stopping).error().code, Code::cancelled);
  EXPECT_FALSE(std::filesystem::exists(path_));
  const Bytes partial = bytes_at(path_ + ".partial");
  EXPECT_GT(partial.size(), 200'000U);
  ASSERT_TRUE(resume_seal(content_));
  const Bytes sealed = bytes_at(path_);
  EXPECT_TRUE(same_file(sealed, partial));
  EXPECT_EQ(opened_of(sealed).value(), content_);
  std::filesystem::remove(path_);
  EXPECT_EQ(resume_open(sealed, stopping).error().code, Code::cancelled);
  EXPECT_FALSE(std::filesystem::exists(path_));
  ASSERT_TRUE(resume_open(sealed));
  EXPECT_EQ(bytes_at(path_), content_);
}

TEST_F(FileResume, ADamagedFileNeverGetsItsName) {
  Bytes sealed = sealed_of(content_);
  sealed[700'000] ^= std::byte{1};
  EXPECT_EQ(resume_open(sealed).error().code, Code::corrupt);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(FileResume, OnePartialFileHasOneWorker) {
  const auto first = open_partial(path_);
  ASSERT_TRUE(first);
  EXPECT_EQ(open_partial(path_).error().code, Code::busy);
}

TEST_F(FileResume, WhatStandsAtThePathIsRespected) {
  std::ofstream{path_} << "mine";
  EXPECT_EQ(open_partial(path_).error().code, Code::exists);
  leave_partial({});
  std::filesystem::remove(path_);
  auto out = open_partial(path_).value();
  std::ofstream{path_} << "mine";
  EXPECT_EQ(out->finish().error().code, Code::exists);
  EXPECT_EQ(bytes_at(path_).size(), 4U);
  out.reset();
  auto replacing = open_partial(path_, {.existing = Existing::replace}).value();
  ASSERT_TRUE(replacing->write(content_of(10)));
  ASSERT_TRUE(replacing->finish());
  EXPECT_EQ(bytes_at(path_), content_of(10));
}

TEST_F(FileResume, ALinkThatSomebodyLaidIsNotFollowed) {
  std::filesystem::create_symlink(folder_ + "/elsewhere", path_ + ".partial");
  EXPECT_FALSE(open_partial(path_));
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/elsewhere"));
}

}  // namespace
}  // namespace tablinum::seal
