#pragma once
/// One core's counters. Only that core writes, so an increment is a load and a store; anybody reads.
#include <array>
#include <atomic>
#include <cstdint>

#include "tablinum/net/server.h"

namespace tablinum::net {

class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept { value_.store(get() + n, std::memory_order_relaxed); }
  void subtract(std::uint64_t n = 1) noexcept { value_.store(get() - n, std::memory_order_relaxed); }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct alignas(64) Counters {
  Counter connections_open, connections_total, connections_refused;
  Counter requests_total, requests_active;
  std::array<Counter, 6> responses;
  Counter tls_handshakes, tls_failures, http2_connections, http3_connections, floods;
  Counter protocol_errors, timeouts, bytes_received, bytes_sent;

  void add_to(ServerStats& stats) const noexcept;
};

}  // namespace tablinum::net
