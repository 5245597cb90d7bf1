#pragma once
/// TLS 1.2 and 1.3 over any ByteStream, and the certificates of a server that both TCP and QUIC use. Source: RFC 8446, 5246, 7301.
/// Groups offered and accepted, in this order: X25519MLKEM768, X25519, P-256.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/base/secret.h"
#include "tablinum/base/time.h"
#include "tablinum/net/stream.h"

namespace tablinum::net {

inline constexpr std::size_t kTlsPemBytesMax = std::size_t{1} << 20;   ///< of one certificate or key file
inline constexpr std::size_t kTlsChainMax = 10;                        ///< certificates of one host
inline constexpr std::size_t kTlsHostsMax = 1024;
inline constexpr std::size_t kTlsRecordBytesMax = std::size_t{16} << 10;
inline constexpr std::size_t kTlsFirstRecordBytes = 1400;              ///< a record a packet, so that the first bytes are read early
inline constexpr std::uint64_t kTlsSmallRecordsBytes = std::uint64_t{64} << 10;  ///< sent in such records before they grow
inline constexpr Duration kTlsHandshakeTime = Duration::seconds(10);
inline constexpr Duration kTlsTicketEpoch = Duration::seconds(12 * 3600);  ///< tickets of this and the two epochs before are accepted
inline constexpr Duration kTlsTicketLife = Duration::seconds(24 * 3600);
inline constexpr std::size_t kTlsSessionsMax = 1024;                   ///< that a client keeps; each is used once

/// The number of the group in IANA's list: the proof of what was agreed on.
inline constexpr std::uint16_t kGroupX25519MlKem768 = 0x11ec;
inline constexpr std::uint16_t kGroupX25519 = 0x001d;
inline constexpr std::uint16_t kGroupP256 = 0x0017;

enum class TlsVersion : std::uint8_t { tls12, tls13 };

/// request: asked for, may be missing, but one that is sent must verify.
enum class ClientCertificates : std::uint8_t { off, request, require };

/// PEM text, from a file or given. A file is read when the context is made and again at each reload.
struct PemSource {
  std::string file;
  SecretBytes bytes;  ///< used where `file` is empty
  bool empty() const noexcept { return file.empty() && bytes.empty(); }
  static PemSource of_file(std::string path) { return {std::move(path), {}}; }
  static PemSource of_text(std::string_view pem) { return {{}, {bytes_of(pem).begin(), bytes_of(pem).end()}}; }
};

/// One certificate and the names it answers for.
struct TlsHost {
  PemSource certificate;           ///< the chain, its owner's certificate first
  PemSource key;                   ///< not encrypted
  std::vector<std::string> names;  ///< "example.org", "*.example.org" (one label); empty: all DNS names of the certificate
  ClientCertificates client_certificates = ClientCertificates::off;
  PemSource client_roots;          ///< who may have signed them; the system's roots are never used for that
};

struct TlsConfig {
  std::vector<TlsHost> hosts;                        ///< the first answers for names nobody has, and where a client names none
  std::vector<std::string> alpn{"h2", "http/1.1"};   ///< over TCP, best first; a client that offers ALPN must share one
  std::vector<std::string> quic_alpn{"h3"};
  TlsVersion version_min = TlsVersion::tls12;        ///< over TCP; QUIC has TLS 1.3 only
  TlsVersion version_max = TlsVersion::tls13;
  bool strict_sni = false;                           ///< a name nobody has is refused (unrecognized_name)
  bool quic_early_data = false;                      ///< 0-RTT over QUIC; never for hosts with client certificates
  SecretBytes ticket_master;                         ///< 32 bytes that all processes of a service share; empty: this process' own
};

/// What the log and the doctor say of a host.
struct TlsHostInfo {
  std::vector<std::string> names;
  Timestamp not_before;
  Timestamp not_after;
};

struct TlsTable;  // src/tls/table.h: one immutable configuration with its SSL_CTXs

/// The certificates of a server; shared by all its cores.
/// @note Thread-safe. A handshake keeps the table it began with, so a reload drops no connection.
class TlsContext {
 public:
  /// @error invalid: no host, too many, a file that is no PEM, a key that does not fit its certificate, a chain out of order, a
  ///        certificate that is not valid at `now` or does not cover a name, a name twice, a master of another size, no client
  ///        roots where client certificates are asked for, no version.   not_found, denied, io: a file.  too_large: kTlsPemBytesMax.
  static Result<std::shared_ptr<TlsContext>> make(TlsConfig config, Timestamp now = wall_now());
  ~TlsContext();

