#pragma once
/// Pictures in pages: which files are shown small, and how large.
#include <string_view>

#include "browser.h"
#include "tablinum/archive/archive.h"
#include "tablinum/net/router.h"

namespace tablinum::genealogy_service {

/// Longer sides of thumbnails that are made, in pixels: a face, a tile, half a page.
inline constexpr std::uint32_t kFaceSide = 128, kTileSide = 256, kSheetSide = 512;

/// What pages show small, and cannot run.
constexpr bool is_picture(std::string_view mime) noexcept {
  return mime == "image/jpeg" || mime == "image/png" || mime == "image/gif" || mime == "image/webp";
}

/// Files that are looked into for a face: the picture of a camera of today.
inline constexpr std::size_t kFaceFileBytesMax = std::size_t{32} << 20;
/// The person's picture as a small JPEG, made once; empty where there is none, or none can be made.
/// @note  Thread-safe; one is made at a time.
Bytes face_of(Browser& browser, const PersonData& person);

/// Thumbnails have a handler of their own: they are decoded on threads of their own.  @error As net::Router::add().
Result<void> mount_thumbnails(net::Router& router, archive::Archive& archive);

}  // namespace tablinum::genealogy_service
