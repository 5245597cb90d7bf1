#pragma once
/// The data folder and its lock.
#include <string>

#include "files.h"

namespace tablinum::store {

/// Held for as long as the object lives.
class FolderLock {
 public:
  /// Makes the folder (0700) and takes its lock, leaving `holder` in it for whom it keeps out.
  /// @error busy: another process holds it; detail is what it wrote.  denied, no_space, io.
  static Result<FolderLock> take(const std::string& folder, std::string_view holder);

 private:
  explicit FolderLock(Descriptor file) noexcept : file_{std::move(file)} {}
  Descriptor file_;
};

inline std::string database_path(const std::string& folder) { return folder + "/archive.db"; }

}  // namespace tablinum::store
