#include "http/stream_head.h"

#include <algorithm>

#include "h1/framing.h"
#include "http/authority.h"
#include "http/field_block.h"
#include "http/syntax.h"

namespace tablinum::net {
namespace {

using h1::bad;
using h1::Parsed;
using h1::refuse;

/// What a field costs beside its bytes (RFC 9113 §6.5.2 counts 32; a line of text has four: ": " and CR LF).
constexpr std::size_t kLineBytes = 4;
/// One allocation for the usual request.
constexpr std::size_t kTextBytesAtFirst = 256;

bool is_of_one_hop(const Headers& headers) noexcept {
  for (const Field field : {Field::connection, Field::keep_alive, Field::transfer_encoding, Field::upgrade})
    if (headers.contains(field)) return true;
  return headers.contains("proxy-connection") || headers.get_or(Field::te, "trailers") != "trailers";
}

/// A value must not bring a line's end with it: the lines are parsed as HTTP/1.1's are.
bool is_line(std::string_view name, std::string_view value) noexcept {
  const auto ends_line = [](std::string_view text) { return text.contains('\r') || text.contains('\n'); };
  return !name.empty() && !name.contains(':') && !ends_line(name) && !ends_line(value);
}

}  // namespace

void StreamHead::add_pseudo(std::string_view name, std::string_view value) {
  std::optional<std::string>* const slot = name == ":method"      ? &pseudo_.method
                                           : name == ":scheme"    ? &pseudo_.scheme
                                           : name == ":authority" ? &pseudo_.authority
                                           : name == ":path"      ? &pseudo_.path
                                           : name == ":protocol"  ? &pseudo_.protocol
                                                                  : nullptr;
  if (slot == nullptr)
    fault_ = "an unknown pseudo-field";
  else if (slot->has_value())
    fault_ = "a pseudo-field occurs twice";
  else if (fields_ > 0)
    fault_ = "a pseudo-field after a field";
  else if (value.size() <= limits_.header_bytes_max)
    slot->emplace(value);
  if (name == ":path" && value.size() > limits_.first_line_bytes_max)
    slot->emplace(value.substr(0, limits_.first_line_bytes_max + 1));
}

void StreamHead::add(std::string_view name, std::string_view value) {
  if (name.starts_with(':')) return add_pseudo(name, value);
  const bool crumb = name == "cookie" && !cookie_.empty();
  if (!crumb) ++fields_;
  bytes_ += name.size() + value.size() + kLineBytes;
  if (bytes_ > limits_.header_bytes_max || fields_ > limits_.fields_max) return;
  if (!is_line(name, value)) {
    fault_ = "a control character in a field";
    return;
  }
  if (name == "cookie") {
    cookie_.append(crumb ? "; " : "").append(value);
    return;
  }
  if (text_.empty()) text_.reserve(kTextBytesAtFirst);
  text_.append(name).append(": ").append(value).append("\r\n");
}

Parsed<void> StreamHead::take_method(Request& request) const {
  if (!pseudo_.method) return bad("no method");
  if (*pseudo_.method == "CONNECT") {
    if (!pseudo_.protocol) return refuse(Status::not_implemented, "CONNECT without a protocol");
    if (!syntax::is_token(*pseudo_.protocol)) return bad("the protocol is no token");
    request.method = Method::get;
    return {};
  }
  if (pseudo_.protocol) return bad("a protocol without CONNECT");
  const auto method = method_from(*pseudo_.method);
  if (!method) return refuse(Status::not_implemented, "unknown method");
  request.method = *method;
  return {};
}

Parsed<void> StreamHead::take_target(Request& request) const {
  if (!pseudo_.scheme || (*pseudo_.scheme != "https" && *pseudo_.scheme != "http"))
    return bad("no scheme, or another than http and https");
  if (!pseudo_.path || pseudo_.path->empty()) return bad("no path");
  if (pseudo_.path->size() > limits_.first_line_bytes_max) return refuse(Status::uri_too_long, "the target is too long");
  if (*pseudo_.path == "*" && request.method != Method::options) return bad("the target '*' is for OPTIONS only");
  auto target = Target::parse(*pseudo_.path);
  if (!target) return bad(target.error().code == Code::limit ? "too many query parameters" : "the target is malformed");
  request.target = std::move(*target);
  return {};
}

Parsed<void> StreamHead::take_fields(Request& request) {
  if (!cookie_.empty()) text_.append("cookie: ").append(cookie_).append("\r\n");
  if (const auto fault = FieldBlock::parse(std::move(text_), 0, request.headers); !fault.empty()) return bad(fault);
  if (is_of_one_hop(request.headers)) return bad("a field of the connection");
  if (request.headers.count(Field::host) > 1) return bad("Host occurs twice");
  const auto host = request.headers.get(Field::host);
  if (!host && !pseudo_.authority) return bad("no authority");
  if (pseudo_.authority && !is_authority(*pseudo_.authority)) return bad("the authority is malformed");
  if (host && (!is_authority(*host) || (pseudo_.authority && !syntax::equal_ignoring_case(*host, *pseudo_.authority))))
    return bad("Host is not the authority");
  if (!host) request.headers.set(Field::host, *pseudo_.authority);
  // To a handler an extended CONNECT is the GET with Upgrade that HTTP/1.1 sends.
  if (pseudo_.protocol) request.headers.set(Field::upgrade, *pseudo_.protocol);
  return {};
}

Parsed<StreamRequest> StreamHead::finish(Protocol protocol) {
  if (bytes_ > limits_.header_bytes_max || fields_ > limits_.fields_max)
    return refuse(Status::header_fields_too_large, "the header is too large");
  if (!fault_.empty()) return bad(fault_);
  StreamRequest head;
  Request& request = head.request;
  request.protocol = protocol;
  if (auto ok = take_method(request); !ok) return std::unexpected(ok.error());
  if (auto ok = take_fields(request); !ok) return std::unexpected(ok.error());
  if (auto ok = take_target(request); !ok) return std::unexpected(ok.error());
  const auto framing = h1::message_framing(request.headers, Protocol::http11);
  if (!framing) return std::unexpected(framing.error());
  head.connects = pseudo_.protocol.has_value();
  if (framing->kind == h1::Framing::length) head.content_length = framing->content_length;
  if (const auto expect = request.headers.get(Field::expect)) {
    if (!syntax::equal_ignoring_case(*expect, "100-continue")) return refuse(Status::expectation_failed, "unknown expectation");
    head.expects_continue = true;
  }
  return head;
}

void StreamTrailers::add(std::string_view name, std::string_view value) {
  ++fields_;
  bytes_ += name.size() + value.size() + kLineBytes;
  if (name.starts_with(':') || !is_line(name, value)) pseudo_ = true;
  if (pseudo_ || bytes_ > limits_.header_bytes_max || fields_ > limits_.fields_max) return;
  text_.append(name).append(": ").append(value).append("\r\n");
}

Parsed<Headers> StreamTrailers::finish() {
  if (bytes_ > limits_.header_bytes_max || fields_ > limits_.fields_max)
    return refuse(Status::header_fields_too_large, "the trailers are too large");
  if (pseudo_) return bad("the trailers are malformed");
  Headers trailers;
  if (const auto fault = FieldBlock::parse(std::move(text_), 0, trailers); !fault.empty()) return bad(fault);
  return trailers;
}

Priority priority_in(std::string_view field) noexcept {
  Priority priority;
  while (!field.empty()) {
    const auto comma = std::min(field.find(','), field.size());
    const std::string_view item = syntax::trim(field.substr(0, comma));
    if (item.size() == 3 && item.starts_with("u=") && item[2] >= '0' && item[2] <= '7')
      priority.urgency = static_cast<std::uint8_t>(item[2] - '0');
    if (item == "i" || item == "i=?1") priority.incremental = true;
    if (item == "i=?0") priority.incremental = false;
    field.remove_prefix(std::min(comma + 1, field.size()));
  }
  return priority;
}

}  // namespace tablinum::net
