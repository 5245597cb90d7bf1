#include "h1/request_head.h"

#include "h1/framing.h"
#include "http/authority.h"
#include "http/field_block.h"
#include "http/syntax.h"

namespace tablinum::net::h1 {
namespace {

struct RequestLine {
  std::string_view method, target, version;
};

Parsed<RequestLine> split_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return bad("the request line has not three parts");
  RequestLine parts{line.substr(0, first), line.substr(first + 1, second - first - 1), line.substr(second + 1)};
  if (!syntax::is_token(parts.method) || parts.target.empty()) return bad("the request line is malformed");
  return parts;
}

Parsed<Protocol> parse_version(std::string_view text) {
  constexpr std::string_view kName = "HTTP/";
  if (text.size() != kName.size() + 3 || !text.starts_with(kName) || !syntax::is_digit(text[5]) || text[6] != '.' ||
      !syntax::is_digit(text[7]))
    return bad("the version is malformed");
  if (text[5] != '1') return refuse(Status::version_not_supported, "only HTTP/1.x is spoken here");
  // A higher minor version is answered as 1.1 (RFC 9110 §2.5).
  return text[7] == '0' ? Protocol::http10 : Protocol::http11;
}

Parsed<void> check_host(RequestHead& head) {
  const std::size_t hosts = head.headers.count(Field::host);
  if (hosts > 1) return bad("Host occurs twice");
  if (hosts == 0 && head.protocol == Protocol::http11) return bad("Host is missing");
  if (hosts == 1 && !is_authority(*head.headers.get(Field::host))) return bad("Host is no authority");
  return {};
}

/// Turns "http://host/path" (which a server must accept, RFC 9112 §3.2.2) into "/path" and makes its host the Host.
Parsed<std::string> origin_form(std::string_view target, RequestHead& head) {
  for (const std::string_view scheme : {std::string_view{"http://"}, std::string_view{"https://"}}) {
    if (!syntax::equal_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const auto authority = target.substr(0, target.find_first_of("/?"));
    if (authority.empty() || !is_authority(authority)) return bad("the target's authority is malformed");
    head.headers.set(Field::host, authority);
    target.remove_prefix(authority.size());
    return target.starts_with('/') ? std::string{target} : "/" + std::string{target};
  }
  return std::string{target};
}

Parsed<void> take_target(std::string_view text, RequestHead& head) {
  auto origin = origin_form(text, head);
  if (!origin) return std::unexpected(origin.error());
  if (*origin == "*" && head.method != Method::options) return bad("the target '*' is for OPTIONS only");
  auto target = Target::parse(*origin);
  if (!target) return bad(target.error().code == Code::limit ? "too many query parameters" : "the target is malformed");
  head.target = std::move(*target);
  return {};
}

Parsed<void> take_framing(RequestHead& head) {
  auto framing = message_framing(head.headers, head.protocol);
  if (!framing) return std::unexpected(framing.error());
  head.framing = framing->kind;
  head.content_length = framing->content_length;
  return {};
}

Parsed<void> take_expectation(RequestHead& head) {
  const auto expect = head.headers.get(Field::expect);
  if (!expect || head.protocol == Protocol::http10) return {};
  if (!syntax::equal_ignoring_case(*expect, "100-continue")) return refuse(Status::expectation_failed, "unknown expectation");
  head.expects_continue = head.framing != Framing::none;
  return {};
}

}  // namespace

Parsed<RequestHead> parse_request_head(std::string text, std::size_t fields) {
  const std::string line_text = text.substr(0, fields - 2);
  const auto line = split_request_line(line_text);
  if (!line) return std::unexpected(line.error());
  const auto version = parse_version(line->version);
  if (!version) return std::unexpected(version.error());
  const auto method = method_from(line->method);
  if (!method) return refuse(Status::not_implemented, "unknown method");

  RequestHead head;
  head.method = *method;
  head.protocol = *version;
  if (const auto fault = FieldBlock::parse(std::move(text), fields, head.headers); !fault.empty()) return bad(fault);
  if (auto ok = check_host(head); !ok) return std::unexpected(ok.error());
  if (auto ok = take_target(line->target, head); !ok) return std::unexpected(ok.error());
  if (auto ok = take_framing(head); !ok) return std::unexpected(ok.error());
  if (auto ok = take_expectation(head); !ok) return std::unexpected(ok.error());
  head.keep_alive = wants_keep_alive(head.headers, head.protocol);
  return head;
}

}  // namespace tablinum::net::h1
