#include "h3/control_stream.h"

#include <gtest/gtest.h>

namespace tablinum::net::h3 {
namespace {

using Bytes8 = std::vector<std::uint8_t>;

/// Control stream: SETTINGS, a PRIORITY_UPDATE of stream 4 ("u=1"), GOAWAY, a frame of an unknown type.
const Bytes8 kControl{0x00, 0x04, 0x02, 0x06, 0x01, 0x80, 0x0F, 0x07, 0x00, 0x04, 0x04, 0x75, 0x3D, 0x31, 0x07, 0x01, 0x00, 0x21, 0x01, 0xFF};
constexpr std::size_t kFrameEnds[] = {1, 5, 14, 17};  // after them a frame of unknown type, which is passed on as it comes

TEST(IncomingStream, FramesArePassedOnWholeHoweverTheyCome) {
  for (std::size_t first = 0; first <= kControl.size(); ++first) {
    for (std::size_t second = first; second <= kControl.size(); ++second) {
      IncomingStream stream;
      Bytes8 passed;
      for (const auto& [begin, end] : {std::pair{std::size_t{0}, first}, std::pair{first, second}, std::pair{second, kControl.size()}}) {
        ASSERT_TRUE(stream.feed(std::span{kControl}.subspan(begin, end - begin), passed));
        const bool at_an_end = passed.empty() || passed.size() >= kFrameEnds[3] ||
                               std::ranges::find(kFrameEnds, passed.size()) != std::end(kFrameEnds);
        EXPECT_TRUE(at_an_end) << passed.size();
      }
      EXPECT_EQ(passed, kControl);
    }
  }
}

TEST(IncomingStream, OtherStreamsPassAsTheyCome) {
  const Bytes8 encoder{0x02, 0x80, 0x0F, 0x07, 0x00, 0x04};
  IncomingStream stream;
  Bytes8 passed;
  for (std::size_t i = 0; i < encoder.size(); ++i) {
    ASSERT_TRUE(stream.feed(std::span{encoder}.subspan(i, 1), passed));
    EXPECT_EQ(passed.size(), i + 1);
  }
}

TEST(IncomingStream, KnowsWhetherExtendedConnectIsTaken) {
  const auto told = [](const Bytes8& bytes) {
    IncomingStream stream;
    Bytes8 passed;
    for (const std::uint8_t byte : bytes) EXPECT_TRUE(stream.feed({&byte, 1}, passed));
    return stream.takes_connect();
  };
  EXPECT_EQ(told({0x00, 0x04, 0x04, 0x06, 0x01, 0x08, 0x01}), true);
  EXPECT_EQ(told({0x00, 0x04, 0x02, 0x08, 0x00}), false);
  EXPECT_EQ(told({0x00, 0x04, 0x00}), false);
  EXPECT_EQ(told({0x00, 0x04, 0x04, 0x06, 0x01, 0x08}), std::nullopt);  // not whole
  EXPECT_EQ(told({0x02, 0x04, 0x02, 0x08, 0x01}), std::nullopt);        // no control stream
}

TEST(IncomingStream, WhatDoesNotFillItsFrameIsRefused) {
  for (const Bytes8& frame : {Bytes8{0x07, 0x02, 0x00, 0x00}, Bytes8{0x0D, 0x00}, Bytes8{0x03, 0x01, 0x40}, Bytes8{0x04, 0x01, 0x06}}) {
    IncomingStream stream;
    Bytes8 passed;
    ASSERT_TRUE(stream.feed(Bytes8{0x00}, passed));
    EXPECT_FALSE(stream.feed(frame, passed)) << int{frame[0]};
  }
}

TEST(IncomingStream, AnUpdateOverTheLimitIsRefused) {
  const auto feed = [](std::uint8_t high, std::uint8_t low) {
    const Bytes8 head{0x00, 0x80, 0x0F, 0x07, 0x01, static_cast<std::uint8_t>(0x40 | high), low};
    IncomingStream stream;
    Bytes8 passed;
    return stream.feed(head, passed);
  };
  EXPECT_TRUE(feed(0x10, 0x00));   // 4096
  EXPECT_FALSE(feed(0x10, 0x01));
}

}  // namespace
}  // namespace tablinum::net::h3
