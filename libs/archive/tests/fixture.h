#pragma once
/// An archive in a folder of its own, and GEDCOM texts to fill it with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tablinum/archive/export.h"
#include "tablinum/archive/import.h"
#include "tablinum/store/history.h"
#include "tablinum/store/records.h"
#include "tablinum/store/staging.h"

namespace tablinum::archive {

/// The value, or the test ends here with the error.
template <class T>
T must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << describe(result.error());
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// Lines of a file between a header and a trailer.
inline std::string gedcom(std::string_view records, std::string_view version = "5.5.1") {
  return "0 HEAD\n1 SOUR TEST\n2 NAME Test program\n1 GEDC\n2 VERS " + std::string{version} + "\n1 CHAR UTF-8\n" + std::string{records} +
         "0 TRLR\n";
}

class ArchiveTest : public ::testing::Test {
 protected:
  ArchiveTest() {
    folder_ = (std::filesystem::temp_directory_path() / "tablinum-archive-XXXXXX").string();
    if (mkdtemp(folder_.data()) == nullptr) std::abort();
    open();
  }
  ~ArchiveTest() override {
    archive_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string path(std::string_view name) const { return folder_ + '/' + std::string{name}; }
  void open() {
    archive_.reset();
    archive_ = must(Archive::open({.folder = path("data")}));
  }
  std::string write(std::string_view name, std::string_view text) const {
    std::ofstream{path(name), std::ios::binary} << text;
    return path(name);
  }
  static std::string read(const std::string& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  Result<ImportReport> try_import(const std::string& file, std::function<void(ImportOptions&)> change = {}) {
    ImportOptions options{.path = file, .file_name = std::filesystem::path(file).filename().string(), .tree_name = "tree", .into = {},
                          .job = {}, .charset = {}, .verify = true, .progress = {}};
    if (change) change(options);
    return import_file(*archive_, options);
  }
  /// Imports the text and gives the number of its tree.
  std::int64_t import_text(std::string_view text) {
    report_ = must(try_import(write("file.ged", text)));
    EXPECT_EQ(report_.lossless, true);
    return tree_no_of(report_.tree);
  }
  std::int64_t tree_no_of(const TreeId& id) {
    auto reader = must(archive_->database().reader());
    return must(store::find_tree(reader, id)).tree_no;
  }
  std::vector<store::TreeInfo> trees() {
    auto reader = must(archive_->database().reader());
    return must(store::list_trees(reader));
  }
  /// Rows of a table that belong to trees, by SQL.
  std::int64_t count(const std::string& sql) {
    auto reader = must(archive_->database().reader());
    auto rows = reader.statement(sql, {}, "i").query();
    return rows.next() ? rows.integer(0) : -1;
  }
  void expect_whole() {
    auto reader = must(archive_->database().reader());
    for (const auto& tree : must(store::list_trees(reader))) {
      const auto verified = must(store::verify_tree(reader, tree.tree_no));
      EXPECT_THAT(verified.faults, ::testing::IsEmpty());
      EXPECT_THAT(verified.row_faults, ::testing::IsEmpty());
    }
  }
  void expect_empty() {
    EXPECT_THAT(trees(), ::testing::IsEmpty());
    for (const char* table : {"record", "person", "name", "event", "member", "link", "place", "document", "change", "tree"}) {
      EXPECT_EQ(count(std::string{"SELECT count(*) FROM "} + table), 0) << table;
    }
  }

  std::string folder_;
  std::unique_ptr<Archive> archive_;
  ImportReport report_;
};

}  // namespace tablinum::archive
