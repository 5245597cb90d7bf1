// In and out again: real files where they are at hand, and own ones that cover the same ground.
#include <simdjson.h>
#include <sys/stat.h>

#include <thread>

#include "fixture.h"
#include "tablinum/store/records.h"
#include "tablinum/tree/gedcom/gedzip.h"
#include "tablinum/tree/structure.h"

namespace tablinum::archive {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

class RoundTripTest : public ArchiveTest {
 protected:
  /// Import, export, import of that: equal structures in equal order, and equal texts from then on.
  void go_round(const fs::path& file) {
    SCOPED_TRACE(file.filename());
    const auto first = must(try_import(file.string()));
    EXPECT_EQ(first.lossless, true);
    must(export_tree(*archive_, tree_no_of(first.tree), ExportOptions{}, path("1.ged")));
    const auto second = must(try_import(path("1.ged")));
    must(export_tree(*archive_, tree_no_of(second.tree), ExportOptions{}, path("2.ged")));
    EXPECT_EQ(read(path("1.ged")), read(path("2.ged")));
    EXPECT_EQ(first.counts, second.counts);
    EXPECT_EQ(structures(first.tree), structures(second.tree));
  }
  /// Numbers of records' structures in which pointers are left out: their ids differ from import to import.
  std::vector<std::string> structures(const TreeId& id) {
    const auto tree_no = tree_no_of(id);
    auto reader = must(archive_->database().reader());
    std::vector<std::string> out;
    must(store::for_each_record(reader, tree_no, 0, [&](const store::Record& record) -> Result<void> {
      const auto structure = must(tree::decode(record.structure));
      std::string text = record.xref;
      for (std::uint32_t i = 0; i < structure.nodes().size(); ++i) {
        const auto& node = structure[i];
        text += '|' + std::string{structure.tag_name(i)} + '=' + std::string{node.text};
        if (node.kind == tree::PayloadKind::record && !node.target.value().is_zero()) {
          text += '@' + must(store::find_record(reader, node.target)).xref;
        }
      }
      out.push_back(std::move(text));
      return {};
    }));
    return out;
  }
};

TEST_F(RoundTripTest, EveryRealFile) {
  const auto folder = fs::path{TABLINUM_SHARED} / "data/gedcom";
  if (!fs::exists(folder)) return;
  for (const auto& entry : fs::recursive_directory_iterator{folder}) {
    const auto extension = entry.path().extension();
    if ((extension == ".ged" || extension == ".GED") && entry.file_size() < 8'000'000) go_round(entry.path());
  }
  expect_whole();
}

TEST_F(RoundTripTest, CountsOfRealFilesEqualTheOracle) {
  const auto folder = fs::path{TABLINUM_SHARED} / "data/gedcom";
  if (!fs::exists(folder)) return;
  simdjson::dom::parser parser;
  const auto oracle = parser.load((folder / "oracle.json").string());
  for (const auto [name, facts] : simdjson::dom::object{oracle["files"]}) {
    SCOPED_TRACE(name);
    const auto report = must(try_import((folder / std::string{name}).string(), [](ImportOptions& o) { o.verify = false; }));
    for (const auto& [key, count] : report.counts) {
      std::uint64_t want = 0;
      if (facts[key].get(want) == simdjson::SUCCESS) EXPECT_EQ(count, want) << key;
    }
  }
}

TEST_F(RoundTripTest, EveryOwnFixtureOfTheReader) {
  const auto folder = (fs::path{TABLINUM_TEST_DATA} / "../../../tree/tests/data/gedcom").lexically_normal();
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator{folder}) {
    if (entry.path().extension() != ".ged") continue;
    go_round(entry.path());
    ++files;
  }
  EXPECT_GT(files, 50);
  expect_whole();
}

