#pragma once
/// Files by content: DATA/blobs/ab/cdef…, named by the SHA-256 of their bytes. Written once, whole or not at all.
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tablinum/base/bytes.h"
#include "tablinum/base/crypto.h"
#include "tablinum/base/time.h"

namespace tablinum::store {

inline constexpr std::uint64_t kBlobBytesMax = std::uint64_t{64} << 30;

/// A blob being written: into DATA/tmp until finish(). Destroying it unfinished removes the temporary file.
class BlobWriter {
 public:
  BlobWriter(BlobWriter&&) noexcept;
  ~BlobWriter();
  /// @error no_space, io.  too_large: over kBlobBytesMax in all.
  Result<void> write(ByteView bytes);
  std::uint64_t size() const noexcept;
  /// Syncs the file, gives it its name, syncs the folder; durable on return. Writing what is there already is no error.
  Result<Digest> finish();

 private:
  friend class Blobs;
  struct Impl;
  explicit BlobWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// @note Thread-safe.
class Blobs {
 public:
  /// `data_folder` as DatabaseOptions::folder; blobs/ and tmp/ are made when first written to.
  explicit Blobs(std::string data_folder);

  /// @error As BlobWriter.
  Result<BlobWriter> create();
  Result<Digest> put(ByteView bytes);
  /// Copies a file in.  @error not_found, denied: the file.
  Result<Digest> put_file(const std::string& path);

  bool contains(const Digest& name) const noexcept;
  /// @error not_found.
  Result<std::uint64_t> size(const Digest& name) const;
  /// Where the bytes lie, for sending and mapping; not checked to exist.
  std::string path(const Digest& name) const;
  /// The whole blob, checked against its name.  @error not_found.  corrupt: the bytes are damaged.  too_large: over
  /// `bytes_max`.
  Result<Bytes> read(const Digest& name, std::size_t bytes_max) const;
  /// `count` bytes from `offset`, fewer at the end; not checked.  @error not_found, io.
  Result<Bytes> read_range(const Digest& name, std::uint64_t offset, std::size_t count) const;
  /// Reads and hashes it all.  @error not_found.  corrupt: the bytes are damaged.
  Result<void> verify(const Digest& name) const;
  /// No error if it is not there.
  Result<void> remove(const Digest& name);
  /// Removes what lies there unused for at least `unused_for`: putting a blob that is there already makes it young again, so
  /// what somebody is just about to name in the database stays.  @return whether it was removed.
  Result<bool> remove_if_unused(const Digest& name, Duration unused_for);
  /// Every blob, in the order of names. Foreign files are passed over. Stops at the first error of visit.
  Result<void> for_each(const std::function<Result<void>(const Digest&, std::uint64_t size)>& visit) const;

 private:
  std::string folder_;
};

}  // namespace tablinum::store
