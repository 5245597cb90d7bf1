#pragma once
/// What both ends of an HTTP/2 connection share: nghttp2's engine between a ByteStream and streams whose bodies flow both ways,
/// each only as fast as its reader. A task reads, a task writes; callbacks of the engine resume nobody and call it back only
/// where nghttp2 allows that (submit_…).
#include <nghttp2/nghttp2.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/rate_floor.h"
#include "tablinum/io/scope.h"
#include "tablinum/io/sync.h"
#include "tablinum/net/message.h"
#include "tablinum/net/stream.h"

namespace tablinum::net::h2 {

/// So much is gathered for one write.
inline constexpr std::size_t kWriteBytes = std::size_t{128} << 10;
inline constexpr std::size_t kReadBytes = std::size_t{16} << 10;
/// DATA up to this size is copied behind its frame's header instead of being a piece of its own.
inline constexpr std::size_t kCopiedBytesMax = 2048;
/// How long a connection that is over reads on, so that its last frames are not destroyed by a reset.
inline constexpr Duration kLingerTime = Duration::seconds(2);
/// How often open streams are looked after.
inline constexpr Duration kTick = Duration::seconds(1);

class Wire;

/// One stream. Shared by the wire, whoever reads its body and whoever sends on it.
struct Stream {
  Stream(io::Io& io, Wire& owner, std::int32_t number, RateFloor sending_floor) noexcept
      : wire{&owner},
        id{number},
        readable{io, io::Event::Reset::automatic},
        drained{io, io::Event::Reset::automatic},
        sending{sending_floor} {}
  virtual ~Stream();
  /// `broken` was set from outside: whoever waits for something else than bytes is to look.
  virtual void on_broken() noexcept {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  Wire* wire;  // null once the connection has ended
  std::int32_t id;
  bool closed = false;          // the engine has forgotten it
  std::optional<Error> broken;  // why nothing more comes or goes
  // What comes.
  std::string in;  // received, not read: at most the stream's window
  bool in_ended = false;
  bool discard = false;  // nobody reads it any more
  bool given_up = false;  // by a reset of ours
  Headers trailers;
  io::Event readable;
  // What goes.
  Chunk out;              // being sent
  bool out_last = false;  // nothing follows it
  bool out_open = false;  // the engine asks for data
  Headers out_trailers;
  io::Event drained;
  RateFloor sending;
  Instant blocked_since{};  // `out` has waited so long
};

class Wire {
 public:
  enum class Role : std::uint8_t { server, client };
  Wire(io::Io& io, std::unique_ptr<ByteStream> below, Role role, const nghttp2_option* options);
  virtual ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// The next piece of what comes; empty: the end.  @error timeout; what broke the stream; cancelled.
  static io::Task<Result<Chunk>> read(std::shared_ptr<Stream> stream, Instant limit);
  /// Sends `piece` and returns when the engine has taken all of it.  @error what broke the stream; cancelled.
  io::Task<Result<void>> send(std::shared_ptr<Stream> stream, Chunk piece, bool last);
  /// All of `body` and its trailers.  @error also the body's own.
  io::Task<Result<void>> send_body(std::shared_ptr<Stream> stream, Body& body);
  /// RST_STREAM; harmless on one that is closed.
  void reset(Stream& stream, std::uint32_t code) noexcept;
  /// Nobody will read what comes.
  void discard(Stream& stream) noexcept;
  /// The writer has something to do.
  void wake() noexcept { wake_.set(); }
  io::Io& io() const noexcept { return io_; }
  const io::Endpoint& peer() const noexcept { return below_->peer(); }
  /// `bytes` of `stream` were taken, or will never be: the peer may send as many more.
  void consume(std::int32_t id, std::size_t bytes) noexcept;

 protected:
  /// Reads and writes until the connection is over; its tasks have ended then.
  io::Task<void> drive();
  /// Bytes that were read before.
  void begin_with(std::string_view bytes) { begun_ = bytes; }
  nghttp2_session* session() const noexcept { return session_; }
  io::Scope* scope() const noexcept { return scope_; }
  std::map<std::int32_t, std::shared_ptr<Stream>>& streams() noexcept { return streams_; }
  const std::map<std::int32_t, std::shared_ptr<Stream>>& streams() const noexcept { return streams_; }
  /// From within the engine: the connection ends when what was received is done with.
  void flood() noexcept { flooded_ = true; }
  /// Likewise, for another reason.
  void break_off(std::uint32_t code) noexcept { broken_off_ = code; }
  std::shared_ptr<Stream> find(std::int32_t id) const;
  /// GOAWAY with that code; what is under way is broken off.
  void terminate(std::uint32_t code) noexcept;
  nghttp2_data_provider provider_of(Stream& stream) noexcept;
  static nghttp2_nv field(std::string_view name, std::string_view value) noexcept;
  /// Whoever waits on a stream is told so.
  void break_streams(const Error& error);
  /// Nothing more is read or written.
  bool finished() const noexcept { return finished_; }

  // What differs between the ends. Called from the engine: they resume nobody.
  virtual bool on_frame_begins(const nghttp2_frame_hd& head) = 0;  // false: it is too much
  virtual void on_fields_begin(const nghttp2_frame& frame) = 0;
  virtual void on_field(Stream& stream, const nghttp2_frame& frame, std::string_view name, std::string_view value) = 0;
  virtual void on_fields_end(Stream& stream, const nghttp2_frame& frame) = 0;
  virtual void on_other_frame(const nghttp2_frame& frame) = 0;
  virtual void on_end_sent(Stream& stream) = 0;
  virtual void on_stream_closed(Stream& stream, std::uint32_t code) = 0;
  // Called between the engine's calls.
  /// How many of `bytes` the engine is to be given now; piece_received() follows, then the rest.
  virtual std::size_t next_piece(ByteView bytes) { return bytes.size(); }
  virtual void piece_received() {}
  virtual void after_receiving(std::size_t bytes) = 0;
  virtual void on_sent(std::size_t bytes) = 0;
  virtual Instant next_tick() const = 0;
  virtual void on_tick() = 0;
  virtual Instant write_limit(std::size_t bytes) = 0;

 private:
  struct Callbacks;
  struct Segment {
    Chunk chunk;  // empty: bytes of control_
    std::size_t at = 0;
    std::size_t size = 0;
  };

  io::Task<void> read_loop();
  io::Task<void> write_loop();
  io::Task<void> leave_when_over();
  io::Task<Result<void>> write_segments();
  void feed(ByteView bytes);
  void gather();
  void append_control(ByteView bytes);
  bool over() const noexcept;
  long read_out(Stream& stream, std::size_t room, std::uint32_t* flags);
  int send_out(Stream& stream, ByteView frame_head, std::size_t bytes);
  void close_stream(std::int32_t id, std::uint32_t code);
  void receive_data(std::int32_t id, ByteView bytes);
  void end_of_input(std::int32_t id);

  io::Io& io_;
  std::unique_ptr<ByteStream> below_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, std::shared_ptr<Stream>> streams_;
  io::Scope* scope_ = nullptr;
  io::Event wake_;
  io::Event over_;
  std::string begun_;
  Bytes input_;
  std::string control_;  // frames' heads and small frames, of the segments that wait
  std::vector<Segment> segments_;
  std::size_t gathered_ = 0;
  bool flooded_ = false;
  std::optional<std::uint32_t> broken_off_;
  bool deaf_ = false;  // what comes is dropped
  bool finished_ = false;
};

}  // namespace tablinum::net::h2
