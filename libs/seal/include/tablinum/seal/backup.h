#pragma once
/// An identity and what belongs to it in one encrypted text, for another place. Format: docs/format/identity.md.
#include <string>
#include <vector>

#include "tablinum/seal/identity.h"

namespace tablinum::seal {

inline constexpr std::size_t kBackupFilesMax = 100'000;
inline constexpr std::size_t kBackupBytesMax = 256 << 20;
inline constexpr std::size_t kBackupNameBytesMax = 255;

struct BackupFile {
  std::string name;  ///< relative, parts separated by '/', none of them empty, "." or ".."
  SecretBytes content;
};

/// @error invalid: a name that is not as described, or twice the same.  too_large: over the limits.  limit: no memory for
/// Argon2id.
Result<SecretText> encode_backup(const std::vector<BackupFile>& files, std::string_view passphrase,
                                 const PassphraseCost& cost = {});
/// @error as Identity::decode().
Result<std::vector<BackupFile>> decode_backup(std::string_view text, std::string_view passphrase);
/// Whether a text looks like a backup.
bool is_backup(std::string_view text) noexcept;

}  // namespace tablinum::seal
