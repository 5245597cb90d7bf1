#pragma once
#include <vector>

#include "tablinum/search/search.h"
#include "tree_state.h"

namespace tablinum::search {

struct Ranked {
  std::uint32_t n = 0;
  double score = 0;
  double fit = 1;          ///< of the dates, for the explanation
  std::uint64_t name = 0;  ///< place in the alphabet, once Ranking needed it
};

/// Keeps the first `window` hits in the order asked for. Ties are broken by sort key, then by number, so every order is total.
class Ranking {
 public:
  Ranking(const TreeIndex::State& state, SortBy sort, bool descending, std::size_t window,
          std::optional<std::uint32_t> after = {})
      : state_{state}, sort_{sort}, descending_{descending}, window_{window} {
    if (after) after_ = Ranked{.n = *after, .name = name_of(*after)};
  }

  void offer(Ranked hit);
  /// In order.
  std::vector<Ranked> take();

 private:
  std::uint64_t name_of(std::uint32_t n) const noexcept;
  int compare_first(const Ranked& a, const Ranked& b) const noexcept;
  int compare_births(std::uint32_t a, std::uint32_t b) const noexcept;
  bool before(const Ranked& a, const Ranked& b) const noexcept;

  const TreeIndex::State& state_;
  SortBy sort_;
  bool descending_;
  std::size_t window_;
  std::optional<Ranked> after_;
  std::vector<Ranked> heap_;  // the last of the kept ones is in front
};

}  // namespace tablinum::search
