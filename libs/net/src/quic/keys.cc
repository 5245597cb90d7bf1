#include "quic/keys.h"

#include <openssl/aead.h>
#include <openssl/aes.h>
#include <openssl/chacha.h>
#include <openssl/digest.h>
#include <openssl/err.h>
#include <openssl/hkdf.h>

#include <algorithm>
#include <cassert>
#include <cstring>

namespace tablinum::net::quic {

struct HeaderKey {
  bool chacha = false;
  AES_KEY aes{};
  std::array<std::uint8_t, 32> key{};
};

namespace {

constexpr std::size_t kKeyBytesMax = 32;

constexpr std::array<std::uint8_t, 20> kSalt1{0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                                              0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};
constexpr std::array<std::uint8_t, 20> kSalt2{0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
                                              0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9};

struct Labels {
  std::string_view key, iv, header, update;
};
constexpr Labels kLabels1{"quic key", "quic iv", "quic hp", "quic ku"};
constexpr Labels kLabels2{"quicv2 key", "quicv2 iv", "quicv2 hp", "quicv2 ku"};

const Labels& labels_of(std::uint32_t version) noexcept { return version == NGTCP2_PROTO_VER_V2 ? kLabels2 : kLabels1; }

std::span<const std::uint8_t> literal(const char* bytes, std::size_t size) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(bytes), size};
}

const EVP_MD* digest_of(Suite suite) noexcept { return suite == Suite::aes_256_gcm ? EVP_sha384() : EVP_sha256(); }
std::size_t key_bytes(Suite suite) noexcept { return suite == Suite::aes_128_gcm ? 16 : 32; }

const EVP_AEAD* aead_of(Suite suite) noexcept {
  switch (suite) {
    case Suite::aes_256_gcm: return EVP_aead_aes_256_gcm();
    case Suite::chacha20_poly1305: return EVP_aead_chacha20_poly1305();
    case Suite::aes_128_gcm: break;
  }
  return EVP_aead_aes_128_gcm();
}

EVP_AEAD_CTX* context(void* aead) noexcept { return static_cast<EVP_AEAD_CTX*>(aead); }

}  // namespace

TrafficSecret::TrafficSecret(std::span<const std::uint8_t> bytes) noexcept : size_{bytes.size()} {
  assert(bytes.size() <= kSecretBytesMax);
  std::ranges::copy(bytes, bytes_.begin());
}

void expand_label(Suite suite, std::span<const std::uint8_t> secret, std::string_view label, std::span<std::uint8_t> out) noexcept {
  constexpr std::string_view kPrefix = "tls13 ";
  std::array<std::uint8_t, 64> info;
  std::size_t at = 0;
  info[at++] = static_cast<std::uint8_t>(out.size() >> 8);
  info[at++] = static_cast<std::uint8_t>(out.size());
  info[at++] = static_cast<std::uint8_t>(kPrefix.size() + label.size());
  for (const std::string_view part : {kPrefix, label})
    for (const char c : part) info[at++] = static_cast<std::uint8_t>(c);
  info[at++] = 0;
  const int done = HKDF_expand(out.data(), out.size(), digest_of(suite), secret.data(), secret.size(), info.data(), at);
  assert(done == 1);
  (void)done;
}

InitialSecrets initial_secrets(std::uint32_t version, std::span<const std::uint8_t> dcid) noexcept {
  const std::span<const std::uint8_t> salt{version == NGTCP2_PROTO_VER_V2 ? kSalt2 : kSalt1};
  TrafficSecret initial{32};
  std::size_t size = 32;
  HKDF_extract(initial.room().data(), &size, EVP_sha256(), dcid.data(), dcid.size(), salt.data(), salt.size());
  InitialSecrets secrets{TrafficSecret{32}, TrafficSecret{32}};
  expand_label(Suite::aes_128_gcm, initial.view(), "client in", secrets.client.room());
  expand_label(Suite::aes_128_gcm, initial.view(), "server in", secrets.server.room());
  return secrets;
}

void FreeHeaderKey::operator()(HeaderKey* key) const noexcept {
  wipe(std::as_writable_bytes(std::span{key, 1}));
  delete key;
}

HeaderKeyPtr make_header_key(Suite suite, std::span<const std::uint8_t> key) {
  HeaderKeyPtr made{new HeaderKey};
  made->chacha = suite == Suite::chacha20_poly1305;
  if (made->chacha) {
    std::ranges::copy(key, made->key.begin());
  } else {
    AES_set_encrypt_key(key.data(), static_cast<unsigned>(key.size() * 8), &made->aes);
  }
  return made;
}

