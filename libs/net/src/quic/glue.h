#pragma once
/// The glue between ngtcp2, which knows packets, and AWS-LC, which knows TLS: every callback of the one that needs the other.
/// Source: RFC 9001; ngtcp2's programmers' guide; AWS-LC's ssl.h ("QUIC integration").
#include <openssl/ssl.h>

#include <memory>
#include <vector>

#include "quic/keys.h"

namespace tablinum::net::quic {

struct FreeSsl {
  void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
};
using SslPtr = std::unique_ptr<SSL, FreeSsl>;

/// One handshake. The ngtcp2_conn that it is tied to has this object as its user_data, so what has more callbacks derives from it.
/// Nothing here reads a clock or sends.
class Glue {
 public:
  /// Sets the callbacks that are this module's business; the others stay as they are.
  static void fill(ngtcp2_callbacks& callbacks) noexcept;

  Glue() = default;
  Glue(const Glue&) = delete;
  Glue& operator=(const Glue&) = delete;
  virtual ~Glue();

  /// For SSL_CTX_sess_set_new_cb of a client's context: hands each ticket to its connection's new_session().
  static int keep_session(SSL* ssl, SSL_SESSION* session);

  SSL* ssl() const noexcept { return ssl_.get(); }
  ngtcp2_conn* conn() const noexcept { return conn_; }
  /// IANA's number of the group the handshake agreed on (0x11ec: X25519MLKEM768); 0 before that.
  std::uint16_t group() const noexcept { return ssl_ ? SSL_get_curve_id(ssl_.get()) : 0; }
  /// How many generations of 1-RTT keys were derived after the first. ngtcp2 keeps one ready ahead.
  unsigned keys_derived() const noexcept { return keys_derived_; }

 protected:
  /// Takes both over. `ssl` is of a context with TLS 1.3 and is set to accept or connect already.
  void tie(ngtcp2_conn* conn, SslPtr ssl) noexcept;
  /// A client's parameters go out with its ClientHello.
  bool give_our_parameters();
  /// A client's: takes the session over.
  virtual void new_session(SSL_SESSION* session) = 0;
  /// Asked by a server when TLS would accept 0-RTT; `secret` is one for each ClientHello, so it tells a replay (RFC 8446 §8.2).
  /// False: the early packets stay unread, and what they carried comes again in 1-RTT.
  virtual bool accepts_early(std::span<const std::uint8_t> secret) = 0;
  /// Destroys the connection, then TLS; nothing calls back any more.
  void untie() noexcept;

 private:
  friend struct GlueHooks;
  int install_initial_keys(std::uint32_t version, const ngtcp2_cid& dcid, bool negotiated);
  int advance();
  int receive_crypto(ngtcp2_encryption_level level, const std::uint8_t* data, std::size_t size);
  bool install(ssl_encryption_level_t level, const SSL_CIPHER* cipher, std::span<const std::uint8_t> secret, bool receiving);
  bool take_peer_parameters();

  ngtcp2_conn* conn_ = nullptr;
  SslPtr ssl_;
  Suite suite_ = Suite::aes_128_gcm;
  unsigned keys_derived_ = 0;
};

/// A Retry packet.  @param out room for it.  @return its size; 0 if it does not fit.
std::size_t write_retry(std::span<std::uint8_t> out, std::uint32_t version, const ngtcp2_cid& dcid, const ngtcp2_cid& scid,
                        const ngtcp2_cid& original_dcid, std::span<const std::uint8_t> token);
/// The integrity tag of a Retry packet without it (RFC 9001 §5.8).
std::vector<std::uint8_t> retry_tag(std::uint32_t version, std::span<const std::uint8_t> original_dcid,
                                    std::span<const std::uint8_t> packet);
/// A CONNECTION_CLOSE in an Initial packet for a connection that was never made.  @return its size; 0 if it does not fit.
std::size_t write_refusal(std::span<std::uint8_t> out, const ngtcp2_pkt_hd& initial, std::uint64_t error);

}  // namespace tablinum::net::quic
