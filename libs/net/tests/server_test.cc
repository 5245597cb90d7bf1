/// The server over real sockets: keep-alive, pipelines, streams, limits, slow clients, shutdown.
#include <gtest/gtest.h>

#include "harness.h"
#include "tablinum/io/io.h"
#include "tablinum/net/sse.h"

namespace tablinum::net {
namespace {

using test::body_in;
using test::field_in;
using test::RawClient;
using test::status_in;
using test::TestServer;

io::Task<Result<Response>> say_hello(io::Io&, Request&) { co_return text_response("hello"); }

TEST(Server, AnswersAndKeepsTheConnection) {
  TestServer server{say_hello};
  RawClient client{server.port()};
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    const std::string response = client.receive_response();
    EXPECT_EQ(status_in(response), "200");
    EXPECT_EQ(body_in(response), "hello");
    EXPECT_TRUE(field_in(response, "date"));
    EXPECT_FALSE(field_in(response, "connection"));
  }
  EXPECT_EQ(server.server().stats().connections_total, 1u);
  EXPECT_EQ(server.server().stats().requests_total, 3u);
}

}  // namespace
}  // namespace tablinum::net
