#include <sys/socket.h>

#include "os/system.h"

namespace tablinum::io {
namespace {

bool is_tcp(const Endpoint& endpoint) noexcept {
  return endpoint.family() == Endpoint::Family::ipv4 || endpoint.family() == Endpoint::Family::ipv6;
}

Error with_peer(Error error, const Endpoint& peer) {
  error.detail += ", " + peer.to_string();
  return error;
}

}  // namespace

// --- TcpSocket ---

TcpSocket::TcpSocket(TcpSocket&& other) noexcept
    : io_{other.io_}, descriptor_{std::exchange(other.descriptor_, nullptr)}, peer_{std::move(other.peer_)} {}

TcpSocket& TcpSocket::operator=(TcpSocket&& other) noexcept {
  std::swap(io_, other.io_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(peer_, other.peer_);
  return *this;
}

Op<Size> TcpSocket::transfer(Kind kind, bool all) noexcept {
  Op<Size> op{*io_, kind};
  op.operation().descriptor = descriptor_;
  op.operation().args.transfer = {nullptr, nullptr, 0, 0, all};
  return op;
}

Op<Size> TcpSocket::read(MutableBytes buffer) noexcept {
  auto op = transfer(Kind::recv, false);
  op.operation().args.transfer.data = buffer.data();
  op.operation().args.transfer.count = buffer.size();
  return op;
}

Op<Size> TcpSocket::read_exactly(MutableBytes buffer) noexcept {
  auto op = read(buffer);
  op.operation().args.transfer.all = true;
  return op;
}

Op<Size> TcpSocket::write_all(std::span<const ByteView> pieces) noexcept {
  auto op = transfer(Kind::send, true);
  op.operation().args.transfer.pieces = pieces.data();
  op.operation().args.transfer.count = pieces.size();
  return op;
}

Op<Size> TcpSocket::write_all(const ByteView& data) noexcept { return write_all(std::span{&data, 1}); }

Op<Size> TcpSocket::write(const ByteView& data) noexcept {
  auto op = write_all(data);
  op.operation().args.transfer.all = false;
  return op;
}

Result<void> TcpSocket::shutdown_write() noexcept {
  if (descriptor_ == nullptr) return fail(Code::closed);
  return io_->system().shutdown_write(*descriptor_);
}

void TcpSocket::close() noexcept {
  if (descriptor_ != nullptr) io_->detach(std::exchange(descriptor_, nullptr));
}

Endpoint TcpSocket::local() const { return descriptor_ != nullptr ? io_->system().local_of(*descriptor_) : Endpoint{}; }

Result<void> TcpSocket::set_no_delay(bool on) noexcept {
  if (descriptor_ == nullptr) return fail(Code::closed);
  if (!is_tcp(peer_)) return {};
  return io_->system().set_no_delay(*descriptor_, on);
}

// --- connect ---

Task<Result<TcpSocket>> connect(Io& io, Endpoint peer, ConnectOptions options) {
  sockaddr_storage address{};
  const std::uint32_t bytes = peer.to_system(&address);
  if (bytes == 0) co_return fail(Code::invalid, "no address");
  CO_TRY(descriptor, io.system().make_stream(io, peer));
  TcpSocket socket{io, descriptor, peer};
  if (options.no_delay) CO_CHECK_OK(socket.set_no_delay(true));
  Op<void> connecting{io, Kind::connect};
  connecting.operation().descriptor = descriptor;
  connecting.operation().args.address = {&address, bytes};
  auto connected = co_await connecting;
  if (!connected) co_return std::unexpected(with_peer(std::move(connected).error(), peer));
  co_return socket;
}

// --- TcpListener ---

TcpListener::TcpListener(Io& io, Descriptor* descriptor, Endpoint local, ListenOptions options) noexcept
    : io_{&io},
      descriptor_{descriptor},
      local_{std::move(local)},
      options_{options},
      spare_fd_{io.system().make_spare()} {}

TcpListener::TcpListener(TcpListener&& other) noexcept
    : io_{other.io_},
      descriptor_{std::exchange(other.descriptor_, nullptr)},
      local_{std::move(other.local_)},
      options_{other.options_},
      spare_fd_{std::exchange(other.spare_fd_, -1)} {}

TcpListener& TcpListener::operator=(TcpListener&& other) noexcept {
  std::swap(io_, other.io_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(local_, other.local_);
  std::swap(options_, other.options_);
  std::swap(spare_fd_, other.spare_fd_);
  return *this;
}

void TcpListener::close() noexcept {
  if (descriptor_ != nullptr) io_->detach(std::exchange(descriptor_, nullptr));
  if (spare_fd_ >= 0) io_->system().close(std::exchange(spare_fd_, -1));
}

Task<Result<TcpSocket>> TcpListener::accept() {
  if (descriptor_ == nullptr) co_return fail(Code::closed, "accept");
  sockaddr_storage address{};
  Op<void> accepting{*io_, Kind::accept};
  Operation& operation = accepting.operation();
  operation.descriptor = descriptor_;
  operation.args.address = {&address, sizeof address};
  const auto accepted = co_await accepting;
  if (!accepted) {
    if (accepted.error().code == Code::limit) io_->system().shed_one(*descriptor_, spare_fd_);
    co_return std::unexpected(accepted.error());
  }
  const auto peer = Endpoint::from_system(&address, operation.args.address.bytes);
  CO_TRY(descriptor, io_->system().take_accepted(*io_, operation, peer));
  TcpSocket socket{*io_, descriptor, peer};
  if (options_.no_delay) static_cast<void>(socket.set_no_delay(true));  // a peer that is gone already shows at the first read
  co_return socket;
}

Result<TcpListener> listen(Io& io, const Endpoint& local, ListenOptions options) {
  if (local.family() == Endpoint::Family::none) return fail(Code::invalid, "no address");
  TRY(listening, io.system().listen(io, local, options));
  return TcpListener{io, listening.descriptor, listening.local, options};
}

}  // namespace tablinum::io
