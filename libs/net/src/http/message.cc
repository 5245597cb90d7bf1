#include "tablinum/net/message.h"

#include <algorithm>
#include <array>

#include "tablinum/base/json.h"

namespace tablinum::net {
namespace {

constexpr std::array<std::string_view, kMethodCount> kMethods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

struct Reason {
  Status status;
  std::string_view text;
};
constexpr Reason kReasons[] = {
    {Status::ok, "OK"},
    {Status::continue_, "Continue"},
    {Status::switching_protocols, "Switching Protocols"},
    {Status::early_hints, "Early Hints"},
    {Status::created, "Created"},
    {Status::accepted, "Accepted"},
    {Status::no_content, "No Content"},
    {Status::partial_content, "Partial Content"},
    {Status::moved_permanently, "Moved Permanently"},
    {Status::found, "Found"},
    {Status::see_other, "See Other"},
    {Status::not_modified, "Not Modified"},
    {Status::temporary_redirect, "Temporary Redirect"},
    {Status::permanent_redirect, "Permanent Redirect"},
    {Status::bad_request, "Bad Request"},
    {Status::unauthorized, "Unauthorized"},
    {Status::forbidden, "Forbidden"},
    {Status::not_found, "Not Found"},
    {Status::method_not_allowed, "Method Not Allowed"},
    {Status::not_acceptable, "Not Acceptable"},
    {Status::request_timeout, "Request Timeout"},
    {Status::conflict, "Conflict"},
    {Status::gone, "Gone"},
    {Status::length_required, "Length Required"},
    {Status::precondition_failed, "Precondition Failed"},
    {Status::content_too_large, "Content Too Large"},
    {Status::uri_too_long, "URI Too Long"},
    {Status::unsupported_media_type, "Unsupported Media Type"},
    {Status::range_not_satisfiable, "Range Not Satisfiable"},
    {Status::expectation_failed, "Expectation Failed"},
    {Status::misdirected_request, "Misdirected Request"},
    {Status::unprocessable_content, "Unprocessable Content"},
    {Status::locked, "Locked"},
    {Status::precondition_required, "Precondition Required"},
    {Status{425}, "Too Early"},
    {Status::too_many_requests, "Too Many Requests"},
    {Status::header_fields_too_large, "Request Header Fields Too Large"},
    {Status::internal_server_error, "Internal Server Error"},
    {Status::not_implemented, "Not Implemented"},
    {Status::bad_gateway, "Bad Gateway"},
    {Status::service_unavailable, "Service Unavailable"},
    {Status::gateway_timeout, "Gateway Timeout"},
    {Status::version_not_supported, "HTTP Version Not Supported"},
    {Status::insufficient_storage, "Insufficient Storage"},
};

/// "not_found" → "/problems/not-found".
std::string problem_type(std::string_view code) {
  std::string type = "/problems/";
  for (const char c : code) type += c == '_' ? '-' : c;
  return type;
}

}  // namespace

std::string_view to_string(Method method) noexcept { return kMethods[static_cast<std::size_t>(method)]; }

std::optional<Method> method_from(std::string_view text) noexcept {
  const auto found = std::ranges::find(kMethods, text);
  if (found == kMethods.end()) return std::nullopt;
  return static_cast<Method>(found - kMethods.begin());
}

std::string_view to_string(Protocol protocol) noexcept {
  constexpr std::array<std::string_view, 4> kNames{"HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/3"};
  return kNames[static_cast<std::size_t>(protocol)];
}

std::string_view reason_of(Status status) noexcept {
  const auto* found = std::ranges::find(kReasons, status, &Reason::status);
  return found == std::end(kReasons) ? std::string_view{} : found->text;
}

Status status_of(Code code) noexcept {
  switch (code) {
    case Code::invalid:
    case Code::corrupt: return Status::unprocessable_content;
    case Code::protocol: return Status::bad_request;
    case Code::not_found: return Status::not_found;
    case Code::unauthenticated: return Status::unauthorized;
    case Code::denied: return Status::forbidden;
    case Code::conflict:
    case Code::exists: return Status::conflict;
    case Code::too_large: return Status::content_too_large;
    case Code::limit: return Status::too_many_requests;
    case Code::no_space: return Status::insufficient_storage;
    case Code::unsupported: return Status::unsupported_media_type;
    case Code::unavailable:
    case Code::busy: return Status::service_unavailable;
    case Code::timeout: return Status::gateway_timeout;
    default: return Status::internal_server_error;
  }
}

Response respond(Status status, std::string_view content_type, std::string body) {
  Response response;
  response.status = status;
  response.headers.set(Field::content_type, content_type);
  response.body = Body::of(std::move(body));
  return response;
}

Response text_response(std::string text, Status status) { return respond(status, "text/plain; charset=utf-8", std::move(text)); }

Response empty_response(Status status) {
  Response response;
  response.status = status;
  return response;
}

Response redirect(std::string_view location, Status status) {
  Response response = empty_response(status);
  response.headers.set(Field::location, location);
  return response;
}

Response problem_response(const Problem& problem, std::string_view request_id) {
  const std::string_view title = problem.title.empty() ? reason_of(problem.status) : std::string_view{problem.title};
  const std::string_view detail = problem.detail.empty() ? title : std::string_view{problem.detail};
  json::Writer json;
  json.begin_object();
  json.field("type", problem_type(problem.code));
  json.field("code", problem.code);
  json.field("title", title);
  json.field("status", number(problem.status));
  json.field("detail", detail);
  json.field("message", detail);
  json.field("error", problem.code);
  json.field_if("requestId", request_id);
  json.end_object();
  std::string text = json.take();
  if (!problem.more.empty()) text.insert(text.size() - 1, "," + problem.more);
  Response response = respond(problem.status, "application/problem+json", std::move(text));
  response.headers.set(Field::cache_control, "no-store");
  return response;
}

Response problem_response(const Error& error, std::string_view request_id) {
  const Status status = status_of(error.code);
  Problem problem{.status = status, .code = std::string{to_string(error.code)}};
  if (number(status) < 500) problem.detail = error.detail;
  return problem_response(problem, request_id);
}

void Extensions::put(const void* key, std::shared_ptr<void> value) {
  const auto found = std::ranges::find(values_, key, [](const auto& pair) { return pair.first; });
  if (found == values_.end()) values_.emplace_back(key, std::move(value));
  else found->second = std::move(value);
}

void* Extensions::find(const void* key) const noexcept {
  const auto found = std::ranges::find(values_, key, [](const auto& pair) { return pair.first; });
  return found == values_.end() ? nullptr : found->second.get();
}

std::string_view Params::operator[](std::string_view name) const noexcept {
  for (const auto& [key, value] : values_)
    if (key == name) return value;
  return {};
}

}  // namespace tablinum::net
