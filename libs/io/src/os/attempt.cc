#include "os/attempt.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "os/errno.h"

namespace tablinum::io {
namespace {

bool would_block(int error) noexcept { return error == EAGAIN || error == EWOULDBLOCK; }

/// Sets the outcome of a failed call. False if the call should wait (the caller repeats EINTR).
bool finish_failed(Operation& operation, int error) noexcept {
  if (would_block(error)) return false;
  operation.set(code_of_errno(error), error);
  return true;
}

template <class Call>
auto uninterrupted(Call call) noexcept {
  auto outcome = call();
  while (outcome < 0 && errno == EINTR) outcome = call();
  return outcome;
}

bool attempt_receive(Operation& operation) noexcept {
  Operation::Transfer& transfer = operation.args.transfer;
  Descriptor& descriptor = *operation.descriptor;
  for (;;) {
    const auto moved = static_cast<Size>(operation.result);
    if (moved == transfer.count) return true;
    const Size wanted = transfer.count - moved;
    const auto got = uninterrupted([&] {
      return operation.kind == Kind::read ? ::read(descriptor.fd, transfer.data + moved, wanted)
                                          : ::recv(descriptor.fd, transfer.data + moved, wanted, 0);
    });
    if (got < 0) return finish_failed(operation, errno);
    if (got == 0) {
      if (transfer.all) operation.set(Code::closed);
      return true;
    }
    operation.result += got;
    descriptor.drained = descriptor.stream && static_cast<Size>(got) < wanted;
    if (!transfer.all) return true;
    if (descriptor.drained && !descriptor.hung_up) return static_cast<Size>(operation.result) == transfer.count;
  }
}

/// Steps over `sent` bytes of the pieces.
void advance_pieces(Operation::Transfer& transfer, Size sent) noexcept {
  while (transfer.count > 0 && sent >= transfer.pieces->size() - transfer.piece_offset) {
    sent -= transfer.pieces->size() - transfer.piece_offset;
    ++transfer.pieces;
    --transfer.count;
    transfer.piece_offset = 0;
  }
  transfer.piece_offset += sent;
}

ssize_t send_pieces(int fd, const Operation::Transfer& transfer) noexcept {
  if (transfer.count == 1) {
    // The usual case; the system copies no vectors in.
    const ByteView piece = transfer.pieces->subspan(transfer.piece_offset);
    return uninterrupted([&] { return ::send(fd, piece.data(), piece.size(), MSG_NOSIGNAL); });
  }
  std::array<iovec, kGatherMax> vectors;
  const Size count = std::min(transfer.count, kGatherMax);
  for (Size i = 0; i < count; ++i) {
    const ByteView piece = transfer.pieces[i].subspan(i == 0 ? transfer.piece_offset : 0);
    vectors[i] = {const_cast<std::byte*>(piece.data()), piece.size()};
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  return uninterrupted([&] { return ::sendmsg(fd, &message, MSG_NOSIGNAL); });
}

bool attempt_send(Operation& operation) noexcept {
  Operation::Transfer& transfer = operation.args.transfer;
  while (transfer.count > 0 && transfer.pieces[transfer.count - 1].empty()) --transfer.count;
  advance_pieces(transfer, 0);  // empty ones at the beginning
  while (transfer.count > 0) {
    const auto sent = send_pieces(operation.descriptor->fd, transfer);
    if (sent < 0) return finish_failed(operation, errno);
    operation.result += sent;
    advance_pieces(transfer, static_cast<Size>(sent));
    if (!transfer.all) return true;
  }
  return true;
}

bool attempt_accept(Operation& operation) noexcept {
  for (;;) {
    auto* address = static_cast<sockaddr*>(operation.args.address.address);
    socklen_t bytes = sizeof(sockaddr_storage);
    const int fd = ::accept4(operation.descriptor->fd, address, &bytes, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      operation.fd = fd;
      operation.args.address.bytes = bytes;
      return true;
    }
    // Errors of that one connection, which is gone (accept(2), "Error handling").
    const bool skip = errno == EINTR || errno == ECONNABORTED || errno == EPROTO || errno == ENETDOWN || errno == ENOPROTOOPT ||
                      errno == EHOSTDOWN || errno == ENONET || errno == EHOSTUNREACH || errno == EOPNOTSUPP || errno == ENETUNREACH;
    if (!skip) return finish_failed(operation, errno);
  }
}

bool attempt_connect(Operation& operation) noexcept {
  Operation::Address& address = operation.args.address;
  if (address.bytes > 0) {
    const auto bytes = static_cast<socklen_t>(std::exchange(address.bytes, 0));
    if (::connect(operation.descriptor->fd, static_cast<const sockaddr*>(address.address), bytes) == 0) return true;
    // EINTR too means that it goes on in the background. A full Unix backlog answers EAGAIN, which no event would end.
    if (errno == EINPROGRESS || errno == EINTR) return false;
    operation.set(errno == EAGAIN ? Code::refused : code_of_errno(errno), errno);
    return true;
  }
  int error = 0;
  socklen_t bytes = sizeof error;
  ::getsockopt(operation.descriptor->fd, SOL_SOCKET, SO_ERROR, &error, &bytes);
  if (error != 0) {
    operation.set(code_of_errno(error), error);
    return true;
  }
  sockaddr_storage peer;
  bytes = sizeof peer;
  return ::getpeername(operation.descriptor->fd, reinterpret_cast<sockaddr*>(&peer), &bytes) == 0;
}

bool attempt_wait(Operation& operation) noexcept {
  siginfo_t info{};
  const int waited = uninterrupted([&] {
    return ::waitid(P_PIDFD, static_cast<id_t>(operation.descriptor->fd), &info, WEXITED | WNOHANG);
  });
  if (waited < 0) return finish_failed(operation, errno);
  if (info.si_pid == 0) return false;
  operation.result = static_cast<std::int64_t>(info.si_code) << 32 | info.si_status;
  return true;
}

}  // namespace

bool attempt(Operation& operation) noexcept {
  switch (operation.kind) {
    case Kind::accept:
      return attempt_accept(operation);
    case Kind::connect:
      return attempt_connect(operation);
    case Kind::send:
      return attempt_send(operation);
    case Kind::wait_process:
      return attempt_wait(operation);
    case Kind::receive_batch:
      return attempt_receive_batch(operation);
    case Kind::send_batch:
      return attempt_send_batch(operation);
    default:
      return attempt_receive(operation);
  }
}

}  // namespace tablinum::io
