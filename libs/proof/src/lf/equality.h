#pragma once
/// EQ(point, i) = Π (i_k ? point_k : 1 + point_k) for many i.  Source: docs/proof/lf.md.
#include <span>

#include "field/vectors.h"
#include "lf/arrays.h"

namespace tablinum::proof::lf {

/// table[i] = scale · EQ(point, i), i < n.
void equality(std::span<const Elt> point, Elt scale, std::span<Elt> table) noexcept;

/// scale · EQ(point, i) for i < n as products of two small tables, so that entries cost one multiplication each, in any order.
class Equality {
 public:
  Equality(std::span<const Elt> point, Elt scale, std::size_t n);

  /// out[k] = (or +=) entry first + k, k < count.  @pre first is a multiple of step().
  void fill(Elt* out, std::size_t first, std::size_t count) const noexcept;
  void add(Elt* out, std::size_t first, std::size_t count) const noexcept;
  std::size_t step() const noexcept { return low_.size(); }
  /// out[k] = entry number(k), k < count ≤ kBatch.
  template <class Number>
  void pick(Elt* out, std::size_t count, Number&& number) const noexcept {
    std::array<Elt, kBatch> low, high;
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t i = number(k);
      low[k] = low_[i & (low_.size() - 1)];
      high[k] = high_[i / low_.size()];
    }
    gf().mul(raw(out), raw(low.data()), raw(high.data()), count);
  }
  static constexpr std::size_t kBatch = 1024;

 private:
  Array<Elt> low_;  // a power of two entries
  Array<Elt> high_;
};

}  // namespace tablinum::proof::lf
