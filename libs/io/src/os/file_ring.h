#pragma once
/// Reads, writes and syncs of files through io_uring: no thread is woken, and what lies in the page cache is done in the system call
/// that hands it over.  io_uring(7), liburing.
#include <liburing.h>

#include <functional>
#include <memory>

#include "tablinum/io/io.h"

namespace tablinum::io {

/// Used by one thread.
class FileRing {
 public:
  /// Null: the kernel has none, or a filter forbids it (containers often do).
  static std::unique_ptr<FileRing> make();
  ~FileRing() { ::io_uring_queue_exit(&ring_); }
  FileRing(const FileRing&) = delete;
  FileRing& operator=(const FileRing&) = delete;

  static bool takes(Kind kind) noexcept { return kind == Kind::read_at || kind == Kind::write_at || kind == Kind::sync; }
  /// Readable when something has ended.
  int fd() const noexcept { return ring_.ring_fd; }

  /// False: too many are on their way. From here on a cancellation is only noted (Operation::interrupted): the kernel owns the
  /// buffer until it has answered.
  bool submit(Operation& operation) noexcept;
  /// Hands over what was submitted. Once a pass.
  void flush() noexcept;
  /// Calls `done` for each operation that has ended; its outcome is set.
  void reap(const std::function<void(Operation&)>& done);

 private:
  explicit FileRing(const io_uring& ring) noexcept : ring_{ring} {}
  void prepare(Operation& operation) noexcept;
  /// False: the rest of it is on its way.
  bool take(Operation& operation, std::int32_t outcome) noexcept;

  io_uring ring_;
  unsigned in_flight_ = 0;
  unsigned prepared_ = 0;
};

}  // namespace tablinum::io
