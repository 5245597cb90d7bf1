#pragma once
/// Drives one Endpoint over one UDP socket: the only part of QUIC that waits.
#include "quic/endpoint.h"
#include "tablinum/io/scope.h"
#include "tablinum/io/sync.h"
#include "tablinum/io/udp.h"

namespace tablinum::net::quic {

inline constexpr std::size_t kReceiveBuffers = 16;

/// Belongs to one core. The endpoint outlives it.
class Driver {
 public:
  Driver(io::Io& io, io::UdpSocket socket, Endpoint& endpoint);
  ~Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  /// Reads and writes until stop(), cancellation, or an error of the socket.  @error io.
  io::Task<Result<void>> run();
  /// Writes what is due (closes), then ends run(). Idempotent.
  void stop() noexcept;
  /// Ends run() once the endpoint has no connection left.
  void stop_when_empty() noexcept;
  /// Writes what is due now.
  io::Task<Result<void>> flush();
  io::UdpSocket& socket() noexcept { return socket_; }

 private:
  io::Task<Result<void>> receive();
  io::Task<Result<void>> take_strays();
  void after_read();
  io::Task<Result<void>> send();
  io::Task<Result<void>> send_until_stopped();

  io::Io& io_;
  io::UdpSocket socket_;
  Endpoint& endpoint_;
  Batch batch_;
  Bytes buffer_;
  std::vector<io::Datagram> received_;
  io::Event work_;
  bool stopped_ = false;
  bool stops_when_empty_ = false;
};

}  // namespace tablinum::net::quic
