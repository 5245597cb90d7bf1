#include "posting_cache.h"

namespace tablinum::search {

std::string PostingCache::key_of(Column column, std::string_view token) {
  return static_cast<char>('0' + static_cast<int>(column)) + std::string{token};
}

std::size_t PostingCache::bytes_of(const Entry& entry) noexcept {
  constexpr std::size_t kNodeBytes = 160;  // both containers' nodes and the counted pointer, about
  return entry.key.capacity() + entry.postings->capacity() * sizeof(std::uint32_t) + kNodeBytes;
}

std::shared_ptr<const Postings> PostingCache::find(Column column, std::string_view token) {
  const std::scoped_lock lock{mutex_};
  const auto found = by_key_.find(key_of(column, token));
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->postings;
}

void PostingCache::put(Column column, std::string_view token, std::shared_ptr<const Postings> postings) {
  const std::scoped_lock lock{mutex_};
  auto key = key_of(column, token);
  if (const auto old = by_key_.find(key); old != by_key_.end()) erase(old->second);
  entries_.push_front({std::move(key), std::move(postings)});
  by_key_.emplace(entries_.front().key, entries_.begin());
  bytes_ += bytes_of(entries_.front());
  while (bytes_ > budget_bytes_ && entries_.size() > 1) erase(std::prev(entries_.end()));
}

void PostingCache::drop(Column column, std::string_view token) {
  const std::scoped_lock lock{mutex_};
  const auto found = by_key_.find(key_of(column, token));
  if (found != by_key_.end()) erase(found->second);
}

void PostingCache::drop_phrases() {
  const std::scoped_lock lock{mutex_};
  for (auto at = entries_.begin(); at != entries_.end();) {
    const auto entry = at++;
    if (entry->key.contains(' ')) erase(entry);
  }
}

void PostingCache::clear() {
  const std::scoped_lock lock{mutex_};
  by_key_.clear();
  entries_.clear();
  bytes_ = 0;
}

void PostingCache::erase(Entries::iterator entry) {
  bytes_ -= bytes_of(*entry);
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

std::size_t PostingCache::bytes() const {
  const std::scoped_lock lock{mutex_};
  return bytes_;
}

}  // namespace tablinum::search
