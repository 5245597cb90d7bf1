#include "tablinum/media/thumbnail.h"

#include <turbojpeg.h>
#include <webp/encode.h>

#include <memory>

#include "pixels.h"

namespace tablinum::media {
namespace {

constexpr float kQuality = 80;
constexpr int kJpegQuality = 80;

Result<void> check_limits(const PictureInfo& info) {
  const auto most = info.held_whole ? kPixelsHeldMax : kPixelsPassedMax;
  if (info.pixels() > most) return fail(Code::too_large, "a picture of " + std::to_string(info.pixels()) + " pixels");
  return {};
}

struct FreeWebp {
  void operator()(std::uint8_t* bytes) const noexcept { WebPFree(bytes); }
};

/// As it looks on white paper.
void put_on_white(Pixels& pixels) {
  for (std::size_t i = 0; i < pixels.rgba.size(); i += 4) {
    auto* pixel = &pixels.rgba[i];
    const unsigned opacity = pixel[3];
    for (int c = 0; c < 3; ++c) pixel[c] = static_cast<std::uint8_t>((pixel[c] * opacity + 255 * (255 - opacity) + 127) / 255);
  }
}

struct CloseJpeg {
  void operator()(void* handle) const noexcept { tjDestroy(handle); }
};
struct FreeJpeg {
  void operator()(unsigned char* bytes) const noexcept { tjFree(bytes); }
};

Result<Bytes> encode_jpeg(Pixels pixels) {
  put_on_white(pixels);
  const std::unique_ptr<void, CloseJpeg> jpeg{tjInitCompress()};
  unsigned char* raw = nullptr;
  unsigned long size = 0;
  const bool done = jpeg && tjCompress2(jpeg.get(), pixels.rgba.data(), static_cast<int>(pixels.width), 0, static_cast<int>(pixels.height),
                                        TJPF_RGBX, &raw, &size, TJSAMP_420, kJpegQuality, 0) == 0;
  const std::unique_ptr<unsigned char, FreeJpeg> owner{raw};
  if (!done) return fail(Code::internal, "JPEG: the encoder gave nothing");
  const auto bytes = std::as_bytes(std::span{raw, size});
  return Bytes(bytes.begin(), bytes.end());
}

Result<Bytes> encode(const Pixels& pixels) {
  std::uint8_t* raw = nullptr;
  const auto size = WebPEncodeRGBA(pixels.rgba.data(), static_cast<int>(pixels.width), static_cast<int>(pixels.height),
                                   static_cast<int>(pixels.width * 4), kQuality, &raw);
  const std::unique_ptr<std::uint8_t, FreeWebp> owner{raw};
  if (size == 0) return fail(Code::internal, "WebP: the encoder gave nothing");
  const auto bytes = std::as_bytes(std::span{raw, size});
  return Bytes(bytes.begin(), bytes.end());
}

}  // namespace

Result<Bytes> make_thumbnail(ByteView file, std::uint32_t side, ThumbnailFormat format) {
  if (side < kThumbnailSideMin || side > kThumbnailSideMax) return fail(Code::invalid, "the side of a thumbnail");
  if (file.size() > kPictureBytesMax) return fail(Code::too_large, "a picture of " + std::to_string(file.size()) + " bytes");
  TRY(info, picture_info(file));
  CHECK_OK(check_limits(info));
  TRY(pixels, decode(file, info, side));
  Pixels small = turn(shrink(pixels, side), info.orientation);
  return format == ThumbnailFormat::jpeg ? encode_jpeg(std::move(small)) : encode(small);
}

}  // namespace tablinum::media
