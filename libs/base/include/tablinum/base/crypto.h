#pragma once
/// Hashing, keyed hashing, block cipher and randomness: AWS-LC behind our own names, so that its headers stay in base's src/.
#include <array>
#include <cstdint>

#include "tablinum/base/bytes.h"

namespace tablinum {

/// A SHA-256 value (FIPS 180-4), 32 bytes.
struct Digest {
  std::array<std::uint8_t, 32> bytes{};
  friend constexpr auto operator<=>(const Digest&, const Digest&) = default;
  ByteView view() const noexcept { return std::as_bytes(std::span{bytes}); }
};
inline std::string to_hex(const Digest& digest) { return to_hex(digest.view()); }
/// @error corrupt: not 32 bytes.
Result<Digest> digest_from_bytes(ByteView bytes);

/// Incremental SHA-256. The state is plain data: copyable, no allocation.
class Sha256 {
 public:
  Sha256() noexcept;
  Sha256& update(ByteView bytes) noexcept;
  Sha256& update(std::string_view text) noexcept { return update(bytes_of(text)); }
  Sha256& update_byte(std::uint8_t byte) noexcept;
  /// Ends the computation; the object may not be used again.
  Digest finish() noexcept;

 private:
  alignas(8) std::array<std::byte, 112> state_;  // SHA256_CTX
};

/// One-shot, by the low-level calls: 60 ns for a block against 350 ns for the generic interface.
Digest sha256(ByteView bytes) noexcept;

/// Applies the SHA-256 compression function once: state (8 words, host order) and one 64-byte block.
void sha256_compress(std::array<std::uint32_t, 8>& state, std::span<const std::uint8_t, 64> block) noexcept;

Digest hmac_sha256(ByteView key, ByteView message) noexcept;

/// AES-128 on single blocks; for deriving salts from a record's salt, not for messages.
class Aes128 {
 public:
  explicit Aes128(std::span<const std::uint8_t, 16> key) noexcept;
  ~Aes128();
  Aes128(const Aes128&) = delete;
  Aes128& operator=(const Aes128&) = delete;
  void encrypt_block(std::span<const std::uint8_t, 16> in, std::span<std::uint8_t, 16> out) const noexcept;

 private:
  alignas(16) std::array<std::byte, 256> key_;
};

/// The system's randomness. Aborts if there is none: nothing sensible can go on without it.
void fill_random(MutableBytes out) noexcept;

/// Overwrites memory in a way the compiler does not remove.
void wipe(MutableBytes secret) noexcept;

}  // namespace tablinum
