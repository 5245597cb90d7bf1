#pragma once
// A passphrase's box, as identity files and backups have it: header, then everything under XChaCha20-Poly1305.
#include <optional>

#include "tablinum/seal/identity.h"

namespace tablinum::seal {

/// @param magic eight bytes, the last one the version.  @param passphrase nothing: not encrypted, but protected against damage.
Result<Bytes> close_box(std::string_view magic, ByteView plain, std::optional<std::string_view> passphrase,
                        const PassphraseCost& cost);
/// @error as Identity::decode().
Result<SecretBytes> open_box(std::string_view magic, ByteView box, std::string_view passphrase);
/// Whether it is one that a passphrase opens.  @error corrupt.  unsupported.
Result<bool> box_is_encrypted(std::string_view magic, ByteView box);

}  // namespace tablinum::seal
