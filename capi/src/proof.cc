#include "tablinum_proof.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <stop_token>

#include "support.h"
#include "tablinum/base/parallel.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"
#include "tablinum/proof/registry.h"
#include "tablinum/proof/statement.h"

struct tproof_service {
  explicit tproof_service(const tablinum::proof::Options& options) : registry{options} {}
  tablinum::proof::Registry registry;
  std::shared_ptr<tablinum::proof::ZkBackend> backend;
};

struct tproof_stop {
  std::stop_source source;
};

namespace tablinum::capi {
namespace {

/// Who watches a request.
struct Watch {
  tproof_progress progress = nullptr;
  void* argument = nullptr;
  tproof_stop* stop = nullptr;

  void set(proof::ZkConfig& config) const {
    if (stop != nullptr) config.stop = stop->source.get_token();
    if (progress == nullptr) return;
    // Names of stages fit into a string without memory of its own; C wants them to end with a zero.
    config.progress = [tell = progress, to = argument](const proof::Progress& at) { tell(to, std::string{at.stage}.c_str(), at.share); };
  }
};

template <class T>
Result<T> result_of(proof::Outcome<T>&& outcome) {
  if (!outcome) return std::unexpected(proof::to_error(outcome.error()));
  return std::move(*outcome);
}

std::optional<Duration> limit_of(uint64_t timeout_ms) {
  if (timeout_ms == 0) return {};
  constexpr uint64_t kMost = 1'000'000'000;
  return Duration::milliseconds(static_cast<std::int64_t>(std::min(timeout_ms, kMost)));
}

/// Every call waits on an Io of its own, so any thread may call.
template <class T>
Result<T> wait_for(io::Task<proof::Outcome<T>> task) {
  TRY(io, io::make_blocking_io());
  return result_of(io::run(*io, std::move(task)));
}

struct ProveArguments {
  const uint8_t* program;
  size_t program_size;
  const uint8_t* input;
  size_t input_size;
  uint8_t profile;
  uint64_t timeout_ms;
  int cached;
};
Result<void> prove(tproof_service* service, const ProveArguments& given, const Watch& watch, tablinum_buffer** proof) {
  CHECK_OK(present(service, proof));
  TRY(program, bytes_from(given.program, given.program_size));
  TRY(input, bytes_from(given.input, given.input_size));
  proof::ZkConfig config;
  if (given.profile != 0) config.profile = given.profile;
  config.proving_timeout = limit_of(given.timeout_ms);
  config.use_cache = given.cached != 0;
  watch.set(config);
  TRY(made, wait_for(service->backend->prove(program, input, config)));
  *proof = new_buffer(made.bytes);
  return {};
}

struct VerifyArguments {
  const uint8_t* program;
  size_t program_size;
  const uint8_t* proof;
  size_t proof_size;
  uint64_t timeout_ms;
};
Result<void> verify(tproof_service* service, const VerifyArguments& given, const Watch& watch, int* accepted) {
  CHECK_OK(present(service, accepted));
  TRY(program, bytes_from(given.program, given.program_size));
  TRY(proof, bytes_from(given.proof, given.proof_size));
  proof::ZkConfig config;
  config.verification_timeout = limit_of(given.timeout_ms);
  watch.set(config);
  TRY(holds, wait_for(service->backend->verify(program, proof, config)));
  *accepted = holds ? 1 : 0;
  return {};
}

}  // namespace

TABLINUM_API tablinum_code tproof_service_new(const char* backend, uint32_t threads, uint32_t at_once, tproof_service** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(out));
    proof::Options options;
    options.threads = threads != 0 ? threads : std::min(available_processors(), proof::kThreadsMax);
    options.max_concurrent = at_once != 0 ? at_once : std::min(available_processors(), proof::kConcurrentMax);
    auto service = std::make_unique<tproof_service>(options);
    TRY(made, result_of(service->registry.backend(backend == nullptr ? proof::kAuto : std::string_view{backend})));
    service->backend = std::move(made);
    *out = service.release();
    return {};
  });
}

TABLINUM_API void tproof_service_free(tproof_service* service) { delete service; }

TABLINUM_API tablinum_code tproof_prove(tproof_service* service, const uint8_t* program, size_t program_size, const uint8_t* input,
                                        size_t input_size, uint8_t profile, uint64_t timeout_ms, int cached, tablinum_buffer** proof) {
  return guarded([&] { return prove(service, {program, program_size, input, input_size, profile, timeout_ms, cached}, {}, proof); });
}

TABLINUM_API tablinum_code tproof_verify(tproof_service* service, const uint8_t* program, size_t program_size, const uint8_t* proof,
                                         size_t proof_size, uint64_t timeout_ms, int* accepted) {
  return guarded([&] { return verify(service, {program, program_size, proof, proof_size, timeout_ms}, {}, accepted); });
}

TABLINUM_API tablinum_code tproof_stop_new(tproof_stop** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(out));
    *out = new tproof_stop;
    return {};
  });
}

TABLINUM_API void tproof_stop_now(tproof_stop* stop) {
  if (stop != nullptr) stop->source.request_stop();
}

TABLINUM_API void tproof_stop_free(tproof_stop* stop) { delete stop; }

TABLINUM_API tablinum_code tproof_prove_watched(tproof_service* service, const uint8_t* program, size_t program_size, const uint8_t* input,
                                                size_t input_size, uint8_t profile, uint64_t timeout_ms, int cached,
                                                tproof_progress progress, void* argument, tproof_stop* stop, tablinum_buffer** proof) {
  return guarded([&] {
    return prove(service, {program, program_size, input, input_size, profile, timeout_ms, cached}, {progress, argument, stop}, proof);
  });
}

TABLINUM_API tablinum_code tproof_verify_watched(tproof_service* service, const uint8_t* program, size_t program_size, const uint8_t* proof,
                                                 size_t proof_size, uint64_t timeout_ms, tproof_progress progress, void* argument,
                                                 tproof_stop* stop, int* accepted) {
  return guarded([&] {
    return verify(service, {program, program_size, proof, proof_size, timeout_ms}, {progress, argument, stop}, accepted);
  });
}

TABLINUM_API tablinum_code tproof_outputs(const uint8_t* proof, size_t proof_size, tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(out));
    TRY(view, bytes_from(proof, proof_size));
    TRY(envelope, result_of(proof::read_envelope(view)));
    *out = new_buffer(envelope.outputs);
    return {};
  });
}

TABLINUM_API tablinum_code tproof_describe(const uint8_t* program, size_t program_size, tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(out));
    TRY(view, bytes_from(program, program_size));
    TRY(statement, result_of(proof::Statement::parse(view)));
    *out = new_buffer(bytes_of(words(statement)));
    return {};
  });
}

}  // namespace tablinum::capi
