#pragma once
/// The sending half: heads as text, and the framing around a body's pieces.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "h1/framing.h"
#include "h1/request_head.h"

namespace tablinum::net::h1 {

/// What a response's head depends on besides the response.
struct ResponseContext {
  Method method = Method::get;
  Protocol protocol = Protocol::http11;
  bool keep_alive = true;
  std::string_view date{};     // for Date; the handler's own wins
  std::string_view alt_svc{};  // for Alt-Svc, likewise; empty: none
};

/// How the body after a head is to be sent.
struct BodyPlan {
  Framing framing = Framing::none;
  bool keep_alive = true;
};

/// Appends status line and fields. Framing and connection fields are the wire's business: the handler's are dropped, but for
/// Content-Length of an answer to HEAD that has no body. HEAD, 1xx, 204 and 304 never carry a body, whatever the handler gave.
BodyPlan append_response_head(std::string& out, const Response& response, const ResponseContext& context);

/// "HTTP/1.1 100 Continue" and its empty line.
extern const std::string_view kContinue;

/// Appends a 103 with these fields.
void append_early_hints(std::string& out, const Headers& headers);

/// Appends request line and fields. An `Upgrade` field is kept and gets its `Connection: upgrade`. `body_size`: nothing for a
/// stream (chunked).
void append_request_head(std::string& out, Method method, std::string_view target, const Headers& headers,
                         std::optional<std::uint64_t> body_size);

/// "1a\r\n"; the chunk's data and kChunkEnd follow.
void append_chunk_head(std::string& out, std::size_t bytes);
inline constexpr std::string_view kChunkEnd = "\r\n";
/// The last chunk, trailers, and the empty line.
void append_last_chunk(std::string& out, const Headers& trailers);

}  // namespace tablinum::net::h1
