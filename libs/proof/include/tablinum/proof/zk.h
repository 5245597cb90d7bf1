#pragma once
/// The interface of a zero-knowledge back end: asynchronous proofs and verifications with limits, a bounded queue, caches,
/// figures and an orderly end.  What the proofs say: statement.h and docs/proof/.  Source: the contract of the reference's
/// ZkBackend and ZkBackendExt.
///
/// A program names the statement (public), an input is the secret that makes it true. A proof is a file format of its own
/// (docs/format/proof.md): it can be stored and sent.
#include <span>
#include <string>
#include <vector>

#include "tablinum/base/bytes.h"
#include "tablinum/base/crypto.h"
#include "tablinum/io/task.h"
#include "tablinum/proof/cache.h"
#include "tablinum/proof/config.h"
#include "tablinum/proof/fault.h"
#include "tablinum/proof/scheme.h"

namespace tablinum::proof {

struct ProofMetadata {
  Duration generation_time;      ///< of the one who made it, also where the proof comes from the cache
  std::size_t proof_size = 0;    ///< bytes
  Digest program_hash;           ///< SHA-256 of the program
  Timestamp timestamp;           ///< when it was made
  std::string backend;           ///< "lf", "vole"
  std::uint8_t profile = 0;
  double soundness_bits = 0;     ///< the back end's account: docs/proof/
  bool cached = false;
};

struct Proof {
  Bytes bytes;
  ProofMetadata metadata;
};

/// Figures of now. CPU and memory are the process's.
struct ResourceUsage {
  double cpu_usage = 0;          ///< 0 … 100 of all processors it may use, since the last call
  std::size_t memory_usage = 0;  ///< resident bytes
  std::size_t memory_admitted = 0;  ///< bytes that the running requests were estimated at
  unsigned active_tasks = 0;
  unsigned max_concurrent = 0;
  unsigned queue_depth = 0;
};

struct HealthStatus {
  enum class State : std::uint8_t { healthy, degraded, unhealthy };
  State state = State::healthy;
  std::string reason;
};
/// "healthy", "degraded", "unhealthy".
std::string_view to_string(HealthStatus::State state) noexcept;

/// What happened since the start. Answers from the cache count in CacheStats only.
struct ZkStats {
  std::uint64_t total_proofs = 0;           ///< made
  std::uint64_t total_verifications = 0;    ///< answered, true or false
  std::uint64_t total_failures = 0;         ///< requests that ended in a Failure, but for refusals
  std::uint64_t total_rejected_proofs = 0;  ///< verifications that answered false
  std::uint64_t total_refused = 0;          ///< resource_limit
  Duration avg_proving_time, avg_verification_time;                          ///< means over all successes
  Duration p50_proving, p95_proving, p50_verification, p95_verification;     ///< of the last 1024
};

struct ProveJob {
  ByteView program;
  ByteView input;
};
struct VerifyJob {
  ByteView program;
  ByteView proof;
};
/// each: an outcome for every item.  strict: the first failure cancels what has not ended.
enum class BatchMode : std::uint8_t { each, strict };

/// Thread-safe: tasks of any io::Io may use one object. Arguments are copied before a function returns its Task; the object
/// outlives its Tasks.
class ZkBackend {
 public:
  virtual ~ZkBackend() = default;

  /// Proves that the secret `input` makes `program` true.
  /// @error program, input, unsupported, config: as their names say.  resource_limit: too large, too much memory, queue full, or
  ///        shutting down.  timeout, cancelled: what it used is free again.  backend, proof_generation.
  virtual io::Task<Outcome<Proof>> prove(ByteView program, ByteView input, const ZkConfig& config = {}) = 0;
  /// True: whoever made `proof` knew an input that makes `program` true (up to the soundness error). False: the bytes are a
  /// proof, but not of this.
  /// @error serialization: the bytes are no proof.  program, unsupported, config, resource_limit, timeout, cancelled.
  virtual io::Task<Outcome<bool>> verify(ByteView program, ByteView proof, const ZkConfig& config = {}) = 0;
  /// In the order of `jobs`, as many at a time as the service runs; each counts like a request of its own, and none is refused
  /// for the others' sake.
  virtual io::Task<std::vector<Outcome<Proof>>> batch_prove(std::span<const ProveJob> jobs, BatchMode mode,
                                                            const ZkConfig& config = {}) = 0;
  virtual io::Task<std::vector<Outcome<bool>>> batch_verify(std::span<const VerifyJob> jobs, BatchMode mode,
                                                            const ZkConfig& config = {}) = 0;
  virtual io::Task<HealthStatus> health_check() = 0;
  /// Takes the options and proves, verifies and refuses a small statement. Not needed before the first request; after a
  /// shutdown it starts the service again.
  /// @error config; backend: the test failed (the service then is unhealthy).
  virtual io::Task<Outcome<void>> initialize(const Options& options) = 0;
  /// Takes no new request, gives the present ones `drain` to end, cancels the rest, and returns when none is left.
  virtual io::Task<void> shutdown(Duration drain) = 0;
  /// Takes effect at once; running requests keep what they began with. Nothing changes on error.  @error config.
  virtual Outcome<void> reconfigure(const Options& options) = 0;
  virtual void clear_cache() = 0;

  virtual ResourceUsage resource_usage() const = 0;
  virtual ZkStats stats() const = 0;
  virtual CacheStats cache_stats() const = 0;
  virtual Capabilities capabilities() const = 0;
};

/// A service around one scheme.  @param clock of the caches; none: the system's.
/// @error config.
Outcome<std::shared_ptr<ZkBackend>> make_service(std::shared_ptr<const Scheme> scheme, const Options& options = {}, Clock clock = {});

}  // namespace tablinum::proof
