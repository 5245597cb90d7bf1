#include "tablinum/search/index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tablinum/store/database.h"
#include "test_tree.h"

namespace tablinum::search::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Documents : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::unique_ptr<store::Database> database_ = open_database(folder_.path());
  store::Writer writer_ = database_->writer().value();
  DocumentIndex index_{writer_};

  std::vector<std::uint32_t> find(std::string_view word, Column column = Column::name, std::int64_t tree = 1) {
    return index_.postings(tree, column, word).value();
  }
};

TEST_F(Documents, AreFoundByTheirWords) {
  ASSERT_TRUE(index_.put(make_rid(1, 7), {"Tendai Moyo", "_lmoyo", "farmer"}).has_value());
  ASSERT_TRUE(index_.put(make_rid(1, 3), {"Ann Moyo", "", ""}).has_value());
  ASSERT_TRUE(index_.put(make_rid(2, 3), {"Ann Moyo", "", ""}).has_value());
  EXPECT_THAT(find("moyo"), ElementsAre(3, 7));
  EXPECT_THAT(find("moyo", Column::name, 2), ElementsAre(3));
  EXPECT_THAT(find("moyo", Column::body), IsEmpty());
  EXPECT_THAT(find("farmer", Column::body), ElementsAre(7));
  EXPECT_THAT(find("_lmoyo", Column::alt), ElementsAre(7));
  EXPECT_THAT(find("lmoyo", Column::alt), IsEmpty());
  EXPECT_EQ(index_.get(make_rid(1, 7))->name, "Tendai Moyo");
  EXPECT_EQ(index_.get(make_rid(1, 8)).error().code, Code::not_found);
}

TEST_F(Documents, AreReplacedAndRemoved) {
  const auto rid = make_rid(1, 7);
  ASSERT_TRUE(index_.put(rid, {"Tendai Moyo", "", ""}).has_value());
  ASSERT_TRUE(index_.put(rid, {"Tendai Müller", "", ""}).has_value());
  EXPECT_THAT(find("moyo"), IsEmpty());
  EXPECT_THAT(find("müller"), ElementsAre(7));
  ASSERT_TRUE(index_.put(rid, {}).has_value());
  EXPECT_THAT(find("tendai"), IsEmpty());
  EXPECT_EQ(index_.get(rid).error().code, Code::not_found);
  EXPECT_TRUE(index_.remove(rid).has_value()) << "removing nothing is no error";
}

TEST_F(Documents, OfAnImportAreIndexedTogether) {
  for (std::uint32_t n = 0; n < 5; ++n) {
    ASSERT_TRUE(index_.store_new(make_rid(1, n), {"Ann", "", n % 2 == 0 ? "even" : "odd"}).has_value());
  }
  EXPECT_THAT(find("ann"), IsEmpty());
  ASSERT_TRUE(index_.index_stored(make_rid(1, 0), make_rid(1, 3)).has_value());
  EXPECT_THAT(find("ann"), ElementsAre(0, 1, 2, 3));
  ASSERT_TRUE(index_.index_stored(make_rid(1, 4), make_rid(1, 9)).has_value());
  EXPECT_THAT(find("even", Column::body), ElementsAre(0, 2, 4));
  EXPECT_TRUE(index_.optimize().has_value());
}

TEST_F(Documents, OfOneTreeAreRemovedAlone) {
  ASSERT_TRUE(index_.put(make_rid(1, 1), {"Ann", "", ""}).has_value());
  ASSERT_TRUE(index_.put(make_rid(2, 0), {"Ann", "", ""}).has_value());
  ASSERT_TRUE(index_.put(make_rid(2, 0xFFFF'FFFF), {"Ann", "", ""}).has_value());
  ASSERT_TRUE(index_.put(make_rid(3, 0), {"Ann", "", ""}).has_value());
  ASSERT_TRUE(index_.remove_tree(2).has_value());
  EXPECT_THAT(find("ann", Column::name, 1), ElementsAre(1));
  EXPECT_THAT(find("ann", Column::name, 2), IsEmpty());
  EXPECT_THAT(find("ann", Column::name, 3), ElementsAre(0));
}

TEST_F(Documents, AnswerPhrases) {
  ASSERT_TRUE(index_.put(make_rid(1, 1), {"rose cottage", "", ""}).has_value());
  const std::vector<std::string> there = {"rose", "cottage"};
  const std::vector<std::string> reversed = {"cottage", "rose"};
  EXPECT_THAT(index_.phrase(1, Column::name, there).value(), ElementsAre(1));
  EXPECT_THAT(index_.phrase(1, Column::name, reversed).value(), IsEmpty());
  EXPECT_THAT(index_.phrase(1, Column::name, {}).value(), IsEmpty());
}

TEST_F(Documents, CannotBeAskedWithSyntax) {
  ASSERT_TRUE(index_.put(make_rid(1, 1), {"rose", "", ""}).has_value());
  for (const auto* hostile : {"\"", "rose\" OR \"x", "*", "NEAR(", "name:", "rose*", ") OR (", "\\"}) {
    EXPECT_TRUE(index_.postings(1, Column::name, hostile).has_value()) << hostile;
  }
  EXPECT_THAT(find("x\" OR name:\"rose"), IsEmpty());
}

TEST_F(Documents, HaveTheTablesThatTheStoreMakes) {
  for (const auto statement : kCreateTables) EXPECT_TRUE(writer_.execute(statement).has_value());
  EXPECT_TRUE(writer_.execute("INSERT INTO document_index(document_index) VALUES('integrity-check')").has_value());
}

}  // namespace
}  // namespace tablinum::search::test
