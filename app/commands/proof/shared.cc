#include <fmt/format.h>

#include "proof_command.h"
#include "tablinum/base/parallel.h"
#include "tablinum/base/stream.h"
#include "tablinum/proof/lf.h"
#include "tablinum/proof/vole.h"

namespace tablinum::app::proving {
namespace {

constexpr std::size_t kProgramFileMax = proof::kProgramBytesMax;

}  // namespace

Result<Bytes> read_file(const std::string& path, std::size_t bytes_max) {
  TRY(source, open_source(path));
  return read_all(*source, bytes_max);
}

Result<SecretBytes> read_secret_file(const std::string& path, std::size_t bytes_max) {
  TRY(bytes, read_file(path, bytes_max));
  SecretBytes secret{bytes.begin(), bytes.end()};
  wipe(bytes);
  return secret;
}

Result<void> write_file(const std::string& path, ByteView bytes, bool replace) {
  TRY(sink, create_sink(path, {replace ? Existing::replace : Existing::refuse, 0666, false}));
  CHECK_OK(sink->write(bytes));
  return sink->finish();
}

void add_service_flags(CLI::App& command, ServiceFlags& flags) {
  command.add_option("--backend", flags.backend, "auto (the smallest proof), lf or vole")->capture_default_str();
  command.add_option("--profile", flags.profile, "Parameters of the back end (see 'tablinum proof soundness'); needs --backend");
  command.add_option("--timeout", flags.timeout_s, "Seconds; 60 to prove, 10 to verify if not given")->check(CLI::PositiveNumber);
  command.add_option("--threads", flags.threads, "Threads; as many as the process may use if not given");
}

void add_program_flags(CLI::App& command, ProgramFlags& flags) {
  command.add_option("--program", flags.hex, "The statement: its program bytes in hexadecimal");
  command.add_option("--program-file", flags.file, "File with the program's bytes");
}

proof::ZkConfig config_of(const ServiceFlags& flags) {
  proof::ZkConfig config;
  if (flags.profile != 0) config.profile = static_cast<std::uint8_t>(flags.profile);
  if (flags.timeout_s > 0) {
    config.proving_timeout = config.verification_timeout = Duration::milliseconds(static_cast<std::int64_t>(flags.timeout_s * 1000));
  }
  return config;
}

Result<std::unique_ptr<Session>> open_session(const ServiceFlags& flags, bool proof_cache) {
  if (flags.profile < 0 || flags.profile > 255) return fail(Code::invalid, "--profile is a number from 1 to 255");
  proof::Options options;
  options.threads = flags.threads != 0 ? flags.threads : available_processors();
  options.max_concurrent = std::min(flags.at_once != 0 ? flags.at_once : available_processors(), proof::kConcurrentMax);
  options.memory_limit = std::size_t{4} << 30;
  options.cache.enable_proof_cache = proof_cache;
  TRY(io, io::make_stackless_io());
  auto session = std::make_unique<Session>(std::move(io), options);
  auto backend = session->registry.backend(flags.backend);
  if (!backend) return std::unexpected(proof::to_error(backend.error()));
  session->backend = std::move(*backend);
  return session;
}

Result<Bytes> read_program(const ProgramFlags& flags) {
  if (flags.hex.empty() == flags.file.empty()) return fail(Code::invalid, "give the program with --program or --program-file");
  if (!flags.file.empty()) return read_file(flags.file, kProgramFileMax);
  auto program = from_hex(flags.hex);
  if (!program) return fail(Code::invalid, "--program takes hexadecimal digits; a file is named with --program-file");
  return program;
}

std::string backend_name(std::uint8_t number) {
  switch (number) {
    case 1: return "lf";
    case 2: return "vole";
    case 16: return "risc0";
    case 17: return "sp1";
    default: return fmt::format("number {}", number);
  }
}

double soundness_bits(const proof::Envelope& envelope) {
  if (envelope.backend == 2) return proof::vole::soundness_bits(envelope.profile);
  if (envelope.backend != 1 || !proof::shape_exists(envelope.type, envelope.shape)) return 0;
  const auto params = proof::lf::params_for(envelope.profile, proof::compressions(envelope.type, envelope.shape));
  return params ? proof::lf::soundness(*params).bits : 0;
}

}  // namespace tablinum::app::proving
