#pragma once
/// Arrays of field elements through the best kernels that the processor has.
#include <bit>
#include <span>

#include "kernels/gf128.h"
#include "tablinum/proof/field.h"

namespace tablinum::proof {

/// The kernels of this processor, chosen once (base/cpu.h; TABLINUM_CPU limits them).
const kernels::Gf128& gf() noexcept;

// Elt and kernels::Gf have one layout: two words, low one first.
static_assert(sizeof(Elt) == sizeof(kernels::Gf));
inline kernels::Gf* raw(Elt* e) noexcept { return reinterpret_cast<kernels::Gf*>(e); }
inline const kernels::Gf* raw(const Elt* e) noexcept { return reinterpret_cast<const kernels::Gf*>(e); }

}  // namespace tablinum::proof
