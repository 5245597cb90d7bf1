#include "h1/framing.h"

#include "http/syntax.h"

namespace tablinum::net::h1 {
namespace {

bool connection_lists(const Headers& headers, std::string_view option) noexcept {
  for (const FieldView field : headers)
    if (field.field == Field::connection && list_contains(field.value, option)) return true;
  return false;
}

}  // namespace

Parsed<MessageFraming> message_framing(const Headers& headers, Protocol protocol) {
  const std::size_t encodings = headers.count(Field::transfer_encoding), lengths = headers.count(Field::content_length);
  if (encodings > 0) {
    if (lengths > 0) return bad("Transfer-Encoding together with Content-Length");
    if (protocol == Protocol::http10) return bad("Transfer-Encoding in HTTP/1.0");
    if (encodings > 1 || !syntax::equal_ignoring_case(*headers.get(Field::transfer_encoding), "chunked"))
      return bad("Transfer-Encoding is not exactly 'chunked'");
    return MessageFraming{Framing::chunked, 0};
  }
  if (lengths == 0) return MessageFraming{};
  if (lengths > 1) return bad("Content-Length occurs twice");
  const auto length = syntax::parse_decimal(*headers.get(Field::content_length));
  if (!length) return bad("Content-Length is not a number");
  return MessageFraming{*length == 0 ? Framing::none : Framing::length, *length};
}

bool wants_keep_alive(const Headers& headers, Protocol protocol) noexcept {
  if (connection_lists(headers, "close")) return false;
  return protocol == Protocol::http11 || connection_lists(headers, "keep-alive");
}

}  // namespace tablinum::net::h1
