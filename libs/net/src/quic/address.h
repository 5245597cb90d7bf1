#pragma once
/// Addresses as ngtcp2 has them, and connection ids as keys of a table.
#include <ngtcp2/ngtcp2.h>

#include <array>
#include <cstdint>
#include <cstring>

#include "tablinum/base/bytes.h"
#include "tablinum/io/net.h"

namespace tablinum::net::quic {

inline constexpr std::size_t kOurCidBytes = 16;

struct Address {
  ngtcp2_sockaddr_union storage{};
  ngtcp2_socklen size = 0;

  static Address of(const io::Endpoint& endpoint) noexcept {
    sockaddr_storage whole{};
    Address address;
    address.size = static_cast<ngtcp2_socklen>(endpoint.to_system(&whole));
    std::memcpy(&address.storage, &whole, sizeof address.storage);
    return address;
  }
  static Address of(const ngtcp2_addr& from) noexcept {
    Address address;
    address.size = from.addrlen;
    std::memcpy(&address.storage, from.addr, from.addrlen);
    return address;
  }
  bool is(const ngtcp2_addr& other) const noexcept {
    return size == other.addrlen && std::memcmp(&storage, other.addr, other.addrlen) == 0;
  }
  io::Endpoint endpoint() const { return io::Endpoint::from_system(&storage, static_cast<std::uint32_t>(size)); }
  ngtcp2_addr view() noexcept { return {&storage.sa, size}; }
  /// The address's bytes without the port: what a token for later is tied to. A view of this object.
  ByteView ip() const& noexcept {
    if (storage.sa.sa_family == AF_INET) return std::as_bytes(std::span{&storage.in.sin_addr, 1});
    return std::as_bytes(std::span{&storage.in6.sin6_addr, 1});
  }
  ByteView ip() const&& = delete;
  std::uint16_t port() const noexcept { return storage.sa.sa_family == AF_INET ? storage.in.sin_port : storage.in6.sin6_port; }
};

/// A connection id, 0 … 20 bytes; what is beyond its size is zero.
struct CidKey {
  std::array<std::uint8_t, NGTCP2_MAX_CIDLEN> bytes{};
  std::uint8_t size = 0;

  CidKey() = default;
  CidKey(const std::uint8_t* data, std::size_t count) noexcept : size{static_cast<std::uint8_t>(count)} {
    if (count > 0) std::memcpy(bytes.data(), data, count);
  }
  explicit CidKey(const ngtcp2_cid& cid) noexcept : CidKey{cid.data, cid.datalen} {}
  friend bool operator==(const CidKey&, const CidKey&) = default;
};

/// Clients choose the first ids themselves, so the hash has a secret of the process.
struct CidHash {
  std::uint64_t secret = 0;
  std::size_t operator()(const CidKey& key) const noexcept {
    std::uint64_t hash = secret;
    for (std::size_t at = 0; at < 24; at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, key.bytes.data() + at, at < 16 ? 8 : 4);
      hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
      hash ^= hash >> 29;
    }
    return static_cast<std::size_t>(hash);
  }
};

}  // namespace tablinum::net::quic
