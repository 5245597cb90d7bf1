#pragma once
/// One connection to the engine with its prepared statements. All that is peculiar to SOCI and SQLite stands behind this
/// header.
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "tablinum/store/sql.h"

namespace tablinum::store {

class Connection {
 public:
  /// @error not_found: read_only and no such file.  corrupt, io: of the engine.
  static Result<std::unique_ptr<Connection>> open(const std::string& path, bool read_only);
  ~Connection();
  Connection(const Connection&) = delete;

  Statement& statement(std::string_view sql, std::string_view in, std::string_view out);
  /// Runs one statement without parameters or rows, without keeping it prepared.
  Result<void> execute(std::string_view sql);
  /// As execute(), for each statement of a script: a statement ends at a semicolon that ends a line.
  Result<void> execute_script(std::string_view sql);
  /// Whether insertions of single rows wait, to go to the engine many at once. Any other statement, COMMIT among them, sends
  /// what waits before it runs; what fails then is that statement's error, and of all that follow up to forget_gathered().
  void gather_inserts(bool on);
  /// Drops what waits, before a transaction is rolled back.
  void forget_gathered();
  /// Stops checkpoints from running inside commits, and counts the log's pages instead.
  void watch_log();
  /// Pages in the write-ahead log after the last commit on this connection.
  int log_pages() const noexcept;

 private:
  struct Impl;
  explicit Connection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Rolls back what was begun unless told that it is done.
class Transaction {
 public:
  /// `begin` is the engine's word for the kind of transaction.
  static Result<Transaction> start(Connection& connection, std::string_view begin);
  Transaction(Transaction&& other) noexcept : connection_{std::exchange(other.connection_, nullptr)} {}
  Transaction& operator=(Transaction&& other) noexcept {
    std::swap(connection_, other.connection_);
    return *this;
  }
  ~Transaction();
  Result<void> commit();
  bool active() const noexcept { return connection_ != nullptr; }

 private:
  explicit Transaction(Connection* connection) noexcept : connection_{connection} {}
  Connection* connection_;
};

}  // namespace tablinum::store
