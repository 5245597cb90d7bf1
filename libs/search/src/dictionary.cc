#include "dictionary.h"

#include <algorithm>

#include "sorting.h"
#include "tablinum/search/names.h"

namespace tablinum::search {

Dictionary::Dictionary() {
  intern({});
}

std::uint32_t Dictionary::intern(std::string_view text) {
  if (const auto found = ids_.find(text); found != ids_.end()) return found->second;
  const auto id = static_cast<std::uint32_t>(items_.size());
  auto key = sorting_form(text);
  if (key.empty()) key = kNoSurname;
  items_.push_back({std::string{text}, std::move(key)});
  ids_.emplace(items_.back().text, id);
  text_bytes_ += items_.back().text.capacity() + items_.back().key.capacity();
  rank_.push_back(0);
  if (finished_) rank_new(id);
  return id;
}

void Dictionary::finish() {
  std::vector<std::uint32_t> ids(items_.size());
  for (std::uint32_t id = 0; id < ids.size(); ++id) ids[id] = id;
  std::ranges::sort(ids, [this](auto a, auto b) { return key(a) < key(b); });
  order_.clear();
  for (const auto id : ids) {
    if (order_.empty() || key(order_.back()) != key(id)) order_.push_back(id);
    rank_[id] = static_cast<std::uint32_t>(order_.size() - 1);
  }
  finished_ = true;
}

void Dictionary::rank_new(std::uint32_t id) {
  const auto at = std::ranges::lower_bound(order_, key(id), {}, [this](auto other) { return key(other); });
  const auto rank = static_cast<std::uint32_t>(at - order_.begin());
  const bool is_new = at == order_.end() || key(*at) != key(id);
  if (is_new) {
    order_.insert(at, id);
    for (auto& other : rank_) other += other >= rank ? 1 : 0;
  }
  rank_[id] = rank;
}

std::pair<std::uint32_t, std::uint32_t> Dictionary::ranks_with(std::string_view prefix) const {
  const auto beginning = [&](auto id) { return key(id).substr(0, prefix.size()); };
  const auto range = std::ranges::equal_range(order_, prefix, {}, beginning);
  const auto first = static_cast<std::uint32_t>(range.begin() - order_.begin());
  return {first, first + static_cast<std::uint32_t>(range.size())};
}

std::size_t Dictionary::bytes() const noexcept {
  constexpr std::size_t kNodeBytes = 48;  // of the hash table, about
  return items_.size() * (sizeof(Item) + kNodeBytes) + text_bytes_ + (rank_.capacity() + order_.capacity()) * sizeof(std::uint32_t);
}

}  // namespace tablinum::search
