/// PartialOutput on a plain file: PATH.partial, locked while somebody works on it.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tablinum/seal/sealed_file.h"

namespace tablinum::seal {
namespace {

Code code_of(int error) noexcept {
  switch (error) {
    case ENOENT:
    case ENOTDIR: return Code::not_found;
    case EACCES:
    case EPERM:
    case EROFS: return Code::denied;
    case EEXIST: return Code::exists;
    case EWOULDBLOCK: return Code::busy;
    case EISDIR:
    case ELOOP: return Code::invalid;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return Code::no_space;
    default: return Code::io;
  }
}

std::unexpected<Error> failed(const std::string& path, int error) { return fail(code_of(error), path + ": " + std::strerror(error)); }

class Kept final : public RandomAccess {
 public:
  explicit Kept(int fd) noexcept : fd_{fd} {}
  std::uint64_t size() const noexcept override { return size_; }
  Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override {
    std::size_t done = 0;
    while (done < into.size()) {
      const ssize_t got = pread(fd_, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
      if (got == 0) break;
      if (got > 0)
        done += static_cast<std::size_t>(got);
      else if (errno != EINTR)
        return fail(Code::io, std::strerror(errno));
    }
    return done;
  }
  void set_size(std::uint64_t size) noexcept { size_ = size; }

 private:
  int fd_;
  std::uint64_t size_ = 0;
};

class PartialFile final : public PartialOutput {
 public:
  PartialFile(int fd, std::string path, std::string partial, const SinkOptions& options, std::uint64_t size)
      : fd_{fd}, path_{std::move(path)}, partial_{std::move(partial)}, options_{options}, kept_{fd}, place_{size} {
    kept_.set_size(size);
  }
  ~PartialFile() override { close(fd_); }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  const RandomAccess& kept() const noexcept override { return kept_; }

  Result<void> keep(std::uint64_t bytes) override {
    if (ftruncate(fd_, static_cast<off_t>(bytes)) != 0) return failed(partial_, errno);
    kept_.set_size(bytes);
    place_ = bytes;
    return {};
  }

  Result<void> rewrite_begin(ByteView bytes) override { return write_at(0, bytes); }

  Result<void> write(ByteView bytes) override {
    CHECK_OK(write_at(place_, bytes));
    place_ += bytes.size();
    return {};
  }

  Result<void> finish() override {
    if (options_.durable && fsync(fd_) != 0) return failed(partial_, errno);
    const unsigned flags = options_.existing == Existing::refuse ? RENAME_NOREPLACE : 0;
    if (renameat2(AT_FDCWD, partial_.c_str(), AT_FDCWD, path_.c_str(), flags) != 0) return failed(path_, errno);
    return {};
  }

 private:
  Result<void> write_at(std::uint64_t place, ByteView bytes) {
    while (!bytes.empty()) {
      const ssize_t put = pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(place));
      if (put >= 0) {
        bytes = bytes.subspan(static_cast<std::size_t>(put));
        place += static_cast<std::uint64_t>(put);
      } else if (errno != EINTR) {
        return failed(partial_, errno);
      }
    }
    return {};
  }

  int fd_;
  std::string path_, partial_;
  SinkOptions options_;
  Kept kept_;
  std::uint64_t place_;
};

/// Whether the open file still stands under its name: another process may have finished it before we had the lock.
bool is_at(const std::string& path, const struct stat& opened) noexcept {
  struct stat named{};
  return stat(path.c_str(), &named) == 0 && named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

/// Locks the file and looks whether it is ours to go on with.  @return 0, or an errno.
int lock_own(int fd, const std::string& path, struct stat& status) noexcept {
  if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &status) != 0) return errno;
  if (!S_ISREG(status.st_mode) || status.st_uid != geteuid()) return EACCES;  // laid there by somebody else
  return is_at(path, status) ? 0 : EWOULDBLOCK;
}

}  // namespace

Result<std::unique_ptr<PartialOutput>> open_partial(const std::string& path, const SinkOptions& options) {
  struct stat status{};
  if (options.existing == Existing::refuse && stat(path.c_str(), &status) == 0) return failed(path, EEXIST);
  const std::string partial = path + ".partial";
  const int fd = ::open(partial.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, options.mode);
  if (fd < 0) return failed(partial, errno);
  if (const int error = lock_own(fd, partial, status); error != 0) {
    close(fd);
    return failed(partial, error);
  }
  return std::make_unique<PartialFile>(fd, path, partial, options, static_cast<std::uint64_t>(status.st_size));
}

}  // namespace tablinum::seal
