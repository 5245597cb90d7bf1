#pragma once
/// A client's TLS: trust, tickets. What src/quic takes its client SSL objects from.
#include <list>
#include <map>
#include <mutex>
#include <string>

#include "tablinum/net/tls.h"
#include "tls/handles.h"

namespace tablinum::net {

struct TlsClient::State {
  tls::SslCtx tcp;
  tls::SslCtx quic;  ///< TLS 1.3; the caller adds its SSL_QUIC_METHOD to each SSL, and keeps QUIC's sessions itself
  bool resume = true;

  /// Tickets of TCP connections; least recently stored first out, each is given once.
  void keep_session(const std::string& key, tls::Session session);
  tls::Session take_session(const std::string& key);

 private:
  struct Kept {
    std::string key;
    tls::Session session;
  };
  void drop_oldest();
  std::mutex mutex_;
  std::list<Kept> sessions_;  // oldest first
  std::multimap<std::string, std::list<Kept>::iterator> by_key_;
};

namespace tls {

/// Sets SNI (for names, not addresses) and the name or address that the certificate must be for.  @error invalid.
Result<void> expect_server(SSL* ssl, const std::string& server_name);

/// Makes the connections of `context` hand their tickets to the SessionOwner of their SSL.
void collect_sessions(SSL_CTX* context);
struct SessionOwner {
  TlsClient::State* state;
  std::string key;
};
/// `owner` outlives the SSL's use.
void own_sessions(SSL* ssl, SessionOwner& owner);

}  // namespace tls
}  // namespace tablinum::net
