#pragma once
/// Request and Response as handlers see them: the same over every wire (HTTP/1.1, 2 and 3). A handler never sees a frame or a
/// chunk, a wire never sees a route. Source: RFC 9110.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tablinum/base/time.h"
#include "tablinum/net/body.h"
#include "tablinum/net/headers.h"

namespace tablinum::io {
class Scope;
}

namespace tablinum::net {

/// Others are answered 501 by the wire.
enum class Method : std::uint8_t { get, head, post, put, patch, del, options };
inline constexpr std::size_t kMethodCount = 7;
/// "GET"; "DELETE" for Method::del.
std::string_view to_string(Method method) noexcept;
/// Methods are case-sensitive (RFC 9110 §9.1).
std::optional<Method> method_from(std::string_view text) noexcept;
/// GET, HEAD, OPTIONS (RFC 9110 §9.2.1).
constexpr bool is_safe(Method method) noexcept {
  return method == Method::get || method == Method::head || method == Method::options;
}

enum class Status : std::uint16_t {
  continue_ = 100,
  switching_protocols = 101,
  early_hints = 103,
  ok = 200,
  created = 201,
  accepted = 202,
  no_content = 204,
  partial_content = 206,
  moved_permanently = 301,
  found = 302,
  see_other = 303,
  not_modified = 304,
  temporary_redirect = 307,
  permanent_redirect = 308,
  bad_request = 400,
  unauthorized = 401,
  forbidden = 403,
  not_found = 404,
  method_not_allowed = 405,
  not_acceptable = 406,
  request_timeout = 408,
  conflict = 409,
  gone = 410,
  length_required = 411,
  precondition_failed = 412,
  content_too_large = 413,
  uri_too_long = 414,
  unsupported_media_type = 415,
  range_not_satisfiable = 416,
  expectation_failed = 417,
  misdirected_request = 421,
  unprocessable_content = 422,
  locked = 423,
  precondition_required = 428,
  too_many_requests = 429,
  header_fields_too_large = 431,
  internal_server_error = 500,
  not_implemented = 501,
  bad_gateway = 502,
  service_unavailable = 503,
  gateway_timeout = 504,
  version_not_supported = 505,
  insufficient_storage = 507
};
constexpr std::uint16_t number(Status status) noexcept { return static_cast<std::uint16_t>(status); }
/// "Not Found"; empty for a number outside the list.
std::string_view reason_of(Status status) noexcept;
/// The status that answers an Error (architecture.md, "Errors, time, ids").
Status status_of(Code code) noexcept;

enum class Protocol : std::uint8_t { http10, http11, http2, http3 };
std::string_view to_string(Protocol protocol) noexcept;  ///< "HTTP/1.1", "HTTP/2"

/// What a request asks for. `path` is still percent-encoded; Request::params holds what the route took out of it, decoded.
/// Limits: kQueryPairsMax pairs; the wire bounds the length.
inline constexpr std::size_t kQueryPairsMax = 256;
class Target {
 public:
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  Target() = default;
  /// Origin form ("/path?query") or "*".
  /// @error invalid: does not begin with '/', has a byte outside the URI's alphabet, a bad percent escape, or a fragment.
  ///        limit: more than kQueryPairsMax pairs.
  static Result<Target> parse(std::string_view text);

  const std::string& text() const noexcept { return text_; }
  std::string_view path() const noexcept { return std::string_view{text_}.substr(0, path_size_); }
  /// Without the '?'; still encoded.
  std::string_view raw_query() const noexcept {
    return path_size_ == text_.size() ? std::string_view{} : std::string_view{text_}.substr(path_size_ + 1);
  }
  /// The decoded pairs ('+' is a space), in order. A name without '=' has an empty value.
  const Pairs& query() const noexcept { return query_; }
  /// The value of the first pair of that name.
  std::optional<std::string_view> query(std::string_view name) const noexcept;
  std::vector<std::string_view> query_all(std::string_view name) const;

 private:
  std::string text_;
  std::size_t path_size_ = 0;
  Pairs query_;
};

/// Percent-decodes once; '+' stays.  @error invalid: a '%' not followed by two hex digits, or an encoded NUL.
Result<std::string> percent_decode(std::string_view text);
/// Encodes all but unreserved characters (RFC 3986 §2.3).
std::string percent_encode(std::string_view text);

/// Who is on the other side of the connection.
struct Peer {
  std::string address;  ///< "127.0.0.1", "::1", without brackets or port
  std::uint16_t port = 0;
  bool loopback = false;
};

/// State that middleware hands to handlers, one value a type: `request.ext.set(Account{…}); request.ext.get<Account>()`.
class Extensions {
 public:
  template <class T>
  T& set(T value) {
    auto owned = std::make_shared<T>(std::move(value));
    T& kept = *owned;
    put(&key<T>, std::move(owned));
    return kept;
  }
  /// Null if there is none.
  template <class T>
  T* get() const noexcept {
    return static_cast<T*>(find(&key<T>));
  }

