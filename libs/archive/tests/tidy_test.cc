// Files that nothing names go; what a record, an import or somebody at work needs stays.
#include "tablinum/archive/tidy.h"

#include <algorithm>
#include <fstream>

#include "fixture.h"
#include "tablinum/archive/repair.h"
#include "tablinum/store/trees.h"

namespace tablinum::archive {
namespace {

using ::testing::IsEmpty;

class TidyTest : public ArchiveTest {
 protected:
  std::vector<Digest> blobs() {
    std::vector<Digest> all;
    must(archive_->blobs().for_each([&](const Digest& name, std::uint64_t) { return all.push_back(name), Result<void>{}; }));
    return all;
  }
  void make_old(const Digest& name) {
    const auto file = archive_->blobs().path(name);
    std::filesystem::last_write_time(file, std::filesystem::last_write_time(file) - std::chrono::hours{25});
  }
};

TEST_F(TidyTest, WhatATreeNeedsStays) {
  const auto tree = import_text(gedcom("0 @I1@ INDI\n"));
  const auto before = blobs();
  ASSERT_EQ(before.size(), 1U);
  make_old(before[0]);
  const auto report = must(remove_unused_blobs(*archive_));
  EXPECT_EQ(report.removed, 0U);
  EXPECT_EQ(report.kept, 1U);
  {
    auto writer = must(archive_->database().writer());
    must(store::delete_tree(writer, tree));
    must(store::purge_tree(writer, tree));
    must(writer.commit());
  }
  EXPECT_EQ(must(remove_unused_blobs(*archive_)).removed, 1U);
  EXPECT_THAT(blobs(), IsEmpty());
}

/// Names of the files below the data folder in which the word stands.
std::vector<std::string> files_with(const std::string& folder, std::string_view word) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in{entry.path(), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    if (bytes.find(word) != std::string::npos) found.push_back(entry.path().string());
  }
  return found;
}

TEST_F(TidyTest, RepairErasesDeletedTreesFromTheDisk) {
  // A word in every place that a record's words get to; the folded one is the index's.
  const auto tree = import_text(gedcom("0 @I1@ INDI\n1 NAME Qwzvorna /Xyqlomber/\n1 BIRT\n2 DATE 31 FEB 1870\n2 PLAC Vrqtopolis\n1 NOTE Xyqlomber\n"));
  const auto kept = import_text(gedcom("0 @I1@ INDI\n1 NAME Anna /Moyo/\n"));
  ASSERT_FALSE(files_with(path("data"), "Xyqlomber").empty());
  {
    auto writer = must(archive_->database().writer());
    must(store::delete_tree(writer, tree));
    must(writer.commit());
  }
  const auto report = must(repair(*archive_, {}, Duration::seconds(0)));
  EXPECT_EQ(report.erased, 1U);
  EXPECT_EQ(must(repair(*archive_, {}, Duration::seconds(0))).erased, 0U);
  expect_whole();
  EXPECT_EQ(count("SELECT count(*) FROM record WHERE rid >> 32 = " + std::to_string(kept)), 1);
  archive_.reset();
  for (const auto* word : {"Xyqlomber", "xyqlomber", "Qwzvorna", "qwzvorna", "Vrqtopolis", "vrqtopolis"}) {
    EXPECT_THAT(files_with(path("data"), word), IsEmpty()) << word;
  }
  open();
  ASSERT_EQ(trees().size(), 1U);
  EXPECT_EQ(trees()[0].tree_no, kept);
  // The number is not given again: what a browser remembers of the erased tree never meets another.
  EXPECT_GT(import_text(gedcom("0 @I1@ INDI\n")), std::max(tree, kept));
}

TEST_F(TidyTest, WhatIsYoungStaysAndWhatIsPutAgainIsYoung) {
  const auto name = must(archive_->blobs().put(bytes_of("an import's picture")));
  EXPECT_EQ(must(remove_unused_blobs(*archive_)).removed, 0U);
  make_old(name);
  must(archive_->blobs().put(bytes_of("an import's picture")));
  EXPECT_EQ(must(remove_unused_blobs(*archive_)).removed, 0U);
  make_old(name);
  const auto report = must(remove_unused_blobs(*archive_));
  EXPECT_EQ(report.removed, 1U);
  EXPECT_EQ(report.removed_bytes, 19U);
  EXPECT_EQ(must(remove_unused_blobs(*archive_)).removed, 0U);
}

TEST_F(TidyTest, PicturesOfRecordsStay) {
  const auto name = must(archive_->blobs().put(bytes_of("a picture")));
  make_old(name);
  import_text(gedcom("0 @I1@ INDI\n"));
  {
    auto writer = must(archive_->database().writer());
    must(writer.execute("INSERT INTO identifier(rid, ord, scheme, value) VALUES(1, 32000, 'blob', '" + to_hex(name) + " photo.jpg')"));
    must(writer.commit());
  }
  EXPECT_EQ(must(remove_unused_blobs(*archive_)).removed, 0U);
  EXPECT_TRUE(archive_->blobs().contains(name));
}

}  // namespace
}  // namespace tablinum::archive
