#include "quic/glue.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tablinum::net::quic {
namespace {

constexpr std::size_t kParametersBytesMax = 512;

ngtcp2_crypto_aead_ctx handle(AeadPtr& aead) noexcept { return {aead.release()}; }

ssl_encryption_level_t ssl_level(ngtcp2_encryption_level level) noexcept {
  switch (level) {
    case NGTCP2_ENCRYPTION_LEVEL_HANDSHAKE: return ssl_encryption_handshake;
    case NGTCP2_ENCRYPTION_LEVEL_1RTT: return ssl_encryption_application;
    case NGTCP2_ENCRYPTION_LEVEL_0RTT: return ssl_encryption_early_data;
    case NGTCP2_ENCRYPTION_LEVEL_INITIAL: break;
  }
  return ssl_encryption_initial;
}

ngtcp2_encryption_level ngtcp2_level(ssl_encryption_level_t level) noexcept {
  switch (level) {
    case ssl_encryption_handshake: return NGTCP2_ENCRYPTION_LEVEL_HANDSHAKE;
    case ssl_encryption_application: return NGTCP2_ENCRYPTION_LEVEL_1RTT;
    case ssl_encryption_early_data: return NGTCP2_ENCRYPTION_LEVEL_0RTT;
    case ssl_encryption_initial: break;
  }
  return NGTCP2_ENCRYPTION_LEVEL_INITIAL;
}

std::span<const std::uint8_t> view(const ngtcp2_cid& cid) noexcept { return {cid.data, cid.datalen}; }

/// ngtcp2 frees what it was given only if the call succeeded.
template <class Install>
int hand_over(PacketKeys& keys, Install install) {
  const ngtcp2_crypto_aead_ctx aead{keys.aead.get()};
  const ngtcp2_crypto_cipher_ctx header{keys.header.get()};
  const int status = install(aead, header);
  if (status == 0) {
    keys.aead.release();
    keys.header.release();
  }
  return status;
}

}  // namespace

/// The C callbacks.
struct GlueHooks {
  static Glue& glue(void* user_data) noexcept { return *static_cast<Glue*>(user_data); }
  static Glue& glue(SSL* ssl) noexcept { return *static_cast<Glue*>(SSL_get_app_data(ssl)); }

  static int client_initial(ngtcp2_conn* conn, void* user_data) {
    Glue& self = glue(user_data);
    const int status =
        self.install_initial_keys(ngtcp2_conn_get_client_chosen_version(conn), *ngtcp2_conn_get_dcid(conn), false);
    return status != 0 ? status : self.receive_crypto(NGTCP2_ENCRYPTION_LEVEL_INITIAL, nullptr, 0);
  }
  static int recv_client_initial(ngtcp2_conn* conn, const ngtcp2_cid* dcid, void* user_data) {
    return glue(user_data).install_initial_keys(ngtcp2_conn_get_client_chosen_version(conn), *dcid, false);
  }
  static int recv_retry(ngtcp2_conn* conn, const ngtcp2_pkt_hd* header, void* user_data) {
    return glue(user_data).install_initial_keys(ngtcp2_conn_get_client_chosen_version(conn), header->scid, false);
  }
  static int version_negotiation(ngtcp2_conn*, std::uint32_t version, const ngtcp2_cid* client_dcid, void* user_data) {
    return glue(user_data).install_initial_keys(version, *client_dcid, true);
  }
  static int recv_crypto_data(ngtcp2_conn*, ngtcp2_encryption_level level, std::uint64_t, const std::uint8_t* data, std::size_t size,
                              void* user_data) {
    return glue(user_data).receive_crypto(level, data, size);
  }

