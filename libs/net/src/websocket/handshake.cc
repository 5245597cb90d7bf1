#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "http/syntax.h"
#include "tablinum/io/io.h"
#include "tablinum/net/websocket.h"

namespace tablinum::net {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t kKeyBytes = 16;
constexpr Status kUpgradeRequired{426};
/// How long the peer has to answer our close frame.
constexpr Duration kCloseTime = Duration::seconds(5);

std::string accept_value(std::string_view key) {
  const std::string text = std::string{key} + std::string{kGuid};
  std::array<std::uint8_t, SHA_DIGEST_LENGTH> hash{};
  SHA1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), hash.data());
  return to_base64(std::as_bytes(std::span{hash}));
}

bool is_key(std::string_view key) {
  const auto bytes = from_base64(key);
  return bytes && bytes->size() == kKeyBytes;
}

Response refuse(const Request& request, Status status, std::string detail) {
  return problem_response(Problem{.status = status, .code = "websocket", .detail = std::move(detail)}, request.id);
}

/// A page may connect to where it came from, and to servers that list it; what is no page sends no Origin.
bool may_connect(const Request& request, const std::vector<std::string>& origins) {
  const auto origin = request.headers.get(Field::origin);
  if (!origin) return true;
  if (std::ranges::find(origins, *origin) != origins.end() || std::ranges::find(origins, "*") != origins.end()) return true;
  const std::size_t scheme = origin->find("://");
  const auto host = request.headers.get(Field::host);
  return host && scheme != std::string_view::npos && syntax::equal_ignoring_case(origin->substr(scheme + 3), *host);
}

std::string choose_protocol(const Request& request, const std::vector<std::string>& ours) {
  const auto theirs = request.headers.get("sec-websocket-protocol");
  for (const std::string& protocol : ours)
    if (theirs && list_contains(*theirs, protocol)) return protocol;
  return {};
}

/// Reads until the peer's close frame, so that ours is not destroyed by a reset.
io::Task<void> wait_for_close(io::Io& io, WebSocket& socket) {
  const Instant limit = io.now() + kCloseTime;
  while (io.now() < limit) {
    auto message = co_await socket.read();
    if (!message || !*message) co_return;
  }
}

io::Task<void> serve(io::Io& io, ByteStream& stream, const WebSocketHandler& handler, WebSocketLimits limits) {
  WebSocket socket{io, stream, WebSocket::Role::server, limits};
  co_await handler(io, socket);
  const auto closed = co_await socket.close(WebSocketClose::normal, {});
  if (closed) co_await wait_for_close(io, socket);
  co_await stream.end(io.now() + kCloseTime);
}

}  // namespace

std::string websocket_accept(std::string_view key) { return accept_value(key); }

Response accept_websocket(const Request& request, WebSocketHandler handler, WebSocketOptions options) {
  const Headers& headers = request.headers;
  if (request.method != Method::get || !syntax::equal_ignoring_case(headers.get_or(Field::upgrade, ""), "websocket")) {
    Response response = refuse(request, kUpgradeRequired, "This address speaks WebSocket only.");
    response.headers.set(Field::upgrade, "websocket");
    return response;
  }
  if (headers.get("sec-websocket-version").value_or("") != "13") {
    Response response = refuse(request, kUpgradeRequired, "Only version 13 of WebSocket is spoken here.");
    response.headers.set("sec-websocket-version", "13");
    return response;
  }
  const bool http1 = request.protocol == Protocol::http11;
  const std::string key{headers.get("sec-websocket-key").value_or("")};
  if (http1 && (!is_key(key) || !list_contains(headers.get_or(Field::connection, ""), "upgrade")))
    return refuse(request, Status::bad_request, "The request for WebSocket is malformed.");
  if (!may_connect(request, options.origins))
    return refuse(request, Status::forbidden, "Pages of another origin may not connect.");
  Response response = empty_response(Status::switching_protocols);
  response.headers.set(Field::upgrade, "websocket");
  // HTTP/2 and 3 have no key to answer (RFC 8441 §5.1).
  if (http1) response.headers.set("sec-websocket-accept", accept_value(key));
  const std::string protocol = choose_protocol(request, options.protocols);
  if (!protocol.empty()) response.headers.set("sec-websocket-protocol", protocol);
  response.takeover = [handler = std::move(handler), limits = options.limits](io::Io& io, ByteStream& stream) {
    return serve(io, stream, handler, limits);
  };
  return response;
}

WebSocketRequest request_websocket(io::Io& io, const std::vector<std::string>& protocols) {
  std::array<std::byte, kKeyBytes> nonce;
  io.fill_random(nonce);
  WebSocketRequest request;
  request.key = to_base64(nonce);
  request.headers.set(Field::upgrade, "websocket");
  request.headers.set("sec-websocket-version", "13");
  request.headers.set("sec-websocket-key", request.key);
  std::string list;
  for (const std::string& protocol : protocols) list += (list.empty() ? "" : ", ") + protocol;
  if (!list.empty()) request.headers.set("sec-websocket-protocol", list);
  return request;
}

Result<void> check_websocket(const Response& response, std::string_view key) {
  const bool upgraded = response.status == Status::switching_protocols &&
                        syntax::equal_ignoring_case(response.headers.get_or(Field::upgrade, ""), "websocket");
  if (!upgraded) return fail(Code::protocol, "the server does not speak WebSocket here");
  if (response.headers.get("sec-websocket-accept").value_or("") != accept_value(key))
    return fail(Code::protocol, "the server's answer to the key is wrong");
  return {};
}

}  // namespace tablinum::net
