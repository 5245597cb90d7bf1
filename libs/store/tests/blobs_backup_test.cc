#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "fixture.h"
#include "tablinum/store/backup.h"
#include "tablinum/store/blobs.h"
#include "tablinum/store/derived_files.h"

namespace tablinum::store {
namespace {

using testing::ElementsAre;

void overwrite(const std::string& path, std::string_view text) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << text;
}
void append_to(const std::string& path, std::string_view text) {
  std::ofstream{path, std::ios::binary | std::ios::app} << text;
}

class BlobsTest : public testing::Test {
 protected:
  TemporaryFolder folder;
  Blobs blobs{folder.path()};
};

TEST_F(BlobsTest, AreNamedByTheirContentAndReadBack) {
  const Digest name = must(blobs.put(bytes_of("abc")));
  EXPECT_EQ(to_hex(name), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-4
  EXPECT_EQ(blobs.path(name), folder.path("blobs/ba/7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  EXPECT_EQ(must(blobs.put(bytes_of("abc"))), name);
  EXPECT_TRUE(blobs.contains(name));
  EXPECT_EQ(must(blobs.size(name)), 3u);
  EXPECT_EQ(text_of(must(blobs.read(name, 3))), "abc");
  EXPECT_EQ(blobs.read(name, 2).error().code, Code::too_large);
  EXPECT_EQ(text_of(must(blobs.read_range(name, 1, 100))), "bc");
  EXPECT_TRUE(must(blobs.read_range(name, 3, 1)).empty());
  EXPECT_TRUE(std::filesystem::is_empty(folder.path("tmp")));
}

TEST_F(BlobsTest, AreWrittenPieceByPieceOrNotAtAll) {
  {
    auto unfinished = must(blobs.create());
    must(unfinished.write(bytes_of("half")));
    EXPECT_EQ(unfinished.size(), 4u);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path("tmp")));
  auto writer = must(blobs.create());
  must(writer.write(bytes_of("a")));
  must(writer.write(bytes_of("bc")));
  EXPECT_EQ(must(writer.finish()), sha256(bytes_of("abc")));
  overwrite(folder.path("file"), "abc");
  EXPECT_EQ(must(blobs.put_file(folder.path("file"))), sha256(bytes_of("abc")));
  EXPECT_EQ(blobs.put_file(folder.path("none")).error().code, Code::not_found);
}

TEST_F(BlobsTest, WhatIsMadeFromThemGoesWithThem) {
  const Digest name = must(blobs.put(bytes_of("abc")));
  EXPECT_FALSE(std::filesystem::exists(derived_path(blobs, name, "small")));
  must(put_derived(blobs, name, "small", bytes_of("one")));
  must(put_derived(blobs, name, "small", bytes_of("two")));
  must(put_derived(blobs, name, "none", {}));
  EXPECT_EQ(std::filesystem::file_size(derived_path(blobs, name, "small")), 3u);
  EXPECT_EQ(std::filesystem::file_size(derived_path(blobs, name, "none")), 0u);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path("tmp")));
  EXPECT_FALSE(must(blobs.remove_if_unused(name, Duration::seconds(3600))));
  EXPECT_TRUE(std::filesystem::exists(derived_path(blobs, name, "small")));
  EXPECT_TRUE(must(blobs.remove_if_unused(name, Duration::seconds(0))));
  EXPECT_FALSE(std::filesystem::exists(derived_path(blobs, name, "small")));
  EXPECT_EQ(put_derived(blobs, name, "small", bytes_of("three")).error().code, Code::not_found);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path("tmp")));

  must(blobs.put(bytes_of("abc")));
  must(put_derived(blobs, name, "small", bytes_of("four")));
  must(blobs.remove(name));
  EXPECT_FALSE(std::filesystem::exists(derived_path(blobs, name, "small")));
}

TEST_F(BlobsTest, DamageIsFound) {
  const Digest name = must(blobs.put(bytes_of("abc"))), unknown = sha256(bytes_of("other"));
  must(blobs.verify(name));
  overwrite(blobs.path(name), "abd");
  EXPECT_EQ(blobs.verify(name).error().code, Code::corrupt);
  EXPECT_EQ(blobs.read(name, 10).error().code, Code::corrupt);
  EXPECT_EQ(blobs.verify(unknown).error().code, Code::not_found);
  EXPECT_EQ(blobs.size(unknown).error().code, Code::not_found);
  EXPECT_EQ(blobs.read(unknown, 10).error().code, Code::not_found);
  EXPECT_EQ(blobs.read_range(unknown, 0, 1).error().code, Code::not_found);
  must(blobs.remove(name));
  must(blobs.remove(name));
  EXPECT_FALSE(blobs.contains(name));
}

