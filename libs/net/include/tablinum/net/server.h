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

namespace tablinum::net {

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
  std::uint32_t requests_per_connection_max = 100'000;  ///< then Connection: close
};

struct ServerOptions {
  /// "127.0.0.1:8080", "[::1]:8080", "localhost:8080" (both loopbacks); port 0: the system chooses (one for all addresses).
  std::vector<std::string> listen{"127.0.0.1:8080"};
  unsigned cores = 1;        ///< how many calls of serve() there will be, each with the Io of its own core
  Limits limits;
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
  std::uint64_t protocol_errors = 0;         ///< requests refused before a handler saw them
  std::uint64_t timeouts = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
};

struct ServerState;

class Server {
 public:
  /// Binds and listens, so that the port is known and a second server fails here.
  /// @error invalid: an address that cannot be read, or none.  address_in_use, denied, io: from the system.
  static Result<std::unique_ptr<Server>> bind(ServerOptions options, Handler handler);
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

  std::uint16_t port() const noexcept;
  /// "http://127.0.0.1:8080", the first address.
  std::string url() const;
  ServerStats stats() const noexcept;

 private:
  explicit Server(std::shared_ptr<ServerState> state) noexcept;
  std::shared_ptr<ServerState> state_;
};

/// The counters in Prometheus' text format ("tablinum_net_requests_total 12" …), for /metrics.
void append_metrics(std::string& out, const ServerStats& stats);

}  // namespace tablinum::net
