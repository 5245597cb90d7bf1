#include "tablinum/base/aead.h"

#include <openssl/aead.h>
#include <sodium.h>

#include <cassert>
#include <cstdlib>

#include "tablinum/base/secret.h"

namespace tablinum {

struct Aead::State {
  Cipher cipher;
  bssl::ScopedEVP_AEAD_CTX gcm;  // wipes
  Secret<kAeadKeyBytes> key;     // XChaCha20-Poly1305 only
};

Aead::Aead(Cipher cipher, std::span<const std::byte, kAeadKeyBytes> key) noexcept : state_{std::make_unique<State>()} {
  state_->cipher = cipher;
  if (cipher == Cipher::xchacha20_poly1305) {
    static const int ready = sodium_init();  // chooses the fast implementation
    if (ready < 0) std::abort();
    state_->key = Secret<kAeadKeyBytes>{key};
    return;
  }
  const auto* algorithm = EVP_aead_aes_256_gcm();
  if (EVP_AEAD_CTX_init(state_->gcm.get(), algorithm, u8(ByteView{key}), key.size(), kAeadTagBytes, nullptr) != 1) std::abort();
}
Aead::~Aead() = default;
Aead::Aead(Aead&&) noexcept = default;
Aead& Aead::operator=(Aead&&) noexcept = default;

Cipher Aead::cipher() const noexcept { return state_->cipher; }

void Aead::seal(ByteView nonce, ByteView aad, ByteView plain, MutableBytes out) const noexcept {
  assert(nonce.size() == nonce_bytes(state_->cipher) && out.size() == plain.size() + kAeadTagBytes);
  if (state_->cipher == Cipher::xchacha20_poly1305) {
    crypto_aead_xchacha20poly1305_ietf_encrypt(u8(out), nullptr, u8(plain), plain.size(), u8(aad), aad.size(), nullptr, u8(nonce),
                                               state_->key.u8().data());
    return;
  }
  std::size_t length = 0;
  if (EVP_AEAD_CTX_seal(state_->gcm.get(), u8(out), &length, out.size(), u8(nonce), nonce.size(), u8(plain), plain.size(), u8(aad),
                        aad.size()) != 1) {
    std::abort();
  }
}

bool Aead::open(ByteView nonce, ByteView aad, ByteView sealed, MutableBytes out) const noexcept {
  assert(nonce.size() == nonce_bytes(state_->cipher));
  bool authentic = false;
  if (sealed.size() < kAeadTagBytes) return false;
  assert(out.size() == sealed.size() - kAeadTagBytes);
  if (state_->cipher == Cipher::xchacha20_poly1305) {
    authentic = crypto_aead_xchacha20poly1305_ietf_decrypt(u8(out), nullptr, nullptr, u8(sealed), sealed.size(), u8(aad), aad.size(),
                                                           u8(nonce), state_->key.u8().data()) == 0;
  } else {
    std::size_t length = 0;
    authentic = EVP_AEAD_CTX_open(state_->gcm.get(), u8(out), &length, out.size(), u8(nonce), nonce.size(), u8(sealed), sealed.size(),
                                  u8(aad), aad.size()) == 1;
  }
  if (!authentic) std::ranges::fill(out, std::byte{});
  return authentic;
}

}  // namespace tablinum
