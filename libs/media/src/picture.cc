#include "tablinum/media/picture.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace tablinum::media {
namespace {

std::uint32_t at(ByteView bytes, std::size_t i) noexcept { return static_cast<std::uint32_t>(bytes[i]); }
std::uint32_t u16_be(ByteView bytes, std::size_t i) noexcept { return at(bytes, i) << 8 | at(bytes, i + 1); }
std::uint32_t u16_le(ByteView bytes, std::size_t i) noexcept { return at(bytes, i + 1) << 8 | at(bytes, i); }
std::uint32_t u24_le(ByteView bytes, std::size_t i) noexcept { return at(bytes, i + 2) << 16 | u16_le(bytes, i); }
std::uint32_t u32_be(ByteView bytes, std::size_t i) noexcept { return u16_be(bytes, i) << 16 | u16_be(bytes, i + 2); }
std::uint32_t u32_le(ByteView bytes, std::size_t i) noexcept { return u16_le(bytes, i + 2) << 16 | u16_le(bytes, i); }

bool has(ByteView bytes, std::size_t i, std::string_view text) noexcept {
  return i <= bytes.size() && bytes.size() - i >= text.size() &&
         std::ranges::equal(bytes.subspan(i, text.size()), text, {}, {}, [](char c) { return static_cast<std::byte>(c); });
}

std::unexpected<Error> cut(std::string_view what) { return fail(Code::corrupt, std::string{what} + ": damaged, or cut short"); }

Result<PictureInfo> checked(PictureInfo info, std::string_view what) {
  if (info.width == 0 || info.height == 0) return fail(Code::corrupt, std::string{what} + ": no size");
  return info;
}

/// Orientation (tag 0x0112, one SHORT) of the first image file directory; 1 where it is absent or makes no sense.
std::uint8_t exif_orientation(ByteView tiff) {
  constexpr std::size_t kEntryBytes = 12;
  if (tiff.size() < 8) return 1;
  const bool big = has(tiff, 0, "MM");
  if (!big && !has(tiff, 0, "II")) return 1;
  const auto u16 = [&](std::size_t i) { return big ? u16_be(tiff, i) : u16_le(tiff, i); };
  const std::size_t directory = big ? u32_be(tiff, 4) : u32_le(tiff, 4);
  if (directory > tiff.size() - 2) return 1;
  const std::size_t count = std::min<std::size_t>(u16(directory), (tiff.size() - directory - 2) / kEntryBytes);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t entry = directory + 2 + i * kEntryBytes;
    if (u16(entry) != 0x0112 || u16(entry + 2) != 3) continue;
    const auto value = u16(entry + 8);
    return value >= 1 && value <= 8 ? static_cast<std::uint8_t>(value) : std::uint8_t{1};
  }
  return 1;
}

/// SOF0 … SOF15, without DHT, JPG and DAC, which stand among them.
bool is_frame(std::uint32_t marker) noexcept {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

struct JpegHead {
  PictureInfo info{.kind = PictureKind::jpeg};
  bool turned = false;
  std::uint32_t frame = 0;  ///< its marker; 0: not seen yet
  std::uint32_t components = 0;
};

/// One segment, without marker and length, up to the frame header.
Result<void> read_segment(JpegHead& head, std::uint32_t marker, ByteView segment) {
  if (marker == 0xE1 && !head.turned && has(segment, 0, std::string_view{"Exif\0\0", 6})) {
    head.info.orientation = exif_orientation(segment.subspan(6));
    head.turned = true;
  }
  if (!is_frame(marker)) return {};
  if (head.frame != 0 || segment.size() < 6) return cut("JPEG");
  head.frame = marker;
  head.info.height = u16_be(segment, 1);
  head.info.width = u16_be(segment, 3);
  head.components = at(segment, 5);
  return {};
}

/// Markers up to the first scan, which says whether all colours come in one.
Result<PictureInfo> jpeg_info(ByteView bytes) {
  JpegHead head;
  for (std::size_t i = 2;;) {
    while (i + 1 < bytes.size() && at(bytes, i) == 0xFF && at(bytes, i + 1) == 0xFF) ++i;  // fill bytes
    if (bytes.size() < i + 4 || at(bytes, i) != 0xFF) return cut("JPEG");
    const auto marker = at(bytes, i + 1);
    const std::size_t length = u16_be(bytes, i + 2);
    if (length < 2 || bytes.size() - i - 2 < length) return cut("JPEG");
    const auto segment = bytes.subspan(i + 4, length - 2);
    if (marker == 0xDA) {
      if (head.frame == 0 || segment.empty()) return cut("JPEG");
      head.info.held_whole = head.frame > 0xC1 || at(segment, 0) != head.components;
      return checked(head.info, "JPEG");
    }
    CHECK_OK(read_segment(head, marker, segment));
    i += 2 + length;
  }
}

Result<PictureInfo> png_info(ByteView bytes) {
  if (bytes.size() < 24 || !has(bytes, 12, "IHDR")) return cut("PNG");
  return checked({.kind = PictureKind::png, .width = u32_be(bytes, 16), .height = u32_be(bytes, 20)}, "PNG");
}

Result<PictureInfo> webp_info(ByteView bytes) {
  if (bytes.size() < 30) return cut("WebP");
  PictureInfo info{.kind = PictureKind::webp};
  if (has(bytes, 12, "VP8X")) {
    info.width = u24_le(bytes, 24) + 1;
    info.height = u24_le(bytes, 27) + 1;
  } else if (has(bytes, 12, "VP8L")) {
    const auto bits = u32_le(bytes, 21);
    info.width = (bits & 0x3FFF) + 1;
    info.height = (bits >> 14 & 0x3FFF) + 1;
  } else if (has(bytes, 12, "VP8 ")) {
    info.width = u16_le(bytes, 26) & 0x3FFF;
    info.height = u16_le(bytes, 28) & 0x3FFF;
  }
  return checked(info, "WebP");
}

Result<PictureInfo> gif_info(ByteView bytes) {
  if (bytes.size() < 10) return cut("GIF");
  return checked({.kind = PictureKind::gif, .width = u16_le(bytes, 6), .height = u16_le(bytes, 8)}, "GIF");
}

}  // namespace

Result<PictureInfo> picture_info(ByteView bytes) {
  if (has(bytes, 0, "\xFF\xD8\xFF")) return jpeg_info(bytes);
  if (has(bytes, 0, "\x89PNG\r\n\x1A\n")) return png_info(bytes);
  if (has(bytes, 0, "RIFF") && has(bytes, 8, "WEBP")) return webp_info(bytes);
  if (has(bytes, 0, "GIF87a") || has(bytes, 0, "GIF89a")) return gif_info(bytes);
  return fail(Code::unsupported, "no picture of a known kind");
}

}  // namespace tablinum::media
