#pragma once
/// Small owners and calls around file descriptors.
#include <utility>

#include "tablinum/base/error.h"

namespace tablinum::io {

/// Closes in its destructor.
class OwnedFd {
 public:
  OwnedFd() noexcept = default;
  explicit OwnedFd(int fd) noexcept : fd_{fd} {}
  OwnedFd(OwnedFd&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  OwnedFd& operator=(OwnedFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~OwnedFd();
  int get() const noexcept { return fd_; }
  int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

/// @error limit: no descriptors left.  io.
Result<OwnedFd> make_event_fd();
/// Makes an eventfd readable.
void signal_event(int fd) noexcept;
/// Makes it unreadable again.
void drain_event(int fd) noexcept;

}  // namespace tablinum::io
