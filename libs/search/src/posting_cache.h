#pragma once
/// Lists of matches read from the database before: the common names' lists are long to read (45 ns an entry) and asked for again and again.
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tablinum/search/index.h"

namespace tablinum::search {

using Postings = std::vector<std::uint32_t>;

/// Least recently used lists go when the budget is exceeded.
/// @note Thread-safe.
class PostingCache {
 public:
  explicit PostingCache(std::size_t budget_bytes) : budget_bytes_{budget_bytes} {}

  std::shared_ptr<const Postings> find(Column column, std::string_view token);
  void put(Column column, std::string_view token, std::shared_ptr<const Postings> postings);
  void drop(Column column, std::string_view token);
  /// Drops the lists of all phrases: keys with a blank, which no token has.
  void drop_phrases();
  void clear();
  std::size_t bytes() const;

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const Postings> postings;
  };
  using Entries = std::list<Entry>;
  static std::string key_of(Column column, std::string_view token);
  static std::size_t bytes_of(const Entry& entry) noexcept;
  void erase(Entries::iterator entry);

  const std::size_t budget_bytes_;
  mutable std::mutex mutex_;
  Entries entries_;  // most recently used first
  std::unordered_map<std::string_view, Entries::iterator> by_key_;
  std::size_t bytes_ = 0;
};

}  // namespace tablinum::search
