#pragma once
/// What runs over a QUIC connection for users of net/quic.h: its streams and datagrams as tasks see them.
#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "quic/connection.h"
#include "quic/raw_stream.h"

namespace tablinum::net::quic {

/// Shared by the QUIC connection, while it lives, and by whoever uses it.
class RawConnection final : public QuicConnection, public Application, public std::enable_shared_from_this<RawConnection> {
 public:
  RawConnection(io::Io& io, Connection& connection, bool takes_datagrams) noexcept;
  ~RawConnection() override;

  // QuicConnection
  io::Task<Result<std::unique_ptr<QuicStream>>> open(Instant limit) override;
  io::Task<Result<std::unique_ptr<QuicStream>>> open_one_way(Instant limit) override;
  io::Task<Result<std::unique_ptr<QuicStream>>> accept(Instant limit) override;
  Result<void> send_datagram(ByteView data) override;
  io::Task<Result<Bytes>> receive_datagram(Instant limit) override;
  void close(std::uint64_t code) noexcept override;
  const std::optional<QuicEnd>& how_it_ended() const noexcept override { return end_; }
  io::Task<Result<void>> wait_for_end(Instant limit) override;
  const TlsInfo& tls() const noexcept override { return info_; }
  std::uint32_t version() const noexcept override { return version_; }
  const io::Endpoint& peer() const noexcept override { return peer_; }

  /// Returns when the handshake is done.  @error how it failed.
  io::Task<Result<void>> established(Instant limit);
  /// Called once after the handshake, outside of ngtcp2.
  std::function<void(std::shared_ptr<RawConnection>)> on_established;

  // For RawStream.
  MemoryMeter& memory() noexcept { return memory_; }
  void consumed(std::int64_t stream, std::uint64_t bytes) noexcept;
  void has_output(RawStream& stream) noexcept;
  void stop_reading(std::int64_t stream, std::uint64_t code) noexcept;
  void reset_writing(std::int64_t stream, std::uint64_t code) noexcept;
  void place_is_free(std::int64_t stream) noexcept;

  // Application
  bool handshake_completed() override;
  bool received(std::int64_t stream, std::span<const std::uint8_t> data, bool fin, bool early) override;
  bool acknowledged(std::int64_t stream, std::uint64_t bytes) override;
  bool stream_closed(std::int64_t stream, std::uint64_t error) override;
  bool stream_reset(std::int64_t stream, std::uint64_t error) override;
  bool reading_stopped(std::int64_t) override { return true; }
  bool unblocked(std::int64_t stream) override;
  void may_open_streams() override;
  void received_datagram(ByteView data) override;
  bool next(StreamWrite& write) override;
  void blocked(std::int64_t stream) override;
  void write_shut(std::int64_t stream) override;
  bool written(std::int64_t stream, std::size_t bytes) override;
  void after_read() override;
  void ended(const Error& why) override;

 private:
  using StreamPtr = std::shared_ptr<RawStream>;
  io::Task<Result<std::unique_ptr<QuicStream>>> open_stream(bool both_ways, Instant limit);
  RawStream* find(std::int64_t id) const noexcept;
  RawStream& find_or_make(std::int64_t id);
  QuicEnd describe_end(const Error& why) const;

  io::Io& io_;
  Connection* connection_;  // null: it has ended
  MemoryMeter& memory_;     // of the endpoint, which outlives the connection
  const bool takes_datagrams_;
  std::map<std::int64_t, StreamPtr> streams_;
  std::deque<StreamPtr> incoming_;  // not accepted yet; at most what the peer may have open
  std::deque<StreamPtr> output_;    // that have something to send, in turns
  bool offered_fin_ = false;        // by the last next()
  bool closed_here_ = false;
  std::deque<Bytes> datagrams_;
  // Each wakes one task, which wakes the next if there is more.
  io::Event both_ways_room_, one_way_room_, has_incoming_, has_datagram_;
  io::Event established_, over_;
  std::optional<QuicEnd> end_;
  TlsInfo info_;
  std::uint32_t version_ = 0;
  io::Endpoint peer_;
};

}  // namespace tablinum::net::quic
