#pragma once
/// QUIC for protocols of one's own: connections with any number of streams, and datagrams, over one UDP socket, with TLS 1.3 and an
/// ALPN name that both ends agree on. Source: RFC 9000, 9001, 9002, 9221 (datagrams), 9369 (version 2), 7301 (ALPN).
/// With an example: docs/developing/quic.md. HTTP/3 has its own headers (server.h, client.h) and needs none of this.
///
/// All of it belongs to one core, that of the Io it was made with.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tablinum/io/scope.h"
#include "tablinum/net/stream.h"
#include "tablinum/net/tls.h"

namespace tablinum::net {

/// Bytes of one stream that are written and not yet handed to the network; beyond it write() waits.
inline constexpr std::size_t kQuicQueuedBytesMax = std::size_t{64} << 10;
/// Datagrams that lie unread, and unsent; the oldest beyond it is dropped (they may be lost anyway).
inline constexpr std::size_t kQuicDatagramsMax = 64;
/// The largest datagram that fits into every packet that is sent.
inline constexpr std::size_t kQuicDatagramBytesMax = 1150;
/// RFC 9000 §16: error codes of applications are below this.
inline constexpr std::uint64_t kQuicCodeEnd = std::uint64_t{1} << 62;

/// What one end allows the other. A peer that sends more than these has broken the protocol, and the connection ends.
struct QuicOptions {
  std::uint64_t stream_window = std::uint64_t{256} << 10;      ///< bytes of a stream that lie unread before its sender must wait,
  std::uint64_t stream_window_max = std::uint64_t{6} << 20;    ///< and how far that grows on fast and long paths
  std::uint64_t connection_window = std::uint64_t{1} << 20;    ///< of all streams together
  std::uint64_t connection_window_max = std::uint64_t{16} << 20;
  std::uint32_t streams_max = 128;            ///< two-way streams that the peer may have open; one counts until it is read or dropped
  std::uint32_t one_way_streams_max = 128;
  bool datagrams = false;                     ///< datagrams are taken
  Duration idle_time = Duration::seconds(30);       ///< without a packet: the connection is over
  Duration handshake_time = Duration::seconds(10);
  Duration keep_alive = Duration{};           ///< a packet at least so often, so that the idle time never comes; 0: none
  bool bbr = false;                           ///< congestion control: BBR instead of CUBIC
};

/// One stream: a ByteStream, so what runs over TCP or TLS runs over it. The peer sees a stream once something was written on it.
///
/// - read(): 0 bytes is the peer's FIN.  @error reset: the peer reset the stream; what was not read is lost.
/// - write(): waits while kQuicQueuedBytesMax lie unsent (the peer does not read, or the path is slow).
///   @error reset: the peer does not want it (STOP_SENDING).
/// - end(): FIN; what was written before still arrives, also if the stream is then destroyed.
/// - close(), and the destructor: reset(0) unless end() was called, and stop(0) unless all was read.
/// - All of them @error closed, reset, protocol, timeout: how the connection ended (QuicConnection::how_it_ended()).
class QuicStream : public ByteStream {
 public:
  /// RFC 9000 §2.1.
  virtual std::int64_t id() const noexcept = 0;
  virtual bool may_read() const noexcept = 0;   ///< false: a one-way stream of ours; read() is then `invalid`
  virtual bool may_write() const noexcept = 0;  ///< false: a one-way stream of the peer's; write() is then `invalid`
  /// Gives up what was not sent or did not arrive: the peer's read() fails.  @param code the protocol's own, below kQuicCodeEnd.
  virtual void reset(std::uint64_t code) noexcept = 0;
  /// Asks the peer to send no more; what comes all the same is thrown away.
  virtual void stop(std::uint64_t code) noexcept = 0;
  /// With what code the peer reset the stream, or stopped ours. Of a stop it is known once both directions have ended.
  virtual std::optional<std::uint64_t> peer_code() const noexcept = 0;
};

/// How a connection ended.
struct QuicEnd {
  bool by_peer = false;      ///< it said so (CONNECTION_CLOSE)
  bool application = false;  ///< `code` is the protocol's own, as given to close(); otherwise QUIC's (RFC 9000 §20.1)
  std::uint64_t code = 0;
  Error error;               ///< closed: with code 0, or closed here.  reset: another code of the application.  timeout: no word from the
                             ///< peer.  refused: it takes no more connections.  protocol: an error of QUIC or TLS.
                             ///< unauthenticated: its certificate does not verify
};

/// One connection, of either end. Streams may outlive it: their operations then fail.
class QuicConnection {
 public:
  QuicConnection() = default;
  QuicConnection(const QuicConnection&) = delete;
  QuicConnection& operator=(const QuicConnection&) = delete;
  virtual ~QuicConnection() = default;

