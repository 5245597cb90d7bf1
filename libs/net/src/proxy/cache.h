#pragma once
/// What the cache keeps: complete answers in memory, within a byte budget, the least used dropped first.
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proxy/cache_control.h"

namespace tablinum::net::proxy {

inline constexpr std::size_t kVariantsMax = 32;       ///< of one target
inline constexpr std::size_t kEntryOverheadBytes = 512;

/// One kept answer; immutable. A revalidation replaces it.
struct CacheEntry {
  Status status = Status::ok;
  Headers headers;             ///< end to end, without Age
  std::vector<Chunk> body;
  std::uint64_t body_bytes = 0;
  std::string vary;            ///< the Vary field
  std::string vary_values;     ///< vary_key() of the request that brought it
  std::int64_t age_at_arrival = 0;
  Timestamp arrived;
  std::int64_t lifetime = 0;
  CacheControl control{};

  Kept kept(Timestamp now) const noexcept {
    return {age_at_arrival + (now.ms - arrived.ms) / 1000, lifetime, control};
  }
  std::uint64_t bytes() const noexcept { return body_bytes + vary_values.size() + kEntryOverheadBytes + header_bytes; }
  std::uint64_t header_bytes = 0;
};

/// Fills in everything of an entry that follows from the answer's head.
CacheEntry make_entry(const Request& request, Status status, const Headers& headers, Timestamp asked, Timestamp arrived);

/// Segmented least-recently-used: what is asked for a second time moves to a protected part (four fifths), so that a crawl
/// through everything drops only what was used once.
/// @note Thread-safe.
class Cache {
 public:
  explicit Cache(std::uint64_t bytes_max) noexcept : bytes_max_{bytes_max} {}

  /// The newest entry of `key` whose Vary fits the request. `varies`: there are others of that key.
  std::shared_ptr<const CacheEntry> find(std::string_view key, const Headers& request, bool* varies = nullptr);
  /// Replaces the one with the same Vary values.
  void store(const std::string& key, std::shared_ptr<const CacheEntry> entry);
  void invalidate(std::string_view key) noexcept;
  void resize(std::uint64_t bytes_max);

  std::uint64_t bytes() const noexcept;
  std::size_t entries() const noexcept;

 private:
  struct Slot;
  using Order = std::list<Slot*>;
  struct Slot {
    std::string key;
    std::shared_ptr<const CacheEntry> entry;
    bool is_protected = false;
    Order::iterator place;
  };
  using Variants = std::vector<std::unique_ptr<Slot>>;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };

  void used(Slot& slot);
  void drop(Slot& slot) noexcept;
  void shrink() noexcept;

  mutable std::mutex mutex_;
  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::uint64_t protected_bytes_ = 0;
  std::size_t entries_ = 0;
  std::unordered_map<std::string, Variants, Hash, std::equal_to<>> map_;
  Order probation_, protected_;  // the last used at the end
};

}  // namespace tablinum::net::proxy
