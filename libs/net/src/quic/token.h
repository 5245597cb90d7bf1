#pragma once
/// Address validation tokens: of a Retry (10 seconds, bound to address, port and the new connection id) and for later connections
/// (24 hours, bound to the address). Source: RFC 9000 §8.1; layout: kind ‖ nonce (12) ‖ AES-128-GCM(time ‖ original id).
#include "quic/address.h"
#include "quic/keys.h"
#include "tablinum/base/time.h"

namespace tablinum::net::quic {

inline constexpr Duration kRetryTokenLife = Duration::seconds(10);
inline constexpr Duration kNewTokenLife = Duration::seconds(24 * 3600);
inline constexpr std::uint8_t kRetryTokenKind = 0x52;
inline constexpr std::uint8_t kNewTokenKind = 0x4e;

class TokenMaker {
 public:
  /// @param key any bytes; the token key is derived from it.
  explicit TokenMaker(ByteView key);

  Bytes retry(Timestamp now, const Address& peer, const CidKey& new_cid, const CidKey& original) const;
  Bytes for_later(Timestamp now, const Address& peer) const;

  /// The original id of a Retry token.
  /// @error corrupt: not ours, for another address, port or id.  timeout: too old, or from the future.
  Result<CidKey> open_retry(ByteView token, Timestamp now, const Address& peer, const CidKey& new_cid) const;
  /// @error as open_retry.
  Result<void> open_for_later(ByteView token, Timestamp now, const Address& peer) const;

 private:
  Bytes make(std::uint8_t kind, Timestamp now, ByteView bound, ByteView content) const;
  Result<Bytes> open_token(std::uint8_t kind, ByteView token, Timestamp now, Duration life, ByteView bound) const;
  AeadPtr aead_;
};

}  // namespace tablinum::net::quic
