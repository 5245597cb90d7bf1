#pragma once
/// Statistics of the report: intervals by bootstrap, trends, change points. Deterministic: the same figures in, the same out.
#include <span>

#include "tablinum/models/analytics.h"

namespace tablinum::models {

/// Bounds of the middle 95 % of `samples` resampled means, moved so that they lie around the exact `mean`. Each sample draws
/// every step's count from a Poisson distribution (D. Hanley and B. MacGibbon, "Creating non-parametric bootstrap samples using
/// Poisson frequencies", 2006); neighbouring steps are taken together until at most kBootstrapSteps are left. `unit`: of a
/// step's value.
inline constexpr std::size_t kBootstrapSteps = 64;
std::optional<Interval> bootstrap_mean(const Histogram& histogram, double unit, double mean, unsigned samples);

/// Fills everything but `figure` and `change_at_s`; `change`: position of the first window of the new level.
struct SeriesFindings {
  Direction direction = Direction::none;
  double slope = 0, p_value = 1;
  std::optional<std::size_t> change;
  double change_p_value = 1, before = 0, after = 0;
};
/// @pre at least two values.
SeriesFindings look_at(std::span<const double> series);

}  // namespace tablinum::models
