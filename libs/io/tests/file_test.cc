#include "tablinum/io/file.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "models.h"

namespace tablinum::io::test {
namespace {

template <class Model>
class FileCorpus : public Corpus<Model> {
 protected:
  FileCorpus() : folder_{testing::TempDir() + "/tablinum-io-XXXXXX"} {
    if (this->io.capabilities().real_kernel) {
      EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    } else {
      folder_ = "/tmp/folder";
      EXPECT_TRUE(run(this->io, make_directory(this->io, folder_)));
    }
  }
  std::string path(std::string_view name) const { return folder_ + "/" + std::string{name}; }
  std::string folder_;
};
using FileModels = testing::Types<Blocking, ThreadPool, Stackless, StacklessOnPool, Green, Simulated>;
TYPED_TEST_SUITE(FileCorpus, FileModels, ModelNames);

OpenOptions for_writing() {
  OpenOptions options;
  options.write = options.create = true;
  return options;
}

Task<Result<void>> write_file(Io& io, std::string path, ByteView content) {
  CO_TRY(file, co_await open(io, std::move(path), for_writing()));
  co_return co_await file.write_at(0, content);
}

TYPED_TEST(FileCorpus, WhatIsWrittenIsRead) {
  // More than one piece, and not a multiple of it.
  Bytes content(2 * kFilePieceBytesMax + 12'345);
  this->io.fill_random(content);
  auto task = [&](Io& io) -> Task<Result<void>> {
    CO_TRY(file, co_await open(io, this->path("a"), for_writing()));
    CO_CHECK_OK(co_await file.write_at(0, content));
    CO_CHECK_OK(co_await file.sync(SyncKind::data));
    CO_CHECK_OK(co_await file.sync(SyncKind::full));
    Bytes read(content.size() + 1);
    CO_TRY(got, co_await file.read_at(0, read));
    EXPECT_EQ(got, content.size()) << "fewer only at the end of the file";
    read.resize(got);
    EXPECT_EQ(read, content);
    CO_TRY(tail, co_await file.read_at(content.size() - 5, read));
    EXPECT_EQ(tail, 5U);
    CO_TRY(beyond, co_await file.read_at(content.size() + 5, read));
    EXPECT_EQ(beyond, 0U);
    CO_CHECK_OK(co_await file.truncate(7));
    CO_TRY(status, co_await file.stat());
    EXPECT_EQ(status.bytes, 7U);
    EXPECT_EQ(status.type, FileType::regular);
    EXPECT_EQ(status.mode, 0600U);
    file.close();
    EXPECT_EQ(code_of(co_await file.stat()), Code::closed);
    EXPECT_EQ(code_of(co_await file.read_at(0, read)), Code::closed);
    EXPECT_EQ(code_of(co_await file.write_at(0, read)), Code::closed);
    EXPECT_EQ(code_of(co_await file.sync(SyncKind::full)), Code::closed);
    EXPECT_EQ(code_of(co_await file.truncate(0)), Code::closed);
    co_return {};
  };
  const auto done = run(this->io, task(this->io));
  EXPECT_TRUE(done) << describe(done.error());
}

TYPED_TEST(FileCorpus, OpenErrors) {
  auto task = [&](Io& io) -> Task<Result<void>> {
    EXPECT_EQ(code_of(co_await open(io, this->path("none"))), Code::not_found);
    CO_CHECK_OK(co_await write_file(io, this->path("a"), bytes_of("x")));
    OpenOptions fresh;
    fresh.write = fresh.create_new = true;
    EXPECT_EQ(code_of(co_await open(io, this->path("a"), fresh)), Code::exists);
    OpenOptions contradictory;
    contradictory.create = true;
    EXPECT_EQ(code_of(co_await open(io, this->path("b"), contradictory)), Code::invalid);
    EXPECT_EQ(code_of(co_await open(io, this->folder_, for_writing())), Code::invalid) << "a directory";
    if (!io.capabilities().real_kernel) co_return {};  // whose disks have no links
    EXPECT_EQ(::symlink(this->path("a").c_str(), this->path("link").c_str()), 0);
    OpenOptions strict;
    strict.follow_links = false;
    EXPECT_EQ(code_of(co_await open(io, this->path("link"), strict)), Code::invalid);
    CO_CHECK_OK(co_await open(io, this->path("link")));
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(FileCorpus, TheErrorNamesThePath) {
  const auto missing = run(this->io, read_file(this->io, this->path("none")));
  EXPECT_EQ(missing.error().detail, "ENOENT, open " + this->path("none"));
}

TYPED_TEST(FileCorpus, DirectoriesAreMadeListedAndRemoved) {
  auto task = [&](Io& io) -> Task<Result<void>> {
    CO_CHECK_OK(co_await make_directory(io, this->path("d")));
    EXPECT_EQ(code_of(co_await make_directory(io, this->path("d"))), Code::exists);
    CO_CHECK_OK(co_await write_file(io, this->path("d/b"), bytes_of("2")));
    CO_CHECK_OK(co_await write_file(io, this->path("d/a"), bytes_of("1")));
    CO_TRY(names, co_await list(io, this->path("d")));
    EXPECT_EQ(names, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(code_of(co_await remove(io, this->path("d"))), Code::conflict) << "not empty";
    CO_CHECK_OK(co_await rename(io, this->path("d/a"), this->path("d/b")));
    CO_CHECK_OK(co_await sync_directory(io, this->path("d")));
    CO_TRY(content, co_await read_file(io, this->path("d/b")));
    EXPECT_EQ(text_of(content), "1");
    CO_CHECK_OK(co_await remove(io, this->path("d/b")));
    CO_CHECK_OK(co_await remove(io, this->path("d")));
    EXPECT_EQ(code_of(co_await list(io, this->path("d"))), Code::not_found);
    EXPECT_EQ(code_of(co_await stat(io, this->path("d"))), Code::not_found);
    CO_TRY(status, co_await stat(io, this->folder_));
    EXPECT_EQ(status.type, FileType::directory);
    co_return {};
  };
  const auto done = run(this->io, task(this->io));
  EXPECT_TRUE(done) << describe(done.error());
}

TYPED_TEST(FileCorpus, ReadFileKeepsItsLimit) {
  auto task = [&](Io& io) -> Task<Result<void>> {
    CO_CHECK_OK(co_await write_file(io, this->path("a"), bytes_of("12345")));
    CO_TRY(content, co_await read_file(io, this->path("a"), 5));
    EXPECT_EQ(text_of(content), "12345");
    EXPECT_EQ(code_of(co_await read_file(io, this->path("a"), 4)), Code::too_large);
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(FileCorpus, ReplaceLeavesTheNewContentAndNothingElse) {
  auto task = [&](Io& io) -> Task<Result<void>> {
    for (const std::string_view content : {"old", "new and longer", ""}) {
      CO_CHECK_OK(co_await replace_atomically(io, this->path("a"), bytes_of(content)));
      CO_TRY(read, co_await read_file(io, this->path("a")));
      EXPECT_EQ(text_of(read), content);
    }
    CO_TRY(names, co_await list(io, this->folder_));
    EXPECT_EQ(names, std::vector<std::string>{"a"});
    CO_CHECK_OK(co_await make_directory(io, this->path("taken")));
    EXPECT_FALSE(co_await replace_atomically(io, this->path("taken"), bytes_of("x")));
    CO_TRY(after, co_await list(io, this->folder_));
    EXPECT_EQ(after, (std::vector<std::string>{"a", "taken"})) << "no temporary file stays";
    EXPECT_EQ(code_of(co_await replace_atomically(io, this->path("none/a"), bytes_of("x"))), Code::not_found);
    co_return {};
  };
  const auto done = run(this->io, task(this->io));
  EXPECT_TRUE(done) << describe(done.error());
}

TYPED_TEST(FileCorpus, ReplaceCancelledAnywhereLeavesOldOrNew) {
  const Bytes old_content(3 * kFilePieceBytesMax, std::byte{1});
  const Bytes new_content(3 * kFilePieceBytesMax, std::byte{2});
  auto replace = [&](Io& io) -> Task<Result<void>> { return replace_atomically(io, this->path("a"), new_content); };
  auto names = [&](Io& io) -> Task<Result<std::vector<std::string>>> { return list(io, this->folder_); };
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(run(this->io, replace_atomically(this->io, this->path("a"), old_content)));
    const auto replaced = run(this->io, timeout(this->io, Duration::microseconds(300 * i), replace(this->io)));
    const Bytes found = run(this->io, read_file(this->io, this->path("a"))).value();
    EXPECT_TRUE(found == new_content || (!replaced && found == old_content));
    EXPECT_EQ(run(this->io, names(this->io)).value(), std::vector<std::string>{"a"});
  }
}

// More than a ring holds at a time, in pieces of their own: the rest goes to the pool.
TYPED_TEST(FileCorpus, ManyAtATimeLandWhereTheyBelong) {
  constexpr Size kPieces = 600;
  constexpr Size kPieceBytes = 5'000;
  auto piece = [](Size i) { return Bytes(kPieceBytes, static_cast<std::byte>(i % 251)); };
  auto write_one = [&](File& file, Size i) -> Task<Result<void>> {
    const Bytes data = piece(i);
    CO_CHECK_OK(co_await file.write_at(i * kPieceBytes, data));
    if (i % 100 == 0) co_return co_await file.sync(SyncKind::data);
    co_return {};
  };
  auto read_one = [&](File& file, Size i) -> Task<Result<void>> {
    Bytes found(kPieceBytes);
    CO_TRY(got, co_await file.read_at(i * kPieceBytes, found));
    co_return got == kPieceBytes && found == piece(i) ? Result<void>{} : fail(Code::corrupt, std::to_string(i));
  };
  auto task = [&](Io& io) -> Task<Result<void>> {
    OpenOptions options;
    options.write = options.create = true;
    CO_TRY(file, co_await open(io, this->path("a"), options));
    auto write_all = [&](Scope& scope) -> Task<Result<void>> {
      for (Size i = 0; i < kPieces; ++i) scope.spawn(write_one(file, i)).keep();
      co_return {};
    };
    CO_CHECK_OK(co_await with_scope(io, write_all));
    auto read_all = [&](Scope& scope) -> Task<Result<void>> {
      for (Size i = 0; i < kPieces; ++i) scope.spawn(read_one(file, i)).keep();
      co_return {};
    };
    CO_CHECK_OK(co_await with_scope(io, read_all));
    Bytes beyond(10);
    CO_TRY(nothing, co_await file.read_at(kPieces * kPieceBytes, beyond));
    EXPECT_EQ(nothing, 0U);
    co_return {};
  };
  const auto done = run(this->io, task(this->io));
  EXPECT_TRUE(done) << describe(done.error());
}

TYPED_TEST(FileCorpus, AWriteToAFileThatIsOpenForReadingIsRefused) {
  auto task = [&](Io& io) -> Task<Result<void>> {
    CO_CHECK_OK(co_await replace_atomically(io, this->path("a"), bytes_of("x")));
    CO_TRY(file, co_await open(io, this->path("a")));
    EXPECT_FALSE(co_await file.write_at(0, bytes_of("y")));
    CO_TRY(read, co_await read_file(io, this->path("a")));
    EXPECT_EQ(text_of(read), "x");
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

// A response that a test or a program still holds has a file in it.
TEST(File, MayOutliveItsIo) {
  File file;
  {
    const auto io = make_stackless_io().value();
    file = run(*io, open(*io, "/proc/self/exe", OpenOptions{})).value();
  }
  EXPECT_TRUE(file.is_open());
  file.close();
  EXPECT_FALSE(file.is_open());
}

}  // namespace
}  // namespace tablinum::io::test
