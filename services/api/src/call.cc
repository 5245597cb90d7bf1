#include "tablinum/api/call.h"

#include <charconv>

#include "tablinum/base/crypto.h"
#include "tablinum/base/json.h"
#include "tablinum/base/log.h"

namespace tablinum::api {
namespace {

constexpr char kUnit = '\x1f';  // separates the parts of a field error inside Error::detail
constexpr std::string_view kFieldMark = "\x1e";

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t start = 0;;) {
    const auto end = text.find(separator, start);
    parts.emplace_back(text.substr(start, end - start));
    if (end == std::string_view::npos) return parts;
    start = end + 1;
  }
}

std::string_view title_of(Code code) noexcept {
  switch (code) {
    case Code::invalid: return "The request is not valid";
    case Code::not_found: return "There is no such thing here";
    case Code::conflict: return "This conflicts with what is stored";
    case Code::exists: return "There is one already";
    case Code::too_large: return "That is too large";
    case Code::limit: return "A limit is used up";
    case Code::no_space: return "The disk is full";
    case Code::unauthenticated: return "Please sign in";
    case Code::denied: return "This is not allowed";
    case Code::unsupported: return "This is not supported";
    case Code::unavailable:
    case Code::busy: return "Not available at the moment";
    case Code::timeout: return "This took too long";
    case Code::corrupt:
    case Code::protocol: return "The data could not be read";
    default: return "Something went wrong here";
  }
}

bool names_our_failure(int status) noexcept { return status >= 500 && status != 501 && status != 503; }

void write_field_error(json::Writer& w, const std::vector<std::string>& parts) {
  w.key("errors");
  w.begin_array();
  w.begin_object();
  w.field("field", parts[0]);
  w.field("message", parts[1]);
  w.field("msg", parts[1]);
  w.field("type", parts[2]);
  w.field("pointer", "/" + parts[0]);
  w.end_object();
  w.end_array();
}

/// True where If-None-Match lists `etag`; weak comparison (RFC 9110 §13.1.2).
bool matches(std::string_view if_none_match, std::string_view etag) {
  if (if_none_match == "*") return true;
  const auto strong = [](std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; };
  for (const auto& item : split(if_none_match, ',')) {
    std::string_view tag = item;
    while (tag.starts_with(' ')) tag.remove_prefix(1);
    while (tag.ends_with(' ')) tag.remove_suffix(1);
    if (!tag.empty() && strong(tag) == strong(etag)) return true;
  }
  return false;
}

constexpr std::size_t kTagBytes = 16;

}  // namespace

std::optional<std::string_view> Call::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

Result<std::int64_t> Call::number(std::string_view name, std::int64_t low, std::int64_t high, std::optional<std::int64_t> fallback) const {
  const auto text = parameter(name);
  if (!text) {
    if (fallback) return *fallback;
    return invalid_field({std::string{name}, "is missing", "missing"});
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size() || value < low || value > high) {
    return invalid_field({std::string{name}, "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high), "range"});
  }
  return value;
}

std::string_view Call::segment(std::string_view name) const {
  const auto found = path_params.find(name);
  return found == path_params.end() ? std::string_view{} : std::string_view{found->second};
}

std::string Call::language() const {
  const auto wanted = parameter("lang").value_or(accept_language);
  for (const auto& item : split(wanted, ',')) {
    std::string_view tag = item;
    while (tag.starts_with(' ')) tag.remove_prefix(1);
    const auto primary = tag.substr(0, tag.find_first_of("-; "));
    for (const std::string_view known : {"en", "sn", "nd"}) {
      if (primary == known) return std::string{known};
    }
  }
  return "en";
}

std::unexpected<Error> invalid_field(FieldError error) {
  return fail(Code::invalid, std::string{kFieldMark} + error.field + kUnit + error.message + kUnit + error.type);
}

int http_status(Code code) noexcept {
  switch (code) {
    case Code::invalid:
    case Code::corrupt:
    case Code::protocol: return 422;
    case Code::not_found: return 404;
    case Code::unauthenticated: return 401;
    case Code::denied: return 403;
    case Code::conflict:
    case Code::exists: return 409;
    case Code::too_large: return 413;
    case Code::limit: return 429;
    case Code::no_space: return 507;
    case Code::unsupported: return 415;
    case Code::unavailable:
    case Code::busy: return 503;
    case Code::timeout: return 504;
    default: return 500;
  }
}

Reply problem(const Error& error, std::string_view request_id) {
  const int status = http_status(error.code);
  const bool has_field = error.detail.starts_with(kFieldMark);
  const auto parts = has_field ? split(std::string_view{error.detail}.substr(1), kUnit) : std::vector<std::string>{};
  const bool ours = names_our_failure(status);
  if (ours) log::error("api", "a request failed", {{"error", describe(error)}, {"request_id", request_id}});

  const std::string_view code = has_field ? "validation" : to_string(error.code);
  std::string slug{code};
  for (auto& c : slug) c = c == '_' ? '-' : c;
  const std::string detail = has_field ? "Validation Error" : ours || error.detail.empty() ? std::string{title_of(error.code)} : error.detail;
  const std::string message = has_field ? parts[0] + " " + parts[1] : detail;
  json::Writer w;
  w.begin_object();
  w.field("type", "/problems/" + slug);
  w.field("code", code);
  w.field("title", title_of(error.code));
  w.field("status", status);
  w.field("detail", detail);
  w.field("message", message);
  w.field("error", code);
  w.field("requestId", request_id);
  if (has_field) write_field_error(w, parts);
  w.end_object();
  return {.status = status, .content_type = "application/problem+json", .body = w.take(), .cache_control = "no-store"};
}

Reply json_reply(const Call& call, std::string body, std::string etag) {
  Reply reply;
  reply.etag = std::move(etag);
  if (!reply.etag.empty() && !call.if_none_match.empty() && matches(call.if_none_match, reply.etag)) {
    reply.status = 304;
    return reply;
  }
  reply.body = std::move(body);
  return reply;
}

Cursors::Cursors() : key_(32) { fill_random(key_); }

std::string Cursors::seal(std::string_view binding, const std::vector<std::string>& fields) const {
  std::string text;
  for (const auto& field : fields) text += field + kUnit;
  const auto tag = hmac_sha256(key_, bytes_of(std::string{binding} + '\n' + text));
  Bytes whole;
  append(whole, tag.view().first(kTagBytes));
  append(whole, bytes_of(text));
  return to_base64url(whole);
}

Result<std::vector<std::string>> Cursors::open(std::string_view binding, std::string_view cursor) const {
  const auto refused = [] { return invalid_field({"cursor", "is not a cursor of this list; begin again without one", "format"}); };
  const auto whole = from_base64url(cursor);
  if (!whole || whole->size() < kTagBytes) return refused();
  const auto text = text_of(ByteView{*whole}.subspan(kTagBytes));
  const auto tag = hmac_sha256(key_, bytes_of(std::string{binding} + '\n' + std::string{text}));
  if (!equal_constant_time(tag.view().first(kTagBytes), ByteView{*whole}.first(kTagBytes))) return refused();
  auto fields = split(text, kUnit);
  fields.pop_back();  // what follows the last separator
  return fields;
}

}  // namespace tablinum::api
