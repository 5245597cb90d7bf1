#pragma once
/// What a proxy does to the fields of a message. Pure. Sources: RFC 9110 §7.6 (hop by hop, Via), RFC 7239 (Forwarded).
#include <string>
#include <string_view>

#include "tablinum/net/proxy.h"

namespace tablinum::net::proxy {

/// Removes the fields of the hop: the fixed list, what Connection names, and Transfer-Encoding (the body is framed anew).
void keep_end_to_end(Headers& headers);

/// Of trailers: what could change how a message is framed, routed or trusted is no trailer's business (RFC 9110 §6.5.1).
void keep_to_trailers(Headers& trailers);

/// Who asked, as the backend is told.
struct Forwarder {
  std::string_view peer;    ///< address of the connection's other end
  bool peer_is_trusted = false;
  bool secure = false;
  std::string_view host;    ///< Host as the client sent it
  std::string_view name;    ///< ours
};
/// Sets Via, Forwarded and X-Forwarded-For, -Proto, -Host. What the peer says itself is kept only where it is trusted.
void add_forwarding(Headers& headers, const Forwarder& forwarder);

/// "1.1 name" at the end of Via.
void add_via(Headers& headers, std::string_view name);
/// How often `name` stands in Via.
int hops_of(const Headers& headers, std::string_view name) noexcept;

void apply_edits(Headers& headers, const FieldEdits& edits);

/// Lower-case host without its port: "Example.org:80" → "example.org".
std::string host_name(std::string_view authority);
/// Whether a path has a segment "." or "..", where dots and slashes may be encoded and a backslash may be a slash: the backend could
/// resolve it to a place for which another route, or none, was meant.
bool path_is_ambiguous(std::string_view path) noexcept;
/// "/api" covers "/api" and "/api/x", not "/apis".
bool path_covers(std::string_view prefix, std::string_view path) noexcept;

}  // namespace tablinum::net::proxy
