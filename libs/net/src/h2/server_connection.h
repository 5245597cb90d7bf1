#pragma once
/// One HTTP/2 connection of a server: nghttp2's engine, a task that reads, one that writes, one for each handler.
/// Source: RFC 9113, RFC 8441 (WebSocket), RFC 9218 (priorities).
#include <memory>
#include <string_view>

#include "server/environment.h"
#include "tablinum/net/stream.h"

namespace tablinum::net::h2 {

/// What a client's connection begins with (RFC 9113 §3.4).
inline constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// `tls` is the stream's, or null; `begun` was read from it already.
std::unique_ptr<Served> make_server_connection(ConnectionEnvironment& environment, std::unique_ptr<ByteStream> stream,
                                               const TlsInfo* tls, std::string_view begun);

}  // namespace tablinum::net::h2
