#include <png.h>
#include <turbojpeg.h>
#include <webp/decode.h>

#include <algorithm>
#include <memory>
#include <span>

#include "pixels.h"

namespace tablinum::media {
namespace {

const unsigned char* raw(ByteView file) noexcept { return reinterpret_cast<const unsigned char*>(file.data()); }

struct CloseJpeg {
  void operator()(void* handle) const noexcept { tjDestroy(handle); }
};
using Jpeg = std::unique_ptr<void, CloseJpeg>;

/// The smallest of the decoder's own scales that still leaves twice the wanted side: the rest is averaged by shrink().
tjscalingfactor scale_for(const PictureInfo& info, std::uint32_t side) {
  const auto longest = std::max(info.width, info.height);
  tjscalingfactor best{1, 1};
  int count = 0;
  const auto* all = tjGetScalingFactors(&count);
  for (const auto& factor : std::span{all, static_cast<std::size_t>(all == nullptr ? 0 : count)}) {
    const bool smaller = factor.num * best.denom < best.num * factor.denom;
    if (smaller && static_cast<std::uint32_t>(TJSCALED(static_cast<int>(longest), factor)) >= 2 * side) best = factor;
  }
  return best;
}

/// Ink to light. Adobe's programs write the complement of each ink, and browsers read all such files so, marked or not.
void cmyk_to_rgba(Pixels& pixels) {
  for (std::size_t i = 0; i < pixels.rgba.size(); i += 4) {
    auto* pixel = &pixels.rgba[i];
    for (int c = 0; c < 3; ++c) pixel[c] = static_cast<std::uint8_t>((unsigned{pixel[c]} * pixel[3] + 127) / 255);
    pixel[3] = 255;
  }
}

Result<Pixels> decode_jpeg(ByteView file, const PictureInfo& info, std::uint32_t side) {
  const Jpeg jpeg{tjInitDecompress()};
  if (!jpeg) return fail(Code::internal, "JPEG: no decoder");
  int width = 0, height = 0, sampling = 0, colours = 0;
  if (tjDecompressHeader3(jpeg.get(), raw(file), file.size(), &width, &height, &sampling, &colours) != 0 ||
      std::cmp_not_equal(width, info.width) || std::cmp_not_equal(height, info.height)) {
    return fail(Code::corrupt, "JPEG: header");
  }
  const auto factor = scale_for(info, side);
  Pixels pixels(static_cast<std::uint32_t>(TJSCALED(width, factor)), static_cast<std::uint32_t>(TJSCALED(height, factor)));
  const bool cmyk = colours == TJCS_CMYK || colours == TJCS_YCCK;
  const int done = tjDecompress2(jpeg.get(), raw(file), file.size(), pixels.rgba.data(), static_cast<int>(pixels.width), 0,
                                 static_cast<int>(pixels.height), cmyk ? TJPF_CMYK : TJPF_RGBA, TJFLAG_LIMITSCANS);
  // A warning means that a part is damaged; the rest is there, as in every browser.
  if (done != 0 && tjGetErrorCode(jpeg.get()) != TJERR_WARNING) return fail(Code::corrupt, "JPEG: data");
  if (cmyk) cmyk_to_rgba(pixels);
  return pixels;
}

struct FreePng {
  void operator()(png_image* image) const noexcept { png_image_free(image); }
};

/// libpng's simplified reader: it turns every kind of PNG into this one, and its jumps never cross our frames.
Result<Pixels> decode_png(ByteView file, const PictureInfo& info) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, FreePng> owner{&image};
  if (png_image_begin_read_from_memory(&image, file.data(), file.size()) == 0 || image.width != info.width ||
      image.height != info.height) {
    return fail(Code::corrupt, "PNG: header");
  }
  image.format = PNG_FORMAT_RGBA;
  image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // else 16 bits are taken for linear light, which no camera or scanner writes
  Pixels pixels(image.width, image.height);
  if (png_image_finish_read(&image, nullptr, pixels.rgba.data(), 0, nullptr) == 0) return fail(Code::corrupt, "PNG: data");
  return pixels;
}

Result<Pixels> decode_webp(ByteView file, const PictureInfo& info) {
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) return fail(Code::internal, "WebP: no decoder");
  if (WebPGetFeatures(raw(file), file.size(), &config.input) != VP8_STATUS_OK) return fail(Code::corrupt, "WebP: header");
  if (config.input.has_animation != 0) return fail(Code::unsupported, "WebP: moving pictures are not decoded");
  if (std::cmp_not_equal(config.input.width, info.width) || std::cmp_not_equal(config.input.height, info.height)) {
    return fail(Code::corrupt, "WebP: header");
  }
  Pixels pixels(info.width, info.height);
  config.output.colorspace = MODE_RGBA;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {.rgba = pixels.rgba.data(), .stride = static_cast<int>(info.width * 4), .size = pixels.rgba.size()};
  const auto status = WebPDecode(raw(file), file.size(), &config);
  WebPFreeDecBuffer(&config.output);
  if (status != VP8_STATUS_OK) return fail(Code::corrupt, "WebP: data");
  return pixels;
}

}  // namespace

Result<Pixels> decode(ByteView file, const PictureInfo& info, std::uint32_t side) {
  switch (info.kind) {
    case PictureKind::jpeg: return decode_jpeg(file, info, side);
    case PictureKind::png: return decode_png(file, info);
    case PictureKind::webp: return decode_webp(file, info);
    case PictureKind::gif: break;
  }
  return fail(Code::unsupported, "GIF is not decoded");
}

}  // namespace tablinum::media
