// Pictures of tests/data/make_pictures.py (Pillow): all but the hostile ones show the same four quarters.
#include "tablinum/media/thumbnail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <turbojpeg.h>
#include <webp/decode.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <memory>

namespace tablinum::media {
namespace {

Bytes file_of(const std::string& name) {
  std::ifstream in{std::string{TABLINUM_TEST_DATA} + "/" + name, std::ios::binary};
  EXPECT_TRUE(in.good()) << name;
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  const auto bytes = bytes_of(text);
  return Bytes(bytes.begin(), bytes.end());
}

struct Shown {
  int width = 0, height = 0;
  std::unique_ptr<std::uint8_t, decltype(&WebPFree)> rgba{nullptr, WebPFree};

  std::array<int, 4> at(double x, double y) const {
    const auto* p = rgba.get() + (static_cast<std::size_t>(y * height) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x * width)) * 4;
    return {p[0], p[1], p[2], p[3]};
  }
};

Shown shown(ByteView webp) {
  Shown picture;
  picture.rgba.reset(WebPDecodeRGBA(reinterpret_cast<const std::uint8_t*>(webp.data()), webp.size(), &picture.width, &picture.height));
  EXPECT_NE(picture.rgba, nullptr);
  return picture;
}

/// Lossy twice, and CMYK without a colour profile: near enough that no two quarters could be taken for each other.
void expect_near(std::array<int, 4> got, std::array<int, 3> want) {
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(got[c], want[c], 24) << "colour " << c;
}

class Quarters : public testing::TestWithParam<const char*> {};

TEST_P(Quarters, AreUprightAndInTheirColours) {
  for (const std::uint32_t side : {32U, 48U, 256U}) {
    const auto made = make_thumbnail(file_of(GetParam()), side);
    ASSERT_TRUE(made.has_value()) << made.error().detail;
    const auto picture = shown(*made);
    const auto width = std::min(side, 64U);
    EXPECT_EQ(picture.width, static_cast<int>(width));
    EXPECT_EQ(picture.height, static_cast<int>(width * 3 / 4));
    expect_near(picture.at(.25, .25), {255, 0, 0});
    expect_near(picture.at(.75, .25), {0, 128, 0});
    expect_near(picture.at(.25, .75), {0, 0, 255});
    expect_near(picture.at(.75, .75), {255, 255, 255});
  }
}

INSTANTIATE_TEST_SUITE_P(Files, Quarters,
                         testing::Values("turned-1.jpg", "turned-2.jpg", "turned-3.jpg", "turned-4.jpg", "turned-5.jpg", "turned-6.jpg",
                                         "turned-7.jpg", "turned-8.jpg", "progressive.jpg", "cmyk.jpg", "plain.png", "palette.png",
                                         "deep.png", "lossy.webp", "lossless.webp"),
                         [](const auto& row) {
                           std::string name{row.param};
                           std::ranges::replace_if(name, [](char c) { return c == '.' || c == '-'; }, '_');
                           return name;
                         });

TEST(Thumbnail, WhatIsClearStaysClear) {
  const auto made = make_thumbnail(file_of("clear.png"), 32);
  ASSERT_TRUE(made.has_value());
  const auto picture = shown(*made);
  EXPECT_EQ(picture.at(.75, .75)[3], 0);
  EXPECT_EQ(picture.at(.25, .25)[3], 255);
  // The clear quarter is black beneath; nothing of it darkens its neighbours.
  expect_near(picture.at(.4, .75), {0, 0, 255});
}

/// Read by the library itself.
Shown shown_jpeg(ByteView jpeg) {
  Shown picture;
  const std::unique_ptr<void, decltype(&tjDestroy)> reader{tjInitDecompress(), tjDestroy};
  const auto* bytes = reinterpret_cast<const unsigned char*>(jpeg.data());
  int sampling = 0, colours = 0;
  EXPECT_EQ(tjDecompressHeader3(reader.get(), bytes, jpeg.size(), &picture.width, &picture.height, &sampling, &colours), 0);
  picture.rgba.reset(static_cast<std::uint8_t*>(WebPMalloc(static_cast<std::size_t>(picture.width * picture.height * 4))));
  EXPECT_EQ(tjDecompress2(reader.get(), bytes, jpeg.size(), picture.rgba.get(), picture.width, 0, picture.height, TJPF_RGBA, 0), 0);
  return picture;
}

TEST(Thumbnail, AsJpegIsTheSameAndClearPartsAreWhite) {
  for (const char* name : {"turned-6.jpg", "plain.png", "lossless.webp"}) {
    const auto picture = shown_jpeg(make_thumbnail(file_of(name), 48, ThumbnailFormat::jpeg).value());
    EXPECT_EQ(picture.width, 48) << name;
    EXPECT_EQ(picture.height, 36) << name;
    expect_near(picture.at(.25, .25), {255, 0, 0});
    expect_near(picture.at(.25, .75), {0, 0, 255});
  }
  expect_near(shown_jpeg(make_thumbnail(file_of("clear.png"), 32, ThumbnailFormat::jpeg).value()).at(.75, .75), {255, 255, 255});
}

TEST(Thumbnail, KeepsNothingOfWhatTheCameraWrote) {
  const auto file = file_of("turned-6.jpg");
  ASSERT_NE(text_of(file).find("Exif"), std::string_view::npos);
  const auto made = make_thumbnail(file, 256);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(text_of(*made).find("Exif"), std::string_view::npos);
  EXPECT_EQ(text_of(*made).find("EXIF"), std::string_view::npos);
}

TEST(Thumbnail, RefusesBombsBeforeItDecodesThem) {
  for (const char* name : {"bomb.png", "bomb.jpg", "bomb-progressive.jpg"}) {
    const auto made = make_thumbnail(file_of(name), 128);
    ASSERT_FALSE(made.has_value()) << name;
    EXPECT_EQ(made.error().code, Code::too_large) << name;
  }
}

/// A JPEG header that says the size, as one scan or in several.
Bytes jpeg_of_size(std::uint16_t width, std::uint16_t height, const char* name) {
  auto file = file_of(name);
  const auto text = text_of(file);
  const auto frame = std::min(text.find("\xFF\xC0"), text.find("\xFF\xC2"));
  const auto put = [&](std::size_t i, std::uint16_t value) {
    file[i] = std::byte(value >> 8);
    file[i + 1] = std::byte(value & 0xFF);
  };
  put(frame + 5, height);
  put(frame + 7, width);
  return file;
}

TEST(Thumbnail, LimitsHoldAtThePixel) {
  // 8000 × 5000 is the limit of what is held whole; nearly all of it is missing, which is a warning and no error.
  EXPECT_TRUE(make_thumbnail(jpeg_of_size(8000, 5000, "progressive.jpg"), 16).has_value());
  EXPECT_EQ(make_thumbnail(jpeg_of_size(8001, 5000, "progressive.jpg"), 16).error().code, Code::too_large);
  EXPECT_TRUE(make_thumbnail(jpeg_of_size(8001, 5000, "turned-1.jpg"), 16).has_value());
  EXPECT_EQ(make_thumbnail(jpeg_of_size(25'001, 10'000, "turned-1.jpg"), 16).error().code, Code::too_large);
  for (const std::uint32_t side : {kThumbnailSideMin - 1, kThumbnailSideMax + 1}) {
    EXPECT_EQ(make_thumbnail(file_of("plain.png"), side).error().code, Code::invalid);
  }
  EXPECT_EQ(make_thumbnail(Bytes(kPictureBytesMax + 1), 16).error().code, Code::too_large);
}

TEST(Thumbnail, SaysWhatItDoesNotDecode) {
  for (const char* name : {"still.gif", "moving.webp"}) {
    EXPECT_EQ(make_thumbnail(file_of(name), 64).error().code, Code::unsupported) << name;
  }
  EXPECT_EQ(make_thumbnail(bytes_of(std::string_view{"<svg xmlns='http://www.w3.org/2000/svg'/>"}), 64).error().code, Code::unsupported);
  EXPECT_EQ(make_thumbnail({}, 64).error().code, Code::unsupported);
}

/// Cut anywhere: an error, or for JPEG what is there.
TEST(Thumbnail, TruncatedFilesAreErrorsOrPictures) {
  for (const char* name : {"turned-6.jpg", "progressive.jpg", "cmyk.jpg", "plain.png", "deep.png", "lossy.webp", "lossless.webp"}) {
    const auto file = file_of(name);
    for (std::size_t size = 0; size < file.size(); ++size) {
      const auto made = make_thumbnail(ByteView{file}.first(size), 32);
      if (!made) {
        EXPECT_THAT(made.error().code, testing::AnyOf(Code::corrupt, Code::unsupported)) << name << ' ' << size;
      } else {
        // What stands after a PNG's last pixels, and the byte that evens out a WebP, may be missing.
        EXPECT_TRUE(std::string_view{name}.ends_with(".jpg") || size + 16 >= file.size()) << name << ' ' << size;
      }
    }
  }
}

RC_GTEST_PROP(Thumbnail, AlteredFilesNeverDoHarm, ()) {
  static constexpr std::array<const char*, 7> kNames = {"turned-6.jpg", "progressive.jpg", "cmyk.jpg", "palette.png", "clear.png", "lossy.webp", "lossless.webp"};
  auto file = file_of(*rc::gen::elementOf(kNames));
  const auto changes = *rc::gen::inRange(1, 6);
  for (int i = 0; i < changes; ++i) {
    file[*rc::gen::inRange<std::size_t>(0, file.size())] = std::byte(*rc::gen::inRange(0, 256));
  }
  const auto info = picture_info(file);
  if (info && info->pixels() > 1'000'000) return;  // slow, not different
  const auto made = make_thumbnail(file, 48);
  if (made) {
    const auto of = picture_info(*made);
    RC_ASSERT(of.has_value());
    RC_ASSERT(std::max(of->width, of->height) <= 48U);
  }
}

/// A large photograph's worth of pixels, in the sizes that meet every scale of the decoder.
TEST(Thumbnail, LargeJpegsKeepTheirMeanColours) {
  const std::unique_ptr<void, decltype(&tjDestroy)> encoder{tjInitCompress(), tjDestroy};
  for (const int width : {600, 1100, 2300, 4001}) {
    const int height = width / 2 + 1;
    std::vector<std::uint8_t> rgb(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
    for (std::size_t i = 0; i < rgb.size(); i += 3) {
      const bool left = static_cast<int>(i / 3) % width < width / 2;
      rgb[i] = left ? 200 : 40;
      rgb[i + 1] = 100;
      rgb[i + 2] = left ? 20 : 220;
    }
    std::uint8_t* raw = nullptr;
    unsigned long size = 0;
    ASSERT_EQ(tjCompress2(encoder.get(), rgb.data(), width, 0, height, TJPF_RGB, &raw, &size, TJSAMP_420, 85, 0), 0);
    const std::unique_ptr<std::uint8_t, decltype(&tjFree)> owner{raw, tjFree};
    const auto made = make_thumbnail(std::as_bytes(std::span{raw, size}), 256);
    ASSERT_TRUE(made.has_value());
    const auto picture = shown(*made);
    EXPECT_EQ(picture.width, 256);
    EXPECT_NEAR(picture.height, 128, 1);
    expect_near(picture.at(.2, .5), {200, 100, 20});
    expect_near(picture.at(.8, .5), {40, 100, 220});
  }
}

TEST(PictureInfo, SizesAsAViewerShowsThem) {
  for (const char* name : {"turned-1.jpg", "turned-3.jpg", "turned-5.jpg", "turned-8.jpg", "progressive.jpg", "cmyk.jpg", "plain.png",
                           "deep.png", "lossy.webp", "lossless.webp", "moving.webp", "still.gif"}) {
    const auto info = picture_info(file_of(name));
    ASSERT_TRUE(info.has_value()) << name;
    EXPECT_EQ(info->shown_width(), 64U) << name;
    EXPECT_EQ(info->shown_height(), 48U) << name;
  }
}

TEST(PictureInfo, KnowsWhatADecoderMustHold) {
  EXPECT_FALSE(picture_info(file_of("turned-1.jpg"))->held_whole);
  EXPECT_TRUE(picture_info(file_of("progressive.jpg"))->held_whole);
  EXPECT_TRUE(picture_info(file_of("plain.png"))->held_whole);
}

TEST(PictureInfo, ExifThatMakesNoSenseTurnsNothing) {
  const auto file = file_of("turned-6.jpg");
  const auto exif = text_of(file).find(std::string_view{"Exif\0\0", 6});
  ASSERT_NE(exif, std::string_view::npos);
  ASSERT_EQ(picture_info(file)->orientation, 6);
  auto far = file;  // the directory's place beyond the segment
  for (std::size_t i = 0; i < 4; ++i) far[exif + 6 + 4 + i] = std::byte{0xFF};
  EXPECT_EQ(picture_info(far)->orientation, 1);
  auto unknown = file;  // neither byte order
  unknown[exif + 6] = std::byte{'X'};
  EXPECT_EQ(picture_info(unknown)->orientation, 1);
}

}  // namespace
}  // namespace tablinum::media
