#pragma once
/// Bounded caches: least recently used first out, by count and by bytes; entries end max_age after they were put in.
#include <functional>
#include <list>
#include <map>

#include "tablinum/base/crypto.h"
#include "tablinum/proof/config.h"

namespace tablinum::proof {

/// A monotonic clock, injected so that tests need not wait.
using Clock = std::function<Instant()>;

/// Figures of both caches. A hit is an answer from the cache; waiting for an equal request that runs already is a join.
struct CacheStats {
  std::size_t circuit_entries = 0, proof_entries = 0;
  std::size_t circuit_bytes = 0, proof_bytes = 0;
  std::size_t max_circuits = 0, max_proofs = 0;
  std::uint64_t circuit_hits = 0, circuit_misses = 0, circuit_evictions = 0, circuit_expired = 0;
  std::uint64_t proof_hits = 0, proof_misses = 0, proof_evictions = 0, proof_expired = 0;
  std::uint64_t single_flight_joins = 0;
  std::uint64_t circuits_from_disk = 0;  ///< of the misses: found in CacheConfig::folder
};

struct CacheLimits {
  std::size_t entries = 0;  ///< 0: off
  std::size_t bytes = 0;    ///< 0: off
  Duration max_age;
};

struct CacheCounters {
  std::uint64_t hits = 0, misses = 0, evictions = 0, expired = 0;
};

/// Values by digest. Not thread-safe: its owner locks.
template <class Value>
class LruCache {
 public:
  LruCache(CacheLimits limits, Clock clock) : limits_{limits}, clock_{std::move(clock)}, swept_{clock_()} {}

  /// Null if there is none or it has expired. The pointer lives until the next call.
  Value* find(const Digest& key) {
    sweep_when_due();
    const auto at = by_key_.find(key);
    if (at == by_key_.end() || (expired(*at->second) && drop_expired(at->second))) {
      ++counters_.misses;
      return nullptr;
    }
    ++counters_.hits;
    entries_.splice(entries_.begin(), entries_, at->second);
    return &at->second->value;
  }
  /// find() that neither counts nor refreshes.
  Value* peek(const Digest& key) {
    const auto at = by_key_.find(key);
    return at == by_key_.end() || expired(*at->second) ? nullptr : &at->second->value;
  }
  /// Replaces what is there. A value larger than the whole budget is not kept.
  void put(const Digest& key, Value value, std::size_t bytes) {
    erase(key);
    if (limits_.entries == 0 || bytes > limits_.bytes) return;
    entries_.push_front({key, std::move(value), bytes, clock_()});
    bytes_ += bytes;  // before the map, which may find no memory: an entry that is not in it is counted, and goes as the oldest
    by_key_[key] = entries_.begin();
    shrink();
  }
  void erase(const Digest& key) {
    if (const auto at = by_key_.find(key); at != by_key_.end()) remove(at->second);
  }
  void clear() {
    entries_.clear();
    by_key_.clear();
    bytes_ = 0;
  }
  /// Shrinks at once.
  void resize(CacheLimits limits) {
    limits_ = limits;
    if (limits_.entries == 0 || limits_.bytes == 0) return clear();
    shrink();
    sweep();
  }
  /// Removes all that has expired.
  void sweep() {
    swept_ = clock_();
    for (auto at = entries_.begin(); at != entries_.end();) {
      const auto entry = at++;
      if (expired(*entry)) drop_expired(entry);
    }
  }
  std::size_t size() const noexcept { return entries_.size(); }
  std::size_t bytes() const noexcept { return bytes_; }
  const CacheCounters& counters() const noexcept { return counters_; }

 private:
  struct Entry {
    Digest key;
    Value value;
    std::size_t bytes;
    Instant created;
  };
  using Position = typename std::list<Entry>::iterator;

  bool expired(const Entry& entry) const { return clock_() - entry.created >= limits_.max_age; }
  bool drop_expired(Position entry) {
    ++counters_.expired;
    remove(entry);
    return true;
  }
  void remove(Position entry) {
    bytes_ -= entry->bytes;
    by_key_.erase(entry->key);
    entries_.erase(entry);
  }
  void shrink() {
    while (!entries_.empty() && (entries_.size() > limits_.entries || bytes_ > limits_.bytes)) {
      ++counters_.evictions;
      remove(std::prev(entries_.end()));
    }
  }
  // So that entries nobody asks for again go too.
  void sweep_when_due() {
    if (clock_() - swept_ >= Duration{limits_.max_age.ns / 4}) sweep();
  }

  CacheLimits limits_;
  Clock clock_;
  Instant swept_;
  std::list<Entry> entries_;  // the most recently used one first
  std::map<Digest, Position> by_key_;
  std::size_t bytes_ = 0;
  CacheCounters counters_;
};

}  // namespace tablinum::proof
