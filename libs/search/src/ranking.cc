#include "ranking.h"

namespace tablinum::search {
namespace {

template <class T>
constexpr int compare(const T& a, const T& b) noexcept {
  return a < b ? -1 : (b < a ? 1 : 0);
}

/// The year people are listed by.
std::int16_t year_of(Years years) noexcept { return years.min != Years::kUnknown ? years.min : years.max; }

}  // namespace

std::uint64_t Ranking::name_of(std::uint32_t n) const noexcept {
  const auto& columns = state_.columns;
  return std::uint64_t{state_.headings.rank(columns.heading[n])} << 32 | state_.givens.rank(columns.given[n]);
}

/// Unknown years come last, whatever the direction.
int Ranking::compare_births(std::uint32_t a, std::uint32_t b) const noexcept {
  const auto year_a = year_of(state_.columns.birth[a]);
  const auto year_b = year_of(state_.columns.birth[b]);
  const auto unknown = compare(year_a == Years::kUnknown, year_b == Years::kUnknown);
  if (unknown != 0) return unknown;
  return descending_ ? compare(year_b, year_a) : compare(year_a, year_b);
}

/// By what was asked for, without the tie-breakers.
int Ranking::compare_first(const Ranked& a, const Ranked& b) const noexcept {
  switch (sort_) {
    case SortBy::relevance: return compare(b.score, a.score);
    case SortBy::birth: return compare_births(a.n, b.n);
    case SortBy::name: return descending_ ? compare(b.name, a.name) : compare(a.name, b.name);
  }
  return 0;
}

bool Ranking::before(const Ranked& a, const Ranked& b) const noexcept {
  auto order = compare_first(a, b);
  if (order == 0) order = compare(a.name, b.name);
  return order != 0 ? order < 0 : a.n < b.n;
}

/// Most hits are worse than the last kept one by their score alone: their names are not looked up.
void Ranking::offer(Ranked hit) {
  if (window_ == 0) return;
  if (after_) {
    hit.name = name_of(hit.n);
    if (!before(*after_, hit)) return;
  }
  const auto order = [this](const Ranked& a, const Ranked& b) { return before(a, b); };
  const bool full = heap_.size() == window_;
  if (full && sort_ != SortBy::name && compare_first(hit, heap_.front()) > 0) return;
  hit.name = name_of(hit.n);
  if (full) {
    if (!order(hit, heap_.front())) return;
    std::ranges::pop_heap(heap_, order);
    heap_.pop_back();
  }
  heap_.push_back(hit);
  std::ranges::push_heap(heap_, order);
}

std::vector<Ranked> Ranking::take() {
  std::ranges::sort(heap_, [this](const Ranked& a, const Ranked& b) { return before(a, b); });
  return std::move(heap_);
}

}  // namespace tablinum::search
