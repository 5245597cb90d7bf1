#pragma once
/// What a picture's first bytes say. Sources: ITU-T T.81 Annex B (JPEG), Exif 2.3 §4.6.4 (orientation), PNG 3rd edition §11.2,
/// RFC 9649 (WebP), GIF89a §18. All readers are bounded and check every length.
#include <cstdint>

#include "tablinum/base/bytes.h"
#include "tablinum/base/error.h"

namespace tablinum::media {

enum class PictureKind : std::uint8_t { jpeg, png, webp, gif };

struct PictureInfo {
  PictureKind kind{};
  std::uint32_t width = 0;        ///< as stored
  std::uint32_t height = 0;
  std::uint8_t orientation = 1;   ///< Exif 1 … 8 (JPEG only): how the stored picture must be turned
  bool held_whole = true;         ///< a decoder has to hold all of its pixels or coefficients at once

  std::uint32_t shown_width() const noexcept { return orientation >= 5 ? height : width; }
  std::uint32_t shown_height() const noexcept { return orientation >= 5 ? width : height; }
  std::uint64_t pixels() const noexcept { return std::uint64_t{width} * height; }
};

/// Bytes from a file's beginning in which nearly every picture says its size.
inline constexpr std::size_t kPictureHeadBytes = std::size_t{256} << 10;

/// Reads the head of a picture; `bytes` may end early.
/// @error unsupported: another kind of file.  corrupt: damaged, or `bytes` end before the size.
Result<PictureInfo> picture_info(ByteView bytes);

}  // namespace tablinum::media
