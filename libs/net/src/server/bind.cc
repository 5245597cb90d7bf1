#include "server/bind.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "tablinum/base/log.h"

namespace tablinum::net {
namespace {

constexpr std::string_view kLocalhost = "localhost:";
constexpr int kBacklog = 1024;
constexpr int kPortTries = 16;

struct Address {
  io::Endpoint endpoint;
  bool optional = false;  // ::1 of "localhost": some machines have no IPv6
};

Result<std::vector<Address>> read_addresses(const std::vector<std::string>& texts) {
  std::vector<Address> addresses;
  for (const std::string& text : texts) {
    if (text.starts_with(kLocalhost)) {
      const std::string port = text.substr(kLocalhost.size());
      TRY(four, io::Endpoint::parse("127.0.0.1:" + port));
      TRY(six, io::Endpoint::parse("[::1]:" + port));
      addresses.push_back({four, false});
      addresses.push_back({six, true});
    } else {
      TRY(endpoint, io::Endpoint::parse(text));
      addresses.push_back({endpoint, false});
    }
  }
  if (addresses.empty()) return fail(Code::invalid, "no address to listen on");
  return addresses;
}

Error bind_error(const io::Endpoint& endpoint) {
  const std::string where = "cannot listen on " + endpoint.to_string();
  switch (errno) {
    case EADDRINUSE: return {Code::address_in_use, where + ": another program does"};
    case EACCES:
    case EPERM: return {Code::denied, where + ": not permitted"};
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT: return {Code::unreachable, where + ": this machine has no such address"};
    default: return {Code::io, where + ": errno " + std::to_string(errno)};
  }
}

/// A bound socket. Without `shared`, nobody else may have bound the same port, not even another of ours.
Result<ListeningFd> bind_one(const io::Endpoint& endpoint, bool shared, int type = SOCK_STREAM) {
  sockaddr_storage address{};
  const socklen_t bytes = endpoint.to_system(&address);
  if (address.ss_family != AF_INET && address.ss_family != AF_INET6)
    return fail(Code::invalid, "not an IP address: " + endpoint.to_string());
  ListeningFd socket{::socket(address.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), endpoint};
  if (socket.fd() < 0) return std::unexpected(bind_error(endpoint));
  const int on = 1;
  // For datagrams it would let another program in.
  if (type == SOCK_STREAM) ::setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (shared) ::setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (address.ss_family == AF_INET6) ::setsockopt(socket.fd(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(socket.fd(), reinterpret_cast<const sockaddr*>(&address), bytes) != 0)
    return std::unexpected(bind_error(endpoint));
  sockaddr_storage local{};
  socklen_t local_bytes = sizeof local;
  ::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&local), &local_bytes);
  return ListeningFd{socket.release(), io::Endpoint::from_system(&local, local_bytes)};
}

/// The endpoint with its real port, if nobody has it: SO_REUSEPORT alone would let a second server in unnoticed.
Result<io::Endpoint> probe(const io::Endpoint& endpoint, int type = SOCK_STREAM) {
  TRY(socket, bind_one(endpoint, false, type));
  return socket.local();
}

/// All cores' before the first datagram is taken: the kernel spreads clients over those that are bound, and one whose second packet
/// went to a core that was not there for the first would be two connections.
Result<ListeningSets> bind_datagrams(const std::vector<ListeningFd>& like, unsigned cores) {
  ListeningSets sets(cores);
  for (const ListeningFd& stream : like) {
    TRY(endpoint, probe(stream.local(), SOCK_DGRAM));
    for (auto& set : sets) {
      TRY(socket, bind_one(endpoint, cores > 1, SOCK_DGRAM));
      set.push_back(std::move(socket));
    }
  }
  return sets;
}

bool system_chooses_port(const std::vector<std::string>& texts) noexcept {
  return std::ranges::any_of(texts, [](const std::string& text) { return text.ends_with(":0"); });
}

}  // namespace

ListeningFd::~ListeningFd() {
  if (fd_ >= 0) ::close(fd_);
}

Result<ListeningSets> bind_all(const std::vector<std::string>& texts, unsigned cores) {
  TRY(addresses, read_addresses(texts));
  ListeningSets sets(cores);
  std::optional<std::uint16_t> chosen_port;
  for (const Address& address : addresses) {
    io::Endpoint wanted = address.endpoint;
    if (wanted.port() == 0 && chosen_port) {
      TRY(same_port, io::Endpoint::from_ip(wanted.host(), *chosen_port));
      wanted = same_port;
    }
    auto endpoint = probe(wanted);
    if (!endpoint && address.optional && endpoint.error().code == Code::unreachable) continue;
    if (!endpoint) return std::unexpected(std::move(endpoint).error());
    if (!chosen_port) chosen_port = endpoint->port();
    for (auto& set : sets) {
      TRY(socket, bind_one(*endpoint, cores > 1));
      set.push_back(std::move(socket));
    }
  }
  // All are bound before the first listens: the kernel spreads connections over the sockets that listen, and one that came
  // before the others were there would wait on a core that may not run yet.
  for (auto& set : sets)
    for (const ListeningFd& socket : set)
      if (::listen(socket.fd(), kBacklog) != 0) return std::unexpected(bind_error(socket.local()));
  return sets;
}

Result<BoundSockets> bind_with_datagrams(const std::vector<std::string>& texts, unsigned cores) {
  for (int tries_left = kPortTries;; --tries_left) {
    TRY(streams, bind_all(texts, cores));
    auto datagrams = bind_datagrams(streams.front(), cores);
    if (datagrams) return BoundSockets{std::move(streams), std::move(*datagrams)};
    // The port that the system has chosen for TCP is somebody's over UDP.
    const bool again = datagrams.error().code == Code::address_in_use && system_chooses_port(texts) && tries_left > 1;
    if (!again) return std::unexpected(std::move(datagrams).error());
  }
}

}  // namespace tablinum::net