  /// A stream both ways, or one that only this end writes; waits while the peer allows no more of them.
  /// @error timeout: not by `limit`.  cancelled.  The connection's end.
  virtual io::Task<Result<std::unique_ptr<QuicStream>>> open(Instant limit = Instant::never()) = 0;
  virtual io::Task<Result<std::unique_ptr<QuicStream>>> open_one_way(Instant limit = Instant::never()) = 0;
  /// The next stream that the peer has opened, in the order of their first bytes' arrival.  @error as open().
  virtual io::Task<Result<std::unique_ptr<QuicStream>>> accept(Instant limit = Instant::never()) = 0;

  /// Arrives once or not at all, in any order.
  /// @error unsupported: the peer takes none.  too_large: over kQuicDatagramBytesMax, or what the peer takes.  The connection's end.
  virtual Result<void> send_datagram(ByteView data) = 0;
  /// @error as open().
  virtual io::Task<Result<Bytes>> receive_datagram(Instant limit = Instant::never()) = 0;

  /// Ends the connection now, with a code of the protocol's own (below kQuicCodeEnd; 0: all is well). What was written and is not yet
  /// acknowledged is lost: whoever wrote last waits for an answer, or lets the peer close. Idempotent.
  virtual void close(std::uint64_t code = 0) noexcept = 0;
  /// Nothing: it lives.
  virtual const std::optional<QuicEnd>& how_it_ended() const noexcept = 0;
  /// Returns when it has ended.  @error timeout: not by `limit`.  cancelled.
  virtual io::Task<Result<void>> wait_for_end(Instant limit = Instant::never()) = 0;

  virtual const TlsInfo& tls() const noexcept = 0;         ///< ALPN, group, the peer's certificates
  virtual std::uint32_t version() const noexcept = 0;      ///< 1, or 0x6b3343cf for version 2
  virtual const io::Endpoint& peer() const noexcept = 0;   ///< where it was when the handshake ended
};

struct QuicConnect {
  std::string server_name;            ///< a DNS name or an IP address: what the certificate must be for
  std::shared_ptr<TlsClient> tls;     ///< whom to trust, one's own certificate; TlsClientConfig::quic_alpn says what is spoken
  QuicOptions options;
};
/// Shakes hands with the server at `peer`. The connection is driven in `scope`; it is closed (code 0) when the last pointer to it goes,
/// and when the scope is cancelled. No 0-RTT.
/// @error refused: the server takes no more connections.  timeout: no answer by `limit`, or within QuicOptions::handshake_time.
///        io, limit: no socket.  unauthenticated: the certificate does not verify, or is for another name.
///        protocol: nothing in common, or broken.  invalid: a server_name that cannot be one, or no `tls`.  cancelled.
io::Task<Result<std::shared_ptr<QuicConnection>>> connect_quic(io::Io& io, io::Scope& scope, io::Endpoint peer, QuicConnect how,
                                                               Instant limit = Instant::never());

struct QuicServe {
  std::shared_ptr<TlsContext> tls;    ///< TlsConfig::quic_alpn says what is spoken; a client that shares no name is refused
  QuicOptions options;
  std::uint32_t connections_max = 10'000;
  std::uint32_t half_open_max = 1024; ///< beyond it strangers must show first that they are where they say (Retry)
  /// That all connections together may hold. From three quarters of it on strangers get a Retry; from nine tenths on peers are slowed
  /// down (their credit comes 200 ms late); at it strangers are refused. 0: no limit.
  std::uint64_t bytes_max = std::uint64_t{1} << 30;
  bool retry_always = false;
};
/// Runs for each connection, once its handshake is done. The connection is closed (code 0) when it returns, if it is still open, and
/// when it throws, which is logged and concerns no other.
using QuicHandler = std::function<io::Task<void>(io::Io& io, QuicConnection& connection)>;

/// At this moment, or since the start.
struct QuicStats {
  std::uint64_t connections_open = 0, connections_total = 0;
  std::uint64_t refused = 0;          ///< strangers: over connections_max or bytes_max
  std::uint64_t bytes_held = 0;       ///< of QuicServe::bytes_max
  std::uint64_t credit_withheld = 0;  ///< times that a peer was slowed down, since memory was short
};

/// A server on one UDP socket.
class QuicListener {
 public:
  /// @error invalid: no `tls`, or an endpoint without address.  address_in_use, denied, io: from the system.
  static Result<std::unique_ptr<QuicListener>> bind(io::Io& io, const io::Endpoint& local, QuicServe how);
  virtual ~QuicListener() = default;

  /// Takes connections until stop() and the end of the last one. Cancelled, it closes all of them (code 0).
  /// Call it once.  @error io: the socket broke.
  virtual io::Task<Result<void>> serve(QuicHandler handler) = 0;
  /// No new connections; those that are there go on.
  virtual void stop() noexcept = 0;
  /// With the real port where 0 was asked for.
  virtual const io::Endpoint& local() const noexcept = 0;
  virtual QuicStats stats() const noexcept = 0;

 protected:
  QuicListener() = default;
};

}  // namespace tablinum::net
