#pragma once
/// A layer's quadratic form with its output variable bound: Σ value · V[h0] · V[h1].  Source: docs/proof/lf.md.
#include "lf/equality.h"
#include "lf/sumcheck.h"

namespace tablinum::proof::lf {

// Quad and kernels::Term have one layout, so that a layer's terms go to the kernels as they are.
static_assert(sizeof(Quad) == sizeof(kernels::Term));
inline const kernels::Term* raw_terms(const Quad* q) noexcept { return reinterpret_cast<const kernels::Term*>(q); }

/// The circuit's constants, with what the constant 0 (an assertion) is replaced by.
struct Constants {
  Constants(const Circuit& circuit, Elt in_place_of_zero);
  std::vector<Elt> values;
  std::uint32_t one;  ///< index of 1
};

/// The two claims that a layer's sumcheck begins with: points and how many outputs.
struct Claims {
  Claims(const Circuit& circuit, std::size_t layer, const Challenges& challenges);
  std::span<const Elt> g0, g1;
  std::uint32_t outputs;
};

/// Entries in the order of the terms that they come from; neighbours have different corners.
struct Form {
  Array<kernels::Corner> corners;
  Array<Elt> values;

  std::size_t size() const noexcept { return corners.size(); }
  /// Appends constant · weight[g] for each term.
  void append(std::span<const Quad> terms, const Elt* weight, const Constants& constants);
};

/// The form's value at the points of both hands, from the verifier's challenges.
Elt bound_value(const Circuit& circuit, std::size_t layer, const Challenges& challenges);

}  // namespace tablinum::proof::lf
