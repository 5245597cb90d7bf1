#pragma once
/// What the commands of `tablinum proof` share.
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

/// Options of every command that proves or verifies.
struct ServiceFlags {
  std::string backend = "auto";
  int profile = 0;           ///< 0: the back end's default
  double timeout_s = 0;      ///< 0: the default
  unsigned threads = 0;      ///< 0: as many as the process may use
  unsigned at_once = 0;      ///< 0: as many as the process may use
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
/// @error invalid: neither or both are given, or no hexadecimal.
Result<Bytes> read_program(const ProgramFlags& flags);

/// A service for one command.
struct Session {
  Session(std::unique_ptr<io::Io> own_io, const proof::Options& options) : io{std::move(own_io)}, registry{options} {}
  std::unique_ptr<io::Io> io;
  proof::Registry registry;
  std::shared_ptr<proof::ZkBackend> backend;
};
Result<std::unique_ptr<Session>> open_session(const ServiceFlags& flags, bool proof_cache);
proof::ZkConfig config_of(const ServiceFlags& flags);

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
