#include "tablinum/media/thumbnail.h"

#include <webp/encode.h>

#include <memory>

#include "pixels.h"

namespace tablinum::media {
namespace {

constexpr float kQuality = 80;

Result<void> check_limits(const PictureInfo& info) {
  const auto most = info.held_whole ? kPixelsHeldMax : kPixelsPassedMax;
  if (info.pixels() > most) return fail(Code::too_large, "a picture of " + std::to_string(info.pixels()) + " pixels");
  return {};
}

struct FreeWebp {
  void operator()(std::uint8_t* bytes) const noexcept { WebPFree(bytes); }
};

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

Result<Bytes> make_thumbnail(ByteView file, std::uint32_t side) {
  if (side < kThumbnailSideMin || side > kThumbnailSideMax) return fail(Code::invalid, "the side of a thumbnail");
  if (file.size() > kPictureBytesMax) return fail(Code::too_large, "a picture of " + std::to_string(file.size()) + " bytes");
  TRY(info, picture_info(file));
  CHECK_OK(check_limits(info));
  TRY(pixels, decode(file, info, side));
  return encode(turn(shrink(pixels, side), info.orientation));
}

}  // namespace tablinum::media
