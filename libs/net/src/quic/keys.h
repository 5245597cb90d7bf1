#pragma once
/// QUIC's keys: the labels and salts of both versions, Initial secrets, packet and header protection keys.
/// Source: RFC 9001 §5 and §6.1, RFC 9369 §3. Pure functions of their arguments.
#include <ngtcp2/ngtcp2.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "tablinum/base/bytes.h"
#include "tablinum/base/crypto.h"

namespace tablinum::net::quic {

/// What TLS 1.3 calls its cipher suites; the numbers are IANA's.
enum class Suite : std::uint16_t { aes_128_gcm = 0x1301, aes_256_gcm = 0x1302, chacha20_poly1305 = 0x1303 };

inline constexpr std::size_t kSecretBytesMax = 48;
inline constexpr std::size_t kIvBytes = 12;
inline constexpr std::size_t kTagBytes = 16;

/// A traffic secret; wiped when it goes.
class TrafficSecret {
 public:
  explicit TrafficSecret(std::size_t size) noexcept : size_{size} {}
  explicit TrafficSecret(std::span<const std::uint8_t> bytes) noexcept;
  TrafficSecret(const TrafficSecret&) = default;
  TrafficSecret& operator=(const TrafficSecret&) = delete;
  ~TrafficSecret() { wipe(std::as_writable_bytes(std::span{bytes_})); }
  std::span<const std::uint8_t> view() const noexcept { return std::span{bytes_}.first(size_); }
  std::span<std::uint8_t> room() noexcept { return std::span{bytes_}.first(size_); }

 private:
  std::array<std::uint8_t, kSecretBytesMax> bytes_{};
  std::size_t size_;
};

/// HKDF-Expand-Label (RFC 8446 §7.1) with an empty context.  @param label without "tls13 ".
void expand_label(Suite suite, std::span<const std::uint8_t> secret, std::string_view label, std::span<std::uint8_t> out) noexcept;

struct InitialSecrets {
  TrafficSecret client;
  TrafficSecret server;
};
/// @param dcid of the client's first Initial packet.  Versions other than 2 get version 1's salt.
InitialSecrets initial_secrets(std::uint32_t version, std::span<const std::uint8_t> dcid) noexcept;

/// The key that masks packet numbers: AES or ChaCha20.
struct HeaderKey;
struct FreeHeaderKey {
  void operator()(HeaderKey* key) const noexcept;  // wipes
};
using HeaderKeyPtr = std::unique_ptr<HeaderKey, FreeHeaderKey>;
HeaderKeyPtr make_header_key(Suite suite, std::span<const std::uint8_t> key);
/// The first 5 bytes of the mask for a 16-byte sample.
void header_mask(const HeaderKey& key, const std::uint8_t* sample, std::uint8_t* mask) noexcept;

/// The key that seals packets, an EVP_AEAD_CTX.
struct FreeAead {
  void operator()(void* context) const noexcept;  // wipes
};
using AeadPtr = std::unique_ptr<void, FreeAead>;
AeadPtr make_aead(Suite suite, std::span<const std::uint8_t> key);
/// out may be plain (in place) and holds plain.size() + kTagBytes bytes.
bool seal(void* aead, std::uint8_t* out, std::span<const std::uint8_t> plain, std::span<const std::uint8_t> nonce,
          std::span<const std::uint8_t> header) noexcept;
/// Inverse; out may be sealed.
bool open(void* aead, std::uint8_t* out, std::span<const std::uint8_t> sealed, std::span<const std::uint8_t> nonce,
          std::span<const std::uint8_t> header) noexcept;

/// All that protects packets in one direction.
struct PacketKeys {
  AeadPtr aead;
  HeaderKeyPtr header;  // null where it was not asked for: a key update keeps the old one
  std::array<std::uint8_t, kIvBytes> iv{};
};
enum class WithHeaderKey : bool { no, yes };
PacketKeys derive(std::uint32_t version, Suite suite, std::span<const std::uint8_t> secret, WithHeaderKey with_header);
/// The secret after a key update.
TrafficSecret next_secret(std::uint32_t version, Suite suite, std::span<const std::uint8_t> secret) noexcept;

/// What ngtcp2 has to know of a suite: overhead and how many packets one key may protect (RFC 9001 §6.6, B.1).
ngtcp2_crypto_ctx crypto_context(Suite suite) noexcept;
/// The fixed key that authenticates Retry packets (RFC 9001 §5.8, RFC 9369 §3.3.3).
AeadPtr make_retry_aead(std::uint32_t version);

}  // namespace tablinum::net::quic
