#pragma once
/// Hashing, keyed hashing, block cipher and randomness: AWS-LC behind our own names, so that its headers stay in base's src/.
#include <array>
#include <cstdint>
#include <memory>

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

/// SHA-512 (FIPS 180-4) and SHA3-256 (FIPS 202), one-shot.
std::array<std::uint8_t, 64> sha512(ByteView bytes) noexcept;
Digest sha3_256(ByteView bytes) noexcept;
/// BLAKE2b (RFC 7693) with 64 bytes of output and no key.
std::array<std::uint8_t, 64> blake2b_512(ByteView bytes) noexcept;

struct DigestState;
struct FreeDigestState {
  void operator()(DigestState* state) const noexcept;  // wipes
};

/// Incremental SHA3-256 (FIPS 202).
class Sha3_256 {
 public:
  Sha3_256() noexcept;
  Sha3_256& update(ByteView bytes) noexcept;
  Sha3_256& update(std::string_view text) noexcept { return update(bytes_of(text)); }
  /// Ends the computation; the object may not be used again.
  Digest finish() noexcept;

 private:
  std::unique_ptr<DigestState, FreeDigestState> state_;
};

/// SHAKE128 or SHAKE256 (FIPS 202): absorb everything, then squeeze any number of times. Wiped when it goes.
class Shake {
 public:
  enum class Strength : std::uint16_t { bits128 = 128, bits256 = 256 };
  explicit Shake(Strength strength) noexcept;
  Shake& absorb(ByteView bytes) noexcept;
  /// The next out.size() bytes of the stream.
  void squeeze(MutableBytes out) noexcept;

 private:
  std::unique_ptr<DigestState, FreeDigestState> state_;
};

std::array<std::uint8_t, 64> hmac_sha512(ByteView key, ByteView message) noexcept;

/// HKDF (RFC 5869), extract and expand.  @param out up to 255 hashes long (asserted).
void hkdf_sha256(ByteView salt, ByteView key, ByteView info, MutableBytes out) noexcept;
void hkdf_sha512(ByteView salt, ByteView key, ByteView info, MutableBytes out) noexcept;

/// PBKDF2-HMAC (RFC 8018), for formats that have it; new ones use argon2id().
void pbkdf2_sha256(ByteView password, ByteView salt, std::uint32_t iterations, MutableBytes out) noexcept;
void pbkdf2_sha512(ByteView password, ByteView salt, std::uint32_t iterations, MutableBytes out) noexcept;

/// Argon2id version 1.3 (RFC 9106) with one lane.
/// @param memory_kib at least 8.  @error limit: the memory could not be had.
Result<void> argon2id(ByteView password, std::span<const std::byte, 16> salt, std::uint32_t passes, std::uint32_t memory_kib,
                      MutableBytes out);

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

/// AES-256 on single blocks, and its key stream; for constructions that name AES as a pseudo-random function.
class Aes256 {
 public:
  explicit Aes256(std::span<const std::uint8_t, 32> key) noexcept;
  ~Aes256();
  Aes256(const Aes256&) = delete;
  Aes256& operator=(const Aes256&) = delete;
  void encrypt_block(std::span<const std::uint8_t, 16> in, std::span<std::uint8_t, 16> out) const noexcept;
  /// out = E(counter) ‖ E(counter + 1) ‖ …, the counter a 128-bit little-endian block; whole blocks only.
  void encrypt_counters_le(std::uint64_t counter, MutableBytes out) const noexcept;

 private:
  alignas(16) std::array<std::byte, 256> key_;
};

/// The system's randomness. Aborts if there is none: nothing sensible can go on without it.
void fill_random(MutableBytes out) noexcept;

/// Overwrites memory in a way the compiler does not remove.
void wipe(MutableBytes secret) noexcept;

}  // namespace tablinum
