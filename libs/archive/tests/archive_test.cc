// What is kept in memory of a tree follows its generations; contradictions of a whole tree.
#include <thread>

#include "fixture.h"
#include "tablinum/archive/checks.h"

namespace tablinum::archive {
namespace {

using ::testing::IsEmpty;

class CacheTest : public ArchiveTest {
 protected:
  void touch(std::int64_t tree_no) {
    auto writer = must(archive_->database().writer());
    const auto tree = must(store::find_tree(writer, tree_no));
    must(store::update_tree(writer, tree_no, "renamed", tree.privacy, tree.settings));
    must(writer.commit());
  }
};

TEST_F(CacheTest, GraphAndIndexFollowGenerations) {
  const auto tree_no = import_text(gedcom("0 @I1@ INDI\n1 NAME A /B/\n"));
  const auto graph = must(archive_->graph(tree_no));
  const auto index = must(archive_->index(tree_no));
  EXPECT_EQ(must(archive_->graph(tree_no)), graph);
  EXPECT_EQ(must(archive_->index(tree_no)), index);
  EXPECT_GT(archive_->cache_bytes(), 0);
  touch(tree_no);
  EXPECT_NE(must(archive_->graph(tree_no)), graph);
  EXPECT_NE(must(archive_->index(tree_no)), index);
  EXPECT_EQ(must(archive_->graph(tree_no))->tree.name, "renamed");
  EXPECT_EQ(archive_->graph(tree_no + 1).error().code, Code::not_found);
  EXPECT_EQ(archive_->index(tree_no + 1).error().code, Code::not_found);
}

TEST_F(CacheTest, NoMoreGraphsThanAllowed) {
  archive_.reset();
  archive_ = must(Archive::open({.folder = path("data"), .graphs_max = 2}));
  std::vector<std::int64_t> numbers;
  for (int i = 0; i < 3; ++i) numbers.push_back(import_text(gedcom("0 @I1@ INDI\n")));
  const auto first = must(archive_->graph(numbers[0]));
  must(archive_->graph(numbers[1]));
  EXPECT_EQ(must(archive_->graph(numbers[0])), first);
  must(archive_->graph(numbers[2]));
  EXPECT_EQ(must(archive_->graph(numbers[0])), first) << "used after the second, so the second went";
  must(archive_->graph(numbers[1]));
  must(archive_->graph(numbers[2]));
  EXPECT_NE(must(archive_->graph(numbers[0])), first);
}

TEST_F(CacheTest, ManyThreadsBuildOneGraph) {
  const auto tree_no = import_text(gedcom("0 @I1@ INDI\n"));
  std::vector<std::shared_ptr<const TreeGraph>> graphs(8);
  {
    std::vector<std::jthread> threads;
    for (auto& graph : graphs) {
      threads.emplace_back([&] {
        graph = must(archive_->graph(tree_no));
        (void)archive_->cache_bytes();
      });
    }
  }
  for (const auto& graph : graphs) EXPECT_EQ(graph, graphs.front());
}

TEST_F(CacheTest, ReadersBesideAWriter) {
  const auto tree_no = import_text(gedcom("0 @I1@ INDI\n"));
  const auto beside = must(Archive::open({.folder = path("data"), .read_only = true}));
  EXPECT_EQ(must(beside->graph(tree_no))->tree.tree_no, tree_no);
  EXPECT_EQ(Archive::open({.folder = path("data")}).error().code, Code::busy);
  EXPECT_EQ(Archive::open({.folder = path("none"), .read_only = true}).error().code, Code::not_found);
}

TEST_F(CacheTest, ContradictionsNameTheirPeople) {
  const auto tree_no = import_text(gedcom(
      "0 @I1@ INDI\n1 BIRT\n2 DATE 1900\n1 DEAT\n2 DATE 1850\n0 @I2@ INDI\n1 BIRT\n2 DATE 1890\n1 FAMC @F1@\n"
      "0 @F1@ FAM\n1 HUSB @I1@\n1 CHIL @I2@\n0 @I3@ INDI\n1 BIRT\n2 DATE 1900\n"));
  const auto found = must(check_tree(*archive_, tree_no));
  auto reader = must(archive_->database().reader());
  std::set<std::string> people;
  for (const auto& one : found) people.insert(must(store::find_record(reader, one.person)).xref);
  EXPECT_TRUE(people.contains("I1"));
  EXPECT_TRUE(people.contains("I2"));
  EXPECT_FALSE(people.contains("I3"));
  EXPECT_EQ(check_tree(*archive_, tree_no + 1).error().code, Code::not_found);
}

}  // namespace
}  // namespace tablinum::archive
