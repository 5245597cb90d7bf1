#pragma once
/// HTTP/3 of a server on one core and one address: the UDP socket, its connections, and their end.
#include "h3/server.h"
#include "quic/driver.h"

namespace tablinum::net::h3 {

struct ListenerConfig {
  quic::EndpointConfig endpoint;  ///< `server`, `make_application` are set here
  std::function<std::string_view()> date;
};

/// Belongs to one core. What is referred to outlives it.
class Listener {
 public:
  Listener(io::Io& io, io::UdpSocket socket, ListenerConfig config, const Limits& limits, const Handler& handler, Counters& counters);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Serves until stop(), or drain() and the last connection's end.  @error io: the socket broke.
  io::Task<Result<void>> run();
  /// GOAWAY on every connection; no new ones. Clients that are gone without a word are not waited for. On the core.
  void drain() noexcept;
  void stop() noexcept { driver_.stop(); }

  const io::Endpoint& local() noexcept { return driver_.socket().local(); }
  quic::Endpoint& endpoint() noexcept { return endpoint_; }
  io::UdpCounters socket_counters() noexcept { return driver_.socket().counters(); }

 private:
  quic::EndpointConfig complete(quic::EndpointConfig config);
  io::Task<void> leave_the_gone();

  io::Io& io_;
  ServerEnvironment environment_;
  io::Scope* scope_ = nullptr;
  quic::Endpoint endpoint_;
  quic::Driver driver_;
};

}  // namespace tablinum::net::h3