void header_mask(const HeaderKey& key, const std::uint8_t* sample, std::uint8_t* mask) noexcept {
  constexpr std::array<std::uint8_t, 5> kZeros{};
  if (key.chacha) {
    const std::uint32_t counter = static_cast<std::uint32_t>(sample[0]) | static_cast<std::uint32_t>(sample[1]) << 8 |
                                  static_cast<std::uint32_t>(sample[2]) << 16 | static_cast<std::uint32_t>(sample[3]) << 24;
    CRYPTO_chacha_20(mask, kZeros.data(), kZeros.size(), key.key.data(), sample + 4, counter);
    return;
  }
  std::array<std::uint8_t, 16> block;
  AES_encrypt(sample, block.data(), &key.aes);
  std::memcpy(mask, block.data(), kZeros.size());
}

void FreeAead::operator()(void* aead) const noexcept { EVP_AEAD_CTX_free(context(aead)); }

AeadPtr make_aead(Suite suite, std::span<const std::uint8_t> key) {
  return AeadPtr{EVP_AEAD_CTX_new(aead_of(suite), key.data(), key.size(), kTagBytes)};
}

bool seal(void* aead, std::uint8_t* out, std::span<const std::uint8_t> plain, std::span<const std::uint8_t> nonce,
          std::span<const std::uint8_t> header) noexcept {
  std::size_t size = 0;
  return EVP_AEAD_CTX_seal(context(aead), out, &size, plain.size() + kTagBytes, nonce.data(), nonce.size(), plain.data(), plain.size(),
                           header.data(), header.size()) == 1;
}

bool open(void* aead, std::uint8_t* out, std::span<const std::uint8_t> sealed, std::span<const std::uint8_t> nonce,
          std::span<const std::uint8_t> header) noexcept {
  std::size_t size = 0;
  const bool opened = EVP_AEAD_CTX_open(context(aead), out, &size, sealed.size(), nonce.data(), nonce.size(), sealed.data(), sealed.size(),
                                        header.data(), header.size()) == 1;
  // Anybody can send a datagram with a bad tag: it must not pile up in the thread's error queue.
  if (!opened) ERR_clear_error();
  return opened;
}

PacketKeys derive(std::uint32_t version, Suite suite, std::span<const std::uint8_t> secret, WithHeaderKey with_header) {
  const Labels& labels = labels_of(version);
  std::array<std::uint8_t, kKeyBytesMax> bytes;
  const auto key = std::span{bytes}.first(key_bytes(suite));
  PacketKeys keys;
  expand_label(suite, secret, labels.key, key);
  keys.aead = make_aead(suite, key);
  expand_label(suite, secret, labels.iv, keys.iv);
  if (with_header == WithHeaderKey::yes) {
    expand_label(suite, secret, labels.header, key);
    keys.header = make_header_key(suite, key);
  }
  wipe(std::as_writable_bytes(std::span{bytes}));
  return keys;
}

TrafficSecret next_secret(std::uint32_t version, Suite suite, std::span<const std::uint8_t> secret) noexcept {
  TrafficSecret next{secret.size()};
  expand_label(suite, secret, labels_of(version).update, next.room());
  return next;
}

ngtcp2_crypto_ctx crypto_context(Suite suite) noexcept {
  ngtcp2_crypto_ctx context{};
  context.aead = {const_cast<EVP_AEAD*>(aead_of(suite)), kTagBytes};
  context.md = {const_cast<EVP_MD*>(digest_of(suite))};
  context.hp = {const_cast<EVP_AEAD*>(aead_of(suite))};  // only ever compared with null
  const bool chacha = suite == Suite::chacha20_poly1305;
  context.max_encryption = chacha ? std::uint64_t{1} << 62 : std::uint64_t{1} << 23;
  context.max_decryption_failure = chacha ? std::uint64_t{1} << 36 : std::uint64_t{1} << 52;
  return context;
}

AeadPtr make_retry_aead(std::uint32_t version) {
  const auto key = version == NGTCP2_PROTO_VER_V2 ? literal(NGTCP2_RETRY_KEY_V2, sizeof NGTCP2_RETRY_KEY_V2 - 1)
                                                  : literal(NGTCP2_RETRY_KEY_V1, sizeof NGTCP2_RETRY_KEY_V1 - 1);
  return make_aead(Suite::aes_128_gcm, key);
}

}  // namespace tablinum::net::quic
