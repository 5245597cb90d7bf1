#pragma once
/// The body of a request or response: pieces that are pulled, never pushed. Whoever reads asks for the next piece when it
/// has room, so a slow reader slows the writer down and nobody buffers (net.md §5).
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "tablinum/base/bytes.h"
#include "tablinum/io/task.h"
#include "tablinum/net/headers.h"

namespace tablinum::io {
class Io;
}

namespace tablinum::net {

/// What one read() gives at most, and the size files are read in.
inline constexpr std::size_t kChunkBytesMax = std::size_t{64} << 10;
/// What a wire holds of one body beyond what was asked for.
inline constexpr std::size_t kBodyBufferBytesMax = std::size_t{256} << 10;

/// A piece of bytes that can be shared without copying: it keeps what it points into alive.
class Chunk {
 public:
  Chunk() noexcept = default;
  static Chunk of(Bytes bytes);
  static Chunk of(std::string text);
  /// Bytes that outlive every user: literals and tables.
  static Chunk constant(std::string_view text) noexcept { return Chunk{nullptr, bytes_of(text)}; }
  /// `bytes` lie in something that `owner` keeps alive.
  static Chunk shared(std::shared_ptr<const void> owner, ByteView bytes) noexcept { return Chunk{std::move(owner), bytes}; }

  ByteView view() const noexcept { return bytes_; }
  std::string_view text() const noexcept { return text_of(bytes_); }
  std::size_t size() const noexcept { return bytes_.size(); }
  bool empty() const noexcept { return bytes_.empty(); }
  /// The part [offset, offset + count), cut to what there is.
  Chunk slice(std::size_t offset, std::size_t count) const noexcept;

 private:
  Chunk(std::shared_ptr<const void> owner, ByteView bytes) noexcept : owner_{std::move(owner)}, bytes_{bytes} {}
  std::shared_ptr<const void> owner_;
  ByteView bytes_;
};

/// Gives the next piece of a stream; an empty one ends it. Called only when the wire has room, never twice at a time, and not
/// again after the end or an error. An error breaks the message off: the peer sees that it is incomplete.
/// @note Cancelled (peer gone, server stopping) its io operations return `cancelled`; it then returns soon.
using Producer = std::function<io::Task<Result<Chunk>>(io::Io&)>;

/// Where a body's bytes come from, for those that need more than a function: state, a size, trailers.
class BodySource {
 public:
  BodySource() = default;
  BodySource(const BodySource&) = delete;
  BodySource& operator=(const BodySource&) = delete;
  virtual ~BodySource() = default;
  /// As Producer.
  virtual io::Task<Result<Chunk>> read(io::Io& io) = 0;
  /// Bytes that read() will give in all, where that is known before the first.
  virtual std::optional<std::uint64_t> size() const { return std::nullopt; }
  /// Fields after the body; asked for once, after the end.
  virtual Headers trailers() { return {}; }
};

class OpenFile;  // static_files.h

/// `length` bytes of a file from `offset` on. The file stays open while a body needs it.
struct FileRange {
  std::shared_ptr<const OpenFile> file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// One reader; move-only.
class Body {
 public:
  Body() noexcept = default;  ///< empty, size 0
  Body(Body&& other) noexcept { swap(other); }  ///< what is left behind is empty
  Body& operator=(Body&& other) noexcept {
    Body taken{std::move(other)};
    swap(taken);
    return *this;
  }

  static Body of(Chunk chunk);
  static Body of(std::string text) { return of(Chunk::of(std::move(text))); }
  static Body of(Bytes bytes) { return of(Chunk::of(std::move(bytes))); }
  /// Read on io's pool in pieces of kChunkBytesMax.  @error (of read) io: the file became shorter.
  static Body file(FileRange range);
  /// A stream that has no end known in advance (or exactly `size` bytes).
  static Body stream(Producer producer, std::optional<std::uint64_t> size = std::nullopt);
  static Body from(std::unique_ptr<BodySource> source);

  /// The next piece, at most kChunkBytesMax bytes; empty at the end, and again after it.
  /// @error cancelled: the peer went away or the server stops.  too_large: over limit() (answered 413).
  ///        timeout: the peer is too slow (408).  protocol: broken framing (400).  reset, closed, io: the wire broke.
  /// @note  On HTTP/1.1 the first call sends "100 Continue" where the client waits for it.
  io::Task<Result<Chunk>> read(io::Io& io);
  /// The whole body as one text.
  /// @error as read(), and too_large: more than `bytes_max`.
  io::Task<Result<std::string>> read_all(io::Io& io, std::size_t bytes_max = std::size_t{10} << 20);
  /// Reads and drops what is left.  @error as read().
  io::Task<Result<void>> discard(io::Io& io);

  /// Bytes in all, from Content-Length or because they lie in memory.
  std::optional<std::uint64_t> size() const noexcept;
  /// True if nothing will ever be read (a body of size 0, not one that has been read).
  bool is_empty() const noexcept { return size() == 0; }
  /// Where the whole body lies in memory (of()): that; otherwise null. Middleware uses it to hash and compress without a copy.
  const Chunk* in_memory() const noexcept { return std::get_if<Chunk>(&from_); }

  /// Lowers (or raises) the most that may be read in all. Default: no limit of its own (a server sets the route's).
  void set_limit(std::uint64_t bytes_max) noexcept { bytes_max_ = bytes_max; }
  /// True if size() says already that the limit is exceeded.
  bool over_limit() const noexcept { return size().value_or(0) > bytes_max_; }

  /// Fields after the body. Empty before its end and where there are none.
  Headers take_trailers();
  /// Takes out where the bytes come from, to wrap it (compression, counting); the body is empty then.
  std::unique_ptr<BodySource> take_source();

 private:
  void swap(Body& other) noexcept {
    std::swap(from_, other.from_);
    std::swap(bytes_max_, other.bytes_max_);
    std::swap(bytes_read_, other.bytes_read_);
    std::swap(ended_, other.ended_);
  }
  std::variant<Chunk, std::unique_ptr<BodySource>> from_;
  std::uint64_t bytes_max_ = ~std::uint64_t{0};
  std::uint64_t bytes_read_ = 0;
  bool ended_ = false;
};

}  // namespace tablinum::net
