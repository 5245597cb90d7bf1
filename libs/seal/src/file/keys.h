#pragma once
/// What follows from a file key, and how a file key is found.
#include "file/layout.h"

namespace tablinum::seal::file {

/// The header's MAC: it commits to the file key and to all stanzas.
std::array<std::byte, kMacBytes> header_mac(const Header& header, const FileKey& key) noexcept;
Secret<kAeadKeyBytes> payload_key(const Header& header, const FileKey& key) noexcept;

/// The file key by the first stanza that a key unwraps. Nothing if none does, or if the header is not authentic under it: a header that
/// holds two file keys opens for nobody.
std::optional<FileKey> find_file_key(const Header& header, Openers keys);

struct Unlocked {
  Header header;
  FileKey key;
  SignatureState signature = SignatureState::none;
};
/// Reads and unlocks a header, and judges its signature.  @error as seal::open().
Result<Unlocked> unlock(Source& source, Openers keys, const OpenOptions& options);

/// AES-256-GCM under a key that is used once, so with nonce zero; bound to the file's core.
std::array<std::byte, kWrapBytes> wrap_key(const Secret<32>& kek, const FileKey& key, const Digest& core_hash) noexcept;
std::optional<FileKey> unwrap_key(const Secret<32>& kek, ByteView wrapped, const Digest& core_hash) noexcept;

}  // namespace tablinum::seal::file
