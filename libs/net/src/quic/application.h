#pragma once
/// What runs over a QUIC connection (HTTP/3, or plain streams), as the connection sees it.
#include <ngtcp2/ngtcp2.h>

#include <cstdint>
#include <span>

#include "tablinum/base/bytes.h"
#include "tablinum/base/error.h"

namespace tablinum::net::quic {

/// Of stream_closed(): no code of the application.
inline constexpr std::uint64_t kNoCode = ~std::uint64_t{0};

/// What to write next on a stream.
struct StreamWrite {
  std::int64_t stream = -1;
  bool fin = false;
  std::array<ngtcp2_vec, 16> pieces{};
  std::size_t count = 0;
};

/// All but after_read() and next() are called from inside ngtcp2: they queue and wake, and touch neither the socket nor this connection's
/// read, write and close. False from one of them ends the connection with the error set by Connection::fail().
class Application {
 public:
  Application() = default;
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;
  virtual ~Application() = default;

  /// 1-RTT (server: also 0.5-RTT) data may be written.
  virtual bool may_write() { return true; }
  /// The peer is who TLS says; nothing of it was replayed.
  virtual bool handshake_completed() { return true; }
  /// The 0-RTT streams are gone, as if never opened.
  virtual bool early_data_rejected() { return true; }
  virtual bool received(std::int64_t stream, std::span<const std::uint8_t> data, bool fin, bool early) = 0;
  virtual bool acknowledged(std::int64_t stream, std::uint64_t bytes) = 0;
  /// @param error the application's; kNoCode: it ended well.
  virtual bool stream_closed(std::int64_t stream, std::uint64_t error) = 0;
  /// RESET_STREAM came.
  virtual bool stream_reset(std::int64_t stream, std::uint64_t error) = 0;
  /// We stopped reading (Connection::stop_reading). That the peer did is heard as stream_closed(), after ngtcp2's reset.
  virtual bool reading_stopped(std::int64_t stream) = 0;
  virtual bool unblocked(std::int64_t stream) = 0;
  virtual void may_open_streams() {}
  virtual void received_datagram(ByteView) {}

  /// Fills `write` with what may be sent now. stream -1: nothing on streams, but a packet may be due.  @return false: failed.
  virtual bool next(StreamWrite& write) = 0;
  virtual void blocked(std::int64_t stream) = 0;    ///< by flow control
  virtual void write_shut(std::int64_t stream) = 0; ///< it takes no more data
  virtual bool written(std::int64_t stream, std::size_t bytes) = 0;

  /// After a round of reads, outside of ngtcp2: tasks may be spawned here.
  virtual void after_read() {}
  /// The connection is over; it may not be used any more. Called once.
  virtual void ended(const Error& why) = 0;
};

}  // namespace tablinum::net::quic
