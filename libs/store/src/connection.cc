#include "connection.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <cassert>

#include "gathered_rows.h"

namespace tablinum::store {
namespace {

using sqlite_api::sqlite3;

Code code_of_result(int result, int extended) noexcept {
  switch (result & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Code::busy;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return Code::denied;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Code::corrupt;
    case SQLITE_FULL: return Code::no_space;
    case SQLITE_TOOBIG: return Code::too_large;
    case SQLITE_CONSTRAINT: break;
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE: return Code::internal;
    default: return Code::io;
  }
  switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: return Code::exists;
    case SQLITE_CONSTRAINT_TRIGGER: return Code::denied;
    default: return Code::invalid;
  }
}

/// The error being handled. Without SOCI's context: that quotes the values, and what a record says is never logged.
Error current_error(sqlite3* handle) {
  try {
    throw;
  } catch (const soci::sqlite3_soci_error& error) {
    return {code_of_result(error.result(), handle ? sqlite_api::sqlite3_extended_errcode(handle) : 0),
            error.get_error_message()};
  } catch (const soci::soci_error& error) {
    return {Code::internal, error.get_error_message()};
  }
}

soci::sqlite3_statement_backend& backend_of(soci::statement& statement) {
  return *static_cast<soci::sqlite3_statement_backend*>(statement.get_backend());
}

/// The place of one parameter or column: SOCI binds to addresses, so it never moves.
struct Slot : Value {
  Slot(soci::session& session, char letter, bool is_column) : Value{.type = letter} {
    if (is_column && type == 'b') blob.emplace(session);
  }
  ByteView blob_view() {
    auto* backend = static_cast<soci::sqlite3_blob_backend*>(blob->get_backend());
    return std::as_bytes(std::span{backend->get_buffer(), backend->get_len()});
  }

  std::optional<soci::blob> blob{};  // the bytes of a column
};

/// Bytes as a parameter, straight from the slot: soci::blob would allocate and copy three times for each value.
class BytesUse : public soci::details::use_type_base {
 public:
  BytesUse(soci::statement& statement, const Slot& slot) : statement_{statement}, slot_{slot} {}
  void bind(soci::details::statement_impl&, int& position) override {
    position_ = static_cast<std::size_t>(position++);
    backend_of(statement_).boundByPos_ = true;
  }
  void pre_use() override {
    auto& rows = backend_of(statement_).useData_;
    rows.resize(1);
    if (rows[0].size() < position_) rows[0].resize(position_);
    auto& value = rows[0][position_ - 1];
    value.isNull_ = slot_.indicator == soci::i_null;
    value.type_ = soci::dt_blob;
    value.buffer_.constData_ = slot_.text.c_str();  // not null, also for no bytes: that would be NULL
    value.buffer_.size_ = slot_.text.size();
  }
  std::string get_name() const override { return {}; }
  void dump_value(std::ostream&) const override {}
  void pre_exec(int) override {}
  void post_use(bool) override {}
  void clean_up() override {}
  std::size_t size() const override { return 1; }

