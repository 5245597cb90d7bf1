#include "tablinum/base/stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "tablinum/base/crypto.h"

namespace tablinum {
namespace {

constexpr std::size_t kReadStep = 64 * 1024;

Code code_of(int error) noexcept {
  switch (error) {
    case ENOENT:
    case ENOTDIR: return Code::not_found;
    case EACCES:
    case EPERM:
    case EROFS: return Code::denied;
    case EEXIST: return Code::exists;
    case EISDIR: return Code::invalid;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return Code::no_space;
    case EPIPE: return Code::closed;
    default: return Code::io;
  }
}

std::unexpected<Error> failed(const std::string& path, int error) {
  return fail(code_of(error), fmt::format("{}: {}", path, std::strerror(error)));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_{fd} {}
  ~Descriptor() {
    if (fd_ > STDERR_FILENO) close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  Descriptor(const Descriptor&) = delete;
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

class FileSource final : public Source {
 public:
  FileSource(Descriptor file, std::string path) : file_{std::move(file)}, path_{std::move(path)} {}
  Result<std::size_t> read(MutableBytes into) override {
    for (;;) {
      const ssize_t got = ::read(file_.get(), into.data(), into.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return failed(path_, errno);
    }
  }

 private:
  Descriptor file_;
  std::string path_;
};

class ReadableFile final : public RandomAccess {
 public:
  ReadableFile(Descriptor file, std::string path, std::uint64_t size) : file_{std::move(file)}, path_{std::move(path)}, size_{size} {}
  std::uint64_t size() const noexcept override { return size_; }
  Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override {
    std::size_t done = 0;
    while (done < into.size()) {
      const ssize_t got = pread(file_.get(), into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
      if (got == 0) break;
      if (got > 0)
        done += static_cast<std::size_t>(got);
      else if (errno != EINTR)
        return failed(path_, errno);
    }
    return done;
  }

 private:
  Descriptor file_;
  std::string path_;
  std::uint64_t size_;
};

Result<void> write_all(int fd, const std::string& path, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put >= 0)
      bytes = bytes.subspan(static_cast<std::size_t>(put));
    else if (errno != EINTR)
      return failed(path, errno);
  }
  return {};
}

class OutputSink final : public Sink {
 public:
  Result<void> write(ByteView bytes) override { return write_all(STDOUT_FILENO, "standard output", bytes); }
};

/// A pipe or a device that stands at the path: nothing to replace, nothing to take back.
class DeviceSink final : public Sink {
 public:
  DeviceSink(Descriptor file, std::string path) : file_{std::move(file)}, path_{std::move(path)} {}
  Result<void> write(ByteView bytes) override { return write_all(file_.get(), path_, bytes); }

 private:
  Descriptor file_;
  std::string path_;
};

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

class FileSink final : public Sink {
 public:
  FileSink(Descriptor file, std::string path, std::string temporary, SinkOptions options)
      : file_{std::move(file)}, path_{std::move(path)}, temporary_{std::move(temporary)}, options_{options} {}
  ~FileSink() override {
    if (!temporary_.empty()) unlink(temporary_.c_str());
  }

  Result<void> write(ByteView bytes) override { return write_all(file_.get(), path_, bytes); }

  Result<void> finish() override {
    if (options_.durable && fsync(file_.get()) != 0) return failed(path_, errno);
    CHECK_OK(name_it());
    if (options_.durable) return sync_folder();
    return {};
  }

 private:
  /// Gives an unnamed file a temporary name (link() cannot replace), then the one that was asked for.
  Result<void> name_it() {
    if (temporary_.empty()) {
      const std::string self = fmt::format("/proc/self/fd/{}", file_.get());
      if (options_.existing == Existing::refuse) {
        if (linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path_.c_str(), AT_SYMLINK_FOLLOW) != 0) return failed(path_, errno);
        return {};
      }
      std::string name = temporary_name();
      if (linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) != 0) return failed(path_, errno);
      temporary_ = std::move(name);
    }
    const int renamed = options_.existing == Existing::refuse
                            ? renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE)
                            : rename(temporary_.c_str(), path_.c_str());
    if (renamed != 0) return failed(path_, errno);
    temporary_.clear();
    return {};
  }

