#pragma once
/// The client's half of HTTP/3: one connection to an origin, with its own UDP socket. Resumes and sends safe requests in 0-RTT where
/// the store has a session for the origin.
#include <list>
#include <mutex>
#include <string>

#include "client/session.h"
#include "h3/wire.h"
#include "quic/driver.h"

namespace tablinum::net::h3 {

inline constexpr std::size_t kSessionsMax = 1024;

/// Sessions and tokens of earlier connections, by origin; each is used once. Thread-safe.
class SessionStore {
 public:
  struct Entry {
    std::unique_ptr<SSL_SESSION, decltype([](SSL_SESSION* session) { SSL_SESSION_free(session); })> session;
    Bytes parameters;
  };
  void keep(const std::string& origin, SSL_SESSION* session, ByteView parameters);
  void keep_token(const std::string& origin, ByteView token);
  std::optional<Entry> take(const std::string& origin);
  Bytes take_token(const std::string& origin);
  std::size_t sessions() const;

 private:
  mutable std::mutex mutex_;
  std::list<std::pair<std::string, Entry>> entries_;  // oldest first
  std::list<std::pair<std::string, Bytes>> tokens_;
};

struct ClientSessionOptions {
  io::Endpoint peer;
  std::string authority;                 ///< "example.org:8443", for :authority, and the store's key
  quic::SslPtr ssl;                      ///< of a TLS 1.3 context: name and verification are set, ALPN h3
  SessionStore* store = nullptr;         ///< null: no resumption
  bool early_data = true;                ///< for safe requests without a body
  quic::Settings settings = quic::client_settings();
  std::uint32_t version = NGTCP2_PROTO_VER_V1;
  std::size_t header_bytes_max = std::size_t{64} << 10;
};

/// What a client may ask of its connection beyond exchanges.
class Http3Session : public ClientSession {
 public:
  /// Returns when the handshake is done.  @error refused, unreachable, timeout, reset, protocol, unauthenticated.
  virtual io::Task<Result<void>> established() = 0;
  virtual std::uint16_t group() const noexcept = 0;    ///< IANA's number of the key exchange
  virtual bool resumed() const noexcept = 0;
  virtual bool early_accepted() const noexcept = 0;    ///< 0-RTT was used and not refused
  virtual std::uint32_t quic_version() const noexcept = 0;
  virtual quic::Connection* connection() noexcept = 0;  ///< null once it is over
};

/// Binds a socket; the handshake goes on once run() does.  @error io, limit, invalid.
Result<std::unique_ptr<Http3Session>> open_session(io::Io& io, ClientSessionOptions options);

}  // namespace tablinum::net::h3
