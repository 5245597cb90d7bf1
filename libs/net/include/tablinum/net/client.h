#pragma once
/// A small HTTP/1.1 client without TLS: for tests, and for a command that asks the server on this machine.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tablinum/net/message.h"

namespace tablinum::net {

struct ClientOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  Duration connect_time = Duration::seconds(5);
  Duration response_time = Duration::seconds(30);  ///< from the request to the end of the response's head
  std::size_t header_bytes_max = std::size_t{64} << 10;
};

struct ClientRequest {
  Method method = Method::get;
  std::string target = "/";  ///< path and query, encoded
  Headers headers;           ///< Host and the framing fields are the client's business
  Body body;
};

struct ClientState;

/// One connection, kept alive; one request at a time. Reads the body of a response before the next fetch() (or drops it).
class Client {
 public:
  explicit Client(ClientOptions options);
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  /// Connects where needed. The response's body streams from the connection and must be read before the next call.
  /// @error refused, unreachable, timeout, reset: as io says.  protocol: not an HTTP/1.1 response.  too_large: its head.
  /// @note  A kept connection that died before the first byte is replaced once, if the body can be sent again.
  io::Task<Result<Response>> fetch(io::Io& io, ClientRequest request);

 private:
  std::unique_ptr<ClientState> state_;
};

}  // namespace tablinum::net