  Result<void> sync_folder() {
    const Descriptor folder{open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (folder.get() < 0 || fsync(folder.get()) != 0) return failed(folder_of(path_), errno);
    return {};
  }

  std::string temporary_name() const {
    std::array<std::byte, 6> random;
    fill_random(random);
    return path_ + ".part-" + to_hex(random);
  }

  friend Result<std::unique_ptr<Sink>> tablinum::create_sink(const std::string& path, const SinkOptions& options);
  Descriptor file_;
  std::string path_;
  std::string temporary_;  // empty: the file has no name yet, or its own
  SinkOptions options_;
};

Result<Descriptor> open_for_reading(const std::string& path) {
  Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.get() < 0) return failed(path, errno);
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return failed(path, errno);
  if (S_ISDIR(status.st_mode)) return failed(path, EISDIR);
  return file;
}

}  // namespace

Result<std::size_t> read_full(Source& source, MutableBytes into) {
  std::size_t done = 0;
  while (done < into.size()) {
    TRY(got, source.read(into.subspan(done)));
    if (got == 0) break;
    done += got;
  }
  return done;
}

Result<Bytes> read_all(Source& source, std::size_t bytes_max) {
  Bytes all;
  for (;;) {
    const std::size_t before = all.size();
    all.resize(before + std::min(std::max(before, kReadStep), bytes_max + 1 - before));
    TRY(got, read_full(source, MutableBytes{all}.subspan(before)));
    const bool ended = before + got < all.size();
    all.resize(before + got);
    if (all.size() > bytes_max) return fail(Code::too_large, fmt::format("more than {} bytes", bytes_max));
    if (ended) return all;
  }
}

Result<void> read_exactly_at(const RandomAccess& file, std::uint64_t offset, MutableBytes into) {
  TRY(got, file.read_at(offset, into));
  if (got != into.size()) return fail(Code::corrupt, "the file ends too early");
  return {};
}

Result<std::size_t> MemorySource::read(MutableBytes into) {
  const std::size_t count = std::min(into.size(), rest_.size());
  std::copy_n(rest_.begin(), count, into.begin());
  rest_ = rest_.subspan(count);
  return count;
}

Result<void> MemorySink::write(ByteView bytes) {
  append(bytes_, bytes);
  return {};
}

Result<std::size_t> MemoryFile::read_at(std::uint64_t offset, MutableBytes into) const {
  if (offset >= bytes_.size()) return 0;
  const std::size_t count = std::min<std::size_t>(into.size(), bytes_.size() - offset);
  std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), count, into.begin());
  return count;
}

Result<std::unique_ptr<Source>> open_source(const std::string& path) {
  if (path == "-") return std::make_unique<FileSource>(Descriptor{STDIN_FILENO}, "standard input");
  TRY(file, open_for_reading(path));
  return std::make_unique<FileSource>(std::move(file), path);
}

Result<std::unique_ptr<RandomAccess>> open_random_access(const std::string& path) {
  TRY(file, open_for_reading(path));
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return failed(path, errno);
  if (!S_ISREG(status.st_mode)) return fail(Code::invalid, path + ": not a regular file");
  return std::make_unique<ReadableFile>(std::move(file), path, static_cast<std::uint64_t>(status.st_size));
}

Result<std::unique_ptr<Sink>> create_sink(const std::string& path, const SinkOptions& options) {
  if (path == "-") return std::make_unique<OutputSink>();
  struct stat status{};
  const bool there = stat(path.c_str(), &status) == 0;
  if (there && S_ISDIR(status.st_mode)) return failed(path, EISDIR);
  if (there && !S_ISREG(status.st_mode)) {  // /dev/null, a named pipe
    Descriptor device{open(path.c_str(), O_WRONLY | O_CLOEXEC)};
    if (device.get() < 0) return failed(path, errno);
    return std::make_unique<DeviceSink>(std::move(device), path);
  }
  if (there && options.existing == Existing::refuse) return failed(path, EEXIST);
  Descriptor unnamed{open(folder_of(path).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, options.mode)};
  if (unnamed.get() >= 0) return std::make_unique<FileSink>(std::move(unnamed), path, std::string{}, options);
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) return failed(path, errno);
  // A file system without unnamed files: a temporary name, removed with the sink.
  auto sink = std::make_unique<FileSink>(Descriptor{-1}, path, std::string{}, options);
  std::string name = sink->temporary_name();
  Descriptor named{open(name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, options.mode)};
  if (named.get() < 0) return failed(path, errno);
  return std::make_unique<FileSink>(std::move(named), path, std::move(name), options);
}

}  // namespace tablinum
