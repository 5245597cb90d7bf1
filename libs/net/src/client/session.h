#pragma once
/// One connection to an origin that carries requests: HTTP/1.1 one at a time, HTTP/2 and HTTP/3 many. What the client's pool
/// and the proxy hold of each wire; they never see a frame.
#include "tablinum/net/client.h"

namespace tablinum::net {

/// How long "Expect: 100-continue" is waited for (RFC 9110 §10.1.1: not for ever).
inline constexpr Duration kContinueTime = Duration::seconds(1);

/// Belongs to one core. A pool spawns run() once, in a scope that outlives the session's use.
class ClientSession {
 public:
  ClientSession() = default;
  ClientSession(const ClientSession&) = delete;
  ClientSession& operator=(const ClientSession&) = delete;
  virtual ~ClientSession() = default;

  /// Reads and drives the connection until it ends (HTTP/1.1: returns at once).
  virtual io::Task<void> run(io::Io& io) = 0;
  /// Sends the request (its body streams while the answer is awaited) and returns when the response's head is there; the
  /// response's body streams from the connection and keeps its place in room() until read or dropped. Cancelling resets the
  /// stream (HTTP/1.1: closes the connection).
  /// @error refused: the peer did not process it (GOAWAY, REFUSED_STREAM, a kept connection that died before a byte of the
  ///        answer): safe to send again on another connection if the body can be.  reset, closed, protocol, timeout, too_large.
  virtual io::Task<Result<Response>> exchange(io::Io& io, ClientRequest request) = 0;
  /// How many more exchanges may begin now. 0 for ever once usable() is false.
  virtual unsigned room() const noexcept = 0;
  /// False: the peer said goodbye or the connection broke; what is under way may still end well.
  virtual bool usable() const noexcept = 0;
  /// Says goodbye; idempotent. Exchanges under way end with `cancelled`.
  virtual void close() noexcept = 0;
  /// As close(), once what is under way has ended; no more exchanges begin.
  virtual void retire() noexcept { close(); }
  /// Many exchanges at a time: `refused` is then the peer's own word, and more exchanges than room() wait their turn in here.
  virtual bool multiplexed() const noexcept { return false; }
};

}  // namespace tablinum::net
