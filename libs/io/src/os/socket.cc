#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "os/descriptor.h"
#include "os/errno.h"
#include "tablinum/io/net.h"

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
  if (::shutdown(descriptor_->fd, SHUT_WR) < 0) return fail_errno(errno, "shutdown");
  return {};
}

void TcpSocket::close() noexcept {
  if (descriptor_ != nullptr) io_->detach(std::exchange(descriptor_, nullptr));
}

Endpoint TcpSocket::local() const { return descriptor_ != nullptr ? local_of(descriptor_->fd) : Endpoint{}; }

Result<void> TcpSocket::set_no_delay(bool on) noexcept {
  if (descriptor_ == nullptr) return fail(Code::closed);
  if (!is_tcp(peer_)) return {};
  return set_option(descriptor_->fd, IPPROTO_TCP, TCP_NODELAY, on, "TCP_NODELAY");
}

// --- connect ---

Task<Result<TcpSocket>> connect(Io& io, Endpoint peer, ConnectOptions options) {
  sockaddr_storage address{};
  const std::uint32_t bytes = peer.to_system(&address);
  if (bytes == 0) co_return fail(Code::invalid, "no address");
  CO_TRY(fd, make_socket(peer));
  CO_TRY(descriptor, io.attach(fd.release(), is_tcp(peer)));
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
      spare_fd_{::open("/dev/null", O_RDONLY | O_CLOEXEC)} {}

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
  if (spare_fd_ >= 0) ::close(std::exchange(spare_fd_, -1));
}

// Without a free descriptor the connection would stay in the queue, and an edge-triggered reactor would never hear of it again.
void TcpListener::shed_one() noexcept {
  if (spare_fd_ < 0) return;
  ::close(spare_fd_);
  OwnedFd{::accept4(descriptor_->fd, nullptr, nullptr, SOCK_CLOEXEC)};
  spare_fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
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
    if (accepted.error().code == Code::limit) shed_one();
    co_return std::unexpected(accepted.error());
  }
  const auto peer = Endpoint::from_system(&address, operation.args.address.bytes);
  CO_TRY(descriptor, io_->attach(operation.fd, is_tcp(peer)));
  TcpSocket socket{*io_, descriptor, peer};
  if (options_.no_delay) static_cast<void>(socket.set_no_delay(true));  // a peer that is gone already shows at the first read
  co_return socket;
}

Result<TcpListener> listen(Io& io, const Endpoint& local, ListenOptions options) {
  sockaddr_storage address{};
  const std::uint32_t bytes = local.to_system(&address);
  if (bytes == 0) return fail(Code::invalid, "no address");
  TRY(fd, make_socket(local));
  CHECK_OK(set_listen_options(fd.get(), local, options));
  if (!is_tcp(local) && options.replace_path) remove_stale_socket(local.host());
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), bytes) < 0) {
    return fail_errno(errno, "bind " + local.to_string());
  }
  if (::listen(fd.get(), std::min(options.backlog, kBacklogMax)) < 0) return fail_errno(errno, "listen " + local.to_string());
  const auto bound = local_of(fd.get());
  TRY(descriptor, io.attach(fd.release(), false));
  return TcpListener{io, descriptor, bound, options};
}

}  // namespace tablinum::io
