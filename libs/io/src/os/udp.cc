#include "os/udp.h"

#include "os/system.h"

namespace tablinum::io {

struct UdpSocket::State : UdpSystem {
  Endpoint local;
  Size receive_buffer = 0;
};

struct UdpBound : System::Datagrams {};

UdpSocket::UdpSocket(Io& io, const UdpBound& bound) : io_{&io}, descriptor_{bound.descriptor}, state_{std::make_unique<State>()} {
  state_->local = bound.local;
  state_->receive_buffer = bound.receive_buffer;
  state_->gso = bound.gso;
  state_->gro = bound.gro;
}
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

int UdpSocket::descriptor() const noexcept { return descriptor_ != nullptr ? descriptor_->fd : -1; }
const Endpoint& UdpSocket::local() const noexcept { return state_->local; }
bool UdpSocket::segments_on_send() const noexcept { return state_->gso; }
bool UdpSocket::joins_on_receive() const noexcept { return state_->gro; }
Size UdpSocket::receive_buffer_bytes() const noexcept { return state_->receive_buffer; }
UdpCounters UdpSocket::counters() const noexcept { return state_->counters; }

Result<UdpSocket> bind_udp(Io& io, const Endpoint& local, UdpOptions options) {
  const bool ip = local.family() == Endpoint::Family::ipv4 || local.family() == Endpoint::Family::ipv6;
  if (!ip) return fail(Code::invalid, "not an IP address");
  TRY(bound, io.system().bind_udp(io, local, options));
  return UdpSocket{io, UdpBound{bound}};
}

Result<UdpSocket> adopt_udp(Io& io, int fd, UdpOptions options) {
  TRY(bound, io.system().adopt_udp(io, fd, options));
  return UdpSocket{io, UdpBound{bound}};
}

}  // namespace tablinum::io
