#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <charconv>
#include <cstring>

#include "tablinum/io/net.h"

namespace tablinum::io {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return fail(Code::invalid, "not a port: " + std::string{text});
  return port;
}

}  // namespace

Result<Endpoint> Endpoint::parse(std::string_view text) {
  if (text.starts_with(kUnixPrefix)) {
    const auto path = text.substr(kUnixPrefix.size());
    if (path.empty() || path.size() > kUnixPathBytesMax || path.contains('\0')) return fail(Code::invalid, "not a socket path");
    Endpoint endpoint;
    endpoint.family_ = Family::unix_path;
    endpoint.path_ = path;
    return endpoint;
  }
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return fail(Code::invalid, "an address is written ip:port or unix:path");
  TRY(port, parse_port(text.substr(colon + 1)));
  auto host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed != host.contains(':')) return fail(Code::invalid, "an IPv6 address is written [ip]:port");
  if (bracketed) host = host.substr(1, host.size() - 2);
  return from_ip(host, port);
}

Result<Endpoint> Endpoint::from_ip(std::string_view ip, std::uint16_t port) {
  const std::string text{ip};
  Endpoint endpoint;
  endpoint.port_ = port;
  if (::inet_pton(AF_INET, text.c_str(), endpoint.ip_.data()) == 1) {
    endpoint.family_ = Family::ipv4;
  } else if (::inet_pton(AF_INET6, text.c_str(), endpoint.ip_.data()) == 1) {
    endpoint.family_ = Family::ipv6;
  } else {
    return fail(Code::invalid, "not an IP address: " + text);
  }
  return endpoint;
}

Endpoint Endpoint::from_system(const void* address, std::uint32_t bytes) {
  Endpoint endpoint;
  sockaddr_storage storage{};
  std::memcpy(&storage, address, std::min<std::size_t>(bytes, sizeof storage));
  if (storage.ss_family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, &storage, sizeof in);
    endpoint.family_ = Family::ipv4;
    endpoint.port_ = ntohs(in.sin_port);
    std::memcpy(endpoint.ip_.data(), &in.sin_addr, sizeof in.sin_addr);
  } else if (storage.ss_family == AF_INET6) {
    sockaddr_in6 in6;
    std::memcpy(&in6, &storage, sizeof in6);
    endpoint.family_ = Family::ipv6;
    endpoint.port_ = ntohs(in6.sin6_port);
    endpoint.scope_ = in6.sin6_scope_id;
    std::memcpy(endpoint.ip_.data(), &in6.sin6_addr, sizeof in6.sin6_addr);
  } else if (storage.ss_family == AF_UNIX) {
    endpoint.family_ = Family::unix_path;
    const auto* path = reinterpret_cast<const char*>(&storage) + offsetof(sockaddr_un, sun_path);
    const std::size_t path_bytes = bytes > offsetof(sockaddr_un, sun_path) ? bytes - offsetof(sockaddr_un, sun_path) : 0;
    endpoint.path_.assign(path, ::strnlen(path, std::min(path_bytes, kUnixPathBytesMax)));
  }
  return endpoint;
}

std::uint32_t Endpoint::to_system(void* address) const noexcept {
  if (family_ == Family::ipv4) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port_);
    std::memcpy(&in.sin_addr, ip_.data(), sizeof in.sin_addr);
    std::memcpy(address, &in, sizeof in);
    return sizeof in;
  }
  if (family_ == Family::ipv6) {
    sockaddr_in6 in6{};
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port_);
    in6.sin6_scope_id = scope_;
    std::memcpy(&in6.sin6_addr, ip_.data(), sizeof in6.sin6_addr);
    std::memcpy(address, &in6, sizeof in6);
    return sizeof in6;
  }
  if (family_ == Family::unix_path) {
    sockaddr_un un{};
    un.sun_family = AF_UNIX;
    std::memcpy(un.sun_path, path_.data(), path_.size());
    std::memcpy(address, &un, sizeof un);
    return static_cast<std::uint32_t>(offsetof(sockaddr_un, sun_path) + path_.size() + 1);
  }
  return 0;
}

bool Endpoint::is_loopback() const noexcept {
  static constexpr std::array<std::uint8_t, 16> kLoopback6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  static constexpr std::array<std::uint8_t, 13> kMappedLoopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127};
  switch (family_) {
    case Family::ipv4:
      return ip_[0] == 127;
    case Family::ipv6:
      return ip_ == kLoopback6 || std::equal(kMappedLoopback.begin(), kMappedLoopback.end(), ip_.begin());
    case Family::unix_path:
      return true;
    case Family::none:
      return false;
  }
  return false;
}

std::string Endpoint::host() const {
  if (family_ == Family::unix_path) return path_;
  if (family_ == Family::none) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family_ == Family::ipv4 ? AF_INET : AF_INET6, ip_.data(), text.data(), text.size());
  return text.data();
}

std::string Endpoint::to_string() const {
  switch (family_) {
    case Family::ipv4:
      return host() + ":" + std::to_string(port_);
    case Family::ipv6:
      return "[" + host() + "]:" + std::to_string(port_);
    case Family::unix_path:
      return std::string{kUnixPrefix} + path_;
    case Family::none:
      return {};
  }
  return {};
}

}  // namespace tablinum::io
