#include "tablinum/base/crypto.h"

#include <openssl/aes.h>
#include <openssl/hmac.h>
#include <openssl/mem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <cstdlib>

namespace tablinum {
namespace {

static_assert(sizeof(SHA256_CTX) <= 112 && alignof(SHA256_CTX) <= 8);
static_assert(sizeof(AES_KEY) <= 256 && alignof(AES_KEY) <= 16);

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

Aes128::Aes128(std::span<const std::uint8_t, 16> key) noexcept {
  AES_set_encrypt_key(key.data(), 128, reinterpret_cast<AES_KEY*>(key_.data()));
}
Aes128::~Aes128() { wipe(key_); }

void Aes128::encrypt_block(std::span<const std::uint8_t, 16> in, std::span<std::uint8_t, 16> out) const noexcept {
  AES_encrypt(in.data(), out.data(), reinterpret_cast<const AES_KEY*>(key_.data()));
}

void fill_random(MutableBytes out) noexcept {
  if (RAND_bytes(u8(out), out.size()) != 1) std::abort();
}

void wipe(MutableBytes secret) noexcept { OPENSSL_cleanse(secret.data(), secret.size()); }

}  // namespace tablinum
