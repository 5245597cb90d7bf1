#pragma once
/// How many connections each address has: an IPv4 address, or the /64 of an IPv6 one, since a client owns the rest of it.
/// @note Thread-safe: the cores share one.
#include <array>
#include <cstdint>
#include <map>
#include <mutex>

#include "tablinum/io/net.h"

namespace tablinum::net {

class AddressTable {
 public:
  explicit AddressTable(std::uint32_t connections_max) noexcept : connections_max_{connections_max} {}
  /// Counts one more from there; false: the address has as many as it may.
  bool enter(const io::Endpoint& peer);
  void leave(const io::Endpoint& peer) noexcept;

 private:
  using Key = std::array<std::uint8_t, 9>;  // family, then the bytes that count
  static Key key_of(const io::Endpoint& peer) noexcept;

  std::uint32_t connections_max_;
  std::mutex mutex_;
  std::map<Key, std::uint32_t> counts_;
};

}  // namespace tablinum::net
