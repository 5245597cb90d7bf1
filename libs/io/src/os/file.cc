#include "tablinum/io/file.h"

#include <fcntl.h>

#include <algorithm>

#include "os/system.h"

namespace tablinum::io {
namespace {

Op<Size> on_path(Io& io, Kind kind, const std::string& path) noexcept {
  Op<Size> op{io, kind};
  op.operation().args.file = {path.c_str(), nullptr, nullptr, 0, 0, 0};
  return op;
}

Op<Size> on_file(Io& io, Kind kind, int fd) noexcept {
  Op<Size> op{io, kind};
  op.operation().fd = fd;
  op.operation().args.file = {nullptr, nullptr, nullptr, 0, 0, 0};
  return op;
}

Op<Size> on_piece(Io& io, Kind kind, int fd, std::uint64_t offset, const std::byte* data, Size count) noexcept {
  auto op = on_file(io, kind, fd);
  op.operation().args.file.offset = offset;
  op.operation().args.file.data = const_cast<std::byte*>(data);
  op.operation().args.file.count = count;
  return op;
}

Result<void> without_value(Result<Size> result) {
  if (!result) return std::unexpected(std::move(result).error());
  return {};
}

Result<std::uint32_t> flags_of(const OpenOptions& options) {
  const bool needs_write = options.create || options.create_new || options.truncate;
  if (needs_write && !options.write) return fail(Code::invalid, "create and truncate need write");
  int flags = options.write ? O_RDWR : O_RDONLY;
  if (options.create) flags |= O_CREAT;
  if (options.create_new) flags |= O_CREAT | O_EXCL;
  if (options.truncate) flags |= O_TRUNC;
  if (!options.follow_links) flags |= O_NOFOLLOW;
  return static_cast<std::uint32_t>(flags);
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Task<Result<File>> open_with_flags(Io& io, std::string path, std::uint32_t flags, std::uint32_t mode) {
  auto opening = on_path(io, Kind::open, path);
  opening.operation().args.file.flags = flags;
  opening.operation().args.file.count = mode;
  CO_CHECK_OK(co_await opening);
  co_return File{io, opening.operation().fd};
}

/// A name beside `path` that no other writer uses.
std::string temporary_name(Io& io, const std::string& path) {
  std::array<std::byte, 8> random;
  io.fill_random(random);
  return path + ".tmp-" + to_hex(random);
}

Task<Result<void>> write_new_file(Io& io, std::string path, ByteView data, std::uint32_t mode) {
  OpenOptions options;
  options.write = options.create_new = true;
  options.mode = mode;
  CO_TRY(file, co_await open(io, path, options));
  CO_CHECK_OK(co_await file.write_at(0, data));
  co_return co_await file.sync(SyncKind::full);
}

}  // namespace

// --- File ---

File::File(Io& io, int fd) noexcept : io_{&io}, system_{&io.system()}, fd_{fd} {}

File& File::operator=(File&& other) noexcept {
  std::swap(io_, other.io_);
  std::swap(system_, other.system_);
  std::swap(fd_, other.fd_);
  return *this;
}

void File::close() noexcept {
  if (fd_ >= 0) system_->close(std::exchange(fd_, -1));
}

Task<Result<Size>> File::read_at(std::uint64_t offset, MutableBytes buffer) {
  if (fd_ < 0) co_return fail(Code::closed, "read_at");
  Size moved = 0;
  while (moved < buffer.size()) {
    const Size wanted = std::min(buffer.size() - moved, kFilePieceBytesMax);
    CO_TRY(got, co_await on_piece(*io_, Kind::read_at, fd_, offset + moved, buffer.data() + moved, wanted));
    moved += got;
    if (got < wanted) break;
  }
  co_return moved;
}

Task<Result<void>> File::write_at(std::uint64_t offset, ByteView data) {
  if (fd_ < 0) co_return fail(Code::closed, "write_at");
  while (!data.empty()) {
    const Size count = std::min(data.size(), kFilePieceBytesMax);
    CO_CHECK_OK(co_await on_piece(*io_, Kind::write_at, fd_, offset, data.data(), count));
    offset += count;
    data = data.subspan(count);
  }
  co_return {};
}

Task<Result<void>> File::sync(SyncKind kind) {
  if (fd_ < 0) co_return fail(Code::closed, "sync");
  auto op = on_file(*io_, Kind::sync, fd_);
  op.operation().args.file.flags = kind == SyncKind::data ? 1 : 0;
  co_return without_value(co_await op);
}

Task<Result<void>> File::truncate(std::uint64_t bytes) {
  if (fd_ < 0) co_return fail(Code::closed, "truncate");
  auto op = on_file(*io_, Kind::truncate, fd_);
  op.operation().args.file.offset = bytes;
  co_return without_value(co_await op);
}

Task<Result<FileStat>> File::stat() {
  if (fd_ < 0) co_return fail(Code::closed, "stat");
  FileStat status;
  auto op = on_file(*io_, Kind::stat, fd_);
  op.operation().args.file.data = &status;
  CO_CHECK_OK(co_await op);
  co_return status;
}

// --- paths ---

Task<Result<File>> open(Io& io, std::string path, OpenOptions options) {
  CO_TRY(flags, flags_of(options));
  co_return co_await open_with_flags(io, std::move(path), flags, options.mode);
}

Task<Result<FileStat>> stat(Io& io, std::string path) {
  FileStat status;
  auto op = on_path(io, Kind::stat, path);
  op.operation().args.file.data = &status;
  CO_CHECK_OK(co_await op);
  co_return status;
}

Task<Result<std::vector<std::string>>> list(Io& io, std::string path) {
  std::vector<std::string> names;
  auto op = on_path(io, Kind::list, path);
  op.operation().args.file.data = &names;
  op.operation().args.file.count = kDirectoryEntriesMax;
  CO_CHECK_OK(co_await op);
  std::ranges::sort(names);
  co_return names;
}

Task<Result<void>> rename(Io& io, std::string from, std::string to) {
  auto op = on_path(io, Kind::rename, from);
  op.operation().args.file.other_path = to.c_str();
  co_return without_value(co_await op);
}

Task<Result<void>> remove(Io& io, std::string path) {
  co_return without_value(co_await on_path(io, Kind::unlink, path));
}

Task<Result<void>> make_directory(Io& io, std::string path, std::uint32_t mode) {
  auto op = on_path(io, Kind::mkdir, path);
  op.operation().args.file.flags = mode;
  co_return without_value(co_await op);
}

Task<Result<void>> sync_directory(Io& io, std::string path) {
  CO_TRY(directory, co_await open_with_flags(io, std::move(path), O_RDONLY | O_DIRECTORY, 0));
  co_return co_await directory.sync(SyncKind::full);
}

Task<Result<Bytes>> read_file(Io& io, std::string path, Size bytes_max) {
  CO_TRY(file, co_await open(io, path));
  CO_TRY(status, co_await file.stat());
  if (status.bytes > bytes_max) co_return fail(Code::too_large, path);
  // One byte more than it says, so that a file that grows meanwhile is noticed instead of cut off.
  Bytes content(static_cast<Size>(status.bytes) + 1);
  CO_TRY(got, co_await file.read_at(0, content));
  if (got > status.bytes) co_return fail(Code::busy, path + " grows while it is read");
  content.resize(got);
  co_return content;
}

Task<Result<void>> replace_atomically(Io& io, std::string path, ByteView data, std::uint32_t mode) {
  const std::string temporary = temporary_name(io, path);
  auto written = co_await write_new_file(io, temporary, data, mode);
  if (written) written = co_await rename(io, temporary, path);
  if (!written) {
    io.system().unlink_now(temporary.c_str());  // here and now: after a cancellation no operation runs any more
    co_return written;
  }
  co_return co_await sync_directory(io, directory_of(path));
}

}  // namespace tablinum::io
