#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <cerrno>

#include "os/descriptor.h"
#include "os/errno.h"
#include "os/udp.h"

namespace tablinum::io {
namespace {

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

}  // namespace

struct UdpSocket::State : UdpSystem {
  Endpoint local;
  Size receive_buffer = 0;
};

UdpSocket::UdpSocket() noexcept = default;
UdpSocket::~UdpSocket() { close(); }

UdpSocket::UdpSocket(UdpSocket&& other) noexcept
    : io_{other.io_}, descriptor_{std::exchange(other.descriptor_, nullptr)}, state_{std::move(other.state_)} {}

UdpSocket& UdpSocket::operator=(UdpSocket&& other) noexcept {
  std::swap(io_, other.io_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(state_, other.state_);
  return *this;
}

Op<Size> UdpSocket::batch(Kind kind, std::span<Datagram> datagrams) noexcept {
  Op<Size> op{*io_, kind};
  op.operation().descriptor = descriptor_;
  op.operation().args.batch = {static_cast<UdpSystem*>(state_.get()), datagrams.data(), datagrams.size(), 0};
  return op;
}

Op<Size> UdpSocket::receive_batch(std::span<Datagram> datagrams) noexcept {
  assert(!datagrams.empty());
  return batch(Kind::receive_batch, datagrams.first(std::min(datagrams.size(), kDatagramsPerCallMax)));
}

Op<Size> UdpSocket::send_batch(std::span<Datagram> datagrams) noexcept { return batch(Kind::send_batch, datagrams); }

void UdpSocket::close() noexcept {
  if (descriptor_ != nullptr) io_->detach(std::exchange(descriptor_, nullptr));
}

const Endpoint& UdpSocket::local() const noexcept { return state_->local; }
bool UdpSocket::segments_on_send() const noexcept { return state_->gso; }
bool UdpSocket::joins_on_receive() const noexcept { return state_->gro; }
Size UdpSocket::receive_buffer_bytes() const noexcept { return state_->receive_buffer; }
UdpCounters UdpSocket::counters() const noexcept { return state_->counters; }

Result<UdpSocket> bind_udp(Io& io, const Endpoint& local, UdpOptions options) {
  const bool ipv6 = local.family() == Endpoint::Family::ipv6;
  if (!ipv6 && local.family() != Endpoint::Family::ipv4) return fail(Code::invalid, "not an IP address");
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

  UdpSocket socket;
  socket.io_ = &io;
  socket.state_ = std::make_unique<UdpSocket::State>();
  socklen_t length = sizeof address;
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length);
  socket.state_->local = Endpoint::from_system(&address, length);
  int granted = 0;
  length = sizeof granted;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &granted, &length);
  socket.state_->receive_buffer = static_cast<Size>(granted);
  // Setting a segment size of 0 changes nothing, and fails where the kernel knows no segments (before 4.18).
  socket.state_->gso = options.segmentation && set(fd.get(), IPPROTO_UDP, UDP_SEGMENT, 0);
  socket.state_->gro = options.segmentation && set(fd.get(), IPPROTO_UDP, UDP_GRO, 1);
  TRY(descriptor, io.attach(fd.release(), false));
  socket.descriptor_ = descriptor;
  return socket;
}

}  // namespace tablinum::io
