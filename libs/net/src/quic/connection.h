#pragma once
/// One QUIC connection: ngtcp2 and TLS behind bytes, times and an Application. No socket, no clock, no thread.
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "quic/application.h"
#include "quic/batch.h"
#include "quic/glue.h"
#include "quic/memory.h"

namespace tablinum::net::quic {

enum class Congestion : std::uint8_t { cubic, bbr };

/// What both ends of a connection may choose. Windows: net.md §4.
struct Settings {
  std::uint64_t stream_window = std::uint64_t{256} << 10;
  std::uint64_t connection_window = std::uint64_t{1} << 20;
  std::uint64_t stream_window_max = std::uint64_t{6} << 20;      ///< ngtcp2 raises the windows up to these
  std::uint64_t connection_window_max = std::uint64_t{16} << 20;
  std::uint64_t streams_bidi_max = 128;  ///< that the peer may have open
  std::uint64_t streams_uni_max = 8;
  Duration idle_time = Duration::seconds(30);
  Duration handshake_time = Duration::seconds(10);
  Congestion congestion = Congestion::cubic;
  bool datagrams = false;                ///< RFC 9221
  bool prefer_version_2 = false;         ///< RFC 9368: a client still begins with version 1
  /// Gets the connection's log (qlog, draft-ietf-quic-qlog) in pieces; null: none.
  void (*qlog)(void* object, ByteView piece) = nullptr;
  void* qlog_object = nullptr;
};

/// A client's begin: windows for downloads.
Settings client_settings() noexcept;

inline constexpr std::size_t kDatagramsQueuedMax = 64;
/// A peer acknowledges within its probe time (RFC 9002 §6.2.1); one that is silent for so long is not there any more.
inline constexpr Duration kGoneTime = Duration::seconds(2);

/// What a connection asks of its endpoint: names in the table of connection ids.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  virtual ngtcp2_cid new_cid() = 0;
  virtual MemoryMeter& memory() noexcept = 0;
  virtual void reset_token(const ngtcp2_cid& cid, std::uint8_t* token) const = 0;
  virtual void add_cid(class Connection& connection, const ngtcp2_cid& cid) = 0;
  virtual void remove_cid(const ngtcp2_cid& cid) = 0;
  /// There is something to write.
  virtual void touch(Connection& connection) = 0;
  /// Call give_credit() in a while: memory is short now.
  virtual void withholds(Connection& connection) = 0;
  virtual Bytes token_for(const Address& peer) = 0;
  /// A server's: whether this ClientHello was never seen before.
  virtual bool first_seen(std::span<const std::uint8_t> early_secret) = 0;
  virtual void received_token(ByteView token) = 0;
  /// Takes the session over.  @param parameters what 0-RTT with it needs.
  virtual void received_session(SSL_SESSION* session, ByteView parameters) = 0;
  virtual void handshake_ended(Connection& connection) = 0;
  /// A client's connection goes on from this address: what comes to it is the connection's.
  virtual void moved(const Address& local) = 0;
};

class Connection final : public Glue {
 public:
  struct Accepting {
    const ngtcp2_pkt_hd& initial;
    std::optional<CidKey> retried_from;  ///< the id before our Retry
    ngtcp2_token_type token_type = NGTCP2_TOKEN_TYPE_UNKNOWN;
  };
  /// @error internal: no memory.
  static Result<std::unique_ptr<Connection>> accept(ConnectionOwner& owner, const Settings& settings, const Accepting& accepting,
                                                    const Address& local, const Address& peer, SslPtr ssl, Instant now);
  struct Connecting {
    ByteView token;                        ///< of an earlier connection
    ByteView early_parameters;             ///< of the session that `ssl` resumes; empty: no 0-RTT
    std::uint32_t version = NGTCP2_PROTO_VER_V1;
  };
  static Result<std::unique_ptr<Connection>> connect(ConnectionOwner& owner, const Settings& settings, const Connecting& connecting,
                                                     const Address& local, const Address& peer, SslPtr ssl, Instant now);
  ~Connection() override;

  void set_application(std::shared_ptr<Application> application) noexcept { application_ = std::move(application); }
  Application* application() const noexcept { return application_.get(); }

  /// alive: goes on.  closed: is over (closing or draining; retry: send a Retry and forget it; gone: forget it).
  enum class Read : std::uint8_t { alive, retry, gone };
  Read read(const Address& local, const Address& peer, std::uint8_t ecn, std::span<const std::uint8_t> packet, Instant now);
  /// Writes at most 64 KiB into `batch`.  @return true: there is more.
  bool write(Batch& batch, Instant now);
  void expire(Instant now);
  Instant deadline() const noexcept;
  /// True: nothing is left of it; its owner destroys it.
  bool finished(Instant now) const noexcept { return state_ == State::over || (state_ != State::open && now >= end_); }
  bool is_open() const noexcept { return state_ == State::open; }

