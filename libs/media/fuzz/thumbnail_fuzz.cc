#include <cstdlib>

#include "tablinum/media/thumbnail.h"

namespace {

constexpr std::uint32_t kSide = 32;
constexpr std::uint64_t kPixelsMax = 1'000'000;  // a run shall be quick; larger ones differ in nothing but time

}  // namespace

/// A thumbnail is a picture again, no larger than it was asked for, and what it is of was one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tablinum;
  const auto file = std::as_bytes(std::span{data, size});
  const auto info = media::picture_info(file);
  if (info && info->pixels() > kPixelsMax) return 0;
  const auto made = media::make_thumbnail(file, kSide);
  if (!made) return 0;
  if (!info) std::abort();
  const auto of = media::picture_info(*made);
  if (!of || of->kind != media::PictureKind::webp || of->width > kSide || of->height > kSide) std::abort();
  return 0;
}
