#include <bit>
#include <cmath>

#include "tablinum/models/analytics.h"

namespace tablinum::models {
namespace {

constexpr unsigned kExactBits = 12;
constexpr std::uint64_t kExact = std::uint64_t{1} << kExactBits, kHalf = kExact / 2;
constexpr std::size_t kFirstSize = 64;

std::size_t index_of(std::uint64_t value) noexcept {
  if (value < kExact) return value;
  const auto shift = static_cast<unsigned>(std::bit_width(value)) - kExactBits;
  return kExact + (shift - 1) * kHalf + ((value >> shift) - kHalf);
}

/// The middle of a step.
std::uint64_t value_of(std::size_t index) noexcept {
  if (index < kExact) return index;
  const auto shift = static_cast<unsigned>((index - kExact) / kHalf) + 1;
  const auto low = ((index - kExact) % kHalf + kHalf) << shift;
  return low + (std::uint64_t{1} << (shift - 1));
}

}  // namespace

void Histogram::grow(std::size_t index) { counts_.resize(std::max(kFirstSize, std::bit_ceil(index + 1))); }

std::size_t Histogram::add(std::uint64_t value, std::uint64_t count) {
  const auto index = index_of(value);
  std::size_t grown = 0;
  if (index >= counts_.size()) {
    grown = bytes();
    grow(index);
    grown = bytes() - grown;
  }
  counts_[index] += count;
  count_ += count;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
  return grown;
}

void Histogram::merge(const Histogram& other) {
  if (other.counts_.size() > counts_.size()) counts_.resize(other.counts_.size());
  // By pointers: a check of every index would keep the loop from being vectorised.
  std::uint64_t* const mine = counts_.data();
  const std::uint64_t* const theirs = other.counts_.data();
  for (std::size_t i = 0, n = other.counts_.size(); i < n; ++i) mine[i] += theirs[i];
  count_ += other.count_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

std::uint64_t Histogram::quantile(double q) const noexcept {
  if (count_ == 0) return 0;
  const auto rank = static_cast<std::uint64_t>(std::max(1.0, std::ceil(q * static_cast<double>(count_) - 1e-9)));
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    below += counts_[i];
    if (below >= rank) return std::clamp(value_of(i), min_, max_);
  }
  return max_;
}

std::vector<std::pair<double, std::uint64_t>> Histogram::steps() const {
  std::vector<std::pair<double, std::uint64_t>> steps;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] != 0) steps.emplace_back(static_cast<double>(value_of(i)), counts_[i]);
  }
  return steps;
}

bool operator==(const Histogram& a, const Histogram& b) noexcept {
  if (a.count_ != b.count_ || a.max_ != b.max_ || a.min_ != b.min_) return false;
  return a.steps() == b.steps();
}

}  // namespace tablinum::models
