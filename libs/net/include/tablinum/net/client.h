#pragma once
/// Asks servers: http and https, connections kept in a pool, bodies streamed both ways (net.md §8).
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tablinum/io/net.h"
#include "tablinum/net/message.h"

namespace tablinum::net {

inline constexpr unsigned kRedirectsMax = 10;
inline constexpr unsigned kHostConnectionsMax = 6;   ///< HTTP/1.1
inline constexpr unsigned kWaitersMax = 256;         ///< for a connection, of one origin
inline constexpr unsigned kDialAttemptsMax = 6;
inline constexpr unsigned kSharedConnectionsMax = 4;  ///< HTTP/2 and HTTP/3, once the first has no room for more

class TlsClient;

/// What is spoken to an origin. automatic: HTTP/2 where ALPN agrees on it, HTTP/3 where Alt-Svc offers it, otherwise HTTP/1.1; a plain
/// origin gets HTTP/1.1. http2 without TLS is by prior knowledge; http3 needs https.
enum class Speak : std::uint8_t { automatic, http1, http2, http3 };

/// Addresses of a host, at the port that is asked for.  @error not_found: no such name.
using Resolve = std::function<io::Task<Result<std::vector<io::Endpoint>>>(io::Io&, const std::string& host, std::uint16_t port)>;

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
  Speak speak = Speak::automatic;
  /// Where connections that many requests share (HTTP/2, HTTP/3) are driven; outlives the client's use. Null: HTTP/1.1 only.
  io::Scope* scope = nullptr;
  std::shared_ptr<TlsClient> tls{};  ///< whom to trust; null: the system's roots
  Resolve resolve{};                 ///< null: the system's resolver
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
  /// Sent once more, over a new connection, if the body can be: what the server says it has not processed (GOAWAY, REFUSED_STREAM), and
  /// a safe or idempotent request (RFC 9110 §9.2) whose kept connection died.
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
