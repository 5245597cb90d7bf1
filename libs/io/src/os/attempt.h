#pragma once
/// The system calls behind the operations. No waiting on sockets here: that is what the models differ in.
#include "tablinum/io/io.h"

namespace tablinum::io {

/// Pieces that one sendmsg gathers.
inline constexpr Size kGatherMax = 64;

/// Tries accept, connect, recv, send or read once (more often while `all` makes progress). True: finished, outcome set.
/// False: it would block; what was moved so far is in `result`.
bool attempt(Operation& operation) noexcept;

/// The same for datagrams (os/udp.cc).
bool attempt_receive_batch(Operation& operation) noexcept;
bool attempt_send_batch(Operation& operation) noexcept;

/// True if the operation waits for writability, false for readability.
inline bool waits_to_write(const Operation& operation) noexcept {
  return operation.kind == Kind::send || operation.kind == Kind::send_batch || operation.kind == Kind::connect;
}
inline bool is_socket_kind(Kind kind) noexcept { return kind >= Kind::accept && kind <= Kind::read; }
inline bool is_file_kind(Kind kind) noexcept { return kind >= Kind::open; }

/// Runs one of the file kinds to its end, blocking.
void run_file_operation(Operation& operation) noexcept;
/// read_at from the page cache only. True: finished.
bool attempt_cached_read(Operation& operation) noexcept;

}  // namespace tablinum::io
