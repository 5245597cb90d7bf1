#include "service/circuit_cache.h"

namespace tablinum::proof {

// Ends the flight on every way out, also when `make` throws.
class CircuitCache::Flight {
 public:
  Flight(CircuitCache& cache, const Digest& key) : cache_{cache}, key_{key} { cache_.in_flight_.insert(key); }
  ~Flight() {
    const std::lock_guard lock{cache_.mutex_};
    cache_.in_flight_.erase(key_);
    cache_.changed_.notify_all();
  }
  Flight(const Flight&) = delete;

 private:
  CircuitCache& cache_;
  const Digest& key_;
};

Outcome<CircuitPtr> CircuitCache::get(const Digest& key, const std::stop_token& stop, FunctionRef<Outcome<CircuitPtr>()> make) {
  std::unique_lock lock{mutex_};
  if (CircuitPtr* found = cache_.find(key)) return *found;
  if (in_flight_.contains(key)) {
    ++joins_;
    while (in_flight_.contains(key)) {
      if (!changed_.wait(lock, stop, [&] { return !in_flight_.contains(key); })) return fault(Fault::cancelled, "asked to stop", "circuit");
      if (CircuitPtr* found = cache_.find(key)) return *found;
    }
  }
  const Flight flight{*this, key};
  lock.unlock();
  Outcome<CircuitPtr> made = make();
  if (!made) return made;
  lock.lock();
  cache_.put(key, *made, (*made)->bytes());
  lock.unlock();
  return made;
}

void CircuitCache::resize(const CacheConfig& config) {
  auto folder = std::make_shared<CircuitFolder>(config.folder, config.folder_bytes);
  const std::lock_guard lock{mutex_};
  cache_.resize(limits(config));
  folder_ = std::move(folder);
}

std::shared_ptr<CircuitFolder> CircuitCache::folder() const {
  const std::lock_guard lock{mutex_};
  return folder_;
}

void CircuitCache::found_on_disk() {
  const std::lock_guard lock{mutex_};
  ++from_disk_;
}

void CircuitCache::clear() {
  const std::lock_guard lock{mutex_};
  cache_.clear();
}

void CircuitCache::report(CacheStats& out) const {
  const std::lock_guard lock{mutex_};
  const CacheCounters& counters = cache_.counters();
  out.circuit_entries = cache_.size();
  out.circuit_bytes = cache_.bytes();
  out.circuit_hits = counters.hits;
  out.circuit_misses = counters.misses;
  out.circuit_evictions = counters.evictions;
  out.circuit_expired = counters.expired;
  out.single_flight_joins += joins_;
  out.circuits_from_disk = from_disk_;
}

}  // namespace tablinum::proof
