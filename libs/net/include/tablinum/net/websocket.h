#pragma once
/// WebSocket over any wire that hands its bytes over: HTTP/1.1 after 101, HTTP/2 and HTTP/3 after an extended CONNECT.
/// Source: RFC 6455, RFC 8441, RFC 9220. No extensions: compression costs memory a connection and leaks secrets (BREACH).
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/net/message.h"
#include "tablinum/net/stream.h"

namespace tablinum::net {

struct WebSocketLimits {
  std::uint64_t message_bytes_max = std::uint64_t{16} << 20;  ///< 1009 beyond
  std::uint64_t frame_bytes_max = std::uint64_t{1} << 20;     ///< 1009 beyond
  Duration ping_time = Duration::seconds(30);                 ///< of silence: then a ping
  Duration dead_time = Duration::seconds(60);                 ///< of silence: then the connection is given up
  Duration write_time = Duration::seconds(30);                ///< for the peer to take one message
};

struct WebSocketMessage {
  bool text = true;  ///< valid UTF-8 (RFC 6455 §8.1); else binary
  std::string data;
};

/// What a close frame says (RFC 6455 §7.4). no_status: none was given; abnormal: the connection broke without one.
enum class WebSocketClose : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported = 1003,
  no_status = 1005,
  abnormal = 1006,
  invalid_data = 1007,
  policy = 1008,
  too_big = 1009,
  internal_error = 1011
};

/// One end. Belongs to one core. One read and any number of sends may be in flight.
class WebSocket {
 public:
  enum class Role : std::uint8_t { server, client };
  /// `below` outlives it. A client masks what it sends.
  WebSocket(io::Io& io, ByteStream& below, Role role, WebSocketLimits limits = {});
  ~WebSocket();
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;

  /// The next message; nothing: the peer has closed in order (closed_with() says why). Pings are answered meanwhile, so
  /// somebody must be reading.
  /// @error protocol: the peer broke the protocol (it was told: 1002, 1007 or 1009).  timeout: dead_time.  reset, closed: broke
  /// off.
  io::Task<Result<std::optional<WebSocketMessage>>> read();
  /// Returns when the wire has taken it.  @error invalid: text that is not UTF-8.  closed, timeout, reset.
  io::Task<Result<void>> send(bool text, std::string_view data);
  /// At most 125 bytes (RFC 6455 §5.5).  @error invalid; as send().
  io::Task<Result<void>> ping(std::string_view data);
  /// Says goodbye; read on to learn the answer.  @error invalid: a reason over 123 bytes; as send().
  io::Task<Result<void>> close(WebSocketClose code, std::string_view reason);

  /// The code of the peer's close frame; abnormal before one has come.
  WebSocketClose closed_with() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

using WebSocketHandler = std::function<io::Task<void>(io::Io&, WebSocket&)>;

struct WebSocketOptions {
  std::vector<std::string> protocols;  ///< that the handler speaks, best first; one that the client names is chosen
  std::vector<std::string> origins;    ///< that may connect, besides the server's own; "*": any
  WebSocketLimits limits;
};

/// The answer to a GET that asks for WebSocket (over any wire): 101 with the handler behind it. The connection is closed with
/// 1000 when the handler returns without having closed it.
/// 400: no key, or another version than 13 (426).  403: a page of another origin.  426: not a request for WebSocket.
Response accept_websocket(const Request& request, WebSocketHandler handler, WebSocketOptions options = {});

/// A client's request for WebSocket over HTTP/1.1, and whether the answer fits it.
struct WebSocketRequest {
  Headers headers;  ///< Upgrade, Sec-WebSocket-Key, -Version, -Protocol
  std::string key;
};
/// What Sec-WebSocket-Accept says to a Sec-WebSocket-Key (RFC 6455 §4.2.2).
std::string websocket_accept(std::string_view key);
WebSocketRequest request_websocket(io::Io& io, const std::vector<std::string>& protocols = {});
/// @error protocol: not 101, or the key's answer is wrong.
Result<void> check_websocket(const Response& response, std::string_view key);

}  // namespace tablinum::net
