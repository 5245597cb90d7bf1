#pragma once
/// Backup of an archive that is in use, and restore of a data folder.  Format of the manifest: docs/format/backup.md.
#include <functional>
#include <string>

#include "tablinum/store/blobs.h"
#include "tablinum/store/database.h"

namespace tablinum::store {

struct BackupReport {
  std::uint64_t database_bytes = 0;
  std::uint64_t blobs = 0, blob_bytes = 0;
  std::uint64_t trees = 0, changes = 0;
};
/// Steps done and steps in all; false stops with Code::cancelled.
using BackupProgress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

/// Writes archive.db (a consistent copy, made while others read and write), blobs/ and MANIFEST into `target`, which must not
/// exist or be empty. MANIFEST is written last, with the digest of everything and the log root of every tree: without it the
/// backup is unfinished. Blobs are hard links where the file system allows it.
/// @error exists: target has something in it.  corrupt: a blob is damaged.  cancelled.  no_space, denied, io.
Result<BackupReport> backup(Database& database, const std::string& target, const BackupProgress& progress = {});

/// Checks a backup against its MANIFEST and recomputes the log root of every tree, without changing anything.
/// @error not_found: no MANIFEST.  corrupt: a digest or log root differs (detail says which).  unsupported: of a newer version.
Result<BackupReport> verify_backup(const std::string& source, const BackupProgress& progress = {});

/// verify_backup(), then copies into the data folder `folder`, which must not exist or be empty; appears there whole or not at
/// all.
/// @error As verify_backup().  exists: folder has something in it.  no_space, denied, io.
Result<BackupReport> restore(const std::string& source, const std::string& folder, const BackupProgress& progress = {});

}  // namespace tablinum::store
