#include <bit>
#include <cmath>

#include "tablinum/models/analytics.h"

namespace tablinum::models {
namespace {

constexpr unsigned kExactBits = 12;
constexpr std::uint64_t kExact = std::uint64_t{1} << kExactBits, kHalf = kExact / 2;
constexpr std::size_t kFirstSize = 64;
constexpr std::uint64_t kLowMax = 65'535;

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

void Histogram::grow(std::size_t index) {
  low_.resize(std::max(kFirstSize, std::bit_ceil(index + 1)));
  if (!high_.empty()) high_.resize(low_.size());
}

void Histogram::carry(std::size_t index, std::uint64_t amount) {
  if (high_.empty()) high_.resize(low_.size());
  high_[index] += amount;
}

std::size_t Histogram::add(std::uint64_t value, std::uint64_t count) {
  const auto index = index_of(value);
  std::size_t grown = 0;
  if (index >= low_.size()) {
    grown = bytes();
    grow(index);
    grown = bytes() - grown;
  }
  const std::uint64_t sum = low_[index] + count;
  low_[index] = static_cast<std::uint16_t>(sum);
  if (sum > kLowMax) {
    const std::size_t before = bytes();
    carry(index, sum - low_[index]);
    grown += bytes() - before;
  }
  count_ += count;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
  return grown;
}

void Histogram::merge(const Histogram& other) {
  if (other.low_.size() > low_.size()) grow(other.low_.size() - 1);
  if (count_ + other.count_ <= kLowMax) {
    // Nothing can overflow. By pointers: a check of every index would keep the loop from being vectorised.
    std::uint16_t* const mine = low_.data();
    const std::uint16_t* const theirs = other.low_.data();
    for (std::size_t i = 0, n = other.low_.size(); i < n; ++i) mine[i] = static_cast<std::uint16_t>(mine[i] + theirs[i]);
  } else {
    for (std::size_t i = 0; i < other.low_.size(); ++i) {
      const std::uint64_t sum = low_[i] + other.at(i);
      low_[i] = static_cast<std::uint16_t>(sum);
      if (sum > kLowMax) carry(i, sum - low_[i]);
    }
  }
  count_ += other.count_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

std::uint64_t Histogram::quantile(double q) const noexcept {
  if (count_ == 0) return 0;
  const auto rank = static_cast<std::uint64_t>(std::max(1.0, std::ceil(q * static_cast<double>(count_) - 1e-9)));
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < low_.size(); ++i) {
    below += at(i);
    if (below >= rank) return std::clamp(value_of(i), min_, max_);
  }
  return max_;
}

std::vector<std::pair<double, std::uint64_t>> Histogram::steps() const {
  std::vector<std::pair<double, std::uint64_t>> steps;
  for (std::size_t i = 0; i < low_.size(); ++i) {
    if (at(i) != 0) steps.emplace_back(static_cast<double>(value_of(i)), at(i));
  }
  return steps;
}

bool operator==(const Histogram& a, const Histogram& b) noexcept {
  if (a.count_ != b.count_ || a.max_ != b.max_ || a.min_ != b.min_) return false;
  return a.steps() == b.steps();
}

}  // namespace tablinum::models
