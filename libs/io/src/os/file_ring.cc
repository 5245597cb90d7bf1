#include "os/file_ring.h"

#include <cerrno>

#include "os/errno.h"

namespace tablinum::io {
namespace {

/// The queue of answers is twice as long, so none is ever lost.
constexpr unsigned kEntries = 256;

bool knows_all(io_uring& ring) noexcept {
  io_uring_probe* probe = ::io_uring_get_probe_ring(&ring);
  if (probe == nullptr) return false;
  const bool all = io_uring_opcode_supported(probe, IORING_OP_READ) != 0 && io_uring_opcode_supported(probe, IORING_OP_WRITE) != 0 &&
                   io_uring_opcode_supported(probe, IORING_OP_FSYNC) != 0;
  ::io_uring_free_probe(probe);
  return all;
}

}  // namespace

std::unique_ptr<FileRing> FileRing::make() {
  io_uring ring{};
  if (::io_uring_queue_init(kEntries, &ring, 0) != 0) return nullptr;
  if (!knows_all(ring)) {
    ::io_uring_queue_exit(&ring);
    return nullptr;
  }
  return std::unique_ptr<FileRing>{new FileRing{ring}};
}

bool FileRing::submit(Operation& operation) noexcept {
  if (in_flight_ == kEntries) return false;
  ++in_flight_;
  operation.in_call = true;
  prepare(operation);
  return true;
}

void FileRing::prepare(Operation& operation) noexcept {
  io_uring_sqe* entry = ::io_uring_get_sqe(&ring_);
  assert(entry != nullptr);  // there are as many as may be in flight
  const auto& file = operation.args.file;
  const auto moved = static_cast<Size>(operation.result);
  auto* const data = static_cast<std::byte*>(file.data) + moved;
  const auto count = static_cast<unsigned>(file.count - moved);
  switch (operation.kind) {
    case Kind::read_at: ::io_uring_prep_read(entry, operation.fd, data, count, file.offset + moved); break;
    case Kind::write_at: ::io_uring_prep_write(entry, operation.fd, data, count, file.offset + moved); break;
    default: ::io_uring_prep_fsync(entry, operation.fd, file.flags != 0 ? IORING_FSYNC_DATASYNC : 0); break;
  }
  ::io_uring_sqe_set_data(entry, &operation);
  ++prepared_;
}

void FileRing::flush() noexcept {
  while (prepared_ > 0) {
    const int taken = ::io_uring_submit(&ring_);
    if (taken == -EINTR) continue;
    if (taken <= 0) return;  // the kernel is short of memory: again at the next pass
    prepared_ -= static_cast<unsigned>(taken);
  }
}

bool FileRing::take(Operation& operation, std::int32_t outcome) noexcept {
  const bool again = outcome == -EINTR || outcome == -EAGAIN;
  if (outcome < 0 && !again) {
    operation.set(code_of_errno(-outcome), -outcome);
    return true;
  }
  if (!again) {
    operation.result += operation.kind == Kind::sync ? 0 : outcome;
    const bool whole = operation.kind == Kind::sync || outcome == 0 || static_cast<Size>(operation.result) == operation.args.file.count;
    if (whole) return true;
  }
  if (operation.interrupted != Code{}) {
    operation.set(operation.interrupted);
    return true;
  }
  prepare(operation);
  return false;
}

void FileRing::reap(const std::function<void(Operation&)>& done) {
  io_uring_cqe* answer = nullptr;
  while (::io_uring_peek_cqe(&ring_, &answer) == 0) {
    auto& operation = *static_cast<Operation*>(::io_uring_cqe_get_data(answer));
    const std::int32_t outcome = answer->res;
    ::io_uring_cqe_seen(&ring_, answer);
    if (!take(operation, outcome)) continue;
    --in_flight_;
    operation.in_call = false;
    done(operation);
  }
}

}  // namespace tablinum::io
