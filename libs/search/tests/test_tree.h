#pragma once
/// A tree of a few records in a database of its own, for tests.
#include <stdlib.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tablinum/search/search.h"
#include "tablinum/store/database.h"

namespace tablinum::search::test {

constexpr std::int64_t kTreeNo = 3;

struct TestRecord {
  std::uint32_t n = 0;
  Kind kind = Kind::person;
  Circle circle = Circle::everyone;
  Sex sex = Sex::unknown;
  bool living = false;
  Years birth{};
  Years death{};
  std::string surname{};           ///< or the title
  std::string given{};
  std::string nickname{};
  std::vector<std::string> body{};
  std::vector<std::uint32_t> places{};
  std::uint32_t links = 0;
  std::string married{};           ///< second name with this surname

  RecordFacts facts() const {
    return {n, kind, circle, sex, living, birth, death, surname, given, places, links};
  }
  Document document() const {
    static Tokenizer tokenizer;
    std::vector<PersonName> names;
    if (kind == Kind::person) names.push_back({{}, given, {}, surname, nickname, Language::other});
    if (!married.empty()) names.push_back({{}, given, {}, married, {}, Language::other});
    const std::vector<std::string_view> texts(body.begin(), body.end());
    Document out;
    tokenizer.document({names, kind == Kind::person ? std::string_view{} : std::string_view{surname}, texts}, out);
    return out;
  }
};

struct TestPlace {
  std::uint32_t n;
  std::uint32_t parent;
  std::string name;
};

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "search-test-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::unique_ptr<store::Database> open_database(const std::string& folder) {
  return store::Database::open({.folder = folder, .background = false}).value();
}

class TestTree {
 public:
  static constexpr std::int64_t kGeneration = 7;

  explicit TestTree(std::vector<TestRecord> records, std::vector<TestPlace> places = {})
      : database_{open_database(folder_.path())}, records_{std::move(records)}, places_{std::move(places)} {
    store_documents();
    index_ = build();
    reader_.emplace(database_->reader().value());
    documents_.emplace(*reader_);
  }

  /// A new index of the same records, from the database.
  std::shared_ptr<TreeIndex> build() {
    auto index = std::make_shared<TreeIndex>(kTreeNo);
    for (const auto& place : places_) index->add(PlaceFacts{place.n, place.parent, place.name});
    for (const auto& record : records_) index->add(record.facts());
    auto reader = database_->reader().value();
    DocumentIndex documents{reader};
    if (!index->add_documents(documents)) abort();
    index->finish(kGeneration);
    return index;
  }

  Result<Answer> try_search(std::string_view text, const SearchOptions& options = {}, const Viewer& viewer = {Circle::owners, {}}) {
    TRY(query, parse_query(text));
    return search(*index_, Snapshot{*documents_, kGeneration}, query, viewer, options);
  }
  Answer find(std::string_view text, const SearchOptions& options = {}, const Viewer& viewer = {Circle::owners, {}}) {
    return try_search(text, options, viewer).value();
  }
  std::vector<std::uint32_t> numbers(std::string_view text, const SearchOptions& options = {}) {
    std::vector<std::uint32_t> found;
    for (const auto& hit : find(text, options).hits) found.push_back(hit.n);
    return found;
  }

  const std::vector<TestRecord>& records() const { return records_; }
  const std::vector<TestPlace>& places() const { return places_; }
  const Document& stored_document(std::uint32_t n) const { return stored_.at(n); }
  TreeIndex& index() { return *index_; }
  DocumentIndex& documents() { return *documents_; }
  store::Database& database() { return *database_; }

 private:
  /// The names of the places around one, innermost first.
  std::vector<std::string> around_of(const TestPlace& place) const {
    std::vector<std::string> names;
    for (auto at = std::ranges::find(places_, place.parent, &TestPlace::n); at != places_.end();
         at = std::ranges::find(places_, at->parent, &TestPlace::n)) {
      names.push_back(at->name);
    }
    return names;
  }
  void store_documents() {
    auto writer = database_->writer().value();
    DocumentIndex documents{writer};
    for (const auto& record : records_) {
      const auto& document = stored_[record.n] = record.document();
      if (!documents.store_new(make_rid(kTreeNo, record.n), document)) abort();
    }
    static Tokenizer tokenizer;
    for (const auto& place : places_) {
      const auto around = around_of(place);
      Document document;
      place_document(tokenizer, place.name, std::vector<std::string_view>(around.begin(), around.end()), document);
      stored_[document_of_place(place.n)] = document;
    }
    for (const auto& place : places_) {
      const auto n = document_of_place(place.n);
      if (!documents.store_new(make_rid(kTreeNo, n), stored_[n])) abort();
    }
    if (!documents.index_stored(make_rid(kTreeNo, 0), make_rid(kTreeNo, 0xFFFF'FFFF))) abort();
    if (!writer.commit()) abort();
  }

  TemporaryFolder folder_;
  std::unique_ptr<store::Database> database_;
  std::vector<TestRecord> records_;
  std::vector<TestPlace> places_;
  std::unordered_map<std::uint32_t, Document> stored_;
  std::shared_ptr<TreeIndex> index_;
  std::optional<store::Reader> reader_;
  std::optional<DocumentIndex> documents_;
};

}  // namespace tablinum::search::test
