#pragma once
/// The payload: chunks under STREAM. Chunk i of n has the nonce be(i) ‖ [i = n − 1].
#include "file/layout.h"

namespace tablinum::seal::file {

class PayloadCipher {
 public:
  PayloadCipher(const Header& header, const FileKey& key);

  std::size_t chunk_bytes() const noexcept { return chunk_bytes_; }
  std::size_t sealed_chunk_bytes() const noexcept { return chunk_bytes_ + kAeadTagBytes; }

  /// Several chunks in a row, the first with number `first`; only the last of a payload may be short, or be empty if it is the only one.
  /// `out` does not overlap, or starts where the input does and there is one chunk.
  /// @return bytes written.  @error too_large: over kChunksMax chunks.
  Result<std::size_t> seal(std::uint64_t first, bool last, ByteView plain, MutableBytes out) const;
  /// @error corrupt with kCannotOpen; nothing of `out` may be used then.
  Result<std::size_t> open(std::uint64_t first, bool last, ByteView sealed, MutableBytes out) const;

  /// Sizes of whole payloads.  @error too_large.
  Result<std::uint64_t> sealed_bytes(std::uint64_t plain_bytes) const;
  /// @error corrupt with kCannotOpen: no payload has this size.
  Result<std::uint64_t> plain_bytes(std::uint64_t sealed_bytes) const;

 private:
  Aead aead_;
  std::size_t chunk_bytes_;
};

}  // namespace tablinum::seal::file
