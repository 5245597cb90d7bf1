/// Stanza W: the file key under a symmetric key. The wrapping key is the key's and the file's own (the core holds 32 random bytes), so one
/// symmetric key serves any number of files.
#include <algorithm>

#include "file/keys.h"

namespace tablinum::seal {
namespace {

using file::kSymmetricDomain;

Secret<32> wrapping_key(const Secret<32>& key, const Digest& core_hash) noexcept {
  Secret<32> kek;
  hkdf_sha512(core_hash.view(), key.view(), bytes_of(kSymmetricDomain), kek.mutable_view());
  return kek;
}

}  // namespace

SymmetricKey::SymmetricKey(const Secret<32>& key) noexcept : key_{key} {
  hkdf_sha512({}, key.view(), bytes_of(file::kSymmetricIdDomain), id_);
}

Result<Stanza> SymmetricKey::wrap(const FileKey& file_key, const Digest& core_hash) const {
  Stanza stanza{StanzaType::symmetric, 0, {id_.begin(), id_.end()}};
  append(stanza.body, file::wrap_key(wrapping_key(key_, core_hash), file_key, core_hash));
  return stanza;
}

std::optional<FileKey> SymmetricKey::unwrap(const Stanza& stanza, const Digest& core_hash, Confirm) const {
  if (stanza.type != StanzaType::symmetric || stanza.body.size() != file::kWBodyBytes) return std::nullopt;
  const ByteView body{stanza.body};
  if (!std::ranges::equal(body.first(id_.size()), id_)) return std::nullopt;
  return file::unwrap_key(wrapping_key(key_, core_hash), body.subspan(id_.size()), core_hash);
}

}  // namespace tablinum::seal
