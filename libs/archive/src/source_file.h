#pragma once
/// The file of an import: a GEDCOM file as it stands, or the GEDCOM entry of a GEDZIP with the files beside it.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tablinum/base/error.h"
#include "tablinum/tree/gedcom/gedzip.h"

namespace tablinum::archive {

/// Bytes read at a time.
inline constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

class SourceFile {
 public:
  /// @error not_found, denied, io.  Those of ZipReader::open_file().
  static Result<SourceFile> open(const std::string& path, tree::gedcom::Findings& findings);
  ~SourceFile();
  SourceFile(SourceFile&& other) noexcept;
  SourceFile& operator=(SourceFile&&) = delete;

  bool is_zip() const noexcept { return zip_.has_value(); }
  std::uint64_t bytes() const noexcept { return bytes_; }
  /// Bytes of the GEDCOM text itself.
  std::uint64_t gedcom_bytes() const noexcept;
  /// The GEDCOM text from its start; may be called again.
  Result<void> for_each_chunk(const tree::gedcom::TakeBytes& take) const;
  const std::vector<tree::gedcom::ZipEntry>& media() const noexcept;
  /// The entry that a FILE payload names; nothing outside an archive.
  const tree::gedcom::ZipEntry* find(std::string_view payload) const { return zip_ ? zip_->find(payload) : nullptr; }
  Result<void> read(const tree::gedcom::ZipEntry& entry, const tree::gedcom::TakeBytes& take) const { return zip_->read(entry, take); }

 private:
  SourceFile(int descriptor, std::uint64_t bytes) noexcept : descriptor_{descriptor}, bytes_{bytes} {}
  int descriptor_;
  std::uint64_t bytes_;
  std::optional<tree::gedcom::ZipReader> zip_;
};

}  // namespace tablinum::archive
