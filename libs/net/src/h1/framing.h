#pragma once
/// How the bytes after a head are delimited, and what its connection fields say: the same rules for requests and responses.
#include <cstdint>

#include "h1/refusal.h"
#include "tablinum/net/message.h"

namespace tablinum::net::h1 {

enum class Framing : std::uint8_t { none, length, chunked, until_close };

struct MessageFraming {
  Framing kind = Framing::none;
  std::uint64_t content_length = 0;
};

/// From Transfer-Encoding and Content-Length, both or neither of which may be trusted together (RFC 9112 §6.3).
/// @return Framing::none where neither is there. Refusals (400): see parse_request_head().
Parsed<MessageFraming> message_framing(const Headers& headers, Protocol protocol);

bool wants_keep_alive(const Headers& headers, Protocol protocol) noexcept;

}  // namespace tablinum::net::h1
