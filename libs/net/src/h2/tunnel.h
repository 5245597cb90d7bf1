#pragma once
/// A stream of HTTP/2 as bytes both ways: the data of an extended CONNECT (RFC 8441).
#include "h2/wire.h"

namespace tablinum::net::h2 {

std::unique_ptr<ByteStream> make_tunnel(std::shared_ptr<Stream> stream);

}  // namespace tablinum::net::h2
