#pragma once
/// A QUIC server of ours and a client that obeys no rule, in one process and without sockets: packets are handed over by hand, so a
/// test can forge them with the handshake's own keys, change what TLS carries, and write any bytes on any stream.
#include <openssl/ec_key.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "h3/server.h"
#include "quic/endpoint.h"
#include "tablinum/io/cancel.h"
#include "tablinum/io/scope.h"
#include "tablinum/io/simulate.h"

namespace tablinum::net::test {

struct FreePairContext {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using PairContext = std::unique_ptr<SSL_CTX, FreePairContext>;

/// RFC 9000 §16.
inline std::string varint(std::uint64_t value) {
  const int bytes = value < 64 ? 1 : value < 16384 ? 2 : value < (1u << 30) ? 4 : 8;
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
  const int mark = bytes == 1 ? 0 : bytes == 2 ? 0x40 : bytes == 4 ? 0x80 : 0xc0;
  out[0] = static_cast<char>(out[0] | mark);
  return out;
}

inline std::string from_hex(std::string_view text) {
  std::string out;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) out += static_cast<char>(digit(text[i]) << 4 | digit(text[i + 1]));
  return out;
}

/// How the connection ended, as the client read it from the server's CONNECTION_CLOSE.
struct Ending {
  bool over = false;
  bool application = false;  ///< HTTP/3's code, not the transport's
  std::uint64_t code = 0;
};

/// The client's application: sends what it is told and remembers what comes.
class Script final : public quic::Application {
 public:
  explicit Script(quic::Connection& connection) : connection_{connection} {}

  /// @return the stream's id; negative: the server allows no more.
  std::int64_t open(bool bidirectional) {
    std::int64_t id = -1;
    const int status = bidirectional ? ngtcp2_conn_open_bidi_stream(connection_.conn(), &id, nullptr)
                                     : ngtcp2_conn_open_uni_stream(connection_.conn(), &id, nullptr);
    return status == 0 ? id : -1;
  }
  void send(std::int64_t stream, std::string bytes, bool fin = false) {
    if (ending.over) return;
    kept_.push_back(std::move(bytes));  // until the end: ngtcp2 may have to send it again
    queue_.push_back({stream, kept_.back(), fin});
    connection_.touch();
  }

  bool received(std::int64_t stream, std::span<const std::uint8_t> data, bool fin, bool) override {
    heard[stream].append(reinterpret_cast<const char*>(data.data()), data.size());
    if (fin) finished.push_back(stream);
    connection_.consumed(stream, data.size());
    return true;
  }
  bool handshake_completed() override { return established = true; }
  bool acknowledged(std::int64_t, std::uint64_t) override { return true; }
  bool stream_closed(std::int64_t, std::uint64_t) override { return true; }
  bool stream_reset(std::int64_t stream, std::uint64_t error) override {
    resets[stream] = error;
    return true;
  }
  bool reading_stopped(std::int64_t) override { return true; }
  bool unblocked(std::int64_t) override { return true; }
  bool next(quic::StreamWrite& write) override {
    if (queue_.empty()) return true;
    const Piece& piece = queue_.front();
    write.stream = piece.stream;
    write.fin = piece.fin;
    // ngtcp2 does not change what it sends.
    write.pieces[0] = {const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(piece.data.data())), piece.data.size()};
    write.count = piece.data.empty() ? 0 : 1;
    return true;
  }
  void blocked(std::int64_t) override { queue_.pop_front(); }
  void write_shut(std::int64_t) override { queue_.pop_front(); }
  bool written(std::int64_t, std::size_t bytes) override {
    queue_.front().data.remove_prefix(bytes);
    if (queue_.front().data.empty()) queue_.pop_front();
    return true;
  }
  void ended(const Error&) override {
    const ngtcp2_ccerr* error = ngtcp2_conn_get_ccerr(connection_.conn());
    ending = {true, error->type == NGTCP2_CCERR_TYPE_APPLICATION, error->error_code};
  }

  Ending ending;
  bool established = false;
  std::map<std::int64_t, std::string> heard;
  std::vector<std::int64_t> finished;  ///< in this order
  std::map<std::int64_t, std::uint64_t> resets;

