#include <algorithm>

#include "tablinum/base/id.h"
#include "tablinum/base/log.h"
#include "tablinum/net/middleware.h"
#include "tablinum/io/io.h"

namespace tablinum::net {
namespace {

bool is_id_byte(char c) noexcept { return c > 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '<' && c != '>'; }

bool is_request_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kRequestIdBytesMax && std::ranges::all_of(text, is_id_byte);
}

/// The client's word for the request if it has a usable one, so that a chain of services logs the same.
std::string choose_id(const Headers& headers, UuidV7Source& ids) {
  for (const Field field : {Field::x_correlation_id, Field::x_request_id})
    if (const auto given = headers.get(field); given && is_request_id(*given)) return std::string{*given};
  return to_string(ids.next());
}

io::Task<Result<Response>> identifying(io::Io& io, Request& request, const Handler& next, UuidV7Source& ids) {
  request.id = choose_id(request.headers, ids);
  CO_TRY(response, co_await next(io, request));
  response.headers.set(Field::x_correlation_id, request.id);
  co_return std::move(response);
}

void log_access(const Access& access) {
  if (!log::enabled(log::Level::info)) return;
  log::info("net", "request",
            {{"request_id", access.request.id},
             {"method", to_string(access.request.method)},
             {"path", access.request.target.path()},
             {"route", access.pattern},
             {"status", number(access.status)},
             {"bytes", access.body_bytes.value_or(0)},
             {"ms", access.took.seconds() * 1000},
             {"peer", access.request.peer.address}});
}

io::Task<Result<Response>> observing(io::Io& io, Request& request, const Handler& next,
                                     const std::function<void(const Access&)>& on_access) {
  const Instant begin = io.now();
  auto response = co_await next(io, request);
  const std::string_view pattern = request.route ? std::string_view{request.route->pattern} : std::string_view{};
  const Status status = response ? response->status : status_of(response.error().code);
  on_access({request, pattern, status, response ? response->body.size() : std::nullopt, io.now() - begin});
  co_return response;
}

void log_failure(const Request& request, const Error& error) {
  if (number(status_of(error.code)) >= 500 && error.code != Code::cancelled)
    log::error("net", "a handler failed", {{"request_id", request.id}, {"path", request.target.path()}, {"error", describe(error)}});
}

io::Task<Result<Response>> mending(io::Io& io, Request& request, const Handler& next) {
  Result<Response> response = Response{};
  try {
    response = co_await next(io, request);
  } catch (const std::exception& exception) {
    response = fail(Code::internal, exception.what());
  }
  if (response) co_return std::move(response);
  log_failure(request, response.error());
  co_return problem_response(response.error(), request.id);
}

}  // namespace

Middleware request_id() {
  auto ids = std::make_shared<UuidV7Source>();
  return [ids](Handler next) -> Handler {
    return [next = std::move(next), ids](io::Io& io, Request& request) { return identifying(io, request, next, *ids); };
  };
}

Middleware access_log(std::function<void(const Access&)> on_access) {
  if (!on_access) on_access = log_access;
  return [on_access = std::move(on_access)](Handler next) -> Handler {
    return [next = std::move(next), on_access](io::Io& io, Request& request) { return observing(io, request, next, on_access); };
  };
}

Middleware errors_to_problems() {
  return [](Handler next) -> Handler {
    return [next = std::move(next)](io::Io& io, Request& request) { return mending(io, request, next); };
  };
}

}  // namespace tablinum::net
