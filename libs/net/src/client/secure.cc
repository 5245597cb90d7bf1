#include "client/secure.h"

namespace tablinum::net {

Result<std::shared_ptr<TlsClient>> make_trust(const std::string& ca_file) {
  TlsClientConfig config;
  if (!ca_file.empty()) config.roots = PemSource::of_file(ca_file);
  return TlsClient::make(std::move(config));
}

io::Task<Result<std::unique_ptr<TlsStream>>> secure(io::Io& io, std::shared_ptr<TlsClient> trust, std::unique_ptr<ByteStream> below,
                                                    const Origin& origin, std::string server_name, std::vector<std::string> alpn,
                                                    Instant limit) {
  // A name may stand for several servers: tickets of one port are no use at another.
  TlsConnect to{std::move(server_name), origin.authority(), std::move(alpn)};
  return connect_tls(io, std::move(trust), std::move(below), std::move(to), limit);
}

}  // namespace tablinum::net