 private:
  struct Piece {
    std::int64_t stream;
    std::string_view data;
    bool fin;
  };
  quic::Connection& connection_;
  std::list<std::string> kept_;
  std::list<Piece> queue_;
};

/// A self-signed P-256 certificate, made once a process. The client does not look at it.
inline void use_certificate(SSL_CTX* context) {
  struct Made {
    EVP_PKEY* key = EVP_PKEY_new();
    X509* certificate = X509_new();
    Made() {
      EC_KEY* ec = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
      EC_KEY_generate_key(ec);
      EVP_PKEY_assign_EC_KEY(key, ec);
      X509_set_version(certificate, 2);
      X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
      X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
      X509_set_pubkey(certificate, key);
      X509V3_CTX names;
      X509V3_set_ctx(&names, certificate, certificate, nullptr, nullptr, 0);
      X509_EXTENSION* extension = X509V3_EXT_nconf_nid(nullptr, &names, NID_subject_alt_name, "DNS:a.example,DNS:*.b.example");
      X509_add_ext(certificate, extension, -1);
      X509_EXTENSION_free(extension);
      X509_sign(certificate, key, EVP_sha256());
    }
    ~Made() {
      X509_free(certificate);
      EVP_PKEY_free(key);
    }
  };
  static const Made kMade;
  SSL_CTX_use_certificate(context, kMade.certificate);
  SSL_CTX_use_PrivateKey(context, kMade.key);
}

inline PairContext pair_context() {
  PairContext context{SSL_CTX_new(TLS_method())};
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set1_groups_list(context.get(), "X25519");  // a ClientHello of one packet
  return context;
}

enum class Level : std::uint8_t { initial, early, handshake, application };

struct PairOptions {
  std::string alpn = "\2h3";
  Handler handler;
  Limits limits;
  bool early_data = false;
  quic::Settings client = quic::client_settings();
  /// What the client's ClientHello says of its transport; the argument is what an honest one would.
  std::function<std::string(std::string)> parameters;
  std::function<void(SSL*)> prepare;  ///< of the client
  /// What the server runs instead of HTTP/3.
  std::function<std::shared_ptr<quic::Application>(io::Io&, quic::Connection&)> application;
  std::shared_ptr<quic::MemoryBudget> memory;  ///< of the server
};

