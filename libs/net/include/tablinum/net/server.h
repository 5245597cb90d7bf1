#pragma once
/// A listening HTTP server: one accept loop a reactor core, each connection on its core for life.
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tablinum/base/error.h"
#include "tablinum/base/time.h"
#include "tablinum/net/message.h"
#include "tablinum/net/tls.h"

namespace tablinum::net {

/// So many at once, and so many a second after that.
struct Rate {
  std::uint32_t burst = 0;
  std::uint32_t per_second = 0;
};

/// Of one HTTP/2 connection. What goes beyond is answered with GOAWAY (ENHANCE_YOUR_CALM).
struct Http2Limits {
  std::uint32_t streams_max = 128;        ///< open at once; running handlers of streams that were reset count too
  Rate new_streams{2000, 1000};
  Rate resets{1000, 33};                  ///< by the peer: "rapid reset"
  Rate settings{20, 10};
  Rate pings{100, 10};
  Rate empty_data{100, 100};              ///< DATA without bytes that does not end its stream
  Rate priorities{200, 100};
  Rate window_updates{1000, 1000};        ///< beyond two for each DATA frame sent
  std::uint32_t continuations_max = 8;    ///< of one field block
  std::size_t output_frames_max = 1000;   ///< that wait to be sent
  std::uint32_t stream_window = std::uint32_t{256} << 10;      ///< bytes of a body that lie unread
  std::uint32_t connection_window = std::uint32_t{1} << 20;
};

/// Defaults of net.md §12. Each is tested at the limit and one beyond.
struct Limits {
  std::uint32_t connections_max = 10'000;           ///< accepting pauses there
  std::uint32_t connections_per_address_max = 256;  ///< IPv4 address or IPv6 /64; the newest is closed at once
  std::size_t request_line_bytes_max = std::size_t{8} << 10;   ///< 414
  std::size_t header_bytes_max = std::size_t{64} << 10;        ///< all fields of a request: 431
  std::size_t fields_max = 128;                                ///< 431
  Duration headers_time = Duration::seconds(10);     ///< from a request's first byte to the end of its head: 408
  Duration idle_time = Duration::seconds(30);        ///< between requests: closed without a word
  Duration body_grace = Duration::seconds(10);       ///< after it a body must arrive, and
  Duration drain_grace = Duration::seconds(30);      ///< after it a response be taken, at
  std::uint64_t rate_bytes_min = 1024;               ///< this many bytes a second: 408, or closed
  std::uint32_t requests_per_connection_max = 100'000;  ///< then Connection: close, or GOAWAY
  Duration handshake_time = kTlsHandshakeTime;
  std::uint32_t handshakes_per_core_max = 1024;         ///< half-open TLS connections; the newest is closed at once
  Duration http2_idle_time = Duration::seconds(60);     ///< without a stream
  Http2Limits http2;
  /// What all QUIC connections together may hold: TLS, streams, what was not acknowledged or not read yet. From three quarters of it on
  /// strangers must show their address first (Retry); at it new connections are refused (CONNECTION_REFUSED). 0: no limit.
  std::uint64_t quic_bytes_max = std::uint64_t{1} << 30;
};

struct ServerOptions {
  /// "127.0.0.1:8080", "[::1]:8080", "localhost:8080" (both loopbacks); port 0: the system chooses (one for all addresses).
  std::vector<std::string> listen{"127.0.0.1:8080"};
  std::vector<std::string> listen_plain{};  ///< also, and without TLS though `tls` is set: port 80 beside 443
  unsigned cores = 1;        ///< how many calls of serve() there will be, each with the Io of its own core
  Limits limits;
  std::shared_ptr<TlsContext> tls{};  ///< null: plain. ALPN chooses HTTP/2 or HTTP/1.1
  bool http3 = false;                 ///< also over QUIC, on the same addresses' UDP ports; needs `tls`. Sets alt_svc where it is empty
  bool http2_without_tls = false;     ///< HTTP/2 by prior knowledge on a plain listener
  std::string alt_svc{};              ///< Alt-Svc of every answer over TCP, e.g. `h3=":8443"; ma=86400`; empty: none
  Duration grace = Duration::seconds(10);  ///< for what is under way when stop() is called
};

/// Counters since the start; each is exact, together they are not one moment.
struct ServerStats {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_total = 0;
  std::uint64_t connections_refused = 0;     ///< over the limit of an address
  std::uint64_t requests_total = 0;
  std::uint64_t requests_active = 0;
  std::array<std::uint64_t, 6> responses{};  ///< by class: [2] = 2xx
  std::uint64_t tls_handshakes = 0;          ///< that succeeded
  std::uint64_t tls_failures = 0;
  std::uint64_t http2_connections = 0;
  std::uint64_t http3_connections = 0;
  std::uint64_t quic_bytes = 0;              ///< held by QUIC connections (Limits::quic_bytes_max)
  std::uint64_t floods = 0;                  ///< HTTP/2 connections ended by a limit of Http2Limits
  std::uint64_t protocol_errors = 0;         ///< requests refused before a handler saw them
  std::uint64_t timeouts = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
};

struct ServerState;

class Server {
 public:
  /// Binds and listens, so that the port is known and a second server fails here.
  /// @error invalid: an address that cannot be read, or none; HTTP/3 without TLS.  address_in_use, denied, io: from the system.
  static Result<std::unique_ptr<Server>> bind(ServerOptions options, Handler handler);
  /// Binds nothing: each serve() listens on `options.listen` through its Io. For Ios that are no kernel's (io/simulate.h).
  /// `options`: over TCP only; a port that is not 0; `localhost:` is not known.
  /// @error invalid: an address that cannot be read, or none; HTTP/3.
  static Result<std::unique_ptr<Server>> unbound(ServerOptions options, Handler handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Accepts and serves on the calling core until stop(); returns when the last connection of this core ended, at most
  /// `grace` later. Call it once a core (ServerOptions::cores times). Cancelling it has the effect of stop() with no grace.
  /// @error limit: called more often than `cores`.  io: accepting failed for good.
  io::Task<Result<void>> serve(io::Io& io);

  /// Stops accepting, closes idle connections, lets running requests finish. From any thread, and from a signal's task.
  void stop() noexcept;
  bool stopping() const noexcept;

  /// Of the first address.
  std::uint16_t port() const noexcept;
  /// "http://127.0.0.1:8080", the first address; https with TLS.
  std::string url() const;
  ServerStats stats() const noexcept;

 private:
  explicit Server(std::shared_ptr<ServerState> state) noexcept;
  std::shared_ptr<ServerState> state_;
};

/// The counters in Prometheus' text format ("tablinum_net_requests_total 12" …), for /metrics.
void append_metrics(std::string& out, const ServerStats& stats);

}  // namespace tablinum::net