TEST_F(BlobsTest, ListingPassesForeignFilesOver) {
  const Digest name = must(blobs.put(bytes_of("abc")));
  overwrite(folder.path("blobs/ba/notes.txt"), "x");
  std::filesystem::create_directory(folder.path("blobs/zz"));
  overwrite(folder.path("blobs/zz/") + std::string(62, '0'), "x");
  std::vector<Digest> listed;
  must(blobs.for_each([&](const Digest& digest, std::uint64_t) -> Result<void> {
    listed.push_back(digest);
    return {};
  }));
  EXPECT_THAT(listed, ElementsAre(name));
  EXPECT_EQ(blobs.for_each([](const Digest&, std::uint64_t) -> Result<void> { return fail(Code::cancelled); }).error().code,
            Code::cancelled);
}

class BackupTest : public StoreTest {
 protected:
  BackupTest() {
    tree = make_tree("kept");
    rid = create(tree, "content");
    blob = must(Blobs{folder.path("data")}.put(bytes_of("picture")));
    must(Blobs{folder.path("data")}.put(bytes_of("second picture")));
  }
  std::int64_t tree;
  Rid rid;
  Digest blob;
};

TEST_F(BackupTest, RestoresWhatWasThere) {
  int steps = 0;
  const auto made = must(backup(*database, folder.path("backup"), [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_LE(done, total);
    return ++steps > 0;
  }));
  EXPECT_EQ(steps, 3);
  EXPECT_EQ(made.blobs, 2u);
  EXPECT_EQ(made.trees, 1u);
  EXPECT_EQ(made.changes, 1u);
  create(tree, "later");  // the archive goes on
  EXPECT_EQ(must(verify_backup(folder.path("backup"))).blob_bytes, 21u);
  must(restore(folder.path("backup"), folder.path("restored")));

  auto restored = must(Database::open({.folder = folder.path("restored"), .background = false}));
  auto reader = must(restored->reader());
  EXPECT_EQ(text_of(must(find_record(reader, rid)).structure), "content");
  EXPECT_EQ(must(find_tree(reader, tree)).log_size, 1u);
  EXPECT_TRUE(all_faults(reader, tree).empty());
  EXPECT_EQ(text_of(must(Blobs{folder.path("restored")}.read(blob, 100))), "picture");
}

TEST_F(BackupTest, OverwritesNothing) {
  must(backup(*database, folder.path("backup")));
  EXPECT_EQ(backup(*database, folder.path("backup")).error().code, Code::exists);
  EXPECT_EQ(restore(folder.path("backup"), folder.path("data")).error().code, Code::exists);
  EXPECT_EQ(backup(*database, folder.path("other"), [](auto, auto) { return false; }).error().code, Code::cancelled);
  EXPECT_EQ(verify_backup(folder.path("other")).error().code, Code::not_found);  // unfinished: no MANIFEST
}

struct Damage {
  const char* name;
  std::function<void(const std::string& folder)> make;
  Code want;
};
class Damaged : public BackupTest, public testing::WithParamInterface<Damage> {};

TEST_P(Damaged, IsNotRestored) {
  // Copies, so that the originals stay as they are.
  must(backup(*database, folder.path("linked")));
  std::filesystem::copy(folder.path("linked"), folder.path("backup"), std::filesystem::copy_options::recursive);
  GetParam().make(folder.path("backup"));
  EXPECT_EQ(verify_backup(folder.path("backup")).error().code, GetParam().want);
  EXPECT_EQ(restore(folder.path("backup"), folder.path("restored")).error().code, GetParam().want);
  EXPECT_FALSE(std::filesystem::exists(folder.path("restored")));
}
std::string blob_of(const std::string& folder) { return Blobs{folder}.path(sha256(bytes_of("picture"))); }
INSTANTIATE_TEST_SUITE_P(
    Cases, Damaged,
    testing::Values(
        Damage{"blob_altered", [](const auto& at) { overwrite(blob_of(at), "picturE"); }, Code::corrupt},
        Damage{"blob_gone", [](const auto& at) { std::filesystem::remove(blob_of(at)); }, Code::corrupt},
        Damage{"database_altered", [](const auto& at) { append_to(at + "/archive.db", "x"); }, Code::corrupt},
        Damage{"manifest_gone", [](const auto& at) { std::filesystem::remove(at + "/MANIFEST"); }, Code::not_found},
        Damage{"manifest_longer", [](const auto& at) { append_to(at + "/MANIFEST", "blob 00 1\n"); }, Code::corrupt},
        Damage{"manifest_cut", [](const auto& at) { std::filesystem::resize_file(at + "/MANIFEST", 100); }, Code::corrupt},
        Damage{"manifest_empty", [](const auto& at) { overwrite(at + "/MANIFEST", ""); }, Code::corrupt},
        Damage{"newer",
               [](const auto& at) {
                 const std::string body = "tablinum-backup 2\n";
                 overwrite(at + "/MANIFEST", body + "end " + to_hex(sha256(bytes_of(body))) + "\n");
               },
               Code::unsupported}),
    [](const auto& row) { return std::string{row.param.name}; });

}  // namespace
}  // namespace tablinum::store