 private:
  soci::statement& statement_;
  const Slot& slot_;
  std::size_t position_ = 0;
};

using Slots = std::vector<std::unique_ptr<Slot>>;

/// The engine keeps no copy: the slot lives until the statement has run.
int bind_directly(sqlite_api::sqlite3_stmt* statement, int position, const Value& slot) {
  if (slot.indicator == soci::i_null) return sqlite_api::sqlite3_bind_null(statement, position);
  const auto size = slot.text.size();
  switch (slot.type) {
    case 'i': return sqlite_api::sqlite3_bind_int64(statement, position, slot.integer);
    case 'd': return sqlite_api::sqlite3_bind_double(statement, position, slot.real);
    case 't': return sqlite_api::sqlite3_bind_text64(statement, position, slot.text.c_str(), size, nullptr, SQLITE_UTF8);
    default: return sqlite_api::sqlite3_bind_blob64(statement, position, slot.text.c_str(), size, nullptr);
  }
}

void bind_columns(soci::statement& statement, Slots& slots) {
  for (auto& slot : slots) {
    switch (slot->type) {
      case 'i': statement.exchange(soci::into(slot->integer, slot->indicator)); break;
      case 'd': statement.exchange(soci::into(slot->real, slot->indicator)); break;
      case 't': statement.exchange(soci::into(slot->text, slot->indicator)); break;
      default: statement.exchange(soci::into(*slot->blob, slot->indicator)); break;
    }
  }
}

void bind_parameters(soci::statement& statement, Slots& slots) {
  for (auto& slot : slots) {
    switch (slot->type) {
      case 'i': statement.exchange(soci::use(slot->integer, slot->indicator)); break;
      case 'd': statement.exchange(soci::use(slot->real, slot->indicator)); break;
      case 't': statement.exchange(soci::use(slot->text, slot->indicator)); break;
      default: statement.exchange(soci::details::use_type_ptr{new BytesUse{statement, *slot}}); break;
    }
  }
}

/// Rows that go to the engine together, and the bytes in them after which fewer do.
constexpr std::size_t kGatheredRowsMax = 64, kGatheredBytesMax = 256 << 10;
/// What a value may keep of its space for the next row.
constexpr std::size_t kKeptBytesMax = 4096;

}  // namespace

/// The insertions that wait on a connection.
struct Gathering {
  bool on = false;
  GatheredRows shown;
  std::vector<StatementState*> waiting;
  std::optional<Error> failure;  // of rows that waited: the transaction lacks them, and nothing in it may succeed any more

  Result<void> send();
  void forget();
};

struct StatementState {
  StatementState(soci::session& session, sqlite3* database, Gathering& gathering_of_all, std::string_view sql, std::string_view in_types,
                 std::string_view out_types)
      : handle{database}, statement{session}, gathering{gathering_of_all} {
    for (const char type : in_types) {
      if (type == 't' || type == 'b') with_bytes.push_back(in.size());
      in.push_back(std::make_unique<Slot>(session, type, false));
    }
    if (out_types.empty()) many_sql = insert_of_many(sql, in_types.size());
    for (const char type : out_types) out.push_back(std::make_unique<Slot>(session, type, true));
    try {
      statement.alloc();
      statement.prepare(std::string{sql});
      bind_columns(statement, out);
      bind_parameters(statement, in);
      statement.define_and_bind();
    } catch (const soci::soci_error&) {
      failure = current_error(handle);
      broken = true;
    }
  }

  ~StatementState() { sqlite_api::sqlite3_finalize(many); }
  StatementState(const StatementState&) = delete;

