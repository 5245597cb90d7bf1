// The programs that docs/developing/quic.md shows; the page quotes the parts between the marks, and a test compares them.
#include <gtest/gtest.h>

#include "certificates.h"
#include "tablinum/io/cancel.h"
#include "tablinum/io/runtime.h"
#include "tablinum/net/quic.h"

namespace tablinum::net {
namespace {

using io::Io;
using io::Scope;
using io::Task;

// [server]
/// One stream: says back what it hears until the client has said all.
Task<Result<void>> echo(Io& io, std::unique_ptr<QuicStream> stream) {
  std::array<std::byte, 4096> buffer;
  const Instant never = Instant::never();
  for (;;) {
    CO_TRY(got, co_await stream->read(buffer, never));
    if (got == 0) co_return co_await stream->end(io.now() + Duration::seconds(10));
    const ByteView said{buffer.data(), got};
    CO_CHECK_OK(co_await stream->write({&said, 1}, never));  // waits while the client does not read
  }
}

/// One connection: each stream is a task of its own, and datagrams go back as they come.
Task<void> serve_echo(Io& io, QuicConnection& connection) {
  auto datagrams = [&]() -> Task<Result<void>> {
    for (;;) {
      CO_TRY(data, co_await connection.receive_datagram());
      CO_CHECK_OK(connection.send_datagram(data));
    }
  };
  auto streams = [&](Scope& scope) -> Task<Result<void>> {
    scope.spawn(datagrams()).keep();
    for (;;) {
      CO_TRY(stream, co_await connection.accept());
      scope.spawn(echo(io, std::move(stream))).keep();
    }
  };
  co_await io::with_scope(io, streams, io::ScopePolicy::supervise);  // ends with the connection
}

Result<std::unique_ptr<QuicListener>> listen_for_echoes(Io& io, std::shared_ptr<TlsContext> tls) {
  QuicServe how;
  how.tls = std::move(tls);  // made with TlsConfig::quic_alpn = {"echo/1"}
  how.options.datagrams = true;
  return QuicListener::bind(io, io::Endpoint::parse("127.0.0.1:0").value(), std::move(how));
}
// [/server]

// [client]
/// Sends `text` on a stream of its own and returns what comes back.
Task<Result<std::string>> ask(Io& io, QuicConnection& connection, std::string_view text) {
  const Instant limit = io.now() + Duration::seconds(10);
  CO_TRY(stream, co_await connection.open(limit));
  const ByteView said = bytes_of(text);
  CO_CHECK_OK(co_await stream->write({&said, 1}, limit));
  CO_CHECK_OK(co_await stream->end(limit));
  std::string heard;
  std::array<std::byte, 1024> buffer;
  for (;;) {
    CO_TRY(got, co_await stream->read(buffer, limit));
    if (got == 0) co_return heard;
    heard += text_of(ByteView{buffer.data(), got});
  }
}

Task<Result<std::string>> ask_server(Io& io, Scope& scope, io::Endpoint server, std::shared_ptr<TlsClient> tls) {
  QuicConnect how;
  how.server_name = "localhost";  // what the certificate must be for
  how.tls = std::move(tls);       // made with TlsClientConfig::quic_alpn = {"echo/1"}
  how.options.datagrams = true;
  CO_TRY(connection, co_await connect_quic(io, scope, server, std::move(how)));
  const std::string_view ping = "ping";
  CO_CHECK_OK(connection->send_datagram(bytes_of(ping)));
  CO_TRY(pong, co_await connection->receive_datagram(io.now() + Duration::seconds(10)));
  CO_TRY(answer, co_await ask(io, *connection, "hello"));
  co_return std::string{text_of(pong)} + " " + answer;  // the connection is closed when the last pointer to it goes
}
// [/client]

TEST(QuicExamples, EchoesStreamsAndDatagrams) {
  const test::Authority authority;
  TlsConfig server_tls = test::config_of(authority.issue({"localhost"}));
  server_tls.quic_alpn = {"echo/1"};
  TlsClientConfig client_tls = test::client_of(authority);
  client_tls.quic_alpn = {"echo/1"};
  const auto context = TlsContext::make(server_tls).value();
  const auto trust = TlsClient::make(client_tls).value();
  auto io = io::make_stackless_io().value();
  auto listener = listen_for_echoes(*io, context).value();
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    auto served = scope.spawn(listener->serve(serve_echo));
    auto answer = co_await ask_server(*io, scope, listener->local(), trust);
    EXPECT_EQ(answer.value_or("none"), "ping hello");
    listener->stop();
    EXPECT_TRUE(co_await served);
    co_return {};
  };
  EXPECT_TRUE(io::run(*io, io::with_scope(*io, body)));
}

}  // namespace
}  // namespace tablinum::net
