#pragma once
/// A stream of HTTP/3 as bytes both ways: the data of an extended CONNECT (RFC 9220).
#include "h3/stream.h"
#include "tablinum/net/stream.h"

namespace tablinum::net::h3 {

std::unique_ptr<ByteStream> make_tunnel(io::Io& io, std::shared_ptr<Stream> stream, io::Endpoint peer);

}  // namespace tablinum::net::h3