  static int encrypt(std::uint8_t* out, const ngtcp2_crypto_aead*, const ngtcp2_crypto_aead_ctx* aead, const std::uint8_t* plain,
                     std::size_t plain_size, const std::uint8_t* nonce, std::size_t nonce_size, const std::uint8_t* header,
                     std::size_t header_size) {
    const bool done = seal(aead->native_handle, out, {plain, plain_size}, {nonce, nonce_size}, {header, header_size});
    return done ? 0 : NGTCP2_ERR_CALLBACK_FAILURE;
  }
  static int decrypt(std::uint8_t* out, const ngtcp2_crypto_aead*, const ngtcp2_crypto_aead_ctx* aead, const std::uint8_t* sealed,
                     std::size_t sealed_size, const std::uint8_t* nonce, std::size_t nonce_size, const std::uint8_t* header,
                     std::size_t header_size) {
    const bool done = open(aead->native_handle, out, {sealed, sealed_size}, {nonce, nonce_size}, {header, header_size});
    return done ? 0 : NGTCP2_ERR_DECRYPT;
  }
  static int hp_mask(std::uint8_t* out, const ngtcp2_crypto_cipher*, const ngtcp2_crypto_cipher_ctx* key, const std::uint8_t* sample) {
    header_mask(*static_cast<HeaderKey*>(key->native_handle), sample, out);
    return 0;
  }
  static int update_key(ngtcp2_conn* conn, std::uint8_t* rx_secret, std::uint8_t* tx_secret, ngtcp2_crypto_aead_ctx* rx_aead,
                        std::uint8_t* rx_iv, ngtcp2_crypto_aead_ctx* tx_aead, std::uint8_t* tx_iv, const std::uint8_t* current_rx,
                        const std::uint8_t* current_tx, std::size_t size, void* user_data) {
    const Suite suite = glue(user_data).suite_;
    ++glue(user_data).keys_derived_;
    const std::uint32_t version = ngtcp2_conn_get_negotiated_version(conn);
    const auto renew = [&](const std::uint8_t* current, std::uint8_t* secret, ngtcp2_crypto_aead_ctx* aead, std::uint8_t* iv) {
      const TrafficSecret next = next_secret(version, suite, {current, size});
      PacketKeys keys = derive(version, suite, next.view(), WithHeaderKey::no);
      std::ranges::copy(next.view(), secret);
      std::ranges::copy(keys.iv, iv);
      *aead = handle(keys.aead);
      return aead->native_handle != nullptr;
    };
    const bool done = renew(current_rx, rx_secret, rx_aead, rx_iv) && renew(current_tx, tx_secret, tx_aead, tx_iv);
    return done ? 0 : NGTCP2_ERR_CALLBACK_FAILURE;
  }
  static void delete_aead(ngtcp2_conn*, ngtcp2_crypto_aead_ctx* context, void*) { AeadPtr{context->native_handle}.reset(); }
  static void delete_cipher(ngtcp2_conn*, ngtcp2_crypto_cipher_ctx* context, void*) {
    HeaderKeyPtr{static_cast<HeaderKey*>(context->native_handle)}.reset();
  }
  static void rand(std::uint8_t* out, std::size_t size, const ngtcp2_rand_ctx*) {
    fill_random(std::as_writable_bytes(std::span{out, size}));
  }
  static int path_challenge(ngtcp2_conn*, std::uint8_t* data, void*) {
    fill_random(std::as_writable_bytes(std::span{data, NGTCP2_PATH_CHALLENGE_DATALEN}));
    return 0;
  }

  static int set_read_secret(SSL* ssl, ssl_encryption_level_t level, const SSL_CIPHER* cipher, const std::uint8_t* secret,
                             std::size_t size) {
    return glue(ssl).install(level, cipher, {secret, size}, true) ? 1 : 0;
  }
  static int set_write_secret(SSL* ssl, ssl_encryption_level_t level, const SSL_CIPHER* cipher, const std::uint8_t* secret,
                              std::size_t size) {
    return glue(ssl).install(level, cipher, {secret, size}, false) ? 1 : 0;
  }
  static int add_handshake_data(SSL* ssl, ssl_encryption_level_t level, const std::uint8_t* data, std::size_t size) {
    return ngtcp2_conn_submit_crypto_data(glue(ssl).conn_, ngtcp2_level(level), data, size) == 0 ? 1 : 0;
  }
  // The driver writes after each read anyway.
  static int flush_flight(SSL*) { return 1; }
  static int send_alert(SSL* ssl, ssl_encryption_level_t, std::uint8_t alert) {
    ngtcp2_conn_set_tls_alert(glue(ssl).conn_, alert);
    return 1;
  }
};

