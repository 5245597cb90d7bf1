#pragma once
/// The client's half of HTTP/2: one connection to an origin that carries many exchanges at a time. Source: RFC 9113, RFC 8441.
#include <memory>

#include "client/session.h"
#include "tablinum/net/stream.h"

namespace tablinum::net::h2 {

/// Exchanges at a time, if the server allows as many.
inline constexpr std::uint32_t kClientStreamsMax = 64;
/// Bytes of one answer's body that lie unread; the connection's window is for all of them, so that no reader waits for another.
inline constexpr std::uint32_t kClientStreamWindow = std::uint32_t{256} << 10;
inline constexpr std::uint32_t kClientConnectionWindow = kClientStreamsMax * kClientStreamWindow;
/// A server that is silent for so long while it owes an answer is asked whether it still lives,
inline constexpr Duration kPingAfter = Duration::seconds(15);
/// and has so long to say so.
inline constexpr Duration kPingTime = Duration::seconds(10);

/// Takes the stream; `secure`: it is TLS. What run() does not drive does nothing. A request with `Upgrade: websocket` becomes an extended
/// CONNECT, and its answer a 101 with Response::stream.
std::shared_ptr<ClientSession> make_client_session(io::Io& io, std::unique_ptr<ByteStream> stream, const ClientOptions& options,
                                                   bool secure);

}  // namespace tablinum::net::h2
