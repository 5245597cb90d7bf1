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

int Ranking::compare_names(std::uint32_t a, std::uint32_t b) const noexcept {
  const auto& columns = state_.columns;
  const auto headings = compare(state_.headings.rank(columns.heading[a]), state_.headings.rank(columns.heading[b]));
  return headings != 0 ? headings : compare(state_.givens.rank(columns.given[a]), state_.givens.rank(columns.given[b]));
}

/// Unknown years come last, whatever the direction.
int Ranking::compare_births(std::uint32_t a, std::uint32_t b) const noexcept {
  const auto year_a = year_of(state_.columns.birth[a]);
  const auto year_b = year_of(state_.columns.birth[b]);
  const auto unknown = compare(year_a == Years::kUnknown, year_b == Years::kUnknown);
  if (unknown != 0) return unknown;
  return descending_ ? compare(year_b, year_a) : compare(year_a, year_b);
}

bool Ranking::before(const Ranked& a, const Ranked& b) const noexcept {
  int order = 0;
  if (sort_ == SortBy::relevance) order = compare(b.score, a.score);
  if (sort_ == SortBy::birth) order = compare_births(a.n, b.n);
  if (order == 0) order = compare_names(a.n, b.n) * (sort_ == SortBy::name && descending_ ? -1 : 1);
  return order != 0 ? order < 0 : a.n < b.n;
}

void Ranking::offer(const Ranked& hit) {
  const auto order = [this](const Ranked& a, const Ranked& b) { return before(a, b); };
  if (window_ == 0 || (heap_.size() == window_ && !order(hit, heap_.front()))) return;
  if (heap_.size() == window_) {
    std::ranges::pop_heap(heap_, order);
    heap_.back() = hit;
  } else {
    heap_.push_back(hit);
  }
  std::ranges::push_heap(heap_, order);
}

std::vector<Ranked> Ranking::take() {
  std::ranges::sort(heap_, [this](const Ranked& a, const Ranked& b) { return before(a, b); });
  return std::move(heap_);
}

}  // namespace tablinum::search
