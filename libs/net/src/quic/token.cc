#include "quic/token.h"

#include <algorithm>

namespace tablinum::net::quic {
namespace {

constexpr std::size_t kHeadBytes = 1 + kIvBytes;
constexpr std::size_t kTimeBytes = 8;

std::span<const std::uint8_t> octets(ByteView bytes) noexcept { return {u8(bytes), bytes.size()}; }

Bytes retry_binding(const Address& peer, const CidKey& new_cid) {
  Bytes bound{peer.ip().begin(), peer.ip().end()};
  append_u16_be(bound, peer.port());
  append(bound, std::as_bytes(std::span{new_cid.bytes}.first(new_cid.size)));
  return bound;
}

}  // namespace

TokenMaker::TokenMaker(ByteView key) {
  std::array<std::uint8_t, 16> derived;
  hkdf_sha256({}, key, bytes_of("tablinum quic token"), std::as_writable_bytes(std::span{derived}));
  aead_ = make_aead(Suite::aes_128_gcm, derived);
  wipe(std::as_writable_bytes(std::span{derived}));
}

Bytes TokenMaker::make(std::uint8_t kind, Timestamp now, ByteView bound, ByteView content) const {
  Bytes token(1, std::byte{kind});
  token.resize(kHeadBytes);
  fill_random(MutableBytes{token}.subspan(1));
  append_u64_be(token, static_cast<std::uint64_t>(now.ms));
  append(token, content);
  const std::size_t plain = token.size() - kHeadBytes;
  token.resize(token.size() + kTagBytes);
  Bytes header{std::byte{kind}};
  append(header, bound);
  std::uint8_t* body = u8(MutableBytes{token}) + kHeadBytes;
  seal(aead_.get(), body, {body, plain}, octets(ByteView{token}.subspan(1, kIvBytes)), octets(header));
  return token;
}

Result<Bytes> TokenMaker::open_token(std::uint8_t kind, ByteView token, Timestamp now, Duration life, ByteView bound) const {
  if (token.size() < kHeadBytes + kTimeBytes + kTagBytes || token[0] != std::byte{kind}) return fail(Code::corrupt, "not such a token");
  Bytes header{std::byte{kind}};
  append(header, bound);
  const ByteView sealed = token.subspan(kHeadBytes);
  Bytes plain(sealed.size());
  if (!open(aead_.get(), u8(MutableBytes{plain}), octets(sealed), octets(token.subspan(1, kIvBytes)), octets(header)))
    return fail(Code::corrupt, "a token that does not verify");
  plain.resize(plain.size() - kTagBytes);
  std::uint64_t made = 0;
  for (std::size_t i = 0; i < kTimeBytes; ++i) made = made << 8 | static_cast<std::uint64_t>(plain[i]);
  const std::int64_t age = now.ms - static_cast<std::int64_t>(made);
  if (age < 0 || age > life.milliseconds()) return fail(Code::timeout, "a token that is too old");
  plain.erase(plain.begin(), plain.begin() + kTimeBytes);
  return plain;
}

Bytes TokenMaker::retry(Timestamp now, const Address& peer, const CidKey& new_cid, const CidKey& original) const {
  return make(kRetryTokenKind, now, retry_binding(peer, new_cid), std::as_bytes(std::span{original.bytes}.first(original.size)));
}

Bytes TokenMaker::for_later(Timestamp now, const Address& peer) const { return make(kNewTokenKind, now, peer.ip(), {}); }

Result<CidKey> TokenMaker::open_retry(ByteView token, Timestamp now, const Address& peer, const CidKey& new_cid) const {
  TRY(content, open_token(kRetryTokenKind, token, now, kRetryTokenLife, retry_binding(peer, new_cid)));
  if (content.size() > NGTCP2_MAX_CIDLEN) return fail(Code::corrupt, "a token with too long an id");
  return CidKey{u8(ByteView{content}), content.size()};
}

Result<void> TokenMaker::open_for_later(ByteView token, Timestamp now, const Address& peer) const {
  TRY(content, open_token(kNewTokenKind, token, now, kNewTokenLife, peer.ip()));
  if (!content.empty()) return fail(Code::corrupt, "a token with too much in it");
  return {};
}

}  // namespace tablinum::net::quic
