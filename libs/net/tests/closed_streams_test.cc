/// Frames on streams that are over, and what the engine would not say about them; h2spec 5.1 and 5.3.1 ask for the same.
#include <gtest/gtest.h>

#include "h2/closed_streams.h"
#include "h2_client.h"
#include "raw_h2.h"

namespace tablinum::net::h2 {
namespace {

using test::raw_frame;
using test::word32;
using Verdict = ClosedStreams::Verdict;

TEST(ClosedStreams, TellLateFromWrongUntilTheyForget) {
  ClosedStreams closed;
  closed.add(1, true);
  closed.add(5, false);
  EXPECT_EQ(closed.judge(1), Verdict::closed);
  EXPECT_EQ(closed.judge(3), Verdict::skipped);
  EXPECT_EQ(closed.judge(5), Verdict::late);
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(kClosedStreamsMax) - 2; ++i) closed.add(7 + 2 * i, true);
  EXPECT_EQ(closed.judge(1), Verdict::closed);
  closed.add(1001, true);
  EXPECT_EQ(closed.judge(1), Verdict::late);  // forgotten
  EXPECT_EQ(closed.judge(3), Verdict::late);
}

/// What is found does not depend on how the bytes come.
TEST(FrameWatch, FindsTheSameHoweverTheBytesAreCut) {
  const std::string text = std::string{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"} + raw_frame(test::kSettings, 0, 0, {}) +
                           raw_frame(test::kData, 0, 7, "12345") + raw_frame(test::kPriority, 0, 5, word32(0x80000003) + "x") +
                           raw_frame(test::kHeaders, 4, 9, "abc") + raw_frame(test::kData, 1, 9, {}) +
                           raw_frame(test::kPriority, 0, 5, word32(0x80000005) + "x");
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    FrameWatch watch;
    std::string found;
    for (std::size_t at = 0; at < text.size();) {
      const auto step = watch.feed(bytes_of(std::string_view{text}.substr(at, cut)));
      at += step.bytes;
      if (step.data_on) found += "data " + std::to_string(*step.data_on) + " at " + std::to_string(at) + "; ";
      if (step.depends_on_itself) found += "itself at " + std::to_string(at);
    }
    EXPECT_EQ(found, "data 7 at 42; data 9 at 82; itself at " + std::to_string(text.size())) << cut;
  }
}

struct LateFrame {
  const char* name;
  std::string frames;        // after the preface and SETTINGS
  std::uint32_t goaway;      // its code
};
std::string get(std::uint32_t stream, std::uint8_t flags = test::kEndHeaders | test::kEndStream) {
  return raw_frame(test::kHeaders, flags, stream, "\x82\x86\x84" + test::raw_field(":authority", "a"));
}
class LateFrames : public testing::TestWithParam<LateFrame> {};
TEST_P(LateFrames, EndTheConnectionWithTheirCode) {
  ServerOptions options = test::TestServer::defaults();
  options.http2_without_tls = true;
  test::TestServer server{[](io::Io&, Request&) -> io::Task<Result<Response>> { co_return text_response("ok"); }, options};
  test::RawClient client{server.port()};
  ASSERT_TRUE(client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + raw_frame(test::kSettings, 0, 0, {}) + GetParam().frames));
  const std::string all = client.receive_all();
  const std::string goaway = raw_frame(test::kGoaway, 0, 0, std::string(8, 'x')).substr(0, 9);
  const std::size_t at = all.find(goaway.substr(3));  // whatever it says besides
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(all.substr(at + 6 + 4, 4), word32(GetParam().goaway));
}
INSTANTIATE_TEST_SUITE_P(H2spec, LateFrames,
                         testing::Values(LateFrame{"data_after_reset", get(1, test::kEndHeaders) + raw_frame(test::kReset, 0, 1, word32(8)) +
                                                                           raw_frame(test::kData, 1, 1, "x"), 5},
                                         LateFrame{"headers_after_reset", get(1, test::kEndHeaders) +
                                                                              raw_frame(test::kReset, 0, 1, word32(8)) + get(1), 5},
                                         LateFrame{"a_smaller_stream", get(5) + get(3), 1},
                                         LateFrame{"depends_on_itself", raw_frame(test::kPriority, 0, 3, word32(3) + "x"), 1}),
                         [](const auto& row) { return std::string{row.param.name}; });

}  // namespace
}  // namespace tablinum::net::h2
