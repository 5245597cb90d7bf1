/// The event stream format, by the examples of WHATWG HTML §9.2.6.
#include "tablinum/net/sse.h"

#include <gtest/gtest.h>

namespace tablinum::net {
namespace {

TEST(EncodeEvent, WritesEveryField) {
  EXPECT_EQ(encode_event({"7", "add", "73857293", Duration::seconds(3)}), "retry: 3000\nid: 7\nevent: add\ndata: 73857293\n\n");
  EXPECT_EQ(encode_event({"", "", "", {}}), "data: \n\n");
}

TEST(EncodeEvent, CutsDataAtEveryKindOfLineBreak) {
  EXPECT_EQ(encode_event({"", "", "YHOO\n+2\n10", {}}), "data: YHOO\ndata: +2\ndata: 10\n\n");
  EXPECT_EQ(encode_event({"", "", "a\r\nb\rc\n", {}}), "data: a\ndata: b\ndata: c\ndata: \n\n");
  EXPECT_EQ(encode_event({"", "", "x\n\ny", {}}), "data: x\ndata: \ndata: y\n\n");
}

TEST(EncodeComment, IsOneLine) {
  EXPECT_EQ(encode_comment("keep-alive"), ": keep-alive\n\n");
  EXPECT_EQ(encode_comment("a\nb\r"), ": a b \n\n");
}

TEST(LastEventId, HasALimit) {
  Request request;
  EXPECT_FALSE(last_event_id(request));
  request.headers.set(Field::last_event_id, std::string(kEventIdBytesMax, '1'));
  EXPECT_TRUE(last_event_id(request));
  request.headers.set(Field::last_event_id, std::string(kEventIdBytesMax + 1, '1'));
  EXPECT_FALSE(last_event_id(request));
}

}  // namespace
}  // namespace tablinum::net
