#include "h1/writer.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace tablinum::net::h1 {
namespace {

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

template <class Int>
void append_number(std::string& out, Int value, int base = 10) {
  std::array<char, 24> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, base).ptr;
  out.append(text.data(), end);
}

bool is_wires_business(Field field) noexcept {
  return field == Field::connection || field == Field::transfer_encoding || field == Field::content_length ||
         field == Field::keep_alive || field == Field::upgrade;
}

void append_fields(std::string& out, const Headers& headers) {
  for (const FieldView field : headers)
    if (!is_wires_business(field.field)) append_field(out, field.name, field.value);
}

/// What a 101 and the request for it carry: Upgrade, and Connection naming it.
void append_upgrade(std::string& out, const Headers& headers) {
  const auto upgrade = headers.get(Field::upgrade);
  if (!upgrade) return;
  append_field(out, "connection", "upgrade");
  append_field(out, "upgrade", *upgrade);
}

void append_content_length(std::string& out, std::uint64_t bytes) {
  out += "content-length: ";
  append_number(out, bytes);
  out += "\r\n";
}

bool forbids_body(Status status) noexcept {
  return number(status) < 200 || status == Status::no_content || status == Status::not_modified;
}

/// For HEAD: the length that GET would have had, from the body or else from what the handler says.
void append_head_length(std::string& out, const Response& response) {
  const auto size = response.body.size();
  if (size.value_or(1) != 0) {
    if (size) append_content_length(out, *size);
  } else {
    append_field(out, "content-length", response.headers.get_or(Field::content_length, "0"));
  }
}

Framing append_framing(std::string& out, const Response& response, const ResponseContext& context) {
  if (forbids_body(response.status)) return Framing::none;
  if (context.method == Method::head) {
    append_head_length(out, response);
    return Framing::none;
  }
  if (const auto size = response.body.size()) {
    append_content_length(out, *size);
    return *size == 0 ? Framing::none : Framing::length;
  }
  if (context.protocol == Protocol::http10) return Framing::until_close;
  append_field(out, "transfer-encoding", "chunked");
  return Framing::chunked;
}

}  // namespace

const std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

BodyPlan append_response_head(std::string& out, const Response& response, const ResponseContext& context) {
  out += "HTTP/1.1 ";
  append_number(out, number(response.status));
  out += ' ';
  out += reason_of(response.status);
  out += "\r\n";
  append_fields(out, response.headers);
  if (!response.headers.contains(Field::date)) append_field(out, "date", context.date);
  if (!context.alt_svc.empty() && !response.headers.contains("alt-svc")) append_field(out, "alt-svc", context.alt_svc);
  if (response.status == Status::switching_protocols) {
    append_upgrade(out, response.headers);
    out += "\r\n";
    return {};
  }
  BodyPlan plan{append_framing(out, response, context), context.keep_alive};
  if (plan.framing == Framing::until_close) plan.keep_alive = false;
  if (!plan.keep_alive) append_field(out, "connection", "close");
  else if (context.protocol == Protocol::http10) append_field(out, "connection", "keep-alive");
  out += "\r\n";
  return plan;
}

void append_early_hints(std::string& out, const Headers& headers) {
  out += "HTTP/1.1 103 Early Hints\r\n";
  append_fields(out, headers);
  out += "\r\n";
}

void append_request_head(std::string& out, Method method, std::string_view target, const Headers& headers,
                         std::optional<std::uint64_t> body_size) {
  out += to_string(method);
  out += ' ';
  out += target;
  out += " HTTP/1.1\r\n";
  append_fields(out, headers);
  append_upgrade(out, headers);
  if (!body_size) append_field(out, "transfer-encoding", "chunked");
  else if (*body_size > 0 || method == Method::post || method == Method::put || method == Method::patch)
    append_content_length(out, *body_size);
  out += "\r\n";
}

void append_chunk_head(std::string& out, std::size_t bytes) {
  append_number(out, bytes, 16);
  out += "\r\n";
}

void append_last_chunk(std::string& out, const Headers& trailers) {
  out += "0\r\n";
  append_fields(out, trailers);
  out += "\r\n";
}

}  // namespace tablinum::net::h1
