#pragma once
/// Counts what a peer may send for free, and says when it is too much: rapid reset, floods of SETTINGS, PING, empty DATA …
/// Source: CVE-2019-9511 … 9518, CVE-2023-44487, CVE-2024-27316.
#include <array>
#include <cstdint>

#include "tablinum/base/time.h"
#include "tablinum/net/server.h"

namespace tablinum::net::h2 {

class TokenBucket {
 public:
  TokenBucket(Rate rate, Instant now) noexcept : rate_{rate}, tokens_{static_cast<double>(rate.burst)}, filled_{now} {}
  /// False: none is left.
  bool take(Instant now) noexcept;
  /// Earned by what the peer may answer to.
  void give(std::uint32_t tokens) noexcept;

 private:
  Rate rate_;
  double tokens_;
  Instant filled_;
};

enum class Event : std::uint8_t { new_stream, reset, settings, ping, empty_data, priority, window_update };
inline constexpr std::size_t kEvents = 7;

class FloodGuard {
 public:
  FloodGuard(const Http2Limits& limits, Instant now) noexcept;
  /// Once this has returned false the connection is to be ended.
  bool allow(Event event, Instant now) noexcept { return buckets_[static_cast<std::size_t>(event)].take(now); }
  /// A DATA frame went out: the peer gives its window back, for the stream and for the connection.
  void data_sent() noexcept { buckets_[static_cast<std::size_t>(Event::window_update)].give(2); }

 private:
  std::array<TokenBucket, kEvents> buckets_;
};

}  // namespace tablinum::net::h2
