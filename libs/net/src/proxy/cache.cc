#include "proxy/cache.h"

#include <algorithm>

namespace tablinum::net::proxy {

CacheEntry make_entry(const Request& request, Status status, const Headers& headers, Timestamp asked, Timestamp arrived) {
  CacheEntry entry;
  entry.status = status;
  entry.headers = headers;
  // RFC 9111 §4.2.3 and RFC 9110 §6.6.1: an answer without Date is dated by who receives it.
  if (!entry.headers.contains(Field::date)) entry.headers.set(Field::date, to_http_date(arrived));
  for (const FieldView field : headers) {
    entry.header_bytes += field.name.size() + field.value.size() + 32;
    if (field.field == Field::vary) entry.vary += (entry.vary.empty() ? "" : ",") + std::string{field.value};
  }
  entry.vary_values = vary_key(entry.vary, request.headers).value_or("*");
  entry.age_at_arrival = age_on_arrival(entry.headers, asked, arrived);
  entry.headers.erase(Field::age);
  entry.arrived = arrived;
  entry.lifetime = freshness_seconds(status, entry.headers);
  entry.control = cache_control_of(headers, false);
  return entry;
}

std::shared_ptr<const CacheEntry> Cache::find(std::string_view key, const Headers& request, bool* varies) {
  const std::lock_guard lock{mutex_};
  const auto found = map_.find(key);
  if (found == map_.end()) return nullptr;
  if (varies != nullptr) *varies = true;
  Slot* best = nullptr;
  for (const auto& slot : found->second) {
    if (vary_key(slot->entry->vary, request) != slot->entry->vary_values) continue;
    if (best == nullptr || slot->entry->arrived > best->entry->arrived) best = slot.get();
  }
  if (best == nullptr) return nullptr;
  used(*best);
  return best->entry;
}

void Cache::used(Slot& slot) {
  if (slot.is_protected) {
    protected_.splice(protected_.end(), protected_, slot.place);
    return;
  }
  protected_.splice(protected_.end(), probation_, slot.place);
  slot.is_protected = true;
  protected_bytes_ += slot.entry->bytes();
  while (protected_bytes_ > bytes_max_ / 5 * 4 && protected_.size() > 1) {
    Slot& oldest = *protected_.front();
    probation_.splice(probation_.end(), protected_, oldest.place);
    oldest.is_protected = false;
    protected_bytes_ -= oldest.entry->bytes();
  }
}

void Cache::store(const std::string& key, std::shared_ptr<const CacheEntry> entry) {
  const std::lock_guard lock{mutex_};
  if (entry->bytes() > bytes_max_) return;
  if (const auto found = map_.find(key); found != map_.end()) {
    for (const auto& slot : found->second) {
      if (slot->entry->vary_values != entry->vary_values || slot->entry->vary != entry->vary) continue;
      drop(*slot);
      break;
    }
  }
  auto& variants = map_[key];
  auto& slot = variants.emplace_back(std::make_unique<Slot>(Slot{key, std::move(entry), false, {}}));
  slot->place = probation_.insert(probation_.end(), slot.get());
  bytes_ += slot->entry->bytes();
  ++entries_;
  if (variants.size() > kVariantsMax) drop(*variants.front());
  shrink();
}

void Cache::drop(Slot& slot) noexcept {
  bytes_ -= slot.entry->bytes();
  if (slot.is_protected) protected_bytes_ -= slot.entry->bytes();
  --entries_;
  (slot.is_protected ? protected_ : probation_).erase(slot.place);
  const auto found = map_.find(std::string_view{slot.key});
  std::erase_if(found->second, [&](const auto& each) { return each.get() == &slot; });
  if (found->second.empty()) map_.erase(found);
}

void Cache::shrink() noexcept {
  while (bytes_ > bytes_max_) drop(*(probation_.empty() ? protected_ : probation_).front());
}

void Cache::invalidate(std::string_view key) noexcept {
  const std::lock_guard lock{mutex_};
  while (true) {
    const auto found = map_.find(key);
    if (found == map_.end()) return;
    drop(*found->second.front());
  }
}

void Cache::resize(std::uint64_t bytes_max) {
  const std::lock_guard lock{mutex_};
  bytes_max_ = bytes_max;
  shrink();
}

std::uint64_t Cache::bytes() const noexcept {
  const std::lock_guard lock{mutex_};
  return bytes_;
}
std::size_t Cache::entries() const noexcept {
  const std::lock_guard lock{mutex_};
  return entries_;
}

}  // namespace tablinum::net::proxy
