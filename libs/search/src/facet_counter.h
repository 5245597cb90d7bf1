#pragma once
#include <vector>

#include "tablinum/search/search.h"
#include "tree_state.h"

namespace tablinum::search {

/// Counts hits by what they are. One object a thread is reused, since its arrays are as long as the dictionaries.
class FacetCounter {
 public:
  void start(const TreeIndex::State& state);
  void count(const Columns& columns, std::uint32_t n) noexcept;
  /// The most frequent values; names that differ only in case or marks count as one, shown in the most frequent spelling among the hits.
  Facets take(const TreeIndex::State& state) const;

 private:
  static constexpr std::size_t kDecades = (kYearMax - kYearMin) / 10 + 2;
  static std::size_t decade_index(Years years) noexcept;
  std::vector<FacetValue> surnames(const Dictionary& headings) const;
  std::vector<FacetValue> place_values(const std::vector<PlaceEntry>& places) const;
  std::vector<FacetValue> decade_values() const;

  std::vector<std::uint32_t> headings_;
  std::vector<std::uint32_t> places_;
  std::array<std::uint32_t, kDecades> decades_{};
  std::array<std::uint32_t, kKinds> kinds_{};
  std::array<std::uint32_t, 4> sexes_{};
  std::array<std::uint32_t, 2> living_{};
};

}  // namespace tablinum::search
