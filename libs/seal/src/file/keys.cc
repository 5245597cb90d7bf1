#include "file/keys.h"

#include <algorithm>

namespace tablinum::seal::file {
namespace {
constexpr std::array<std::byte, 12> kZeroNonce{};
}

std::array<std::byte, kMacBytes> header_mac(const Header& header, const FileKey& key) noexcept {
  Secret<32> mac_key;
  hkdf_sha512(header.salt, key.view(), bytes_of(kHeaderDomain), mac_key.mutable_view());
  const auto whole = hmac_sha512(mac_key.view(), bytes_before_mac(header));
  std::array<std::byte, kMacBytes> mac;
  std::copy_n(std::as_bytes(std::span{whole}).begin(), kMacBytes, mac.begin());
  return mac;
}

Secret<kAeadKeyBytes> payload_key(const Header& header, const FileKey& key) noexcept {
  const auto domain = bytes_of(kPayloadDomain);
  Bytes info{domain.begin(), domain.end()};
  append(info, core_hash(header).view());
  Secret<kAeadKeyBytes> derived;
  hkdf_sha512(header.salt, key.view(), info, derived.mutable_view());
  return derived;
}

std::optional<FileKey> find_file_key(const Header& header, Openers keys) {
  const Digest core = core_hash(header);
  const auto authentic = [&](const FileKey& key) { return equal_constant_time(header_mac(header, key), header.mac); };
  for (const auto& stanza : header.stanzas) {
    for (const Opener* opener : keys) {
      auto key = opener->unwrap(stanza, core, authentic);
      if (!key) continue;
      if (!authentic(*key)) return std::nullopt;
      return key;
    }
  }
  return std::nullopt;
}

Result<Unlocked> unlock(Source& source, Openers keys, const OpenOptions& options) {
  auto header = read_header(source);
  if (!header) return std::unexpected(as_opening(std::move(header).error()));
  auto key = find_file_key(*header, keys);
  if (!key) return cannot_open();
  const auto signature = verify_signature(*header, options.verifiers);
  const bool refused = options.signature_required ? signature != SignatureState::good : signature == SignatureState::bad;
  if (refused) return cannot_open();
  return Unlocked{std::move(*header), std::move(*key), signature};
}

std::array<std::byte, kWrapBytes> wrap_key(const Secret<32>& kek, const FileKey& key, const Digest& core_hash) noexcept {
  std::array<std::byte, kWrapBytes> wrapped;
  Aead{Cipher::aes256_gcm, kek.view()}.seal(kZeroNonce, core_hash.view(), key.view(), wrapped);
  return wrapped;
}

std::optional<FileKey> unwrap_key(const Secret<32>& kek, ByteView wrapped, const Digest& core_hash) noexcept {
  FileKey key;
  if (!Aead{Cipher::aes256_gcm, kek.view()}.open(kZeroNonce, core_hash.view(), wrapped, key.mutable_view())) return std::nullopt;
  return key;
}

}  // namespace tablinum::seal::file
