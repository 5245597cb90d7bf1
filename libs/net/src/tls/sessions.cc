#include "tls/client_state.h"

namespace tablinum::net::tls {
namespace {

int owner_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

/// 1: the session is ours now.
int on_session(SSL* ssl, SSL_SESSION* session) {
  const auto* owner = static_cast<const SessionOwner*>(SSL_get_ex_data(ssl, owner_index()));
  if (owner == nullptr || SSL_SESSION_is_resumable(session) == 0) return 0;
  owner->state->keep_session(owner->key, Session{session});
  return 1;
}

}  // namespace

void collect_sessions(SSL_CTX* context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, on_session);
}

void own_sessions(SSL* ssl, SessionOwner& owner) { SSL_set_ex_data(ssl, owner_index(), &owner); }

}  // namespace tablinum::net::tls
