#pragma once
/// The pool's one place that speaks TLS.
#include <memory>
#include <string>
#include <vector>

#include "client/url.h"
#include "tablinum/net/tls.h"

namespace tablinum::net {

/// Trusts `ca_file`, or the system's roots.  @error as TlsClient::make().
Result<std::shared_ptr<TlsClient>> make_trust(const std::string& ca_file);

/// A handshake over `below` that offers `alpn`, best first.  @error as connect_tls().
io::Task<Result<std::unique_ptr<TlsStream>>> secure(io::Io& io, std::shared_ptr<TlsClient> trust, std::unique_ptr<ByteStream> below,
                                                    const Origin& origin, std::string server_name, std::vector<std::string> alpn,
                                                    Instant limit);

}  // namespace tablinum::net
