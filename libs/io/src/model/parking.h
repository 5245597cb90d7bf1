#pragma once
/// How a thread waits in the models that park.
#include "core/kernel_io.h"

namespace tablinum::io {

/// Sleeps until `wake_fd` is readable, `fd` (-1: none) is ready for the operation's direction, or `limit` has passed (negative:
/// without end). A spurious return is harmless: the caller looks again.
void wait_for_kernel(const Operation& operation, int fd, int wake_fd, Duration limit) noexcept;

/// The descriptor a socket operation waits for, -1 for other kinds.
inline int waited_fd(const Operation& operation) noexcept {
  return is_socket_kind(operation.kind) ? operation.descriptor->fd : -1;
}

/// Offloaded calls and files: the thread is there to be blocked. False: another kind.
bool run_on_this_thread(Operation& operation) noexcept;

}  // namespace tablinum::io