/// Lives in a task of a simulated world.
class QuicPair {
 public:
  QuicPair(io::Io& io, io::Scope& scope, PairOptions options)
      : io_{io},
        scope_{scope},
        options_{std::move(options)},
        environment_{io_, options_.limits, options_.handler, counters_, [] { return std::string_view{"Sat, 21 Nov 2026 00:00:00 GMT"}; },
                     [this](io::Task<void> task) { scope_.spawn(std::move(task)).keep(); }},
        server_tls_{pair_context()},
        client_tls_{pair_context()},
        server_{server_config(), io.now(), io.wall_time()},
        client_{client_config(), io.now(), io.wall_time()} {
    use_certificate(server_tls_.get());
    SSL_CTX_set_alpn_select_cb(server_tls_.get(), &choose, nullptr);
    SSL_CTX_set_early_data_enabled(server_tls_.get(), options_.early_data ? 1 : 0);
    SSL_CTX_set_verify(client_tls_.get(), SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_session_cache_mode(client_tls_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(client_tls_.get(), &quic::Glue::keep_session);
    SSL_CTX_set_keylog_callback(client_tls_.get(), &keep_secret);
    client_.on_session = [this](SSL_SESSION* session, ByteView parameters) {
      session_.reset(session);
      session_parameters_ = Bytes{parameters.begin(), parameters.end()};
    };
    connect();
  }

  /// A new connection of the same client; the old one is forgotten. With the last session's 0-RTT where there is one.
  void connect() {
    secrets().clear();
    quic::SslPtr ssl{SSL_new(client_tls_.get())};
    SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const std::uint8_t*>(options_.alpn.data()), options_.alpn.size());
    if (options_.prepare) options_.prepare(ssl.get());
    quic::Connection::Connecting how;
    if (session_) {
      SSL_set_session(ssl.get(), session_.get());
      how.early_parameters = session_parameters_;
    }
    auto made = client_.connect(how, kClient, kServer, std::move(ssl),
                                [this](quic::Connection& connection) {
                                  auto script = std::make_unique<Script>(connection);
                                  script_ = script.get();
                                  return script;
                                },
                                io_.now());
    connection_ = made.value();
    if (options_.parameters) {
      std::array<std::uint8_t, 512> bytes;
      const auto size = ngtcp2_conn_encode_local_transport_params(connection_->conn(), bytes.data(), bytes.size());
      const std::string changed = options_.parameters({reinterpret_cast<char*>(bytes.data()), static_cast<std::size_t>(size)});
      SSL_set_quic_transport_params(connection_->ssl(), reinterpret_cast<const std::uint8_t*>(changed.data()), changed.size());
    }
  }

  Script& script() { return *script_; }
  quic::Connection& connection() { return *connection_; }
  quic::Endpoint& server() { return server_; }
  Counters& counters() { return counters_; }
  bool has_session() const { return session_ != nullptr; }

  /// What one direction has to say now.  @param filter sees each packet to the server, and may change it; empty: it is lost.
  using Filter = std::function<std::string(std::string)>;
  bool client_to_server(const Filter& filter = {}) {
    bool any = false;
    quic::Batch batch;
    while (client_.write(batch, io_.now())) {
      for (const io::Datagram& datagram : batch.datagrams())
        for_each_packet(datagram, [&](ByteView packet) {
          any = true;
          const std::string bytes = filter ? filter(std::string{text_of(packet)}) : std::string{text_of(packet)};
          if (!bytes.empty()) to_server(bytes);
        });
      batch.clear();
    }
    server_.after_read();
    return any;
  }
  bool server_to_client() {
    bool any = false;
    quic::Batch batch;
    while (server_.write(batch, io_.now())) {
      for (const io::Datagram& datagram : batch.datagrams())
        for_each_packet(datagram, [&](ByteView packet) {
          any = true;
          sent_by_server += packet.size();
          io::Datagram arrived;
          arrived.peer = kServer;
          arrived.local = kClient;
          arrived.data = packet;
          client_.receive(arrived, kClient, io_.now());
        });
      batch.clear();
    }
    return any;
  }
  /// One datagram, whatever it is.
  void to_server(std::string_view bytes) {
    io::Datagram arrived;
    arrived.peer = kClient;
    arrived.local = kServer;
    arrived.data = bytes_of(bytes);
    server_.receive(arrived, kServer, io_.now());
  }
  /// Until nothing moves; handlers run meanwhile. `longest` of virtual time.
  io::Task<void> run(Duration longest = Duration::milliseconds(400)) {
    const Instant end = io_.now() + longest;
    for (int quiet = 0; quiet < 40 && io_.now() < end;) {
      const bool moved = client_to_server();
      const bool answered = server_to_client();
      quiet = moved || answered ? 0 : quiet + 1;
      server_.expire(io_.now());
      // It would free what the script has heard.
      if (!script_->ending.over) client_.expire(io_.now());
      co_await io::sleep(io_, Duration::milliseconds(2));
    }
  }

  /// A packet of the client's with these frames, sealed with the handshake's own keys.  @param reserved the header's two bits.
  std::string forge(Level level, std::string frames, int reserved = 0) {
    const ngtcp2_cid& dcid = *ngtcp2_conn_get_dcid(connection_->conn());
    const quic::CidKey& ours = connection_->cids.front();
    while (frames.size() < 20 && level != Level::application && !frames.empty()) frames += '\0';  // PADDING
    const std::uint32_t number = ++forged_;
    std::string header;
    const char first = static_cast<char>((level == Level::initial     ? 0xc0
                                          : level == Level::early     ? 0xd0
                                          : level == Level::handshake ? 0xe0
                                                                      : 0x40) |
                                         3);
    header += first;
    const auto append_id = [&](const std::uint8_t* data, std::size_t size) {
      header.append(reinterpret_cast<const char*>(data), size);
    };
    if (level != Level::application) {
      header += std::string{"\0\0\0\1", 4};
      header += static_cast<char>(dcid.datalen);
      append_id(dcid.data, dcid.datalen);
      header += static_cast<char>(ours.size);
      append_id(ours.bytes.data(), ours.size);
      if (level == Level::initial) header += '\0';  // no token
      const std::size_t length = 4 + frames.size() + quic::kTagBytes;
      header += static_cast<char>(0x40 | length >> 8);
      header += static_cast<char>(length);
    } else {
      append_id(dcid.data, dcid.datalen);
    }
    header[0] = static_cast<char>(header[0] | reserved << (level == Level::application ? 3 : 2));
    for (const int shift : {24, 16, 8, 0}) header += static_cast<char>(number >> shift);
    return protect(keys(level), header, 4, number, frames);
  }
  bool has_keys(Level level) const { return level == Level::initial || secrets().contains(std::string{label(level)}); }

  /// Opens the client's own first Initial packet (of version 1, without a token), lets `change` at its frames and seals it again.
  /// The change keeps the size.
  std::string rewrite_initial(std::string packet, const std::function<void(std::string&)>& change) {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(packet[at]); };
    std::size_t at = 5;
    at += 1u + byte(at);
    at += 1u + byte(at);
    ++at;  // the token's length
    const int width = 1 << (byte(at) >> 6);
    std::uint64_t length = byte(at) & 0x3f;
    for (int i = 1; i < width; ++i) length = length << 8 | byte(at + static_cast<std::size_t>(i));
    at += static_cast<std::size_t>(width);
    const std::string rest = packet.substr(at + length);
    quic::PacketKeys initial = keys(Level::initial);
    std::array<std::uint8_t, 5> mask;
    quic::header_mask(*initial.header, octets(packet).data() + at + 4, mask.data());
    packet[0] = static_cast<char>(byte(0) ^ (mask[0] & 0x0f));
    const std::size_t number_bytes = (byte(0) & 3u) + 1u;
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < number_bytes; ++i) {
      packet[at + i] = static_cast<char>(byte(at + i) ^ mask[1 + i]);
      number = number << 8 | byte(at + i);
    }
    const std::string header = packet.substr(0, at + number_bytes);
    const std::string sealed = packet.substr(header.size(), length - number_bytes);
    std::string frames(sealed.size() - quic::kTagBytes, ' ');
    const bool opened = quic::open(initial.aead.get(), reinterpret_cast<std::uint8_t*>(frames.data()), octets(sealed),
                                   nonce(initial, number), octets(header));
    if (!opened) return {};
    change(frames);
    return protect(std::move(initial), header, number_bytes, number, frames) + rest;
  }

  Instant now() const { return io_.now(); }
  /// Seals frames behind a header that ends with the packet's number, and masks both as RFC 9001 §5 says.
  static std::string protect(quic::PacketKeys keys, const std::string& header, std::size_t number_bytes, std::uint64_t number,
                             const std::string& frames) {
    std::string packet = header;
    packet.resize(header.size() + frames.size() + quic::kTagBytes);
    auto* bytes = reinterpret_cast<std::uint8_t*>(packet.data());
    quic::seal(keys.aead.get(), bytes + header.size(), octets(frames), nonce(keys, number), octets(header));
    std::array<std::uint8_t, 5> mask;
    const std::size_t at = header.size() - number_bytes;
    quic::header_mask(*keys.header, bytes + at + 4, mask.data());
    bytes[0] ^= static_cast<std::uint8_t>(mask[0] & ((bytes[0] & 0x80) != 0 ? 0x0f : 0x1f));
    for (std::size_t i = 0; i < number_bytes; ++i) bytes[at + i] ^= mask[1 + i];
    return packet;
  }

  std::size_t sent_by_server = 0;

 private:
  struct FreeSession {
    void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
  };
  inline static const io::Endpoint kServer = io::Endpoint::from_ip("10.0.0.1", 443).value();
  inline static const io::Endpoint kClient = io::Endpoint::from_ip("10.0.0.2", 5000).value();

  static std::span<const std::uint8_t> octets(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  }
  static std::array<std::uint8_t, quic::kIvBytes> nonce(const quic::PacketKeys& keys, std::uint64_t number) {
    auto nonce = keys.iv;
    for (std::size_t i = 0; i < 8; ++i) nonce[quic::kIvBytes - 1 - i] ^= static_cast<std::uint8_t>(number >> (8 * i));
    return nonce;
  }
  static std::string_view label(Level level) {
    return level == Level::early       ? "CLIENT_EARLY_TRAFFIC_SECRET"
           : level == Level::handshake ? "CLIENT_HANDSHAKE_TRAFFIC_SECRET"
                                       : "CLIENT_TRAFFIC_SECRET_0";
  }
  quic::PacketKeys keys(Level level) {
    if (level == Level::initial) {
      const ngtcp2_cid& first = *ngtcp2_conn_get_client_initial_dcid(connection_->conn());
      const auto initial = quic::initial_secrets(NGTCP2_PROTO_VER_V1, {first.data, first.datalen});
      return quic::derive(NGTCP2_PROTO_VER_V1, quic::Suite::aes_128_gcm, initial.client.view(), quic::WithHeaderKey::yes);
    }
    const std::string secret = from_hex(secrets().at(std::string{label(level)}));
    const SSL* ssl = connection_->ssl();
    const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl);
    if (cipher == nullptr && session_) cipher = SSL_SESSION_get0_cipher(session_.get());
    const auto suite = static_cast<quic::Suite>(SSL_CIPHER_get_protocol_id(cipher));
    return quic::derive(NGTCP2_PROTO_VER_V1, suite, octets(secret), quic::WithHeaderKey::yes);
  }
  /// TLS hands secrets to a plain function: of the one client that shakes hands in this process.
  static std::map<std::string, std::string>& secrets() {
    static std::map<std::string, std::string> kSecrets;
    return kSecrets;
  }
  static void keep_secret(const SSL*, const char* line) {
    const std::string_view text{line};
    const std::size_t first = text.find(' '), second = text.find(' ', first + 1);
    secrets()[std::string{text.substr(0, first)}] = text.substr(second + 1);
  }
  static int choose(SSL*, const std::uint8_t** out, std::uint8_t* size, const std::uint8_t* offered, unsigned offered_size, void*) {
    static constexpr std::uint8_t kH3[] = {2, 'h', '3'};
    std::uint8_t* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, size, kH3, sizeof kH3, offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
      return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
  }
  template <class Each>
  static void for_each_packet(const io::Datagram& datagram, Each each) {
    const std::size_t step = datagram.segment_bytes != 0 ? datagram.segment_bytes : datagram.data.size();
    for (std::size_t at = 0; at < datagram.data.size(); at += step)
      each(datagram.data.subspan(at, std::min(step, datagram.data.size() - at)));
  }

  quic::EndpointConfig server_config() {
    quic::EndpointConfig config;
    config.server = true;
    config.early_data = options_.early_data;
    config.make_ssl = [this] { return quic::SslPtr{SSL_new(server_tls_.get())}; };
    config.memory = options_.memory;
    config.make_application = [this](quic::Connection& connection) -> std::shared_ptr<quic::Application> {
      if (options_.application) return options_.application(io_, connection);
      return std::make_unique<h3::ServerWire>(environment_, connection);
    };
    return config;
  }
  quic::EndpointConfig client_config() {
    quic::EndpointConfig config;
    config.settings = options_.client;
    return config;
  }

  io::Io& io_;
  io::Scope& scope_;
  PairOptions options_;
  Counters counters_;
  h3::ServerEnvironment environment_;
  PairContext server_tls_, client_tls_;
  quic::Endpoint server_, client_;
  std::unique_ptr<SSL_SESSION, FreeSession> session_;
  Bytes session_parameters_;
  Script* script_ = nullptr;
  quic::Connection* connection_ = nullptr;
  std::uint32_t forged_ = 10'000;
};

/// Runs `use` beside a pair, in virtual time.
using UsePair = std::function<io::Task<void>(io::Io&, QuicPair&)>;
inline Result<void> with_pair(PairOptions options, const UsePair& use) {
  io::SimWorld world{1};
  world.host("both").start([&](io::Io& io) -> io::Task<Result<void>> {
    auto body = [&](io::Scope& scope) -> io::Task<void> {
      QuicPair pair{io, scope, options};
      co_await use(io, pair);
      scope.cancel(io::Reason::shutdown);
      co_await io::shield(io, Duration::seconds(1), pair.run(Duration::milliseconds(10)));
    };
    co_await io::with_scope(io, body, io::ScopePolicy::supervise);
    co_return Result<void>{};
  });
  return world.run();
}

}  // namespace tablinum::net::test
