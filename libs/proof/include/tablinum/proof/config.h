#pragma once
/// What a proof service and one request may use. Plain structs: whoever reads configuration files fills them.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "tablinum/base/time.h"
#include "tablinum/proof/fault.h"

namespace tablinum::proof {

inline constexpr std::size_t kProgramBytesMax = std::size_t{64} << 10;
inline constexpr std::size_t kInputBytesMax = std::size_t{1} << 20;
/// No proof that this module makes is longer; a longer one is refused before it is read.
inline constexpr std::size_t kProofBytesMax = std::size_t{16} << 20;
inline constexpr std::size_t kJobMemoryMax = std::size_t{1} << 30;
inline constexpr Duration kProvingTimeout = Duration::seconds(60);
inline constexpr Duration kVerificationTimeout = Duration::seconds(10);
inline constexpr Duration kTimeoutMax = Duration::seconds(7 * 86'400);  ///< of any of the two, and of shutdown()'s wait
inline constexpr unsigned kConcurrentMax = 64;
inline constexpr unsigned kThreadsMax = 256;
inline constexpr unsigned kQueueMax = 65'536;
inline constexpr int kPriorityMax = 100;  ///< −100 … 100

/// How far a running request is.
struct Progress {
  std::string_view stage;  ///< "circuit" (where it has to be compiled), then "prove" or "verify"
  double share = 0;        ///< of the stage, 0 … 1; begins at 0 and only grows, in steps of kProgressStep and more
};
inline constexpr double kProgressStep = 0.01;
/// Called on threads of the service, of one request one call at a time, and never after the request has ended. It must neither throw nor
/// wait; it may stop its own request (ZkConfig::stop).
using ProgressFunction = std::function<void(const Progress&)>;

/// Of one request; what is absent has the default named above.
struct ZkConfig {
  std::optional<std::size_t> max_program_size;   ///< bytes
  std::optional<std::size_t> max_input_size;     ///< bytes
  std::optional<std::size_t> max_memory;         ///< bytes, against the estimate that is made before anything begins
  std::optional<Duration> proving_timeout;       ///< from submission: waiting in the queue counts
  std::optional<Duration> verification_timeout;
  std::optional<std::uint8_t> profile;           ///< of the back end; absent: its default
  bool use_cache = true;                         ///< false: a fresh proof, which nobody can link to an earlier one
  int priority = 0;                              ///< higher first, first come first served within one
  std::stop_token stop;       ///< ends the request (`cancelled`) from outside its task, from any thread; of a batch: every item
  /// Of a batch: called by every item, of different items side by side. An answer from the cache, or from an equal request, has none.
  ProgressFunction progress;
};

/// Sizes of the two caches. 0 switches one off.
struct CacheConfig {
  std::size_t max_circuits = 100;
  std::size_t max_proofs = 1000;
  std::size_t circuit_bytes = std::size_t{512} << 20;
  std::size_t proof_bytes = std::size_t{64} << 20;
  Duration max_age = Duration::seconds(3600);    ///< from creation
  bool enable_proof_cache = true;
  /// Compiled circuits are kept there for the next process too; empty: nowhere. Made for this user only where it is not there; not used
  /// where others may write into it.
  std::string folder;
  std::size_t folder_bytes = std::size_t{256} << 20;  ///< 0: nowhere
};

/// Of a service; may be changed while it runs (ZkBackend::reconfigure).
struct Options {
  unsigned threads = 4;         ///< that all its requests share for the parallel parts of a proof
  unsigned max_concurrent = 2;  ///< requests that run at the same time
  unsigned queue_max = 64;      ///< requests that wait; a further one is refused
  std::size_t memory_limit = std::size_t{1} << 30;  ///< bytes that running requests may be estimated to use together
  CacheConfig cache;
};

/// @error config: a size, count or time of zero or below (but caches may be 0), or over its limit.
Outcome<void> validate(const ZkConfig& config);
Outcome<void> validate(const Options& options);

}  // namespace tablinum::proof