  /// Reads the files again.  @error as make(); what was there before stays in force then.
  Result<void> reload(Timestamp now = wall_now());
  /// With another configuration; its ticket_master is ignored: tickets given out stay good.  @error as make().
  Result<void> reload(TlsConfig config, Timestamp now = wall_now());
  /// True if a file has changed since it was read (its time or size).
  bool files_changed() const;

  /// Rises with every reload that succeeded; the first table is 1.
  std::uint64_t generation() const;
  std::vector<TlsHostInfo> hosts() const;
  /// What is in force now. For this module.
  std::shared_ptr<const TlsTable> table() const;

 private:
  struct State;
  explicit TlsContext(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

/// Reloads when a file has changed, looking every `interval`; what fails is logged and changes nothing. Ends when cancelled.
io::Task<void> reload_when_changed(io::Io& io, TlsContext& context, Duration interval = Duration::seconds(30));

struct TlsClientConfig {
  PemSource roots;                                  ///< empty: the system's (/etc/ssl/certs/ca-certificates.crt and its like)
  std::vector<std::string> alpn{"h2", "http/1.1"};  ///< best first
  std::vector<std::string> quic_alpn{"h3"};
  PemSource certificate;                            ///< its own, for servers that ask; empty: none
  PemSource key;
  TlsVersion version_min = TlsVersion::tls12;
  TlsVersion version_max = TlsVersion::tls13;
  bool resume = true;
};

/// What connections of a client share: trust, its own certificate, tickets.
/// @note Thread-safe.
class TlsClient {
 public:
  /// @error invalid: roots or certificate that are no PEM, a key that does not fit.  not_found: no roots.  denied, io, too_large.
  static Result<std::shared_ptr<TlsClient>> make(TlsClientConfig config);
  ~TlsClient();

  struct State;
  State& state() const noexcept { return *state_; }  ///< for this module

 private:
  explicit TlsClient(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

/// What a handshake agreed on.
struct TlsInfo {
  TlsVersion version = TlsVersion::tls13;
  std::string cipher;        ///< "TLS_AES_128_GCM_SHA256"
  std::uint16_t group = 0;   ///< kGroup…; 0 where none was used (TLS 1.2 resumption)
  std::string alpn;          ///< empty: none
  std::string server_name;   ///< the name the client asked for; empty: none
  bool resumed = false;
  std::vector<Bytes> peer_chain;          ///< DER, verified, its owner's certificate first; empty: none was sent
  std::string peer_subject;               ///< RFC 2253's form
  std::string peer_key_hash;              ///< SHA-256 of its SubjectPublicKeyInfo, hexadecimal
};

class TlsStream : public ByteStream {
 public:
  virtual const TlsInfo& info() const noexcept = 0;
  /// `size` bytes that both ends derive from this connection (RFC 5705, RFC 8446 §7.5).  @error invalid: size 0 or over 256.
  virtual Result<SecretBytes> export_key(std::string_view label, ByteView context, std::size_t size) const = 0;
};

/// The server's end. `below` is closed when it fails (after the alert was sent).
/// @error timeout: not done by `limit`.  protocol: what came is no TLS, or nothing in common; a client certificate that does not
///        verify.  closed, reset, cancelled.
io::Task<Result<std::unique_ptr<TlsStream>>> accept_tls(io::Io& io, std::shared_ptr<TlsContext> context,
                                                        std::unique_ptr<ByteStream> below, Instant limit);

struct TlsConnect {
  std::string server_name;                       ///< a DNS name or an IP address: what the certificate must be for
  std::string session_key{};                     ///< tickets are kept by it; empty: server_name
  std::optional<std::vector<std::string>> alpn{};  ///< instead of the configuration's
};
/// The client's end.
/// @error unauthenticated: the certificate does not verify or is for another name.  invalid: a name that cannot be one.  Others as
///        accept_tls().
io::Task<Result<std::unique_ptr<TlsStream>>> connect_tls(io::Io& io, std::shared_ptr<TlsClient> client,
                                                         std::unique_ptr<ByteStream> below, TlsConnect to, Instant limit);

}  // namespace tablinum::net
