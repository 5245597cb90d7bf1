#pragma once
/// One request's stream of HTTP/3, both directions, as the task that serves or makes the request sees it. The wire's callbacks fill and
/// drain it; tasks wait on it. It outlives the wire if a task holds it.
#include <memory>
#include <optional>

#include "h3/queue.h"
#include "server/rate_floor.h"
#include "tablinum/io/sync.h"
#include "tablinum/net/body.h"

namespace tablinum::net::h3 {

class Wire;

/// So much of a body is handed to the wire before its producer waits.
inline constexpr std::size_t kQueuedBytesMax = kBodyBufferBytesMax;

class Stream : public std::enable_shared_from_this<Stream> {
 public:
  Stream(io::Io& io, Wire& wire, std::int64_t id) noexcept
      : io_{io}, wire_{&wire}, id_{id}, in_ready_{io, io::Event::Reset::automatic}, out_ready_{io, io::Event::Reset::automatic} {}
  virtual ~Stream() = default;

  std::int64_t id() const noexcept { return id_; }
  /// Null: the stream or its connection is over.
  Wire* wire() const noexcept { return wire_; }

  // For tasks.
  /// The next piece of the peer's body; empty at its end. Returns credit to the peer.
  /// @error reset, closed, timeout (slower than `floor`), cancelled, too_large.
  io::Task<Result<Chunk>> read(RateFloor* floor);
  /// Queues a piece; waits while too much is queued.  @error reset, closed, timeout, cancelled.
  io::Task<Result<void>> write(Chunk piece, RateFloor* floor);
  /// No more follows but these fields.
  void finish(Headers trailers);
  /// Waits until everything was handed to QUIC.  @error as write().
  io::Task<Result<void>> drained(RateFloor* floor);
  /// The peer's body is not wanted any more: gives back the credit of what is here.
  void drop_input() noexcept;
  Headers take_trailers() noexcept { return std::move(in_trailers_); }
  bool input_ended() const noexcept { return in_ended_; }
  /// finish() was called.
  bool out_ended() const noexcept { return out_ended_; }

  // For the wire, in callbacks.
  void receive(std::span<const std::uint8_t> data);
  void end_input() noexcept;
  /// Whichever direction was aborted: tasks see `why`.
  virtual void abort(const Error& why) noexcept;
  /// The stream has no wire any more.
  void detach(const Error& why) noexcept;
  /// nghttp3 asks for data.
  std::size_t give(std::span<ByteView> room, bool& end) noexcept;
  void acknowledged(std::uint64_t bytes) noexcept;
  const Headers& out_trailers() const noexcept { return out_trailers_; }

  Headers in_trailers_;

 protected:
  io::Io& io_;

 private:
  void charge(std::int64_t bytes) noexcept;

  Wire* wire_;
  std::int64_t id_;
  std::int64_t charged_ = 0;  // bytes here, as the budget of memory knows them
  Queue<Bytes> in_;
  std::size_t in_bytes_ = 0;
  bool in_ended_ = false;
  bool in_dropped_ = false;
  std::optional<Error> failure_;
  io::Event in_ready_;
  Queue<Chunk> out_;         // from the oldest byte that is not acknowledged on
  std::size_t given_ = 0;         // of out_: handed to QUIC
  std::size_t queued_ = 0;        // bytes of those that are not
  std::uint64_t acknowledged_ = 0;  // bytes of out_.front()
  bool out_ended_ = false;
  Headers out_trailers_;
  io::Event out_ready_;
};

}  // namespace tablinum::net::h3
