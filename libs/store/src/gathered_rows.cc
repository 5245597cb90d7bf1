#include "gathered_rows.h"

#include <charconv>

namespace tablinum::store {
namespace {

using sqlite_api::sqlite3, sqlite_api::sqlite3_vtab, sqlite_api::sqlite3_vtab_cursor, sqlite_api::sqlite3_module;
using sqlite_api::sqlite3_context, sqlite_api::sqlite3_index_info, sqlite_api::sqlite3_value, sqlite_api::sqlite_int64;

struct Table {
  sqlite3_vtab base{};
  const GatheredRows* shown = nullptr;
};
struct Cursor {
  sqlite3_vtab_cursor base{};
  std::size_t row = 0;
};

const GatheredRows& shown_by(sqlite3_vtab_cursor* cursor) noexcept { return *reinterpret_cast<Table*>(cursor->pVtab)->shown; }
std::size_t& row_of(sqlite3_vtab_cursor* cursor) noexcept { return reinterpret_cast<Cursor*>(cursor)->row; }

int connect(sqlite3* handle, void* shown, int, const char* const*, sqlite3_vtab** made, char**) {
  std::string columns = "CREATE TABLE gathered_row(c0";
  for (int column = 1; column < kGatheredColumnsMax; ++column) columns += ", c" + std::to_string(column);
  const int result = sqlite3_declare_vtab(handle, (columns + ')').c_str());
  if (result != SQLITE_OK) return result;
  auto table = std::make_unique<Table>();
  table->shown = static_cast<const GatheredRows*>(shown);
  *made = &table.release()->base;
  return SQLITE_OK;
}
int disconnect(sqlite3_vtab* table) {
  delete reinterpret_cast<Table*>(table);
  return SQLITE_OK;
}
int plan(sqlite3_vtab*, sqlite3_index_info* info) {
  info->estimatedCost = 1;
  return SQLITE_OK;
}
int open(sqlite3_vtab*, sqlite3_vtab_cursor** made) {
  *made = &std::make_unique<Cursor>().release()->base;
  return SQLITE_OK;
}
int close(sqlite3_vtab_cursor* cursor) {
  delete reinterpret_cast<Cursor*>(cursor);
  return SQLITE_OK;
}
int rewind(sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value**) {
  row_of(cursor) = 0;
  return SQLITE_OK;
}
int next(sqlite3_vtab_cursor* cursor) {
  ++row_of(cursor);
  return SQLITE_OK;
}
int at_end(sqlite3_vtab_cursor* cursor) { return row_of(cursor) >= shown_by(cursor).rows; }

/// The engine copies nothing before the row is made: the values stay until the statement has run.
int give(sqlite3_vtab_cursor* cursor, sqlite3_context* out, int column) {
  const auto& shown = shown_by(cursor);
  const auto& value = shown.values[row_of(cursor) * shown.columns + static_cast<std::size_t>(column)];
  if (value.indicator == soci::i_null) return SQLITE_OK;  // what the engine takes where nothing is given
  switch (value.type) {
    case 'i': sqlite3_result_int64(out, value.integer); break;
    case 'd': sqlite3_result_double(out, value.real); break;
    case 't': sqlite3_result_text64(out, value.text.c_str(), value.text.size(), nullptr, SQLITE_UTF8); break;
    default: sqlite3_result_blob64(out, value.text.c_str(), value.text.size(), nullptr); break;
  }
  return SQLITE_OK;
}
int row_number(sqlite3_vtab_cursor* cursor, sqlite_int64* number) {
  *number = static_cast<sqlite_int64>(row_of(cursor));
  return SQLITE_OK;
}

/// Without a way to create it, the table is there under the module's name.
constexpr sqlite3_module kModule = [] {
  sqlite3_module module{};
  module.xConnect = connect;
  module.xBestIndex = plan;
  module.xDisconnect = disconnect;
  module.xOpen = open;
  module.xClose = close;
  module.xFilter = rewind;
  module.xNext = next;
  module.xEof = at_end;
  module.xColumn = give;
  module.xRowid = row_number;
  return module;
}();

bool is_plain_word(char c) noexcept { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == ',' || c == ' '; }

}  // namespace

std::optional<std::string> insert_of_many(std::string_view sql, std::size_t parameters) {
  constexpr std::string_view kBegin = "INSERT INTO ", kValues = " VALUES(";
  const auto values = sql.find(kValues);
  if (parameters == 0 || parameters > kGatheredColumnsMax) return std::nullopt;
  if (!sql.starts_with(kBegin) || values == std::string_view::npos || !sql.ends_with(')')) return std::nullopt;
  std::string many = "INSERT OR FAIL INTO ";
  many.append(sql.substr(kBegin.size(), values - kBegin.size())).append(" SELECT ");
  std::size_t found = 0;
  auto list = sql.substr(values + kValues.size());
  for (list.remove_suffix(1); !list.empty();) {
    if (list.front() != ':' && list.front() != '?') {
      if (!is_plain_word(list.front())) return std::nullopt;
      many += list.front();
      list.remove_prefix(1);
      continue;
    }
    unsigned number = 0;
    const auto end = std::from_chars(list.data() + 1, list.data() + list.size(), number).ptr;
    if (number != ++found) return std::nullopt;
    many += 'c' + std::to_string(number - 1);
    list.remove_prefix(static_cast<std::size_t>(end - list.data()));
  }
  if (found != parameters) return std::nullopt;
  return many + " FROM gathered_row";
}

Result<void> add_gathered_rows(sqlite3* handle, const GatheredRows& shown) {
  const int result = sqlite3_create_module(handle, "gathered_row", &kModule, const_cast<GatheredRows*>(&shown));
  if (result != SQLITE_OK) return fail(Code::internal, "the engine takes no tables of ours");
  return {};
}

}  // namespace tablinum::store
