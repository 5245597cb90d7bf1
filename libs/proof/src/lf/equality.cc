#include "lf/equality.h"

#include <bit>

namespace tablinum::proof::lf {
namespace {

constexpr std::size_t kLowVariables = 10;  // the low table stays in the processor's first cache

}  // namespace

void equality(std::span<const Elt> point, Elt scale, std::span<Elt> table) noexcept {
  if (table.empty()) return;
  table[0] = scale;
  for (std::size_t k = 0, half = 1; k < point.size() && half < table.size(); ++k, half *= 2) {
    const std::size_t n = std::min(half, table.size() - half);
    gf().scale(raw(table.data() + half), raw(&point[k]), raw(table.data()), n);
    for (std::size_t i = 0; i < n; ++i) table[i] += table[half + i];
    // Entries whose sibling lies beyond the table still get their factor 1 + point_k.
    const Elt rest = kOne + point[k];
    if (n < half) gf().scale(raw(table.data() + n), raw(&rest), raw(table.data() + n), half - n);
  }
  // Variables beyond the table's size are 0 in every index.
  std::size_t covered = 0;
  for (std::size_t half = 1; covered < point.size() && half < table.size(); half *= 2) ++covered;
  for (; covered < point.size(); ++covered) {
    const Elt rest = kOne + point[covered];
    gf().scale(raw(table.data()), raw(&rest), raw(table.data()), table.size());
  }
}

Equality::Equality(std::span<const Elt> point, Elt scale, std::size_t n) {
  const std::size_t variables = std::min(kLowVariables, point.size());
  low_.resize(std::size_t{1} << variables);
  high_.resize((n + low_.size() - 1) / low_.size());
  equality(point.first(variables), kOne, low_);
  equality(point.subspan(variables), scale, high_);
}

void Equality::fill(Elt* out, std::size_t first, std::size_t count) const noexcept {
  for (std::size_t i = 0; i < count; i += low_.size())
    gf().scale(raw(out + i), raw(&high_[(first + i) / low_.size()]), raw(low_.data()), std::min(low_.size(), count - i));
}
void Equality::add(Elt* out, std::size_t first, std::size_t count) const noexcept {
  for (std::size_t i = 0; i < count; i += low_.size())
    gf().axpy(raw(out + i), raw(&high_[(first + i) / low_.size()]), raw(low_.data()), std::min(low_.size(), count - i));
}

}  // namespace tablinum::proof::lf
