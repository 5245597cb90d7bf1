#include "tablinum/search/vocabulary.h"

#include "tablinum/search/distance.h"
#include "tablinum/search/names.h"

namespace tablinum::search {
namespace {

constexpr std::size_t kFreshMin = 1024;
constexpr std::size_t kFreshShare = 100;

/// Keeps the `limit` first of what it is given, by `before`.
template <class T, class Before>
class Best {
 public:
  Best(std::size_t limit, Before before) : limit_{limit}, before_{before} {}
  void offer(const T& item) {
    if (limit_ == 0 || (heap_.size() == limit_ && !before_(item, heap_.front()))) return;
    heap_.push_back(item);
    std::ranges::push_heap(heap_, before_);
    if (heap_.size() <= limit_) return;
    std::ranges::pop_heap(heap_, before_);
    heap_.pop_back();
  }
  std::vector<T> take() {
    std::ranges::sort(heap_, before_);
    return std::move(heap_);
  }

 private:
  std::size_t limit_;
  Before before_;
  std::vector<T> heap_;  // the last of the kept ones is in front
};

constexpr auto kMoreFrequent = [](const WordCount& a, const WordCount& b) {
  return a.count != b.count ? a.count > b.count : a.word < b.word;
};

constexpr auto kNearer = [](const Vocabulary::Near& a, const Vocabulary::Near& b) {
  return a.distance != b.distance ? a.distance < b.distance : kMoreFrequent(a, b);
};

}  // namespace

std::uint32_t Vocabulary::seen(const Counts& counts, Circle viewer) noexcept {
  std::uint32_t sum = 0;
  for (std::size_t circle = 0; circle <= static_cast<std::size_t>(viewer); ++circle) sum += counts[circle];
  return sum;
}

const Vocabulary::Entry* Vocabulary::find(std::string_view word) const {
  const auto at = std::ranges::lower_bound(entries_, word, {}, [this](const Entry& entry) { return word_of(entry); });
  return at != entries_.end() && word_of(*at) == word ? &*at : nullptr;
}

/// A count never falls below zero: a document counted out twice would be a bug elsewhere, but must not make four billion of it.
void Vocabulary::add(std::string_view word, Circle circle, std::int32_t documents) {
  if (word.empty() || word.size() > kWordBytesMax) return;
  const auto adjust = [&](Counts& counts) {
    auto& count = counts[static_cast<std::size_t>(circle)];
    count = static_cast<std::uint32_t>(std::max<std::int64_t>(0, std::int64_t{count} + documents));
  };
  if (const auto* entry = find(word)) return adjust(entries_[static_cast<std::size_t>(entry - entries_.data())].counts);
  auto at = fresh_.find(word);
  if (at == fresh_.end()) at = fresh_.emplace(std::string{word}, Fresh{letter_mask(word), {}}).first;
  adjust(at->second.counts);
}

bool Vocabulary::needs_merge() const noexcept { return fresh_.size() > std::max(kFreshMin, entries_.size() / kFreshShare); }

void Vocabulary::merge() {
  struct Item {
    std::string_view word;
    std::uint32_t mask;
    Counts counts;
  };
  std::vector<Item> items;
  items.reserve(size());
  for (const auto& entry : entries_) items.push_back({word_of(entry), entry.mask, entry.counts});
  for (const auto& [word, fresh] : fresh_) items.push_back({word, fresh.mask, fresh.counts});
  std::erase_if(items, [](const Item& item) { return seen(item.counts, Circle::owners) == 0; });
  std::ranges::sort(items, {}, &Item::word);

  std::string text;
  std::vector<Entry> entries;
  entries.reserve(items.size());
  for (const auto& item : items) {
    entries.push_back({static_cast<std::uint32_t>(text.size()), item.mask, item.counts, static_cast<std::uint8_t>(item.word.size())});
    text += item.word;
  }
  text_ = std::move(text);
  entries_ = std::move(entries);
  fresh_ = {};
}

std::uint32_t Vocabulary::count(std::string_view word, Circle viewer) const {
  if (const auto* entry = find(word)) return seen(entry->counts, viewer);
  const auto at = fresh_.find(word);
  return at == fresh_.end() ? 0 : seen(at->second.counts, viewer);
}

std::span<const Vocabulary::Entry> Vocabulary::range(std::string_view prefix) const {
  const auto beginning = [&](const Entry& entry) { return word_of(entry).substr(0, prefix.size()); };
  const auto [first, last] = std::ranges::equal_range(entries_, prefix, {}, beginning);
  return {first, last};
}

std::vector<WordCount> Vocabulary::beginning_with(std::string_view prefix, Circle viewer, std::size_t limit) const {
  Best<WordCount, decltype(kMoreFrequent)> best(limit, kMoreFrequent);
  for (const auto& entry : range(prefix)) {
    if (const auto count = seen(entry.counts, viewer)) best.offer({word_of(entry), count});
  }
  for (const auto& [word, fresh] : fresh_) {
    const auto count = word.starts_with(prefix) ? seen(fresh.counts, viewer) : 0;
    if (count > 0) best.offer({word, count});
  }
  return best.take();
}

std::vector<Vocabulary::Near> Vocabulary::near(std::string_view word, unsigned distance, Circle viewer, std::size_t limit) const {
  Best<Near, decltype(kNearer)> best(limit, kNearer);
  if (distance == 0 || word.size() > kWordBytesMax) return {};
  const auto mask = letter_mask(word);
  const auto shortest = word.size() - std::min<std::size_t>(word.size(), distance);
  const auto longest = word.size() + distance;
  const auto consider = [&](std::string_view candidate, const Counts& counts) {
    const auto d = osa_distance(word, candidate, distance);
    if (d == 0 || d > distance) return;
    if (const auto count = seen(counts, viewer)) best.offer({{candidate, count}, d});
  };
  for (const auto& entry : entries_) {
    if (entry.length < shortest || entry.length > longest || !masks_allow(mask, entry.mask, distance)) continue;
    consider(word_of(entry), entry.counts);
  }
  for (const auto& [candidate, fresh] : fresh_) consider(candidate, fresh.counts);
  return best.take();
}

std::size_t Vocabulary::bytes() const noexcept {
  constexpr std::size_t kFreshBytes = 96;  // a node of the table with its text, about
  return text_.capacity() + entries_.capacity() * sizeof(Entry) + fresh_.size() * kFreshBytes;
}

}  // namespace tablinum::search
