#include "file/payload.h"

#include <algorithm>

#include "file/keys.h"

namespace tablinum::seal::file {
namespace {

class Nonce {
 public:
  Nonce(Cipher cipher, std::uint64_t chunk, bool last) noexcept : bytes_{nonce_bytes(cipher)} {
    nonce_[bytes_ - 1] = std::byte{last};
    for (std::size_t place = bytes_ - 2; chunk != 0; chunk >>= 8) nonce_[place--] = static_cast<std::byte>(chunk & 0xff);
  }
  ByteView view() const noexcept { return ByteView{nonce_}.first(bytes_); }

 private:
  std::size_t bytes_;
  std::array<std::byte, 24> nonce_{};
};

/// Chunks that `bytes` make, of `chunk` bytes each; an empty payload has one.
std::uint64_t chunks_in(std::uint64_t bytes, std::uint64_t chunk) noexcept {
  return bytes == 0 ? 1 : bytes / chunk + (bytes % chunk != 0 ? 1 : 0);
}

/// Asks for the beginning of every page of what is read next: the processor's own reading ahead stops at the end of each. On a large
/// buffer in ordinary pages that is a tenth of the time; in a cache it costs nothing that can be measured.
void ask_for(ByteView next) noexcept {
  constexpr std::size_t kPage = 4096, kLine = 64, kLines = 4;
  for (std::size_t page = 0; page + kPage <= next.size(); page += kPage)
    for (std::size_t line = 0; line < kLines; ++line) __builtin_prefetch(next.data() + page + line * kLine, 0, 2);
}

ByteView chunk_of(ByteView bytes, std::uint64_t number, std::size_t chunk_bytes) noexcept {
  const std::size_t begin = std::min<std::size_t>(number * chunk_bytes, bytes.size());
  return bytes.subspan(begin, std::min(chunk_bytes, bytes.size() - begin));
}

}  // namespace

PayloadCipher::PayloadCipher(const Header& header, const FileKey& key)
    : aead_{header.cipher, payload_key(header, key).view()}, chunk_bytes_{std::size_t{1} << header.chunk_log2} {}

Result<std::size_t> PayloadCipher::seal(std::uint64_t first, bool last, ByteView plain, MutableBytes out) const {
  const std::uint64_t chunks = chunks_in(plain.size(), chunk_bytes_);
  if (first > kChunksMax || chunks > kChunksMax - first) return fail(Code::too_large, "more than a sealed file can hold");
  std::size_t written = 0;
  for (std::uint64_t i = 0; i < chunks; ++i) {
    const auto chunk = chunk_of(plain, i, chunk_bytes_);
    ask_for(chunk_of(plain, i + 1, chunk_bytes_));
    const Nonce nonce{aead_.cipher(), first + i, last && i + 1 == chunks};
    aead_.seal(nonce.view(), {}, chunk, out.subspan(written, chunk.size() + kAeadTagBytes));
    written += chunk.size() + kAeadTagBytes;
  }
  return written;
}

Result<std::size_t> PayloadCipher::open(std::uint64_t first, bool last, ByteView sealed, MutableBytes out) const {
  const std::uint64_t chunks = chunks_in(sealed.size(), sealed_chunk_bytes());
  if (first > kChunksMax || chunks > kChunksMax - first) return cannot_open();
  std::size_t written = 0;
  for (std::uint64_t i = 0; i < chunks; ++i) {
    const auto chunk = chunk_of(sealed, i, sealed_chunk_bytes());
    ask_for(chunk_of(sealed, i + 1, sealed_chunk_bytes()));
    // A final chunk without content stands only for an empty file: one file has one form.
    if (chunk.size() < kAeadTagBytes || (chunk.size() == kAeadTagBytes && first + i > 0)) return cannot_open();
    const Nonce nonce{aead_.cipher(), first + i, last && i + 1 == chunks};
    if (!aead_.open(nonce.view(), {}, chunk, out.subspan(written, chunk.size() - kAeadTagBytes))) return cannot_open();
    written += chunk.size() - kAeadTagBytes;
  }
  return written;
}

Result<std::uint64_t> PayloadCipher::sealed_bytes(std::uint64_t plain_bytes) const {
  const std::uint64_t chunks = chunks_in(plain_bytes, chunk_bytes_);
  if (chunks > kChunksMax) return fail(Code::too_large, "more than a sealed file can hold");
  return plain_bytes + chunks * kAeadTagBytes;
}

Result<std::uint64_t> PayloadCipher::plain_bytes(std::uint64_t sealed_bytes) const {
  const std::uint64_t chunks = chunks_in(sealed_bytes, sealed_chunk_bytes());
  const std::uint64_t last = sealed_bytes - (chunks - 1) * sealed_chunk_bytes();
  const bool is_payload = chunks <= kChunksMax && (chunks == 1 ? last >= kAeadTagBytes : last > kAeadTagBytes);
  if (!is_payload) return cannot_open();
  return sealed_bytes - chunks * kAeadTagBytes;
}

}  // namespace tablinum::seal::file
