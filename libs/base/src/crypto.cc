#include "tablinum/base/crypto.h"

#include <openssl/aes.h>
#include <openssl/digest.h>
#include <openssl/evp.h>
#include <openssl/hkdf.h>
#include <openssl/hmac.h>
#include <openssl/mem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <sodium.h>

#include <cstdlib>

namespace tablinum {
namespace {

static_assert(sizeof(SHA256_CTX) <= 112 && alignof(SHA256_CTX) <= 8);
static_assert(sizeof(AES_KEY) <= 256 && alignof(AES_KEY) <= 16);

/// What fails only for want of memory, or by a fault of ours.
void must(int answer) noexcept {
  if (answer != 1) std::abort();
}

/// libsodium chooses its implementations in sodium_init(); before that it works with the slow ones.
void prepare_sodium() noexcept {
  static const int ready = sodium_init();
  if (ready < 0) std::abort();
}

SHA256_CTX* context(std::array<std::byte, 112>& state) noexcept { return reinterpret_cast<SHA256_CTX*>(state.data()); }

}  // namespace

Result<Digest> digest_from_bytes(ByteView bytes) {
  Digest digest;
  if (bytes.size() != digest.bytes.size()) return fail(Code::corrupt, "a SHA-256 value has 32 bytes");
  std::memcpy(digest.bytes.data(), bytes.data(), bytes.size());
  return digest;
}

Sha256::Sha256() noexcept { SHA256_Init(context(state_)); }

Sha256& Sha256::update(ByteView bytes) noexcept {
  SHA256_Update(context(state_), bytes.data(), bytes.size());
  return *this;
}

Sha256& Sha256::update_byte(std::uint8_t byte) noexcept {
  SHA256_Update(context(state_), &byte, 1);
  return *this;
}

Digest Sha256::finish() noexcept {
  Digest digest;
  SHA256_Final(digest.bytes.data(), context(state_));
  return digest;
}

Digest sha256(ByteView bytes) noexcept {
  SHA256_CTX state;
  Digest digest;
  SHA256_Init(&state);
  SHA256_Update(&state, bytes.data(), bytes.size());
  SHA256_Final(digest.bytes.data(), &state);
  return digest;
}

void sha256_compress(std::array<std::uint32_t, 8>& state, std::span<const std::uint8_t, 64> block) noexcept {
  SHA256_CTX context{};
  std::memcpy(context.h, state.data(), sizeof context.h);
  SHA256_Transform(&context, block.data());
  std::memcpy(state.data(), context.h, sizeof context.h);
}

Digest hmac_sha256(ByteView key, ByteView message) noexcept {
  Digest digest;
  unsigned length = 0;
  if (HMAC(EVP_sha256(), key.data(), key.size(), u8(message), message.size(), digest.bytes.data(), &length) == nullptr) std::abort();
  return digest;
}

std::array<std::uint8_t, 64> sha512(ByteView bytes) noexcept {
  std::array<std::uint8_t, 64> out;
  SHA512(u8(bytes), bytes.size(), out.data());
  return out;
}

Digest sha3_256(ByteView bytes) noexcept {
  Digest digest;
  must(EVP_Digest(bytes.data(), bytes.size(), digest.bytes.data(), nullptr, EVP_sha3_256(), nullptr));
  return digest;
}

std::array<std::uint8_t, 64> blake2b_512(ByteView bytes) noexcept {
  prepare_sodium();
  std::array<std::uint8_t, 64> out;
  crypto_generichash(out.data(), out.size(), u8(bytes), bytes.size(), nullptr, 0);
  return out;
}

// An EVP_MD_CTX under another name: its header stays here.
namespace {
EVP_MD_CTX* context(DigestState* state) noexcept { return reinterpret_cast<EVP_MD_CTX*>(state); }
DigestState* start(const EVP_MD* algorithm) noexcept {
  EVP_MD_CTX* made = EVP_MD_CTX_new();
  if (made == nullptr) std::abort();
  must(EVP_DigestInit_ex(made, algorithm, nullptr));
  return reinterpret_cast<DigestState*>(made);
}
}  // namespace

void FreeDigestState::operator()(DigestState* state) const noexcept { EVP_MD_CTX_free(context(state)); }

Sha3_256::Sha3_256() noexcept : state_{start(EVP_sha3_256())} {}

Sha3_256& Sha3_256::update(ByteView bytes) noexcept {
  must(EVP_DigestUpdate(context(state_.get()), bytes.data(), bytes.size()));
  return *this;
}

Digest Sha3_256::finish() noexcept {
  Digest digest;
  must(EVP_DigestFinal_ex(context(state_.get()), digest.bytes.data(), nullptr));
  return digest;
}

Shake::Shake(Strength strength) noexcept : state_{start(strength == Strength::bits128 ? EVP_shake128() : EVP_shake256())} {}

Shake& Shake::absorb(ByteView bytes) noexcept {
  must(EVP_DigestUpdate(context(state_.get()), bytes.data(), bytes.size()));
  return *this;
}

void Shake::squeeze(MutableBytes out) noexcept { must(EVP_DigestSqueeze(context(state_.get()), u8(out), out.size())); }

std::array<std::uint8_t, 64> hmac_sha512(ByteView key, ByteView message) noexcept {
  std::array<std::uint8_t, 64> out;
  if (HMAC(EVP_sha512(), key.data(), key.size(), u8(message), message.size(), out.data(), nullptr) == nullptr) std::abort();
  return out;
}

void hkdf_sha256(ByteView salt, ByteView key, ByteView info, MutableBytes out) noexcept {
  must(HKDF(u8(out), out.size(), EVP_sha256(), u8(key), key.size(), u8(salt), salt.size(), u8(info), info.size()));
}

void hkdf_sha512(ByteView salt, ByteView key, ByteView info, MutableBytes out) noexcept {
  must(HKDF(u8(out), out.size(), EVP_sha512(), u8(key), key.size(), u8(salt), salt.size(), u8(info), info.size()));
}

void pbkdf2_sha256(ByteView password, ByteView salt, std::uint32_t iterations, MutableBytes out) noexcept {
  must(PKCS5_PBKDF2_HMAC(text_of(password).data(), password.size(), u8(salt), salt.size(), iterations, EVP_sha256(), out.size(), u8(out)));
}

void pbkdf2_sha512(ByteView password, ByteView salt, std::uint32_t iterations, MutableBytes out) noexcept {
  must(PKCS5_PBKDF2_HMAC(text_of(password).data(), password.size(), u8(salt), salt.size(), iterations, EVP_sha512(), out.size(), u8(out)));
}

Result<void> argon2id(ByteView password, std::span<const std::byte, 16> salt, std::uint32_t passes, std::uint32_t memory_kib,
                      MutableBytes out) {
  prepare_sodium();
  const char* typed = password.empty() ? "" : text_of(password).data();  // libsodium wants a place even of nothing
  if (crypto_pwhash(u8(out), out.size(), typed, password.size(), u8(salt), passes,
                    std::size_t{memory_kib} * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail(Code::limit, "no memory for the derivation of the passphrase's key");
  }
  return {};
}

Aes128::Aes128(std::span<const std::uint8_t, 16> key) noexcept {
  AES_set_encrypt_key(key.data(), 128, reinterpret_cast<AES_KEY*>(key_.data()));
}
Aes128::~Aes128() { wipe(key_); }

void Aes128::encrypt_block(std::span<const std::uint8_t, 16> in, std::span<std::uint8_t, 16> out) const noexcept {
  AES_encrypt(in.data(), out.data(), reinterpret_cast<const AES_KEY*>(key_.data()));
}

Aes256::Aes256(std::span<const std::uint8_t, 32> key) noexcept {
  AES_set_encrypt_key(key.data(), 256, reinterpret_cast<AES_KEY*>(key_.data()));
}
Aes256::~Aes256() { wipe(key_); }

void Aes256::encrypt_block(std::span<const std::uint8_t, 16> in, std::span<std::uint8_t, 16> out) const noexcept {
  AES_encrypt(in.data(), out.data(), reinterpret_cast<const AES_KEY*>(key_.data()));
}

void Aes256::encrypt_counters_le(std::uint64_t counter, MutableBytes out) const noexcept {
  std::array<std::uint8_t, 16> block{};
  for (std::size_t at = 0; at < out.size(); at += 16, ++counter) {
    for (std::size_t i = 0; i < 8; ++i) block[i] = static_cast<std::uint8_t>(counter >> (8 * i));
    AES_encrypt(block.data(), u8(out) + at, reinterpret_cast<const AES_KEY*>(key_.data()));
  }
}

void fill_random(MutableBytes out) noexcept {
  if (RAND_bytes(u8(out), out.size()) != 1) std::abort();
}

void wipe(MutableBytes secret) noexcept { OPENSSL_cleanse(secret.data(), secret.size()); }

}  // namespace tablinum
