#pragma once
/// Pictures in memory, between decoding and encoding.
#include "tablinum/media/picture.h"

namespace tablinum::media {

/// Red, green, blue, opacity; rows from the top, without gaps.
struct Pixels {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<std::uint8_t> rgba;

  Pixels(std::uint32_t w, std::uint32_t h) : width{w}, height{h}, rgba(std::size_t{w} * h * 4) {}
  std::uint8_t* at(std::uint32_t x, std::uint32_t y) noexcept { return &rgba[(std::size_t{y} * width + x) * 4]; }
  const std::uint8_t* at(std::uint32_t x, std::uint32_t y) const noexcept { return &rgba[(std::size_t{y} * width + x) * 4]; }
};

/// Decodes a picture of a checked size, perhaps already smaller, but not under `side` on its longer side.
/// @error corrupt.  unsupported: a kind that is not decoded.
Result<Pixels> decode(ByteView file, const PictureInfo& info, std::uint32_t side);

/// The mean over the area of each new pixel, weighted by opacity; fits into `side` × `side`, never larger than it was.
Pixels shrink(const Pixels& from, std::uint32_t side);

/// Exif's eight ways of holding a camera, undone.
Pixels turn(const Pixels& from, std::uint8_t orientation);

}  // namespace tablinum::media
