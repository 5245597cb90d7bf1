#pragma once
/// Extending Reed–Solomon codewords over the points inj(0), inj(1), …  Source: Lin, Chung, Han 2014 (novel polynomial basis);
/// van der Hoeven, "The truncated Fourier transform" for lengths that are no power of two; docs/proof/lf.md.
#include <cstddef>

#include "tablinum/base/parallel.h"
#include "tablinum/proof/field.h"

namespace tablinum::proof {

/// Points that exist: inj() takes 16 bits.
inline constexpr std::size_t kPointsMax = (std::size_t{1} << 16) - 1;

/// `width` codewords at a time, point by point: y[i · width + k] is codeword k at inj(i). Each is given by its values at the
/// first n points, which a unique polynomial of degree < n takes; fills the points n … m − 1.
/// @pre 1 ≤ n ≤ m ≤ kPointsMax.
void extend(Elt* y, std::size_t width, std::size_t n, std::size_t m, Executor& executor);

}  // namespace tablinum::proof
