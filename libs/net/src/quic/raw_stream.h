#pragma once
/// One stream of net/quic.h: what tasks wait on, and what the connection's callbacks fill and drain. It outlives the connection if a
/// handle holds it.
#include <deque>
#include <memory>
#include <optional>

#include "quic/application.h"
#include "tablinum/io/sync.h"
#include "tablinum/net/body.h"
#include "tablinum/net/quic.h"

namespace tablinum::net::quic {

class RawConnection;

class RawStream : public std::enable_shared_from_this<RawStream> {
 public:
  RawStream(io::Io& io, RawConnection& connection, std::int64_t id, bool reads, bool writes) noexcept
      : io_{io},
        connection_{&connection},
        id_{id},
        reads_{reads},
        writes_{writes},
        in_ready_{io, io::Event::Reset::automatic},
        out_ready_{io, io::Event::Reset::automatic} {}

  std::int64_t id() const noexcept { return id_; }
  bool reads() const noexcept { return reads_; }
  bool writes() const noexcept { return writes_; }

  // For tasks.
  io::Task<Result<std::size_t>> read(MutableBytes buffer, Instant limit);
  io::Task<Result<void>> write(std::span<const ByteView> pieces, Instant limit);
  io::Task<Result<void>> end(Instant limit);
  void reset(std::uint64_t code, Error why) noexcept;
  void stop(std::uint64_t code, Error why) noexcept;
  /// The handle is gone, or closed: nobody reads or writes any more.
  void drop() noexcept;
  std::optional<std::uint64_t> peer_code() const noexcept { return peer_code_; }
  void mark_accepted() noexcept { accepted_ = true; }

  // For the connection, in callbacks.
  void receive(std::span<const std::uint8_t> data);
  void end_input() noexcept;
  void peer_reset(std::uint64_t code) noexcept;
  void peer_stopped() noexcept;
  /// QUIC has done with it.  @param code of the application; nothing: it ended well.
  void closed(std::optional<std::uint64_t> code) noexcept;
  void connection_ended(const Error& why) noexcept;
  /// What is to be sent next.  @return false: nothing.
  bool fill(StreamWrite& write) noexcept;
  void written(std::size_t bytes, bool with_fin) noexcept;
  void acknowledged(std::uint64_t bytes) noexcept;

  bool is_queued = false;   ///< stands in the connection's list of streams that have something to send
  bool is_blocked = false;  ///< by its flow control

 private:
  io::Task<Result<void>> write_piece(ByteView piece, Instant limit);
  void drop_input() noexcept;
  void charge(std::int64_t bytes) noexcept;
  void free_place() noexcept;

  io::Io& io_;
  RawConnection* connection_;  // null: it has ended, or nothing of this stream is left there
  const std::int64_t id_;
  const bool reads_, writes_;
  std::int64_t charged_ = 0;
  bool accepted_ = false;
  bool dropped_ = false;
  bool closed_ = false;      // QUIC has done with it
  std::optional<std::uint64_t> peer_code_;

  std::deque<Bytes> in_;
  std::size_t in_offset_ = 0;  // of in_.front(): read
  std::size_t in_bytes_ = 0;
  bool in_ended_ = false;
  bool in_stopped_ = false;
  std::optional<Error> in_error_;
  io::Event in_ready_;

  std::deque<Chunk> out_;         // from the oldest byte on that is not acknowledged
  std::size_t sent_chunks_ = 0;   // of out_: handed to QUIC whole,
  std::size_t sent_offset_ = 0;   // and so much of the next one
  std::size_t queued_ = 0;        // bytes that are not
  std::uint64_t acknowledged_ = 0;  // bytes of out_.front()
  bool out_ended_ = false;
  bool fin_sent_ = false;
  bool was_reset_ = false;  // by us
  std::optional<Error> out_error_;
  io::Event out_ready_;
};

}  // namespace tablinum::net::quic
