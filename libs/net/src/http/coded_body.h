#pragma once
/// Bodies that compress or decompress while they are read.
#include <cstdint>

#include "http/codec.h"
#include "tablinum/net/body.h"

namespace tablinum::net {

/// `source` compressed. Every piece that goes in can be decoded from what has come out: streams stay live.
Result<Body> encoded_body(std::unique_ptr<BodySource> source, Coding coding);

/// `source` decompressed. Reading it fails with
/// @error corrupt: not that coding, cut short, or with bytes after its end.  too_large: over kDecodeRatioMax (middleware.h).
Result<Body> decoded_body(std::unique_ptr<BodySource> source, Coding coding);

}  // namespace tablinum::net