  /// Says goodbye with an application's (HTTP/3's) or the transport's code. Not from inside a callback: fail() is for that.
  void close(std::uint64_t application_error, Instant now);
  void close_transport(std::uint64_t error, Instant now);
  /// For an Application's callbacks that return false.
  void fail(std::uint64_t application_error) noexcept;

  bool handshake_done() const noexcept { return handshake_done_; }
  /// With what this end closes, or would.
  const ngtcp2_ccerr& our_error() const noexcept { return error_; }
  /// To be asked again and again. True: for kGoneTime and three probes' time something of ours was on its way and nothing came back.
  bool seems_gone(Instant now) noexcept;
  bool is_server() const noexcept { return server_; }
  std::uint32_t version() const noexcept { return ngtcp2_conn_get_negotiated_version(conn()); }
  io::Endpoint peer() const { return Address::of(ngtcp2_conn_get_path(conn())->remote).endpoint(); }
  /// There is something to write.
  void touch() { owner_.touch(*this); }
  MemoryMeter& memory() noexcept { return owner_.memory(); }
  /// The application has consumed so many bytes of the stream's data: the peer may send as many more.
  void consumed(std::int64_t stream, std::uint64_t bytes) noexcept;
  /// Gives what consumed() has kept back.
  void give_credit() noexcept;
  /// One of the peer's streams is done with.
  void allow_stream(bool bidirectional) noexcept;
  /// Aborts both directions of a stream.
  void reset_stream(std::int64_t stream, std::uint64_t error) noexcept;
  void stop_reading(std::int64_t stream, std::uint64_t error) noexcept;
  /// RFC 9221. The oldest of more than kDatagramsQueuedMax is dropped.  @error unsupported: the peer takes none.  too_large.
  Result<void> send_datagram(ByteView data);
  /// @return false: not now (one is under way, or the handshake is not confirmed).
  bool update_keys(Instant now) noexcept;
  /// A client's: goes on from another address of this machine, of the same socket (which is bound to all of them).
  bool migrate(const Address& local, Instant now) noexcept;
  void keep_alive(Duration every) noexcept { ngtcp2_conn_set_keep_alive_timeout(conn(), static_cast<ngtcp2_duration>(every.ns)); }

  // The endpoint's bookkeeping.
  bool touched = false;
  bool half_open = false;
  Instant withholds_since = Instant::never();
  Instant listed_at = Instant::never();
  std::vector<CidKey> cids;

 private:
  friend struct ConnectionHooks;
  enum class State : std::uint8_t { open, closing, draining, over };

  Connection(ConnectionOwner& owner, const Settings& settings, bool server) noexcept;
  bool accepts_early(std::span<const std::uint8_t> secret) override { return owner_.first_seen(secret); }
  void new_session(SSL_SESSION* session) override;
  void failed(int status, Instant now);
  void end(State state, Instant now);
  void write_close(Instant now);
  ngtcp2_ssize write_packet(std::span<std::uint8_t> room, ngtcp2_path_storage& path, ngtcp2_pkt_info& info, bool& again);
  ngtcp2_ssize write_datagrams(std::span<std::uint8_t> room, ngtcp2_path_storage& path, ngtcp2_pkt_info& info);
  void add_to(Batch& batch, const ngtcp2_path_storage& path, const ngtcp2_pkt_info& info, std::size_t bytes);
  ngtcp2_tstamp stamp(Instant now) noexcept;
  void charge() noexcept;
  void discharge() noexcept;

  ConnectionOwner& owner_;
  Settings settings_;
  std::shared_ptr<Application> application_;
  State state_ = State::open;
  bool server_;
  bool handshake_done_ = false;
  bool charged_ = false;
  ngtcp2_ccerr error_{};
  bool error_set_ = false;
  ngtcp2_tstamp last_ = 0;
  std::uint64_t credit_kept_ = 0;  // consumed, and not given back yet
  Instant end_ = Instant::never();
  Instant heard_at_{};
  Instant silent_since_ = Instant::never();
  Bytes close_packet_;
  io::Endpoint close_peer_, close_local_;
  bool close_due_ = false;
  std::uint32_t packets_while_closing_ = 0;
  std::deque<Bytes> datagrams_;
  // Endpoints of the last packet's path: making one for each packet would cost more than the rest of the send path.
  Address peer_address_, local_address_;
  io::Endpoint peer_endpoint_, local_endpoint_;
};

}  // namespace tablinum::net::quic
