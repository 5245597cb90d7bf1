#include "client/secure.h"

namespace tablinum::net {

Result<std::shared_ptr<TlsClient>> make_trust(const std::string&) { return fail(Code::unsupported, "https is not in this build"); }

io::Task<Result<std::unique_ptr<ByteStream>>> secure(io::Io&, std::shared_ptr<TlsClient>, std::unique_ptr<ByteStream>, const Origin&,
                                                     std::string, Instant) {
  co_return fail(Code::unsupported, "https is not in this build");
}

}  // namespace tablinum::net
