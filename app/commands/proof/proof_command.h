#pragma once
/// What the commands of `tablinum proof` share.
#include <mutex>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "console.h"
#include "tablinum/base/secret.h"
#include "tablinum/io/io.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"
#include "tablinum/proof/registry.h"
#include "tablinum/proof/statement.h"

namespace tablinum::app::proving {

/// Options of every command that proves or verifies. What is not given is the configuration's.
struct ServiceFlags {
  std::string backend;
  int profile = 0;           ///< 0: the back end's default
  double timeout_s = 0;
  unsigned threads = 0;
  unsigned at_once = 0;
  unsigned threads_otherwise = 0;  ///< where neither flag nor configuration says; 0: the number of processors
  bool circuits_on_disk = true;  ///< where the configuration names a folder
};

/// How the program (the public statement) is given.
struct ProgramFlags {
  std::string hex;
  std::string file;
};

/// A whole file, or standard input for "-".  @error not_found, io, too_large: over `bytes_max`.
Result<Bytes> read_file(const std::string& path, std::size_t bytes_max);
/// The same for a secret; wiped when it goes.
Result<SecretBytes> read_secret_file(const std::string& path, std::size_t bytes_max);
/// A whole file, complete or not at all; or standard output for "-".  @error exists, unless `replace`.
Result<void> write_file(const std::string& path, ByteView bytes, bool replace);
/// Whether write_file() may do so: asked before long work.  @error exists.
Result<void> may_write(const std::string& path, bool replace);
/// @error invalid: neither or both are given, or no hexadecimal.
Result<Bytes> read_program(const ProgramFlags& flags);

/// A service for one command, as the configuration and its flags say.
struct Session {
  Session(std::unique_ptr<io::Io> own_io, const proof::Options& own_options)
      : io{std::move(own_io)}, options{own_options}, registry{own_options} {}
  std::unique_ptr<io::Io> io;
  proof::Options options;
  proof::ZkConfig config;  ///< of each request
  proof::Registry registry;
  std::string id;          ///< of the back end
  std::shared_ptr<proof::ZkBackend> backend;
};
/// @error invalid, not_found: the configuration.  unsupported: no such back end.
Result<std::unique_ptr<Session>> open_session(const Globals& globals, const ServiceFlags& flags, bool proof_cache);

/// How far a command is: the bar on a terminal; with --json lines {"event":"progress","stage":…,"share":…} before the last one.
class ProgressView {
 public:
  /// @param lines false: standard output is taken by something else.
  explicit ProgressView(const Globals& globals, bool lines = true) : bar_{globals}, lines_{lines && globals.json && !globals.quiet} {}
  /// For ZkConfig::progress; the view outlives the request.
  proof::ProgressFunction listener() {
    return [this](const proof::Progress& progress) { reached(progress.stage, progress.share); };
  }
  /// Any thread.
  void reached(std::string_view stage, double share);
  /// The command's own thread: shows what was reached.
  void show();

 private:
  struct Event {
    std::string stage;
    double share;
  };
  ProgressBar bar_;
  const bool lines_;
  std::mutex mutex_;
  Event latest_{};
  std::vector<Event> waiting_;
  std::int64_t last_ns_ = 0;
};

inline constexpr int kTickMs = 5;

/// Runs `task` until it ends or Ctrl-C cancels it; `tick` is called every kTickMs meanwhile.
template <class T, class Tick>
T run_stoppable(Session& session, io::Task<T> task, Tick tick) {
  const StopRequest stop;
  std::optional<T> outcome;
  auto body = [&](io::Scope& scope) -> io::Task<void> {
    auto future = scope.spawn(std::move(task));
    while (!future.ready()) {
      static_cast<void>(co_await io::sleep(*session.io, Duration::milliseconds(kTickMs)));
      if (stop.made()) future.cancel();
      tick();
    }
    auto value = co_await future;
    outcome.emplace(std::move(value));
  };
  auto main = [&]() -> io::Task<void> { co_await io::with_scope(*session.io, body); };
  io::run(*session.io, main());
  return std::move(*outcome);
}
template <class T>
T run_stoppable(Session& session, io::Task<T> task) {
  return run_stoppable(session, std::move(task), [] {});
}

/// "lf", "vole", or the number.
std::string backend_name(std::uint8_t number);
/// What a proof in an envelope says, what it rests on, what it does not say.
std::string explain(const proof::Envelope& envelope, const proof::Statement* statement);
double soundness_bits(const proof::Envelope& envelope);

void add_prove_command(Commands& commands, CLI::App& group);
void add_verify_command(Commands& commands, CLI::App& group);
void add_batch_command(Commands& commands, CLI::App& group);
void add_inspect_command(Commands& commands, CLI::App& group);
void add_circuits_command(Commands& commands, CLI::App& group);
void add_soundness_command(Commands& commands, CLI::App& group);
void add_stats_command(Commands& commands, CLI::App& group);
void add_bench_command(Commands& commands, CLI::App& group);

/// Adds --backend, --profile, --timeout, --threads.
void add_service_flags(CLI::App& command, ServiceFlags& flags);
void add_program_flags(CLI::App& command, ProgramFlags& flags);

}  // namespace tablinum::app::proving