namespace {
constexpr SSL_QUIC_METHOD kMethod{&GlueHooks::set_read_secret, &GlueHooks::set_write_secret, &GlueHooks::add_handshake_data,
                                  &GlueHooks::flush_flight, &GlueHooks::send_alert};
}  // namespace

void Glue::fill(ngtcp2_callbacks& callbacks) noexcept {
  callbacks.client_initial = &GlueHooks::client_initial;
  callbacks.recv_client_initial = &GlueHooks::recv_client_initial;
  callbacks.recv_retry = &GlueHooks::recv_retry;
  callbacks.version_negotiation = &GlueHooks::version_negotiation;
  callbacks.recv_crypto_data = &GlueHooks::recv_crypto_data;
  callbacks.encrypt = &GlueHooks::encrypt;
  callbacks.decrypt = &GlueHooks::decrypt;
  callbacks.hp_mask = &GlueHooks::hp_mask;
  callbacks.update_key = &GlueHooks::update_key;
  callbacks.delete_crypto_aead_ctx = &GlueHooks::delete_aead;
  callbacks.delete_crypto_cipher_ctx = &GlueHooks::delete_cipher;
  callbacks.rand = &GlueHooks::rand;
  callbacks.get_path_challenge_data = &GlueHooks::path_challenge;
}

Glue::~Glue() { untie(); }

void Glue::tie(ngtcp2_conn* conn, SslPtr ssl) noexcept {
  conn_ = conn;
  ssl_ = std::move(ssl);
  SSL_set_app_data(ssl_.get(), this);
  SSL_set_quic_method(ssl_.get(), &kMethod);
  ngtcp2_conn_set_tls_native_handle(conn_, ssl_.get());
}

void Glue::untie() noexcept {
  if (conn_ != nullptr) ngtcp2_conn_del(std::exchange(conn_, nullptr));
  ssl_.reset();
}

int Glue::install_initial_keys(std::uint32_t version, const ngtcp2_cid& dcid, bool negotiated) {
  const bool server = ngtcp2_conn_is_server(conn_) != 0;
  const InitialSecrets secrets = initial_secrets(version, view(dcid));
  PacketKeys rx = derive(version, Suite::aes_128_gcm, (server ? secrets.client : secrets.server).view(), WithHeaderKey::yes);
  PacketKeys tx = derive(version, Suite::aes_128_gcm, (server ? secrets.server : secrets.client).view(), WithHeaderKey::yes);
  const ngtcp2_crypto_ctx context = crypto_context(Suite::aes_128_gcm);
  if (!negotiated) ngtcp2_conn_set_initial_crypto_ctx(conn_, &context);
  const ngtcp2_crypto_aead_ctx rx_aead{rx.aead.get()}, tx_aead{tx.aead.get()};
  const ngtcp2_crypto_cipher_ctx rx_header{rx.header.get()}, tx_header{tx.header.get()};
  const int status =
      negotiated ? ngtcp2_conn_install_vneg_initial_key(conn_, version, &rx_aead, rx.iv.data(), &rx_header, &tx_aead, tx.iv.data(),
                                                        &tx_header, kIvBytes)
                 : ngtcp2_conn_install_initial_key(conn_, &rx_aead, rx.iv.data(), &rx_header, &tx_aead, tx.iv.data(), &tx_header, kIvBytes);
  if (status != 0) return NGTCP2_ERR_CALLBACK_FAILURE;
  (void)rx.aead.release();
  (void)rx.header.release();
  (void)tx.aead.release();
  (void)tx.header.release();
  if (server || negotiated || ngtcp2_conn_after_retry(conn_) != 0) return 0;
  AeadPtr retry = make_retry_aead(version);
  const ngtcp2_crypto_aead_ctx retry_context = handle(retry);
  ngtcp2_conn_set_retry_aead(conn_, &context.aead, &retry_context);
  return 0;
}

