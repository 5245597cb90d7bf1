#pragma once
/// Rows that wait to be inserted, as a table that INSERT … SELECT reads. For SQLite, beginning and ending a statement is two
/// fifths of what inserting a row costs: many rows in one statement are that much cheaper (VALUES of many rows are not).
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <string>
#include <vector>

#include "tablinum/base/error.h"

namespace tablinum::store {

/// A parameter's value, by its type letter (sql.h).
struct Value {
  char type = 'i';
  soci::indicator indicator = soci::i_null;
  long long integer = 0;
  double real = 0;
  std::string text{};  ///< and bytes
};

inline constexpr int kGatheredColumnsMax = 16;

/// What the table shows: rows of `columns` values each, one after the other.
struct GatheredRows {
  const Value* values = nullptr;
  std::size_t rows = 0, columns = 0;
};

/// "INSERT INTO t(…) VALUES(:1, :2, 1, …)" as "INSERT OR FAIL INTO t(…) SELECT c0, c1, 1, … FROM gathered_row": nothing if it
/// is anything but the insertion of one row of parameters and plain words. (OR FAIL: without a journal for the statement.)
std::optional<std::string> insert_of_many(std::string_view sql, std::size_t parameters);

/// Makes the table on a connection. `shown` outlives the connection, and may change whenever no statement runs.
/// @error internal: the engine refuses.
Result<void> add_gathered_rows(sqlite_api::sqlite3* handle, const GatheredRows& shown);

}  // namespace tablinum::store
