#include "tablinum/store/migrations.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "connection.h"
#include "files.h"
#include "fixture.h"
#include "folder.h"

namespace tablinum::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Migration kFirst{.version = 1,
                           .name = "first",
                           .up = "CREATE TABLE a(x {bigkey} PRIMARY KEY);\nINSERT INTO a VALUES(1);\n",
                           .down = "DROP TABLE a;\n",
                           .down_loses_data = true};
constexpr Migration kSecond{.version = 2,
                            .name = "second",
                            .up = "ALTER TABLE a ADD COLUMN y {blob};\nCREATE INDEX a_y ON a(y);\n",
                            .down = "DROP INDEX a_y;\nALTER TABLE a DROP COLUMN y;\n"};
constexpr Migration kBroken{
    .version = 2, .name = "broken", .up = "CREATE TABLE b(x {blob});\nCREATE TABLE a(x {blob});\n", .down = "DROP TABLE b;\n"};
const std::vector<Migration> kOne{kFirst}, kTwo{kFirst, kSecond}, kBad{kFirst, kBroken};

class Migrations : public testing::Test {
 protected:
  std::vector<int> applied() {
    std::vector<int> versions;
    for (const auto& one : must(applied_migrations(folder.path()))) versions.push_back(one.version);
    return versions;
  }
  bool has(const std::string& name) {
    auto connection = must(Connection::open(database_path(folder.path()), true));
    auto rows = connection->statement("SELECT 1 FROM sqlite_master WHERE name = :1", "t", "i").query(name);
    return rows.next();
  }
  TemporaryFolder folder;
};

TEST_F(Migrations, GoUpAndDownStepByStep) {
  EXPECT_THAT(applied(), IsEmpty());
  EXPECT_THAT(must(plan_migration(folder.path(), kTwo, 2)).steps, ElementsAre("up 1 first", "up 2 second"));
  EXPECT_FALSE(std::filesystem::exists(database_path(folder.path())));  // a dry run
  must(migrate(folder.path(), kTwo, 2));
  EXPECT_THAT(applied(), ElementsAre(1, 2));
  EXPECT_TRUE(has("a_y"));
  EXPECT_THAT(must(migrate(folder.path(), kTwo, 2)).steps, IsEmpty());
  must(migrate(folder.path(), kTwo, 1));
  EXPECT_FALSE(has("a_y"));
  EXPECT_TRUE(std::filesystem::exists(folder.path("backups/before-migration-2-to-1.db")));
  EXPECT_EQ(migrate(folder.path(), kTwo, 0).error().code, Code::denied);
  EXPECT_TRUE(must(plan_migration(folder.path(), kTwo, 0)).loses_data);
  must(migrate(folder.path(), kTwo, 0, true));
  EXPECT_THAT(applied(), IsEmpty());
  must(migrate(folder.path(), kTwo, 2));
  EXPECT_EQ(migrate(folder.path(), kTwo, 1).error().code, Code::exists);  // a copy of that step is there already
}

TEST_F(Migrations, RefuseWhatTheyDoNotKnow) {
  must(migrate(folder.path(), kTwo, 2));
  EXPECT_EQ(plan_migration(folder.path(), kOne, 1).error().code, Code::unsupported);
  EXPECT_EQ(plan_migration(folder.path(), kBad, 2).error().code, Code::corrupt);
  EXPECT_EQ(plan_migration(folder.path(), kTwo, 3).error().code, Code::invalid);
  EXPECT_EQ(plan_migration(folder.path(), kTwo, -1).error().code, Code::invalid);
  EXPECT_EQ(Database::open({.folder = folder.path()}).error().code, Code::corrupt);  // another program's archive
}

TEST_F(Migrations, AStepThatFailsLeavesTheVersionBefore) {
  must(migrate(folder.path(), kOne, 1));
  EXPECT_FALSE(migrate(folder.path(), kBad, 2).has_value());
  EXPECT_THAT(applied(), ElementsAre(1));
  EXPECT_FALSE(has("b"));
}

TEST_F(Migrations, TheFolderMustBeFree) {
  const auto lock = must(FolderLock::take(folder.path(), "a server"));
  const auto refused = migrate(folder.path(), kOne, 1);
  EXPECT_EQ(refused.error().code, Code::busy);
  EXPECT_EQ(refused.error().detail, "a server");
}

TEST_F(Migrations, ThoseOfTheProgramGoForthAndBack) {
  must(Database::open({.folder = folder.path()})).reset();
  const auto last = static_cast<int>(migrations().size());
  EXPECT_EQ(must(applied_migrations(folder.path())).size(), migrations().size());
  must(migrate(folder.path(), migrations(), 0, true));
  {
    auto connection = must(Connection::open(database_path(folder.path()), true));
    auto rows = connection
                    ->statement("SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite%' AND name <> 'schema_version'",
                                {}, "i")
                    .query();
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.integer(0), 0);
  }
  must(migrate(folder.path(), migrations(), last));
  must(Database::open({.folder = folder.path()})).reset();
}

TEST_F(Migrations, DocumentsAreFoundInEveryVersion) {
  const auto last = static_cast<int>(migrations().size());
  must(migrate(folder.path(), migrations(), 1));
  {
    auto connection = must(Connection::open(database_path(folder.path()), false));
    must(connection->execute("INSERT INTO document(rid, name, alt, body) VALUES(7, 'Tendai Moyo', '_lmoyo', 'farmer')"));
    must(connection->execute("INSERT INTO document_index(rowid, name, alt, body) VALUES(7, 'Tendai Moyo', '_lmoyo', 'farmer')"));
  }
  const auto found = [&](std::string_view query) {
    auto connection = must(Connection::open(database_path(folder.path()), true));
    auto rows = connection->statement("SELECT rowid FROM document_index WHERE document_index MATCH :1", "t", "i").query(query);
    return rows.next() && rows.integer(0) == 7;
  };
  for (const int version : {last, 1, last}) {
    must(migrate(folder.path(), migrations(), version));
    must(remove_all(folder.path() + "/backups"));
    EXPECT_TRUE(found("name : moyo")) << version;
    EXPECT_TRUE(found("\"tendai moyo\"")) << version;
    EXPECT_FALSE(found("body : moyo")) << version;
  }
}

TEST_F(Migrations, AChecksumCoversBothTexts) {
  Migration other = kFirst;
  other.down = "DROP TABLE a; ";
  EXPECT_NE(checksum(other), checksum(kFirst));
  other = kFirst;
  other.name = "renamed";
  EXPECT_EQ(checksum(other), checksum(kFirst));
}

}  // namespace
}  // namespace tablinum::store