  bool gathers() const noexcept { return gathering.on && many_sql; }
  Value& parameter(int at) {
    const auto place = static_cast<std::size_t>(at);
    assert(place < in.size());
    if (!gathers()) return *in[place];
    if (next_row == nullptr) make_room_to_gather();
    return next_row[place];
  }
  /// Text or bytes of a parameter: what waits is sent when much has come together.
  Value& parameter(int at, std::size_t value_bytes) {
    bytes += value_bytes;
    return parameter(at);
  }
  void make_room_to_gather() {
    gathered.resize(kGatheredRowsMax * in.size());
    for (std::size_t i = 0; i < gathered.size(); ++i) gathered[i].type = in[i % in.size()]->type;
    next_row = gathered.data();
  }
  Slot& column(int at) const {
    assert(static_cast<std::size_t>(at) < out.size());
    return *out[static_cast<std::size_t>(at)];
  }
  /// Ends the query: an unfinished one would hold its snapshot.
  void reset() noexcept {
    running = false;
    if (broken) return;
    // The backend's own reset() is not exported.
    auto& backend = backend_of(statement);
    sqlite_api::sqlite3_reset(backend.stmt_);
    backend.databaseReady_ = true;
  }
  /// Runs `act`, keeping the error if it throws.
  template <class Act>
  bool attempt(Act act) {
    if (broken) return false;
    try {
      failure.reset();
      return act();
    } catch (const soci::soci_error&) {
      failure = current_error(handle);
      reset();
      return false;
    }
  }
  /// Runs a statement that gives no rows past SOCI, whose exchange of values takes a fifth of an import's time in the store.
  /// First comes what waits: it was asked for before.
  void run_directly() {
    if (broken || !send_waiting()) return;
    run_once([this](std::size_t at) -> const Value& { return *in[at]; });
  }
  template <class ValueAt>
  void run_once(ValueAt value_at) {
    auto* const compiled = backend_of(statement).stmt_;
    int result = SQLITE_OK;
    for (std::size_t at = 0; at < in.size() && result == SQLITE_OK; ++at) {
      result = bind_directly(compiled, static_cast<int>(at) + 1, value_at(at));
    }
    finish(result == SQLITE_OK ? step(compiled) : result);
  }
  static int step(sqlite_api::sqlite3_stmt* compiled) {
    sqlite_api::sqlite3_step(compiled);
    return sqlite_api::sqlite3_reset(compiled);
  }
  void finish(int result) {
    failure.reset();
    if (result == SQLITE_OK) return;
    failure = Error{code_of_result(result, sqlite_api::sqlite3_extended_errcode(handle)), sqlite_api::sqlite3_errmsg(handle)};
  }
  bool send_waiting() {
    failure.reset();
    if (gathering.waiting.empty() && !gathering.failure) return true;
    if (auto sent = gathering.send(); !sent) failure = std::move(sent).error();
    return !failure;
  }

  /// Keeps the row whose values were bound, for send_rows().
  void gather() {
    if (broken) return;
    failure = gathering.failure;
    if (failure) return;
    if (rows++ == 0) gathering.waiting.push_back(this);
    next_row += in.size();
    if (rows == kGatheredRowsMax || bytes >= kGatheredBytesMax) send_waiting();
  }
  void send_rows() {
    if (rows == 1) return run_once([this](std::size_t at) -> const Value& { return gathered[at]; });
    if (many == nullptr) {
      constexpr auto kKept = SQLITE_PREPARE_PERSISTENT;
      sqlite_api::sqlite3_prepare_v3(handle, many_sql->data(), static_cast<int>(many_sql->size()), kKept, &many, nullptr);
      if (many == nullptr) return finish(sqlite_api::sqlite3_errcode(handle));
    }
    gathering.shown = {.values = gathered.data(), .rows = rows, .columns = in.size()};
    finish(step(many));
  }
  /// The next rows' values come into the same space, except where it is large.
  void forget_rows() {
    for (std::size_t row = 0; row < rows; ++row) {
      for (const auto column : with_bytes) {
        auto& text = gathered[row * in.size() + column].text;
        if (text.capacity() > kKeptBytesMax) text = {};
      }
    }
    rows = bytes = 0;
    next_row = gathered.data();
  }
  Result<void> status() const {
    if (failure) return std::unexpected(*failure);
    return {};
  }

  sqlite3* handle;
  soci::statement statement;
  Slots in, out;
  std::optional<Error> failure;
  bool running = false;
  bool broken = false;  // could not be prepared

  Gathering& gathering;
  std::optional<std::string> many_sql;       // the insertion of many rows at once, where this is the insertion of one
  sqlite_api::sqlite3_stmt* many = nullptr;  // the same, prepared when it is first needed
  std::vector<Value> gathered;
  Value* next_row = nullptr;                 // in `gathered`
  std::size_t rows = 0, bytes = 0;           // that wait in `gathered`
  std::vector<std::size_t> with_bytes;       // parameters that are text or bytes
};

