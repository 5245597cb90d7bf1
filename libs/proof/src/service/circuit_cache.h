#pragma once
/// Compiled circuits, shared by requests; each is compiled once however many ask for it at the same time.
#include <condition_variable>
#include <mutex>
#include <set>

#include "service/circuit_folder.h"
#include "tablinum/proof/cache.h"
#include "tablinum/proof/scheme.h"

namespace tablinum::proof {

/// Thread-safe.
class CircuitCache {
 public:
  CircuitCache(const CacheConfig& config, Clock clock)
      : cache_{limits(config), std::move(clock)}, folder_{std::make_shared<CircuitFolder>(config.folder, config.folder_bytes)} {}

  /// From the cache, from whoever makes it already, or by `make`, which runs without the lock. If the maker fails, the next
  /// one who waits makes it; failures are not kept.
  /// @error cancelled: `stop` while waiting.  Those of `make`.
  Outcome<CircuitPtr> get(const Digest& key, const std::stop_token& stop, FunctionRef<Outcome<CircuitPtr>()> make);
  void resize(const CacheConfig& config);
  void clear();
  /// Where the circuits are on disk; changes with resize().
  std::shared_ptr<CircuitFolder> folder() const;
  void found_on_disk();
  /// Fills the circuits' part.
  void report(CacheStats& out) const;

 private:
  static CacheLimits limits(const CacheConfig& config) noexcept {
    return {config.max_circuits, config.circuit_bytes, config.max_age};
  }
  class Flight;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  LruCache<CircuitPtr> cache_;
  std::set<Digest> in_flight_;
  std::uint64_t joins_ = 0;
  std::uint64_t from_disk_ = 0;
  std::shared_ptr<CircuitFolder> folder_;
};

}  // namespace tablinum::proof
