#pragma once
// What is inside a backup's box, by itself.
#include "tablinum/seal/backup.h"

namespace tablinum::seal {

/// u32 n, n × (u16 size ‖ name, u32 size ‖ bytes).  @error invalid: a name that would lead elsewhere, or twice.  too_large.
Result<SecretBytes> backup_plain(const std::vector<BackupFile>& files);
/// @error corrupt: not that.
Result<std::vector<BackupFile>> backup_files(ByteView plain);

}  // namespace tablinum::seal
