#pragma once
/// What a record must be, apart from its words.
#include <vector>

#include "tablinum/search/search.h"
#include "tree_state.h"

namespace tablinum::search {

inline constexpr double kDateInside = 1;
inline constexpr double kDateOverlap = .9;
inline constexpr double kDateNear = .6;
inline constexpr int kNearYears = 5;
inline constexpr int kLifeYears = 120;  ///< an unknown end of a record's years is at most this far from the known one

/// How well the years of a record fit what was asked: one of the values above, or 0 if not at all or unknown.
double date_fit(Years years, const YearRange& asked) noexcept;

/// May this viewer see record n?
class Sight {
 public:
  Sight(const Columns& columns, const Viewer& viewer) : columns_{columns}, viewer_{viewer} {}
  bool sees(std::uint32_t n) const noexcept {
    if (!viewer_.visible) return columns_.circle(n) <= viewer_.circle;
    const auto& bits = *viewer_.visible;
    return n / 64 < bits.size() && (bits[n / 64] >> (n % 64) & 1) != 0;
  }

 private:
  const Columns& columns_;
  const Viewer& viewer_;
};

class Filter {
 public:
  Filter(const TreeIndex::State& state, const Query& query);
  /// 0 if the record does not pass, else the factor of its dates.
  double fit(std::uint32_t n) const noexcept { return any_ ? fit_of(n) : 1; }

 private:
  double fit_of(std::uint32_t n) const noexcept;
  void read_places(const TreeIndex::State& state);

  const Columns& columns_;
  const Query& query_;
  std::uint32_t kinds_ = ~std::uint32_t{0};
  bool any_ = false;                         ///< something is asked for
  std::vector<std::vector<bool>> at_place_;  // by place filter, then by record
};

}  // namespace tablinum::search
