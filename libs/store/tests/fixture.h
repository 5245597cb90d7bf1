#pragma once
/// An archive in a folder of its own, and records to put into it.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdlib>

#include "tablinum/store/history.h"
#include "tablinum/store/records.h"
#include "tablinum/store/trees.h"

namespace tablinum::store {

/// The value, or the test fails here with the error.
template <class T>
T must(Result<T> result) {
  EXPECT_TRUE(result.has_value()) << describe(result.error());
  if (!result) std::abort();
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    const char* base = std::getenv("TMPDIR");
    path_ = std::string{base ? base : "/tmp"} + "/tablinum-store-XXXXXX";
    if (mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~TemporaryFolder() { [[maybe_unused]] const int code = std::system(("rm -rf '" + path_ + "'").c_str()); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  std::string path(std::string_view name = {}) const { return name.empty() ? path_ : path_ + "/" + std::string{name}; }

 private:
  std::string path_;
};

/// Owns what a draft borrows. Field 8 is the digest of the structure, the others are empty.
struct TestRecord {
  TestRecord(Rid rid, RecordId id, RecordKind kind, std::string text) : text_{std::move(text)} {
    draft.rid = rid;
    draft.id = id;
    draft.kind = kind;
    draft.structure = bytes_of(text_);
    draft.fields = fields_of(text_);
    if (kind != RecordKind::person) return;
    name = {.ord = 1, .full_text = text_, .surname = text_, .sort_key = text_};
    draft.person = &person;
    draft.names = {&name, 1};
  }
  TestRecord(const TestRecord&) = delete;
  static ledger::FieldValues fields_of(std::string_view text) {
    ledger::FieldValues fields{};
    fields[8] = sha256(bytes_of(text));
    return fields;
  }

  RecordDraft draft;
  PersonRow person;
  NameRow name;

 private:
  std::string text_;
};

/// What verify_tree() finds wrong, in the records and in the rows.
inline std::vector<std::string> all_faults(Session& session, std::int64_t tree_no) {
  auto report = must(verify_tree(session, tree_no));
  report.faults.insert(report.faults.end(), report.row_faults.begin(), report.row_faults.end());
  return report.faults;
}

class StoreTest : public testing::Test {
 protected:
  StoreTest() { open(); }

  void open() { database = must(Database::open({.folder = folder.path("data"), .background = false})); }
  void reopen() {
    database.reset();
    open();
  }

  std::int64_t make_tree(std::string_view name = "tree") {
    auto writer = must(database->writer());
    const auto tree = must(create_tree(writer, {.name = name}));
    must(writer.commit());
    return tree.tree_no;
  }
  ChangeContext begin_set(Writer& writer, std::int64_t tree_no, ChangeSetKind kind = ChangeSetKind::edit) {
    const ChangeContext context{.change_set = ChangeSetId{database->ids().next()}, .actor = kLocalOwner, .time = 1'700'000'000};
    must(add_change_set(writer, {.id = context.change_set, .tree_no = tree_no, .kind = kind, .time = context.time}));
    return context;
  }
  /// Creates a record in a transaction of its own.
  Rid create(std::int64_t tree_no, std::string text, RecordKind kind = RecordKind::person) {
    auto writer = must(database->writer());
    const auto context = begin_set(writer, tree_no);
    const Rid rid = must(next_rid(writer, tree_no));
    must(create_record(writer, context, TestRecord{rid, RecordId{database->ids().next()}, kind, std::move(text)}.draft));
    must(writer.commit());
    return rid;
  }
  Result<Written> replace(Rid rid, std::string text, std::optional<std::int64_t> version = {}) {
    auto writer = must(database->writer());
    const auto context = begin_set(writer, tree_no_of(rid));
    const auto old = must(find_record(writer, rid));
    const TestRecord record{rid, old.id, old.kind, std::move(text)};
    auto written = replace_record(writer, context, record.draft, TestRecord::fields_of(text_of(old.structure)), version);
    if (written) must(writer.commit());
    return written;
  }
  Result<Written> remove(Rid rid, std::optional<std::int64_t> version = {}, std::optional<Rid> into = {}) {
    auto writer = must(database->writer());
    const auto context = begin_set(writer, tree_no_of(rid));
    auto written = delete_record(writer, context, rid, ledger::FieldValues{}, version, into);
    if (written) must(writer.commit());
    return written;
  }
  void seal_tree(std::int64_t tree_no) {
    auto writer = must(database->writer());
    must(seal(writer, tree_no));
    must(writer.commit());
  }
  std::vector<std::string> faults(std::int64_t tree_no) {
    auto reader = must(database->reader());
    return all_faults(reader, tree_no);
  }
  Reader read() { return must(database->reader()); }

  TemporaryFolder folder;
  std::unique_ptr<Database> database;
};

}  // namespace tablinum::store
