#include "os/descriptor.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "os/errno.h"

namespace tablinum::io {

OwnedFd::~OwnedFd() {
  if (fd_ >= 0) ::close(fd_);
}

Result<OwnedFd> make_event_fd() {
  OwnedFd fd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (fd.get() < 0) return fail_errno(errno, "eventfd");
  return fd;
}

void signal_event(int fd) noexcept {
  const std::uint64_t one = 1;
  // It fails only when the counter is full, and then the descriptor is readable anyway.
  [[maybe_unused]] const auto written = ::write(fd, &one, sizeof one);
}

void drain_event(int fd) noexcept {
  std::uint64_t count;
  [[maybe_unused]] const auto got = ::read(fd, &count, sizeof count);
}

}  // namespace tablinum::io