 private:
  template <class T>
  static constexpr char key = 0;
  void put(const void* key, std::shared_ptr<void> value);
  void* find(const void* key) const noexcept;
  std::vector<std::pair<const void*, std::shared_ptr<void>>> values_;
};

/// What a route's pattern took out of the path, percent-decoded. Names are literals of the pattern.
class Params {
 public:
  /// The value of `{name}`; empty if the route has no such parameter.
  std::string_view operator[](std::string_view name) const noexcept;
  void add(std::string_view name, std::string value) { values_.emplace_back(name, std::move(value)); }
  std::size_t size() const noexcept { return values_.size(); }

 private:
  std::vector<std::pair<std::string_view, std::string>> values_;
};

struct Route;      // router.h
struct TlsInfo;    // tls.h
class ByteStream;  // stream.h

/// Who is served first where a connection carries several answers. Source: RFC 9218.
struct Priority {
  std::uint8_t urgency = 3;  ///< 0 … 7, 0 first
  bool incremental = false;  ///< useful in parts: shares the connection with its equals
  friend bool operator==(const Priority&, const Priority&) = default;
};

/// Sends 103 Early Hints before the answer.  @error reset, timeout: the client is gone.
using SendHints = std::function<io::Task<Result<void>>(const Headers&)>;

struct Request {
  Method method = Method::get;
  Target target;
  Headers headers;
  Body body;
  Peer peer;
  Protocol protocol = Protocol::http11;
  const TlsInfo* tls = nullptr;          ///< of the connection; null: no TLS. Lives as long as the request
  bool early = false;                    ///< came as 0-RTT data, so it may be a replay
  Params params;
  const Route* route = nullptr;          ///< null until routed, and where no route matches
  Instant deadline = Instant::never();   ///< the handler is cancelled then (route's limit); a streamed answer is not
  std::string id;                        ///< X-Correlation-ID or X-Request-ID of the client, or a new one; for logs and problems
  Extensions ext;
  SendHints send_hints;                  ///< null where the wire or the client cannot (HTTP/1.0)
  /// Where the body streams: for tasks that work for this request (an upload that goes on while the answer is sent). They are
  /// cancelled and joined after the answer was sent. Null: there is no such place; do it inside the handler.
  io::Scope* scope = nullptr;
};

/// Takes the bytes of a connection over, after a 101: WebSocket, tunnels. Over HTTP/2 and HTTP/3 an extended CONNECT is shown to
/// handlers as GET with `Upgrade`, its answer is 101 too (200 on the wire), and the stream is that request's.
using Takeover = std::function<io::Task<void>(io::Io&, ByteStream&)>;

struct Response {
  Status status = Status::ok;
  Headers headers;
  Body body;
  /// Holds secrets next to what the client chose: never compressed (BREACH).
  bool secret = false;
  /// Of a server, with status 101: called after the head was sent; the connection is closed when it returns.
  Takeover takeover;
  /// Of a client, with status 101: the connection's bytes from here on.
  std::shared_ptr<ByteStream> stream;
  /// Of a server over HTTP/2 or HTTP/3: instead of what the client asked for.
  std::optional<Priority> priority{};
};

/// Answers one request. The request outlives the call and the sending of the response.
/// An Error becomes problem(error) with status_of(code); an exception is logged and becomes 500.
using Handler = std::function<io::Task<Result<Response>>(io::Io&, Request&)>;

/// A response with a body of that media type.
Response respond(Status status, std::string_view content_type, std::string body);
inline Response json_response(std::string json, Status status = Status::ok) {
  return respond(status, "application/json", std::move(json));
}
Response text_response(std::string text, Status status = Status::ok);
/// No body.
Response empty_response(Status status = Status::no_content);
/// `location` is set as it is: the caller has encoded it.
Response redirect(std::string_view location, Status status = Status::see_other);

/// RFC 9457, application/problem+json: {type, code, title, status, detail, message, error, requestId}
/// (`message` = detail and `error` = code repeat for the reference's frontend, web.md §6).
struct Problem {
  Status status = Status::internal_server_error;
  std::string code{};    ///< stable word, "not_found"; type is "/problems/" and this with hyphens
  std::string title{};   ///< default: the status's reason
  std::string detail{};  ///< default: the title
  std::string more{};    ///< further members as JSON text without braces: "\"currentEtag\":\"v17\""; may be empty
};
Response problem_response(const Problem& problem, std::string_view request_id);
/// From an Error: its detail is shown only where the client is to blame (status below 500).
Response problem_response(const Error& error, std::string_view request_id);

}  // namespace tablinum::net
