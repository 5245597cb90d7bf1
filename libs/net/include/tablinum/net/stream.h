#pragma once
/// Bytes in order, both ways: what HTTP/1.1, HTTP/2, WebSocket and the proxy's tunnels run over, whether it is TCP, TLS, a Unix
/// socket or the data of one HTTP/2 or HTTP/3 stream.
#include <memory>
#include <span>

#include "tablinum/base/bytes.h"
#include "tablinum/base/error.h"
#include "tablinum/base/time.h"
#include "tablinum/io/net.h"
#include "tablinum/io/task.h"

namespace tablinum::net {

/// Belongs to one core. One read and one write may be in flight at a time. Buffers live until the call returned.
class ByteStream {
 public:
  ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  virtual ~ByteStream() = default;

  /// 1 … buffer.size() bytes, or 0: the peer's orderly end (over TLS: its close_notify).
  /// @error timeout: not before `limit`.  cancelled, reset, closed (also: TLS ended without close_notify), protocol, io.
  virtual io::Task<Result<std::size_t>> read(MutableBytes buffer, Instant limit) = 0;
  /// All pieces, in order, flushed to the wire.  @error as read().
  virtual io::Task<Result<void>> write(std::span<const ByteView> pieces, Instant limit) = 0;
  /// No more will be written (FIN; close_notify before it); reading goes on.  @error as write().
  virtual io::Task<Result<void>> end(Instant limit) = 0;
  /// Idempotent; ends what is in flight with `cancelled`.
  virtual void close() noexcept = 0;

  virtual const io::Endpoint& peer() const noexcept = 0;
};

/// Over a connected socket, which it takes.
std::unique_ptr<ByteStream> make_stream(io::TcpSocket socket);

}  // namespace tablinum::net
