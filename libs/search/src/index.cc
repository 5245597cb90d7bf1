#include "tablinum/search/index.h"

#include "tablinum/store/sql.h"

namespace tablinum::search {
namespace {

constexpr std::string_view kInsertDocument = "INSERT INTO document(rid, name, alt, body) VALUES(?1, ?2, ?3, ?4)";
constexpr std::string_view kInsertIndex = "INSERT INTO document_index(rowid, name, alt, body) VALUES(?1, ?2, ?3, ?4)";
constexpr std::string_view kDeleteIndex =
    "INSERT INTO document_index(document_index, rowid, name, alt, body) VALUES('delete', ?1, ?2, ?3, ?4)";
constexpr std::string_view kSelect = "SELECT name, alt, body FROM document WHERE rid = ?1";
constexpr std::string_view kSelectRange = "SELECT rid, name, alt, body FROM document WHERE rid BETWEEN ?1 AND ?2 ORDER BY rid";
constexpr std::string_view kIndexRange =
    "INSERT INTO document_index(rowid, name, alt, body) SELECT rid, name, alt, body FROM document WHERE rid BETWEEN ?1 AND ?2 ORDER BY rid";
constexpr std::string_view kUnindexRange =
    "INSERT INTO document_index(document_index, rowid, name, alt, body) "
    "SELECT 'delete', rid, name, alt, body FROM document WHERE rid BETWEEN ?1 AND ?2 ORDER BY rid";
constexpr std::string_view kDeleteRange = "DELETE FROM document WHERE rid BETWEEN ?1 AND ?2";
constexpr std::string_view kMatch =
    "SELECT rowid FROM document_index WHERE document_index MATCH ?1 AND rowid BETWEEN ?2 AND ?3 ORDER BY rowid";

// FTS5 gathers this much before it writes a segment: the default megabyte makes many, which are then merged again and again.
constexpr std::string_view kLargeHash = "INSERT INTO document_index(document_index, rank) VALUES('hashsize', 67108864)";
constexpr std::string_view kUsualHash = "INSERT INTO document_index(document_index, rank) VALUES('hashsize', 1048576)";

struct RidRange {
  Rid first, last;
};
RidRange range_of(std::int64_t tree_no) noexcept { return {make_rid(tree_no, 0), make_rid(tree_no, 0xFFFF'FFFF)}; }

std::string_view name_of(Column column) noexcept {
  switch (column) {
    case Column::name: return "name";
    case Column::alt: return "alt";
    case Column::body: return "body";
  }
  return "name";
}

/// Tokens hold letters, digits and '_' only, but a quote that slipped in must not end the string.
void append_quoted(std::string& out, std::string_view token) {
  for (const char c : token) {
    if (c == '"') out += '"';
    out += c;
  }
}

std::string match_expression(Column column, std::span<const std::string> tokens) {
  std::string expression{name_of(column)};
  expression += " : \"";
  for (const auto& token : tokens) {
    append_quoted(expression, token);
    expression += ' ';
  }
  expression.back() = '"';
  return expression;
}

Document document_of(store::Rows& rows, int first) {
  return {std::string{rows.text(first)}, std::string{rows.text(first + 1)}, std::string{rows.text(first + 2)}};
}

}  // namespace

Result<void> DocumentIndex::put(Rid rid, const Document& document) {
  CHECK_OK(remove(rid));
  if (document.empty()) return {};
  CHECK_OK(store_new(rid, document));
  return session_->statement(kInsertIndex, "ittt").run(rid, document.name, document.alt, document.body);
}

Result<void> DocumentIndex::remove(Rid rid) {
  const auto old = get(rid);
  if (!old) return old.error().code == Code::not_found ? Result<void>{} : std::unexpected(old.error());
  CHECK_OK(session_->statement(kDeleteIndex, "ittt").run(rid, old->name, old->alt, old->body));
  return session_->statement(kDeleteRange, "ii").run(rid, rid);
}

Result<void> DocumentIndex::remove_tree(std::int64_t tree_no) {
  const auto [first, last] = range_of(tree_no);
  CHECK_OK(session_->statement(kUnindexRange, "ii").run(first, last));
  return session_->statement(kDeleteRange, "ii").run(first, last);
}

Result<void> DocumentIndex::store_new(Rid rid, const Document& document) {
  if (document.empty()) return {};
  return session_->statement(kInsertDocument, "ittt").run(rid, document.name, document.alt, document.body);
}

Result<void> DocumentIndex::index_stored(Rid first, Rid last) {
  CHECK_OK(session_->execute(kLargeHash));
  CHECK_OK(session_->statement(kIndexRange, "ii").run(first, last));
  return session_->execute(kUsualHash);
}

Result<void> DocumentIndex::rebuild() {
  CHECK_OK(session_->execute(kLargeHash));
  CHECK_OK(session_->execute("INSERT INTO document_index(document_index) VALUES('rebuild')"));
  return session_->execute(kUsualHash);
}

Result<void> DocumentIndex::forget_stored(Rid first, Rid last) {
  return session_->statement(kDeleteRange, "ii").run(first, last);
}

Result<bool> DocumentIndex::agrees() {
  const auto checked = session_->execute("INSERT INTO document_index(document_index, rank) VALUES('integrity-check', 1)");
  if (checked) return true;
  if (checked.error().code == Code::corrupt) return false;
  return std::unexpected(checked.error());
}

Result<void> DocumentIndex::optimize() {
  return session_->execute("INSERT INTO document_index(document_index) VALUES('optimize')");
}

Result<Document> DocumentIndex::get(Rid rid) {
  auto rows = session_->statement(kSelect, "i", "ttt").query(rid);
  if (rows.next()) return document_of(rows, 0);
  CHECK_OK(rows.status());
  return fail(Code::not_found, "the record has no document");
}

Result<void> DocumentIndex::each(std::int64_t tree_no, const std::function<void(std::uint32_t n, const Document&)>& visit) {
  const auto [first, last] = range_of(tree_no);
  auto rows = session_->statement(kSelectRange, "ii", "ittt").query(first, last);
  Document document;
  while (rows.next()) {
    document.name.assign(rows.text(1));
    document.alt.assign(rows.text(2));
    document.body.assign(rows.text(3));
    visit(n_of(Rid{rows.integer(0)}), document);
  }
  return rows.status();
}

Result<std::vector<std::uint32_t>> DocumentIndex::postings(std::int64_t tree_no, Column column, std::string_view token) {
  const std::string one{token};
  return phrase(tree_no, column, std::span{&one, 1});
}

Result<std::vector<std::uint32_t>> DocumentIndex::phrase(std::int64_t tree_no, Column column, std::span<const std::string> tokens) {
  std::vector<std::uint32_t> found;
  if (tokens.empty()) return found;
  const auto [first, last] = range_of(tree_no);
  auto rows = session_->statement(kMatch, "tii", "i").query(match_expression(column, tokens), first, last);
  while (rows.next()) found.push_back(n_of(Rid{rows.integer(0)}));
  CHECK_OK(rows.status());
  return found;
}

}  // namespace tablinum::search
