#pragma once
/// Coefficients of kinship, relationship and inbreeding.
///
/// Notation: φ(a,b) kinship (probability that one allele of a and one of b, drawn at random at the same locus, are identical by
/// descent); F_x = φ(father, mother) inbreeding; r = 2φ / √((1+F_a)(1+F_b)) Wright's coefficient of relationship.
/// A = T·D·Tᵀ (Henderson 1976): φ(a,b) = ½ Σ_c w_a(c)·w_b(c)·d_c over the common ancestors c (a and b included), where w_x(c)
/// is the expected share of c's genes in x (halved on each edge upward) and d_c = 1 − ¼ Σ over c's known parents of (1 +
/// F_parent). F follows Meuwissen & Luo 1992. Biological edges of the primary parents only; unknown parents are taken as
/// unrelated founders. All fractions are binary, so results are exact while they fit 53 bits.
#include <cstdint>

#include "tablinum/tree/kinship/graph.h"

namespace tablinum::tree::kinship {

/// Elementary steps (one person touched in one weight vector) that one call may spend on the inbreeding of ancestors: 0.5 to 2
/// s.
inline constexpr std::uint64_t kInbreedingStepsMax = 400'000'000;

struct Coefficient {
  double kinship = 0;       ///< φ(a,b)
  double relationship = 0;  ///< r
  double inbreeding_a = 0;
  double inbreeding_b = 0;
  /// False: the budget ran out and the ancestors not yet done were taken as F = 0. Then the values are upper bounds: every F
  /// makes its children's d smaller.
  bool exact = true;
};
/// Inbreeding found on the way is kept with the graph's snapshot for later calls. Thread-safe.
/// @error not_found: one of them is no person.
Result<Coefficient> coefficient(const Graph& graph, PersonN a, PersonN b, std::uint64_t steps_max = kInbreedingStepsMax);

}  // namespace tablinum::tree::kinship
