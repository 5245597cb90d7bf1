#pragma once
/// The few file operations that databases, blobs and backups need, with our errors.
#include <functional>
#include <string>
#include <vector>

#include "tablinum/base/bytes.h"
#include "tablinum/base/crypto.h"

namespace tablinum::store {

/// An error from errno: `what` and the path go into the detail.
Error file_error(std::string_view what, const std::string& path);

/// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) noexcept : fd_{fd} {}
  Descriptor(Descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();
  int get() const noexcept { return fd_; }
  bool valid() const noexcept { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

bool exists(const std::string& path) noexcept;
/// @error not_found, io.
Result<std::uint64_t> file_size(const std::string& path);
/// Makes the folder and those above it, mode 0700 (of those that are new). No error if it is there.
Result<void> make_folder(const std::string& path);
/// Names in a folder, sorted, without . and ..; empty where there is none.
Result<std::vector<std::string>> list_folder(const std::string& path);
/// Removes a file or a folder with all that is in it. No error if it is not there.
Result<void> remove_all(const std::string& path);
Result<void> sync_folder(const std::string& path);
/// Moves within a file system and makes that durable.
Result<void> rename_durably(const std::string& from, const std::string& to);

/// Opens for reading, or a new file of mode 0600 for writing.  @error not_found, exists, denied, no_space, io.
Result<Descriptor> open_for_reading(const std::string& path);
Result<Descriptor> create_file(const std::string& path);
Result<void> write_fully(const Descriptor& file, ByteView bytes);
/// Up to `bytes.size()`; fewer at the end.
Result<std::size_t> read_at(const Descriptor& file, std::uint64_t offset, MutableBytes bytes);
Result<void> sync_file(const Descriptor& file);

/// The whole of a small file.  @error not_found, too_large.
Result<Bytes> read_file(const std::string& path, std::size_t bytes_max);
/// A new file, durable on return.
Result<void> write_file(const std::string& path, ByteView bytes);
/// Reads a file in pieces of at most 1 MiB.
Result<void> for_each_piece(const std::string& path, const std::function<Result<void>(ByteView)>& piece);
Result<Digest> digest_of_file(const std::string& path);
/// A copy, durable on return.
Result<void> copy_file(const std::string& from, const std::string& to);

}  // namespace tablinum::store
