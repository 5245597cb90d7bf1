#pragma once
/// Authenticated encryption with associated data: AES-256-GCM (NIST SP 800-38D) and XChaCha20-Poly1305
/// (draft-irtf-cfrg-xchacha-03). Nonces are the caller's: never the same one twice under one key.
#include <memory>

#include "tablinum/base/bytes.h"
#include "tablinum/base/error.h"

namespace tablinum {

enum class Cipher : std::uint8_t { aes256_gcm = 1, xchacha20_poly1305 = 2 };  ///< numbers of the sealed-file format

inline constexpr std::size_t kAeadTagBytes = 16;
inline constexpr std::size_t kAeadKeyBytes = 32;
/// 12 or 24.
constexpr std::size_t nonce_bytes(Cipher cipher) noexcept { return cipher == Cipher::aes256_gcm ? 12 : 24; }

/// One key, set up once. Thread-safe; the key is wiped when it goes.
class Aead {
 public:
  Aead(Cipher cipher, std::span<const std::byte, kAeadKeyBytes> key) noexcept;
  ~Aead();
  Aead(Aead&&) noexcept;
  Aead& operator=(Aead&&) noexcept;

  Cipher cipher() const noexcept;
  /// Writes plain.size() + kAeadTagBytes bytes to `out` (asserted). `plain` and `out` are the same start or apart.
  void seal(ByteView nonce, ByteView aad, ByteView plain, MutableBytes out) const noexcept;
  /// Writes sealed.size() − kAeadTagBytes bytes to `out`. False: not authentic; `out` is all zero then.
  [[nodiscard]] bool open(ByteView nonce, ByteView aad, ByteView sealed, MutableBytes out) const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tablinum
