#include "tablinum_proof.h"

#include <algorithm>
#include <memory>
#include <optional>

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

namespace tablinum::capi {
namespace {

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

}  // namespace

TABLINUM_API tablinum_code tproof_service_new(const char* backend, uint32_t threads, uint32_t at_once, tproof_service** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(out));
    proof::Options options;
    options.threads = threads != 0 ? threads : available_processors();
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
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(service, proof));
    TRY(program_view, bytes_from(program, program_size));
    TRY(input_view, bytes_from(input, input_size));
    proof::ZkConfig config;
    if (profile != 0) config.profile = profile;
    config.proving_timeout = limit_of(timeout_ms);
    config.use_cache = cached != 0;
    TRY(made, wait_for(service->backend->prove(program_view, input_view, config)));
    *proof = new_buffer(made.bytes);
    return {};
  });
}

TABLINUM_API tablinum_code tproof_verify(tproof_service* service, const uint8_t* program, size_t program_size, const uint8_t* proof,
                                         size_t proof_size, uint64_t timeout_ms, int* accepted) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(service, accepted));
    TRY(program_view, bytes_from(program, program_size));
    TRY(proof_view, bytes_from(proof, proof_size));
    proof::ZkConfig config;
    config.verification_timeout = limit_of(timeout_ms);
    TRY(holds, wait_for(service->backend->verify(program_view, proof_view, config)));
    *accepted = holds ? 1 : 0;
    return {};
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
