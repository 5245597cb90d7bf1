#include "tablinum/api/adapter.h"

#include <algorithm>

#include "tablinum/base/json.h"
#include "tablinum/base/log.h"
#include "tablinum/io/offload.h"
#include "tablinum/net/static_files.h"

namespace tablinum::api {
namespace {

/// ",errors:[…]" without braces: net puts it into the problem.
std::string errors_member(const FieldError& field) {
  json::Writer w;
  w.begin_array();
  w.begin_object();
  w.field("field", field.field);
  w.field("message", field.message);
  w.field("msg", field.message);
  w.field("type", field.type);
  w.field("pointer", "/" + field.field);
  w.end_object();
  w.end_array();
  return "\"errors\":" + w.take();
}

void set_headers(net::Response& response, const Reply& reply) {
  if (!reply.etag.empty()) response.headers.set("etag", reply.etag);
  if (!reply.cache_control.empty()) response.headers.set("cache-control", reply.cache_control);
  if (!reply.location.empty()) response.headers.set("location", reply.location);
  if (!reply.disposition.empty()) response.headers.set("content-disposition", reply.disposition);
}

bool is_json(std::string_view content_type) noexcept {
  auto type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return std::ranges::equal(type, std::string_view{"application/json"}, {},
                            [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
}

/// A body of another type is refused, also where it would read as JSON: browsers let any page send text/plain.
Result<void> check_body(const Route& route, const Call& call) {
  if (route.body.empty() || is_json(call.content_type) || (route.body_optional && call.body.empty())) return {};
  return fail(Code::unsupported, "the body must be application/json");
}

net::Handler handler_of(const Route& declared) {
  return [route = declared](io::Io& io, net::Request& request) -> io::Task<Result<net::Response>> {
    CO_TRY(body, co_await request.body.read_all(io, kJsonBodyBytesMax));
    const Call call = call_of(request, std::move(body));
    if (auto checked = check_body(route, call); !checked) co_return response_of(request, checked.error());
    if (route.from_memory) {
      if (auto kept = route.from_memory(call)) co_return response_of(request, std::move(*kept));
    }
    auto run = [&]() -> Result<Reply> { return route.function(call); };
    auto reply = co_await io::offload(io, run);
    if (!reply) co_return response_of(request, reply.error());
    co_return response_of(request, std::move(*reply));
  };
}

/// The names between braces, without the "..." of a rest.
std::vector<std::string> parameter_names(std::string_view pattern) {
  std::vector<std::string> names;
  for (auto open = pattern.find('{'); open != std::string_view::npos; open = pattern.find('{', open + 1)) {
    auto name = pattern.substr(open + 1, pattern.find('}', open) - open - 1);
    if (name.ends_with("...")) name.remove_suffix(3);
    names.emplace_back(name);
  }
  return names;
}

}  // namespace

Call call_of(const net::Request& request, std::string body) {
  Call call;
  call.method = net::to_string(request.method);
  call.path = request.target.path();
  if (request.route != nullptr) {
    for (const auto& name : parameter_names(request.route->pattern)) call.parameters.emplace_back(name, request.params[name]);
  }
  call.query = request.target.query();
  call.body = std::move(body);
  call.content_type = request.headers.get_or(net::Field::content_type, {});
  call.accept = request.headers.get_or(net::Field::accept, {});
  call.accept_language = request.headers.get_or(net::Field::accept_language, {});
  call.if_match = request.headers.get_or(net::Field::if_match, {});
  call.idempotency_key = request.headers.get_or(net::Field::idempotency_key, {});
  call.request_id = request.id;
  return call;
}

net::Response response_of(const net::Request& request, Reply reply) {
  net::Response response;
  if (!reply.file.empty()) {
    auto file = net::OpenFile::open(reply.file);
    if (!file) return response_of(request, file.error());
    response = net::file_response(request, *file, reply.content_type);
  } else {
    response = net::respond(static_cast<net::Status>(reply.status), reply.content_type, std::move(reply.body));
  }
  set_headers(response, reply);
  return response;
}

net::Response response_of(const net::Request& request, const Error& error) {
  const auto field = field_error_of(error);
  if (!field) return net::problem_response(error, request.id);
  return net::problem_response({.status = net::Status::unprocessable_content,
                                .code = "validation",
                                .title = {},
                                .detail = "Validation Error",
                                .more = errors_member(*field)},
                               request.id);
}

Result<void> mount(net::Router& router, const std::vector<Route>& routes) {
  for (const auto& route : routes) {
    if (!route.function) continue;
    const auto method = net::method_from(route.method);
    if (!method) return fail(Code::internal, "no such method: " + std::string{route.method});
    CHECK_OK(router.add(*method, route.path, handler_of(route)));
    for (const auto alias : route.aliases) CHECK_OK(router.add(*method, alias, handler_of(route)));
  }
  return {};
}

}  // namespace tablinum::api
