#include <fmt/format.h>

#include "config.h"
#include "proof_command.h"
#include "tablinum/base/json.h"
#include "tablinum/base/parallel.h"
#include "tablinum/base/stream.h"
#include "tablinum/proof/lf.h"
#include "tablinum/proof/vole.h"

namespace tablinum::app::proving {
namespace {

constexpr std::size_t kProgramFileMax = proof::kProgramBytesMax;
constexpr std::int64_t kEventIntervalNs = 100'000'000;

Duration seconds(double s) noexcept { return Duration::milliseconds(static_cast<std::int64_t>(s * 1000)); }
unsigned first_set(unsigned flag, unsigned setting, unsigned otherwise) noexcept {
  return flag != 0 ? flag : setting != 0 ? setting : otherwise;
}

proof::Options options_of(const ProofSettings& settings, const ServiceFlags& flags, bool proof_cache) {
  proof::Options options;
  const unsigned processors = available_processors();
  const unsigned threads_otherwise = flags.threads_otherwise != 0 ? flags.threads_otherwise : std::min(processors, proof::kThreadsMax);
  options.threads = first_set(flags.threads, settings.threads, threads_otherwise);
  options.max_concurrent = std::min(first_set(flags.at_once, settings.max_concurrent, processors), proof::kConcurrentMax);
  options.queue_max = settings.queue_max;
  options.memory_limit = std::size_t{settings.memory_limit_mb} << 20;
  options.cache.max_circuits = settings.cache_circuits;
  options.cache.circuit_bytes = std::size_t{settings.cache_circuits_mb} << 20;
  options.cache.max_proofs = settings.cache_proofs;
  options.cache.proof_bytes = std::size_t{settings.cache_proofs_mb} << 20;
  options.cache.max_age = Duration::seconds(settings.cache_max_age_s);
  options.cache.enable_proof_cache = proof_cache;
  if (flags.circuits_on_disk) options.cache.folder = settings.cache_folder;
  options.cache.folder_bytes = std::size_t{settings.cache_folder_mb} << 20;
  return options;
}

proof::ZkConfig config_of(const ProofSettings& settings, const ServiceFlags& flags) {
  proof::ZkConfig config;
  config.max_program_size = settings.max_program_bytes;
  config.max_input_size = settings.max_input_bytes;
  config.max_memory = std::size_t{settings.max_memory_mb} << 20;
  config.proving_timeout = flags.timeout_s > 0 ? seconds(flags.timeout_s) : Duration::seconds(settings.proving_timeout_s);
  config.verification_timeout = flags.timeout_s > 0 ? seconds(flags.timeout_s) : Duration::seconds(settings.verification_timeout_s);
  if (flags.profile != 0) config.profile = static_cast<std::uint8_t>(flags.profile);
  return config;
}

}  // namespace

void ProgressView::reached(std::string_view stage, double share) {
  const std::int64_t now = monotonic_now().ns;
  const std::lock_guard lock{mutex_};
  if (latest_.stage == stage && latest_.share == share) return;
  latest_ = {std::string{stage}, share};
  // The beginning and the end of a stage always, between them not too often.
  if (!lines_ || (share > 0 && share < 1 && now - last_ns_ < kEventIntervalNs)) return;
  last_ns_ = now;
  waiting_.push_back(latest_);
}

void ProgressView::show() {
  Event latest;
  std::vector<Event> waiting;
  {
    const std::lock_guard lock{mutex_};
    latest = latest_;
    waiting.swap(waiting_);
  }
  if (!latest.stage.empty()) bar_.show(latest.stage, static_cast<std::uint64_t>(latest.share * 1000), 1000);
  for (const Event& event : waiting) {
    json::Writer w;
    w.begin_object();
    w.field("event", "progress");
    w.field("stage", event.stage);
    w.field("share", event.share);
    w.end_object();
    fmt::print("{}\n", w.take());
  }
  if (!waiting.empty()) std::fflush(stdout);
}

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

Result<void> may_write(const std::string& path, bool replace) {
  if (replace || path == "-" || !is_there(path)) return {};
  return fail(Code::exists, path + " is there already (--force replaces it)");
}

void add_service_flags(CLI::App& command, ServiceFlags& flags) {
  command.add_option("--backend", flags.backend, "auto (the smallest proof), lf or vole; the configuration's, which is auto, if not given");
  command.add_option("--profile", flags.profile, "Parameters of the back end (see 'tablinum proof soundness'); needs --backend");
  command.add_option("--timeout", flags.timeout_s, "Seconds; the configuration's if not given: 60 to prove, 10 to verify")
      ->check(CLI::Range(0.001, proof::kTimeoutMax.seconds()));
  command.add_option("--threads", flags.threads, "Threads; as many as the process may use if not given");
}

void add_program_flags(CLI::App& command, ProgramFlags& flags) {
  command.add_option("--program", flags.hex, "The statement: its program bytes in hexadecimal");
  command.add_option("--program-file", flags.file, "File with the program's bytes");
}

Result<std::unique_ptr<Session>> open_session(const Globals& globals, const ServiceFlags& flags, bool proof_cache) {
  if (flags.profile < 0 || flags.profile > 255) return fail(Code::invalid, "--profile is a number from 1 to 255");
  TRY(config, effective_config(globals.config));
  const ProofSettings& settings = config.proof;
  TRY(io, io::make_stackless_io());
  auto session = std::make_unique<Session>(std::move(io), options_of(settings, flags, proof_cache));
  session->config = config_of(settings, flags);
  session->id = flags.backend.empty() ? settings.backend : flags.backend;
  auto backend = session->registry.backend(session->id);
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
