#pragma once
/// The documents in the database: tables `document` and `document_index` (design archive.md §6), in the caller's transaction.
/// Their DDL is in store's migrations; create_tables() is the same text for tests and tools.
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "tablinum/base/error.h"
#include "tablinum/base/id.h"
#include "tablinum/search/names.h"

namespace soci {
class session;
}

namespace tablinum::search {

/// The statements that make the two tables on SQLite.
std::span<const std::string_view> create_tables();

enum class Column : std::uint8_t { name, alt, body };

/// Reads and writes documents through one session. Prepared statements live as long as the object.
/// @error io: the database reports an error (every function).
/// @note  Not thread-safe, like the session, which the caller keeps alive.
class DocumentIndex {
 public:
  explicit DocumentIndex(soci::session& session);
  ~DocumentIndex();
  DocumentIndex(DocumentIndex&&) noexcept;
  DocumentIndex& operator=(DocumentIndex&&) noexcept;

  /// Puts `document` in the place of what is there; an empty document removes it.
  Result<void> put(Rid rid, const Document& document);
  Result<void> remove(Rid rid);
  /// Removes every document of the tree.
  Result<void> remove_tree(std::int64_t tree_no);

  /// Import: stores documents of new records without indexing them; index_stored() then indexes rid ≥ first in one go, in rid order.
  /// Both in the same transaction, or the index lacks them.
  Result<void> store_new(Rid rid, const Document& document);
  Result<void> index_stored(Rid first, Rid last);
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
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tablinum::search
