#pragma once
/// From the text of a request's head to its meaning, strictly: whatever two implementations could read differently is refused,
/// since a request that a proxy and we cut at different places is an attack (RFC 9112 §11.2).
#include <cstdint>
#include <string>

#include "h1/framing.h"
#include "tablinum/net/message.h"

namespace tablinum::net::h1 {

struct RequestHead {
  Method method = Method::get;
  Target target;
  Protocol protocol = Protocol::http11;
  Headers headers;
  Framing framing = Framing::none;
  std::uint64_t content_length = 0;  // with Framing::length
  bool keep_alive = true;
  bool expects_continue = false;
};

/// `text` is the head without its empty line; `fields` is where the first field line begins.
/// Refused with 400: a request line that is not exactly "METHOD SP target SP HTTP/1.x"; a field line as FieldBlock::parse says;
///   no Host, two, or one that is no authority; Transfer-Encoding that is not exactly "chunked", or with Content-Length, or in
///   HTTP/1.0; Content-Length twice (even equal) or not a number.
/// 501: an unknown method.  505: another version.  417: an Expect that is not 100-continue.
Parsed<RequestHead> parse_request_head(std::string text, std::size_t fields);

}  // namespace tablinum::net::h1
