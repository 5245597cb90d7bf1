#pragma once
/// How much one client may ask: requests a second (token bucket) and at a time.
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tablinum/base/time.h"
#include "tablinum/net/proxy.h"

namespace tablinum::net::proxy {

inline constexpr std::size_t kClientsMax = 65'536;

/// "192.0.2.1" itself; of an IPv6 address its /64, since a client owns the rest.
std::string client_key(std::string_view address);

/// @note Thread-safe.
class ClientLimiter {
 public:
  explicit ClientLimiter(const ClientLimits& limits) : limits_{limits}, counts_{limited()} {}
  /// False: nothing is limited, and neither enter() nor leave() is needed.
  bool counts() const noexcept { return counts_.load(std::memory_order_relaxed); }
  /// True: go on, and call leave() once at the end.
  bool enter(std::string_view address, Instant now);
  void leave(std::string_view address) noexcept;
  void change(const ClientLimits& limits);
  std::size_t clients() const;

 private:
  struct Client {
    double tokens = 0;
    Instant filled;
    unsigned concurrent = 0;
  };
  bool limited() const noexcept { return limits_.requests_per_second > 0 || limits_.concurrent_max > 0; }
  void forget_idle(Instant now);
  mutable std::mutex mutex_;
  ClientLimits limits_;
  std::atomic<bool> counts_;
  std::unordered_map<std::string, Client> clients_;
};

}  // namespace tablinum::net::proxy
