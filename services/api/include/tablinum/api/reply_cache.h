#pragma once
/// Replies in memory that stay right until their tree changes: what is asked for again costs no database and no other thread.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tablinum/api/call.h"

namespace tablinum::api {

/// @note Thread-safe.
class ReplyCache {
 public:
  explicit ReplyCache(std::size_t bytes_max) : half_bytes_{bytes_max / 2} {}

  /// The reply kept under `key`, if its tree has not changed since.
  std::optional<Reply> find(const std::string& key);
  /// What a reply is made from: the tree's state, and epoch() from before that was read.
  struct Origin {
    std::int64_t tree_no = 0, generation = 0;
    std::uint64_t epoch = 0;
  };
  std::uint64_t epoch() const noexcept { return epoch_; }
  /// Keeps a reply, unless it is old already.
  void keep(std::string key, const Origin& origin, const Reply& reply);
  /// The tree is in this state now. To be called after each commit, before its caller hears of it.
  void changed(std::int64_t tree_no, std::int64_t generation);
  /// Forgets everything: trees came or went.
  void clear();

 private:
  struct Entry {
    Origin origin;
    Reply reply;
  };
  using Entries = std::unordered_map<std::string, Entry>;
  bool is_current(const Entry& entry) const;
  void insert(std::string key, Entry entry);

  const std::size_t half_bytes_;
  std::mutex mutex_;
  Entries young_, old_;  // the young become the old when they fill their half; what is found among the old is young again
  std::size_t young_bytes_ = 0;
  std::atomic<std::uint64_t> epoch_ = 0;                        // clear() begins a new one
  std::unordered_map<std::int64_t, std::int64_t> generations_;  // by tree, as far as known
};

}  // namespace tablinum::api
