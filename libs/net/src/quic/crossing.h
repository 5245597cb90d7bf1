#pragma once
/// Datagrams from one core to another of the same address. The kernel chooses the core by the peer's address, so a client that has
/// moved arrives at another core than its connection's; the connection id says whose it is. It needs no privilege and no program in
/// the kernel, and only what has moved pays for it. Source: RFC 9000 §5.1; docs/adr/0015-moved-quic-connections.md.
#include <deque>

#include "quic/address.h"
#include "tablinum/io/channel.h"

namespace tablinum::net::quic {

/// That wait for one core, of at most 64 KiB each; what comes beyond is dropped, as a network would.
inline constexpr std::size_t kStraysMax = 256;
/// A connection id has six bits for its core.
inline constexpr unsigned kCrossingCoresMax = 64;

struct Stray {
  Bytes packet;
  Address local, peer;
  std::uint8_t ecn = 0;
};

/// Outlives the endpoints of all its cores. Thread-safe.
class Crossing {
 public:
  /// @param cores beyond kCrossingCoresMax nothing is handed over to them.
  explicit Crossing(unsigned cores);

  /// @return false: there is no such core. True: it is on its way, or was dropped because too many are.
  bool hand_over(unsigned core, Stray stray);
  /// What waits for this core; null: nothing ever does.
  io::Channel<Stray>* inbox(unsigned core) noexcept { return core < inboxes_.size() ? &inboxes_[core] : nullptr; }

 private:
  std::deque<io::Channel<Stray>> inboxes_;
};

}  // namespace tablinum::net::quic
