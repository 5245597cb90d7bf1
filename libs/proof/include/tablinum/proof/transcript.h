#pragma once
/// The Fiat–Shamir transcript of the back end `lf`, byte for byte that of google/longfellow-zk.  Source: docs/proof/lf.md.
/// `vole` takes its challenges from it too.
#include <optional>
#include <span>
#include <vector>

#include "tablinum/base/crypto.h"
#include "tablinum/proof/field.h"

namespace tablinum::proof {

/// A stream of bytes: AES-256 under `key` of the blocks 0, 1, 2, … (128-bit little-endian).
class KeyStream {
 public:
  explicit KeyStream(const Digest& key) noexcept;
  void read(MutableBytes out) noexcept;

 private:
  static constexpr std::size_t kBufferBytes = 2048;
  Aes256 cipher_;
  std::array<std::byte, kBufferBytes> buffer_;
  std::size_t used_ = 0, filled_ = 0;
  std::uint64_t next_block_ = 0;
};

/// What prover and verifier have said so far. Any write ends the stream of challenges; the next challenge starts a new one.
/// @note Not thread-safe.
class Transcript {
 public:
  explicit Transcript(ByteView session) noexcept { bytes(session); }

  void bytes(ByteView b) noexcept;
  void elt(Elt e) noexcept;
  void array(std::span<const Elt> elements) noexcept;
  /// `count` zero bytes, absorbed as bytes() would.
  void zeros(std::uint64_t count) noexcept;

  Elt challenge() noexcept;
  void challenges(std::span<Elt> out) noexcept;
  /// Uniform below n, n ≥ 1.
  std::uint64_t natural(std::uint64_t n) noexcept;
  /// k different numbers below n, in the order drawn.  @pre k ≤ n.
  std::vector<std::uint32_t> choose(std::uint32_t n, std::uint32_t k);
  /// SHA-256 of all that was written.
  Digest digest() const noexcept;

 private:
  void head(std::uint8_t tag, std::uint64_t length) noexcept;
  void read(MutableBytes out) noexcept;

  Sha256 absorbed_;
  std::optional<KeyStream> stream_;
};

}  // namespace tablinum::proof
