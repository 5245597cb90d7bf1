#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

#include "os/attempt.h"
#include "os/errno.h"
#include "tablinum/io/file.h"

namespace tablinum::io {
namespace {

/// Repeats what a signal interrupted; sets the outcome of a failure. Returns what the call returned.
template <class Call>
auto checked(Operation& operation, Call call) noexcept {
  auto outcome = call();
  while (outcome < 0 && errno == EINTR) outcome = call();
  if (outcome < 0) operation.set(code_of_errno(errno), errno);
  return outcome;
}

void read_piece(Operation& operation) noexcept {
  auto& file = operation.args.file;
  auto* data = static_cast<std::byte*>(file.data);
  while (static_cast<Size>(operation.result) < file.count) {
    const auto moved = static_cast<Size>(operation.result);
    const auto got = checked(operation, [&] {
      return ::pread(operation.fd, data + moved, file.count - moved, static_cast<off_t>(file.offset + moved));
    });
    if (got <= 0) return;
    operation.result += got;
  }
}

void write_piece(Operation& operation) noexcept {
  auto& file = operation.args.file;
  const auto* data = static_cast<const std::byte*>(file.data);
  while (static_cast<Size>(operation.result) < file.count) {
    const auto moved = static_cast<Size>(operation.result);
    const auto put = checked(operation, [&] {
      return ::pwrite(operation.fd, data + moved, file.count - moved, static_cast<off_t>(file.offset + moved));
    });
    if (put < 0) return;
    operation.result += put;
  }
}

FileType type_of(mode_t mode) noexcept {
  if (S_ISREG(mode)) return FileType::regular;
  if (S_ISDIR(mode)) return FileType::directory;
  return S_ISLNK(mode) ? FileType::symbolic_link : FileType::other;
}

void read_status(Operation& operation) noexcept {
  struct stat status{};
  const auto& file = operation.args.file;
  const int outcome = checked(operation, [&] {
    return file.path != nullptr ? ::stat(file.path, &status) : ::fstat(operation.fd, &status);
  });
  if (outcome < 0) return;
  auto& out = *static_cast<FileStat*>(file.data);
  out.type = type_of(status.st_mode);
  out.bytes = static_cast<std::uint64_t>(status.st_size);
  out.modified = Timestamp{status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1'000'000};
  out.mode = status.st_mode & 07777;
}

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

void read_names(Operation& operation, DIR* directory) {
  auto& names = *static_cast<std::vector<std::string>*>(operation.args.file.data);
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(directory);
    if (entry == nullptr) {
      if (errno != 0) operation.set(code_of_errno(errno), errno);
      return;
    }
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (names.size() == operation.args.file.count) return operation.set(Code::limit);
    names.emplace_back(name);
  }
}

void list_directory(Operation& operation) noexcept {
  const std::unique_ptr<DIR, CloseDirectory> directory{::opendir(operation.args.file.path)};
  if (directory == nullptr) return operation.set(code_of_errno(errno), errno);
  try {
    read_names(operation, directory.get());
  } catch (const std::bad_alloc&) {
    operation.set(Code::limit);
  }
}

void open_file(Operation& operation) noexcept {
  const auto& file = operation.args.file;
  operation.fd = checked(operation, [&] {
    return ::open(file.path, static_cast<int>(file.flags) | O_CLOEXEC, static_cast<mode_t>(file.count));
  });
}

}  // namespace

void run_file_operation(Operation& operation) noexcept {
  const auto& file = operation.args.file;
  switch (operation.kind) {
    case Kind::open:
      return open_file(operation);
    case Kind::read_at:
      return read_piece(operation);
    case Kind::write_at:
      return write_piece(operation);
    case Kind::sync:
      checked(operation, [&] { return file.flags != 0 ? ::fdatasync(operation.fd) : ::fsync(operation.fd); });
      return;
    case Kind::truncate:
      checked(operation, [&] { return ::ftruncate(operation.fd, static_cast<off_t>(file.offset)); });
      return;
    case Kind::stat:
      return read_status(operation);
    case Kind::rename:
      checked(operation, [&] { return ::rename(file.path, file.other_path); });
      return;
    case Kind::unlink:
      checked(operation, [&] { return ::remove(file.path); });
      return;
    case Kind::mkdir:
      checked(operation, [&] { return ::mkdir(file.path, static_cast<mode_t>(file.flags)); });
      return;
    case Kind::list:
      return list_directory(operation);
    default:
      return operation.set(Code::internal);
  }
}

bool attempt_cached_read(Operation& operation) noexcept {
  const auto& file = operation.args.file;
  const iovec vector{file.data, file.count};
  const auto got = ::preadv2(operation.fd, &vector, 1, static_cast<off_t>(file.offset), RWF_NOWAIT);
  // A short count may be the end of the file or the end of what is cached: only a blocking read can tell.
  if (got < 0 || (got > 0 && static_cast<Size>(got) < file.count)) return false;
  operation.result = got;
  return true;
}

}  // namespace tablinum::io
