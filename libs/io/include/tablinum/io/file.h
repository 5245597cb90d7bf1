#pragma once
/// Files by position. StacklessIo tries a cached read at once and otherwise uses its file pool; the parking models call.
/// All descriptors are O_CLOEXEC. Paths and buffers live until the operation returned.
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/io/io.h"

namespace tablinum::io {

/// A system call moves at most this much, so that a cancelled transfer ends soon.
inline constexpr Size kFilePieceBytesMax = Size{1} << 20;
/// read_file refuses a larger file unless told otherwise.
inline constexpr Size kReadFileBytesMax = Size{256} << 20;
inline constexpr Size kDirectoryEntriesMax = 1'000'000;

enum class FileType : std::uint8_t { regular, directory, symbolic_link, other };

struct FileStat {
  FileType type = FileType::other;
  std::uint64_t bytes = 0;
  Timestamp modified;
  std::uint32_t mode = 0;
};

struct OpenOptions {
  OpenOptions() noexcept {}
  bool write = false;
  bool create = false;      ///< needs write
  bool create_new = false;  ///< needs write; `exists` if there is one
  bool truncate = false;    ///< needs write
  bool follow_links = true; ///< of the last component
  std::uint32_t mode = 0600;
};

enum class SyncKind : std::uint8_t { data, full };

/// An open file. Move-only. The destructor closes (on the caller's thread), of a kernel's file also after the Io has ended.
class File {
 public:
  File() noexcept = default;
  File(Io& io, int fd) noexcept;
  File(File&& other) noexcept : io_{other.io_}, system_{other.system_}, fd_{std::exchange(other.fd_, -1)} {}
  File& operator=(File&& other) noexcept;
  ~File() { close(); }

  /// 0 … buffer.size() bytes; fewer only at the end of the file.  @error io, cancelled, closed.
  Task<Result<Size>> read_at(std::uint64_t offset, MutableBytes buffer);
  /// All of `data`.  @error no_space, io, cancelled (a part may be written), closed.
  Task<Result<void>> write_at(std::uint64_t offset, ByteView data);
  /// A sync that failed must not be repeated: the data is gone.  @error io, no_space.
  Task<Result<void>> sync(SyncKind kind);
  Task<Result<void>> truncate(std::uint64_t bytes);
  Task<Result<FileStat>> stat();
  void close() noexcept;
  bool is_open() const noexcept { return fd_ >= 0; }

 private:
  Io* io_ = nullptr;
  System* system_ = nullptr;  // closes it, also after the Io has ended
  int fd_ = -1;
};

/// @error not_found, exists, denied, limit (descriptors), invalid (options that contradict), io, cancelled.
Task<Result<File>> open(Io& io, std::string path, OpenOptions options = {});
/// Follows links.  @error not_found, denied, io.
Task<Result<FileStat>> stat(Io& io, std::string path);
/// Names, without "." and "..", sorted.  @error not_found, limit: over kDirectoryEntriesMax, io.
Task<Result<std::vector<std::string>>> list(Io& io, std::string path);
/// Replaces what is at `to`.
Task<Result<void>> rename(Io& io, std::string from, std::string to);
/// A file, or an empty directory.
Task<Result<void>> remove(Io& io, std::string path);
/// @error exists.
Task<Result<void>> make_directory(Io& io, std::string path, std::uint32_t mode = 0700);
/// Makes renames and removals in `path` durable.
Task<Result<void>> sync_directory(Io& io, std::string path);
/// The whole file.  @error too_large: over `bytes_max`.
Task<Result<Bytes>> read_file(Io& io, std::string path, Size bytes_max = kReadFileBytesMax);
/// Writes a new file beside `path`, syncs it, renames it over `path`, syncs the directory: afterwards there is the old content
/// or the new one, never a mixture. `data` lives until it returned.
Task<Result<void>> replace_atomically(Io& io, std::string path, ByteView data, std::uint32_t mode = 0600);

}  // namespace tablinum::io
