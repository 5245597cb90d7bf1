#pragma once
/// A response's head, as a client reads it.
#include <cstdint>
#include <string>

#include "h1/framing.h"

namespace tablinum::net::h1 {

struct ResponseHead {
  Status status = Status::ok;
  Protocol protocol = Protocol::http11;
  Headers headers;
  MessageFraming framing;
  bool keep_alive = true;
};

/// `text` and `fields` as for parse_request_head(); `method` is that of the request.
/// @refused a status line that is not "HTTP/1.x SP 3DIGIT [SP reason]", and what message_framing() refuses.
Parsed<ResponseHead> parse_response_head(std::string text, std::size_t fields, Method method);

}  // namespace tablinum::net::h1
