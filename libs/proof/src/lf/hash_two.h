#pragma once
/// SHA-256 of two messages of the same length, side by side where the processor has the instructions.
#include "tablinum/base/crypto.h"

namespace tablinum::proof::lf {

/// @pre a.size() == b.size().
std::array<Digest, 2> sha256_two(ByteView a, ByteView b) noexcept;

}  // namespace tablinum::proof::lf
