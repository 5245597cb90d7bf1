#pragma once
/// A stream of which something was read already.
#include <string>

#include "tablinum/net/stream.h"

namespace tablinum::net {

/// Gives `begun` before what comes from `below`.
std::unique_ptr<ByteStream> make_prefixed_stream(std::string begun, std::unique_ptr<ByteStream> below);

}  // namespace tablinum::net
