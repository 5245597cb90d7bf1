#include "tablinum/store/database.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "fixture.h"

namespace tablinum::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DatabaseTest : public StoreTest {};

TEST_F(DatabaseTest, TheFolderIsPrivateAndLocked) {
  struct stat info{};
  ASSERT_EQ(stat(folder.path("data").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  const auto second = Database::open({.folder = folder.path("data"), .holder = "another"});
  EXPECT_EQ(second.error().code, Code::busy);
  EXPECT_EQ(second.error().detail, "tablinum");  // who holds it
  reopen();                                      // the lock goes with its holder
}

TEST_F(DatabaseTest, ReadOnlyWorksBesideAServerAndWritesNothing) {
  const auto tree = make_tree("seen");
  {
    auto beside = must(Database::open({.folder = folder.path("data"), .access = Access::read_only}));
    auto reader = must(beside->reader());
    EXPECT_EQ(must(find_tree(reader, tree)).name, "seen");
    EXPECT_EQ(reader.execute("DELETE FROM tree").error().code, Code::denied);
    EXPECT_EQ(beside->writer().error().code, Code::denied);
  }
  EXPECT_EQ(Database::open({.folder = folder.path("none"), .access = Access::read_only}).error().code, Code::not_found);
  database.reset();
  auto alone = must(Database::open({.folder = folder.path("data"), .access = Access::read_only}));
  auto reader = must(alone->reader());
  EXPECT_EQ(must(list_trees(reader)).size(), 1u);
}

TEST_F(DatabaseTest, RefusesWhatIsNotAnArchive) {
  database.reset();
  const auto path = folder.path("data") + "/archive.db";
  ASSERT_EQ(truncate(path.c_str(), 0), 0);
  FILE* file = fopen(path.c_str(), "w");
  fputs("this is a letter, not an archive, and it is long enough to be looked at as one. ................................",
        file);
  fclose(file);
  EXPECT_EQ(Database::open({.folder = folder.path("data")}).error().code, Code::corrupt);
}

TEST_F(DatabaseTest, AReaderKeepsItsSnapshot) {
  make_tree("one");
  auto before = read();
  EXPECT_EQ(must(list_trees(before)).size(), 1u);
  make_tree("two");
  EXPECT_EQ(must(list_trees(before)).size(), 1u);
  auto after = read();
  EXPECT_EQ(must(list_trees(after)).size(), 2u);
}

TEST_F(DatabaseTest, WritersTakeTurnsAndReadersWaitForAFreeConnection) {
  const auto tree = make_tree();
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        create(tree, "x", RecordKind::note);
        auto reader = read();
        if (!find_tree(reader, tree)) ++failures;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  seal_tree(tree);
  EXPECT_THAT(faults(tree), IsEmpty());
  auto reader = read();
  EXPECT_EQ(must(changes_of_tree(reader, tree, 0, 1000)).size(), 80u);
}

TEST_F(DatabaseTest, CommitHooksSeeWhatChangedInOrder) {
  std::vector<std::int64_t> generations;
  database->add_commit_hook([&](std::int64_t, std::int64_t generation) { generations.push_back(generation); });
  const auto tree = make_tree();
  create(tree, "a");
  create(tree, "b");
  seal_tree(tree);  // content stays as it is
  {
    auto writer = must(database->writer());
  }
  EXPECT_THAT(generations, ElementsAre(2, 3));
}

TEST_F(DatabaseTest, IdsGoOnAfterARestart) {
  const auto tree = make_tree();
  const Rid rid = create(tree, "a");
  const auto last = [&] {
    auto reader = read();
    return must(id_of(reader, rid));
  }();
  reopen();
  EXPECT_GT(RecordId{database->ids().next()}, last);
}

TEST_F(DatabaseTest, TheSealerSealsAfterAWhileAndAtTheEnd) {
  const auto tree = make_tree();
  database.reset();
  database = must(Database::open({.folder = folder.path("data"), .seal_after = Duration::milliseconds(10)}));
  create(tree, "a");
  const Instant deadline = monotonic_now() + Duration::seconds(20);
  const auto sealed = [&] {
    auto reader = read();
    return must(find_tree(reader, tree)).sealed_height;
  };
  while (sealed() < 0 && monotonic_now() < deadline) usleep(20'000);
  EXPECT_EQ(sealed(), 0);
  database.reset();
  open();
  create(tree, "b");
  reopen();
  EXPECT_EQ(sealed(), 1);
}

TEST_F(DatabaseTest, CheckpointsEmptyTheLog) {
  create(make_tree(), "a");
  EXPECT_GT(std::filesystem::file_size(folder.path("data") + "/archive.db-wal"), 0u);
  must(database->checkpoint(true));
  EXPECT_EQ(std::filesystem::file_size(folder.path("data") + "/archive.db-wal"), 0u);
}

TEST_F(DatabaseTest, LeftoversOfACrashAreCleared) {
  FILE* file = fopen((folder.path("data") + "/tmp/half").c_str(), "w");
  fclose(file);
  reopen();
  EXPECT_FALSE(std::filesystem::exists(folder.path("data") + "/tmp/half"));
}

TEST_F(DatabaseTest, ErrorsDoNotQuoteWhatARecordSays) {
  auto writer = must(database->writer());
  must(writer.statement("INSERT INTO actor(actor, label) VALUES(:1, :2)", "it").run(7, "secret"));
  const auto twice = writer.statement("INSERT INTO actor(actor, label) VALUES(:1, :2)", "it").run(7, "secret");
  EXPECT_EQ(twice.error().code, Code::exists);
  EXPECT_THAT(twice.error().detail, testing::Not(HasSubstr("secret")));
  EXPECT_EQ(writer.statement("SELECT nothing FROM nowhere", {}, "i").query().status().error().code, Code::internal);
}

// ---- Trees
// -------------------------------------------------------------------------------------------------------------------------

TEST_F(DatabaseTest, TreesAreMadeChangedDeletedAndPurged) {
  const auto first = make_tree("first"), second = make_tree("second");
  create(first, "a");
  {
    auto writer = must(database->writer());
    must(update_tree(writer, second, "renamed", TreePrivacy::everyone, R"({"a":1})"));
    EXPECT_EQ(update_tree(writer, 99, "x", TreePrivacy::closed, "{}").error().code, Code::not_found);
    EXPECT_EQ(purge_tree(writer, first).error().code, Code::conflict);
    must(delete_tree(writer, first));
    EXPECT_EQ(delete_tree(writer, first).error().code, Code::not_found);
    must(writer.commit());
  }
  {
    auto reader = read();
    const auto trees = must(list_trees(reader));
    ASSERT_EQ(trees.size(), 1u);
    EXPECT_EQ(trees[0].name, "renamed");
    EXPECT_EQ(trees[0].privacy, TreePrivacy::everyone);
    EXPECT_EQ(trees[0].settings, R"({"a":1})");
    EXPECT_EQ(must(find_tree(reader, trees[0].id)).tree_no, second);
    EXPECT_EQ(must(find_tree_by_name(reader, "renamed")).tree_no, second);
    EXPECT_EQ(find_tree_by_name(reader, "first").error().code, Code::not_found);
    EXPECT_EQ(find_tree(reader, first).error().code, Code::not_found);
    EXPECT_EQ(find_record(reader, make_rid(first, 0)).error().code, Code::not_found);
  }
  auto writer = must(database->writer());
  must(purge_tree(writer, first));
  EXPECT_EQ(purge_tree(writer, first).error().code, Code::not_found);
  must(writer.commit());
  auto reader = read();
  auto rows =
      reader
          .statement("SELECT (SELECT count(*) FROM record) + (SELECT count(*) FROM change) + (SELECT count(*) FROM name)", {},
                     "i")
          .query();
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.integer(0), 0);
}

}  // namespace
}  // namespace tablinum::store