Result<void> Gathering::send() {
  // One statement's rows after the other's: they go to different tables, and nothing reads those before all are there.
  for (auto* const statement : std::exchange(waiting, {})) {
    if (!failure) {
      statement->send_rows();
      failure = statement->failure;
    }
    statement->forget_rows();
  }
  if (failure) return std::unexpected(*failure);
  return {};
}

void Gathering::forget() {
  for (auto* const statement : std::exchange(waiting, {})) statement->forget_rows();
  failure.reset();
}

// ---- Rows
// --------------------------------------------------------------------------------------------------------------------

Rows::~Rows() {
  if (state_ != nullptr && state_->running) state_->reset();
}

bool Rows::next() {
  if (!state_->running) return false;
  const bool more = state_->attempt([&] { return state_->statement.fetch(); });
  if (!more && state_->running) state_->reset();
  return more;
}

Result<void> Rows::status() const { return state_->status(); }
bool Rows::is_null(int column) const { return state_->column(column).indicator == soci::i_null; }
std::int64_t Rows::integer(int column) const { return is_null(column) ? 0 : state_->column(column).integer; }
double Rows::real(int column) const { return is_null(column) ? 0 : state_->column(column).real; }
std::string_view Rows::text(int column) const { return is_null(column) ? std::string_view{} : state_->column(column).text; }
ByteView Rows::bytes(int column) const { return is_null(column) ? ByteView{} : state_->column(column).blob_view(); }

// ---- Statement
// -----------------------------------------------------------------------------------------------------------------

Statement::Statement(std::unique_ptr<StatementState> state) noexcept : state_{std::move(state)} {}
Statement::~Statement() = default;

void Statement::bind_integer(int at, std::int64_t value) {
  auto& slot = state_->parameter(at);
  assert(slot.type == 'i');
  slot.integer = value;
  slot.indicator = soci::i_ok;
}
void Statement::bind(int at, double value) {
  auto& slot = state_->parameter(at);
  assert(slot.type == 'd');
  slot.real = value;
  slot.indicator = soci::i_ok;
}
void Statement::bind(int at, std::string_view text) {
  auto& slot = state_->parameter(at, text.size());
  assert(slot.type == 't');
  slot.text.assign(text);
  slot.indicator = soci::i_ok;
}
void Statement::bind(int at, ByteView bytes) {
  auto& slot = state_->parameter(at, bytes.size());
  assert(slot.type == 'b');
  slot.text.assign(text_of(bytes));
  slot.indicator = soci::i_ok;
}
void Statement::bind_null(int at) { state_->parameter(at).indicator = soci::i_null; }

void Statement::check_count([[maybe_unused]] int count) const {
  assert(static_cast<std::size_t>(count) == state_->in.size());
  assert(!state_->running);
}

Result<void> Statement::execute() {
  if (state_->gathers()) state_->gather();
  else state_->run_directly();
  return state_->status();
}

Result<std::int64_t> Statement::execute_counted() {
  assert(!state_->gathers());
  state_->run_directly();
  CHECK_OK(state_->status());
  return sqlite_api::sqlite3_changes64(state_->handle);
}

Rows Statement::start() {
  state_->running = !state_->broken && state_->send_waiting();
  if (state_->running) {
    state_->attempt([&] {
      state_->statement.execute(false);
      return true;
    });
  }
  return Rows{state_.get()};
}

// ---- Connection
// ----------------------------------------------------------------------------------------------------------------

struct Connection::Impl {
  soci::session session;
  sqlite3* handle = nullptr;
  int log_pages = 0;
  Gathering gathering;
  std::map<std::string, Statement, std::less<>> statements;  // destroyed before the session

  /// Most SQL is a literal: found by where it lies, then compared. Saves the map's search for each row of an import.
  struct Recent {
    std::string_view sql;
    Statement* statement = nullptr;
  };
  std::array<Recent, 64> recent;
  Recent& recent_at(std::string_view sql) { return recent[reinterpret_cast<std::uintptr_t>(sql.data()) / 16 % recent.size()]; }
};

