#pragma once
/// Asks servers: http and https, connections kept in a pool, bodies streamed both ways (net.md §8).
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tablinum/net/message.h"

namespace tablinum::net {

inline constexpr unsigned kRedirectsMax = 10;
inline constexpr unsigned kHostConnectionsMax = 6;   ///< HTTP/1.1
inline constexpr unsigned kWaitersMax = 256;         ///< for a connection, of one origin
inline constexpr unsigned kDialAttemptsMax = 6;

struct ClientOptions {
  Duration connect_time = Duration::seconds(5);    ///< all addresses together, with the TLS handshake
  Duration response_time = Duration::seconds(30);  ///< from the end of the request to the end of the answer's head
  Duration idle_time = Duration::seconds(60);      ///< without a byte of a body, either way
  Duration keep_time = Duration::seconds(90);      ///< how long an unused connection is kept
  Duration stagger = Duration::milliseconds(250);  ///< RFC 8305: before the next address is tried beside the first
  unsigned connections_per_host_max = kHostConnectionsMax;
  std::size_t header_bytes_max = std::size_t{64} << 10;
  unsigned redirects_max = 0;     ///< 0: a redirection is an answer as any other; at most kRedirectsMax
  bool decompress = false;        ///< asks for gzip and zstd, and decodes (bounded: kDecodeRatioMax)
  bool public_only = false;       ///< refuses loopback, private, link-local and other special addresses: for URLs of strangers
};

/// One request. `url` is fetch()'s; sessions take Host from `headers` and path and query from `target`.
struct ClientRequest {
  Method method = Method::get;
  std::string url;           ///< "http://127.0.0.1:8080/path?query", without user information or fragment
  std::string target = "/";  ///< path and query, encoded
  Headers headers;           ///< Host comes from `url` unless set; the framing fields are the client's business, but `Upgrade`
                             ///< (with 101, Response::stream) and `Expect: 100-continue` are honoured
  Body body;
  SendHints on_hints;        ///< gets the fields of each 103; may be null
  /// Where an upload goes on after the answer's head has come; outlives the answer's body. Null: it is broken off then.
  io::Scope* scope = nullptr;
};

class ClientCore;

/// Belongs to one core; any number of fetch() at a time. Outlives the responses' bodies.
class Client {
 public:
  explicit Client(ClientOptions options = {});
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  /// Connects where needed. The response's body streams from the connection; read to its end, or dropped, it frees it.
  /// A kept connection that died before the first byte of the answer is replaced once, if the body can be sent again.
  /// @error invalid: the URL.  refused, unreachable, timeout, reset: as io says.  not_found: the name.  denied: public_only.
  ///        limit: kWaitersMax wait already.  protocol: no HTTP response.  too_large: its head.
  io::Task<Result<Response>> fetch(io::Io& io, ClientRequest request);

  /// Closes what is not used now.
  void close_idle() noexcept;
  /// Connections that are open, used or not.
  std::size_t connections() const noexcept;

 private:
  std::unique_ptr<ClientCore> core_;
};

}  // namespace tablinum::net
