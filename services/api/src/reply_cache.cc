#include "tablinum/api/reply_cache.h"

#include <algorithm>
#include <utility>

namespace tablinum::api {

bool ReplyCache::is_current(const Entry& entry) const {
  if (entry.origin.epoch != epoch_) return false;
  const auto known = generations_.find(entry.origin.tree_no);
  return known == generations_.end() || known->second <= entry.origin.generation;
}

void ReplyCache::insert(std::string key, Entry entry) {
  constexpr std::size_t kOverheadBytes = 256;  // of the maps and the reply's other texts
  const std::size_t bytes = key.size() + entry.reply.body.size() + kOverheadBytes;
  if (bytes > half_bytes_) return;
  if (young_bytes_ + bytes > half_bytes_) {
    old_ = std::exchange(young_, {});
    young_bytes_ = 0;
  }
  if (young_.insert_or_assign(std::move(key), std::move(entry)).second) young_bytes_ += bytes;
}

std::optional<Reply> ReplyCache::find(const std::string& key) {
  const std::lock_guard lock{mutex_};
  if (const auto young = young_.find(key); young != young_.end()) {
    return is_current(young->second) ? std::optional{young->second.reply} : std::nullopt;
  }
  auto aged = old_.extract(key);
  if (aged.empty() || !is_current(aged.mapped())) return std::nullopt;
  std::optional reply{aged.mapped().reply};
  insert(std::move(aged.key()), std::move(aged.mapped()));
  return reply;
}

void ReplyCache::keep(std::string key, const Origin& origin, const Reply& reply) {
  const std::lock_guard lock{mutex_};
  Entry entry{origin, reply};
  if (is_current(entry)) insert(std::move(key), std::move(entry));
}

void ReplyCache::changed(std::int64_t tree_no, std::int64_t generation) {
  const std::lock_guard lock{mutex_};
  auto& known = generations_[tree_no];
  known = std::max(known, generation);
}

void ReplyCache::clear() {
  const std::lock_guard lock{mutex_};
  ++epoch_;
  young_.clear();
  old_.clear();
  young_bytes_ = 0;
}

}  // namespace tablinum::api
