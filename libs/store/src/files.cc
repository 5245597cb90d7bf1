#include "files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace tablinum::store {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

Code code_of_errno(int number) noexcept {
  switch (number) {
    case ENOENT:
    case ENOTDIR: return Code::not_found;
    case EEXIST:
    case ENOTEMPTY: return Code::exists;
    case EACCES:
    case EPERM:
    case EROFS: return Code::denied;
    case ENOSPC:
    case EDQUOT: return Code::no_space;
    case EFBIG: return Code::too_large;
    default: return Code::io;
  }
}

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { closedir(folder); }
};

}  // namespace

Error file_error(std::string_view what, const std::string& path) {
  const int number = errno;
  return {code_of_errno(number), std::string{what} + " " + path + ": " + std::generic_category().message(number)};
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

bool exists(const std::string& path) noexcept {
  struct stat info;
  return stat(path.c_str(), &info) == 0;
}

Result<std::uint64_t> file_size(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return std::unexpected(file_error("looking at", path));
  return static_cast<std::uint64_t>(info.st_size);
}

Result<void> make_folder(const std::string& path) {
  if (path.empty() || exists(path)) return {};
  const auto slash = path.find_last_of('/');
  if (slash != std::string::npos && slash > 0) CHECK_OK(make_folder(path.substr(0, slash)));
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return std::unexpected(file_error("making the folder", path));
  return {};
}

Result<std::vector<std::string>> list_folder(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseFolder> folder{opendir(path.c_str())};
  if (!folder) {
    if (errno == ENOENT) return names;
    return std::unexpected(file_error("listing", path));
  }
  while (const dirent* entry = readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::ranges::sort(names);
  return names;
}

Result<void> remove_all(const std::string& path) {
  struct stat info;
  if (lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return {};
    return std::unexpected(file_error("looking at", path));
  }
  if (!S_ISDIR(info.st_mode)) {
    if (unlink(path.c_str()) != 0 && errno != ENOENT) return std::unexpected(file_error("removing", path));
    return {};
  }
  TRY(names, list_folder(path));
  for (const auto& name : names) CHECK_OK(remove_all(path + "/" + name));
  if (rmdir(path.c_str()) != 0) return std::unexpected(file_error("removing", path));
  return {};
}

Result<void> sync_folder(const std::string& path) {
  const Descriptor folder{open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder.valid() || fsync(folder.get()) != 0) return std::unexpected(file_error("syncing", path));
  return {};
}

Result<void> rename_durably(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) != 0) return std::unexpected(file_error("renaming to", to));
  const auto slash = to.find_last_of('/');
  return sync_folder(slash == std::string::npos ? "." : to.substr(0, slash));
}

Result<Descriptor> open_for_reading(const std::string& path) {
  Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file.valid()) return std::unexpected(file_error("opening", path));
  return file;
}

Result<Descriptor> create_file(const std::string& path) {
  Descriptor file{open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!file.valid()) return std::unexpected(file_error("making", path));
  return file;
}

Result<void> write_fully(const Descriptor& file, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return std::unexpected(file_error("writing", "a file"));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::size_t> read_at(const Descriptor& file, std::uint64_t offset, MutableBytes bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = pread(file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(file_error("reading", "a file"));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Result<void> sync_file(const Descriptor& file) {
  if (fsync(file.get()) != 0) return std::unexpected(file_error("syncing", "a file"));
  return {};
}

Result<Bytes> read_file(const std::string& path, std::size_t bytes_max) {
  TRY(file, open_for_reading(path));
  TRY(size, file_size(path));
  if (size > bytes_max) return fail(Code::too_large, path);
  Bytes bytes(size);
  TRY(got, read_at(file, 0, bytes));
  bytes.resize(got);
  return bytes;
}

Result<void> write_file(const std::string& path, ByteView bytes) {
  TRY(file, create_file(path));
  CHECK_OK(write_fully(file, bytes));
  return sync_file(file);
}

Result<void> for_each_piece(const std::string& path, const std::function<Result<void>(ByteView)>& piece) {
  TRY(file, open_for_reading(path));
  Bytes buffer(kPieceBytes);
  for (std::uint64_t offset = 0;;) {
    TRY(got, read_at(file, offset, buffer));
    if (got == 0) return {};
    CHECK_OK(piece(ByteView{buffer}.first(got)));
    offset += got;
  }
}

Result<Digest> digest_of_file(const std::string& path) {
  Sha256 hash;
  CHECK_OK(for_each_piece(path, [&](ByteView bytes) -> Result<void> {
    hash.update(bytes);
    return {};
  }));
  return hash.finish();
}

Result<void> copy_file(const std::string& from, const std::string& to) {
  TRY(out, create_file(to));
  CHECK_OK(for_each_piece(from, [&](ByteView bytes) { return write_fully(out, bytes); }));
  return sync_file(out);
}

}  // namespace tablinum::store
