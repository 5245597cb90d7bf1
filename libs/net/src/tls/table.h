#pragma once
/// A server's configuration as AWS-LC has it, for TCP and QUIC: what src/quic takes its SSL objects from.
#include <openssl/ssl.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tablinum/net/tls.h"
#include "tls/handles.h"
#include "tls/tickets.h"

namespace tablinum::net {

/// One host's two contexts: they differ in versions and ALPN, and one cannot serve both.
struct TlsTableHost {
  TlsHostInfo info;
  ClientCertificates client_certificates = ClientCertificates::off;
  tls::SslCtx tcp;
  tls::SslCtx quic;
};

/// Immutable. An SSL object made from it needs it alive: keep the shared_ptr beside the SSL.
struct TlsTable {
  std::vector<TlsTableHost> hosts;
  std::map<std::string, std::size_t, std::less<>> exact;      // lower-case name → host
  std::map<std::string, std::size_t, std::less<>> wildcards;  // "example.org" of "*.example.org" → host
  std::vector<std::uint8_t> alpn;                             // RFC 7301's list of length-prefixed names
  std::vector<std::uint8_t> quic_alpn;
  TlsVersion version_min = TlsVersion::tls12;
  TlsVersion version_max = TlsVersion::tls13;
  bool strict_sni = false;
  bool quic_early_data = false;
  std::uint64_t generation = 0;
  std::shared_ptr<const tls::TicketKeys> tickets;
  // Connections begin here; the client's name then chooses a host.
  tls::SslCtx tcp_front;
  tls::SslCtx quic_front;

  /// The host of a name (exact, then wildcard), or null.
  const TlsTableHost* find(std::string_view server_name) const;
};

namespace tls {

/// A server's SSL for one QUIC connection: SNI, ALPN, tickets and client certificates are set up; the caller adds its
/// SSL_QUIC_METHOD (SSL_set_quic_method), transport parameters and early-data context. Keep `table` alive beside it.
/// @return null: no memory.
Ssl new_quic_server(const TlsTable& table);
/// Likewise; the SSL keeps the table alive.
Ssl new_quic_server(std::shared_ptr<const TlsTable> table);

/// Which host a server's SSL chose; null before the ClientHello.
const TlsTableHost* chosen_host(const SSL* ssl);

}  // namespace tls
}  // namespace tablinum::net
