#pragma once
/// A compiled circuit as bytes, for a cache on disk: numbers as they lie in memory; what consists of copies of a template is kept as
/// the template, so that an image of 32 compressions is hardly longer than one of two.
#include "circuit/compiler.h"

namespace tablinum::proof::lf {

/// Changes with every change of the bytes below or of what compile() makes; part of the file's key.
inline constexpr std::uint8_t kImageVersion = 1;

Bytes write_image(const Compiled& compiled);
/// The circuit's id is taken as it stands: computing it costs what compiling costs, so whoever keeps images sees to it that they are
/// what write_image() gave (service/circuit_folder.h). Still checked: lengths, ranges, order, so that no image harms memory.
/// @error serialization.
Outcome<Compiled> read_image(ByteView bytes);

}  // namespace tablinum::proof::lf
