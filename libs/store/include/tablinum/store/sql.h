#pragma once
/// Prepared statements on one connection, whatever the engine: the seam under all SQL of the program. Values go in and come out
/// by type letters, since engines need types before values: i integer (64 bits), d double, t text (UTF-8), b bytes. SQL is
/// portable (SQLite, PostgreSQL); parameters are written :1, :2, … in order, each exactly once.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "tablinum/base/bytes.h"
#include "tablinum/base/crypto.h"
#include "tablinum/base/id.h"

namespace tablinum::store {

struct StatementState;
class Connection;

/// The rows of a running query. Destroying it ends the query.
///   auto rows = session.statement("SELECT id, kind FROM record WHERE rid = :1", "i", "bi").query(rid);
///   while (rows.next()) use(rows.bytes(0), rows.integer(1));
///   CHECK_OK(rows.status());
class Rows {
 public:
  explicit Rows(StatementState* state) noexcept : state_{state} {}
  Rows(Rows&& other) noexcept : state_{std::exchange(other.state_, nullptr)} {}
  Rows& operator=(Rows&&) = delete;
  ~Rows();

  /// Moves to the next row; false at the end and after an error.
  bool next();
  /// The error that ended the query, if any: ask after the loop.
  Result<void> status() const;

  // Columns count from 0. NULL gives 0 or nothing. Views are valid until the next call of next().
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;
  ByteView bytes(int column) const;
  template <class Int = std::int64_t>
  std::optional<Int> optional_integer(int column) const {
    return is_null(column) ? std::nullopt : std::optional{static_cast<Int>(integer(column))};
  }

 private:
  StatementState* state_;
};

/// One prepared statement. In use by one query at a time: do not start the same SQL again while its Rows are alive.
class Statement {
 public:
  explicit Statement(std::unique_ptr<StatementState> state) noexcept;
  ~Statement();

  /// Executes with these parameters; for statements that give no rows.
  /// @error busy, no_space, corrupt, io: of the engine.  exists: a unique key is taken.  denied: read-only or append-only.
  template <class... In>
  Result<void> run(const In&... in) {
    bind_all(in...);
    return execute();
  }
  /// As run(), and tells how many rows were changed.
  template <class... In>
  Result<std::int64_t> run_counted(const In&... in) {
    bind_all(in...);
    return execute_counted();
  }
  /// Starts a query.
  template <class... In>
  Rows query(const In&... in) {
    bind_all(in...);
    return start();
  }

 private:
  template <class... In>
  void bind_all(const In&... in) {
    int at = 0;
    (bind(at++, in), ...);
    check_count(at);
  }
  template <class T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
  void bind(int at, T value) {
    bind_integer(at, static_cast<std::int64_t>(value));
  }
  void bind(int at, double value);
  void bind(int at, std::string_view text);
  void bind(int at, const std::string& text) { bind(at, std::string_view{text}); }
  void bind(int at, const char* text) { bind(at, std::string_view{text}); }
  void bind(int at, ByteView bytes);
  void bind(int at, const Bytes& bytes) { bind(at, ByteView{bytes}); }
  void bind(int at, const Digest& digest) { bind(at, digest.view()); }
  void bind(int at, const Uuid& id) { bind(at, id.view()); }
  template <class Tag, class Rep>
  void bind(int at, const Id<Tag, Rep>& id) {
    bind(at, id.value());
  }
  void bind(int at, std::nullopt_t) { bind_null(at); }
  template <class T>
  void bind(int at, const std::optional<T>& value) {
    if (value)
      bind(at, *value);
    else
      bind_null(at);
  }
  void bind_integer(int at, std::int64_t value);
  void bind_null(int at);
  void check_count(int count) const;
  Result<void> execute();
  Result<std::int64_t> execute_counted();
  Rows start();

  std::unique_ptr<StatementState> state_;
};

/// Empty text is stored as NULL: the argument for a nullable column.
inline std::optional<std::string_view> null_if_empty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional{text};
}

/// A connection in a transaction: a Reader (one consistent snapshot) or the Writer. What all reading functions take.
/// @note One thread at a time.
class Session {
 public:
  Session(Session&& other) noexcept : connection_{std::exchange(other.connection_, nullptr)} {}
  Session& operator=(Session&&) = delete;

  /// The prepared statement for this SQL, from the connection's cache. `in` and `out` are type letters of parameters and
  /// columns; the same SQL always comes with the same letters. A mistake in the SQL shows when it is run.
  Statement& statement(std::string_view sql, std::string_view in = {}, std::string_view out = {});
  /// Runs SQL without parameters or rows (DDL).
  Result<void> execute(std::string_view sql);

 protected:
  explicit Session(Connection* connection) noexcept : connection_{connection} {}
  ~Session() = default;
  Connection* connection_;
};

}  // namespace tablinum::store
