#pragma once
/// Blocking byte streams for libraries that do no I/O of their own: memory and plain files.
/// One thread at a time uses a Source or Sink; a RandomAccess may be read by several.
#include <cstdint>
#include <memory>
#include <string>

#include "tablinum/base/bytes.h"
#include "tablinum/base/error.h"

namespace tablinum {

class Source {
 public:
  virtual ~Source() = default;
  /// Reads at least one byte unless the stream has ended.
  /// @return bytes read, 0 only at the end.  @error io.  cancelled.
  virtual Result<std::size_t> read(MutableBytes into) = 0;
};

class Sink {
 public:
  virtual ~Sink() = default;
  /// Writes all of it.  @error no_space.  closed: the reader of a pipe went away.  io.
  virtual Result<void> write(ByteView bytes) = 0;
  /// Says that all is written. What was written to a sink that is not finished may be thrown away.
  virtual Result<void> finish() { return {}; }
};

class RandomAccess {
 public:
  virtual ~RandomAccess() = default;
  virtual std::uint64_t size() const noexcept = 0;
  /// Reads up to into.size() bytes from `offset`; fewer only at the end. Thread-safe.
  virtual Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const = 0;
};

/// Reads until `into` is full or the stream ends.  @return bytes read.
Result<std::size_t> read_full(Source& source, MutableBytes into);
/// Everything that is left.  @error too_large: more than `bytes_max`.
Result<Bytes> read_all(Source& source, std::size_t bytes_max);
/// @error corrupt: the end comes before `into` is full.
Result<void> read_exactly_at(const RandomAccess& file, std::uint64_t offset, MutableBytes into);

/// Views memory that the caller keeps.
class MemorySource final : public Source {
 public:
  explicit MemorySource(ByteView bytes) noexcept : rest_{bytes} {}
  Result<std::size_t> read(MutableBytes into) override;

 private:
  ByteView rest_;
};

class MemorySink final : public Sink {
 public:
  Result<void> write(ByteView bytes) override;
  const Bytes& bytes() const noexcept { return bytes_; }
  Bytes take() noexcept { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

/// Views memory that the caller keeps.
class MemoryFile final : public RandomAccess {
 public:
  explicit MemoryFile(ByteView bytes) noexcept : bytes_{bytes} {}
  std::uint64_t size() const noexcept override { return bytes_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override;

 private:
  ByteView bytes_;
};

/// A file for reading, or standard input for "-".  @error not_found.  denied.  invalid: a folder.  io.
Result<std::unique_ptr<Source>> open_source(const std::string& path);
/// @error as open_source; invalid: not a regular file.
Result<std::unique_ptr<RandomAccess>> open_random_access(const std::string& path);

enum class Existing : std::uint8_t { refuse, replace };

struct SinkOptions {
  Existing existing = Existing::refuse;
  unsigned mode = 0666;  ///< of a new file, less the process's mask; 0600 for secrets
  bool durable = false;  ///< finish() returns when the bytes are on the disk
};

/// A file that appears under its name only with finish(), whole, or standard output for "-". Until then the bytes are in an
/// unnamed or temporary file of the same folder, which goes when the sink goes, also after a crash where the file system can.
/// @error exists: it is there, and Existing::refuse (looked at now and again at finish).  denied.  not_found: no such folder.  io.
Result<std::unique_ptr<Sink>> create_sink(const std::string& path, const SinkOptions& options = {});

}  // namespace tablinum