Connection::Connection(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Connection::~Connection() = default;

/// A connection is used by one thread at a time, so the engine's own locks, a tenth of an import, are not needed.
static void configure_engine_once() {
  static const bool configured = [] {
    sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite_api::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    return true;
  }();
  static_cast<void>(configured);
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, bool read_only) {
  if (path.find('"') != std::string::npos) return fail(Code::invalid, "a data folder's path may not contain a quotation mark");
  configure_engine_once();
  auto impl = std::make_unique<Impl>();
  try {
    impl->session.open(*soci::factory_sqlite3(), "db=\"" + path + "\" timeout=10" + (read_only ? " readonly=true" : ""));
  } catch (const soci::soci_error&) {
    return std::unexpected(current_error(nullptr));
  }
  impl->handle = static_cast<soci::sqlite3_session_backend*>(impl->session.get_backend())->conn_;
  if (!read_only) CHECK_OK(add_gathered_rows(impl->handle, impl->gathering.shown));
  return std::unique_ptr<Connection>{new Connection{std::move(impl)}};
}

void Connection::gather_inserts(bool on) {
  assert(impl_->gathering.waiting.empty());
  impl_->gathering.on = on;
}
void Connection::forget_gathered() { impl_->gathering.forget(); }

Statement& Connection::statement(std::string_view sql, std::string_view in, std::string_view out) {
  auto& recent = impl_->recent_at(sql);
  if (recent.sql == sql) return *recent.statement;
  auto found = impl_->statements.find(sql);
  if (found == impl_->statements.end()) {
    auto state = std::make_unique<StatementState>(impl_->session, impl_->handle, impl_->gathering, sql, in, out);
    found = impl_->statements.try_emplace(std::string{sql}, std::move(state)).first;
  }
  recent = {.sql = found->first, .statement = &found->second};
  return found->second;
}

Result<void> Connection::execute(std::string_view sql) {
  StatementState state{impl_->session, impl_->handle, impl_->gathering, sql, {}, {}};
  state.run_directly();
  return state.status();
}

Result<void> Connection::execute_script(std::string_view sql) {
  constexpr std::string_view kEnd = ";\n";
  while (!sql.empty()) {
    const auto end = sql.find(kEnd);
    if (end == std::string_view::npos) break;
    CHECK_OK(execute(sql.substr(0, end + 1)));
    sql.remove_prefix(end + kEnd.size());
  }
  return {};
}

void Connection::watch_log() {
  sqlite_api::sqlite3_wal_hook(
      impl_->handle,
      [](void* pages, sqlite3*, const char*, int count) {
        *static_cast<int*>(pages) = count;
        return SQLITE_OK;
      },
      &impl_->log_pages);
}
int Connection::log_pages() const noexcept { return impl_->log_pages; }

// ---- Transaction
// ---------------------------------------------------------------------------------------------------------------

Result<Transaction> Transaction::start(Connection& connection, std::string_view begin) {
  CHECK_OK(connection.statement(begin, {}, {}).run());
  return Transaction{&connection};
}

Transaction::~Transaction() {
  if (connection_ == nullptr) return;
  connection_->forget_gathered();
  // Fails only where the engine has rolled back by itself (disk full), which is what was wanted.
  [[maybe_unused]] const auto rolled_back = connection_->statement("ROLLBACK", {}, {}).run();
}

Result<void> Transaction::commit() {
  CHECK_OK(connection_->statement("COMMIT", {}, {}).run());
  connection_ = nullptr;
  return {};
}

// ---- Session
// -------------------------------------------------------------------------------------------------------------------

Statement& Session::statement(std::string_view sql, std::string_view in, std::string_view out) {
  return connection_->statement(sql, in, out);
}
Result<void> Session::execute(std::string_view sql) { return connection_->execute(sql); }

}  // namespace tablinum::store
