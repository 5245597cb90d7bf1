#pragma once
/// GEDZIP (GEDCOM 7.0, chapter "The GEDZIP file format"): a zip archive of gedcom.ged and the local files it names.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/base/bytes.h"
#include "tablinum/base/error.h"
#include "tablinum/tree/gedcom/finding.h"

namespace tablinum::tree::gedcom {

struct ZipLimits {
  std::uint64_t total_bytes_max = std::uint64_t{16} << 30;  ///< of all entries, unpacked
  std::uint64_t ratio_max = 200;                            ///< unpacked over packed, of each entry over kZipRatioFloorBytes
  std::uint32_t entries_max = 1'000'000;
};
/// Smaller entries may have any ratio: a file of a few lines packs well and harms nobody.
inline constexpr std::uint64_t kZipRatioFloorBytes = std::uint64_t{1} << 20;
inline constexpr std::string_view kGedcomEntry = "gedcom.ged";

struct ZipEntry {
  std::string path;         ///< '/' between the parts, no '.' or '..' among them, relative
  std::uint64_t bytes = 0;  ///< unpacked
  std::uint64_t index = 0;  ///< in the archive
};

/// True if the bytes begin as a zip archive does.
bool looks_like_zip(ByteView head) noexcept;

/// A FILE payload as a path inside the archive: percent-decoded, normalised.
/// Nothing if it is a URL with a scheme, absolute, leads outside, or is not valid UTF-8 after decoding.
std::optional<std::string> local_path_of(std::string_view file_payload);
/// The inverse: percent-encodes what a URL reference cannot have as it is.
std::string file_payload_of(std::string_view path);

using TakeBytes = std::function<Result<void>(ByteView chunk)>;

/// Reads an archive. Names that are absolute, lead outside, are links or collide without regard to case are left out with a
/// finding. Nothing is unpacked before the sizes are checked, and no more is unpacked than they promised.
/// @note Not thread-safe.
class ZipReader {
 public:
  /// @param archive  must outlive the reader.
  /// @error corrupt: not a zip archive, damaged, or without gedcom.ged.  too_large: over total_bytes_max or ratio_max.
  ///        limit: over entries_max.  unsupported: encrypted.
  static Result<ZipReader> open(ByteView archive, Findings& findings, ZipLimits limits = {});
  /// The same from an open file, which is duplicated; it must be seekable.
  static Result<ZipReader> open_file(int descriptor, Findings& findings, ZipLimits limits = {});
  ZipReader(ZipReader&&) noexcept;
  ZipReader& operator=(ZipReader&&) noexcept;
  ~ZipReader();

  const ZipEntry& gedcom() const noexcept;
  /// All others, in the order of the archive.
  const std::vector<ZipEntry>& media() const noexcept;
  /// The entry of a FILE payload, exact name first, else the only one without regard to case; nothing if there is none.
  const ZipEntry* find(std::string_view file_payload) const;
  /// Unpacks an entry in chunks.  @error corrupt: damaged, or longer than it said.  What `take` returned.
  Result<void> read(const ZipEntry& entry, const TakeBytes& take) const;

 private:
  struct State;
  explicit ZipReader(std::unique_ptr<State> state);
  static Result<ZipReader> open_state(std::unique_ptr<State> state, Findings& findings, const ZipLimits& limits);
  std::unique_ptr<State> state_;
};

/// Packs an archive into a file. Entries come in the order they are added, gedcom.ged first.
/// libzip reads an entry when the archive is closed, so what is added must stay until finish().
class ZipWriter {
 public:
  /// @param path  of the file to make; it appears when finish() succeeds.
  /// @error io: cannot be made.
  static Result<ZipWriter> create(const std::string& path);
  ZipWriter(ZipWriter&&) noexcept;
  ZipWriter& operator=(ZipWriter&&) noexcept;
  ~ZipWriter();
  /// @error invalid: the path is none that ZipReader would accept, the first is not gedcom.ged.  exists: such a path is in
  /// already
  ///        (without regard to case).
  Result<void> add(std::string_view path, ByteView bytes);
  /// A file of the file system.  @error as above; io: it cannot be read.
  Result<void> add_file(std::string_view path, const std::string& source);
  /// @error invalid: nothing was added.  io, no_space: the file cannot be written.
  Result<void> finish();

 private:
  struct State;
  explicit ZipWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tablinum::tree::gedcom
