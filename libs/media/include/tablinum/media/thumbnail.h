#pragma once
/// Small pictures of large ones: JPEG (also CMYK), PNG and still WebP in, WebP or JPEG out.
#include "tablinum/media/picture.h"

namespace tablinum::media {

inline constexpr std::uint32_t kThumbnailSideMin = 16;
inline constexpr std::uint32_t kThumbnailSideMax = 1024;
/// Largest file that is decoded.
inline constexpr std::size_t kPictureBytesMax = std::size_t{128} << 20;
/// Pixels of a picture whose decoder holds it whole (PNG, WebP, JPEG in several scans): at most 320 MB of memory.
inline constexpr std::uint64_t kPixelsHeldMax = 40'000'000;
/// Pixels of a JPEG in one scan, which is made smaller while it is read: a second or two of one core.
inline constexpr std::uint64_t kPixelsPassedMax = 250'000'000;

/// JPEG is for what reads no WebP (PDF): there clear parts are white.
enum class ThumbnailFormat : std::uint8_t { webp, jpeg };

/// A picture that fits into `side` × `side`, upright, with the proportions of the original, never larger than it; nothing of the
/// file's descriptions is kept. What a damaged JPEG still shows is shown.
/// @error unsupported: no picture, or one of a kind that is not decoded (GIF, animated WebP).  corrupt: damaged.
///        too_large: over the limits above.  invalid: side out of its range.
/// @note  Thread-safe. Blocks for the time of decoding; the caller bounds how many decode at once.
Result<Bytes> make_thumbnail(ByteView file, std::uint32_t side, ThumbnailFormat format = ThumbnailFormat::webp);

}  // namespace tablinum::media
