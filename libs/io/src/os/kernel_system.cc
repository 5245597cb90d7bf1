#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "os/descriptor.h"
#include "os/errno.h"
#include "os/system.h"

namespace tablinum::io {
namespace {

Result<void> set_option(int fd, int level, int name, bool on, std::string_view what) {
  const int value = on ? 1 : 0;
  if (::setsockopt(fd, level, name, &value, sizeof value) < 0) return fail_errno(errno, what);
  return {};
}

bool is_tcp(const Endpoint& endpoint) noexcept {
  return endpoint.family() == Endpoint::Family::ipv4 || endpoint.family() == Endpoint::Family::ipv6;
}

Result<OwnedFd> make_socket(const Endpoint& endpoint) {
  int domain = AF_UNIX;
  if (endpoint.family() == Endpoint::Family::ipv4) domain = AF_INET;
  if (endpoint.family() == Endpoint::Family::ipv6) domain = AF_INET6;
  OwnedFd fd{::socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (fd.get() < 0) return fail_errno(errno, "socket");
  return fd;
}

Endpoint local_of(int fd) {
  sockaddr_storage address{};
  socklen_t bytes = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &bytes) < 0) return {};
  return Endpoint::from_system(&address, bytes);
}

Result<void> set_listen_options(int fd, const Endpoint& local, const ListenOptions& options) {
  if (!is_tcp(local)) return {};
  CHECK_OK(set_option(fd, SOL_SOCKET, SO_REUSEADDR, true, "SO_REUSEADDR"));
  if (options.reuse_port) CHECK_OK(set_option(fd, SOL_SOCKET, SO_REUSEPORT, true, "SO_REUSEPORT"));
  if (local.family() != Endpoint::Family::ipv6) return {};
  return set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, options.v6_only, "IPV6_V6ONLY");
}

/// Only a socket is removed, never a file that happens to have the name.
void remove_stale_socket(const std::string& path) noexcept {
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) ::unlink(path.c_str());
}

bool set(int fd, int level, int name, int value) noexcept { return ::setsockopt(fd, level, name, &value, sizeof value) == 0; }

/// As much as asked for where the process may, else as much as the system's limit allows.
void set_buffer(int fd, int forced, int name, Size bytes) noexcept {
  const int wanted = static_cast<int>(std::min<Size>(bytes, Size{1} << 30));
  if (!set(fd, SOL_SOCKET, forced, wanted)) set(fd, SOL_SOCKET, name, wanted);
}

void ask_for_controls(int fd, bool ipv6) noexcept {
  // On an IPv6 socket both: IPv4 datagrams arrive there too, with IPv4's marks.
  set(fd, IPPROTO_IP, IP_PKTINFO, 1);
  set(fd, IPPROTO_IP, IP_RECVTOS, 1);
  set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);  // no fragments, and no opinion of the kernel on the path's size
  if (!ipv6) return;
  set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  set(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
  set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
}

class KernelSystem final : public System {
 public:
  Result<Descriptor*> make_stream(Io& io, const Endpoint& peer) override {
    TRY(fd, make_socket(peer));
    return io.attach(fd.release(), is_tcp(peer));
  }
  Result<Listening> listen(Io& io, const Endpoint& local, const ListenOptions& options) override;
  Result<Datagrams> bind_udp(Io& io, const Endpoint& local, const UdpOptions& options) override;
  Result<Datagrams> adopt_udp(Io& io, int fd, const UdpOptions& options) override;
  Result<Descriptor*> take_accepted(Io& io, const Operation& accept, const Endpoint& peer) override {
    return io.attach(accept.fd, is_tcp(peer));
  }
  Endpoint local_of(const Descriptor& descriptor) override { return tablinum::io::local_of(descriptor.fd); }
  Result<void> shutdown_write(Descriptor& descriptor) override {
    if (::shutdown(descriptor.fd, SHUT_WR) < 0) return fail_errno(errno, "shutdown");
    return {};
  }
  Result<void> set_no_delay(Descriptor& descriptor, bool on) override {
    return set_option(descriptor.fd, IPPROTO_TCP, TCP_NODELAY, on, "TCP_NODELAY");
  }
  int make_spare() noexcept override { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }
  void shed_one(Descriptor& listener, int& spare) noexcept override;
  void close(int fd) noexcept override { ::close(fd); }
  void unlink_now(const char* path) noexcept override { ::unlink(path); }
};

Result<System::Listening> KernelSystem::listen(Io& io, const Endpoint& local, const ListenOptions& options) {
  sockaddr_storage address{};
  const auto bytes = static_cast<socklen_t>(local.to_system(&address));
  TRY(fd, make_socket(local));
  CHECK_OK(set_listen_options(fd.get(), local, options));
  if (!is_tcp(local) && options.replace_path) remove_stale_socket(local.host());
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), bytes) < 0) {
    return fail_errno(errno, "bind " + local.to_string());
  }
  if (::listen(fd.get(), std::min(options.backlog, kBacklogMax)) < 0) return fail_errno(errno, "listen " + local.to_string());
  const auto bound = tablinum::io::local_of(fd.get());
  TRY(descriptor, io.attach(fd.release(), false));
  return Listening{descriptor, bound};
}

// Without a free descriptor the connection would stay in the queue, and an edge-triggered reactor would never hear of it again.
void KernelSystem::shed_one(Descriptor& listener, int& spare) noexcept {
  if (spare < 0) return;
  ::close(spare);
  OwnedFd{::accept4(listener.fd, nullptr, nullptr, SOCK_CLOEXEC)};
  spare = make_spare();
}

Result<System::Datagrams> KernelSystem::bind_udp(Io& io, const Endpoint& local, const UdpOptions& options) {
  const bool ipv6 = local.family() == Endpoint::Family::ipv6;
  OwnedFd fd{::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (fd.get() < 0) return fail_errno(errno, "socket");
  if (ipv6) set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, options.v6_only ? 1 : 0);
  if (options.reuse_port && !set(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1)) return fail_errno(errno, "SO_REUSEPORT");
  ask_for_controls(fd.get(), ipv6);
  set_buffer(fd.get(), SO_RCVBUFFORCE, SO_RCVBUF, options.buffer_bytes);
  set_buffer(fd.get(), SO_SNDBUFFORCE, SO_SNDBUF, options.buffer_bytes);
  sockaddr_storage address{};
  const auto bytes = static_cast<socklen_t>(local.to_system(&address));
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), bytes) < 0) return fail_errno(errno, "bind " + local.to_string());
  return adopt_udp(io, fd.release(), options);
}

Result<System::Datagrams> KernelSystem::adopt_udp(Io& io, int owned, const UdpOptions& options) {
  OwnedFd fd{owned};
  Datagrams bound{};
  bound.local = tablinum::io::local_of(fd.get());
  int granted = 0;
  socklen_t length = sizeof granted;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &granted, &length);
  bound.receive_buffer = static_cast<Size>(granted);
  // Setting a segment size of 0 changes nothing, and fails where the kernel knows no segments (before 4.18).
  bound.gso = options.segmentation && set(fd.get(), IPPROTO_UDP, UDP_SEGMENT, 0);
  bound.gro = options.segmentation && set(fd.get(), IPPROTO_UDP, UDP_GRO, 1);
  TRY(descriptor, io.attach(fd.release(), false));
  bound.descriptor = descriptor;
  return bound;
}

}  // namespace

System& kernel_system() noexcept {
  static KernelSystem system;
  return system;
}

}  // namespace tablinum::io
