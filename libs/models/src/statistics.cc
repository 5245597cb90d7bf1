#include "statistics.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace tablinum::models {
namespace {

constexpr double kSignificant = 0.05;
constexpr double kPoissonByCountMax = 30;
/// Pairs whose slopes are looked at; beyond, pairs at a distance that makes as many.
constexpr std::size_t kSlopePairsMax = 2'000'000;

/// SplitMix64 (S. Vigna, public domain): equal on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_{seed} {}
  /// In (0, 1].
  double uniform() noexcept { return (static_cast<double>(next() >> 11) + 1) * 0x1p-53; }
  double normal() noexcept {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  std::uint64_t next() noexcept {
    state_ += 0x9E3779B97F4A7C15u;
    auto z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

struct Step {
  double value, count, zero_probability;
};

/// At most kBootstrapSteps steps of about the same count, with the same total and mean.
std::vector<Step> coarse_steps(const Histogram& histogram) {
  std::vector<Step> coarse;
  const auto fine = histogram.steps();
  const double share = static_cast<double>(histogram.count()) / static_cast<double>(kBootstrapSteps);
  double sum = 0, count = 0;
  for (std::size_t i = 0; i < fine.size(); ++i) {
    sum += fine[i].first * static_cast<double>(fine[i].second);
    count += static_cast<double>(fine[i].second);
    if (fine.size() > kBootstrapSteps && count < share && i + 1 != fine.size()) continue;
    coarse.push_back({sum / count, count, std::exp(-count)});
    sum = count = 0;
  }
  return coarse;
}

double poisson(const Step& step, Random& random) noexcept {
  if (step.count > kPoissonByCountMax) return std::max(0.0, std::round(step.count + std::sqrt(step.count) * random.normal()));
  const double u = random.uniform();
  double probability = step.zero_probability, below = probability, k = 0;
  while (u > below && probability > 0) {
    k += 1;
    probability *= step.count / k;
    below += probability;
  }
  return k;
}

double two_sided(double z) noexcept { return std::erfc(std::abs(z) / std::numbers::sqrt2); }

/// Sizes of groups of equal values.
std::vector<double> ties(std::vector<double> values) {
  std::vector<double> sizes;
  std::ranges::sort(values);
  for (std::size_t i = 0; i < values.size();) {
    auto j = i;
    while (j < values.size() && values[j] == values[i]) ++j;
    sizes.push_back(static_cast<double>(j - i));
    i = j;
  }
  return sizes;
}

/// H. B. Mann 1945, M. G. Kendall 1975: normal approximation with the correction for ties.
void mann_kendall(std::span<const double> series, SeriesFindings& findings) {
  const auto n = static_cast<double>(series.size());
  double s = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    std::int64_t row = 0;
    for (std::size_t j = i + 1; j < series.size(); ++j) row += (series[j] > series[i]) - (series[j] < series[i]);
    s += static_cast<double>(row);
  }
  double variance = n * (n - 1) * (2 * n + 5);
  for (const double t : ties({series.begin(), series.end()})) variance -= t * (t - 1) * (2 * t + 5);
  variance /= 18;
  if (variance <= 0) return;
  const double z = s == 0 ? 0 : (s - std::copysign(1.0, s)) / std::sqrt(variance);
  findings.p_value = two_sided(z);
  if (findings.p_value < kSignificant) findings.direction = s > 0 ? Direction::rising : Direction::falling;
}

/// Theil and Sen: the median slope of all pairs, or of the pairs of every k-th distance where those are too many.
double median_slope(std::span<const double> series) {
  const auto pairs = series.size() * (series.size() - 1) / 2;
  const auto stride = pairs / kSlopePairsMax + 1;
  std::vector<double> slopes;
  for (std::size_t distance = 1; distance < series.size(); distance += stride) {
    for (std::size_t i = 0; i + distance < series.size(); ++i) {
      slopes.push_back((series[i + distance] - series[i]) / static_cast<double>(distance));
    }
  }
  const auto middle = slopes.begin() + static_cast<std::ptrdiff_t>(slopes.size() / 2);
  std::ranges::nth_element(slopes, middle);
  if (slopes.size() % 2 == 1) return *middle;
  return (*middle + *std::ranges::max_element(slopes.begin(), middle)) / 2;
}

/// Mean ranks, 1 for the smallest.
std::vector<double> ranks_of(std::span<const double> series) {
  std::vector<std::size_t> order(series.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return std::tie(series[a], a) < std::tie(series[b], b); });
  std::vector<double> ranks(series.size());
  for (std::size_t i = 0; i < order.size();) {
    auto j = i;
    while (j < order.size() && series[order[j]] == series[order[i]]) ++j;
    for (auto k = i; k < j; ++k) ranks[order[k]] = static_cast<double>(i + j + 1) / 2;
    i = j;
  }
  return ranks;
}

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// A. N. Pettitt 1979: K = max |U_t|, p ≈ 2 exp(−6K² / (n³ + n²)).
void pettitt(std::span<const double> series, SeriesFindings& findings) {
  const auto ranks = ranks_of(series);
  const auto n = static_cast<double>(series.size());
  double sum = 0, k = 0;
  std::size_t at = 0;
  for (std::size_t t = 1; t < series.size(); ++t) {
    sum += ranks[t - 1];
    const double u = std::abs(2 * sum - static_cast<double>(t) * (n + 1));
    if (u > k) {
      k = u;
      at = t;
    }
  }
  findings.change_p_value = std::min(1.0, 2 * std::exp(-6 * k * k / (n * n * n + n * n)));
  if (findings.change_p_value >= kSignificant) return;
  findings.change = at;
  findings.before = mean_of(series.first(at));
  findings.after = mean_of(series.subspan(at));
}

}  // namespace

std::optional<Interval> bootstrap_mean(const Histogram& histogram, double unit, double mean, unsigned samples) {
  if (histogram.count() == 0 || samples == 0) return std::nullopt;
  const auto steps = coarse_steps(histogram);
  double whole = 0;
  for (const auto& step : steps) whole += step.value * step.count;
  whole /= static_cast<double>(histogram.count());
  Random random{histogram.count()};
  std::vector<double> means;
  for (unsigned i = 0; i < samples; ++i) {
    double sum = 0, count = 0;
    for (const auto& step : steps) {
      const double drawn = poisson(step, random);
      sum += drawn * step.value;
      count += drawn;
    }
    if (count > 0) means.push_back(sum / count);
  }
  if (means.empty()) return std::nullopt;
  std::ranges::sort(means);
  const auto at = [&](double q) { return means[static_cast<std::size_t>(q * static_cast<double>(means.size() - 1) + 0.5)]; };
  return Interval{mean + (at(0.025) - whole) * unit, mean + (at(0.975) - whole) * unit};
}

SeriesFindings look_at(std::span<const double> series) {
  SeriesFindings findings;
  mann_kendall(series, findings);
  findings.slope = median_slope(series);
  pettitt(series, findings);
  return findings;
}

}  // namespace tablinum::models
