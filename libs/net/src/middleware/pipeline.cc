#include <algorithm>

#include "tablinum/io/cancel.h"
#include "tablinum/net/middleware.h"

namespace tablinum::net {
namespace {

/// Why no route was found; left in Request::ext for dispatch(), which answers.
struct Unrouted {
  std::vector<Method> allowed;
  std::optional<Error> error;
};

struct Pipeline {
  std::shared_ptr<const Router> router;
  Handler fallback;
};

void route(const Router& router, Request& request) {
  auto match = router.find(request.method, request.target.path());
  if (match && match->route) {
    request.route = match->route;
    request.params = std::move(match->params);
    return;
  }
  request.ext.set(match ? Unrouted{std::move(match->allowed), {}} : Unrouted{{}, match.error()});
}

Response not_routable(const Request& request, const Error& error) {
  const bool too_long = error.code == Code::limit;
  return problem_response(
      Problem{.status = too_long ? Status::uri_too_long : Status::bad_request, .code = "invalid_path", .detail = error.detail},
      request.id);
}

Response wrong_method(const Request& request, const std::vector<Method>& allowed) {
  Response response =
      request.method == Method::options
          ? empty_response(Status::no_content)
          : problem_response(Problem{.status = Status::method_not_allowed, .code = "method_not_allowed"}, request.id);
  response.headers.set(Field::allow, allow_value(allowed));
  return response;
}

Response all_methods() {
  Response response = empty_response(Status::no_content);
  std::vector<Method> methods;
  for (std::size_t i = 0; i < kMethodCount; ++i) methods.push_back(static_cast<Method>(i));
  response.headers.set(Field::allow, allow_value(methods));
  return response;
}

io::Task<Result<Response>> dispatch(io::Io& io, Request& request, const Pipeline& pipeline) {
  if (const Route* found = request.route) {
    request.deadline = io.now() + found->options.limit;
    co_return co_await io::with_deadline(io, request.deadline, found->handler(io, request));
  }
  const Unrouted& unrouted = *request.ext.get<Unrouted>();
  if (unrouted.error) co_return not_routable(request, *unrouted.error);
  if (!unrouted.allowed.empty()) co_return wrong_method(request, unrouted.allowed);
  if (request.target.path() == "*") co_return all_methods();
  if (pipeline.fallback) co_return co_await pipeline.fallback(io, request);
  co_return fail(Code::not_found, "There is nothing at this address.");
}

}  // namespace

Handler make_pipeline(std::shared_ptr<const Router> router, PipelineOptions options) {
  auto pipeline = std::make_shared<Pipeline>(Pipeline{router, std::move(options.fallback)});
  Handler handler = [pipeline](io::Io& io, Request& request) { return dispatch(io, request, *pipeline); };
  // From the inside out.
  handler = validators()(std::move(handler));
  handler = compression()(std::move(handler));
  for (auto layer = options.layers.rbegin(); layer != options.layers.rend(); ++layer) handler = (*layer)(std::move(handler));
  handler = request_bodies()(std::move(handler));
  handler = errors_to_problems()(std::move(handler));
  handler = security_headers(std::move(options.content_security_policy), options.hsts)(std::move(handler));
  handler = access_log(std::move(options.on_access))(std::move(handler));
  handler = request_id()(std::move(handler));
  return [router = std::move(router), handler = std::move(handler)](io::Io& io, Request& request) {
    route(*router, request);
    return handler(io, request);
  };
}

}  // namespace tablinum::net
