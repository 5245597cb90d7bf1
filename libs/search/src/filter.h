#pragma once
/// What a record must be, apart from its words.
#include <optional>
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

/// May this viewer see what stands in a slot?
class Sight {
 public:
  Sight(const TreeIndex::State& state, const Viewer& viewer) : state_{state}, viewer_{viewer} {}
  bool sees(std::uint32_t slot) const {
    if (!viewer_.visible) return state_.columns.circle(slot) <= viewer_.circle;
    if (state_.columns.is_place(slot)) return sees_place(slot - state_.columns.records);
    const auto& bits = *viewer_.visible;
    return slot / 64 < bits.size() && (bits[slot / 64] >> (slot % 64) & 1) != 0;
  }

 private:
  bool sees_place(std::uint32_t place) const;

  const TreeIndex::State& state_;
  const Viewer& viewer_;
  mutable std::optional<std::vector<bool>> places_;  // those named by records of the bitmap; worked out when first asked for
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
