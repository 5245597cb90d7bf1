// Insertions that wait, and go to the engine many at once, end where single ones do.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "connection.h"
#include "fixture.h"

namespace tablinum::store {
namespace {

struct Row {
  std::optional<std::string> text;
  std::optional<std::string> bytes;
  std::optional<std::int32_t> number;
};

class GatheredRows : public testing::Test {
 protected:
  GatheredRows() : connection{must(Connection::open(folder.path("test.db"), false))} {
    must(connection->execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c BLOB, d REAL, e INTEGER, f INTEGER NOT NULL)"));
  }
  Result<void> insert(std::int64_t key, const Row& row) {
    std::optional<ByteView> bytes;
    if (row.bytes) bytes = bytes_of(*row.bytes);
    const auto half = row.number ? std::optional{*row.number / 2.0} : std::nullopt;
    return connection->statement("INSERT INTO t(a, b, c, d, e, f) VALUES(:1, :2, :3, :4, :5, 1)", "itbdi", {})
        .run(key, row.text, bytes, half, row.number);
  }
  Transaction begin(bool gathering) {
    connection->gather_inserts(gathering);
    return must(Transaction::start(*connection, "BEGIN IMMEDIATE"));
  }
  /// All that the table holds, with the types that the engine keeps.
  std::vector<std::string> content() {
    auto rows = connection
                    ->statement("SELECT a || ' ' || typeof(b) || ' ' || quote(b) || ' ' || typeof(c) || ' ' || quote(c) || ' ' || "
                                "typeof(d) || ' ' || quote(d) || ' ' || quote(e) || ' ' || f FROM t ORDER BY a",
                                {}, "t")
                    .query();
    std::vector<std::string> all;
    while (rows.next()) all.emplace_back(rows.text(0));
    EXPECT_TRUE(rows.status());
    return all;
  }
  std::vector<std::string> stored(std::span<const Row> rows, bool gathering) {
    must(connection->execute("DELETE FROM t"));
    auto transaction = begin(gathering);
    for (std::size_t i = 0; i < rows.size(); ++i) must(insert(static_cast<std::int64_t>(i), rows[i]));
    must(transaction.commit());
    return content();
  }

  TemporaryFolder folder;
  std::unique_ptr<Connection> connection;
};

using Drawn = std::tuple<std::string, std::string, int, std::uint8_t>;

RC_GTEST_FIXTURE_PROP(GatheredRows, AreStoredAsSingleOnes, (const std::vector<Drawn>& drawn)) {
  std::vector<Row> rows;
  for (const auto& [text, bytes, number, present] : drawn) {
    Row row{text.substr(0, text.find('\0')), bytes, number};
    if (present & 1) row.text.reset();
    if (present & 2) row.bytes.reset();
    if (present & 4) row.number.reset();
    rows.insert(rows.end(), 1 + present % 16, row);  // so that more come than go together
  }
  RC_ASSERT(stored(rows, true) == stored(rows, false));
}

TEST_F(GatheredRows, AreSeenByTheNextQuestion) {
  auto transaction = begin(true);
  for (int key = 0; key < 130; ++key) {
    must(insert(key, {"x", {}, key}));
    if (key % 50 == 0) EXPECT_EQ(content().size(), static_cast<std::size_t>(key) + 1);
  }
  must(connection->execute("UPDATE t SET f = 2"));
  must(transaction.commit());
  EXPECT_EQ(content().size(), 130U);
  EXPECT_TRUE(content().back().ends_with(" 2"));
}

TEST_F(GatheredRows, MayBeLarge) {
  std::vector<Row> rows(40, Row{std::string(100'000, 'x'), std::string(50'000, '\0'), 1});
  EXPECT_EQ(stored(rows, true), stored(rows, false));
}

TEST_F(GatheredRows, ATakenKeyFailsTheTransaction) {
  {
    auto transaction = begin(true);
    must(insert(1, {"first", {}, {}}));
    must(insert(2, {"second", {}, {}}));
    must(insert(1, {"again", {}, {}}));
    auto rows = connection->statement("SELECT a FROM t", {}, "i").query();
    EXPECT_FALSE(rows.next());
    EXPECT_EQ(rows.status().error().code, Code::exists);
    // Nothing succeeds any more: the transaction lacks a row that was accepted.
    EXPECT_EQ(insert(3, {"third", {}, {}}).error().code, Code::exists);
    EXPECT_EQ(connection->execute("DELETE FROM t").error().code, Code::exists);
    EXPECT_EQ(transaction.commit().error().code, Code::exists);
  }
  EXPECT_TRUE(content().empty());
  EXPECT_EQ(stored(std::vector<Row>(3), true).size(), 3U);
}

TEST_F(GatheredRows, AreForgottenWithTheirTransaction) {
  {
    auto transaction = begin(true);
    must(insert(1, {"x", {}, {}}));
  }
  EXPECT_TRUE(content().empty());
  {
    auto transaction = begin(false);
    must(insert(2, {"x", {}, {}}));
    must(transaction.commit());
  }
  EXPECT_EQ(content().size(), 1U);
}

TEST_F(GatheredRows, OtherInsertionsRunAtOnce) {
  auto transaction = begin(true);
  must(insert(1, {"x", {}, {}}));
  for (const auto* sql : {"INSERT INTO t(a, b, f) VALUES(:1, 'quoted', 1)", "INSERT OR IGNORE INTO t(a, f) VALUES(:1, 1)",
                          "INSERT INTO t(a, f) VALUES(:1, 1) ON CONFLICT DO NOTHING", "INSERT INTO t(a, f) SELECT :1, 1"}) {
    EXPECT_EQ(connection->statement(sql, "i", {}).run_counted(content().size() + 1).value(), 1) << sql;
  }
  must(transaction.commit());
  EXPECT_EQ(content().size(), 5U);
}

}  // namespace
}  // namespace tablinum::store
