#pragma once
/// The documents in the database: tables `document` and `document_index` (design archive.md §6), in the caller's transaction.
/// Their DDL is in store's migrations; kCreateTables is the same text for tests and tools.
#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/base/error.h"
#include "tablinum/base/id.h"
#include "tablinum/search/names.h"

namespace tablinum::store {
class Session;
}

namespace tablinum::search {

/// The statements that make the two tables on SQLite.
inline constexpr std::array<std::string_view, 2> kCreateTables = {
    "CREATE TABLE IF NOT EXISTS document(rid INTEGER PRIMARY KEY, name TEXT, alt TEXT, body TEXT)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS document_index USING fts5(name, alt, body, content='document', content_rowid='rid', "
    "tokenize=\"ascii tokenchars '_'\", columnsize=0)"};

enum class Column : std::uint8_t { name, alt, body };

/// Documents are numbered as the records that they are of; the documents of places, which are no records, follow from here on: the place
/// with the low half p of its pid has the number kPlaceDocuments | p. So a tree's documents are one range of row ids.
inline constexpr std::uint32_t kPlaceDocuments = std::uint32_t{1} << 31;
constexpr bool is_place_document(std::uint32_t n) noexcept { return n >= kPlaceDocuments; }
constexpr std::uint32_t place_of_document(std::uint32_t n) noexcept { return n & ~kPlaceDocuments; }
constexpr std::uint32_t document_of_place(std::uint32_t place) noexcept { return place | kPlaceDocuments; }

/// Reads and writes documents in the transaction of a store::Reader or store::Writer (writing functions need a Writer).
/// @error io, busy, no_space, corrupt: the database reports an error (every function).
/// @note  As cheap to make as a reference; not thread-safe, like the session, which the caller keeps alive.
class DocumentIndex {
 public:
  explicit DocumentIndex(store::Session& session) noexcept : session_{&session} {}

  /// Puts `document` in the place of what is there; an empty document removes it.
  Result<void> put(Rid rid, const Document& document);
  Result<void> remove(Rid rid);
  /// Removes every document of the tree.
  Result<void> remove_tree(std::int64_t tree_no);

  /// Import: stores documents of new records without indexing them; index_stored() then indexes rid ≥ first in one go, in rid order.
  /// Both in the same transaction, or the index lacks them.
  Result<void> store_new(Rid rid, const Document& document);
  Result<void> index_stored(Rid first, Rid last);
  /// Makes the whole index anew from the stored documents, of all trees.
  Result<void> rebuild();
  /// Before that: removes the documents of a range of rids without a look at the index.
  Result<void> forget_stored(Rid first, Rid last);
  /// Whether index and stored documents agree; reads all of both. Needs a Writer, but changes nothing.
  Result<bool> agrees();
  /// After large imports: merges the index's segments (0.5 s a million documents).
  Result<void> optimize();

  /// @error not_found: the record has no document.
  Result<Document> get(Rid rid);
  Result<void> each(std::int64_t tree_no, const std::function<void(std::uint32_t n, const Document&)>& visit);

  /// Numbers n, ascending, of the tree's documents that hold `token` in `column`.
  Result<std::vector<std::uint32_t>> postings(std::int64_t tree_no, Column column, std::string_view token);
  /// The same for tokens that stand side by side.
  Result<std::vector<std::uint32_t>> phrase(std::int64_t tree_no, Column column, std::span<const std::string> tokens);

 private:
  store::Session* session_;
};

}  // namespace tablinum::search