TEST_F(RoundTripTest, ExportReplacesAFileAndLeavesNothingElse) {
  const auto tree_no = import_text(gedcom("0 @I1@ INDI\n"));
  fs::create_directory(path("out"));
  std::ofstream{path("out/a.ged")} << "old";
  const auto report = must(export_tree(*archive_, tree_no, ExportOptions{}, path("out/a.ged")));
  EXPECT_EQ(report.records, 1);
  EXPECT_EQ(report.bytes, fs::file_size(path("out/a.ged")));
  EXPECT_EQ(std::distance(fs::directory_iterator{path("out")}, {}), 1);
  EXPECT_EQ(export_tree(*archive_, tree_no, ExportOptions{}, path("no/such/a.ged")).error().code, Code::not_found);
  EXPECT_EQ(export_tree(*archive_, tree_no, ExportOptions{}, path("out")).error().code, Code::invalid);
  EXPECT_EQ(export_tree(*archive_, tree_no + 1, ExportOptions{}, path("b.ged")).error().code, Code::not_found);
  EXPECT_FALSE(fs::exists(path("b.ged")));
  EXPECT_EQ(std::distance(fs::directory_iterator{folder_}, {}), 3) << "data, file.ged, out";
}

TEST_F(RoundTripTest, ExportWritesIntoPipesAndThroughLinksAndReplacesNeither) {
  const auto tree = import_text(gedcom("0 @I1@ INDI\n1 NAME Anna /Moyo/\n"));
  must(export_tree(*archive_, tree, ExportOptions{}, path("plain.ged")));
  const auto want = read(path("plain.ged"));

  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  std::string got;
  std::thread reader{[&] { got = read(path("pipe")); }};
  must(export_tree(*archive_, tree, ExportOptions{}, path("pipe")));
  reader.join();
  EXPECT_EQ(got, want);
  EXPECT_TRUE(fs::is_fifo(path("pipe")));
  EXPECT_EQ(export_tree(*archive_, tree, ExportOptions{.media = true}, path("pipe")).error().code, Code::invalid);
  EXPECT_TRUE(fs::is_fifo(path("pipe")));

  write("target.ged", "old");
  fs::create_symlink(path("target.ged"), path("link"));
  must(export_tree(*archive_, tree, ExportOptions{}, path("link")));
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(read(path("target.ged")), want);
}

TEST_F(RoundTripTest, AStoppedExportLeavesNothing) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "0 @I" + std::to_string(i) + "@ INDI\n";
  const auto tree_no = import_text(gedcom(text));
  for (const auto format : {ExportOptions{}, ExportOptions{.media = true}}) {
    const auto stopped = export_tree(*archive_, tree_no, format, path("a.out"), [](std::uint64_t, std::uint64_t) { return false; });
    EXPECT_EQ(stopped.error().code, Code::cancelled);
    EXPECT_EQ(std::distance(fs::directory_iterator{folder_}, {}), 2) << "data, file.ged";
  }
}

TEST_F(RoundTripTest, AZipWithMediaAndAFileThatNobodyNames) {
  const std::string text = gedcom("0 @I1@ INDI\n1 OBJE @M1@\n0 @M1@ OBJE\n1 FILE media/a%20b.jpg\n2 FORM image/jpeg\n1 FILE media/UPPER.JPG\n"
                                  "2 FORM image/jpeg\n1 FILE gone.jpg\n2 FORM image/jpeg\n", "7.0");
  const auto put = [](tree::gedcom::ZipWriter& zip, std::string_view name, std::string_view bytes) { must(zip.add(name, bytes_of(bytes))); };
  {
    auto zip = must(tree::gedcom::ZipWriter::create(path("in.gdz")));
    put(zip, "gedcom.ged", text);
    put(zip, "media/a b.jpg", "picture");
    put(zip, "media/upper.jpg", "case");
    put(zip, "readme.txt", "nobody names me");
    must(zip.finish());
  }
  const auto first = must(try_import(path("in.gdz")));
  EXPECT_TRUE(first.gedzip);
  EXPECT_EQ(count("SELECT count(*) FROM identifier WHERE scheme = 'blob'"), 2);
  const auto out = must(export_tree(*archive_, tree_no_of(first.tree), ExportOptions{.media = true}, path("out.gdz")));
  EXPECT_EQ(out.bytes, fs::file_size(path("out.gdz")));
  EXPECT_EQ(out.media, 3);
  EXPECT_EQ(out.media_missing, 1);
  const auto second = must(try_import(path("out.gdz")));
  EXPECT_EQ(structures(first.tree), structures(second.tree));
  // And once more, which must not lose the file that nobody names either.
  EXPECT_EQ(must(export_tree(*archive_, tree_no_of(second.tree), ExportOptions{.media = true}, path("out2.gdz"))).media, 3);
  EXPECT_EQ(std::distance(fs::directory_iterator{folder_}, {}), 4) << "data and three archives";
}

}  // namespace
}  // namespace tablinum::archive
