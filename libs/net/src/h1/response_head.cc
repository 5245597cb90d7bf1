#include "h1/response_head.h"

#include <algorithm>

#include "http/field_block.h"
#include "http/syntax.h"

namespace tablinum::net::h1 {
namespace {

/// "HTTP/1.1 200 OK"; the reason may be empty, and some servers leave out the space before it as well.
Parsed<void> parse_status_line(std::string_view line, ResponseHead& head) {
  constexpr std::size_t kVersionBytes = 8, kFixedBytes = kVersionBytes + 4;
  const std::string_view version = line.substr(0, std::min(kVersionBytes, line.size()));
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return bad("the status line's version is not HTTP/1.x");
  if (line.size() < kFixedBytes || line[kVersionBytes] != ' ') return bad("the status line is malformed");
  const auto status = syntax::parse_decimal(line.substr(kVersionBytes + 1, 3));
  if (!status || *status < 100 || *status > 599) return bad("the status is not a number from 100 to 599");
  if (line.size() > kFixedBytes && line[kFixedBytes] != ' ') return bad("the status line is malformed");
  if (!std::ranges::all_of(line, syntax::is_field_byte)) return bad("a control character in the reason");
  head.status = static_cast<Status>(*status);
  head.protocol = version == "HTTP/1.0" ? Protocol::http10 : Protocol::http11;
  return {};
}

bool never_has_body(Status status, Method method) noexcept {
  return method == Method::head || number(status) < 200 || status == Status::no_content || status == Status::not_modified;
}

}  // namespace

Parsed<ResponseHead> parse_response_head(std::string text, std::size_t fields, Method method) {
  ResponseHead head;
  if (auto ok = parse_status_line(std::string_view{text}.substr(0, fields - 2), head); !ok) return std::unexpected(ok.error());
  if (const auto fault = FieldBlock::parse(std::move(text), fields, head.headers); !fault.empty()) return bad(fault);
  head.keep_alive = wants_keep_alive(head.headers, head.protocol);
  if (never_has_body(head.status, method)) return head;
  auto framing = message_framing(head.headers, head.protocol);
  if (!framing) return std::unexpected(framing.error());
  head.framing = *framing;
  const bool delimited = framing->kind != Framing::none || head.headers.contains(Field::content_length);
  if (!delimited) head.framing.kind = Framing::until_close;
  if (head.framing.kind == Framing::until_close) head.keep_alive = false;
  return head;
}

}  // namespace tablinum::net::h1
