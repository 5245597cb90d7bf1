#pragma once
/// What a handshake agreed on and who is at the other end, for TCP and QUIC.
#include <openssl/ssl.h>

#include "tablinum/net/tls.h"

namespace tablinum::net::tls {

/// After the handshake.
TlsInfo info_of(const SSL* ssl);

}  // namespace tablinum::net::tls
