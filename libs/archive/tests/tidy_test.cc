// Files that nothing names go; what a record, an import or somebody at work needs stays.
#include "tablinum/archive/tidy.h"

#include "fixture.h"
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