int Glue::receive_crypto(ngtcp2_encryption_level level, const std::uint8_t* data, std::size_t size) {
  ERR_clear_error();
  if (size > 0 && SSL_provide_quic_data(ssl_.get(), ssl_level(level), data, size) != 1) return NGTCP2_ERR_CRYPTO;
  return advance();
}

int Glue::advance() {
  while (ngtcp2_conn_get_handshake_completed(conn_) == 0) {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    if (done == 1) {
      if (SSL_in_early_data(ssl_.get()) == 0) {
        ngtcp2_conn_tls_handshake_completed(conn_);
        break;
      }
      if (ngtcp2_conn_is_server(conn_) == 0) return 0;
      continue;  // the server's handshake "succeeds" with 0-RTT before it has the client's Finished
    }
    switch (SSL_get_error(ssl_.get(), done)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE: return 0;
      case SSL_ERROR_EARLY_DATA_REJECTED:
        SSL_reset_early_data_reject(ssl_.get());
        if (const int status = ngtcp2_conn_tls_early_data_rejected(conn_); status != 0) return status;
        continue;
      default: ERR_clear_error(); return NGTCP2_ERR_CRYPTO;
    }
  }
  if (SSL_process_quic_post_handshake(ssl_.get()) == 1) return 0;
  ERR_clear_error();
  return NGTCP2_ERR_CRYPTO;
}

bool Glue::install(ssl_encryption_level_t level, const SSL_CIPHER* cipher, std::span<const std::uint8_t> secret, bool receiving) {
  const auto suite = static_cast<Suite>(SSL_CIPHER_get_protocol_id(cipher));
  const ngtcp2_crypto_ctx context = crypto_context(suite);
  const bool server = ngtcp2_conn_is_server(conn_) != 0;
  if (level == ssl_encryption_early_data) {
    if (server && !accepts_early(secret)) return true;
    // Written before anything was negotiated: the labels are those of the version the client chose.
    PacketKeys keys = derive(ngtcp2_conn_get_client_chosen_version(conn_), suite, secret, WithHeaderKey::yes);
    ngtcp2_conn_set_0rtt_crypto_ctx(conn_, &context);
    return hand_over(keys, [&](const auto& aead, const auto& header) {
             return ngtcp2_conn_install_0rtt_key(conn_, &aead, keys.iv.data(), kIvBytes, &header);
           }) == 0;
  }
  suite_ = suite;
  ngtcp2_conn_set_crypto_ctx(conn_, &context);
  const bool handshake = level == ssl_encryption_handshake;
  // The peer's parameters choose the version, and that the labels.
  if (server && handshake && !receiving && !take_peer_parameters()) return false;
  if (!server && !handshake && !receiving && !take_peer_parameters()) return false;
  PacketKeys keys = derive(ngtcp2_conn_get_negotiated_version(conn_), suite, secret, WithHeaderKey::yes);
  const int status = hand_over(keys, [&](const auto& aead, const auto& header) {
    if (handshake)
      return receiving ? ngtcp2_conn_install_rx_handshake_key(conn_, &aead, keys.iv.data(), kIvBytes, &header)
                       : ngtcp2_conn_install_tx_handshake_key(conn_, &aead, keys.iv.data(), kIvBytes, &header);
    return receiving ? ngtcp2_conn_install_rx_key(conn_, secret.data(), secret.size(), &aead, keys.iv.data(), kIvBytes, &header)
                     : ngtcp2_conn_install_tx_key(conn_, secret.data(), secret.size(), &aead, keys.iv.data(), kIvBytes, &header);
  });
  if (status != 0) return false;
  // Only installing the handshake key adds initial_source_connection_id to our parameters; EncryptedExtensions comes after this.
  return !(server && handshake && !receiving) || give_our_parameters();
}

int Glue::keep_session(SSL* ssl, SSL_SESSION* session) {
  GlueHooks::glue(ssl).new_session(session);
  return 1;
}

bool Glue::take_peer_parameters() {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
  SSL_get_peer_quic_transport_params(ssl_.get(), &data, &size);
  const int status = ngtcp2_conn_decode_and_set_remote_transport_params(conn_, data, size);
  // A transport error, not a TLS alert: who closes asks for it.
  if (status != 0) ngtcp2_conn_set_tls_error(conn_, status);
  return status == 0;
}

bool Glue::give_our_parameters() {
  std::array<std::uint8_t, kParametersBytesMax> bytes;
  const auto size = ngtcp2_conn_encode_local_transport_params(conn_, bytes.data(), bytes.size());
  return size >= 0 && SSL_set_quic_transport_params(ssl_.get(), bytes.data(), static_cast<std::size_t>(size)) == 1;
}

std::size_t write_retry(std::span<std::uint8_t> out, std::uint32_t version, const ngtcp2_cid& dcid, const ngtcp2_cid& scid,
                        const ngtcp2_cid& original_dcid, std::span<const std::uint8_t> token) {
  const ngtcp2_crypto_ctx context = crypto_context(Suite::aes_128_gcm);
  const AeadPtr aead = make_retry_aead(version);
  const ngtcp2_crypto_aead_ctx aead_context{aead.get()};
  const auto size = ngtcp2_pkt_write_retry(out.data(), out.size(), version, &dcid, &scid, &original_dcid, token.data(), token.size(),
                                           &GlueHooks::encrypt, &context.aead, &aead_context);
  return size < 0 ? 0 : static_cast<std::size_t>(size);
}

std::vector<std::uint8_t> retry_tag(std::uint32_t version, std::span<const std::uint8_t> original_dcid,
                                    std::span<const std::uint8_t> packet) {
  const char* nonce = version == NGTCP2_PROTO_VER_V2 ? NGTCP2_RETRY_NONCE_V2 : NGTCP2_RETRY_NONCE_V1;
  std::vector<std::uint8_t> pseudo{static_cast<std::uint8_t>(original_dcid.size())};
  pseudo.insert(pseudo.end(), original_dcid.begin(), original_dcid.end());
  pseudo.insert(pseudo.end(), packet.begin(), packet.end());
  std::vector<std::uint8_t> tag(kTagBytes);
  const AeadPtr aead = make_retry_aead(version);
  seal(aead.get(), tag.data(), {}, {reinterpret_cast<const std::uint8_t*>(nonce), kIvBytes}, pseudo);
  return tag;
}

std::size_t write_refusal(std::span<std::uint8_t> out, const ngtcp2_pkt_hd& initial, std::uint64_t error) {
  const InitialSecrets secrets = initial_secrets(initial.version, view(initial.dcid));
  const PacketKeys keys = derive(initial.version, Suite::aes_128_gcm, secrets.server.view(), WithHeaderKey::yes);
  const ngtcp2_crypto_ctx context = crypto_context(Suite::aes_128_gcm);
  const ngtcp2_crypto_aead_ctx aead{keys.aead.get()};
  const ngtcp2_crypto_cipher_ctx header{keys.header.get()};
  const auto size = ngtcp2_pkt_write_connection_close(out.data(), out.size(), initial.version, &initial.scid, &initial.dcid, error, nullptr,
                                                      0, &GlueHooks::encrypt, &context.aead, &aead, keys.iv.data(), &GlueHooks::hp_mask,
                                                      &context.hp, &header);
  return size < 0 ? 0 : static_cast<std::size_t>(size);
}

}  // namespace tablinum::net::quic
